"""`smarty_manage stream_service`: the video servers of an operator, without a panel."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated, Any

import typer

from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.errors import InvalidValue
from smarty_core.services.commands import run_command
from smarty_core.services.stream_editing import CHECKS, EVERYTHING, StreamEditing, Wanted

SECRET_FROM = "SMARTY_STREAM_SECRET"  # noqa: S105 - the name of the variable, not what is in it


def stream_service(
    *,
    client_id: Annotated[int, typer.Option("--client_id", min=1, help="Number of the operator.")],
    name: Annotated[str, typer.Option("--name", help="Its name; without one all services are listed.")] = "",
    delete: Annotated[bool, typer.Option("--delete", help="Remove it.")] = False,
    type_: Annotated[str | None, typer.Option("--type", help="live, pvr, vod or multicast.")] = None,
    router: Annotated[str | None, typer.Option("--router", help="What makes its addresses, e.g. mask.")] = None,
    mask: Annotated[str | None, typer.Option("--mask", help="Mask of its addresses, or the script.")] = None,
    attribute: Annotated[
        list[str] | None, typer.Option("--attribute", help="A setting of the router, name=value; repeatable.")
    ] = None,
    routing: Annotated[str | None, typer.Option("--routing", help="dynamic or static.")] = None,
    data_center: Annotated[str | None, typer.Option("--data_center", help="Name of its data centre.")] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address for checks and for its own API.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port for the same.")] = None,
    channels: Annotated[str | None, typer.Option("--channels", help="Ids with commas, all or none.")] = None,
    tariffs: Annotated[str | None, typer.Option("--tariffs", help="Ids with commas, all or none.")] = None,
    checks: Annotated[str | None, typer.Option("--checks", help=f"{', '.join(CHECKS)} with commas, or none.")] = None,
    check_path: Annotated[str | None, typer.Option("--check_path", help="What the check http opens there.")] = None,
    check_ip: Annotated[bool | None, typer.Option("--check_ip/--no-check_ip", help="Compare addresses.")] = None,
    enabled: Annotated[bool | None, typer.Option("--enabled/--disabled", help="Whether it is chosen.")] = None,
    recording_days: Annotated[int | None, typer.Option("--recording_days", min=0, help="Days it keeps.")] = None,
    shift_hours: Annotated[int | None, typer.Option("--shift_hours", help="How much later it broadcasts.")] = None,
    storage_class: Annotated[str | None, typer.Option("--storage_class", help="memory, ssd or hdd.")] = None,
    max_sessions: Annotated[int | None, typer.Option("--max_sessions", min=0, help="0 = no limit.")] = None,
    sort: Annotated[int | None, typer.Option("--sort", help="Order among equals.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="List as JSON.")] = False,
    settings: SettingsOption = "",
) -> None:
    """List, make or change the stream services of an operator. Its secret is read from SMARTY_STREAM_SECRET, never
    from the command line, which others can see."""
    with open_system(settings) as system:
        editing = StreamEditing(database=system.database, vault=system.vault, registry=system.registry)
        if not name:
            _list(editing, client_id, as_json=as_json)
            return
        if delete:
            raise typer.Exit(run_command(system, "stream_service", lambda: _delete(editing, client_id, name)))
        given: dict[str, Any] = {
            "type": type_, "router": router, "mask": mask, "routing": routing, "host": host, "port": port,
            "check_path": check_path, "check_ip": check_ip, "enabled": enabled, "recording_days": recording_days,
            "shift_hours": shift_hours, "storage_class": storage_class, "max_sessions": max_sessions, "sort": sort,
            "secret": os.environ.get(SECRET_FROM),
        }  # fmt: skip
        columns = {key: value for key, value in given.items() if value is not None} | _checks(checks)
        wanted = Wanted(columns, _attributes(attribute or []), _ids(channels), _ids(tariffs), data_center)

        def work() -> None:
            print(f"stream service {editing.save(client_id, name, wanted)} ({name}) is saved")

        raise typer.Exit(run_command(system, "stream_service", work))


def _delete(editing: StreamEditing, client_id: int, name: str) -> None:
    count = editing.delete(client_id, name)
    if not count:
        raise InvalidValue(f"operator {client_id} has no stream service {name!r}")
    print(f"{count} removed")


def _list(editing: StreamEditing, client_id: int, *, as_json: bool) -> None:
    services = editing.all(client_id)
    if as_json:
        json.dump(services, sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    for one in services:
        state = "off" if not one["enabled"] else "up" if one["available"] else "down"
        place = f" in {one['data_center']}" if one["data_center"] else ""
        print(f"{one['id']:>4}  {state:<4}  {one['name']} ({one['type']}, {one['router']}{place}): {one['channels']} "
              f"channels, {one['tariffs']} tariffs, load {one['load']:g}")  # fmt: skip
    if not services:
        print(f"operator {client_id} has no stream services")


def _checks(text: str | None) -> dict[str, bool]:
    if text is None:
        return {}
    wanted = set() if text == "none" else {part.strip() for part in text.split(",") if part.strip()}
    if unknown := sorted(wanted - set(CHECKS)):
        raise InvalidValue(f"checks: {unknown[0]} is none of {', '.join(CHECKS)}")
    return {f"check_{check}": check in wanted for check in CHECKS}


def _attributes(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        key, mark, value = pair.partition("=")
        if not mark or not key.strip():
            raise InvalidValue(f"attribute: {pair!r} is not name=value")
        found[key.strip()] = value
    return found


def _ids(text: str | None) -> set[int] | str | None:
    if text is None or text == EVERYTHING:
        return text
    if text == "none":
        return set()
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isascii() and part.isdigit() for part in parts):
        raise InvalidValue(f"{text!r} is no list of ids, all or none")
    return {int(part) for part in parts}
