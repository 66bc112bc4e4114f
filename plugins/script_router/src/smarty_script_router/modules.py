"""What scripts may import and call: functions of a few modules, and the types whose attributes may be read.

Scripts never hold a module, only a `Proxy` with the functions named here. A type that is not in `ATTRIBUTES` has no
attributes at all for a script: functions, generators, frames and tracebacks show nothing.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import random
import time
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any, Final


class Proxy:
    """Some names of a module, under `names`. It must have no `__name__`: with one, `from x import y` would look for
    the real module `x.y`."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.__dict__.update(names)

    def __repr__(self) -> str:
        return "<module for scripts>"


def _chosen(source: object, names: str) -> Proxy:
    return Proxy({name: getattr(source, name) for name in names.split()})


def _time_strptime(*args: str) -> time.struct_time:
    return time.strptime(*args)


def datetime_strptime(*args: str) -> datetime.datetime:
    """`datetime.strptime` and, above, `time.strptime` import a module when they are called, by the importer of their
    caller: a script's importer would refuse it."""
    return datetime.datetime.strptime(*args)  # noqa: DTZ007  as the script writes it


_RANDOM: Final = "random randint randrange choice choices shuffle sample uniform getrandbits seed"
_HASHES: Final = "md5 sha1 sha224 sha256 sha384 sha512 sha3_256 sha3_512 blake2b blake2s"

_FIXED: Final[Mapping[str, Proxy]] = {
    "hashlib": _chosen(hashlib, f"new {_HASHES}"),
    "hmac": _chosen(hmac, "new digest compare_digest"),
    "base64": _chosen(
        base64,
        "b64encode b64decode urlsafe_b64encode urlsafe_b64decode standard_b64encode standard_b64decode "
        "b32encode b32decode b16encode b16decode",
    ),
    "time": Proxy({**vars(_chosen(time, "time gmtime localtime mktime strftime")), "strptime": _time_strptime}),
    "datetime": _chosen(datetime, "datetime date time timedelta timezone"),
    "urllib.parse": _chosen(urllib.parse, "quote quote_plus unquote unquote_plus urlencode"),
}

IMPORTABLE: Final = ("random", *_FIXED)
"""Names of the modules a script may import."""


def modules() -> dict[str, Proxy]:
    """The modules of one run. `random` begins anew in each: what a script seeds is gone with it."""
    return {**_FIXED, "random": _chosen(random.Random(), _RANDOM)}  # noqa: S311  scripts that need a secret have hmac


def importer(found: Mapping[str, Proxy]) -> Any:
    """`__import__` for one run."""

    def imported(name: str, _globals: Any = None, _locals: Any = None, fromlist: Any = (), level: int = 0) -> Proxy:
        if level or name not in found:
            raise ImportError(no_module(name))
        proxy = found[name]
        if fromlist:
            if missing := [wanted for wanted in fromlist if wanted not in vars(proxy)]:
                raise ImportError(f"{name} has no {missing[0]!r} for scripts")
            return proxy
        first, _, rest = name.partition(".")
        return Proxy({rest: proxy}) if rest and first not in found else proxy

    return imported


def no_module(name: str) -> str:
    """What a script hears that wants another module."""
    return f"scripts cannot import {name!r}; there are {', '.join(IMPORTABLE)}"


def _public(kind: type) -> frozenset[str]:
    return frozenset(name for name in dir(kind) if not name.startswith("_"))


def _hash_types() -> Iterable[type]:
    yield from {type(hashlib.new(name)) for name in _HASHES.split()}
    yield hmac.HMAC


VALUES: Final = (str, bytes, int, float, bool, list, dict, tuple, set, frozenset, range, time.struct_time,
                 datetime.datetime, datetime.date, datetime.time, datetime.timedelta, datetime.timezone)  # fmt: skip

ATTRIBUTES: Final[Mapping[type, frozenset[str]]] = {
    **{kind: _public(kind) for kind in (*VALUES, *_hash_types())},
    str: _public(str) - {"format_map"},
}
"""Type of a value -> what a script may read of it, or of the type itself."""
