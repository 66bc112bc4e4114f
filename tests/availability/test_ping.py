"""Real pings, in a network of the test's own: whether the system lets us is not ours to say."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

PING = """
import asyncio
from smarty_core.services.availability.ping import Pinger
from smarty_core.services.availability.resolving import Resolver

async def main():
    async with Pinger() as pinger:
        resolver = Resolver()
        for host in ("127.0.0.1", "::1", "192.0.2.1"):
            addresses = await resolver.resolve(host)
            outcome = await pinger.ping(addresses, 2.0)
            print(host, outcome.passed, outcome.detail)
        many = [pinger.ping(await resolver.resolve(f"127.0.1.{number}"), 2.0) for number in range(1, 101)]
        print(sum(one.passed is True for one in await asyncio.gather(*many)))

asyncio.run(main())
"""

NETWORK = "ip link set lo up && echo '0 0' > /proc/sys/net/ipv4/ping_group_range"


def alone(script: str) -> subprocess.CompletedProcess[str]:
    """The script, in a network with nothing but loopback, where pings are allowed."""
    line = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", f'{NETWORK} && exec "$0" -c "$1"']
    return subprocess.run([*line, sys.executable, script], capture_output=True, text=True, timeout=60, check=False)


def test_hosts_answer_or_do_not() -> None:
    if not shutil.which("unshare") or alone("print('here')").stdout != "here\n":
        pytest.skip("this system lets nobody have a network of his own")
    done = alone(PING)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "127.0.0.1 True ",
        "::1 True ",
        "192.0.2.1 False Network is unreachable",
        "100",
    ]
