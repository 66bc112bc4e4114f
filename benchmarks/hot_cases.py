"""The cases of `hot_path`: what is asked, by whom, and what share of the bare application's rate is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from benchmarks.asking import CONNECTIONS
from benchmarks.installation import API_KEY, Installation
from smarty_core.config import Settings
from smarty_core.services.token_form import TokenForm
from smarty_core.storage.database import Database
from smarty_core.storage.models import Channel, Programme, Session, StreamService
from smarty_core.storage.repositories.tokens import Grant
from smarty_core.storage.vault import Vault

API = "/tvmiddleware/api"
GZIP: Mapping[str, str] = {"Accept-Encoding": "gzip"}
WINDOW_SECONDS = 126 * 3600
"""What is asked of the guide of a channel: 80 kB."""

OLDEST_TOKEN, PROLONGED_BELOW = 3_000, 900
"""Seconds since the oldest token was issued, out of an hour's life; rest of a life at which a check prolongs it."""

SETTINGS: Mapping[str, object] = {
    "MAX_LA": 99,
    "MAX_USED_MEM": 99,
    "TVMIDDLEWARE_STREAM_SERVICE_TOKEN_PROLONGATION_THRESHOLD_TTL": PROLONGED_BELOW,
}

IN_PROCESS, REDIS = "in-process cache", "Redis"


@dataclass(frozen=True, slots=True)
class Case:
    """One method asked in one way. `goals`: cache -> share of the bare application's rate; empty = only to be told.

    `address` is filled with `client`, `api_key` and what belongs to a device: `authkey`, `token`, `prefix`, `cid`;
    `begin` and `end` are a window of the guide.
    """

    name: str
    address: str
    goals: Mapping[str, float] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    connections: int = CONNECTIONS
    known: bool = False
    """Asked with the ETag of the answer before."""

    def targets(self, made: Installation, played: Played) -> list[str]:
        """What every device asks; one target when all devices ask the same."""
        common = {"client": made.client_id, "api_key": API_KEY}
        if "{authkey}" not in self.address and "{token}" not in self.address:
            return [self.address.format(**common)]
        return [
            self.address.format(
                **common,
                authkey=key,
                token=played.tokens[number],
                cid=played.channels[number % len(played.channels)],
                prefix=f"channel-{number % len(played.channels)}",
                begin=played.begin,
                end=played.begin + WINDOW_SECONDS,
            )
            for number, key in enumerate(made.authkeys)
        ]


_DEVICE = "client_id={client}&device=android&authkey={authkey}"

_CHECK = f"{API}/streamservice/token/check/?token={{token}}&name={{prefix}}&ip=127.0.0.1"

CASES: Sequence[Case] = (
    Case("account_status", f"{API}/account/status/?{_DEVICE}", {IN_PROCESS: 0.60, REDIS: 0.45}),
    Case("channel_list", f"{API}/channel/list/?{_DEVICE}", {IN_PROCESS: 0.60, REDIS: 0.45}),
    Case("channel_list gzip", f"{API}/channel/list/?{_DEVICE}", {IN_PROCESS: 0.55, REDIS: 0.45}, headers=GZIP),
    Case("channel_list 304", f"{API}/channel/list/?{_DEVICE}", {IN_PROCESS: 0.60, REDIS: 0.45}, status=304, known=True),
    Case("token check", _CHECK, {IN_PROCESS: 0.60, REDIS: 0.50}),
    Case("token check, 256 connections", _CHECK, {REDIS: 0.50}, connections=256),
    Case("channel_programs", f"{API}/channel/programs/?cid={{cid}}&{_DEVICE}"),
    Case("program_list", f"{API}/program/list/?cid={{cid}}&time_from={{begin}}&time_to={{end}}&{_DEVICE}"),
    Case("portal_settings_list",
         f"{API}/portal/settings/list/?client_id={{client}}&device=android&api_key={{api_key}}"),
    Case("health_check", f"{API}/health/check/?client_id={{client}}"),
    Case("channel_url", f"{API}/channel/url/?cid={{cid}}&{_DEVICE}", {IN_PROCESS: 0.45, REDIS: 0.45}, status=302),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Played:
    """What devices watch: the channels all packages have, in order, by their ids; `begin` of the guide, Unix time; the
    stream token of each device."""

    channels: tuple[int, ...]
    begin: int
    tokens: tuple[str, ...]


def give_tokens(made: Installation, *, channels: int) -> Played:
    """Let every session watch one of the first `channels` channels.

    The tokens are of every age, as in the middle of an evening: a tenth of them is due to be prolonged.
    """
    settings = Settings.of(made.settings)
    database, form = Database.at(settings.databases), TokenForm(Vault(settings.SECRET_KEY.reveal()).token_key)
    now = datetime.now(UTC)
    given = []
    with database.read() as session:
        ids = tuple(session.scalars(select(Channel.id).order_by(Channel.sort).limit(channels)))
        service = session.scalars(select(StreamService.id).order_by(StreamService.id)).first() or 0
        begin = session.scalars(select(Programme.start).order_by(Programme.start).limit(1)).one()
        rows = session.execute(select(Session.id, Session.account_id).order_by(Session.id)).all()
    database.close()
    for number, (session_id, account_id) in enumerate(rows):
        age = timedelta(seconds=OLDEST_TOKEN * number / len(rows))
        given.append(form.write(Grant(
            client_id=made.client_id, account_id=account_id, session_id=session_id, stream_service_id=service,
            content_type="channel", content_id=ids[number % len(ids)], names=(f"channel-{number % len(ids)}",),
            ip="127.0.0.1", check_ip=True, max_sessions=0, issued_at=now - age,
        )))  # fmt: skip
    return Played(ids, int(begin.timestamp()), tuple(given))
