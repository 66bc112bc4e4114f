"""The outgoing HTTP client that plugins get as `host.http`."""

from __future__ import annotations

import base64
import contextlib
import json as json_module
import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions
from requests.utils import get_environ_proxies

from smarty_core import __version__
from smarty_core.api.http import Downloaded, Form, HttpAnswer
from smarty_core.errors import InvalidValue, ProviderProtocolError, ProviderRefused, ProviderUnavailable
from smarty_core.http import wording
from smarty_core.http.body import pieces
from smarty_core.http.deadline import Deadline
from smarty_core.http.part import Part
from smarty_core.http.transport import Transport

MAX_REDIRECTS: Final = 5
MAX_REPETITIONS: Final = 2
_FIRST_PAUSE: Final = 0.2
_CONNECT_SECONDS: Final = 5.0
_FOREIGN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
_CREDENTIALS = ("authorization", "cookie", "proxy-authorization")

T = TypeVar("T")


class Client:
    """Implements `api.http.HttpClient`. Safe to share between threads.

    `plugin` goes into the User-Agent. `secrets` are texts that must not appear in any error. `certificate` is a client
    certificate file, or a pair (certificate, key). `trusted` is a CA bundle file; empty = the usual authorities.
    """

    def __init__(
        self,
        plugin: str = "",
        *,
        secrets: Collection[str] = (),
        certificate: str | tuple[str, str] | None = None,
        trusted: str = "",
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._agent = f"Smarty/{__version__}" + (f" ({plugin})" if plugin else "")
        self._secrets = tuple(secrets)
        self._certificate = certificate
        self._trusted: bool | str = trusted or os.environ.get("REQUESTS_CA_BUNDLE") or True
        self._pause = pause or threading.Event().wait
        self._transport = Transport(pool_connections=8, pool_maxsize=8)

    def close(self) -> None:
        self._transport.close()

    def get(self, url: str, *, params: Form | None = None, timeout: float = 10.0) -> HttpAnswer:
        return self.request("GET", url, params=params, timeout=timeout)

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
        """See `api.http.HttpClient.request`."""
        if sum(given is not None for given in (form, json, body)) > 1:
            raise InvalidValue("give one of form, json and body")
        extra = {"Accept-Encoding": "gzip, deflate", **(headers or {})}
        if auth is not None:
            extra["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode("ascii")
        if json is not None:
            body = json_module.dumps(json, ensure_ascii=False).encode()
            extra.setdefault("Content-Type", "application/json; charset=utf-8")
        content: Any = list(form.items() if isinstance(form, Mapping) else form) if form is not None else body
        query: Any = list(params.items()) if isinstance(params, Mapping) else params
        prepared = self._prepare(method, url, query, content, extra)
        repeat = method.upper() in ("GET", "HEAD") if idempotent is None else idempotent

        def read(response: requests.Response, where: str) -> HttpAnswer:
            if response.status_code not in accept:
                _judge(response.status_code, where)
            return HttpAnswer(
                status=response.status_code,
                body=b"".join(pieces(response, max_bytes)),
                headers={name.lower(): value for name, value in response.headers.items()},
                url=response.url,
            )

        return self._exchange(lambda: prepared, timeout, repetitions=MAX_REPETITIONS if repeat else 0, read=read)

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
        """See `api.http.HttpClient.download`."""
        extra = {"Accept-Encoding": "identity", **(headers or {})}
        if etag:
            extra["If-None-Match"] = etag
        if last_modified:
            extra["If-Modified-Since"] = last_modified
        part = Part(to, keep=resume)

        def ask() -> requests.PreparedRequest:
            return self._prepare("GET", url, None, None, {**extra, **part.wish()})

        def read(response: requests.Response, where: str) -> Downloaded:
            if response.status_code == 304 and (etag or last_modified):
                return Downloaded(to, etag, last_modified, not_modified=True)
            if response.status_code == 416 and part.wish():
                part.drop()
                raise ProviderUnavailable(f"{where}: the server does not go on where the download broke off")
            _judge(response.status_code, where)
            return Downloaded(
                to,
                response.headers.get("ETag", ""),
                response.headers.get("Last-Modified", ""),
                size=part.write(pieces(response, max_bytes, begun=part.begin(response))),
                content_type=response.headers.get("Content-Type", ""),
            )

        try:
            result = self._exchange(ask, timeout, repetitions=MAX_REPETITIONS, read=read)
            if not result.not_modified:
                part.finish()
        except ProviderProtocolError:
            part.drop()  # too large, or not what it should be: going on leads nowhere
            raise
        finally:
            part.leave()
        return result

    def _prepare(
        self, method: str, url: str, params: Any, content: Any, headers: Mapping[str, str]
    ) -> requests.PreparedRequest:
        if urlsplit(url).scheme.lower() not in ("http", "https"):
            raise InvalidValue(f"not an http or https address: {wording.address(url)[:200]}")
        request = requests.Request(
            method.upper(), url, params=params, data=content, headers={"User-Agent": self._agent, **headers}
        )
        try:
            return request.prepare()
        except (requests.RequestException, ValueError) as exc:
            wording.scrub(exc, self._secrets)
            raise InvalidValue(f"cannot make a request to {wording.address(url)[:200]}") from exc

    def _exchange(
        self,
        ask: Callable[[], requests.PreparedRequest],
        timeout: float,
        *,
        repetitions: int,
        read: Callable[[requests.Response, str], T],
    ) -> T:
        with Deadline(timeout) as deadline:
            pause = _FIRST_PAUSE
            while True:
                try:
                    with self._final_answer(ask(), deadline) as (response, what):
                        result = read(response, what)
                        if deadline.expired:
                            raise wording.failure(ValueError(), what, expired=True, seconds=deadline.seconds)
                        return result
                except ProviderUnavailable as failure:
                    if repetitions == 0 or deadline.remaining <= pause or failure.status == 429:
                        raise
                repetitions -= 1
                self._pause(pause)
                pause *= 3

    @contextlib.contextmanager
    def _final_answer(
        self, prepared: requests.PreparedRequest, deadline: Deadline
    ) -> Iterator[tuple[requests.Response, str]]:
        """The answer after redirects, open for reading; foreign exceptions are translated here and nowhere else."""
        what = wording.without_secrets(f"{prepared.method} {wording.address(prepared.url or '')}", self._secrets)
        response: requests.Response | None = None
        try:
            for _ in range(MAX_REDIRECTS + 1):
                response = self._send(prepared, deadline)
                follow = self._redirected(prepared, response)
                if follow is None:
                    yield response, what
                    return
                response.close()
                prepared = follow
            raise ProviderProtocolError(f"{what}: more than {MAX_REDIRECTS} redirects")
        except ProviderProtocolError as exc:
            if deadline.expired:
                raise wording.failure(exc, what, expired=True, seconds=deadline.seconds) from exc
            if str(exc).startswith(what):
                raise
            raise ProviderProtocolError(f"{what}: {exc}") from exc
        except _FOREIGN as exc:
            wording.scrub(exc, self._secrets)
            wrapped = _as_requests(exc)
            raise wording.failure(wrapped, what, expired=deadline.expired, seconds=deadline.seconds) from exc
        finally:
            if response is not None:
                response.close()

    def _send(self, prepared: requests.PreparedRequest, deadline: Deadline) -> requests.Response:
        remaining = max(0.001, deadline.remaining)
        return self._transport.send(
            prepared,
            stream=True,
            timeout=(min(_CONNECT_SECONDS, remaining), remaining),
            verify=self._trusted,
            cert=self._certificate,
            proxies=get_environ_proxies(prepared.url or ""),
        )

    def _redirected(
        self, prepared: requests.PreparedRequest, response: requests.Response
    ) -> requests.PreparedRequest | None:
        """The request to follow, or None when this answer is the last. Only GET and HEAD are followed."""
        if not response.is_redirect or prepared.method not in ("GET", "HEAD"):
            return None
        target = urljoin(prepared.url or "", response.headers["Location"])
        before, after = urlsplit(prepared.url or ""), urlsplit(target)
        if after.scheme not in ("http", "https"):
            raise ProviderProtocolError("redirected to an address that is neither http nor https")
        headers = dict(prepared.headers)
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            headers = {name: value for name, value in headers.items() if name.lower() not in _CREDENTIALS}
        return self._prepare(prepared.method, target, None, None, headers)


def _judge(status: int, what: str) -> None:
    if 200 <= status < 300:
        return
    later = status in (408, 429) or status >= 500
    failure = (ProviderUnavailable if later else ProviderRefused)(f"{what}: status {status}")
    failure.status = status
    raise failure


def _as_requests(exc: Exception) -> Exception:
    """urllib3 and socket errors met while reading the body, as requests would have named them."""
    if isinstance(exc, urllib3.exceptions.TimeoutError):
        return requests.Timeout(str(exc))
    if isinstance(exc, urllib3.exceptions.ProtocolError):
        return requests.exceptions.ChunkedEncodingError(str(exc))
    if isinstance(exc, OSError) and not isinstance(exc, requests.RequestException):
        return requests.ConnectionError(str(exc))
    return exc
