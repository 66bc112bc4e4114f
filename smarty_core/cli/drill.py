"""`smarty_manage drill DATACENTER [--client_id N] [--json]`: who would be left without a picture if it failed now?

Exit codes: 0 nobody, 1 somebody, 2 there is no such data centre.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.errors import NotFound
from smarty_core.services.availability.drill import Drill, Drills, Viewers

WORST: Final = 20
"""Channels that are named; with `--json` all of them are."""


def drill(
    datacenter: Annotated[str, typer.Argument(metavar="DATACENTER", help="Name or id of the data centre.")],
    *,
    client_id: Annotated[
        int | None, typer.Option("--client_id", min=1, help="The operator, where several have a data centre so named.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settings: SettingsOption = "",
) -> None:
    """Say who would be left without a live channel if a data centre failed now, and which services would take over.

    Changes nothing. Exit code 1 when somebody would lose a channel, or a service would get more viewers than it may.
    """
    with open_system(settings) as system:
        drills = Drills(
            database=system.database,
            entitlements=system.entitlements,
            contents=system.playback.contents,
            online_since=system.sessions.online_since,
            clock=system.clock,
        )
        try:
            found = drills.hold(datacenter, client_id)
        except NotFound as unknown:
            print(unknown, file=sys.stderr)
            raise typer.Exit(2) from unknown
    if as_json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False, indent=2))
    else:
        print(*(line for one in found for line in _lines(one)), sep="\n")
    raise typer.Exit(0 if all(one.harmless for one in found) else 1)


def _as_json(found: Drill) -> dict[str, object]:
    told = dataclasses.asdict(found)
    for row, heir in zip(told["heirs"], found.heirs, strict=True):
        row["short_by"] = heir.short_by
    return {**told, "harmless": found.harmless}


def _lines(found: Drill) -> Iterator[str]:
    center = found.center
    off = "" if center.enabled else "; it is switched off"
    yield (
        f"data centre {center.name} ({center.id}) of {center.client} (operator {center.client_id}): "
        f"{found.services} stream services with channels, {found.working} of them work{off}"
    )
    yield f"  viewers:                  {_count(found.viewers)}"
    yield f"  left without any channel: {_count(found.without_any)}"
    yield f"  left without some:        {_count(found.without_some)}"
    if found.lost:
        yield f"  channels nobody else would play, {min(len(found.lost), WORST)} worst of {len(found.lost)}:"
        for lost in found.lost[:WORST]:
            yield f"    {lost.name} ({lost.channel_id}): {_count(lost.viewers)}"
    if found.heirs:
        yield "  what would take over:"
        for heir in found.heirs:
            name = (
                f"{heir.name} (service {heir.service_id})" if heir.service_id else "the channels' multicast addresses"
            )
            room = "" if heir.room is None else f", room for {heir.room}"
            short = f": {heir.short_by:.0f} TOO MANY" if heir.short_by >= 1 else ""
            yield f"    {name}: {heir.channels} channels, about {heir.expected:.0f} more online{room}{short}"
    if found.harmless:
        yield "  nobody would be left without a channel"


def _count(viewers: Viewers) -> str:
    return f"{viewers.accounts} accounts, {viewers.online} devices online"
