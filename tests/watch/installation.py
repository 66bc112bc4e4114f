"""The sample installation, as another device sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Installation:
    """A running server with the sample operator."""

    url: str
    login: dict[str, str]

    def api(self, path: str, **params: Any) -> dict[str, Any]:
        """An answer of the device API, without an error in it."""
        answer = httpx.get(f"{self.url}/tvmiddleware/api{path}", params=params, timeout=30, trust_env=False).json()
        assert answer["error"] == 0, answer
        return dict(answer)

    def session(self, device_uid: str = "test") -> dict[str, Any]:
        """Parameters of a new session of another device; it ends a former one of the same device."""
        answer = self.api("/login/", **self.login, device="web_app", device_uid=device_uid)
        return {"client_id": self.login["client_id"], "authkey": answer["authkey"], "device": "web_app"}
