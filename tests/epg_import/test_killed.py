"""An import that is killed at any moment: a channel has its old or its new guide, and the next run completes it."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from smarty_core.storage.database import Database

from . import killed
from .world import GuideWorld, programme

pytestmark = pytest.mark.long

CHANNELS = 30
PER_DAY = 48
DAYS = range(-1, 4)


def document(edition: str) -> str:
    """A guide of the edition: every programme of it has other words than that of another edition."""
    rows = [
        programme(f"ch{channel}", f"{day:+d}d {slot // 2:02d}:{slot % 2 * 30:02d}", None, f"{edition} {channel} {slot}")
        for channel in range(CHANNELS)
        for day in DAYS
        for slot in range(PER_DAY)
    ]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<tv>{"".join(rows)}</tv>\n'


def kills() -> int:
    return 200 if os.environ.get("SMARTY_SOAK") == "1" else 20


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_killed_import_leaves_no_channel_half_and_the_next_run_completes_it(
    tmp_path: Path, sqlite_database: Database, make_world: Callable[..., GuideWorld]
) -> None:
    database = sqlite_database
    path, kept = Path(str(database.engine.url.database)), tmp_path / "old.sqlite"
    world = make_world(database)
    source = world.source()
    ids = [world.channel(source, f"ch{number}") for number in range(CHANNELS)]
    world.write(document("old"))
    world.run()
    old = world.stored()
    database.close()  # writes the log of SQLite back into the file
    shutil.copy(path, kept)

    world.write(document("new"))
    begun = time.monotonic()
    world.run()
    undisturbed = time.monotonic() - begun
    new = world.stored()
    database.close()
    assert len(new) == len(old) > CHANNELS * PER_DAY * 4

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([killed.__name__])
    chance = random.Random(20260310)
    caught = 0
    for _ in range(kills()):
        database.close()
        for leftover in path.parent.glob(f"{path.name}*"):
            leftover.unlink()
        shutil.copy(kept, path)
        ours, theirs = context.Pipe()
        process = context.Process(target=killed.import_guide, args=(f"sqlite:///{path}", str(world.folder), theirs))
        process.start()
        assert ours.poll(60), "the import did not begin"
        ours.recv()
        caught += not ours.poll(chance.uniform(0.0, undisturbed))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()

        for id in ids:
            words = {one.name.split()[0] for one in world.programmes(id)}
            assert words in ({"old"}, {"new"}), f"channel {id} is half of each"
        world.run()
        assert world.stored() == new
    assert caught > kills() // 4, "hardly any run was still at work when it was killed"
