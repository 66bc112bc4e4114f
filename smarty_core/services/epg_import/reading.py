"""Reads a source's documents through its driver, and keeps what belongs to our channels in the spool."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from smarty_core.contracts.epg_parser import (
    EpgDocument,
    EpgRequest,
    Known,
    RawChannel,
    RawProgramme,
    UnreadProgramme,
)
from smarty_core.errors import (
    InvalidValue,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
    SmartyError,
)
from smarty_core.plugins.isolation import GuardedDriver
from smarty_core.services.epg_import.fetch import Fetched, Fetcher
from smarty_core.services.epg_import.intake import Intake
from smarty_core.services.epg_import.report import Complaints, SourceReport
from smarty_core.services.epg_import.unpack import UnpackedStream

LOOK_EVERY: Final = 1000
"""Programmes between two looks at the clock."""

DIGEST: Final = 32
"""Characters of the digest of all documents."""

log = logging.getLogger("smarty_epg")


class Deadline:
    """The time one source may take."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._seconds = seconds

    def check(self) -> None:
        """Raise `ProviderUnavailable` when it is over."""
        if time.monotonic() > self._ends:
            raise ProviderUnavailable(f"the source was not imported within {self._seconds:g} s")


@dataclass(slots=True)
class Telling:
    """What the documents of a source amounted to."""

    digest: str = ""
    """Stands for all documents; the first characters of a SHA-256."""
    etag: str = ""
    last_modified: str = ""
    unchanged: bool = False
    """Nothing was read: it is what was imported last time."""
    partial: bool = False
    """Something of the source could not be read."""
    partial_channels: set[int] = field(default_factory=set)
    """Channels of which something could not be read."""

    def complete(self, channel: int) -> bool:
        return not self.partial and channel not in self.partial_channels


class SourceReader:
    """Reads one source once."""

    def __init__(
        self,
        *,
        driver: GuardedDriver,
        fetcher: Fetcher,
        intake: Intake,
        marks: Callable[[], Known],
        report: SourceReport,
        complain: Complaints,
        deadline: Deadline,
        unpacked_bytes: int,
        progress: Callable[[str, int, int], None],
    ) -> None:
        self._driver = driver
        self._fetcher = fetcher
        self._intake = intake
        self._marks = marks
        self._report = report
        self._complain = complain
        self._deadline = deadline
        self._unpacked_bytes = unpacked_bytes
        self._progress = progress
        self._digest = hashlib.sha256()

    def read(
        self,
        documents: Sequence[EpgDocument],
        *,
        known: str = "",
        etag: str = "",
        last_modified: str = "",
    ) -> Telling:
        """Fetch and read all documents; one that fails does not stop the others.

        `known` is the digest of what was imported last time, `etag` and `last_modified` what came with it: when they
        show that nothing has changed, nothing is read. Raises `StorageError` when the disk is the trouble, and
        `ProviderUnavailable` when the time is over.
        """
        telling = Telling()
        single = len(documents) == 1
        if not known or not single:
            etag = last_modified = ""
        if known and not single and not any(map(_is_far, documents)) and self._same(documents, known):
            return Telling(digest=known, unchanged=True)
        for number, document in enumerate(documents):
            self._deadline.check()
            self._progress("fetch", number, len(documents))
            try:
                got = self._fetcher.fetch(document, etag=etag, last_modified=last_modified)
                if got.not_modified:
                    return Telling(known, got.etag or etag, got.last_modified or last_modified, unchanged=True)
                self._digest.update(got.hash.encode())
                telling.etag, telling.last_modified = got.etag, got.last_modified
                if single and known and self._digest.hexdigest()[:DIGEST] == known:
                    return Telling(known, got.etag, got.last_modified, unchanged=True)
                self._read_one(got)
            except (ProviderError, InvalidValue) as failure:
                self._failed(document, failure, telling, single=single)
            finally:
                self._fetcher.forget()
        telling.digest = self._digest.hexdigest()[:DIGEST]
        telling.partial_channels |= self._intake.partial
        return telling

    def _same(self, documents: Sequence[EpgDocument], known: str) -> bool:
        """Whether local documents are those of last time."""
        digest = hashlib.sha256()
        try:
            for document in documents:
                self._deadline.check()
                digest.update(self._fetcher.fetch(document).hash.encode())
                self._fetcher.forget()
        except (ProviderError, InvalidValue):
            return False
        return digest.hexdigest()[:DIGEST] == known

    def _failed(self, document: EpgDocument, failure: SmartyError, telling: Telling, *, single: bool) -> None:
        """Note that a document is missing, or that the rest of it is."""
        channel = self._intake.channels.get(document.channel)
        if channel is None:
            telling.partial = True
        else:
            telling.partial_channels.add(channel.id)
        self._digest.update(b"failed")
        if isinstance(failure, ProviderRefused) and not single:
            # A guide in one document per day or channel does not have every one of them.
            self._complain("missing_document", str(failure))
            return
        log.warning("guide source %s: %s", self._report.source, failure)
        self._complain("failed_document", str(failure))
        self._report.incomplete(str(failure))

    def _read_one(self, got: Fetched) -> None:
        keep = self._intake.keep
        with UnpackedStream(got.path, max_bytes=self._unpacked_bytes) as stream:
            for number, item in enumerate(self._items(stream, got.document), 1):
                if isinstance(item, (UnreadProgramme, RawProgramme)):
                    try:
                        keep(item)
                    except (TypeError, ValueError, OverflowError, AttributeError) as failure:
                        self._complain("not_a_programme", f"{type(failure).__name__}: {failure}")
                elif not isinstance(item, RawChannel):
                    self._complain("not_a_programme", type(item).__name__)
                if number % LOOK_EVERY == 0:
                    self._deadline.check()
                    self._progress("read", self._report.programmes, 0)

    @cached_property
    def _known(self) -> Known:
        return self._marks()

    def _items(self, stream: UnpackedStream, document: EpgDocument) -> Iterator[Any]:
        if "marks" in self._driver.supports:
            return self._driver.stream("parse_new", stream, document, self._complain, self._known)
        return self._driver.stream("parse", stream, document, self._complain)


def _is_far(document: EpgDocument) -> bool:
    return document.location.lower().startswith(("http://", "https://"))


def all_documents(
    driver: GuardedDriver, request: EpgRequest, *, most: int, complain: Callable[[str, str], None]
) -> list[EpgDocument]:
    """The documents the driver names, `most` at most. Raises what the driver raises."""
    found: list[EpgDocument] = []
    for document in driver.stream("documents", request):
        if not isinstance(document, EpgDocument):
            raise ProviderProtocolError(f"{driver!r} named something that is no document")
        if len(found) >= most:
            complain("too_many_documents", f"more than {most}")
            break
        found.append(document)
    return found
