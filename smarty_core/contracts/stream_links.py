"""Links that carry their own proof: what routers share that make addresses from masks and sign them."""

from __future__ import annotations

import ipaddress
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from smarty_core.contracts.stream_mask import clean_prefix, fill_mask, mask_problems, variables
from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import NotSupported


@dataclass(frozen=True, slots=True)
class LinkMasks:
    """Masks of the wishes a service serves; empty = it does not. Without one for paused live that of the archive is."""

    live: str = ""
    archive: str = ""
    timeshift: str = ""

    def problems(self) -> list[str]:
        """What is wrong, in words for the operator, each with the name of the setting: `live_mask: ...`."""
        found = [
            f"{field}: {problem}"
            for field, mask in (
                ("live_mask", self.live), ("archive_mask", self.archive), ("timeshift_mask", self.timeshift)
            )
            if mask
            for problem in _problems(mask, live=field == "live_mask")
        ]  # fmt: skip
        return found if self.live or self.archive else [*found, "live_mask: missing; the service has no mask"]

    def of(self, name: str, request: PlayRequest) -> str:
        """The mask for `request`. Raises `NotSupported`, naming `name`, when there is none, or when the content has no
        prefix to put in."""
        mask = self.live
        if request.start is not None:
            mask = (self.timeshift if request.timeshift else "") or self.archive
        if not mask:
            raise NotSupported(f"{name}: this service has no {'live' if request.start is None else 'archive'} mask")
        if "prefix" in variables(mask) and not clean_prefix(request.prefix):
            raise NotSupported(f"{name}: content {request.content_id} has no prefix, the name of its stream")
        return mask


def names_in(expression: str, known: Mapping[str, str]) -> frozenset[str]:
    """The variables of a signed text. `known`: each name that may stand in it, and what it means.

    Raises `ValueError` with what is wrong, in words for the operator.
    """
    template = string.Template(expression)
    if not template.is_valid():
        raise ValueError("a $ that begins no variable; write $$ for a dollar sign")
    used = template.get_identifiers()
    if unknown := sorted(set(used) - known.keys()):
        raise ValueError(f"unknown variable ${unknown[0]}; known: {', '.join(known)}")
    return frozenset(known[name] for name in used)


def folder_of(mask: str, request: PlayRequest) -> str:
    """The path of a mask up to the content's own folder with its slash, quoted as in the address; where `$prefix` is no
    folder, up to that of the file."""
    path = urlsplit(mask).path
    own = re.match(r".*?\$(?:prefix|\{prefix\})/", path)
    return fill_mask(own[0] if own else f"{path.rpartition('/')[0]}/", request)


def as_servers_write(ip: str) -> str:
    """An address as servers compare it: IPv6 in its shortest form. What is no address stays as it is."""
    try:
        return ipaddress.ip_address(ip).compressed
    except ValueError:
        return ip


def _problems(mask: str, *, live: bool) -> list[str]:
    problems = mask_problems(mask, live=live)
    if not problems and "token" in variables(mask):
        problems.append("$token has no value here: the signature takes its place")
    try:
        parts = urlsplit(mask)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path.startswith("/")
    except ValueError:
        sound = False
    if not sound or parts.fragment or "$" in parts.netloc:
        problems.append("the address begins with http://host/ or https://host/")
    return problems
