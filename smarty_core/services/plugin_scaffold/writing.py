"""Fills the templates and writes the tree: all of it or nothing."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import jinja2

import smarty_core
from smarty_core.config.names import nearest
from smarty_core.errors import Conflict, InvalidValue
from smarty_core.plugins.discovery import Discovery
from smarty_core.services.plugin_scaffold.kinds import KINDS, Kind
from smarty_core.services.plugin_scaffold.names import PluginName

TEMPLATES: Final = Path(__file__).parent / "templates"
SUFFIX: Final = ".tmpl"
"""Keeps linters and packagers from taking a template for a module."""


class PluginScaffold:
    """Writes new plugins. `discovery` knows which names are in use here."""

    def __init__(self, discovery: Discovery | None = None) -> None:
        self._discovery = discovery or Discovery()
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            variable_start_string="<<",
            variable_end_string=">>",
            block_start_string="<%",
            block_end_string="%>",
            comment_start_string="<#",
            comment_end_string="#>",
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            undefined=jinja2.StrictUndefined,
            autoescape=False,
        )

    def write(self, capability: str, name: str, parent: Path) -> Path:
        """Write the package into a new folder `parent / name` and return it.

        Raises `InvalidValue` (no such capability, a bad name) and `Conflict` (the folder exists, or a plugin of this
        name is installed).
        """
        kind = kind_of(capability)
        plugin = PluginName(name)
        folder = parent / plugin.word
        if folder.exists():
            raise Conflict(f"{folder} exists already; nothing was written")
        if provider := self._discovery.provider(kind.namespace, plugin.word):
            raise Conflict(f"{kind.namespace} {plugin.word} is installed already, by {provider.distribution}")
        files = dict(self.files(kind, plugin))
        parent.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that the last step is a rename: nobody finds half a package.
        made = Path(tempfile.mkdtemp(prefix=f".{plugin.word}-", dir=parent))
        try:
            for place, text in files.items():
                path = made / place
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            made.chmod(0o755)
            made.rename(folder)
        except OSError as exc:
            shutil.rmtree(made, ignore_errors=True)
            raise Conflict(f"{folder} cannot be written: {exc.strerror or exc}") from exc
        return folder

    def files(self, kind: Kind, name: PluginName) -> Iterator[tuple[str, str]]:
        """Each file of the package with its text."""
        major = int(smarty_core.__version__.partition(".")[0])
        facts = {
            "name": name,
            "kind": kind,
            "driver": name.with_ending(kind.noun),
            "settings": name.with_ending("Settings"),
            "core": f">={major},<{major + 1}",
        }
        for folder in ("any", *(["web"] if kind.web else []), kind.capability):
            for path in sorted((TEMPLATES / folder).rglob(f"*{SUFFIX}")):
                template = path.relative_to(TEMPLATES).as_posix()
                place = template.removeprefix(f"{folder}/").removesuffix(SUFFIX)
                if place.startswith("parts/"):
                    continue
                place = re.sub(r"^package/", f"src/{name.package}/", place)
                yield place, self._templates.get_template(template).render(facts)


def kind_of(capability: str) -> Kind:
    """The kind of this name. Raises `InvalidValue` with the nearest known one."""
    kind = KINDS.get(capability)
    if kind is None:
        close = nearest(capability, KINDS)
        meant = f"; did you mean {close!r}?" if close else ""
        raise InvalidValue(f"{capability[:80]!r} is no capability{meant} Known: {', '.join(KINDS)}")
    return kind
