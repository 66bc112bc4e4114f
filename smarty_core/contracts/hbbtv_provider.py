"""Contract `smarty.hbbtv_provider`: interactive applications shown over a channel."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from smarty_core.contracts.driver import Driver, SettingsT


@dataclass(frozen=True, slots=True)
class HbbtvRequest:
    """Who watches what. `channel_key` is the provider's own id of the channel as the operator entered it, or empty."""

    channel_id: int
    now: datetime
    channel_key: str = ""
    device: str = ""
    device_uid: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class HbbtvApplication:
    """An application for the device's browser. `provider` is the driver's name; `ait_url` an AIT in XML, if any."""

    provider: str
    url: str
    ait_url: str = ""


class HbbtvProvider(Driver[SettingsT]):
    """A provider of applications. Ability: `inline`."""

    capability: ClassVar[str] = "hbbtv_provider"

    @abstractmethod
    def application(self, request: HbbtvRequest) -> HbbtvApplication | None:
        """The application for this channel and device, or None when there is none.

        Idempotent. The address is http(s), with every value URL-quoted. Raises the three `ProviderError` kinds.
        """
