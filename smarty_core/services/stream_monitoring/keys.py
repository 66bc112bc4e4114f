"""What analysers measure, and which of it a trigger may watch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from smarty_core.errors import InvalidValue

Kind = Literal["multicast", "device"]
"""What is watched: a stream, or the machine of the analyser."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing. `unit` empty: a yes/no. `watched`: the trigger key it belongs to; empty = it is only kept.

    A yes/no is bad when it says `bad`.
    """

    name: str
    unit: str = ""
    watched: str = ""
    bad: bool = True

    @property
    def yes_no(self) -> bool:
        return not self.unit


FIGURES: Final[Mapping[Kind, tuple[Figure, ...]]] = {
    "multicast": (
        Figure("on_air", watched="not_on_air", bad=False),
        Figure("scrambled", watched="scrambled"),
        Figure("audio_loss", watched="audio_loss"),
        Figure("video_loss", watched="video_loss"),
        Figure("cc_errors", "errors", watched="cc_errors"),
        Figure("pes_errors", "errors", watched="pes_errors"),
        Figure("pat_errors", "errors"),
        Figure("sync_losses", "errors"),
        Figure("bitrate", "kbit/s"),
    ),
    "device": (
        Figure("cpu_load", "%", watched="cpu_load"),
        Figure("cpu_temperature", "°C", watched="cpu_temperature"),
        Figure("io_wait", "%", watched="io_wait"),
        Figure("monitor_cpu", "%", watched="monitor_cpu"),
        Figure("memory_used", "MB", watched="memory_used"),
        Figure("memory_free", "MB", watched="memory_free"),
        Figure("memory_total", "MB", watched="memory_total"),
        Figure("monitor_memory", "MB", watched="monitor_memory"),
    ),
}

KEYS: Final[Mapping[Kind, Mapping[str, Figure]]] = {
    kind: {figure.watched: figure for figure in figures if figure.watched} for kind, figures in FIGURES.items()
}
"""Keys of triggers, by type."""

LARGEST: Final = 1e15


def read_values(kind: Kind, values: Any) -> dict[str, float | bool]:
    """The figures in an analyser's answer; what is not known is left out.

    Raises `InvalidValue` when a known one is of another type, or makes no sense.
    """
    if not isinstance(values, Mapping):
        raise InvalidValue("its values are no object")
    found: dict[str, float | bool] = {}
    for figure in FIGURES[kind]:
        value = values.get(figure.name)
        if value is None:
            continue
        fits = isinstance(value, bool) if figure.yes_no else type(value) in (int, float)
        if not fits:
            raise InvalidValue(f"{figure.name} is no {'yes or no' if figure.yes_no else 'number'}")
        if not figure.yes_no:
            if not math.isfinite(value) or abs(value) > LARGEST:
                raise InvalidValue(f"{figure.name} is no number that makes sense")
            value = float(value)
        found[figure.name] = value
    return found
