"""Commands of the plugin."""

from __future__ import annotations

from smarty_core.api.host import Host
from smarty_core.contracts.routes import CommandSpec
from smarty_core.hookspecs import hookimpl
from smarty_geo_ip2location import commands


@hookimpl
def register_commands(host: Host) -> list[CommandSpec]:
    def update_ip2location() -> None:
        """Fetch the newest IP2Location bases: the one for look-ups and the one with names.

        Running servers take them up within a few seconds. After any failure the old base stays in use.
        """
        commands.update(host)

    def sync_geo_ip2location() -> None:
        """Make countries and cities out of the IP2Location base, once: only where there are none yet."""
        commands.sync(host)

    return [
        CommandSpec("update_ip2location", update_ip2location),
        CommandSpec("sync_geo_ip2location", sync_geo_ip2location),
    ]
