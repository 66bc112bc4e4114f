"""Compliance suite of `smarty.online_cinema`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from smarty_core.contracts.online_cinema import CinemaStream, OnlineCinema, Removed, Title
from smarty_core.contracts.subscriber import Subscriber
from smarty_core.errors import NotFound, ProviderRefused
from smarty_core.testing.suite.driver import DriverSuite
from smarty_core.values import utc_now


class OnlineCinemaSuite(DriverSuite):
    """Override `driver`; its service (a simulator) has titles, one of them playable by `subscriber`."""

    @pytest.fixture
    def subscriber(self) -> Subscriber:
        return Subscriber(client_id=1, account_id=1001, customer_id=900, abonement="1001", phone="79990000000")

    @pytest.fixture
    def service_id(self) -> str:
        """What `subscribe` opens."""
        return "svod"

    @pytest.fixture
    def playable(self) -> str:
        """Id of a title the subscriber may play once subscribed to `service_id`."""
        raise NotImplementedError("override the `playable` fixture")

    def test_catalogue_is_a_stream_of_titles(self, driver: OnlineCinema[Any]) -> None:
        catalogue = driver.catalogue(None)
        assert iter(catalogue) is catalogue, "yield, do not gather"
        titles = list(catalogue)
        assert any(isinstance(title, Title) for title in titles)
        assert all(isinstance(title, (Title, Removed)) and title.id for title in titles)

    def test_titles_are_named_and_told_once(self, driver: OnlineCinema[Any]) -> None:
        titles = [title for title in driver.catalogue(None) if isinstance(title, Title)]
        assert len({title.id for title in titles}) == len(titles)
        for title in titles:
            assert any(title.names.values())
            assert title.duration >= 0
            for season in title.seasons:
                assert season.number >= 1
                assert all(episode.id and episode.number >= 1 for episode in season.episodes)

    def test_genres_of_titles_are_known(self, driver: OnlineCinema[Any]) -> None:
        genres = driver.genres()
        for title in driver.catalogue(None):
            if isinstance(title, Title):
                assert set(title.genres) <= genres.keys()

    def test_a_title_plays(
        self, driver: OnlineCinema[Any], subscriber: Subscriber, playable: str, service_id: str
    ) -> None:
        if "subscription" in driver.supports:
            driver.subscribe(subscriber, service_id)
        stream = driver.playback(playable, subscriber)
        assert isinstance(stream, CinemaStream)
        assert urlsplit(stream.uri).scheme in ("http", "https")
        assert stream.expires is None or stream.expires.tzinfo is not None

    def test_an_unknown_title_does_not_play(self, driver: OnlineCinema[Any], subscriber: Subscriber) -> None:
        with pytest.raises((NotFound, ProviderRefused)):
            driver.playback("no-such-title", subscriber)

    @pytest.mark.requires_capability("subscription")
    def test_subscribing_is_idempotent(
        self, driver: OnlineCinema[Any], subscriber: Subscriber, playable: str, service_id: str
    ) -> None:
        driver.subscribe(subscriber, service_id)
        driver.subscribe(subscriber, service_id)
        assert driver.playback(playable, subscriber).uri

    @pytest.mark.requires_capability("subscription")
    def test_unsubscribing_is_idempotent_and_ends_playing(
        self, driver: OnlineCinema[Any], subscriber: Subscriber, playable: str, service_id: str
    ) -> None:
        driver.subscribe(subscriber, service_id)
        driver.unsubscribe(subscriber, service_id)
        driver.unsubscribe(subscriber, service_id)
        with pytest.raises(ProviderRefused):
            driver.playback(playable, subscriber)

    @pytest.mark.requires_capability("incremental")
    def test_nothing_is_new_after_now(self, driver: OnlineCinema[Any]) -> None:
        assert list(driver.catalogue(utc_now() + timedelta(days=1))) == []

    @pytest.mark.requires_capability("purchase")
    def test_an_order_is_done_once(self, driver: OnlineCinema[Any], subscriber: Subscriber, playable: str) -> None:
        offered = driver.actions(playable, subscriber)
        assert offered
        first = offered[0]
        for _ in range(2):
            driver.perform(playable, subscriber, action=first.name, goods_id=first.goods_id, order_id="suite-1")
        assert driver.playback(playable, subscriber).uri
