"""The signature of nginx: MD5 over an expression of the operator's choice, in base64url without padding."""

from __future__ import annotations

import base64
import hashlib
import string
from dataclasses import dataclass
from typing import Final

QUERY_EXPRESSION: Final = "$expires$uri$ip $secret"
PATH_EXPRESSION: Final = "$expires$folder$ip $secret"

NAMES: Final = {"expires": "expires", "uri": "uri", "folder": "folder", "ip": "ip", "secret": "secret",
                # What the configuration of nginx calls them, so that its line can be copied.
                "secure_link_expires": "expires", "arg_expires": "expires", "remote_addr": "ip"}  # fmt: skip
"""Variables of an expression, and which fact each means."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What may be signed. `uri` and `folder` are paths as nginx sees them: decoded. `expires` is Unix time."""

    expires: int
    uri: str
    folder: str
    ip: str
    secret: str


def sign(expression: str, signed: Signed) -> str:
    """The value nginx compares with what `secure_link_md5` gives."""
    values = {name: str(getattr(signed, ours)) for name, ours in NAMES.items()}
    text = string.Template(expression).substitute(values)
    # The server's protocol, not our choice.
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
