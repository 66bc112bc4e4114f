"""Where an address is, by each geo plugin: `python -m benchmarks.geo`.

`base`: the driver alone. `place`: everything between the text of an address and the ids of country and city, as a login
does it; not one statement of SQL may be sent for it. Random addresses, each asked once in a round, so that little of a
base is in the processor's caches; the median of seven rounds.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event

from benchmarks import geo_bases
from benchmarks.installation import make_installation
from benchmarks.result import Result, tell
from smarty_core.api.places import NamedPlace
from smarty_core.app import System, build_system
from smarty_core.config import Settings
from smarty_core.errors import Conflict

GOAL: Final = 20.0
"""Microseconds."""

Writer = Callable[[Path, int, random.Random], None]
BASES: Final[dict[str, tuple[str, Writer, int]]] = {
    "ip2location": ("base.bin", geo_bases.ip2location, 2_000_000),
    "maxmind": ("base.mmdb", geo_bases.maxmind, 40_000),
    "ipgeobase": ("base.zip", geo_bases.ipgeobase, 300_000),
}
"""Driver -> file, who writes it, how many ranges or networks of IPv4."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--addresses", type=int, default=20_000)
    parser.add_argument("--share", type=float, default=1.0, help="of the size of the bases")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smarty-bench-") as name:
        folder = Path(name)
        made = make_installation(folder, channels=1, sessions=20)
        for driver, (file, write, rows) in BASES.items():
            rows = max(100, int(rows * options.share))
            write(folder / file, rows, random.Random(1))
            chosen = {"GEO_LOCATORS": [driver], "GEO_LOCATOR_SETTINGS": {driver: {"file": str(folder / file)}}}
            system = build_system(Settings.for_tests(**{**made.settings, **chosen}), role="test")
            try:
                _measure(system, driver, rows, made.client_id, options)
            finally:
                system.stop()


def _measure(system: System, driver: str, rows: int, client_id: int, options: argparse.Namespace) -> None:
    raw = system.settings.GEO_LOCATOR_SETTINGS[driver]
    locator: Any = system.registry.instance("geo_locator", driver, f"geo:{driver}", raw).driver
    operator = system.operators.by_id(client_id)
    with contextlib.suppress(Conflict):  # laid down for the driver before
        system.hosts.host("benchmark").places.fill(
            NamedPlace(code, {}, {"en": f"City {number}", "ru": f"Город {number}"})
            for code in geo_bases.CODES
            for number in range(geo_bases.CITIES)
        )
    statements: list[str] = []
    event.listen(system.database.engine, "before_cursor_execute", lambda *sent: statements.append(sent[2]))
    for kind, addresses in _addresses(driver, rows, options.addresses).items():
        base = _median(locator.locate, addresses, options.rounds)
        texts = [str(address) for address in addresses]
        for text in texts:  # the first that is known reads the directory
            system.places.locate(text, operator)
        statements.clear()
        place = _median(lambda text: system.places.locate(text, operator), texts, options.rounds)
        if statements:
            raise SystemExit(f"{driver}: {len(statements)} statements of SQL for look-ups: {statements[0]}")
        known = sum(1 for address in addresses if locator.locate(address) is not None)
        print(f"{driver}, {kind}: {known} of {len(addresses)} addresses known", flush=True)
        for what, figure in (("base", base), ("place", place)):
            tell(Result(f"geo {driver}, {kind}, {what}", "", f"{figure:.1f} µs", "", f"< {GOAL:g} µs", figure < GOAL))


def _addresses(driver: str, rows: int, count: int) -> dict[str, list[IPv4Address | IPv6Address]]:
    """Any addresses; of a base that knows few of all there are, half of them ones it knows."""
    numbers = random.Random(2)
    found: dict[str, list[IPv4Address | IPv6Address]] = {
        "IPv4": [IPv4Address(numbers.getrandbits(32)) for _ in range(count)]
    }
    if driver != "ipgeobase":
        found["IPv6"] = [IPv6Address(geo_bases.IPV6 + numbers.getrandbits(112)) for _ in range(count)]
    if driver == "maxmind":
        known = geo_bases.networks(rows, random.Random(1))
        for kind, some in (("IPv4", known[:rows]), ("IPv6", known[rows:])):
            inside = [numbers.choice(some) for _ in range(count // 2)]
            found[kind][: count // 2] = [ip_address(str(network.network + 1)) for network in inside]
            numbers.shuffle(found[kind])
    return found


def _median(look_up: Callable[[Any], object], questions: Sequence[object], rounds: int) -> float:
    """Microseconds of processor time a look-up, after a round that does not count."""
    taken = []
    for _ in range(rounds + 1):
        begun = time.thread_time()
        for question in questions:
            look_up(question)
        taken.append((time.thread_time() - begun) / len(questions) * 1e6)
    return statistics.median(taken[1:])


if __name__ == "__main__":
    main()
