from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from smarty_core.builtin.mask_router import MaskRouter
from smarty_core.builtin.multicast_router import MulticastRouter
from smarty_core.contracts.stream_mask import ARCHIVE_VARIABLES, VARIABLES, VIEWER_VARIABLES
from smarty_core.contracts.stream_router import PlayRequest
from smarty_core.errors import ConfigError, NotSupported

NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def request(**facts: Any) -> PlayRequest:
    known = {"content_type": "channel", "content_id": "7", "prefix": "news1", "token": "T", "now": NOW}
    return PlayRequest(**{**known, **facts})


def router(host: Any, **masks: str) -> MaskRouter:
    return MaskRouter("main", MaskRouter.Settings(**masks), host)


def test_the_reference_has_every_variable_and_says_where_it_has_a_value() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/masks.md").read_text()
    rows = re.findall(r"^\| `\$(\w+)` \| .* \| (yes|no) \| yes \| (yes|no) \|$", page, re.MULTILINE)
    assert [name for name, _, _ in rows if name not in VARIABLES] == []
    assert {name: (live, shared) for name, live, shared in rows} == {
        name: (
            "no" if name in ARCHIVE_VARIABLES else "yes",
            "no" if name in ARCHIVE_VARIABLES | VIEWER_VARIABLES else "yes",
        )
        for name in VARIABLES
    }


def test_every_variable_has_its_value(host: Any) -> None:
    archive = "|".join(f"{name}=${{{name}}}" for name in VARIABLES)
    made = router(host, live_mask="x", archive_mask=archive)
    uri = made.issue(
        request(
            start=NOW - timedelta(hours=2), stop=NOW - timedelta(hours=1), ip="203.0.113.7", abonement="1001",
            account_id=5, device="mag_250", device_uid="00:1A", data_center_id=3, shift_hours=-2,
            audio_pid="rus", text_pid="4", video_pid="0",
        )
    ).uri  # fmt: skip
    assert dict(part.split("=") for part in uri.split("|")) == {
        "prefix": "news1", "token": "T", "cid": "7", "flpbt": "1699992800", "flpet": "1699996400", "flpdur": "3600",
        "duration": "3600", "offset": "7200",
        "utc": "1700000000", "ip": "203.0.113.7", "abonement": "1001", "account": "5", "device": "mag_250",
        "device_uid": "00%3A1A", "dc": "3", "shift": "-2", "audio_pid": "rus", "text_pid": "4",
        "video_pid": "0",
    }  # fmt: skip


def test_a_show_on_air_lasts_until_now(host: Any) -> None:
    made = router(host, live_mask="x", archive_mask="$flpdur")
    assert made.issue(request(start=NOW - timedelta(seconds=90))).uri == "90"


def test_paused_live_lasts_until_the_word_now(host: Any) -> None:
    made = router(host, live_mask="x", archive_mask="http://v.example/$prefix/video-$flpbt-$flpdur.m3u8")
    wish = request(start=NOW - timedelta(seconds=90), timeshift=True)
    assert made.issue(wish).uri == "http://v.example/news1/video-1699999910-now.m3u8"


def test_paused_live_has_a_mask_of_its_own_or_that_of_the_archive(host: Any) -> None:
    wish = request(start=NOW - timedelta(seconds=90), timeshift=True)
    assert router(host, live_mask="x", archive_mask="a-$flpbt").issue(wish).uri == "a-1699999910"
    assert router(host, live_mask="x", archive_mask="a", timeshift_mask="t-$flpbt").issue(wish).uri == "t-1699999910"


def test_without_an_archive_mask_there_is_no_archive(host: Any) -> None:
    with pytest.raises(NotSupported):
        router(host, live_mask="x").issue(request(start=NOW))


def test_a_service_for_the_archive_alone_plays_nothing_live(host: Any) -> None:
    made = router(host, archive_mask="a-$flpbt")
    assert made.issue(request(start=NOW)).uri == "a-1700000000"
    with pytest.raises(NotSupported):
        made.issue(request())


def test_a_service_without_any_mask_is_named_when_it_is_made(host: Any) -> None:
    with pytest.raises(ConfigError, match="main: live_mask: missing"):
        router(host, timeshift_mask="x")


def test_a_prefix_may_be_a_path_and_is_quoted_in_a_query(host: Any) -> None:
    made = router(host, live_mask="http://v.example/$prefix/i.m3u8?name=$prefix&cost=$$5")
    assert made.issue(request(prefix="a/../b c")).uri == "http://v.example/a/b%20c/i.m3u8?name=a%2Fb%20c&cost=$5"


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ("http://v/$prefx", "unknown variable $prefx in the mask"),
        ("http://v/$prefix/$", "begins no variable"),
        ("http://v/$prefix?b=$flpbt", "no value while live"),
    ],
)
def test_a_wrong_mask_is_named_when_the_instance_is_made(host: Any, mask: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        router(host, live_mask=mask)
    assert words in str(caught.value)
    assert "main: live_mask:" in str(caught.value)


def test_all_wrong_masks_are_named_at_once(host: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        router(host, live_mask="$a $b", archive_mask="$c")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("udp://@239.1.1.1:1234", "udp://@239.1.1.1:1234"),
        ("239.1.1.1:1234", "udp://@239.1.1.1:1234"),
        ("rtp://239.1.1.1:1234", "rtp://@239.1.1.1:1234"),
    ],
)
def test_multicast_addresses(host: Any, uri: str, address: str) -> None:
    direct = MulticastRouter("m", MulticastRouter.Settings(), host)
    proxied = MulticastRouter("m", MulticastRouter.Settings(proxy="http://10.0.0.1:4022/"), host)
    assert direct.issue(request(multicast_uri=uri)).uri == address
    kind = address.partition(":")[0]
    assert proxied.issue(request(multicast_uri=uri)).uri == f"http://10.0.0.1:4022/{kind}/239.1.1.1:1234"


def test_multicast_carries_what_is_live_only(host: Any) -> None:
    multicast = MulticastRouter("m", MulticastRouter.Settings(), host)
    group = {"multicast_uri": "udp://@239.1.1.1:1234"}
    for kind in ("channel", "radio", "camera"):
        assert multicast.issue(request(content_type=kind, **group)).uri == group["multicast_uri"]
    for wish in ({"content_type": "video"}, {"start": NOW - timedelta(hours=1)}):
        with pytest.raises(NotSupported):
            multicast.issue(request(**wish, **group))


@pytest.mark.parametrize("uri", ["", "http://evil/", "239.1.1.1", "239.1.1.1:0", "239.1.1.1:99999", "udp://@x:1/\r\n"])
def test_no_multicast_address_no_stream(host: Any, uri: str) -> None:
    with pytest.raises(NotSupported):
        MulticastRouter("m", MulticastRouter.Settings(), host).issue(request(multicast_uri=uri))
