"""The process that is killed: imports one source and says when it begins."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from smarty_core.storage.database import Database

from .world import GuideWorld


def import_guide(url: str, folder: str, ready: Connection) -> None:
    """Import whatever `guide.xml` in `folder` holds."""
    world = GuideWorld(Database(url), Path(folder))
    ready.send("ready")
    world.run()
    ready.send("done")
