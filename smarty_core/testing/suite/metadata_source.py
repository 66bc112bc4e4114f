"""Compliance suite of `smarty.metadata_source`."""

from __future__ import annotations

from typing import Any

import pytest

from smarty_core.contracts.metadata_source import Metadata, MetadataQuery, MetadataSource
from smarty_core.errors import NotFound
from smarty_core.testing.suite.driver import DriverSuite


class MetadataSourceSuite(DriverSuite):
    """Override `driver`, and `query` with something the source knows."""

    @pytest.fixture
    def query(self) -> MetadataQuery:
        return MetadataQuery(title="Metropolis", year=1927)

    def test_candidates_come_likeliest_first(self, driver: MetadataSource[Any], query: MetadataQuery) -> None:
        found = driver.find(query)
        assert len(found) <= 20
        likeness = [match.likeness for match in found]
        assert likeness == sorted(likeness, reverse=True)
        assert len({match.id for match in found}) == len(found)

    def test_every_candidate_has_details(self, driver: MetadataSource[Any], query: MetadataQuery) -> None:
        for match in driver.find(query)[:3]:
            details = driver.details(match.id)
            assert isinstance(details, Metadata)
            assert details.id == match.id
            assert any(details.names.values())

    def test_nonsense_finds_nothing_certain(self, driver: MetadataSource[Any]) -> None:
        assert all(match.likeness < 1 for match in driver.find(MetadataQuery(title="qqqq zzzz 000")))

    def test_unknown_id_is_not_found(self, driver: MetadataSource[Any]) -> None:
        with pytest.raises(NotFound):
            driver.details("no-such-id")
