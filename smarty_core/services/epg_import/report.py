"""What an import did: counted by kind, with a few examples of each."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal

from smarty_core.errors import SmartyError

EXAMPLES: Final = 5
NAMED: Final = 100
_KINDS: Final = 200


class GuideIncomplete(SmartyError):
    """A guide import came to its end, but not all of it was imported."""


Status = Literal["imported", "unchanged", "incomplete", "failed", "skipped"]


@dataclass(slots=True)
class SourceReport:
    """One source. `incomplete`: something could not be read or written, the rest was imported."""

    source: str
    status: Status = "imported"
    error: str = ""
    channels: int = 0
    programmes: int = 0
    """Programmes read that belong to our channels."""
    added: int = 0
    changed: int = 0
    moved: int = 0
    deleted: int = 0
    removed_old: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """How often something was skipped or repaired, by kind."""
    examples: dict[str, list[str]] = field(default_factory=dict)
    unknown_channels: Counter[str] = field(default_factory=Counter)
    """Programmes by channel id that is none of ours; at most 10 000 different ones."""
    kept_by_guard: list[str] = field(default_factory=list)
    """Channels whose guide would have lost too much."""
    failed_channels: list[str] = field(default_factory=list)

    @property
    def written(self) -> int:
        return self.added + self.changed + self.moved

    def complain(self, kind: str, detail: str = "") -> None:
        """Count something skipped or repaired, and keep the first few details."""
        kind = str(kind)[:60]
        if kind not in self.counts and len(self.counts) >= _KINDS:
            kind = "other"
        self.counts[kind] += 1
        if detail:
            found = self.examples.setdefault(kind, [])
            if len(found) < EXAMPLES:
                found.append(str(detail)[:200])

    def unknown_channel(self, identity: str) -> None:
        if identity in self.unknown_channels or len(self.unknown_channels) < 10_000:
            self.unknown_channels[identity] += 1
        self.counts["unknown_channel"] += 1

    def failed(self, error: str) -> None:
        self.status, self.error = "failed", error[:1000]

    def incomplete(self, error: str) -> None:
        """Note that a part is missing; the first reason is kept."""
        if self.status != "failed":
            self.status = "incomplete"
        self.error = self.error or error[:1000]


@dataclass(slots=True)
class ImportReport:
    """All sources of a run."""

    sources: list[SourceReport] = field(default_factory=list)
    removed_old: int = 0

    @property
    def ok(self) -> bool:
        return all(one.status not in ("failed", "incomplete") for one in self.sources)

    def demand_ok(self) -> None:
        """Raise `GuideIncomplete`, naming them, when a source failed or is incomplete."""
        if not self.ok:
            bad = [f"{one.source} ({one.status}: {one.error})" for one in self.sources
                   if one.status in ("failed", "incomplete")]  # fmt: skip
            raise GuideIncomplete(f"{len(bad)} of {len(self.sources)} guide sources: {'; '.join(bad)}")

    @property
    def failed_sources(self) -> tuple[str, ...]:
        return tuple(one.source for one in self.sources if one.status == "failed")

    @property
    def channels(self) -> int:
        return sum(one.channels for one in self.sources)

    @property
    def programmes(self) -> int:
        return sum(one.written for one in self.sources)

    def lines(self) -> list[str]:
        """The report for people."""
        found = []
        for one in self.sources:
            found.append(
                f"{one.source}: {one.status}, {one.channels} channels, {one.programmes} programmes read, "
                f"{one.added} added, {one.changed} changed, {one.moved} moved, {one.deleted} deleted"
            )
            if one.error:
                found.append(f"  {one.error}")
            for kind, number in sorted(one.counts.items()):
                examples = one.examples.get(kind)
                found.append(f"  {kind}: {number}" + (f" (such as {', '.join(examples[:3])})" if examples else ""))
            if one.unknown_channels:
                most = ", ".join(f"{name} ({number})" for name, number in one.unknown_channels.most_common(10))
                found.append(f"  channels that are none of ours: {len(one.unknown_channels)}: {most}")
            for what, names in (("kept by the guard", one.kept_by_guard), ("failed", one.failed_channels)):
                if names:
                    found.append(f"  {what}: {len(names)} channels: {', '.join(names[:10])}")
        if self.removed_old:
            found.append(f"{self.removed_old} old programmes removed")
        return found


class Complaints:
    """Takes complaints from the threads of drivers into a source's report, one at a time."""

    def __init__(self, report: SourceReport) -> None:
        self._report = report
        self._lock = threading.Lock()

    def __call__(self, kind: str, detail: str = "") -> None:
        with self._lock:
            self._report.complain(kind, detail)
