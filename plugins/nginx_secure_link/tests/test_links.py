"""Links as nginx itself judges them, with the configuration of the how-to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from smarty_nginx_secure_link.router import NginxSecureLink
from smarty_nginx_secure_link.signature import QUERY_EXPRESSION, Signed, sign

from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import ConfigError, NotSupported

KEY = "k3yForTests"
THEN = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
LIVE = PlayRequest(content_type="channel", content_id="7", prefix="news1", ip="127.0.0.1", account_id=1001)


def router(host: Any, base: str = "https://edge.example", **settings: Any) -> NginxSecureLink:
    known = {"live_mask": base + "/hls/$prefix/index.m3u8", "secret": KEY, **settings}
    return NginxSecureLink("main", NginxSecureLink.Settings.model_validate(known), host)


def status(uri: str) -> int:
    return httpx.get(uri, timeout=30, trust_env=False).status_code


def changed(uri: str, at: int) -> str:
    return uri[:at] + ("A" if uri[at] != "A" else "B") + uri[at + 1 :]


def test_the_signature_is_that_of_the_worked_example() -> None:
    signed = Signed(1_700_010_800, "/hls/news1/index.m3u8", "/hls/news1/", "203.0.113.7", KEY)
    assert sign(QUERY_EXPRESSION, signed) == "RiXunjmvMKltwac49TD0ig"
    as_in_nginx = "$secure_link_expires$uri$remote_addr k3yForTests"
    assert sign(as_in_nginx, signed) == "RiXunjmvMKltwac49TD0ig"


def test_the_query_has_the_documented_form(host: Any) -> None:
    made = router(host, lifetime=10_800)
    at_noon = replace(LIVE, ip="203.0.113.7", now=THEN)
    assert made.issue(at_noon).uri == (
        "https://edge.example/hls/news1/index.m3u8?md5=RiXunjmvMKltwac49TD0ig&expires=1700010800"
    )


def test_nginx_plays_what_is_signed_in_the_query_and_nothing_else(host: Any, nginx: Any, written: Any) -> None:
    base = nginx(written("$arg_md5"))
    uri = router(host, base).issue(LIVE).uri
    assert status(uri) == 200
    assert status(changed(uri, uri.index("md5=") + 5)) == 403
    assert status(uri.replace("news1", "news2")) == 403
    assert status(uri[:-1] + ("0" if uri[-1] != "0" else "1")) == 403, "another end of its life"
    assert status(uri.partition("?")[0]) == 403
    assert status(router(host, base, secret="another").issue(LIVE).uri) == 403
    assert status(router(host, base).issue(replace(LIVE, ip="127.0.0.2")).uri) == 403
    old = router(host, base, lifetime=60).issue(replace(LIVE, now=datetime.now(UTC) - timedelta(seconds=62))).uri
    assert status(old) == 410


def test_nginx_opens_a_whole_folder_with_one_signature_in_the_path(host: Any, nginx: Any, written: Any) -> None:
    base = nginx(written("link_folder"))
    made = router(host, base, form="path")
    uri = made.issue(LIVE).uri
    segment = uri.replace("index.m3u8", "720p/1.ts")
    assert [status(uri), status(segment)] == [200, 200]
    assert status(changed(uri, uri.index("/s/") + 4)) == 403
    assert status(uri.replace("news1", "news2")) == 403
    assert status(f"{base}/hls/news1/index.m3u8") == 404
    assert status(uri.replace("/news1/", "/news1/../news2/")) == 403
    assert status(router(host, base, form="path").issue(replace(LIVE, ip="127.0.0.2")).uri) == 403
    then = datetime.now(UTC) - timedelta(seconds=62)
    assert status(router(host, base, form="path", lifetime=60).issue(replace(LIVE, now=then)).uri) == 410


@pytest.mark.parametrize(("form", "word"), [("query", "$arg_md5"), ("path", "link_folder")])
def test_names_are_signed_as_nginx_reads_them(host: Any, nginx: Any, written: Any, form: str, word: str) -> None:
    uri = router(host, nginx(written(word)), form=form).issue(replace(LIVE, prefix="кино 1")).uri
    assert "%20" in uri
    assert status(uri) == 200


@pytest.mark.parametrize(("form", "word"), [("query", "$arg_md5"), ("path", "link_folder")])
def test_the_archive_has_its_own_address(host: Any, nginx: Any, written: Any, form: str, word: str) -> None:
    base = nginx(written(word))
    made = router(host, base, form=form, archive_mask=base + "/hls/$prefix/$flpbt-$flpdur.m3u8")
    begin = datetime.fromtimestamp(1_699_992_800, UTC)
    uri = made.issue(replace(LIVE, start=begin, stop=begin + timedelta(hours=1))).uri
    assert status(uri) == 200
    assert status(uri.replace("1699992800", "1699992801")) in (403, 404)
    assert made.issue(LIVE).uri.partition("?")[0].endswith("/index.m3u8")


def test_another_expression_prefix_and_names_of_arguments(host: Any, nginx: Any, videos: Any) -> None:
    base = nginx(f"""
        location /hls/ {{
            root {videos};
            secure_link $arg_sig,$arg_until;
            secure_link_md5 "{KEY}:$uri:$secure_link_expires";
            if ($secure_link != "1") {{ return 403; }}
        }}
        location ~ "^/vip/a/(?<m>[^/]+)/(?<e>[0-9]+)(?<f>/hls/sports/)(?<r>.+)$" {{
            secure_link $m,$e;
            secure_link_md5 "$f|$secure_link_expires|{KEY}";
            if ($secure_link != "1") {{ return 403; }}
            alias {videos}$f$r;
        }}
    """)
    query = router(
        host, base, expression="$secret:$uri:$expires", md5_argument="sig", expires_argument="until",
        live_mask=base + "/hls/$prefix/index.m3u8?quality=hd",
    )  # fmt: skip
    uri = query.issue(replace(LIVE, ip="")).uri
    assert uri.partition("?")[2].startswith("quality=hd&sig=")
    assert status(uri) == 200
    in_path = {"form": "path", "path_prefix": "vip/a", "expression": "$folder|$expires|$secret"}
    uri = router(host, base, live_mask=base + "/hls/sports/index.m3u8", **in_path).issue(LIVE).uri
    assert urlsplit(uri).path.startswith("/vip/a/")
    assert status(uri) == 200
    deeper = router(host, base, live_mask=base + "/hls/sports/live/index.m3u8", **in_path).issue(LIVE).uri
    assert status(deeper) == 403, "signed for another folder than the one nginx cuts out"


def test_the_viewers_address_is_signed_as_nginx_writes_it(host: Any) -> None:
    made = router(host)
    long, short = (replace(LIVE, ip=ip, now=THEN) for ip in ("2001:0DB8:0:0::0007", "2001:db8::7"))
    assert made.issue(long) == made.issue(short)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"live_mask": ""}, "live_mask: missing; the service has no mask"),
        ({"live_mask": "https://h/$prefx/"}, r"live_mask: unknown variable \$prefx"),
        ({"live_mask": "https://h/$prefix/$flpbt"}, r"live_mask: \$flpbt has no value while live"),
        ({"live_mask": "https://h/$prefix/$token"}, r"live_mask: \$token has no value here"),
        ({"live_mask": "udp://h/$prefix"}, "live_mask: the address begins with http://host/"),
        ({"live_mask": "https://h"}, "live_mask: the address begins with http://host/"),
        ({"live_mask": "https://$prefix.example/x"}, "live_mask: the address begins with http://host/"),
        ({"archive_mask": "//h/$prefix"}, "archive_mask: the address begins with http://host/"),
        ({"expression": "$expires$uri$addr $secret"}, r"expression: unknown variable \$addr; known: expires, uri"),
        ({"expression": "$expires$uri$ 5 $secret"}, r"expression: a \$ that begins no variable"),
        ({"expression": "$expires$uri"}, r"expression: it signs no \$secret"),
        ({"expression": "$uri $secret"}, r"expression: it signs no \$expires"),
        ({"expression": "$expires $secret"}, r"expression: it signs no \$uri and no \$folder"),
    ],
)
def test_mistakes_are_named_when_the_instance_is_made(host: Any, settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=f"main: {problem}"):
        router(host, **settings)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"prefix": ""}, "has no prefix"),
        ({"prefix": "/../"}, "has no prefix"),
        ({"ip": ""}, "needs that address"),
        ({"start": THEN}, "has no archive mask"),
    ],
)
def test_what_cannot_be_signed_is_left_to_the_next_service(host: Any, wish: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotSupported, match=reason):
        router(host).issue(replace(LIVE, **wish))


def test_paused_live_has_a_mask_of_its_own_if_there_is_one(host: Any) -> None:
    masks = {"archive_mask": "https://h/a/$prefix/$flpbt", "timeshift_mask": "https://h/t/$prefix/$flpbt"}
    paused = replace(LIVE, start=THEN, timeshift=True)
    assert urlsplit(router(host, **masks).issue(paused).uri).path == "/t/news1/1700000000"
    assert urlsplit(router(host, archive_mask=masks["archive_mask"]).issue(paused).uri).path == "/a/news1/1700000000"
    recorded = replace(paused, timeshift=False, stop=THEN + timedelta(hours=1))
    assert urlsplit(router(host, **masks).issue(recorded).uri).path == "/a/news1/1700000000"
