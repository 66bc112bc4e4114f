"""Addresses of pictures: MEDIA_BASE_URL for what this installation keeps, sizes by the name of the file.

A picture of the wanted size is the file `<name><width>_<height>.<ext>` beside the original. Whether it exists is not
checked; addresses on other hosts stay as they are, because nobody made sizes there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from smarty_core.config import Settings

MAX_SIDE: Final = 4096


@dataclass(frozen=True, slots=True)
class IconSize:
    """Pixels. A side of 0 = not wanted; both must be wanted for the size to count."""

    width: int = 0
    height: int = 0

    @property
    def wanted(self) -> bool:
        return 0 < self.width <= MAX_SIDE and 0 < self.height <= MAX_SIDE


class Icons:
    """Makes picture addresses for answers."""

    def __init__(self, settings: Settings) -> None:
        self._base = str(settings.MEDIA_BASE_URL or "").rstrip("/")

    def address(self, stored: str, size: IconSize | None = None) -> str:
        """The address of a stored picture; empty when there is none."""
        if not stored:
            return ""
        own = "://" not in stored and not stored.startswith("//")
        if own and self._base and not self._covers(stored):
            address = f"{self._base}/{stored.lstrip('/')}"
        else:
            address = stored
        if size is None or not size.wanted or not (own or self._covers(address)):
            return address
        return sized(address, size)

    def _covers(self, address: str) -> bool:
        return bool(self._base) and address.startswith(self._base + "/")


def sized(address: str, size: IconSize) -> str:
    """The address of the same picture in another size."""
    path, mark, query = address.partition("?")
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem:
        return address
    return f"{folder}{slash}{stem}{size.width}_{size.height}.{extension}{mark}{query}"
