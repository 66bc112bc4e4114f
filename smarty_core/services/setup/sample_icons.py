"""Draws icons for the sample channels, in every size the settings name."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from smarty_core.services.setup.sample_channels import CHANNELS, SampleChannel

FULL: Final = (500, 500)


def draw_sample_icons(folder: Path, sizes: Iterable[tuple[int, int]]) -> None:
    """Write `<id>.png` and `<id><width>_<height>.png` for every channel; files that exist are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, channel in enumerate(CHANNELS):
        full = folder / f"{channel.id}.png"
        sized = {folder / f"{channel.id}{width}_{height}.png": (width, height) for width, height in (FULL, *sizes)}
        if full.exists() and all(path.exists() for path in sized):
            continue
        picture = _draw(channel, number / len(CHANNELS))
        picture.save(full, optimize=True)
        for path, size in sized.items():
            _fit(picture, size).save(path, optimize=True)


def _draw(channel: SampleChannel, hue: float) -> Image.Image:
    """A rounded square of the channel's own colour with the initials of its English name."""
    colour = tuple(round(255 * part) for part in colorsys.hls_to_rgb(hue, 0.42, 0.55))
    picture = Image.new("RGBA", FULL, (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((20, 20, 480, 480), radius=90, fill=(*colour, 255))
    text = _initials(channel.en)
    font = ImageFont.load_default(size=210 if len(text) < 3 else 160)
    draw.text((250, 250), text, font=font, fill=(255, 255, 255, 255), anchor="mm")
    return picture


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isupper() or word[0].isdigit()]
    return "".join(word if word.isdigit() else word[0] for word in words)[:3]


def _fit(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`picture` inside `size`, proportions kept, the rest transparent."""
    side = min(size)
    small = picture.resize((side, side), Image.Resampling.LANCZOS)
    canvas = Image.new("RGBA", size, (0, 0, 0, 0))
    canvas.paste(small, ((size[0] - side) // 2, (size[1] - side) // 2))
    return canvas
