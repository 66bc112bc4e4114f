"""Hooks around playing: the last word before an address is given, and the address given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.events import PlaybackWish, Refusal, RegionWish, StreamIssued
from smarty_core.contracts.geo_locator import Place
from smarty_core.hookspecs.markers import decide, notify

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@decide(fails="closed")
def authorize_playback(host: Host, wish: PlaybackWish) -> Refusal | None:
    """Whether this viewer may play this now, after every rule of the core said yes.

    Called for each stream address in the process that serves the request, by a thread of the plugin's own and outside
    any transaction; a viewer waits, so answer within milliseconds. None lets the next plugin decide; if all return None
    it plays. A `Refusal` denies. An exception denies.
    """


@decide(fails="open")
def choose_region(host: Host, wish: RegionWish) -> Place | None:
    """Where a viewer is, overruling the geo locators.

    Called when the place of an address is needed and not cached, by a thread of the plugin's own and outside any
    transaction. None lets the next plugin decide; if all return None the locators' answer stands. An exception is
    logged and counts as None.
    """


@notify()
def stream_issued(host: Host, event: StreamIssued) -> None:
    """A viewer was given a stream address.

    Told after the token is committed in the process that serves the request, by a thread of the plugin's own; nobody
    waits for it. Not durable: a crash may lose it. An exception is logged and the viewer plays all the same.
    """
