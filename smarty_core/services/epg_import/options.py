"""What an import is asked to do, and the settings of the installation that it obeys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from smarty_core.values import MAX_LANGUAGES

if TYPE_CHECKING:
    from smarty_core.config import Settings


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The options of `epg_import`. Nothing given: all enabled sources, all their channels."""

    source_id: int | None = None
    source_name: str = ""
    channel_id: int | None = None
    actual_days: int | None = None
    """Days of past guide to keep; None = EPG_ACTUAL_DAYS, but never less than any operator's archive."""
    start_date: date | None = None
    """Programmes that end before this day (UTC) are left as they are."""
    force: bool = False
    """Read and write everything, also what is unchanged or what the guard would keep."""
    ignore_import: bool = False
    """Only delete what is too old."""


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """Limits and habits of the import; sizes in bytes, times in seconds."""

    default_language: str = "ru"
    additional_languages: tuple[str, ...] = ()
    unused_channels: bool = True
    several_categories: bool = True
    create_categories: bool = True
    actual_days: int = 14
    days_ahead: int = 14
    source_seconds: float = 3600.0
    download_seconds: float = 900.0
    document_bytes: int = 1_073_741_824
    unpacked_bytes: int = 4_294_967_296
    documents: int = 5000
    programmes_per_channel: int = 50_000
    guard_share: float = 0.5
    guard_least: int = 10
    folder: Path | None = None
    """Where temporary files go; None = the system's place for them."""

    @classmethod
    def of(cls, settings: Settings) -> ImportSettings:
        """From the installation's settings."""
        return cls(
            default_language=str(settings.get("SMARTY_DEFAULT_LANGUAGE")),
            additional_languages=tuple(settings.get("SMARTY_ADDITIONAL_LANGUAGES"))[:MAX_LANGUAGES],
            unused_channels=not settings.get("TVMW_EPG_DO_NOT_IMPORT_UNUSED"),
            several_categories=bool(settings.get("TVMW_EPG_SAVE_MULTIPLE_CATEGORIES")),
            create_categories=bool(settings.get("EPG_CREATE_CATEGORIES")),
            actual_days=int(settings.get("EPG_ACTUAL_DAYS")),
            days_ahead=int(settings.get("EPG_DAYS_AHEAD")),
            source_seconds=float(settings.get("EPG_SOURCE_SECONDS")),
            download_seconds=float(settings.get("EPG_DOWNLOAD_SECONDS")),
            document_bytes=int(settings.get("EPG_DOCUMENT_BYTES")),
            unpacked_bytes=int(settings.get("EPG_UNPACKED_BYTES")),
            documents=int(settings.get("EPG_DOCUMENTS")),
            programmes_per_channel=int(settings.get("EPG_PROGRAMMES_PER_CHANNEL")),
            guard_share=float(settings.get("EPG_GUARD_SHARE")),
            guard_least=int(settings.get("EPG_GUARD_LEAST")),
            folder=Path(settings.get("EPG_FOLDER")) if settings.get("EPG_FOLDER") else None,
        )


@dataclass(frozen=True, slots=True)
class ImportPeriod:
    """The times of one run, in seconds since 1970, UTC."""

    now: int
    keep_from: int
    """Programmes that ended before are not imported, and deleted."""
    import_from: int
    """Programmes that end before are not touched."""
    until: int
    """Programmes that start then or later are not imported."""


Progress = Callable[[str, str, int, int], None]
"""`progress(source, step, done, total)`: `step` is fetch, read, write or clean; total 0 = not known."""
