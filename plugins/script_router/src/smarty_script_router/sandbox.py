"""Compiles and runs scripts: guards around every attribute, item and import, and builtins without a way out.

This is the first fence; the process it runs in is the second (see `confine`). Nothing a script makes outlives its run:
each gets new globals, and what it shares with other runs cannot be changed from inside.
"""

from __future__ import annotations

import ast
import builtins
import operator
import string
from collections.abc import Callable, Mapping
from datetime import datetime
from types import CodeType, TracebackType
from typing import Any, Final

from RestrictedPython.compile import compile_restricted_exec
from RestrictedPython.Guards import guarded_iter_unpack_sequence, guarded_unpack_sequence

from smarty_script_router.modules import ATTRIBUTES, Proxy, datetime_strptime, importer, modules
from smarty_script_router.policy import SCRIPT, Policy
from smarty_script_router.wire import Problem

MAX_PROBLEMS: Final = 20
"""Mistakes of one script that are told."""


def _taken(names: str) -> dict[str, Any]:
    return {name: getattr(builtins, name) for name in names.split()}


_BUILTINS: Final = _taken(
    "abs all any bool bytes chr dict divmod enumerate filter float format frozenset hex int isinstance iter len list "
    "map max min next oct ord pow range repr reversed round set slice sorted str sum tuple zip "
    "ArithmeticError AssertionError AttributeError BaseException Exception ImportError IndexError KeyError LookupError "
    "MemoryError NameError NotImplementedError OSError OverflowError RecursionError RuntimeError StopIteration "
    "TypeError UnicodeDecodeError UnicodeEncodeError UnicodeError ValueError ZeroDivisionError"
)

_AUGMENTED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "/=": operator.itruediv, "//=": operator.ifloordiv,
    "%=": operator.imod, "**=": operator.ipow, "<<=": operator.ilshift, ">>=": operator.irshift, "|=": operator.ior,
    "^=": operator.ixor, "&=": operator.iand,
}  # fmt: skip

_TEXT_IS_SAFE: Final = (NameError, AttributeError, TypeError, ImportError, IndexError, ZeroDivisionError,
                        RecursionError, MemoryError)  # fmt: skip
"""Errors whose words are names and types. The words of others repeat values, and a script's values may be secrets."""


class NotCompiled(Exception):
    """A script that cannot be run, with its problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems[:MAX_PROBLEMS]


class Failed(Exception):
    """A run without a result: the line of the script, 0 when there is none, and why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(line, text)
        self.line = line
        self.text = text


def compile_script(source: str, variables: frozenset[str]) -> CodeType:
    """The code of a script that is given `variables`. Raises `NotCompiled`."""
    policies: list[Policy] = []

    class Remembered(Policy):
        def __init__(self, *collected: Any) -> None:
            super().__init__(*collected)
            policies.append(self)

    try:
        # Parsed here and not there: RestrictedPython would repeat the wrong line, and there may be a secret in it.
        tree = ast.parse(source, SCRIPT)
        result = compile_restricted_exec(tree, SCRIPT, policy=Remembered)
    except SyntaxError as wrong:
        raise NotCompiled([(wrong.lineno or 0, f"{wrong.msg}")]) from None
    except (RecursionError, MemoryError):
        raise NotCompiled([(0, "the script is nested too deeply, or too large")]) from None
    except ValueError:
        raise NotCompiled([(0, "the script holds a sign that Python does not read")]) from None
    (policy,) = policies
    known = {*_BUILTINS, *variables, "random", "print", "printed"}
    problems = policy.problems + policy.unknown_names(known)
    if "uri" not in policy.bound:
        problems.append((0, "the script never gives uri a value"))
    if problems or result.code is None:
        raise NotCompiled(sorted(problems))
    return result.code


def run_script(code: CodeType, given: Mapping[str, Any]) -> str:
    """What the script leaves in `uri`. Raises `Failed`."""
    found = modules()
    scope: dict[str, Any] = {
        **given, "random": found["random"], **_GUARDS,
        "__builtins__": {**_BUILTINS, "__import__": importer(found)},
    }  # fmt: skip
    try:
        exec(code, scope)  # noqa: S102  that is what this module is for
        uri = scope.get("uri")
    except BaseException as failure:  # noqa: BLE001  SystemExit and the like are failures of the script too
        raise Failed(_line(failure.__traceback__), _words(failure)) from None
    finally:
        scope.clear()
    if uri is None or uri == "":
        raise Failed(0, "uri was left empty")
    if type(uri) is not str:
        raise Failed(0, f"uri is no text but {type(uri).__name__}")
    return uri


def _line(place: TracebackType | None) -> int:
    line = 0
    while place is not None:
        if place.tb_frame.f_code.co_filename == SCRIPT:
            line = place.tb_lineno
        place = place.tb_next
    return line


def _words(failure: BaseException) -> str:
    name = type(failure).__name__
    if not isinstance(failure, _TEXT_IS_SAFE):
        return name
    text = " ".join(str(failure).split())[:200]
    return f"{name}: {text}" if text else name


def _attribute(value: Any, name: str) -> Any:
    """`value.name`, when the type of `value` shows it. For a type itself, what its values show."""
    kind = type(value)
    if kind is Proxy:
        if name in vars(value):
            return vars(value)[name]
        raise AttributeError(f"there is no {name!r} for scripts")
    owner = value if kind is type else kind
    if isinstance(value, BaseException) and name == "args":
        return value.args
    if name not in ATTRIBUTES.get(owner, ()):
        raise AttributeError(f"{owner.__name__!r} has no {name!r} for scripts")
    if owner is str and name == "format":
        return _format if kind is type else lambda *args, **kwargs: _format(value, *args, **kwargs)
    if owner is datetime and name == "strptime":
        return datetime_strptime
    return getattr(value, name)


class _Formatter(string.Formatter):
    """`str.format` that looks at attributes as scripts do."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        first, rest = string._string.formatter_field_name_split(field_name)  # type: ignore[attr-defined]
        value = self.get_value(first, args, kwargs)
        for is_attribute, name in rest:
            value = _attribute(value, name) if is_attribute else _item(value, name)
        return value, first


def _format(text: str, /, *args: Any, **kwargs: Any) -> str:
    return _Formatter().vformat(text, args, kwargs)


def _item(value: Any, key: Any) -> Any:
    if type(value) not in ATTRIBUTES:
        raise TypeError(f"{type(value).__name__!r} has no items for scripts")
    return value[key]


def _written(value: Any) -> Any:
    """What may be changed in place: lists and dictionaries."""
    if type(value) not in (list, dict):
        raise TypeError(f"{type(value).__name__!r} cannot be changed")
    return value


def _in_place(sign: str, left: Any, right: Any) -> Any:
    return _AUGMENTED[sign](left, right)


def _augmented(holder: Any, key: Any, sign: str, right: Any) -> None:
    _written(holder)[key] = _AUGMENTED[sign](holder[key], right)


class _Silent:
    """What `print` writes to."""

    def __init__(self, _getattr: Any = None) -> None:
        pass

    def _call_print(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __call__(self) -> str:
        return ""


_GUARDS: Final = {
    "_getattr_": _attribute, "_getitem_": _item, "_getiter_": lambda value: value, "_write_": _written,
    "_inplacevar_": _in_place, "_augmented_": _augmented, "_print_": _Silent,
    "_apply_": lambda function, *args, **kwargs: function(*args, **kwargs),
    "_unpack_sequence_": guarded_unpack_sequence, "_iter_unpack_sequence_": guarded_iter_unpack_sequence,
}  # fmt: skip
