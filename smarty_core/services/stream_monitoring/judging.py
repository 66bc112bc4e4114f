"""When a measured figure is an accident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smarty_core.services.stream_monitoring.keys import KEYS, Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """A trigger as it judges: bad below `lower` or above `upper`; a yes/no has no bounds."""

    trigger_id: int
    kind: Kind
    key: str
    lower: float | None = None
    upper: float | None = None
    message: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`value` is the figure for people."""

    bad: bool
    value: str


def judge(rule: Rule, kind: Kind, values: Mapping[str, float | bool]) -> Judgement | None:
    """What the rule says of a sample; None when it is about something else, or that was not measured."""
    figure = KEYS[rule.kind].get(rule.key) if rule.kind == kind else None
    if figure is None or figure.name not in values:
        return None
    value = values[figure.name]
    if figure.yes_no:
        return Judgement(value is figure.bad, "yes" if value is figure.bad else "no")
    below = rule.lower is not None and value < rule.lower
    above = rule.upper is not None and value > rule.upper
    return Judgement(below or above, f"{value:.10g} {figure.unit}")
