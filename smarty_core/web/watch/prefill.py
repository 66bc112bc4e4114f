"""What the login form of `/watch` is filled with: the sample subscriber, on the machine that shows him, nowhere else.

A login needs the operator's API key. No page may hold it where others can look, so the form asks for it. The sample
operator of `make run` is an exception that has to be certain: three things must all say "this machine".
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import Request

from smarty_core.web.client_address import ClientAddress

if TYPE_CHECKING:
    from smarty_core.app import System


def prefilled_login(system: System, request: Request) -> dict[str, str]:
    """`client_id`, `api_key`, `abonement`, `password` of the sample subscriber, or nothing."""
    if not _is_only_here(system, request):
        return {}
    login = system.setup.sample_login()
    if login is None:
        return {}
    return {
        "client_id": str(login.client_id),
        "api_key": login.api_key,
        "abonement": login.abonement,
        "password": login.password,
    }


def _is_only_here(system: System, request: Request) -> bool:
    """The installation calls itself by a loopback address, and so does who asks, who sits on this machine.

    The first keeps every installation with a public name out, whatever its proxy tells; the name in the request keeps
    out pages of others that let their own name point to this machine.
    """
    peer = request.client.host if request.client else ""
    viewer = ClientAddress(system.settings.TRUSTED_PROXIES).find(peer, request.headers)
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    return (
        not forwarded
        and _is_loopback(viewer)
        and _is_loopback(_host_of(f"//{request.headers.get('host', '')}"))
        and _is_loopback(_host_of(str(system.settings.SMARTY_URL)))
    )


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
