"""Which devices are given multicast addresses: Smart TVs and phones are not, unless the settings say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smarty_core.services.play_devices import PlayDevices

if TYPE_CHECKING:
    from smarty_core.config import Settings

SMART_TV: Final = 1
MOBILE: Final = 2

MULTICAST_SCHEMES: Final = ("udp://", "rtp://", "igmp://")


def is_multicast(uri: str) -> bool:
    return uri.lower().startswith(MULTICAST_SCHEMES)


class MulticastDevices:
    """The rule for lists and addresses alike."""

    def __init__(self, *, settings: Settings, play_devices: PlayDevices) -> None:
        self._play_devices = play_devices
        refusing = {SMART_TV: settings.TVMW_DISABLE_MULTICAST_SMARTTV, MOBILE: settings.TVMW_DISABLE_MULTICAST_MOBILE}
        self._refusing: Final = frozenset(group for group, refuses in refusing.items() if refuses)

    def take(self, device: str) -> bool:
        """Whether a device of this name takes multicast; one that nobody knows does."""
        if not self._refusing or not device:
            return True
        found = self._play_devices.find(device)
        return found is None or found.group not in self._refusing
