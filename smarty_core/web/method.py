"""One declaration per API method; validation, answers, OpenAPI, the browsable page and tests all read it.

Parameters and answers are written in the notation of the API reference:

    params="cid N; limit? N{1-12}=6; compact? F=0; date? S<dd.mm.YYYY>"
    answer="programs[]{id:N, program_name:S, program_meta:PM}"

`N` number, `S` string, `F` 0/1 flag, `B` JSON boolean, `D` date, `Dec` decimal, `O` object, `PM` ProgramMeta as JSON
text; `[]` list, `?` optional, `=x` default, `{a-b}` range (numbers) or length (strings), `<a,b>` allowed values.
A parameter in a JSON body is marked `body name N[]`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from smarty_core.errors import SmartyError

if TYPE_CHECKING:
    from smarty_core.app import System
    from smarty_core.services.operators import Operator
    from smarty_core.services.sessions import Viewer

Auth = Literal["session", "api_key", "any", "none", "status", "signature"]
"""Who is proven: a session (else 403); client_id + api_key (else 403); either of them; nobody; `status` = a session if
there is one, never 403 (AccountStatus); `signature` = the operator who signed the call with the key of the surface."""

Messages = tuple[Mapping[str, Any], Mapping[str, Any]]
"""The two ASGI messages of an answer: its start and its body."""

Quick = Callable[["System", MutableMapping[str, Any]], Messages | None]
"""From an ASGI scope to an answer, or None. It must be pure computing: no database, no network, no lock held long."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method of an API.

    `bad_parameter`: the method's own code for a malformed or missing parameter; None = 400. `codes`: every code it
    may answer with, besides 0 and the common ones. `writes`: changes data, so it never runs on a replica.
    """

    name: str
    path: str
    handler: Callable[[Call], Answer]
    verb: Literal["GET", "POST"] = "GET"
    auth: Auth = "session"
    params: str = ""
    answer: str = ""
    codes: Mapping[int, str] = field(default_factory=dict)
    bad_parameter: int | None = None
    writes: bool = False
    """Whether it stores something as a rule; then it runs in other threads than those that only read."""
    statuses: Mapping[int, str] = field(default_factory=dict)
    """HTTP statuses besides 200 this method may answer with (302 of a redirect, 403 of a token check)."""
    error_statuses: Mapping[int, int] = field(default_factory=dict)
    """Error code -> HTTP status, for callers that read nothing but the status; every other error is sent with 200."""
    content_request: bool = False
    """Asks for a stream address: its failures go to the log of content requests too."""
    quick: Quick | None = None
    """Answers a GET in the event loop when that takes no waiting; None is said when it would, then `handler` runs."""
    doc: str = ""
    group: str = ""


@dataclass(slots=True)
class Call:
    """One request as a handler sees it: proven, parsed, typed.

    `params` holds every declared parameter (its default, or None, when absent). `lang` is 0 for the default language,
    1..5 for SMARTY_ADDITIONAL_LANGUAGES. `ip` is the viewer's address after TRUSTED_PROXIES. `authkey` is the key as
    sent, needed for the addresses in answers.
    """

    system: System
    method: Method
    params: Mapping[str, Any]
    operator: Operator | None
    viewer: Viewer | None
    authkey: str
    device: str
    device_uid: str
    lang: int
    ip: str
    answer_format: Literal["json", "xml"]
    headers: Mapping[str, str]
    now: datetime
    url: str = ""
    """Path and query as asked, for the log."""


class ApiError(SmartyError):
    """A documented error answer. `fields` are further fields of the body."""

    def __init__(self, code: int, message: str = "", **fields: Any) -> None:
        super().__init__(message or f"error {code}")
        self.code = code
        self.message = message
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Again:
    """How an address that was answered is answered again in the event loop, for all viewers of one entitlement.

    `reply(viewer, ip, now, user_agent)` waits for nobody; it gives None when it would have to, or when the answer is an
    error. It holds until `until` or until one of `tags` moves.
    """

    reply: Callable[[Viewer, str, datetime, str], Reply | None]
    until: datetime
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with more than a body: a redirect, headers, cookies, another HTTP status."""

    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    redirect: str = ""
    status: int = 200
    again: Again | None = None
    sent: Callable[[], None] | None = None
    """Called in a worker thread once the answer is on its way; never when the process dies before that."""


AUTHKEY_SLOT = "\ue000authkey\ue001"
"""Stands for the viewer's authkey inside a shared body; put in when the body is sent."""


@dataclass(frozen=True, slots=True)
class Shared:
    """An answer that many sessions share: rendered once for `key`, then only filled in.

    `build` makes the body with `AUTHKEY_SLOT` wherever the session's key belongs. The rendered bytes live until
    `valid_until` or until one of `tags` is bumped.
    """

    key: tuple[Any, ...]
    build: Callable[[], Mapping[str, Any]]
    tags: Sequence[str]
    valid_until: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    steady_until: datetime | None = None
    """Until then the same address leads all viewers of one entitlement to this `key`, so it need not be worked out
    again; None = never."""
    own_positions: bool = False
    """The positions of the viewer are in it: while some of them wait to be written it is worked out each time."""
    countdown: bool = False
    """Cache-Control tells how many seconds are left until `valid_until`."""


NOW_SLOT = "\ue000now\ue001"
"""Stands, as the whole value of a number, for the Unix time at which an answer is sent."""

UUID_SLOT = "\ue000uuid\ue001"
"""Stands for a random UUID, another one in each answer."""


@dataclass(frozen=True, slots=True)
class Steady:
    """One session's own answer (without a session: everybody's), the same each time but for `NOW_SLOT` and
    `UUID_SLOT`, until `valid_until` or until a tag moves."""

    body: Mapping[str, Any]
    tags: Sequence[str]
    valid_until: datetime


Answer = Mapping[str, Any] | Reply | Shared | Steady
