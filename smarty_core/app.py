"""The composition root: the only place that knows every part and puts them together.

`build_system(settings)` makes the parts, `create_app(system)` puts the web in front of them. Nothing here is global,
so tests and commands build as many systems as they like.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from smarty_core.config import Settings
from smarty_core.events import log_event
from smarty_core.plugins.discovery import Discovery
from smarty_core.plugins.hooks import Hooks
from smarty_core.plugins.registry import DriverRegistry
from smarty_core.plugins.routes import plugin_routes
from smarty_core.services.account_settings import AccountSettings
from smarty_core.services.account_status import AccountStatus
from smarty_core.services.availability.run import Availability
from smarty_core.services.cameras import Cameras
from smarty_core.services.catalogue import Catalogue
from smarty_core.services.commands import CommandRunner
from smarty_core.services.configured_drivers import demand_configured_drivers
from smarty_core.services.device_commands import DeviceCommands
from smarty_core.services.device_settings import DeviceSettings
from smarty_core.services.entitlements import Entitlements
from smarty_core.services.epg_import.run import EpgImport
from smarty_core.services.geo import Places
from smarty_core.services.guide import Guide
from smarty_core.services.health import HealthService
from smarty_core.services.installed_apps import missing_apps
from smarty_core.services.jobs import Jobs
from smarty_core.services.login import Login
from smarty_core.services.maintenance import MaintenanceWorks
from smarty_core.services.messages import Messages
from smarty_core.services.migrations import Migrations
from smarty_core.services.monitoring.error_reports import error_reports
from smarty_core.services.multicast import MulticastDevices
from smarty_core.services.npvr import Npvr
from smarty_core.services.npvr_rounds import NpvrRounds
from smarty_core.services.operators import Operators
from smarty_core.services.outbox import Outbox
from smarty_core.services.periodic import register_core_jobs
from smarty_core.services.play_devices import PlayDevices
from smarty_core.services.playback import Playback
from smarty_core.services.plugin_facades import facades
from smarty_core.services.plugin_hosts import PluginHosts
from smarty_core.services.portal import Portal
from smarty_core.services.positions import Positions
from smarty_core.services.radio import Radio
from smarty_core.services.sessions import Sessions
from smarty_core.services.setup.run import Setup
from smarty_core.services.stream_monitoring.run import StreamMonitoring
from smarty_core.services.stream_routers import StreamRouters
from smarty_core.services.stream_tokens import StreamTokens
from smarty_core.storage.cache import Cache
from smarty_core.storage.cache.making import make_cache
from smarty_core.storage.database import Database
from smarty_core.storage.locks import SqlLocks
from smarty_core.storage.vault import Vault
from smarty_core.values import utc_now
from smarty_core.web.dispatch import Dispatcher
from smarty_core.web.monitoring import Monitoring
from smarty_core.web.renewing import Renewer
from smarty_core.web.response import Cors
from smarty_core.web.site import pages, site, taken_paths
from smarty_core.web.surfaces import api_routes

Role = Literal["server", "command", "test"]
"""`server` follows what other processes change; a short `command` and a `test` do without."""

DRAIN_SECONDS: Final = 5.0
"""How long events on their way to plugins are waited for."""

log = logging.getLogger("smarty_main")


@dataclass(frozen=True, kw_only=True)
class System:
    """One running installation's parts, in the order they build on one another."""

    settings: Settings
    clock: Callable[[], datetime]
    database: Database
    vault: Vault
    cache: Cache
    hooks: Hooks
    outbox: Outbox
    jobs: Jobs
    hosts: PluginHosts
    registry: DriverRegistry
    operators: Operators
    play_devices: PlayDevices
    multicast: MulticastDevices
    device_settings: DeviceSettings
    places: Places
    entitlements: Entitlements
    sessions: Sessions
    login: Login
    messages: Messages
    device_commands: DeviceCommands
    account_status: AccountStatus
    account_settings: AccountSettings
    portal: Portal
    health: HealthService
    catalogue: Catalogue
    cameras: Cameras
    guide: Guide
    positions: Positions
    stream_tokens: StreamTokens
    playback: Playback
    radio: Radio
    npvr: Npvr
    npvr_rounds: NpvrRounds
    maintenance: MaintenanceWorks
    setup: Setup
    epg_import: EpgImport
    availability: Availability
    stream_monitoring: StreamMonitoring
    draining: threading.Event = field(default_factory=threading.Event)
    """Set when the process has been told to end and others should be asked."""
    _starters: list[Callable[[], object]] = field(default_factory=list)
    _closers: list[Callable[[], None]] = field(default_factory=list)

    def start(self, *, scheduler: bool) -> None:
        """Begin what runs besides requests; for the processes of a server."""
        self.sessions.start()
        self.positions.start()
        self.stream_tokens.start()
        self.outbox.start()
        if scheduler:
            self.jobs.start()
        for begin in self._starters:
            begin()

    def on_start(self, begin: Callable[[], object]) -> None:
        """Have `begin` called last when this system is started."""
        self._starters.append(begin)

    def on_stop(self, close: Callable[[], None]) -> None:
        """Have `close` called first when this system is taken down."""
        self._closers.append(close)

    def stop(self) -> None:
        """Write what waits, let go of threads and connections. A second call does nothing more."""
        for close in self._closers:
            close()
        self._closers.clear()
        self.jobs.stop()
        self.outbox.stop()
        self.stream_tokens.close()
        self.positions.close()
        self.sessions.close()
        self.hooks.drain(DRAIN_SECONDS)
        self.registry.close()
        self.cache.close()
        self.database.close()


def build_system(
    settings: Settings,
    *,
    role: Role,
    clock: Callable[[], datetime] = utc_now,
    discovery: Discovery | None = None,
) -> System:
    """Make all parts. Nothing runs in the background yet but, in a server, the watch over cache tags.

    Raises `ConfigError` with every mistake found: a driver that is not installed, a cache that makes no sense, an
    empty or outdated database.
    """
    database = Database.at(settings.databases)
    try:
        return _build(settings, database, role, clock, discovery or Discovery())
    except BaseException:
        database.close()
        raise


def _build(
    settings: Settings, database: Database, role: Role, clock: Callable[[], datetime], discovery: Discovery
) -> System:
    reports = error_reports(settings)
    vault = Vault(settings.SECRET_KEY.reveal())
    hooks = Hooks(discovery)
    Migrations(database, hooks).demand_current()
    cache = make_cache(settings.cache, instance=settings.INSTANCE, database=database, watch=role == "server")
    outbox = Outbox(database=database, hooks=hooks, clock=clock)
    jobs = Jobs(CommandRunner(database=database, locks=SqlLocks(database, clock=clock), hooks=hooks, clock=clock))
    hosts = PluginHosts(settings=settings, database=database, cache=cache, jobs=jobs, outbox=outbox, clock=clock)
    hooks.use(host_factory=hosts.host, put_durable=outbox.put)
    registry = DriverRegistry(settings, hosts.host, discovery=discovery)
    demand_configured_drivers(settings, registry)

    operators = Operators(database=database, vault=vault, cache=cache)
    play_devices = PlayDevices(database=database, cache=cache)
    multicast = MulticastDevices(settings=settings, play_devices=play_devices)
    device_settings = DeviceSettings(database=database, cache=cache)
    places = Places(database=database, cache=cache, settings=settings, registry=registry, vault=vault, hooks=hooks)
    entitlements = Entitlements(database=database, cache=cache)
    sessions = Sessions(
        database=database,
        cache=cache,
        settings=settings,
        operators=operators,
        places=places,
        hooks=hooks,
        clock=clock,
    )
    login = Login(
        database=database,
        vault=vault,
        cache=cache,
        settings=settings,
        sessions=sessions,
        entitlements=entitlements,
        places=places,
        play_devices=play_devices,
        device_settings=device_settings,
        hooks=hooks,
    )
    messages = Messages(database=database, cache=cache, hooks=hooks, clock=clock)
    device_commands = DeviceCommands(database=database, cache=cache, clock=clock)
    catalogue = Catalogue(database=database, cache=cache, settings=settings, clock=clock)
    guide = Guide(database=database, cache=cache, settings=settings, clock=clock, catalogue=catalogue)
    stream_tokens = StreamTokens(
        database=database, tag_versions=cache.tag_versions, settings=settings, key=vault.token_key
    )
    router_for = StreamRouters(registry=registry, vault=vault)
    playback = Playback(
        database=database,
        cache=cache,
        entitlements=entitlements,
        stream_tokens=stream_tokens,
        router_for=router_for,
        hooks=hooks,
        multicast=multicast,
    )
    system = System(
        settings=settings,
        clock=clock,
        database=database,
        vault=vault,
        cache=cache,
        hooks=hooks,
        outbox=outbox,
        jobs=jobs,
        hosts=hosts,
        registry=registry,
        operators=operators,
        play_devices=play_devices,
        multicast=multicast,
        device_settings=device_settings,
        places=places,
        entitlements=entitlements,
        sessions=sessions,
        login=login,
        messages=messages,
        device_commands=device_commands,
        account_status=AccountStatus(
            cache=cache, sessions=sessions, entitlements=entitlements, messages=messages, commands=device_commands
        ),
        account_settings=AccountSettings(database=database, cache=cache, vault=vault, hooks=hooks),
        portal=Portal(play_devices=play_devices, device_settings=device_settings, places=places),
        health=HealthService(settings=settings, database=database),
        catalogue=catalogue,
        cameras=Cameras(database=database, cache=cache),
        guide=guide,
        positions=Positions(database=database, cache=cache, settings=settings, clock=clock, catalogue=catalogue),
        stream_tokens=stream_tokens,
        playback=playback,
        radio=Radio(database=database, cache=cache, static=playback.static),
        npvr=Npvr(database=database, playback=playback, router_for=router_for, settings=settings, clock=clock),
        npvr_rounds=NpvrRounds(database=database, router_for=router_for, settings=settings, clock=clock),
        maintenance=MaintenanceWorks(database=database),
        setup=Setup(database=database, vault=vault, settings=settings, clock=clock),
        epg_import=EpgImport(
            database=database, settings=settings, registry=registry, vault=vault, hooks=hooks, clock=clock
        ),
        availability=Availability(
            database=database, settings=settings, router_for=router_for, hooks=hooks, clock=clock
        ),
        stream_monitoring=StreamMonitoring(database=database, settings=settings, clock=clock),
    )
    hosts.provide(**facades(system))
    register_core_jobs(system)
    if reports is not None:
        reports.start()
        system.on_stop(reports.stop)
    return system


def create_app(system: System) -> Dispatcher:
    """The ASGI application: API methods through the dispatcher, everything else through Starlette.

    Raises `ConfigError` when two claim one address.
    """
    system.jobs.collect_from(system.hooks)
    for line in missing_apps(system.settings, system.registry.discovery):
        log.warning("%s", line)
    routes = api_routes()
    monitoring = Monitoring(system)
    system.on_start(monitoring.start)
    system.on_stop(monitoring.stop)
    own = [*pages(system, routes), *monitoring.routes()]
    others = plugin_routes(system.hooks, taken_paths(own, routes))
    app = monitoring.dispatcher(
        routes,
        site([*own, *others]),
        max_bytes=system.settings.MAX_REQUEST_BYTES,
        cors=Cors(system.settings.CORS_ORIGIN_WHITELIST),
    )
    renewer = Renewer(app.answerer.bodies, system.clock)
    system.on_start(renewer.start)
    system.on_start(system.places.warm)
    system.on_stop(renewer.close)
    system.on_stop(app.close)
    log_event(log, logging.INFO, "URLS_INITIALIZED", available_apps=[*system.hooks.plugins()])
    return app
