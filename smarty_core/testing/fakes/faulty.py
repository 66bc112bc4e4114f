"""Trouble on demand for every fake."""

from __future__ import annotations


class Faulty:
    """Set `failure` and every call of the contract raises it, as a provider in trouble would."""

    failure: Exception | None = None

    def _trouble(self) -> None:
        if self.failure is not None:
            raise self.failure
