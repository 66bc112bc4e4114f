"""The page of the reference that is made from the declared settings.

`python -m smarty_core.config.reference` writes it again; a test fails while it is stale.
"""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from smarty_core.config.derived import DERIVED
from smarty_core.config.documented import LicenceSettings
from smarty_core.config.settings import SECTIONS
from smarty_core.values import Secret

PAGE: Final = Path("docs/reference/settings.md")

_HEAD: Final = """<!-- Made by `python -m smarty_core.config.reference`; edit the declarations instead. -->

# Settings

Settings are Python assignments in a file of your own, one file per installation:

```python
# settings/prod.py
from settings.base import *

TIME_ZONE = "Europe/Moscow"
SMARTY_URL = "https://tv.example.com"
DATABASE_URL = "env:SMARTY_DATABASE"
INSTALLED_APPS += ("megogo",)
LOGGING["handlers"]["smarty_epg_handler"]["level"] = "DEBUG"
```

Choose it with `--settings=settings.prod` (found from the current folder; a path works too) or with the environment
variable `SMARTY_SETTINGS`. Without a file the defaults below hold. `from settings.base import *` brings these defaults,
or a file `base.py` beside yours.

- Every setting can be given as an environment variable: `SMARTY_PORT` for PORT, `SMARTY_URL` for SMARTY_URL. It wins
  over the file. Lists and dictionaries are written as JSON, lists of words also with commas.
- Any text may be kept elsewhere: `env:NAME` stands for an environment variable, `file:PATH` for the content of a file.
- `smarty_manage check` tells every mistake at once. An unknown name that is nearly a known one is a mistake; any other
  unknown name is reported and left to plugins. Names that begin with a module of INSTALLED_APPS (`MEGOGO_...`) belong
  to it.
- Installations that share a host or a Redis are kept apart by INSTANCE.
"""

_WORDS: Final = {
    str: "text", int: "number", float: "number", bool: "True or False", dict: "dictionary", Secret: "secret text"
}  # fmt: skip


def settings_page() -> str:
    """The text of `settings.md`."""
    lines = [_HEAD]
    for section in SECTIONS:
        lines += _section(section)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(section: type[BaseModel]) -> Iterator[str]:
    yield f"## {section.__doc__}"
    yield ""
    if section is LicenceSettings:
        yield ", ".join(section.model_fields) + "."
        yield ""
        return
    russian = any(_russian(field) for field in section.model_fields.values())
    yield "| name | type | default | meaning |" + (" label in Russian |" if russian else "")
    yield "|---|---|---|---|" + ("---|" if russian else "")
    for name, field in section.model_fields.items():
        label = f" {_russian(field)} |" if russian else ""
        meaning = str(field.description).replace("|", r"\|")
        yield f"| `{name}` | {_type(field.annotation)} | {_default(name, field)} | {meaning} |{label}"
    yield ""


def _russian(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get("ru", "")) if isinstance(extra, dict) else ""


def _default(name: str, field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or name in DERIVED or value == "":
        return "-"
    return f"`{list(value) if isinstance(value, tuple) else value!r}`"


def _type(annotation: Any) -> str:
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(inside[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type(part) if part is not type(None) else "None" for part in inside)
    if origin is tuple:
        if inside[-1] is Ellipsis:
            return {"text": "texts", "number": "numbers"}.get(_type(inside[0]), f"list of {_type(inside[0])}")
        return f"({', '.join(_type(part) for part in inside)})"
    if origin is dict:
        return "dictionary"
    return _WORDS.get(annotation, getattr(annotation, "__name__", "any"))


if __name__ == "__main__":
    page = Path(sys.argv[1]) / PAGE.name if len(sys.argv) > 1 else PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(settings_page(), encoding="utf-8")
