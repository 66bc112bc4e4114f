"""Commands of the plugin."""

from __future__ import annotations

import os
from typing import Final

from smarty_astra.control import Control
from smarty_core.api.host import Host
from smarty_core.contracts.routes import CommandSpec
from smarty_core.contracts.stream_server import server_address
from smarty_core.hookspecs import hookimpl

TIMEOUT: Final = 10.0
"""Seconds."""


@hookimpl
def register_commands(host: Host) -> list[CommandSpec]:
    def astra_sessions(url: str, *, login: str = "admin", close: str = "") -> None:
        """List who watches on an Astra or Alta (address of its control API), or end the session `--close`.

        The password is read from the variable ASTRA_PASSWORD.
        """
        address = server_address("astra_sessions", mask=url, field="url")
        control = Control(host.http, address, login, os.environ.get("ASTRA_PASSWORD", ""))
        if close:
            control.close_session(close, TIMEOUT)
            print(f"session {close} is ended")
            return
        for session in control.sessions(TIMEOUT):
            channel = session.channel_name or session.channel_id
            columns = (session.client_id, session.address, channel, f"{session.uptime} s")
            print("\t".join(map(_printable, columns)))

    return [CommandSpec("astra_sessions", astra_sessions)]


def _printable(text: str) -> str:
    """What a server says must not steer the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
