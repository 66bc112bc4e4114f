"""Commands of the plugin."""

from __future__ import annotations

from smarty_core.api.host import Host
from smarty_core.contracts.routes import CommandSpec
from smarty_core.hookspecs import hookimpl
from smarty_geo_ipgeobase import commands


@hookimpl
def register_commands(host: Host) -> list[CommandSpec]:
    def geoip_update() -> None:
        """Fetch the newest base of ipgeobase.ru.

        Running servers take it up within a few seconds. After any failure the old base stays in use.
        """
        commands.update(host)

    def sync_geo_geoip() -> None:
        """Make countries and cities out of the base of ipgeobase.ru, once: only where there are none yet."""
        commands.sync(host)

    return [
        CommandSpec("geoip_update", geoip_update),
        CommandSpec("sync_geo_geoip", sync_geo_geoip),
    ]
