"""Whose address counts: behind own proxies, and whatever a viewer makes up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarty_core.app import create_app
from smarty_core.builtin.static_locator import StaticLocator
from smarty_core.errors import ConfigError
from smarty_core.storage.database import Database
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import API_KEY
from smarty_core.web.client_address import MOST_HOPS, ClientAddress, joined
from smarty_core.web.dispatch import Dispatcher

PROXIES = ["10.0.0.0/8", "127.0.0.1", "::1", "2001:db8:ffff::/48"]
VIEWER, LIE = "198.51.100.1", "203.0.113.66"


def find(peer: str, forwarded: str | None = None, real: str | None = None, trusted: list[str] = PROXIES) -> str:
    headers = {"x-forwarded-for": forwarded, "x-real-ip": real}
    return ClientAddress(trusted).find(peer, {name: text for name, text in headers.items() if text is not None})


@pytest.mark.parametrize(
    ("peer", "forwarded", "real", "address"),
    [
        # nobody is trusted but the proxies
        ("203.0.113.7", VIEWER, VIEWER, "203.0.113.7"),
        ("", VIEWER, VIEWER, ""),
        ("unix:", VIEWER, VIEWER, ""),
        ("10.0.0.1", None, None, "10.0.0.1"),
        # one proxy, several, and what the viewer wrote before them
        ("10.0.0.1", VIEWER, None, VIEWER),
        ("10.0.0.1", f"{LIE}, {VIEWER}", None, VIEWER),
        ("10.0.0.1", f"{LIE},{VIEWER} ,10.0.0.2,\t10.0.0.3", None, VIEWER),
        ("10.0.0.1", f"10.0.0.9, {LIE}, {VIEWER}", None, VIEWER),
        ("10.0.0.1", f"garbage, {VIEWER}", None, VIEWER),
        # a viewer in the network of the proxies is the first of the chain
        ("10.0.0.1", "10.5.5.5, 10.0.0.2", None, "10.5.5.5"),
        # what cannot be read ends the chain: nothing before it is believed
        ("10.0.0.1", "garbage", None, "10.0.0.1"),
        ("10.0.0.1", f"{LIE}, garbage", None, "10.0.0.1"),
        ("10.0.0.1", f"{LIE}, unix:, 10.0.0.2", None, "10.0.0.2"),
        ("10.0.0.1", f"{LIE}, unknown, 10.0.0.2", None, "10.0.0.2"),
        ("10.0.0.1", f"{LIE},,10.0.0.2", None, "10.0.0.2"),
        ("10.0.0.1", f"{LIE},", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1.5", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.01", None, "10.0.0.1"),
        ("10.0.0.1", "0x7f000001", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1/24", None, "10.0.0.1"),
        ("10.0.0.1", "١٩٨.51.100.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:99999999", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:", None, "10.0.0.1"),
        ("10.0.0.1", "[2001:db8::7]x", None, "10.0.0.1"),
        ("10.0.0.1", "[[2001:db8::7]]", None, "10.0.0.1"),
        ("10.0.0.1", "9" * 500, None, "10.0.0.1"),
        # X-Real-IP only where there is no X-Forwarded-For
        ("10.0.0.1", None, "2001:db8::5", "2001:db8::5"),
        ("10.0.0.1", " ", VIEWER, VIEWER),
        ("10.0.0.1", VIEWER, LIE, VIEWER),
        ("10.0.0.1", "10.5.5.5", LIE, "10.5.5.5"),
        ("10.0.0.1", "garbage", LIE, "10.0.0.1"),
        ("10.0.0.1", None, "garbage", "10.0.0.1"),
        # forms of addresses
        ("::1", "[2001:db8::7]:4444", None, "2001:db8::7"),
        ("::1", "[2001:db8::7]", None, "2001:db8::7"),
        ("::1", '"[2001:db8::7]:4444"', None, "2001:db8::7"),
        ("::1", "2001:db8::7", None, "2001:db8::7"),
        ("::1", "2001:DB8:0:0::7", None, "2001:db8::7"),
        ("::1", "fe80::1%eth0", None, "fe80::1"),
        ("::1", "[fe80::1%25eth0]:80", None, "fe80::1"),
        ("::1%lo", VIEWER, None, VIEWER),
        ("::1", "2001:db8::7, 2001:db8:ffff::1", None, "2001:db8::7"),
        ("127.0.0.1", f"{VIEWER}:1234", None, VIEWER),
        # IPv4 inside IPv6 is IPv4, on both sides
        ("::ffff:127.0.0.1", f"::ffff:{VIEWER}", None, VIEWER),
        ("::ffff:10.0.0.1", f"{LIE}, {VIEWER}, ::ffff:10.0.0.2", None, VIEWER),
        ("::ffff:203.0.113.7", VIEWER, None, "203.0.113.7"),
    ],
)  # fmt: skip
def test_the_viewers_address(peer: str, forwarded: str | None, real: str | None, address: str) -> None:
    assert find(peer, forwarded, real) == address


def test_trusted_networks_may_be_written_as_ipv4_inside_ipv6() -> None:
    assert find("10.0.0.1", VIEWER, trusted=["::ffff:10.0.0.0/104"]) == VIEWER
    assert find("11.0.0.1", VIEWER, trusted=["::ffff:10.0.0.0/104"]) == "11.0.0.1"
    assert find("10.0.0.1", VIEWER, trusted=["::/0"]) == "10.0.0.1"


def test_a_chain_without_end_is_not_walked_to_its_end() -> None:
    assert find("10.0.0.1", f"{VIEWER}," + "10.0.0.2," * (MOST_HOPS - 2) + "10.0.0.3") == VIEWER
    assert find("10.0.0.1", f"{VIEWER}," + "10.0.0.2," * (MOST_HOPS + 2) + "10.0.0.3") == "10.0.0.2"


def test_headers_sent_several_times_are_one_chain() -> None:
    sent = [(b"X-Forwarded-For", LIE.encode()), (b"x-real-ip", b"1.1.1.1"), (b"x-forwarded-for", VIEWER.encode()),
            (b"x-forwarded-for", b"10.0.0.2"), (b"x-real-ip", b"2.2.2.2")]  # fmt: skip
    assert joined(sent) == {"x-forwarded-for": f"{LIE},{VIEWER},10.0.0.2", "x-real-ip": "2.2.2.2"}
    assert ClientAddress(PROXIES).find("10.0.0.1", joined(sent)) == VIEWER


@given(made_up=st.text(max_size=200), hops=st.lists(st.sampled_from(["10.0.0.2", "127.0.0.1", "::1"]), max_size=4))
def test_nothing_a_viewer_writes_changes_who_he_is(made_up: str, hops: list[str]) -> None:
    assert find("10.0.0.1", ",".join([made_up, VIEWER, *hops]), made_up) == VIEWER
    assert find(LIE, made_up, made_up) == LIE


@given(st.text(alphabet='0123456789abcdef:.[]%",; \t', max_size=60))
def test_whatever_stands_there_the_answer_is_an_address(text: str) -> None:
    assert ip_address(find("10.0.0.1", text))
    assert ip_address(find("10.0.0.1", None, text))


def test_a_wrong_network_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="TRUSTED_PROXIES"):
        ClientAddress(["not-a-network"])


NETWORKS = [
    {"network": "198.51.100.0/24", "country": "KZ", "country_name": "Kazakhstan", "city": "Almaty"},
    {"network": "2001:db8::/32", "country": "AM"},
]


@pytest.fixture
def site(sqlite_database: Database) -> Iterator[Any]:
    installation = Installation(
        sqlite_database,
        {"smarty.geo_locator": {"static": StaticLocator}},
        TRUSTED_PROXIES=PROXIES,
        GEO_LOCATORS=["static"],
        GEO_LOCATOR_SETTINGS={"static": {"networks": NETWORKS}},
    )
    operator = installation.world.operator()
    app: Dispatcher = create_app(installation.system)

    def ask(peer: str, *headers: tuple[str, str]) -> str:
        """The country the caller is told to be in."""

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=app, client=(peer, 5))  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                query = {"client_id": operator.id, "api_key": API_KEY, "device": "android"}
                return await client.get("/tvmiddleware/api/country/info/", params=query, headers=list(headers))

        return str(asyncio.run(go()).json()["country_code"])

    yield ask
    installation.close()


def test_over_http_the_place_is_that_of_the_viewer_behind_the_proxies(site: Any) -> None:
    assert site(VIEWER) == "KZ"
    assert site(LIE, ("X-Forwarded-For", VIEWER)) == ""
    assert site("10.0.0.1", ("X-Forwarded-For", VIEWER)) == "KZ"
    assert site("10.0.0.1", ("X-Forwarded-For", f"{VIEWER}, {LIE}")) == ""
    assert site("10.0.0.1", ("X-Forwarded-For", LIE), ("X-Forwarded-For", f"{VIEWER}, 10.0.0.2")) == "KZ"
    assert site("10.0.0.1", ("X-Forwarded-For", VIEWER), ("X-Forwarded-For", LIE)) == ""
    assert site("::1", ("X-Forwarded-For", "[2001:db8::7]:443")) == "AM"
    assert site("::ffff:127.0.0.1", ("X-Real-IP", "::ffff:198.51.100.9")) == "KZ"
    assert site("10.0.0.1", ("X-Forwarded-For", "unix:"), ("X-Real-IP", VIEWER)) == ""
