"""Two processes of one installation, random things happening, beside a plain model: no check says yes too often."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smarty_core.services.sessions import NewSession
from smarty_core.services.stream_tokens import EXPIRED, OTHER_CONTENT, OTHER_IP, StreamTokens, TokenFor, TokenRefused
from smarty_core.storage.cache import TagVersions
from smarty_core.storage.database import Database
from smarty_core.storage.models import Session, StreamService
from smarty_core.storage.repositories.streams import service_facts
from smarty_core.storage.tags import all_versions
from smarty_core.testing.subscribers import SubscriberWorld

HOME, AWAY = "192.0.2.1", "203.0.113.5"
RULES = SimpleNamespace(
    TVMIDDLEWARE_STREAM_SERVICE_TOKEN_TTL=100,
    TVMIDDLEWARE_STREAM_SERVICE_TOKEN_MAX_TTL=250,
    TVMIDDLEWARE_STREAM_SERVICE_TOKEN_PROLONGATION_THRESHOLD_TTL=60,
    TVMIDDLEWARE_STREAM_SERVICE_AUTH_DURATION=40,
)

processes = st.integers(0, 1)
tokens_asked = st.integers(0, 1)
issued = st.tuples(st.just("issue"), processes, st.integers(0, 1), st.booleans())
watched = st.tuples(st.just("watch"), processes, tokens_asked)
died = st.tuples(st.just("die"), processes)
steps = st.one_of(
    *[watched] * 6,
    *[died] * 3,
    issued,
    st.tuples(st.just("check"), processes, tokens_asked, st.sampled_from(["news", "sport"]), st.booleans()),
    st.tuples(st.just("move"), st.sampled_from([1, 30, 95])),
    st.tuples(st.just("logout"), st.integers(0, 1)),
    st.tuples(st.just("news"), processes),
)


@dataclass
class Model:
    """What is true of a token, whoever is asked."""

    viewer: int
    content: str
    check_ip: bool
    latest: datetime
    expires: datetime
    """The end the rules give when each yes prolongs at once: no check may say yes after it."""
    asked_until: datetime
    """Up to here the server has been promised that the token holds, if it asks again by then."""
    ended: bool = False
    heard: list[bool] = field(default_factory=lambda: [False, False])
    """Which process has had the news of the session's end."""


class Installation:
    """Two processes on one database. Each hears of the other's changes when the test says so."""

    def __init__(self, database: Database) -> None:
        self.world = SubscriberWorld(database)
        self.operator = self.world.operator()
        tariffs = [self.world.tariff(self.operator)]
        self.accounts = [self.world.subscriber(self.operator, name, tariffs=tariffs) for name in ("1001", "1002")]
        self.sessions: list[int] = []
        self.gone: set[int] = set()
        """Viewers whose session has ended."""
        row = StreamService(client_id=self.operator.id, name="server", mask="http://h/$prefix")
        self.world.add(row)
        self.service = service_facts(row)
        self.versions = [TagVersions(), TagVersions()]
        self.tokens: list[StreamTokens] = []
        self.begin()

    def begin(self) -> None:
        """Everybody has a session, both processes start."""
        self.gone = set()
        new = [
            NewSession(self.operator.id, account.id, None, "mag", account.abonement, basic=True, ip=HOME)
            for account in self.accounts
        ]
        with self.world.database.write() as session:
            made = self.world.sessions.create_all(new, session=session, now=self.world.now)
        self.sessions = [number for _, number in made]
        self.tokens = [self.process(number) for number in range(2)]

    def process(self, number: int) -> StreamTokens:
        self.hear(number)
        self.versions[number].confirm()
        return StreamTokens(
            database=self.world.database, tag_versions=self.versions[number], settings=RULES, key=b"k" * 32
        )

    def hear(self, number: int) -> None:
        with self.world.database.read() as session:
            self.versions[number].learn(all_versions(session))

    def issue(self, process: int, viewer: int, *, check_ip: bool) -> str:
        wanted = TokenFor(
            client_id=self.operator.id, account_id=self.accounts[viewer].id, session_id=self.sessions[viewer],
            service=replace(self.service, check_ip=check_ip), content_type="channel", content_id=7, prefix="news",
            ip=HOME,
        )  # fmt: skip
        return self.tokens[process].issue(wanted, now=self.world.now)

    def logout(self, viewer: int) -> None:
        self.gone.add(viewer)
        with self.world.database.write() as session:
            found = session.get(Session, self.sessions[viewer])
            self.world.sessions.end(session, [found] if found else [], reason="logout")


@pytest.fixture
def installation(sqlite_database: Database) -> Installation:
    return Installation(sqlite_database)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(issued, st.lists(steps, min_size=10, max_size=40))
def test_no_check_says_yes_too_often_and_none_says_no_to_a_server_that_asks_in_time(
    installation: Installation, first: tuple[Any, ...], happening: list[tuple[Any, ...]]
) -> None:
    one = installation
    one.begin()
    known: dict[str, Model] = {}
    for what, *how in (first, *happening):
        if what == "issue":
            issue(one, known, *how)
        elif what in ("check", "watch") and known:
            process, which, *wish = how
            token = list(known)[which % len(known)]
            if what == "watch":
                pass_time(one, max(one.world.now, known[token].asked_until))
            content, home = wish or ("news", True)
            check(one, known[token], token, process, content, HOME if home else AWAY)
        elif what == "move":
            pass_time(one, one.world.now + timedelta(seconds=how[0]))
        elif what == "logout":
            one.logout(how[0])
            for model in known.values():
                if model.viewer == how[0] and not model.ended:
                    model.ended, model.heard = True, [False, False]
        elif what in ("news", "die"):
            (process,) = how
            if what == "die":  # with everything that was not written
                one.tokens[process] = one.process(process)
            one.hear(process)
            for model in known.values():
                model.heard[process] = model.heard[process] or model.ended
    one.logout(0)
    one.logout(1)


def pass_time(one: Installation, moment: datetime) -> None:
    for tokens in one.tokens:
        tokens.prolongations.flush()  # what is written in the background is written by then
    one.world.now = moment


def issue(one: Installation, known: dict[str, Model], process: int, viewer: int, check_ip: bool) -> None:
    now = one.world.now
    token = one.issue(process, viewer, check_ip=check_ip)
    life = one.tokens[process].lifetime
    expires, latest = life.first(now)
    known[token] = Model(viewer, "news", check_ip, latest, expires, now, ended=viewer in one.gone, heard=[True, True])


def check(one: Installation, model: Model, token: str, process: int, content: str, ip: str) -> None:
    now = one.world.now
    tokens = one.tokens[process]
    quick = tokens.remembered(token, content, ip, now)
    checked, code = None, 0
    try:
        checked = tokens.check(token, content, ip, now)
    except TokenRefused as refused:
        code = refused.code
    if checked is None:
        assert quick is None
        if code == EXPIRED:
            assert model.ended or now > model.asked_until or now >= model.expires
        elif code == OTHER_CONTENT:
            assert content != model.content
        else:
            assert (code, model.check_ip, ip) == (OTHER_IP, True, AWAY)
        return
    assert content == model.content
    assert not model.check_ip or ip == HOME
    assert now < model.expires <= model.latest
    assert not (model.ended and model.heard[process])
    if quick is not None:
        assert quick.facts == checked.facts
    model.expires = max(model.expires, tokens.lifetime.prolonged(model.expires, model.latest, now))
    model.asked_until = max(model.asked_until, now + timedelta(seconds=checked.facts.auth_duration))
    checked.headers = {}
