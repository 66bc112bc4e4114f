"""`Host`: everything a driver or hook module may use of the running server."""

from __future__ import annotations

from dataclasses import dataclass

from smarty_core.api.accounts import Accounts
from smarty_core.api.cache import PluginCache
from smarty_core.api.catalogue import Catalogue, Entitlements, Guide
from smarty_core.api.http import HttpClient
from smarty_core.api.ledger import Ledger
from smarty_core.api.messages import Messages
from smarty_core.api.places import Places
from smarty_core.api.playback import Playback
from smarty_core.api.sql import PluginSql
from smarty_core.api.surroundings import Clock, I18n, Log, SettingsView
from smarty_core.api.work import JobBoard, Outbox


@dataclass(frozen=True, slots=True)
class Host:
    """One per plugin, made at start. Facades work once the server has started, not while drivers are constructed."""

    plugin: str
    """Name of the plugin: prefix of its tables, cache keys, jobs and routes."""
    accounts: Accounts
    catalogue: Catalogue
    guide: Guide
    entitlements: Entitlements
    playback: Playback
    ledger: Ledger
    messages: Messages
    places: Places
    sql: PluginSql
    cache: PluginCache
    http: HttpClient
    jobs: JobBoard
    outbox: Outbox
    log: Log
    clock: Clock
    i18n: I18n
    settings: SettingsView
