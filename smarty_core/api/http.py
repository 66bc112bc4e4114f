"""What a plugin sees of outgoing HTTP: `host.http`. The implementation is `smarty_core.http`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from smarty_core.errors import ProviderProtocolError


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer: the body is read, decompressed and within the size limit."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header names are in lower case."""
    url: str = ""
    """The address that answered, after redirects."""

    @property
    def text(self) -> str:
        """The body as text: the charset of Content-Type, else UTF-8; undecodable bytes become U+FFFD."""
        charset = "utf-8"
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.strip().partition("=")
            if name.lower() == "charset" and value:
                charset = value.strip("\"' ")
        try:
            return self.body.decode(charset, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises `ProviderProtocolError` when it is not."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as exc:
            what = f"status {self.status}, {len(self.body)} bytes"
            raise ProviderProtocolError(f"the answer is not JSON ({what})") from exc


@dataclass(frozen=True, slots=True)
class Downloaded:
    """The result of a download. With `not_modified` nothing was written and `path` may not exist."""

    path: Path
    etag: str = ""
    last_modified: str = ""
    not_modified: bool = False
    size: int = 0
    content_type: str = ""


Form = Mapping[str, str | int] | Sequence[tuple[str, str | int]]
"""Parameters of a query or a form; a sequence keeps its order and may repeat a name."""


class HttpClient(Protocol):
    """Outgoing HTTP for one plugin: blocking, bounded in time and size, polite in the plugin's name.

    Every method raises only `ProviderUnavailable` (no answer in time, connection or TLS failure, 408, 429, 5xx),
    `ProviderRefused` (any other status outside 2xx), `ProviderProtocolError` (broken or oversized answer, too many
    redirects) and `InvalidValue` (the address is not http or https). Messages never hold a query string, a password
    or a body. `timeout` is the total time in seconds for everything, repetitions and redirects included.
    """

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Form | None = None,
        form: Form | None = None,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float = 10.0,
        max_bytes: int = 4_194_304,
        idempotent: bool | None = None,
        accept: Collection[int] = (),
    ) -> HttpAnswer:
        """Ask and return the whole answer.

        At most one of `form`, `json`, `body`. `auth` is HTTP Basic. Only idempotent calls are repeated (GET and HEAD
        unless told otherwise, at most twice, only after `ProviderUnavailable`, never after 429). Statuses in `accept`
        are returned instead of raised.
        """

    def get(self, url: str, *, params: Form | None = None, timeout: float = 10.0) -> HttpAnswer:
        """`request("GET", ...)` with the defaults."""

    def download(
        self,
        url: str,
        *,
        to: Path,
        max_bytes: int,
        timeout: float,
        etag: str = "",
        last_modified: str = "",
        headers: Mapping[str, str] | None = None,
        resume: bool = False,
    ) -> Downloaded:
        """Write the answer to the file `to`, as a stream. `to` appears only when complete; a failure leaves nothing.

        With `resume` a failure leaves what has arrived beside `to`, under names of its own, and the next call, or the
        repetition within this one, goes on from there when the server says that it still is the same file. `max_bytes`
        is the size of the whole file.
        """
