"""Hooks around the import of the programme guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.events import EpgChannelImported, EpgChannelImportError, EpgImportFinished, EpgRemoved
from smarty_core.hookspecs.markers import notify

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@notify()
def epg_channel_imported(host: Host, event: EpgChannelImported) -> None:
    """The guide of one EPG channel was imported and committed.

    Told after the commit in the process that imports, by a thread of the plugin's own and in order; nobody waits for
    it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others are still
    told.
    """


@notify()
def epg_channel_import_error(host: Host, event: EpgChannelImportError) -> None:
    """The guide of one EPG channel could not be imported; the old one stays.

    Told after the commit in the process that imports, by a thread of the plugin's own and in order; nobody waits for
    it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others are still
    told.
    """


@notify()
def epg_removed(host: Host, event: EpgRemoved) -> None:
    """Old programmes of one EPG channel were deleted while importing.

    Told after the commit in the process that imports, by a thread of the plugin's own and in order; nobody waits for
    it. Not durable: a crash may lose it. An exception is logged under the plugin's name and the others are still
    told.
    """


@notify(durable=True)
def epg_import_finished(host: Host, event: EpgImportFinished) -> None:
    """An import of all wanted sources came to its end, with or without failures.

    Durable: written to the outbox in the transaction that made it happen, delivered at least once after the commit, in
    order per server, in one of the server's processes, by a thread of the plugin's own. An exception is logged
    under the plugin's name and the delivery to this plugin is tried again later.
    """
