"""The sample operator: channels, guide source, video services, a tariff and one subscriber, all invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from smarty_core.services.setup.initial import names
from smarty_core.services.setup.sample_channels import CATEGORIES, CHANNELS
from smarty_core.storage.database import Database, bump
from smarty_core.storage.models import (
    Account,
    Category,
    Channel,
    Client,
    ClientPlayDevice,
    Customer,
    CustomerTariff,
    DataCenter,
    EpgCategory,
    EpgChannel,
    EpgSource,
    Message,
    PlayDevice,
    PlayDeviceTemplate,
    StreamService,
    Tariff,
)
from smarty_core.storage.vault import Vault, new_api_key

DOMAIN: Final = "sample"
SOURCE: Final = "sample"
ABONEMENT: Final = "1001"
PASSWORD: Final = "1001"  # noqa: S105 - printed on purpose, and only ever made for the sample subscriber
RECORDING_DAYS: Final = 3

VIDEO_PATH: Final = "/ext/sample_video"
LIVE_MASK: Final = "/$prefix/index.m3u8?token=$token"
ARCHIVE_MASK: Final = "/$prefix/index-$flpbt-$flpdur.m3u8?token=$token"


@dataclass(frozen=True, slots=True)
class SampleLogin:
    """What a person needs to try the sample operator."""

    client_id: int
    api_key: str
    abonement: str
    password: str


@dataclass(frozen=True, slots=True)
class SamplePlaces:
    """Where things of the sample live: the guide file, the folder of icons inside the media folder, and the address of
    the sample video server (ends with `VIDEO_PATH`)."""

    guide_file: Path
    icons: str
    video_url: str


def setup_sample_operator(
    database: Database, vault: Vault, *, languages: list[str], places: SamplePlaces
) -> SampleLogin:
    """Make the sample operator unless it exists; the login to print."""
    with database.write() as session:
        client = session.scalar(select(Client).where(Client.domain_prefix == DOMAIN))
        if client is None:
            client = _operator(session, vault)
            _line_up(session, client, languages, places)
            _subscriber(session, client, vault)
        else:
            _move(session, client, places)
        bump(session, f"client:{client.id}", f"client:{client.id}:channels", f"client:{client.id}:tariffs")
        return SampleLogin(client.id, vault.decrypt(client.api_key), ABONEMENT, PASSWORD)


def sample_login(database: Database, vault: Vault) -> SampleLogin | None:
    """The login of the sample operator, or None when it was not made or was removed."""
    with database.read() as session:
        client = session.scalar(select(Client).where(Client.domain_prefix == DOMAIN))
        return SampleLogin(client.id, vault.decrypt(client.api_key), ABONEMENT, PASSWORD) if client else None


def _operator(session: Session, vault: Vault) -> Client:
    keys = [vault.encrypt(new_api_key()) for _ in range(4)]
    client = Client(
        name="Sample TV", domain_prefix=DOMAIN, email="sample@example.com", uid="sample",
        api_key=keys[0], billing_api_key=keys[1], content_api_key=keys[2], streaming_api_key=keys[3],
    )  # fmt: skip
    session.add(client)
    session.flush()
    template = session.scalar(select(PlayDeviceTemplate).where(PlayDeviceTemplate.path == "futuristic"))
    for priority, device in enumerate(session.scalars(select(PlayDevice).order_by(PlayDevice.id))):
        session.add(
            ClientPlayDevice(
                client_id=client.id,
                play_device_id=device.id,
                template_id=template.id if template else None,
                priority=priority,
                basic=device.group in (0, 1),
            )
        )
    return client


def _move(session: Session, client: Client, places: SamplePlaces) -> None:
    """Let the sample follow when the installation got another address; what an operator has changed stays."""
    for service in session.scalars(select(StreamService).where(StreamService.client_id == client.id)):
        for mask in (LIVE_MASK, ARCHIVE_MASK):
            if service.mask.endswith(VIDEO_PATH + mask):
                service.mask = places.video_url + mask
    source = session.scalar(select(EpgSource).where(EpgSource.name == SOURCE))
    if source is not None and source.url_mask.endswith(places.guide_file.name):
        source.url_mask = str(places.guide_file)


def _line_up(session: Session, client: Client, languages: list[str], places: SamplePlaces) -> None:
    source = session.scalar(select(EpgSource).where(EpgSource.name == SOURCE))
    if source is None:
        source = EpgSource(name=SOURCE, parser="xmltv_from_files", url_mask=str(places.guide_file))
        session.add(source)
    center = DataCenter(client_id=client.id, name="Sample data centre", location="127.0.0.1")
    session.add(center)
    session.flush()
    live = StreamService(client_id=client.id, name="Sample live", data_center_id=center.id, type="live",
                         router="flussonic", mask=places.video_url + LIVE_MASK)  # fmt: skip
    archive = StreamService(client_id=client.id, name="Sample archive", data_center_id=center.id, type="pvr",
                            router="flussonic", mask=places.video_url + ARCHIVE_MASK,
                            recording_days=RECORDING_DAYS)  # fmt: skip
    session.add_all([live, archive])
    categories = {
        key: Category(client_id=client.id, color=colour, sort=place, **names({"ru": ru, "en": en}, languages))
        for place, (key, ru, en, colour) in enumerate(CATEGORIES)
    }
    guide_categories = {row.system_name: row.id for row in session.scalars(select(EpgCategory))}
    channels = []
    for number, sample in enumerate(CHANNELS, 1):
        texts = names({"ru": sample.ru, "en": sample.en}, languages)
        icon = f"{places.icons}/{sample.id}.png"
        epg_channel = EpgChannel(source_id=source.id, source_channel_id=sample.id, icon_url=icon, sort=number,
                                 category_id=guide_categories.get(sample.kind), **texts)  # fmt: skip
        channels.append(
            Channel(
                client_id=client.id,
                epg_channel=epg_channel,
                category=categories[sample.category],
                sort=number,
                lcn_number=number,
                url_prefix=sample.id,
                recording_days=RECORDING_DAYS,
                pause_live_tv_shift=3600,
                services=[live, archive],
                **texts,
            )
        )
    session.add_all(channels)
    tariff = Tariff(
        client_id=client.id, price=Decimal(300), period=30, basic_tariff_priority=10, assigned_by_default=True,
        sessions_count=5, basic_sessions_count=5, channels=channels, services=[live, archive],
        **names({"ru": "Базовый", "en": "Basic"}, languages),
    )  # fmt: skip
    session.add(tariff)
    session.flush()


def _subscriber(session: Session, client: Client, vault: Vault) -> None:
    customer = Customer(client_id=client.id, firstname="Иван", lastname="Примеров", contract_number="1001")
    session.add(customer)
    session.flush()
    account = Account(
        client_id=client.id, customer_id=customer.id, abonement=ABONEMENT, active=True, status_reason="ACTIVE",
        password=vault.code_hash(f"{client.id}:{ABONEMENT}", PASSWORD), parent_code=vault.encrypt("0000"),
        allow_login_by_device_uid=True, activation_date=datetime.now(UTC).date(),
    )  # fmt: skip
    session.add(account)
    for tariff_id in session.scalars(select(Tariff.id).where(Tariff.client_id == client.id)):
        session.add(CustomerTariff(client_id=client.id, customer_id=customer.id, tariff_id=tariff_id))
    session.flush()
    session.add(
        Message(
            client_id=client.id,
            account_id=account.id,
            uuid=str(uuid4()),
            subject="Добро пожаловать",
            text="Это пример сообщения на экране.",
        )
    )
