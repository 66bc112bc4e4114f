"""The links of the chain that `why` shows: their form, and those that need nothing but the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from smarty_core.services.entitlements import TariffFacts, allowed_at
from smarty_core.services.routing import Choice, archive_depth
from smarty_core.services.sessions import Viewer
from smarty_core.services.works import Calendar
from smarty_core.storage.models import Account, Channel, Client, Session, StreamToken
from smarty_core.storage.repositories import support as rows
from smarty_core.storage.repositories.streams import ContentFacts

Status = Literal["ok", "no", "note", "skipped"]
"""`no` breaks the chain; `note` is worth knowing; `skipped` was not asked because the chain is broken before it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One link: what was found, and the facts behind it."""

    name: str
    status: Status
    reason: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole chain. `plays`: would the video server be named to a device of this account that asks now?"""

    client_id: int
    account_id: int
    abonement: str
    channel_id: int
    channel: str
    plays: bool
    verdict: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What was read about the account and the channel."""

    client: Client
    account: Account
    channel: Channel
    held: Sequence[rows.HeldTariff]
    others: Sequence[tuple[int, str]]
    sessions: Sequence[Session]
    token: StreamToken | None
    now: datetime


def archive_step(content: ContentFacts, choice: Choice) -> Step:
    """How deep the channel's archive is for the viewer, and what became of each service that could have one. Not a
    link that breaks: the picture does not need it."""
    kinds = {service.id: service for service in content.services if service.type == "pvr"}
    usable = {service.id for service in choice.services}
    details = []
    for one in choice.verdicts:
        if one.service_id in kinds:
            days = archive_depth(content, kinds[one.service_id])
            kept = f"; keeps {days} days" if one.service_id in usable else ""
            details.append(f"{one.name} (service {one.service_id}): {one.reason}{kept}")
    deepest = max((archive_depth(content, service) for service in choice.services), default=0)
    if choice.works:
        return Step("archive", "note", "none: technical works on the channel", tuple(details))
    if deepest:
        return Step("archive", "ok", f"{deepest} days", tuple(details))
    if usable:
        return Step("archive", "note", "none: neither the channel nor a service says how many days", tuple(details))
    reason = "none can be used" if kinds else "the channel has no service of type pvr"
    return Step("archive", "note", reason, tuple(details))


def viewer_of(account: Account, session: Session | None) -> Viewer:
    viewer = Viewer(
        session_id=0,
        client_id=account.client_id,
        account_id=account.id,
        customer_id=account.customer_id,
        abonement=account.abonement,
        active=account.active,
        status_reason=account.status_reason,
        data_center_id=account.data_center_id,
        use_timeshift=account.use_timeshift,
        timeshift_offset=account.timeshift_offset,
    )
    if session is None:
        return viewer
    return replace(
        viewer,
        session_id=session.id,
        device_id=session.device_id,
        device=session.device,
        device_uid=session.device_uid,
        basic=session.basic,
        ip=session.ip,
        country_id=session.country_id or 0,
        city_id=session.city_id or 0,
    )


def operator_step(client: Client) -> Step:
    if client.enabled:
        return Step("operator", "ok", f"{client.name} (client {client.id})")
    return Step("operator", "no", f"{client.name} (client {client.id}) is switched off")


def works_lines(calendar: Calendar, case: Case) -> list[str]:
    """The technical works that block the channel, or stream services, at this moment."""
    lines = []
    for works in calendar.going_on(case.now):
        what = [f"stream services {', '.join(map(str, sorted(works.service_ids)))}"] if works.service_ids else []
        if case.channel.id in works.channel_ids:
            what.insert(0, "the channel")
        if what:
            end = f"until {moment(works.end)}" if works.end else "until they are finished"
            lines.append(f"technical works {works.id} block {' and '.join(what)} {end}")
    return lines


def account_step(case: Case) -> Step:
    account = case.account
    details = [f"customer {account.customer_id}"]
    details += [
        f"{name} {day:%Y-%m-%d}"
        for name, day in (("activated", account.activation_date), ("ends", account.deactivation_date))
        if day is not None
    ]
    why = f" ({account.status_reason})" if account.status_reason else ""
    if account.active:
        return Step("account", "ok", f"{account.id} (abonement {account.abonement}) is active", tuple(details))
    reason = f"{account.id} (abonement {account.abonement}) is inactive{why}: only tariffs for inactive accounts count"
    return Step("account", "note", reason, tuple(details))


def channel_step(channel: Channel) -> Step:
    if channel.enabled:
        return Step("channel", "ok", f"{channel.name} (channel {channel.id})")
    return Step("channel", "no", f"{channel.name} (channel {channel.id}) is switched off")


def tariff_finding(
    held: rows.HeldTariff, tariff: TariffFacts | None, case: Case, viewer: Viewer, *, valid: bool
) -> str:
    """Why a held tariff gives the channel or not."""
    if tariff is None:
        return "is switched off"
    if not valid:
        begins = held.holding.valid_from
        if begins is not None and begins > case.now:
            return f"begins {moment(begins)}"
        return f"ended {moment(held.holding.valid_until or case.now)}"
    if tariff.for_inactive == case.account.active:
        return "is for inactive accounts only" if tariff.for_inactive else "is not for inactive accounts"
    if not allowed_at(tariff, viewer.country_id, viewer.city_id):
        return "does not count at this place"
    if case.channel.id not in tariff.channels:
        return "does not hold the channel"
    if not tariff.for_channel_list:
        return "holds the channel but is not used for channel lists"
    return "gives the channel"


def session_line(row: Session, *, online: bool) -> str:
    state = "online" if online else "not online"
    return f"session {row.id}: {row.device} {row.device_uid} from {row.ip}, seen {moment(row.last_seen_at)}, {state}"


def moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"
