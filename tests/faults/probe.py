"""A plugin that writes down what reaches it, put in the way of a server without being installed.

What it has heard of goes to a file: `job` each time its job has run, `changed N` for each change of account N.
"""

from __future__ import annotations

import os
from pathlib import Path

CODE = """
import os
from smarty_core.contracts.routes import JobSpec
from smarty_core.hookspecs import hookimpl


def note(line):
    with open(os.environ["PROBE_FILE"], "a") as file:
        file.write(line + "\\n")


@hookimpl
def register_jobs(host):
    return [JobSpec("tick", 1.0, lambda: note("job"))]


@hookimpl
def account_changed(host, event):
    note(f"changed {event.account_id}")
"""


class Probe:
    """The plugin in `folder`; `variables` are what a server needs to find it."""

    def __init__(self, folder: Path) -> None:
        place, self._file = folder / "probe", folder / "probe.txt"
        info = place / "smarty_town_probe-1.0.dist-info"
        info.mkdir(parents=True)
        (place / "smarty_town_probe.py").write_text(CODE)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: smarty-town-probe\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[smarty.hooks]\ntown_probe = smarty_town_probe\n")
        path = os.pathsep.join([str(place), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.variables = {"PYTHONPATH": path, "PROBE_FILE": str(self._file)}

    @property
    def heard(self) -> list[str]:
        return self._file.read_text().splitlines() if self._file.exists() else []
