"""`why`: each link of the chain is told with its reason, and the verdict is what a device would get."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from smarty_core.builtin.static_locator import StaticLocator
from smarty_core.cli.why import explainer
from smarty_core.contracts.events import Refusal
from smarty_core.errors import NotFound, Refused
from smarty_core.hookspecs import hookimpl
from smarty_core.services.why_chain import Explanation, Step
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import Account, Channel, Client, Country, Maintenance, StreamService, Tariff
from smarty_core.testing.installation import Installation
from smarty_core.testing.subscribers import HOME_IP

LOCATOR: dict[str, dict[str, object]] = {"smarty.geo_locator": {"static": StaticLocator}}
GERMANY_IP, UNKNOWN_IP = "198.51.100.7", "203.0.113.9"
GEO = {
    "GEO_LOCATORS": ["static"],
    "GEO_LOCATOR_SETTINGS": {"static": {"networks": [{"network": "198.51.100.0/24", "country": "DE"}]}},
}


class Case:
    """One operator, one subscriber, one channel that plays; tests break one link each."""

    def __init__(
        self, database: Database, plugins: dict[str, dict[str, object]] | None = None, **settings: Any
    ) -> None:
        self.installation = Installation(database, plugins, **settings)
        self.world = self.installation.world
        self.one, self.tariff, self.channel = self.installation.house("one")
        self.account = self.world.subscriber(self.one, "1001", tariffs=[self.tariff])

    def change(self, model: Any, number: int, **columns: Any) -> None:
        client = f"client:{self.one.id}"
        with self.installation.system.database.write() as session:
            row = session.get_one(model, number)
            for name, value in columns.items():
                setattr(row, name, value)
            bump(session, client, f"{client}:channels", f"{client}:tariffs")

    def explain(self, account: str = "1001", channel: str = "News", **options: Any) -> Explanation:
        return explainer(self.installation.system).explain(account, channel, **options)

    def prolonged_token(self) -> None:
        """The viewer watches for 56 minutes."""
        system, now = self.installation.system, self.world.now
        viewer = self.world.viewer(self.one)
        played = system.playback.channel_url(viewer, self.one, self.channel.id, ip=HOME_IP, device="mag", now=now)
        token = parse_qs(urlsplit(played.uri).query)["token"][0]
        system.stream_tokens.check(token, "", HOME_IP, now + timedelta(minutes=56))
        system.stream_tokens.prolongations.flush()

    def step(self, name: str, **options: Any) -> Step:
        return next(step for step in self.explain(**options).steps if step.name == name)


@pytest.fixture
def case(sqlite_database: Database) -> Iterator[Case]:
    made = Case(sqlite_database)
    yield made
    made.installation.close()


def statuses(found: Explanation) -> dict[str, str]:
    return {step.name: step.status for step in found.steps}


def test_the_whole_chain_is_told_and_the_channel_plays(case: Case) -> None:
    case.world.log_in(case.one)
    found = case.explain()
    assert found.plays
    assert found.verdict == f"account {case.account.id} (abonement 1001) would play 'News'"
    assert [(step.name, step.status) for step in found.steps] == [
        ("operator", "ok"), ("account", "ok"), ("channel", "ok"), ("tariffs", "ok"), ("place", "note"),
        ("session", "ok"), ("service", "ok"), ("plugins", "ok"), ("token", "ok"), ("archive", "ok"),
    ]  # fmt: skip
    told = {step.name: step for step in found.steps}
    assert told["tariffs"].details == (f"tariff (tariff {case.tariff.id}) of the customer: gives the channel",)
    assert HOME_IP in told["session"].details[0]
    assert "chosen" in told["service"].details[0]
    assert "does not play live" in told["service"].details[1]
    assert "lives 3600 s" in told["token"].reason


def test_it_tells_of_the_archive_without_taking_it_for_the_picture(case: Case) -> None:
    archive = next(service for service in case.channel.services if service.type == "pvr")
    line = f"archive (service {archive.id}): "
    step = case.step("archive")
    assert (step.status, step.reason) == ("ok", "3 days")
    assert step.details[0].startswith(line + "chosen")
    assert step.details[0].endswith("; keeps 3 days")
    case.change(StreamService, archive.id, available=False)
    assert case.step("archive") == Step(
        "archive", "note", "none can be used", (line + "not available: its checks fail",)
    )
    case.change(StreamService, archive.id, available=True, recording_days=0)
    case.change(Channel, case.channel.id, recording_days=0)
    assert case.step("archive").reason == "none: neither the channel nor a service says how many days"
    case.change(StreamService, archive.id, type="live")
    assert case.step("archive") == Step("archive", "note", "the channel has no service of type pvr")
    assert case.explain().plays


def test_it_says_what_the_device_gets(case: Case) -> None:
    """The verdict and the service agree with the address that is really given."""
    viewer = case.world.viewer(case.one)
    played = case.installation.system.playback.channel_url(
        viewer, case.one, case.channel.id, ip=HOME_IP, device="mag", now=case.world.now
    )
    assert case.step("service").reason == f"live (service {played.stream_service_id})"
    case.change(StreamService, played.stream_service_id, available=False)
    assert not case.explain().plays
    with pytest.raises(NotFound):
        case.installation.system.playback.channel_url(
            viewer, case.one, case.channel.id, ip=HOME_IP, device="mag", now=case.world.now
        )


def test_the_last_token_that_was_prolonged_is_told_with_its_end(case: Case) -> None:
    assert case.step("token").details == ()
    case.prolonged_token()
    (told,) = case.step("token").details
    assert "issued 2026-03-10 12:00:00 UTC" in told
    assert "good until 2026-03-10 13:56:00 UTC" in told
    case.world.move(hours=2)
    (told,) = case.step("token").details
    assert "expired since 2026-03-10 13:56:00 UTC" in told


def test_technical_works_are_told_with_their_end(case: Case) -> None:
    assert case.explain().plays
    now, live = case.world.now, min(service.id for service in case.channel.services)
    with case.installation.system.database.write() as session:
        works = Maintenance(client_id=case.one.id, begin=now, unavailable=True, description="")
        works.services = [session.get_one(StreamService, live)]
        session.add(works)
        bump(session, f"client:{case.one.id}:channels")
    step = case.step("service")
    assert (step.status, step.reason) == ("no", "no service can play the channel")
    assert f"live (service {live}): under technical works" in step.details
    assert f"technical works {works.id} block stream services {live} until they are finished" in step.details
    with case.installation.system.database.write() as session:
        row = session.get_one(Maintenance, works.id)
        row.end, row.channels = now + timedelta(hours=1), [session.get_one(Channel, case.channel.id)]
        bump(session, f"client:{case.one.id}:channels")
    step = case.step("service")
    assert (step.status, step.reason) == ("no", "technical works on the channel")
    assert step.details[-1].endswith(f"the channel and stream services {live} until 2026-03-10 13:00:00 UTC")
    case.world.move(hours=1)
    assert case.explain().plays


def test_a_full_service_is_told_with_its_viewers(case: Case) -> None:
    live = min(service.id for service in case.channel.services)
    case.change(StreamService, live, max_sessions=2, session_count=2)
    step = case.step("service")
    assert step.status == "no"
    assert f"live (service {live}): full: 2 of 2 viewers" in step.details


def test_an_operator_who_is_switched_off_breaks_the_chain(case: Case) -> None:
    case.change(Client, case.one.id, enabled=False)
    found = case.explain()
    assert not found.plays
    assert statuses(found)["operator"] == "no"
    assert statuses(found)["tariffs"] == "ok"
    assert statuses(found)["service"] == "skipped"


def test_a_channel_that_is_switched_off_breaks_the_chain(case: Case) -> None:
    case.change(Channel, case.channel.id, enabled=False)
    assert case.step("channel").status == "no"
    assert not case.explain().plays


def test_an_inactive_account_needs_a_tariff_for_inactive_accounts(case: Case) -> None:
    case.change(Account, case.account.id, active=False, status_reason="DEBT")
    found = case.explain()
    assert "inactive (DEBT)" in case.step("account").reason
    assert not found.plays
    assert case.step("tariffs").details[0].endswith("is not for inactive accounts")


@pytest.mark.parametrize(
    ("valid", "finding"),
    [
        ({"valid_from": timedelta(days=1)}, "begins 2026-03-11 12:00:00 UTC"),
        ({"valid_until": timedelta(days=-1)}, "ended 2026-03-09 12:00:00 UTC"),
    ],
)
def test_a_tariff_that_does_not_hold_now_says_when_it_does(
    sqlite_database: Database, valid: dict[str, timedelta], finding: str
) -> None:
    case = Case(sqlite_database)
    account = case.world.subscriber(case.one, "1002")
    case.world.give_tariff(account, case.tariff, **{name: case.world.now + span for name, span in valid.items()})
    step = case.step("tariffs", account="1002")
    assert step.status == "no"
    assert step.details[0] == f"tariff (tariff {case.tariff.id}) of the account: {finding}"
    case.installation.close()


@pytest.mark.parametrize(
    ("columns", "finding"),
    [
        ({"enabled": False}, "is switched off"),
        ({"used_for_channel_list": False}, "holds the channel but is not used for channel lists"),
        ({"available_for_inactive_accounts": True}, "is for inactive accounts only"),
        ({"available_everywhere": False}, "does not count at this place"),
        ({"channels": []}, "does not hold the channel"),
    ],
)
def test_a_tariff_that_gives_nothing_says_why(case: Case, columns: dict[str, Any], finding: str) -> None:
    case.change(Tariff, case.tariff.id, **columns)
    step = case.step("tariffs")
    assert step.status == "no"
    assert step.details[0].endswith(finding)
    assert not case.explain().plays


def test_without_a_tariff_the_ones_that_would_help_are_named(case: Case) -> None:
    case.world.subscriber(case.one, "1002")
    step = case.step("tariffs", account="1002")
    assert step.reason == "neither the account nor its customer holds any"
    assert step.details == (f"the channel is in: tariff (tariff {case.tariff.id})",)


def test_a_place_decides_about_a_tariff_that_is_limited_to_it(sqlite_database: Database) -> None:
    case = Case(sqlite_database, LOCATOR, **GEO)
    with case.world.database.write() as session:
        germany = session.scalars(select(Country).where(Country.code == "DE")).one()
        tariff = session.get_one(Tariff, case.tariff.id)
        tariff.available_everywhere, tariff.countries = False, [germany]
    here, elsewhere = case.explain(ip=GERMANY_IP), case.explain(ip=UNKNOWN_IP)
    assert (here.plays, elsewhere.plays) == (True, False)
    assert f"(from {GERMANY_IP})" in case.step("place", ip=GERMANY_IP).reason
    assert "do not count" in case.step("place", ip=UNKNOWN_IP).reason
    case.installation.close()


def test_an_account_without_a_device_is_told_to_log_in(case: Case) -> None:
    found = case.explain()
    assert found.plays
    assert statuses(found)["session"] == "note"


def test_limits_of_devices_are_told(case: Case) -> None:
    case.change(Tariff, case.tariff.id, basic_sessions_count=2)
    assert case.step("session").details == ("limit of basic devices: 2 at most", "limit of additional devices: none")


def test_a_router_that_does_not_work_is_passed_over_as_in_playing(case: Case) -> None:
    with case.world.database.write() as session:
        live = session.scalars(select(StreamService).where(StreamService.type == "live")).one()
        live.mask = "http://video.test/$nonsense"
        session.get_one(Channel, case.channel.id).multicast_uri = "udp://@239.0.0.1:1234"
    step = case.step("service")
    assert (step.status, step.reason) == ("ok", "the channel's multicast address")
    assert any("its router 'mask' fails" in detail and "$nonsense" in detail for detail in step.details)


def test_a_channel_nothing_plays_says_so(case: Case) -> None:
    case.change(Channel, case.channel.id, services=[])
    assert (case.step("service").status, case.step("service").reason) == (
        "no", "the channel has no stream service and no address",
    )  # fmt: skip


def test_a_direct_address_needs_no_service_and_no_token(case: Case) -> None:
    case.change(Channel, case.channel.id, uri="http://direct.test/secret?key=1")
    found = case.explain()
    assert found.plays
    assert "secret" not in repr(found)
    assert case.step("token").reason == "this address needs none"


@pytest.mark.parametrize("fails", [False, True], ids=["veto", "failure"])
def test_a_plugin_that_forbids_it_or_cannot_be_asked_is_named(sqlite_database: Database, *, fails: bool) -> None:
    module = types.ModuleType("veto")

    def authorize_playback(host: Any, wish: Any) -> Refusal:
        if fails:
            raise RuntimeError("out of order")
        return Refusal("kids_time", "Not after nine")

    module.authorize_playback = hookimpl(authorize_playback)  # type: ignore[attr-defined]
    case = Case(sqlite_database, {"smarty.hooks": {"veto": module}})
    step = case.step("plugins")
    assert step.status == "no"
    assert ("plugin veto could not be asked" if fails else "kids_time") in step.reason
    assert not case.explain().plays
    with pytest.raises(Refused):
        case.installation.system.playback.channel_url(
            case.world.viewer(case.one), case.one, case.channel.id, ip=HOME_IP, device="mag", now=case.world.now
        )
    case.installation.close()


def test_accounts_and_channels_are_found_by_id_and_by_name_in_any_language(case: Case) -> None:
    case.change(Channel, case.channel.id, name_lang1="Новости")
    for account, channel in (
        (f"id:{case.account.id}", str(case.channel.id)), ("abonement:1001", "новости"), ("1001", " NEWS "),
    ):  # fmt: skip
        found = case.explain(account, channel)
        assert (found.account_id, found.channel_id) == (case.account.id, case.channel.id)


def test_an_abonement_of_two_operators_asks_which_one(case: Case) -> None:
    two, tariff, channel = case.installation.house("two")
    case.world.subscriber(two, "1001", tariffs=[tariff])
    with pytest.raises(NotFound, match=f"--client_id={case.one.id}.*--client_id={two.id}"):
        case.explain()
    assert case.explain(client_id=two.id).channel_id == channel.id


def test_an_id_that_is_anothers_abonement_asks_which_one(case: Case) -> None:
    other = case.world.subscriber(case.one, str(case.account.id), tariffs=[case.tariff])
    with pytest.raises(NotFound, match="means several accounts"):
        case.explain(str(case.account.id))
    assert case.explain(f"abonement:{case.account.id}").account_id == other.id
    assert case.explain(f"id:{case.account.id}").account_id == case.account.id


def test_two_channels_of_one_name_ask_which_one(case: Case) -> None:
    twin = case.installation.channel(case.tariff, "News")
    with pytest.raises(NotFound, match=f"id:{case.channel.id}, id:{twin.id}"):
        case.explain()
    assert case.explain(channel=f"id:{twin.id}").channel_id == twin.id


def test_what_is_not_known_or_another_operators_is_not_found(case: Case) -> None:
    two, _tariff, channel = case.installation.house("two")
    for account, asked, client_id in (
        ("9999", "News", None), ("1001", "Nothing", None), ("1001", str(channel.id), None), ("1001", "News", two.id),
        ("", "News", None), ("1001", "", None),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            case.explain(account, asked, client_id=client_id)


def test_the_chain_is_read_from_every_kind_of_database(database: Database) -> None:
    case = Case(database)
    case.prolonged_token()
    found = case.explain(str(case.account.abonement), "nEWS")
    assert found.plays
    assert case.step("token").details
    case.installation.close()
