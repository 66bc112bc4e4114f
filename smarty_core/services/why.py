"""Why a viewer does or does not see a channel: the chain of rules, link by link, each with its reason.

The links are the ones a request for the live address goes through, asked of the same services; nothing is written, no
address is made and no token is issued.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from smarty_core.errors import DriverError, NotFound, ProviderError, Refused
from smarty_core.services.entitlements import Entitlement, Entitlements, valid_now
from smarty_core.services.geo import Places
from smarty_core.services.operators import Operator, Operators
from smarty_core.services.playback import Playback
from smarty_core.services.routing import Choice
from smarty_core.services.sessions import Sessions, Viewer
from smarty_core.services.stream_tokens import StreamTokens
from smarty_core.services.why_chain import (
    Case,
    Explanation,
    Step,
    account_step,
    archive_step,
    channel_step,
    moment,
    operator_step,
    session_line,
    tariff_finding,
    viewer_of,
    works_lines,
)
from smarty_core.services.why_subject import find_account, find_channel
from smarty_core.storage.database import Database
from smarty_core.storage.models import City, Client, Country
from smarty_core.storage.repositories import devices as device_rows
from smarty_core.storage.repositories import support as rows
from smarty_core.storage.repositories.streams import ServiceFacts


class Why:
    """Explains. One object serves any number of questions."""

    def __init__(
        self,
        *,
        database: Database,
        operators: Operators,
        places: Places,
        entitlements: Entitlements,
        sessions: Sessions,
        playback: Playback,
        stream_tokens: StreamTokens,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._operators = operators
        self._places = places
        self._entitlements = entitlements
        self._sessions = sessions
        self._playback = playback
        self._tokens = stream_tokens
        self._clock = clock

    def explain(self, account: str, channel: str, *, client_id: int | None = None, ip: str = "") -> Explanation:
        """The chain for an account (id or abonement) and a channel (id or name), seen from `ip` when given.

        Raises `NotFound` when one of them is not known, or means several.
        """
        case = self._read(account, channel, client_id)
        operator = self._operator(case.client)
        viewer, place = self._placed(case, operator, ip)
        entitlement = self._entitlements.for_viewer(viewer, lang=0, device_format="json", now=case.now)
        steps = [
            operator_step(case.client),
            account_step(case),
            channel_step(case.channel),
            self._tariff_step(case, viewer, entitlement),
            place,
            self._session_step(case, entitlement),
        ]
        broken = any(step.status == "no" for step in steps)
        steps += self._play_steps(case, operator, viewer, broken=broken)
        failed = next((step for step in steps if step.status == "no"), None)
        who, what = f"account {case.account.id} (abonement {case.account.abonement})", f"{case.channel.name!r}"
        verdict = (
            f"{who} would not play {what}: {failed.name}: {failed.reason}" if failed else f"{who} would play {what}"
        )
        return Explanation(
            case.client.id, case.account.id, case.account.abonement, case.channel.id, case.channel.name,
            failed is None, verdict, tuple(steps),
        )  # fmt: skip

    def _read(self, account_text: str, channel_text: str, client_id: int | None) -> Case:
        with self._database.read_master() as session:
            account = find_account(session, account_text, client_id)
            channel = find_channel(session, channel_text, account.client_id)
            return Case(
                client=session.get_one(Client, account.client_id),
                account=account,
                channel=channel,
                held=rows.held_tariffs(session, account),
                others=rows.tariffs_with(session, account.client_id, channel.id),
                sessions=device_rows.sessions_of(session, account.id),
                token=rows.last_token(session, account.id, channel.id),
                now=self._clock(),
            )

    def _operator(self, client: Client) -> Operator:
        try:
            return self._operators.by_id(client.id)
        except NotFound:
            return Operator(client.id, client.name)  # switched off: the rest of the chain is still worth knowing

    def _placed(self, case: Case, operator: Operator, ip: str) -> tuple[Viewer, Step]:
        """The viewer on the device seen last, and where he is."""
        seen = max(case.sessions, key=lambda row: row.last_seen_at, default=None)
        viewer = viewer_of(case.account, seen)
        if ip:
            found = self._places.locate(ip, operator)
            viewer = replace(viewer, ip=ip, country_id=found.country_id, city_id=found.city_id)
            where = ", ".join(name for name in (found.country_name or found.country_code, found.city_name) if name)
            source = f"from {ip}"
        else:
            where = self._place_names(viewer)
            source = f"as session {seen.id} was last seen" if seen else "no device is logged in and no --ip was given"
        if viewer.country_id or viewer.city_id:
            return viewer, Step("place", "ok", f"{where} ({source})")
        known = f"{where} is not among the countries and cities" if where else "unknown"
        return viewer, Step("place", "note", f"{known} ({source}): tariffs that are limited to places do not count")

    def _place_names(self, viewer: Viewer) -> str:
        with self._database.read() as session:
            country = session.get(Country, viewer.country_id) if viewer.country_id else None
            city = session.get(City, viewer.city_id) if viewer.city_id else None
            return ", ".join(place.name for place in (country, city) if place is not None)

    def _tariff_step(self, case: Case, viewer: Viewer, entitlement: Entitlement) -> Step:
        known = self._entitlements.tariffs(case.client.id)
        details = []
        for one in case.held:
            tariff = known.by_id.get(one.tariff_id)
            valid = tariff is not None and bool(valid_now(known, [one.holding], case.now))
            what = tariff_finding(one, tariff, case, viewer, valid=valid)
            details.append(f"{one.name} (tariff {one.tariff_id}) of the {one.holder}: {what}")
        if case.channel.id in entitlement.channel_ids:
            return Step("tariffs", "ok", "the channel is in a tariff that counts", tuple(details))
        if not case.held:
            reason = "neither the account nor its customer holds any"
        else:
            reason = "none that counts gives the channel"
        if case.others:
            details.append(
                "the channel is in: " + ", ".join(f"{name} (tariff {number})" for number, name in case.others)
            )
        else:
            details.append("the channel is in no tariff that is switched on")
        return Step("tariffs", "no", reason, tuple(details))

    def _session_step(self, case: Case, entitlement: Entitlement) -> Step:
        since = self._sessions.online_since(case.now)
        details = [session_line(row, online=row.last_seen_at >= since) for row in reversed(case.sessions)]
        known = self._entitlements.tariffs(case.client.id).by_id
        counting = [
            known[number]
            for number in entitlement.held_tariff_ids
            if number in known and known[number].for_inactive != case.account.active
        ]
        limits = self._entitlements.limits(counting)
        named = [
            f"{kind}: {'none' if most == 0 else f'{most} at most'}"
            for kind, most in (("basic devices", limits.basic), ("additional devices", limits.additional))
            if most is not None
        ]
        details += [f"limit of {line}" for line in named]
        if not case.sessions:
            return Step("session", "note", "no device is logged in; one has to log in first", tuple(details))
        return Step("session", "ok", f"{len(case.sessions)} logged in", tuple(details))

    def _play_steps(self, case: Case, operator: Operator, viewer: Viewer, *, broken: bool) -> list[Step]:
        if broken:
            why = "not asked: the chain is broken before it"
            return [Step(name, "skipped", why) for name in ("service", "plugins", "token", "archive")]
        try:
            choice = self._playback.explain(viewer, operator, case.channel.id, now=case.now)
            archive = archive_step(*self._playback.explain_archive(viewer, case.channel.id, now=case.now))
        except NotFound as exc:
            return [Step("service", "no", str(exc))]
        service, token, step = self._service_step(choice, case)
        steps = [step, self._plugin_step(case, viewer)]
        return [*steps, self._token_step(case, service, wanted=token), archive]

    def _service_step(self, choice: Choice, case: Case) -> tuple[ServiceFacts | None, bool, Step]:
        """The service that makes the address and whether it carries a token; the first whose router works."""
        details = [f"{one.name} (service {one.service_id}): {one.reason}" for one in choice.verdicts]
        details += works_lines(self._entitlements.works.of(case.client.id, case.now), case)
        if choice.works:
            return None, False, Step("service", "no", "technical works on the channel", tuple(details))
        if choice.kind == "direct":
            return None, False, Step("service", "ok", "the channel's own address", tuple(details))
        for service in choice.services:
            try:
                token = self._playback.uses_token(service)
            except (DriverError, ProviderError) as exc:
                details.append(f"{service.name} (service {service.id}): its router {service.router!r} fails: {exc}")
                continue
            return service, token, Step("service", "ok", f"{service.name} (service {service.id})", tuple(details))
        if choice.multicast:
            return None, False, Step("service", "ok", "the channel's multicast address", tuple(details))
        reason = "no router of a service works" if choice.services else "no service can play the channel"
        if not choice.verdicts:
            reason = "the channel has no stream service and no address"
        return None, False, Step("service", "no", reason, tuple(details))

    def _plugin_step(self, case: Case, viewer: Viewer) -> Step:
        try:
            refusal = self._playback.refusal(viewer, case.channel.id, device=viewer.device, ip=viewer.ip)
        except Refused as exc:
            return Step("plugins", "no", str(exc))
        if refusal is not None:
            return Step(
                "plugins", "no", f"a plugin forbids it: {refusal.reason}", (refusal.message,) * bool(refusal.message)
            )
        return Step("plugins", "ok", "no plugin objects")

    def _token_step(self, case: Case, service: ServiceFacts | None, *, wanted: bool) -> Step:
        details = []
        if case.token is not None:
            state = "expired since" if case.token.expires_at <= case.now else "good until"
            bound = f", bound to {case.token.ip}" if case.token.check_ip else ""
            details.append(
                f"last one that was prolonged: issued {moment(case.token.issued_at)}"
                f" for service {case.token.stream_service_id}{bound}; {state} {moment(case.token.expires_at)}"
            )
        if service is None or not wanted:
            return Step("token", "ok", "this address needs none", tuple(details))
        life = self._tokens.lifetime
        facts = f"lives {life.ttl} s, {life.max_ttl} s at most while the video server asks"
        address = "; the viewer's address is compared" if service.check_ip else ""
        return Step("token", "ok", f"issued with the address: {facts}{address}", tuple(details))
