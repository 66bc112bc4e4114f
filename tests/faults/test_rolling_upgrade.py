"""Two releases serve one database and one Redis under load, while the newer one's tables are made: nobody notices."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import smarty_core
from smarty_core.storage.cache import protocol
from smarty_core.storage.migrations.history import FOLDER
from smarty_core.testing.servers import private_postgresql, private_redis
from tests.cli.processes import manage
from tests.faults.load import Load, failures
from tests.faults.served import Served, lasting, serving, write_settings
from tests.faults.town import Town, migrate, settle

pytestmark = pytest.mark.long

FELT_SECONDS = 3.0
"""The promise is a second; a busy machine is given more, but less than the look at the table that needs no news."""

STEP = '''
"""A column and a table more, as the next release would bring them."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("of_the_next_release", sa.String(32), nullable=True))
    op.create_table("table_of_the_next_release", sa.Column("id", sa.BigInteger, primary_key=True))


def downgrade() -> None:
    op.drop_table("table_of_the_next_release")
    op.drop_column("session", "of_the_next_release")
'''


class NextRelease:
    """A copy of the package with another form of cached values and one more step of the tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "next"
        copy = self.folder / "smarty_core"
        shutil.copytree(Path(smarty_core.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
        before = max(re.findall(r"^\d+", name)[0] for name in os.listdir(FOLDER / "versions") if name[0].isdigit())
        self.revision = f"{int(before) + 1:04d}"
        step = copy / (FOLDER / "versions" / f"{self.revision}_next.py").relative_to(Path(smarty_core.__file__).parent)
        step.write_text(STEP.format(revision=self.revision, before=before))
        form = copy / "storage" / "cache" / "protocol.py"
        old = f"SCHEMA: Final = {protocol.SCHEMA}"
        assert old in form.read_text()
        form.write_text(form.read_text().replace(old, f"SCHEMA: Final = {protocol.SCHEMA + 1}"))
        self.variables = {"PYTHONPATH": os.pathsep.join([str(self.folder), *_python_path()])}


def _python_path() -> list[str]:
    return [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]


@contextlib.contextmanager
def installed(folder: Path) -> Iterator[Town]:
    with private_postgresql() as database, private_redis() as cache:
        url = f"postgresql://smarty@127.0.0.1:{database.port}/postgres"
        migrate(url)
        town = settle(url, devices=600, logins=40)
        write_settings(folder, database=url, cache=f"redis://127.0.0.1:{cache.port}/0")
        yield town


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_two_releases_serve_side_by_side(tmp_path: Path) -> None:
    release, chance = NextRelease(tmp_path), random.Random(7)
    with installed(tmp_path) as town, serving(tmp_path, town) as old:
        old.watch(range(1, 9))
        with Load([old.port], lambda: town.mix(chance, old.tokens), rate=100).running() as load:
            load.goes_on(0.5)
            code, said, complaints = manage(tmp_path, "migrate", "--settings=settings.prod", **release.variables)
            assert (code, complaints) == (0, ""), complaints
            assert release.revision in said
            with serving(tmp_path, town, **release.variables) as new:
                _hear_of_each_other(old, new)
                with Load([old.port, new.port], lambda: town.mix(chance, old.tokens), rate=100).running() as both:
                    both.goes_on(lasting(2))
                assert not failures(both.answered), failures(both.answered)
                load.stop()
                assert not failures(load.answered), failures(load.answered)
                assert old.process.end(signal.SIGTERM) == 0
                chances = [town.mix(chance, old.tokens) for _ in range(50)]
                assert [request for request in chances if not new.is_good(request)] == []
                for served in (old, new):
                    assert not served.lines("Traceback"), served.lines("Traceback")[0]
                assert new.process.end(signal.SIGTERM) == 0


def _hear_of_each_other(old: Served, new: Served) -> None:
    """Logouts and changes made in one release are felt in the other within a second."""
    town = old.town
    for number, (here, there) in enumerate([(old, new), (new, old)], 1):
        device, other = len(town.authkeys) - number, len(town.authkeys) - 5 - number
        for _ in range(2):
            assert there.state(town.status(device)) == 0
            assert there.is_good(town.channel_list(other))
        assert here.is_good(town.ask("Logout", "/logout/", device))
        there.until(lambda device=device, there=there: there.state(town.status(device)) == 1, FELT_SECONDS)  # type: ignore[misc]

        def favourite(served: Served, other: int = other) -> bool:
            return b'"is_favorited":1' in served.connection.ask(town.channel_list(other)).body

        assert not favourite(there)
        assert here.is_good(town.ask("SettingsSave", "/settings/save/", other, favorite_channel=town.channels[0]))
        there.until(lambda there=there: favourite(there), FELT_SECONDS)  # type: ignore[misc]
