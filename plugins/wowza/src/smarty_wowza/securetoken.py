"""SecureToken version 2: a hash over the stream's path, a shared secret and the public parameters, all sorted.

base64url( SHA( app/instance?/stream ? secret & ip? & prefixname=value ... ) ), the parts after `?` in the order of
their text. Neither the secret nor the address is in the link.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Literal

Algorithm = Literal["sha256", "sha384", "sha512"]


def signed_text(path: str, secret: str, parameters: Mapping[str, str], ip: str = "") -> str:
    """What is hashed. `path` has no slash at its ends and no playlist; `parameters` are the public ones."""
    parts = [secret, *(f"{name}={value}" for name, value in parameters.items())]
    if ip:
        parts.append(ip)
    return f"{path}?{'&'.join(sorted(parts))}"


def sign(path: str, secret: str, parameters: Mapping[str, str], *, algorithm: Algorithm, ip: str = "") -> str:
    """The hash, with its padding."""
    text = signed_text(path, secret, parameters, ip)
    return base64.urlsafe_b64encode(hashlib.new(algorithm, text.encode()).digest()).decode("ascii")
