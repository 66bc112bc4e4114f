"""Words for failures that give an operator the address and the cause, and nobody a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import requests

from smarty_core.errors import ProviderError, ProviderProtocolError, ProviderUnavailable

_QUERY = re.compile(r"\?[^\s'\"<>)]*")
_USERINFO = re.compile(r"://[^/@\s]*@")


def address(url: str) -> str:
    """Scheme, host and path of `url`: no user, no query, no fragment."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "(unreadable address)"
    return f"{parts.scheme}://{host}{parts.path}"


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without queries, user parts of addresses, and the given secrets."""
    text = _USERINFO.sub("://***@", _QUERY.sub("?***", text))
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return text


def scrub(exc: BaseException, secrets: Iterable[str] = ()) -> None:
    """Take secrets out of a foreign exception and all it was raised from, since tracebacks print them too."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [exc]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        if not isinstance(current, OSError) or isinstance(current, requests.RequestException):
            for argument in current.args:
                if isinstance(argument, BaseException):
                    pending.append(argument)
            current.args = (without_secrets(str(current), secrets),)
        pending += (current.__cause__, current.__context__)


def failure(exc: Exception, what: str, *, expired: bool, seconds: float) -> ProviderError:
    """The error of ours that means the same as `exc`, which came while doing `what`."""
    if expired or isinstance(exc, requests.Timeout):
        return ProviderUnavailable(f"{what}: no complete answer within {seconds:g} s")
    if isinstance(exc, requests.exceptions.SSLError):
        return ProviderUnavailable(f"{what}: no trusted TLS connection; check the certificate settings")
    if isinstance(exc, requests.exceptions.ProxyError):
        return ProviderUnavailable(f"{what}: the proxy did not let us through")
    if isinstance(exc, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)):
        return ProviderUnavailable(f"{what}: the connection broke in the middle of the answer")
    if isinstance(exc, requests.ConnectionError):
        return ProviderUnavailable(f"{what}: cannot connect, or the connection was closed without an answer")
    return ProviderProtocolError(f"{what}: the answer could not be read ({type(exc).__name__})")
