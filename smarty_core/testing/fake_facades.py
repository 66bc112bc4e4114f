"""The use cases of `Host` over plain lists and dictionaries that a test fills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from smarty_core.api.accounts import Account, Session
from smarty_core.api.catalogue import Channel, ChannelCategory, Programme
from smarty_core.api.ledger import LedgerEntry
from smarty_core.api.places import Filled, NamedPlace
from smarty_core.contracts.sms_backend import Receipt, Sms
from smarty_core.contracts.stream_router import StreamUrl
from smarty_core.errors import Conflict, InvalidValue, NotFound, Refused
from smarty_core.values import Money


class Subscribers:
    """Accounts by (operator, id), their passwords, and sessions by authkey."""

    def __init__(self) -> None:
        self.accounts: dict[tuple[int, int], Account] = {}
        self.passwords: dict[tuple[int, int], str] = {}
        self.sessions: dict[str, Session] = {}


class FakeAccounts:
    """Fill it with `add`; then use it as `host.accounts`."""

    def __init__(self, people: Subscribers) -> None:
        self.people = people

    def add(self, account: Account, *, password: str = "") -> None:
        """Make an account known."""
        key = account.subscriber.client_id, account.subscriber.account_id
        self.people.accounts[key] = account
        self.people.passwords[key] = password

    def session(self, authkey: str, client_id: int) -> Session | None:
        found = self.people.sessions.get(authkey)
        return found if found and found.client_id == client_id else None

    def login(
        self,
        client_id: int,
        *,
        abonement: str,
        password: str = "",
        device: str = "",
        device_uid: str = "",
        ip: str = "",
    ) -> str:
        try:
            account = self.find(client_id, abonement=abonement)
        except NotFound as exc:
            raise Refused("account_does_not_exist") from exc
        who = account.subscriber
        if self.people.passwords[client_id, who.account_id] != password:
            raise Refused("account_does_not_exist")
        if not account.active:
            raise Refused("account_is_not_active")
        authkey = f"authkey-{len(self.people.sessions) + 1}"
        self.people.sessions[authkey] = Session(client_id, who.account_id, who.customer_id, device, device_uid, ip)
        return authkey

    def logout(self, authkey: str, client_id: int) -> None:
        if self.session(authkey, client_id):
            del self.people.sessions[authkey]

    def get(self, client_id: int, account_id: int) -> Account:
        try:
            return self.people.accounts[client_id, account_id]
        except KeyError:
            raise NotFound(f"no account {account_id}") from None

    def find(self, client_id: int, *, abonement: str = "", ext_id: str = "") -> Account:
        for (owner, _), account in self.people.accounts.items():
            who = account.subscriber
            if owner == client_id and ((abonement and who.abonement == abonement) or (ext_id and who.ext_id == ext_id)):
                return account
        raise NotFound("no such account")

    def set_active(self, client_id: int, account_id: int, active: bool, *, reason: str = "") -> None:
        account = self.get(client_id, account_id)
        self.people.accounts[client_id, account_id] = replace(account, active=active, status_reason=reason)

    def assign_tariffs(self, client_id: int, account_id: int, tariffs_ids: tuple[int, ...]) -> None:
        account = self.get(client_id, account_id)
        kept = tuple(dict.fromkeys(account.tariffs_ids + tariffs_ids))
        self.people.accounts[client_id, account_id] = replace(account, tariffs_ids=kept)

    def remove_tariffs(self, client_id: int, account_id: int, tariffs_ids: tuple[int, ...]) -> None:
        account = self.get(client_id, account_id)
        kept = tuple(tariff for tariff in account.tariffs_ids if tariff not in tariffs_ids)
        self.people.accounts[client_id, account_id] = replace(account, tariffs_ids=kept)


class FakeCatalogue:
    """Append to `lists[client_id]` and `groups[client_id]`."""

    def __init__(self) -> None:
        self.lists: dict[int, list[Channel]] = {}
        self.groups: dict[int, list[ChannelCategory]] = {}

    def channels(self, client_id: int, *, lang: int = 0) -> Sequence[Channel]:
        return tuple(self.lists.get(client_id, ()))

    def categories(self, client_id: int, *, lang: int = 0) -> Sequence[ChannelCategory]:
        return tuple(self.groups.get(client_id, ()))


class FakeGuide:
    """Append to `lists[client_id, channel_id]`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.lists: dict[tuple[int, int], list[Programme]] = {}
        self._now = now

    def programmes(
        self, client_id: int, channel_id: int, *, begin: datetime, end: datetime, lang: int = 0
    ) -> Sequence[Programme]:
        if (end - begin).days > 31:
            raise InvalidValue("at most 31 days")
        known = self.lists.get((client_id, channel_id), [])
        return tuple(programme for programme in known if programme.begin < end and programme.end > begin)

    def now(self, client_id: int, channel_id: int, *, lang: int = 0) -> Programme | None:
        moment = self._now()
        known = self.lists.get((client_id, channel_id), [])
        return next((programme for programme in known if programme.begin <= moment < programme.end), None)


class FakeEntitlements:
    """Everybody may watch everything of his operator but `forbidden`."""

    def __init__(self, catalogue: FakeCatalogue) -> None:
        self._catalogue = catalogue
        self.forbidden: set[int] = set()

    def channel_ids(self, session: Session) -> frozenset[int]:
        return frozenset(channel.id for channel in self._catalogue.channels(session.client_id)) - self.forbidden


class FakePlayback:
    """Addresses that tell what was asked."""

    def __init__(self, catalogue: FakeCatalogue) -> None:
        self._catalogue = catalogue

    def channel_url(self, session: Session, channel_id: int) -> StreamUrl:
        if all(channel.id != channel_id for channel in self._catalogue.channels(session.client_id)):
            raise NotFound(f"no channel {channel_id}")
        return StreamUrl(f"http://video.example/{channel_id}/index.m3u8")

    def archive_url(self, session: Session, channel_id: int, *, begin: datetime, end: datetime | None) -> StreamUrl:
        self.channel_url(session, channel_id)
        length = "now" if end is None else str(int((end - begin).total_seconds()))
        return StreamUrl(f"http://video.example/{channel_id}/archive-{int(begin.timestamp())}-{length}.m3u8")


class FakeLedger:
    """Entries by customer; `currency` is everybody's."""

    currency = "EUR"

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._entries: dict[tuple[int, int], dict[str, LedgerEntry]] = {}

    def balance(self, client_id: int, customer_id: int) -> Money:
        total = Money(Decimal(0), self.currency)
        for entry in self._entries.get((client_id, customer_id), {}).values():
            total = total + entry.amount
        return total

    def entries(self, client_id: int, customer_id: int, *, begin: datetime, end: datetime) -> Sequence[LedgerEntry]:
        known = self._entries.get((client_id, customer_id), {}).values()
        return tuple(reversed([entry for entry in known if begin <= entry.made_at < end]))[:1000]

    def post(
        self, client_id: int, customer_id: int, amount: Money, *, key: str, source: int, comment: str = ""
    ) -> LedgerEntry:
        known = self._entries.setdefault((client_id, customer_id), {})
        return known.setdefault(key, LedgerEntry(len(known) + 1, amount, self._now(), source, comment))


class FakeMessages:
    """Remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, int, str, str]] = []
        self.sms: list[Sms] = []

    def send(self, client_id: int, account_id: int, *, subject: str, text: str, until: datetime | None = None) -> int:
        self.sent.append((client_id, account_id, subject, text))
        return len(self.sent)

    def send_sms(self, client_id: int, phone: str, text: str) -> Receipt:
        self.sms.append(Sms(phone, text))
        return Receipt(str(len(self.sms)))


class FakePlaces:
    """Keeps what it is filled with, once; `known` filled by a test makes it a directory that is in use."""

    def __init__(self) -> None:
        self.known: list[NamedPlace] = []

    def fill(self, places: Iterable[NamedPlace]) -> Filled:
        if self.known:
            raise Conflict("there are countries and cities already")
        self.known = list(places)
        countries = {place.country_code for place in self.known}
        cities = {(place.country_code, *place.city_names.items()) for place in self.known if place.city_names}
        return Filled(len(countries), len(cities))
