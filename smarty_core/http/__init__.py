"""Outgoing HTTP: the one place where time, size, repetition and wording of errors are bounded."""

from smarty_core.api.http import Downloaded, HttpAnswer
from smarty_core.http.client import Client
from smarty_core.http.fetch import download

__all__ = ["Client", "Downloaded", "HttpAnswer", "download"]
