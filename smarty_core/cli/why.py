"""`smarty_manage why ACCOUNT CHANNEL`: why a viewer does or does not see a channel.

Exit codes: 0 he would see it, 1 he would not, 2 the account or the channel is not known.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated

import typer

from smarty_core.app import System
from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.errors import NotFound
from smarty_core.services.why import Why
from smarty_core.services.why_chain import Explanation

MARKS = {"ok": "ok", "no": "NO", "note": "--", "skipped": ".."}


def why(
    account: Annotated[str, typer.Argument(help="Id or abonement; id:5 or abonement:5 where both exist.")],
    channel: Annotated[str, typer.Argument(help="Id or name.")],
    *,
    client_id: Annotated[
        int | None, typer.Option("--client_id", min=1, help="The operator, where several have this abonement.")
    ] = None,
    ip: Annotated[str, typer.Option("--ip", help="See it from this address instead of the last seen device's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Say link by link why an account would get a channel's live stream now, or would not."""
    if ip:
        try:
            ip = str(ip_address(ip))
        except ValueError as wrong:
            raise typer.BadParameter(f"{ip!r} is no IP address", param_hint="--ip") from wrong
    with open_system(settings) as system:
        try:
            found = explainer(system).explain(account, channel, client_id=client_id, ip=ip)
        except NotFound as unknown:
            print(unknown, file=sys.stderr)
            raise typer.Exit(2) from unknown
    if as_json:
        print(json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2))
    else:
        print(*_lines(found), sep="\n")
    raise typer.Exit(0 if found.plays else 1)


def explainer(system: System) -> Why:
    """The one who explains, over the services that answer devices."""
    return Why(
        database=system.database,
        operators=system.operators,
        places=system.places,
        entitlements=system.entitlements,
        sessions=system.sessions,
        playback=system.playback,
        stream_tokens=system.stream_tokens,
        clock=system.clock,
    )


def _lines(found: Explanation) -> Iterator[str]:
    for step in found.steps:
        yield f"{MARKS[step.status]}  {step.name:<9} {step.reason}"
        for detail in step.details:
            yield f"              {detail}"
    yield found.verdict
