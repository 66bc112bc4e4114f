"""Securetoken: a link the server believes by itself, since it is signed with a key both sides know.

sha1hex(id + ip + start + end + key + salt) - salt - end - start
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

CLOCK_SKEW: Final = 300
"""Seconds by which a link begins earlier than it is made: the server's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Link:
    """What is signed. `id`: the channel's id (Astra) or the path of the address with its slash (Alta); Unix seconds."""

    id: str
    ip: str
    start: int
    end: int


def sign(link: Link, key: str, salt: str) -> str:
    """The token for `link`. `salt` must hold no hyphen."""
    signed = f"{link.id}{link.ip}{link.start}{link.end}{key}{salt}"
    # The server's protocol, not our choice.
    digest = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
    return f"{digest}-{salt}-{link.end}-{link.start}"
