"""`smarty_manage maintenance`: technical works of an operator, without a panel."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.errors import InvalidValue
from smarty_core.services.commands import run_command
from smarty_core.services.maintenance import Announced, Announcement, MaintenanceWorks
from smarty_core.values import parse_id
from smarty_core.web.moments import iso_moment


def maintenance(
    *,
    client_id: Annotated[int, typer.Option("--client_id", min=1, help="Number of the operator.")],
    number: Annotated[
        int | None, typer.Option("--id", min=1, help="Works to change; without it and --begin all are listed.")
    ] = None,
    channels: Annotated[
        str | None, typer.Option("--channels", metavar="PREFIXES", help="Prefixes of channels with commas, or none.")
    ] = None,
    services: Annotated[
        str | None, typer.Option("--services", metavar="IDS", help="Numbers of stream services with commas, or none.")
    ] = None,
    begin: Annotated[
        str | None, typer.Option("--begin", metavar="TIME", help="E.g. 2026-03-10T02:00:00+03:00.")
    ] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="TIME", help="Without one: until finished.")] = None,
    description: Annotated[str | None, typer.Option("--description", help="For people.")] = None,
    unavailable: Annotated[
        bool | None,
        typer.Option("--unavailable/--announced", help="Whether channels and services are blocked meanwhile."),
    ] = None,
    finished: Annotated[bool | None, typer.Option("--finished/--unfinished", help="Over, whatever the times.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="List as JSON.")] = False,
    settings: SettingsOption = "",
) -> None:
    """List, announce or change the technical works of an operator."""
    with open_system(settings) as system:
        works = system.maintenance
        if number is None and begin is None:
            _list(works, client_id, system.clock(), as_json=as_json)
            return
        zone = system.operators.by_id(client_id).zone(system.settings.TIME_ZONE)
        said = Announcement(
            prefixes=_list_of(channels),
            service_ids=_ids(services),
            begin=None if begin is None else iso_moment("begin", begin, zone),
            end=None if end is None else iso_moment("end", end, zone),
            description=description,
            unavailable=unavailable,
            finished=finished,
        )

        def work() -> None:
            if number is None:
                print(f"works {works.create(client_id, said)} are announced")
            else:
                works.edit(client_id, number, said)
                print(f"works {number} are changed")

        raise typer.Exit(run_command(system, "maintenance", work))


def _list(works: MaintenanceWorks, client_id: int, now: datetime, *, as_json: bool) -> None:
    found = works.all(client_id)
    if as_json:
        json.dump([_plain(one) for one in found], sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    for one in found:
        print("\n".join(_lines(one, now)))
    if not found:
        print(f"operator {client_id} has announced no technical works")


def _lines(one: Announced, now: datetime) -> Iterator[str]:
    end = f"to {one.end:%Y-%m-%d %H:%M}" if one.end else "until finished"
    blocks = "blocks" if one.unavailable else "announces"
    yield f"{one.id:>4}  {one.state(now):<8}  {one.begin:%Y-%m-%d %H:%M} {end} UTC, {blocks}: {one.description}"
    if one.prefixes:
        yield f"      channels {', '.join(one.prefixes)}"
    if one.service_ids:
        yield f"      stream services {', '.join(map(str, one.service_ids))}"


def _plain(one: Announced) -> dict[str, object]:
    return {
        "id": one.id,
        "begin": one.begin.isoformat(),
        "end": one.end.isoformat() if one.end else None,
        "description": one.description,
        "unavailable": one.unavailable,
        "finished": one.finished,
        "channels": list(one.prefixes),
        "services": list(one.service_ids),
    }


def _list_of(text: str | None) -> list[str] | None:
    """The parts of a list with commas; `none` is an empty one."""
    if text is None:
        return None
    return [] if text == "none" else [part.strip() for part in text.split(",") if part.strip()]


def _ids(text: str | None) -> list[int] | None:
    parts = _list_of(text)
    if parts == [] and text != "none":
        raise InvalidValue("services: no number")
    return None if parts is None else [parse_id(part, "services") for part in parts]
