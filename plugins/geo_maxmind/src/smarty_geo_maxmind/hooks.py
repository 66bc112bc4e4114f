"""Commands of the plugin."""

from __future__ import annotations

from smarty_core.api.host import Host
from smarty_core.contracts.routes import CommandSpec
from smarty_core.hookspecs import hookimpl
from smarty_geo_maxmind import commands


@hookimpl
def register_commands(host: Host) -> list[CommandSpec]:
    def update_maxmind() -> None:
        """Fetch the newest MaxMind base.

        Running servers take it up within a few seconds. After any failure the old base stays in use.
        """
        commands.update(host)

    def sync_geo_maxmind() -> None:
        """Make countries and cities out of the MaxMind base, once: only where there are none yet."""
        commands.sync(host)

    return [
        CommandSpec("update_maxmind", update_maxmind),
        CommandSpec("sync_geo_maxmind", sync_geo_maxmind),
    ]
