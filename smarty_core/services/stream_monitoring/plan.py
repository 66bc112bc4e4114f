"""What is monitored and who is told, as one document: read from the rows, and brought into them.

Everything is known by its name (streams by their address). What a document does not name stays as it is; of an
analyser it names, it names all streams, and of a group all addresses.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.services.mail import is_address
from smarty_core.services.stream_monitoring.keys import KEYS, Kind
from smarty_core.storage.database import Database
from smarty_core.storage.models import (
    Address,
    AddressGroup,
    Channel,
    Client,
    DataCenter,
    MonitoredStream,
    StreamMonitor,
    StreamTrigger,
)


def _plain(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("printable signs only, without spaces around")
    return text


def _without_spaces(text: str) -> str:
    if " " in _plain(text):
        raise ValueError("no spaces")
    return text


def _email(text: str) -> str:
    if not is_address(text):
        raise ValueError("no e-mail address")
    return text


Name = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_plain)]
Where = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_without_spaces)]
Email = Annotated[str, AfterValidator(_email)]
Bound = Annotated[float, Field(allow_inf_nan=False)]


class Part(BaseModel):
    """A part of the document; a name it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid")


class StreamPlan(Part):
    address: Where
    name: Annotated[str, Field(max_length=255), AfterValidator(_plain)] = ""
    channel: int | None = None
    """Id of the channel it is."""
    enabled: bool = True


class MonitorPlan(Part):
    name: Name
    host: Where
    port: Annotated[int, Field(ge=1, le=65_535)]
    data_center: str = ""
    """Name of its data centre."""
    enabled: bool = True
    streams: list[StreamPlan] = []


class TriggerPlan(Part):
    name: Name
    type: Kind
    key: str
    lower: Bound | None = None
    upper: Bound | None = None
    message: Annotated[str, Field(max_length=2000)] = ""
    enabled: bool = True
    groups: list[str] = []

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        figure = KEYS[self.type].get(self.key)
        if figure is None:
            raise ValueError(f"key: one of {', '.join(KEYS[self.type])}")
        bounds = [bound for bound in (self.lower, self.upper) if bound is not None]
        if figure.yes_no and bounds:
            raise ValueError(f"{self.key} is yes or no and has no bounds")
        if not figure.yes_no and not bounds:
            raise ValueError(f"{self.key} needs a lower or an upper bound")
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            raise ValueError("lower is above upper")
        return self


class Plan(Part):
    """The whole document."""

    groups: dict[Name, list[Email]] = {}
    monitors: list[MonitorPlan] = []
    triggers: list[TriggerPlan] = []

    @classmethod
    def read(cls, text: str | bytes) -> Self:
        """The document from JSON. Raises `InvalidValue` with every mistake, one line each."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as wrong:
            lines = [f"{'.'.join(map(str, one['loc'])) or 'the document'}: {one['msg']}" for one in wrong.errors()]
            raise InvalidValue("\n".join(lines)) from wrong

    def write(self) -> str:
        """The document as JSON for people."""
        return self.model_dump_json(indent=2)


class Plans:
    """The documents of operators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, client_id: int) -> Plan:
        """What an operator monitors now. Addresses that are switched off are left out. Raises `NotFound`."""
        with self._database.read_master() as session:
            _demand_operator(session, client_id)
            groups = _owned(session, AddressGroup, client_id, selectinload(AddressGroup.addresses))
            triggers = _owned(session, StreamTrigger, client_id, selectinload(StreamTrigger.groups))
            monitors = _owned(session, StreamMonitor, client_id)
            streams = _owned(session, MonitoredStream, client_id)
            centers = {one.id: one.name for one in _owned(session, DataCenter, client_id)}
            return Plan.model_construct(
                groups={one.name: [address.email for address in one.addresses if address.enabled] for one in groups},
                monitors=[_monitor_plan(one, streams, centers) for one in monitors],
                triggers=[_trigger_plan(one) for one in triggers],
            )

    def apply(self, client_id: int, plan: Plan) -> None:
        """Bring the rows into accord with a document, all of it or nothing.

        Raises `NotFound` for an operator, channel, data centre or group that is not there.
        """
        with self._database.write() as session:
            _demand_operator(session, client_id)
            for name, emails in plan.groups.items():
                _set_addresses(_named(session, AddressGroup, client_id, name), emails)
            session.flush()
            for monitor in plan.monitors:
                _set_monitor(session, client_id, monitor)
            for trigger in plan.triggers:
                _set_trigger(session, client_id, trigger)


def _demand_operator(session: Session, client_id: int) -> None:
    if session.get(Client, client_id) is None:
        raise NotFound(f"there is no operator {client_id}")


def _owned(session: Session, model: Any, client_id: int, *options: Any) -> list[Any]:
    query = select(model).where(model.client_id == client_id).options(*options)
    return list(session.scalars(query.order_by(model.id)))


def _find(session: Session, model: Any, client_id: int, name: str) -> Any:
    query = select(model).where(model.client_id == client_id, model.name == name)
    return session.scalars(query.order_by(model.id)).first()


def _named(session: Session, model: Any, client_id: int, name: str) -> Any:
    """The row of this name, made when there is none."""
    row = _find(session, model, client_id, name)
    if row is None:
        row = model(client_id=client_id, name=name)
        session.add(row)
    return row


def _demand(session: Session, model: Any, client_id: int, name: str, what: str) -> Any:
    row = _find(session, model, client_id, name)
    if row is None:
        raise NotFound(f"{what}: there is no {name!r}")
    return row


def _set_addresses(group: Any, emails: list[str]) -> None:
    known = {address.email: address for address in group.addresses}
    for email in emails:
        if email in known:
            known[email].enabled = True
    wanted = dict.fromkeys(emails)
    group.addresses = [known.get(email) or Address(client_id=group.client_id, email=email) for email in wanted]


def _set_monitor(session: Session, client_id: int, plan: MonitorPlan) -> None:
    row = _named(session, StreamMonitor, client_id, plan.name)
    row.host, row.port, row.enabled = plan.host, plan.port, plan.enabled
    center = plan.data_center and _demand(session, DataCenter, client_id, plan.data_center, f"{plan.name}: data_center")
    row.data_center_id = center.id if center else None
    session.flush()
    query = select(MonitoredStream).where(MonitoredStream.monitor_id == row.id)
    known = {stream.address: stream for stream in session.scalars(query)}
    wanted = {stream.address: stream for stream in plan.streams}
    for address, stream in known.items():
        if address not in wanted:
            session.delete(stream)
    for address, wish in wanted.items():
        stream = known.get(address) or MonitoredStream(client_id=client_id, monitor_id=row.id, address=address)
        channel = None if wish.channel is None else session.get(Channel, wish.channel)
        if wish.channel is not None and (channel is None or channel.client_id != client_id):
            raise NotFound(f"{plan.name}: {address}: there is no channel {wish.channel}")
        stream.name, stream.channel_id, stream.enabled = wish.name, wish.channel, wish.enabled
        session.add(stream)


def _set_trigger(session: Session, client_id: int, plan: TriggerPlan) -> None:
    groups = [_demand(session, AddressGroup, client_id, name, f"{plan.name}: groups") for name in plan.groups]
    row = _find(session, StreamTrigger, client_id, plan.name)
    if row is None:
        row = StreamTrigger(client_id=client_id, name=plan.name)
        session.add(row)
    row.type, row.key, row.lower, row.upper = plan.type, plan.key, plan.lower, plan.upper
    row.message, row.enabled, row.groups = plan.message, plan.enabled, list(dict.fromkeys(groups))
    session.flush()


def _monitor_plan(row: StreamMonitor, streams: list[MonitoredStream], centers: dict[int, str]) -> MonitorPlan:
    return MonitorPlan.model_construct(
        name=row.name,
        host=row.host,
        port=row.port,
        data_center=centers.get(row.data_center_id or 0, ""),
        enabled=row.enabled,
        streams=[
            StreamPlan.model_construct(address=one.address, name=one.name, channel=one.channel_id, enabled=one.enabled)
            for one in streams
            if one.monitor_id == row.id
        ],
    )


def _trigger_plan(row: StreamTrigger) -> TriggerPlan:
    return TriggerPlan.model_construct(
        name=row.name,
        type=row.type,
        key=row.key,
        lower=row.lower,
        upper=row.upper,
        message=row.message,
        enabled=row.enabled,
        groups=[group.name for group in row.groups],
    )
