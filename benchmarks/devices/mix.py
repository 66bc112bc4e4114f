"""What devices ask, and how often: the published mix of a large installation, and logins.

A device always sends the same addresses: its own key, its own channel, the same parameters.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.devices.world import DEVICE, World, password_of
from benchmarks.installation import API_KEY, authkey_of

KINDS = ("account_status", "channel_list", "channel_programs", "channel_url", "health_check", "portal_settings_list",
         "program_list", "program_url", "login")  # fmt: skip

START_UP = (41, 94, 29, 29, 29, 95, 29, 5, 0)
STEADY = (248, 1, 37, 35, 0, 1, 34, 2, 0)
LOGINS = (0, 0, 0, 0, 0, 0, 0, 0, 1)
POLLS = (1, 0, 0, 0, 0, 0, 0, 0, 0)
MIXES = {"start-up": START_UP, "steady": STEADY, "logins": LOGINS, "polls": POLLS}

PUBLISHED = {"start-up": 562.0, "steady": 356.0}
"""Requests per second the original product told of, with 94 659 devices on 48 hardware threads."""

PAST = 86_400
"""Seconds behind the beginning of the guide of what is watched by its time."""

_BASE = "/tvmiddleware/api"
_PACKED = frozenset({"channel_list", "program_list"})
_ANONYMOUS = frozenset({"health_check", "portal_settings_list", "login"})
"""Asked before a device has a session; so the address is the same for all of a type, or holds a login's data."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One request: its kind (a place in `KINDS`), the session it is of and its key, its bytes."""

    kind: int
    number: int
    authkey: str
    request: bytes


def wishes(
    world: World, mix: str, count: int, *, first: int, last: int, seed: int, keys: Sequence[tuple[int, str]] = ()
) -> list[Wish]:
    """`count` requests of sessions `first` to `last`: drawn at random; logins in turn, each once.

    With `keys` (number, authkey) these devices ask in turn, with these keys.
    """
    draw = random.Random(seed)
    kinds = draw.choices(range(len(KINDS)), weights=MIXES[mix], k=count)
    if keys:
        return [request_of(world, KINDS[kind], *keys[place % len(keys)]) for place, kind in enumerate(kinds)]
    if mix == "logins":
        return [request_of(world, KINDS[kind], first + place) for place, kind in enumerate(kinds)]
    return [request_of(world, KINDS[kind], draw.randint(first, last)) for kind in kinds]


def request_of(world: World, kind: str, number: int, authkey: str = "") -> Wish:
    """The request of this kind that the device of session `number` (from 1) sends, always the same."""
    authkey = authkey or authkey_of(number - 1)
    sent = [f"client_id={world.client_id}", f"device={DEVICE}", "lang=ru"]
    if kind not in _ANONYMOUS:
        sent.append(f"authkey={authkey}")
    path, more = _address(world, kind, number)
    packed = "Accept-Encoding: gzip\r\n" if kind in _PACKED else ""
    text = (
        f"GET {_BASE}{path}?{'&'.join((*sent, *more))} HTTP/1.1\r\nHost: tv.example\r\n"
        f"User-Agent: a box\r\nAccept: */*\r\n{packed}\r\n"
    )
    return Wish(KINDS.index(kind), number, authkey, text.encode())


def _address(world: World, kind: str, number: int) -> tuple[str, Sequence[str]]:
    channel = world.channels[number % len(world.channels)]
    if kind == "channel_programs":
        return "/channel/programs/", [f"cid={channel}"]
    if kind == "channel_url":
        return "/channel/url/", [f"cid={channel}"]
    if kind == "program_list":
        return "/program/list/", [f"cid={channel}", f"time_from={world.window[0]}", f"time_to={world.window[1]}"]
    if kind == "program_url":
        if not world.records:
            return "/program/url/", [f"cid={channel}", f"time={world.window[0] + PAST}"]
        of, programme = world.records[number % len(world.records)]
        return "/program/url/", [f"cid={of}", f"pid={programme}"]
    if kind == "portal_settings_list":
        return "/portal/settings/list/", [f"api_key={API_KEY}"]
    if kind == "login":
        return "/login/", [f"api_key={API_KEY}", f"abonement={number}", f"password={password_of(number)}",
                           f"device_uid=uid{number}"]  # fmt: skip
    return f"/{kind.replace('_', '/')}/", []
