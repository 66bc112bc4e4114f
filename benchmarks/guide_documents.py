"""XMLTV documents of any size, as suppliers write them: `python -m benchmarks.guide_documents --programmes 5000 FILE`.

Grouped by channel or sorted by time, clean or with everything that is wrong in real feeds, and with some of their
programmes changed. The same arguments on the same day give the same document.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

WORDS: Final = ("новости", "погода", "спорт", "кино", "сериал", "музыка", "история", "природа", "путешествия", "наука",
                "театр", "утро", "вечер", "интервью")  # fmt: skip
MINUTES: Final = 40
PER_CHANNEL: Final = 400
FAULTY: Final = 7
"""With faults, one of so many programmes has one."""

BEFORE: Final = {
    "unknown channel": '<programme start="{start}" stop="{stop}" channel="nobody"><title>Alien</title></programme>\n',
    "unreadable time": '<programme start="yesterday" channel="{channel}"><title>When?</title></programme>\n',
    "no channel": '<programme start="{start}" stop="{stop}"><title>Where?</title></programme>\n',
    "no name": '<programme start="{start}" stop="{stop}" channel="{channel}"><title> </title></programme>\n',
    "comment": "<!-- <programme start='20200101'> & so on -->\n",
}
"""Rubbish that stands in front of a programme, which itself is as it should be."""

WITHIN: Final = {
    "html entities": "&nbsp;Caf&eacute; &amp; Bar &copy; &nosuchthing; AT&T & R&D.",
    "entity bomb": "&lol9; &outside;",
    "wrong nesting": "<b>bold <i>both</b> slanted</i>",
    "control characters": "\x01\x0b\x1f",
    "invalid bytes": "\udcff\udcfe\udc80",
    "cdata": "<![CDATA[ <b>&nbsp; ]]>",
    "unknown element": "</desc><nobody knows='it'><value>1</value></nobody><desc lang='xx'>more",
}
"""What a programme holds at the end of its description; its times and names are as they should be."""

TIMES: Final = ("overlap", "hole", "no stop", "stop before start", "double", "+0300", "+03:00", "-0330", "Z", "MSK",
                "no offset", "no seconds")  # fmt: skip
LONG: Final = ("long name", "long description")
FAULTS: Final = (*BEFORE, *WITHIN, *TIMES, *LONG)
SAME_TIMES: Final = frozenset((*BEFORE, *WITHIN, *LONG, "", "no stop", "double", *TIMES[5:]))
"""Faults after which a programme still has the times it should have."""

HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
BOMB: Final = (
    '<!DOCTYPE tv SYSTEM "http://127.0.0.1:9/xmltv.dtd" [<!ENTITY lol0 "lol">'
    + "".join(f'<!ENTITY lol{number} "{f"&lol{number - 1};" * 10}">' for number in range(1, 10))
    + '<!ENTITY outside SYSTEM "file:///etc/hostname">]>\n'
)


def fault_of(number: int) -> str:
    """What is wrong with the programme of this number (channel * slots + slot); empty = nothing."""
    return FAULTS[number // FAULTY % len(FAULTS)] if number % FAULTY == FAULTY // 2 else ""


def first_start() -> datetime:
    """When the guides begin: yesterday at midnight, UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)


def write_document(
    path: Path,
    *,
    programmes: int,
    channels: int,
    by_time: bool = False,
    faults: bool = False,
    changed_percent: float = 0.0,
) -> int:
    """Write a guide that begins a day ago; how many programmes it holds. About 800 bytes each.

    `changed_percent`: how many of them, evenly spread, have another description than without it. Channels are named
    ch0, ch1 ...; channel 3's programme in slot 5 is `Show 3-5` in English.
    """
    slots = max(1, programmes // channels)
    every = round(100 / changed_percent) if changed_percent else 0
    pairs = (
        ((channel, slot) for slot in range(slots) for channel in range(channels))
        if by_time
        else ((channel, slot) for channel in range(channels) for slot in range(slots))
    )
    writer = _Programmes(slots)
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as out:
        out.write(f"{HEAD}{BOMB if faults else ''}<tv>\n")
        for channel in range(channels):
            out.write(f'<channel id="ch{channel}"><display-name>Канал {channel}</display-name></channel>\n')
        for channel, slot in pairs:
            number = channel * slots + slot
            changed = bool(every) and number % every == 0
            if faults and (fault := fault_of(number)):
                out.writelines(writer.faulty(channel, slot, fault, changed=changed))
            else:
                out.write(writer.programme(channel, slot, changed=changed))
        out.write("</tv>\n")
    return slots * channels


class _Programmes:
    """Programmes one after the other on every channel."""

    def __init__(self, slots: int) -> None:
        begin = first_start()
        self._moments = [begin + timedelta(minutes=MINUTES * slot) for slot in range(slots + 1)]
        self._times = [f"{moment:%Y%m%d%H%M%S} +0000" for moment in self._moments]
        turns = [[WORDS[(turn + place) % len(WORDS)] for place in range(22)] for turn in range(len(WORDS))]
        self._titles = [words[0].capitalize() for words in turns]
        self._texts = [" ".join(words).capitalize() for words in turns]
        self._categories = [words[1] for words in turns]

    def programme(
        self,
        channel: int,
        slot: int,
        *,
        changed: bool = False,
        times: str = "",
        name: str = "",
        inside: str = "",
    ) -> str:
        """One programme; `times` are other attributes than its own, `name` and `inside` are added to its texts."""
        turn = (channel * 7 + slot * 3) % len(WORDS)
        times = times or f'start="{self._times[slot]}" stop="{self._times[slot + 1]}"'
        text = ("Изменено. " if changed else "") + self._texts[turn]
        return (
            f'<programme {times} channel="ch{channel}">\n'
            f'<title lang="ru">{self._titles[turn]} {channel}-{slot}{name}</title>'
            f'<title lang="en">Show {channel}-{slot}{name}</title>\n'
            f'<desc lang="ru">{text}. Подробное описание передачи, как его дают поставщики программы.{inside}</desc>\n'
            f'<category lang="ru">{self._categories[turn]}</category>'
            f'<icon src="http://epg.example/p/{channel}/{slot}.jpg"/>\n'
            f'<rating system="RU"><value>{slot % 3 * 6}+</value></rating>\n</programme>\n'
        )

    def faulty(self, channel: int, slot: int, fault: str, *, changed: bool) -> Iterator[str]:
        """The programme with a fault, and whatever else belongs to the fault."""
        name = " и так далее" * 500 if fault == "long name" else ""
        inside = WITHIN.get(fault, "") if fault != "long description" else " слово" * 4000
        if fault in BEFORE:
            yield BEFORE[fault].format(start=self._times[slot], stop=self._times[slot + 1], channel=f"ch{channel}")
        times = self._told(slot, fault) if fault in TIMES else ""
        programme = self.programme(channel, slot, changed=changed, times=times, name=name, inside=inside)
        yield programme
        if fault == "double":
            yield programme

    def _told(self, slot: int, fault: str) -> str:
        start, stop = self._moments[slot], self._moments[slot + 1]
        if fault == "no stop":
            return f'start="{self._times[slot]}"'
        shifted = {"overlap": stop + timedelta(minutes=10), "hole": stop - timedelta(minutes=10),
                   "stop before start": start - timedelta(minutes=30), "double": stop}.get(fault)  # fmt: skip
        if shifted is not None:
            return f'start="{self._times[slot]}" stop="{shifted:%Y%m%d%H%M%S} +0000"'
        if fault == "no seconds":
            return f'start="{start:%Y%m%d%H%M} +0000" stop="{stop:%Y%m%d%H%M} +0000"'
        hours = {"+0300": 3.0, "+03:00": 3.0, "MSK": 3.0, "-0330": -3.5}.get(fault, 0.0)
        zone = "" if fault == "no offset" else fault if fault == "Z" else f" {fault}"
        own = [f"{moment + timedelta(hours=hours):%Y%m%d%H%M%S}{zone}" for moment in (start, stop)]
        return f'start="{own[0]}" stop="{own[1]}"'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--programmes", type=int, default=100_000)
    parser.add_argument("--channels", type=int, default=0, help=f"default: one for every {PER_CHANNEL} programmes")
    parser.add_argument("--by-time", action="store_true", help="sorted by time instead of grouped by channel")
    parser.add_argument("--faults", action="store_true", help=f"one of {FAULTY} programmes has something wrong")
    parser.add_argument("--changed", type=float, default=0.0, metavar="PERCENT", help="programmes with another text")
    options = parser.parse_args()
    channels = options.channels or max(1, options.programmes // PER_CHANNEL)
    total = write_document(
        options.file, programmes=options.programmes, channels=channels, by_time=options.by_time,
        faults=options.faults, changed_percent=options.changed,
    )  # fmt: skip
    size = options.file.stat().st_size / 1e6
    print(f"{options.file}: {total} programmes on {channels} channels, {size:.0f} MB")


if __name__ == "__main__":
    main()
