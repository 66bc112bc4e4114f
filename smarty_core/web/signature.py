"""The signature of calls to the Billing, Content and Streaming API: one rule, three keys of the operator.

All parameters but `signature` are sorted by name, those of one name by value, and joined as `name:value;`; the key
stands behind them. The MD5 of the Base64 of that text, in lower-case hexadecimal, is the signature. Values are those
that were sent, before they are read as numbers or lists.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from smarty_core.errors import InvalidValue, NotFound
from smarty_core.storage.vault import same
from smarty_core.values import parse_id
from smarty_core.web.method import ApiError
from smarty_core.web.request import Request

if TYPE_CHECKING:
    from smarty_core.services.operators import Operator, Operators

SignedApi = Literal["billing", "content", "streaming"]

UNKNOWN_ERROR: Final = -1
WRONG_SIGNATURE: Final = -2
NO_CLIENT: Final = -3
SIGNED_CODES: Final[Mapping[int, str]] = {
    UNKNOWN_ERROR: "unknown error; the server's log says more",
    WRONG_SIGNATURE: "the signature is wrong",
    NO_CLIENT: "client_id not found",
}
"""Codes that every signed method may answer with."""

_DIGEST: Final = re.compile(r"[0-9a-fA-F]{1,32}", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,19}", re.ASCII)

Pairs = Sequence[tuple[str, str]]


def sign(pairs: Pairs, key: str, *, by_number: bool = False) -> str:
    """The signature of parameters, each value of a repeated one for itself.

    `by_number`: values of one name that are all whole numbers are sorted as numbers, as one of the vendor's clients
    does it.
    """
    numeric = _numeric_names(pairs) if by_number else frozenset()
    ordered = sorted(pairs, key=lambda pair: (pair[0], int(pair[1]) if pair[0] in numeric else 0, pair[1]))
    text = "".join(f"{name}:{value};" for name, value in ordered) + key
    return hashlib.md5(base64.b64encode(text.encode("utf-8", "replace")), usedforsecurity=False).hexdigest()


def is_signed(pairs: Pairs, signature: str, key: str) -> bool:
    """Whether `signature` is that of the parameters, in one of the two orders that clients sort lists in.

    Zeros that a client has lost in front are put back.
    """
    given = signature.strip().lower()
    if not _DIGEST.fullmatch(given):
        given = ""
    fits = [same(sign(pairs, key, by_number=by_number), given.rjust(32, "0")) for by_number in (False, True)]
    return bool(key) and bool(given) and any(fits)


def prove(operators: Operators, api: SignedApi, request: Request) -> tuple[Operator, Mapping[str, Sequence[Any]]]:
    """The operator who signed a call, and the parameters that he signed: nothing else of the call may be read.

    Raises `ApiError` -2 or -3.
    """
    sent = _signed_part(request)
    try:
        client_id = parse_id(_last(sent, "client_id"), "client_id")
        operator, key = operators.signing_key(client_id, api)
    except (InvalidValue, NotFound) as exc:
        raise ApiError(NO_CLIENT, SIGNED_CODES[NO_CLIENT]) from exc
    pairs = [(name, _text(value)) for name, values in sent.items() if name != "signature" for value in values]
    if not is_signed(pairs, _last(sent, "signature"), key.reveal()):
        raise ApiError(WRONG_SIGNATURE, SIGNED_CODES[WRONG_SIGNATURE])
    return operator, sent


def _signed_part(request: Request) -> dict[str, list[Any]]:
    """The body where it holds the signature (a client repeats filters in the query unsigned), else all there is."""
    return request.body if "signature" in request.body else request.sent


def _numeric_names(pairs: Pairs) -> frozenset[str]:
    by_name: dict[str, list[str]] = {}
    for name, value in pairs:
        by_name.setdefault(name, []).append(value)
    return frozenset(name for name, values in by_name.items() if len(values) > 1 and all(map(_WHOLE.fullmatch, values)))


def _text(value: object) -> str:
    """A value as it is signed; what has no text of its own (objects of a JSON body) can be signed by nobody."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ApiError(WRONG_SIGNATURE, "only texts and numbers can be signed")
    return str(value)


def _last(sent: Mapping[str, Iterable[Any]], name: str) -> str:
    values = list(sent.get(name, ()))
    return str(values[-1]) if values and isinstance(values[-1], (str, int)) else ""
