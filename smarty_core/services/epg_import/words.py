"""What was told of a programme, from the spool, whichever way it is kept there."""

from __future__ import annotations

from typing import Any, cast

from smarty_core.contracts.epg_parser import EpgParser
from smarty_core.errors import DriverBroken, SmartyError
from smarty_core.plugins.isolation import GuardedDriver
from smarty_core.services.epg_import.normalise import packed
from smarty_core.services.epg_import.spool import Spool


class Words:
    """Bodies as `normalise.packed` makes them. A programme that came unread is read here, when it is needed."""

    def __init__(self, spool: Spool, driver: GuardedDriver) -> None:
        self._spool = spool
        self._driver = driver

    def body(self, place: int) -> bytes:
        """Of the programme at a place of the spool. Raises `DriverBroken` when its driver cannot read it after all."""
        told, unread = self._spool.told(place)
        return read_body(self._driver, told) if unread else told


def read_body(driver: GuardedDriver, told: bytes) -> bytes:
    """The body of an unread programme. Raises `DriverBroken`."""
    try:
        return packed(cast(EpgParser[Any], driver.driver).read(told))
    except SmartyError:
        raise
    except Exception as failure:
        raise DriverBroken(
            f"{type(driver.driver).__name__} {driver.name!r} of plugin {driver.plugin} cannot read what it has told "
            f"unread: {type(failure).__name__}: {failure}"
        ) from failure
