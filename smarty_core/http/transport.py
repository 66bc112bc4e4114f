"""requests' transport with every socket under the current deadline. Nothing above this module knows urllib3."""

from __future__ import annotations

import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from smarty_core.http.deadline import watch_current


class _WatchedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        opened = super()._new_conn()
        watch_current(opened)
        return opened

    def request(self, *args: Any, **kwargs: Any) -> None:
        # A connection kept alive from an earlier exchange is already open here.
        watch_current(self.sock)
        super().request(*args, **kwargs)


class _WatchedTlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        opened = super()._new_conn()
        watch_current(opened)
        return opened

    def request(self, *args: Any, **kwargs: Any) -> None:
        watch_current(self.sock)
        super().request(*args, **kwargs)


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _WatchedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


class Transport(HTTPAdapter):
    """Sends prepared requests. No cookies, no .netrc, no redirects: the client decides about those."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _WatchedPool, "https": _WatchedTlsPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _WatchedPool, "https": _WatchedTlsPool}
        return manager
