"""Compliance suite of `smarty.cas`."""

from __future__ import annotations

from typing import Any

import pytest

from smarty_core.contracts.cas import CardRight, Cas
from smarty_core.testing.suite.driver import DriverSuite


class CasSuite(DriverSuite):
    """Override `driver`, and `rights_of` when your simulator can tell what a card has."""

    @pytest.fixture
    def right(self) -> CardRight:
        return CardRight(card="0123456789", product="BASE", products=frozenset({"BASE"}))

    @pytest.fixture
    def rights_of(self) -> Any:
        """A function: card -> set of its products at the service; None when the service cannot tell."""
        return None

    def test_granting_is_idempotent(self, driver: Cas[Any], right: CardRight, rights_of: Any) -> None:
        driver.grant(right)
        driver.grant(right)
        if rights_of is not None:
            assert rights_of(right.card) == {"BASE"}

    def test_revoking_is_idempotent(self, driver: Cas[Any], right: CardRight, rights_of: Any) -> None:
        driver.grant(right)
        gone = CardRight(right.card, right.product, frozenset())
        driver.revoke(gone)
        driver.revoke(gone)
        if rights_of is not None:
            assert rights_of(right.card) == set()

    def test_revoking_what_was_never_granted_succeeds(self, driver: Cas[Any]) -> None:
        driver.revoke(CardRight("9876543210", "SPORT"))

    def test_products_do_not_touch_each_other(self, driver: Cas[Any], rights_of: Any) -> None:
        driver.grant(CardRight("0123456789", "BASE", frozenset({"BASE"})))
        driver.grant(CardRight("0123456789", "SPORT", frozenset({"BASE", "SPORT"})))
        driver.revoke(CardRight("0123456789", "BASE", frozenset({"SPORT"})))
        if rights_of is not None:
            assert rights_of("0123456789") == {"SPORT"}

    @pytest.mark.requires_capability("pairing")
    def test_pairing_can_be_repeated_and_undone(self, driver: Cas[Any]) -> None:
        driver.pair("0123456789", "uid1")
        driver.pair("0123456789", "uid1")
        driver.pair("0123456789", "uid2")
        driver.unpair("0123456789")
        driver.unpair("0123456789")
