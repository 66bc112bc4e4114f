"""A real nginx, and the configuration the how-to tells operators to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from smarty_core.testing.nginx import nginx as nginx

HOWTO = Path(__file__).parents[3] / "docs" / "howto" / "nginx.md"


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """Files of two channels and of their archive."""
    folder = tmp_path / "videos"
    for name in ("hls/news1/index.m3u8", "hls/news1/720p/1.ts", "hls/news2/index.m3u8", "hls/кино 1/index.m3u8",
                 "hls/news1/1699992800-3600.m3u8", "hls/sports/index.m3u8", "hls/sports/live/index.m3u8"):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def written(videos: Path) -> Callable[[str], str]:
    """The configuration in the how-to that holds a word, over `videos`."""

    def block(word: str) -> str:
        blocks = re.findall(r"```nginx\n(.*?)```", HOWTO.read_text("utf-8"), re.DOTALL)
        (found,) = [text for text in blocks if word in text]
        return str(found).replace("/srv/video", str(videos))

    return block
