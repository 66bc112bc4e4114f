"""Links as networks check them: anew, from nothing but the address, the viewer and the secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from smarty_cdn_token.akamai import AkamaiToken, token
from smarty_cdn_token.router import CdnToken

from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import ConfigError, NotSupported

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
KEY = "k3yForTests"
HEX = "00112233445566778899aabbccddeeff"
LIVE = PlayRequest(content_type="channel", content_id="7", prefix="news1", ip="203.0.113.7", account_id=1001, now=NOW)
MASK = "https://cdn.example/hls/$prefix/index.m3u8"


def cdn(host: Any, **settings: Any) -> CdnToken:
    known = {"live_mask": MASK, "secret": KEY, **settings}
    return CdnToken("main", CdnToken.Settings.model_validate(known), host)


def akamai(host: Any, **settings: Any) -> AkamaiToken:
    known = {"live_mask": MASK, "secret": HEX, **settings}
    return AkamaiToken("main", AkamaiToken.Settings.model_validate(known), host)


def cdnvideo_lets_in(uri: str, ip: str, now: int) -> bool:
    """`?md5=<base64url(md5(secret + path + ip + expires))>&e=<expires>`"""
    parts = urlsplit(uri)
    asked = parse_qs(parts.query, strict_parsing=True)
    digest = hashlib.md5(f"{KEY}{unquote(parts.path)}{ip}{asked['e'][0]}".encode()).digest()
    good = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return asked["md5"] == [good] and now < int(asked["e"][0])


def test_the_default_is_the_form_of_md5_networks(host: Any) -> None:
    uri = cdn(host, lifetime=600).issue(LIVE).uri
    assert cdnvideo_lets_in(uri, "203.0.113.7", 1_700_000_599)
    assert not cdnvideo_lets_in(uri, "203.0.113.7", 1_700_000_600)
    assert not cdnvideo_lets_in(uri, "203.0.113.8", 1_700_000_000)
    assert not cdnvideo_lets_in(uri.replace("news1", "news2"), "203.0.113.7", 1_700_000_000)
    assert cdnvideo_lets_in(cdn(host).issue(replace(LIVE, prefix="кино 1")).uri, "203.0.113.7", 1_700_000_000)


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize(
    ("encoding", "padding"), [("hex", False), ("base64", True), ("base64", False), ("base64url", True)]
)
@pytest.mark.parametrize("keyed", [True, False])
def test_every_hash_and_encoding(host: Any, algorithm: str, encoding: str, padding: bool, keyed: bool) -> None:
    made = cdn(
        host, algorithm=f"hmac-{algorithm}" if keyed else algorithm, encoding=encoding, padding=padding,
        expression="$raw_uri|$host|$starts|$expires" + ("" if keyed else "|$secret"), template="t=$hash&x=$expires",
    )  # fmt: skip
    uri = made.issue(LIVE).uri
    text = "/hls/news1/index.m3u8|cdn.example|1700000000|1700010800" + ("" if keyed else f"|{KEY}")
    digest = (
        hmac.digest(KEY.encode(), text.encode(), algorithm) if keyed else hashlib.new(algorithm, text.encode()).digest()
    )
    good = {"hex": digest.hex(), "base64": base64.b64encode(digest).decode(),
            "base64url": base64.urlsafe_b64encode(digest).decode()}[encoding]  # fmt: skip
    assert parse_qs(urlsplit(uri).query, strict_parsing=True) == {
        "t": [good if padding or encoding == "hex" else good.rstrip("=")],
        "x": ["1700010800"],
    }


@pytest.mark.parametrize(("form", "secret"), [("hex", HEX), ("base64", base64.b64encode(bytes.fromhex(HEX)).decode())])
def test_a_key_may_be_written_in_other_ways(host: Any, form: str, secret: str) -> None:
    made = cdn(
        host, algorithm="hmac-sha256", secret=secret, secret_form=form, encoding="hex", expression="$uri$expires"
    )
    good = hmac.new(bytes.fromhex(HEX), b"/hls/news1/index.m3u81700010800", "sha256").hexdigest()
    assert f"md5={good}&" in made.issue(LIVE).uri


def test_a_signature_in_the_path_opens_the_folder(host: Any) -> None:
    made = cdn(
        host, placement="path", template="/v2/$expires/$hash$uri", expression="$folder$expires$secret", encoding="hex",
        live_mask=MASK + "?quality=hd",
    )  # fmt: skip
    uri = made.issue(LIVE).uri
    good = hashlib.md5(f"/hls/news1/1700010800{KEY}".encode()).hexdigest()
    assert uri == f"https://cdn.example/v2/1700010800/{good}/hls/news1/index.m3u8?quality=hd"
    plain = cdn(host, placement="path", expression="$folder$expires$secret", encoding="hex").issue(LIVE).uri
    assert plain == f"https://cdn.example/{good}/1700010800/hls/news1/index.m3u8"


def akamai_lets_in(uri: str, ip: str, now: int, key: str = HEX) -> bool:
    """What an edge does with `hdnea`."""
    parts = urlsplit(uri)
    value = parse_qs(parts.query)["hdnea"][0]
    text, _, mac = value.partition("~hmac=")
    fields = dict(field.split("=", 1) for field in text.split("~"))
    if not re.fullmatch(r"(ip=[^~]+~)?st=\d+~exp=\d+~acl=[^~]+(~id=[^~]+)?", text):
        return False
    return (
        mac == hmac.new(bytes.fromhex(key), text.encode(), "sha256").hexdigest()
        and int(fields["st"]) <= now < int(fields["exp"])
        and fnmatchcase(parts.path, fields["acl"])
        and fields.get("ip", ip) == ip
    )


def test_akamais_token_is_that_of_the_worked_example() -> None:
    made = token(bytes.fromhex(HEX), start=1_700_000_000, end=1_700_010_800, acl="/hls/*")
    assert made == (
        "st=1700000000~exp=1700010800~acl=/hls/*~hmac=5bc736e124a600185bed9d724fc46b0b1d0c20028a5f92655e852179cd1b906b"
    )


def test_akamais_edge_opens_one_folder_for_a_time(host: Any) -> None:
    uri = akamai(host, lifetime=600).issue(LIVE).uri
    assert akamai_lets_in(uri, "203.0.113.7", 1_700_000_000)
    assert akamai_lets_in(uri.replace("index.m3u8", "720p/1.ts"), "198.51.100.1", 1_699_999_700)
    assert not akamai_lets_in(uri, "203.0.113.7", 1_700_000_600)
    assert not akamai_lets_in(uri, "203.0.113.7", 1_699_999_699)
    assert not akamai_lets_in(
        uri.replace("cdn.example/hls/news1", "cdn.example/hls/news2"), "203.0.113.7", 1_700_000_000
    )
    assert not akamai_lets_in(uri.replace("acl=/hls/news1/", "acl=/hls/"), "203.0.113.7", 1_700_000_000)
    assert not akamai_lets_in(akamai(host, secret="ff").issue(LIVE).uri, "203.0.113.7", 1_700_000_000)


def test_akamais_token_may_name_viewer_and_account(host: Any) -> None:
    uri = akamai(host, bind_ip=True, sign_account=True, live_mask=MASK + "?a=1").issue(LIVE).uri
    assert "?a=1&hdnea=ip=203.0.113.7~st=" in uri
    assert "~id=1001~hmac=" in uri
    assert akamai_lets_in(uri, "203.0.113.7", 1_700_000_000)
    assert not akamai_lets_in(uri, "203.0.113.8", 1_700_000_000)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"live_mask": ""}, "live_mask: missing"),
        ({"live_mask": MASK + "?t=$token"}, r"live_mask: \$token has no value here"),
        ({"expression": "$uri$expires"}, r"expression: it signs no \$secret"),
        ({"expression": "$uri$secret"}, r"expression: it signs no \$expires"),
        ({"expression": "$expires$secret"}, r"expression: it signs no \$uri, \$raw_uri or \$folder"),
        ({"expression": "$url$secret"}, r"expression: unknown variable \$url; known: expires, starts, uri"),
        ({"template": "e=$expires"}, r"template: it has no \$hash"),
        ({"template": "h=$hash"}, r"template: it has no \$expires"),
        ({"template": "h=$hash&e=$expires&u=$uri"}, r"template: unknown variable \$uri"),
        ({"template": "h=$hash&e=$expires#x"}, "template: it holds a character that must be written as %XX"),
        ({"placement": "path", "template": "/$hash/$expires"}, r"template: it has no \$uri"),
        ({"placement": "path", "template": "$hash/$expires$uri"}, "template: a path begins with /"),
        ({"algorithm": "hmac-md5", "secret_form": "hex"}, "secret: it is not written as hex"),
        ({"algorithm": "hmac-md5", "secret_form": "base64", "secret": "a"}, "secret: it is not written as base64"),
    ],
)
def test_mistakes_are_named_when_the_instance_is_made(host: Any, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=f"main: {problem}") as refused:
        cdn(host, **settings)
    assert KEY not in str(refused.value)


def test_akamais_key_is_hexadecimal(host: Any) -> None:
    with pytest.raises(ConfigError, match="main: secret: the key is hexadecimal"):
        akamai(host, secret=KEY)


def test_what_cannot_be_signed_is_left_to_the_next_service(host: Any) -> None:
    for made, wish, reason in (
        (cdn(host), {"ip": ""}, "needs that address"),
        (cdn(host), {"prefix": ""}, "has no prefix"),
        (cdn(host), {"start": NOW}, "has no archive mask"),
        (akamai(host, bind_ip=True), {"ip": ""}, "needs that address"),
        (akamai(host), {"prefix": "кино 1"}, "letters that the signature cannot hold"),
        (akamai(host), {"prefix": "a~b"}, "letters that the signature cannot hold"),
    ):
        with pytest.raises(NotSupported, match=reason):
            made.issue(replace(LIVE, **wish))
