"""The page of the reference that is made from the command line itself: every command with its options.

`python -m smarty_core.cli.reference` writes it again; a test fails while it is stale.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from smarty_core.cli.main import COMMANDS, load_command

PAGE: Final = Path("docs/reference/commands.md")

_HEAD: Final = """<!-- Made by `python -m smarty_core.cli.reference`; edit the commands instead. -->

# Commands

`smarty_manage COMMAND`; `manage.py COMMAND` and `python -m smarty_core COMMAND` are the same. Exit codes: 0 done,
1 something is wrong (said on standard error), 2 the command line is wrong, 130 interrupted.

`--settings` names the settings of the installation (`settings.prod`, or the path of a file); without it the environment
variable `SMARTY_SETTINGS` does. Plugins may add commands of their own, which `smarty_manage --help` lists as well.

A command that must not run twice at once takes a lock all hosts of the installation see, and the log gets
MANAGEMENT_COMMAND_SUCCESS or MANAGEMENT_COMMAND_ERROR. `serve` runs the periodic ones by itself; with
`--no-scheduler` they belong into cron.
"""


def commands() -> dict[str, Any]:
    """The core's commands by name, in the order of `--help`."""
    return {name: load_command(name) for name in COMMANDS}


def commands_page() -> str:
    """The text of `commands.md`."""
    lines = [_HEAD]
    for name, command in commands().items():
        lines += _command(name, command)
    return "\n".join(lines).rstrip("\n") + "\n"


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option" and not _is_help(param)]
    yield f"## {name}"
    yield ""
    words = [_word(param) for param in arguments]
    yield f"`smarty_manage {' '.join([name, *words, *(['[OPTIONS]'] if options else [])])}`"
    yield ""
    text = _plain(inspect.cleandoc(command.help or ""))
    if text:
        yield text
        yield ""
    if arguments or options:
        yield "| argument or option | meaning | default |"
        yield "|---|---|---|"
        for param in (*arguments, *options):
            yield f"| {_names(param)} | {_plain(param.help or '')} | {_default(param)} |"
        yield ""


def _is_help(param: Any) -> bool:
    return "--help" in param.opts


def _word(param: Any) -> str:
    word = (param.metavar or param.name).upper()
    if param.nargs == -1:
        word += " ..."
    return word if param.required else f"[{word}]"


def _names(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"`{_word(param)}`"
    names = [*param.opts, *param.secondary_opts]
    return ", ".join(f"`{name}`" for name in names)


def _default(param: Any) -> str:
    if param.required:
        return "required"
    default = param.default
    if default is None or callable(default) or default in ("", False, ()) or type(default).__name__ == "Sentinel":
        return ""
    shown = ", ".join(str(item) for item in default) if isinstance(default, (list, tuple)) else str(default)
    return f"`{getattr(default, 'value', shown)}`"


def _plain(text: str) -> str:
    """Help text as Markdown inside a table or a paragraph."""
    return re.sub(r"[ \t]*\n(?!\n)[ \t]*", " ", text).replace("\f", "").replace("|", r"\|").strip()


if __name__ == "__main__":
    page = Path(sys.argv[1]) / PAGE.name if len(sys.argv) > 1 else PAGE
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(commands_page(), encoding="utf-8")
