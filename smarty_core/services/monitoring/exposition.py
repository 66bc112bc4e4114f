"""The text form of Prometheus (version 0.0.4)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from smarty_core.services.monitoring.families import FAMILIES, Value

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_ESCAPED: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


def exposition(values: Iterable[Value]) -> str:
    """The page: every metric once, with its help and type, in the order of `FAMILIES`."""
    by_family: defaultdict[str, list[Value]] = defaultdict(list)
    for one in values:
        by_family[one.family].append(one)
    lines = []
    for name, family in FAMILIES.items():
        if name not in by_family:
            continue
        lines.append(f"# HELP {name} {family.help}")
        lines.append(f"# TYPE {name} {family.kind}")
        lines += map(_line, by_family[name])
    return "\n".join(lines) + "\n"


def _line(one: Value) -> str:
    labels = ",".join(f'{name}="{text.translate(_ESCAPED)}"' for name, text in one.labels)
    return f"{one.family}{one.suffix}{{{labels}}} {_number(one.number)}" if labels else (
        f"{one.family}{one.suffix} {_number(one.number)}"
    )  # fmt: skip


def _number(number: float) -> str:
    if math.isfinite(number) and number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return repr(float(number)).replace("inf", "Inf").replace("nan", "NaN")
