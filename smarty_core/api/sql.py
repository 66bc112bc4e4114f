"""Tables of a plugin's own: `host.sql`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import MetaData
from sqlalchemy.orm import Session


class PluginSql(Protocol):
    """The server's database, seen through the plugin's own corner.

    Declare tables on `metadata`, with names made by `table_name`; the plugin's migrations create them. Tables of the
    core are not mapped here and are reached through the facades only.
    """

    @property
    def metadata(self) -> MetaData:
        """The plugin's own MetaData, with the core's naming convention."""

    @property
    def prefix(self) -> str:
        """`<plugin>_`: every table's name begins with it."""

    def table_name(self, name: str) -> str:
        """`name` with the prefix."""

    def session(self, *, write: bool = False) -> AbstractContextManager[Session]:
        """A session in one transaction: committed at the end of the block when `write`, rolled back on an error.

        Raises `StorageError` when the database does not do its work.
        """
