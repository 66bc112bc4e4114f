"""XMLTV documents of any size, as suppliers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

WORDS = ("новости", "погода", "спорт", "кино", "сериал", "музыка", "история", "природа", "путешествия", "наука",
         "театр", "утро", "вечер", "интервью")  # fmt: skip
MINUTES = 40


def write_document(
    path: Path, *, programmes: int, channels: int, by_time: bool = False, changed_percent: float = 0.0
) -> int:
    """Write a guide that begins a day ago; how many programmes it holds. About 800 bytes each.

    `changed_percent`: how many of them, evenly spread, have another description than without it.
    """
    slots = max(1, programmes // channels)
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    every = round(100 / changed_percent) if changed_percent else 0
    pairs = (
        ((channel, slot) for slot in range(slots) for channel in range(channels))
        if by_time
        else ((channel, slot) for channel in range(channels) for slot in range(slots))
    )
    with path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<tv>\n')
        for channel in range(channels):
            out.write(f'<channel id="ch{channel}"><display-name>Канал {channel}</display-name></channel>\n')
        for channel, slot in pairs:
            number = channel * slots + slot
            out.write(_programme(channel, slot, begin, changed=bool(every) and number % every == 0))
        out.write("</tv>\n")
    return slots * channels


def _programme(channel: int, slot: int, begin: datetime, *, changed: bool) -> str:
    start = begin + timedelta(minutes=MINUTES * slot)
    stop = start + timedelta(minutes=MINUTES)
    words = [WORDS[(channel * 7 + slot * 3 + place) % len(WORDS)] for place in range(22)]
    text = ("Изменено. " if changed else "") + " ".join(words).capitalize()
    return (
        f'<programme start="{start:%Y%m%d%H%M%S} +0000" stop="{stop:%Y%m%d%H%M%S} +0000" channel="ch{channel}">\n'
        f'<title lang="ru">{words[0].capitalize()} {channel}-{slot}</title>'
        f'<title lang="en">Show {channel}-{slot}</title>\n'
        f'<desc lang="ru">{text}. Подробное описание передачи, как его дают поставщики программы.</desc>\n'
        f'<category lang="ru">{words[1]}</category><icon src="http://epg.example/p/{channel}/{slot}.jpg"/>\n'
        f'<rating system="RU"><value>{slot % 3 * 6}+</value></rating>\n</programme>\n'
    )
