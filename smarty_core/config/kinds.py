"""Types of settings: what may be written in a settings file or an environment variable, and what the code gets."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator

from smarty_core.values import MAX_LANGUAGES, Secret

INSTANCE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
LANGUAGE_CODE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")


def one_or_many(value: Any) -> Any:
    """A single text where a list is wanted: `('example.com')` is what people write for a tuple of one."""
    return (value,) if isinstance(value, str) and value else value or ()


def _secret(value: Any) -> Secret:
    if isinstance(value, Secret):
        return value
    if value is None:
        return Secret("")
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return Secret(str(value))
    raise ValueError("a secret is written as text, env:NAME or file:PATH")


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError("not a time zone of the IANA database, e.g. Europe/Moscow") from exc
    return name


def _language(code: str) -> str:
    if not LANGUAGE_CODE.fullmatch(code):
        raise ValueError("not a language code, e.g. ru")
    return code


def _instance(name: str) -> str:
    if not INSTANCE_NAME.fullmatch(name):
        raise ValueError("letters, digits, - and _ only, 40 characters at most")
    return name


def _network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError as exc:
        raise ValueError("not an address or network, e.g. 10.0.0.0/8") from exc
    return text


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = not text or text.startswith("/") or (parts.scheme in ("http", "https") and parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("not an address beginning with http:// or https://")
    return text


def _sentry(value: Any) -> Any:
    """The form of a DSN is proven here, without the library that uses it: it is optional."""
    if not isinstance(value, Mapping):
        raise ValueError("a dictionary such as {'dsn': 'https://KEY@HOST/PROJECT'}")
    dsn = value.get("dsn") or ""
    try:
        parts = urlsplit(dsn)
        project = parts.path.rpartition("/")[2]
        usable = not dsn or (
            parts.scheme in ("http", "https") and parts.username and parts.hostname and project.isascii()
            and project.isdigit() and parts.port != 0
        )  # fmt: skip
    except (ValueError, TypeError, AttributeError):
        usable = False
    if not usable:
        raise ValueError("'dsn' is not the address of a Sentry project, https://KEY@HOST/PROJECT with a number last")
    return dict(value)


def _groups(value: Any) -> Any:
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else value


SecretText: TypeAlias = Annotated[Secret, PlainValidator(_secret), PlainSerializer(lambda _: "***")]
Zone: TypeAlias = Annotated[str, AfterValidator(_zone)]
Language: TypeAlias = Annotated[str, AfterValidator(_language)]
Languages: TypeAlias = Annotated[tuple[Language, ...], BeforeValidator(one_or_many), Field(max_length=MAX_LANGUAGES)]
InstanceName: TypeAlias = Annotated[str, AfterValidator(_instance)]
Address: TypeAlias = Annotated[str, AfterValidator(_address)]
Networks: TypeAlias = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(one_or_many)]
Texts: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]
Ids: TypeAlias = tuple[int, ...]
Groups: TypeAlias = Annotated[dict[str, Annotated[int, Field(ge=0)]], BeforeValidator(_groups)]
Port: TypeAlias = Annotated[int, Field(ge=0, le=65535)]
Count: TypeAlias = Annotated[int, Field(ge=0)]
Positive: TypeAlias = Annotated[int, Field(ge=1)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Seconds: TypeAlias = Annotated[float, Field(gt=0)]
Size: TypeAlias = tuple[Annotated[int, Field(ge=1, le=4096)], Annotated[int, Field(ge=1, le=4096)]]
Sizes: TypeAlias = Annotated[tuple[Size, ...], Field(max_length=3)]
Tree: TypeAlias = dict[str, Any]
SentryConfig: TypeAlias = Annotated[dict[str, Any], BeforeValidator(_sentry)]


def setting(default: Any, doc: str, ru: str = "") -> Any:
    """One setting of a section: its default, what it means (English), and its label in Russian."""
    return Field(default, description=doc, json_schema_extra={"ru": ru} if ru else None)
