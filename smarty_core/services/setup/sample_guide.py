"""Writes the sample guide as a real XMLTV file, in Russian and English, always current.

What a channel shows on a day depends only on the channel and the day, so that the guide of tomorrow is the same file
content when it is written again and an import finds nothing changed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from smarty_core.services.setup.sample_channels import CHANNELS, SampleChannel

DAYS_BACK: Final = 3
DAYS_AHEAD: Final = 7


@dataclass(frozen=True, slots=True)
class Show:
    """A programme pattern. `minutes` to choose from; `episodes` > 0 makes it a serial."""

    ru: str
    en: str
    about_ru: str
    about_en: str
    minutes: tuple[int, ...]
    age: int = 0
    genre: str = ""
    episodes: int = 0


SHOWS: Final[dict[str, tuple[Show, ...]]] = {
    "news": (
        Show("Новости", "News", "Главное за час.", "The hour in brief.", (15, 20, 30)),
        Show("Утро вместе", "Morning Together", "Разговоры, погода и полезные советы.", "Talk, weather and advice.",
             (60, 90), 6, "show"),
        Show("Итоги дня", "The Day in Review", "Что произошло и почему это важно.", "What happened, why it matters.",
             (45, 60), 12),
        Show("Экономика", "Economy", "Рынки, компании и цены.", "Markets, companies and prices.", (20, 30), 12),
        Show("Прямая речь", "In Their Own Words", "Большое интервью.", "A long interview.", (40, 50), 12, "show"),
        Show("Погода", "Weather", "Прогноз на сутки.", "The forecast for a day.", (5, 10)),
    ),
    "entertainment": (
        Show("Вечерний разговор", "Evening Talk", "Гости студии о себе.", "Guests about themselves.", (50, 60), 12,
             "show"),
        Show("Своими руками", "Handmade", "Как сделать вещь самому.", "How to make things yourself.", (30, 40), 0),
        Show("Вкусная суббота", "Tasty Saturday", "Рецепты за полчаса.", "Recipes in half an hour.", (30,), 0, "show"),
        Show("Большая игра", "The Big Game", "Викторина для всей семьи.", "A family quiz.", (60, 75), 6, "show"),
        Show("Дача мечты", "Dream Cottage", "Сад, дом и соседи.", "Garden, house and neighbours.", (30, 45), 0),
    ),
    "sport": (
        Show("Футбол. Лига", "Football. The League", "Матч тура.", "Match of the round.", (115, 125), 6, "football"),
        Show("Хоккей. Кубок", "Ice Hockey. The Cup", "Игра плей-офф.", "A play-off game.", (140, 150), 6, "hockey"),
        Show("Обзор тура", "Round Review", "Голы, моменты, мнения.", "Goals, moments, opinions.", (30, 45), 6),
        Show("Спортивные новости", "Sports News", "Коротко о главном.", "The main things in short.", (10, 15)),
        Show("Биатлон. Гонка", "Biathlon. The Race", "Прямой эфир.", "Live.", (90, 100), 6),
    ),
    "education": (
        Show("Живая планета", "Living Planet", "Редкие звери крупным планом.", "Rare animals in close-up.", (50, 60), 6,
             "documentary"),
        Show("Как это работает", "How It Works", "Устройство привычных вещей.", "The inside of everyday things.",
             (25, 30), 0, "documentary"),
        Show("Дорога на край", "Road to the Edge", "Путевые заметки.", "Travel notes.", (45, 55), 6, "documentary"),
        Show("История одного дня", "The Story of a Day", "День, который изменил город.", "A day that changed a city.",
             (40, 50), 12, "documentary"),
        Show("Опыты", "Experiments", "Физика на кухне.", "Physics in the kitchen.", (20, 30), 0),
    ),
    "films": (
        Show("Тихая гавань", "Quiet Harbour", "Капитан возвращается в родной порт.", "A captain returns to his port.",
             (95, 110), 12, "drama"),
        Show("Последний трамвай", "The Last Tram", "Ночь, двое незнакомцев и один маршрут.",
             "A night, two strangers, one line.", (90, 100), 16, "thriller"),
        Show("Отпуск по обмену", "Holiday Swap", "Две семьи меняются домами.", "Two families swap homes.", (85, 95), 12,
             "comedy"),
        Show("Станция «Полюс»", "Station Polus", "Связь с базой пропала.", "The base falls silent.", (105, 120), 16,
             "fantasy"),
        Show("Побег к морю", "Escape to the Sea", "Погоня длиной в три дня.", "A chase of three days.", (100, 115), 16,
             "action"),
        Show("Старый альбом", "The Old Album", "Внук находит письма деда.", "A grandson finds letters.", (80, 90), 6,
             "drama"),
    ),
    "series": (
        Show("Участок", "The Precinct", "Новое дело капитана Лебедевой.", "A new case for Captain Lebedeva.", (45, 50),
             16, "thriller", 24),
        Show("Соседи сверху", "The Upstairs Neighbours", "Дом, где слышно всё.", "A house where you hear all.",
             (25, 30), 12, "comedy", 40),
        Show("Врачи города", "City Doctors", "Смена в приёмном покое.", "A shift in the emergency room.", (45, 50), 16,
             "drama", 32),
        Show("Маяк", "The Lighthouse", "Остров хранит тайну.", "An island's secret.", (50, 55), 16, "thriller", 8),
    ),
    "kids": (
        Show("Лис и компания", "Fox and Friends of the Forest", "Приключения лесных друзей.", "Adventures in a forest.",
             (10, 12), 0, "animation", 52),
        Show("Азбука вслух", "The Alphabet Aloud", "Учим буквы.", "Learning letters.", (15,), 0),
        Show("Робот Винтик", "Vintik the Robot", "Маленький робот всё чинит.", "A small robot mends all.", (20, 25), 0,
             "animation", 26),
        Show("Сказка на ночь", "A Bedtime Story", "Читаем и слушаем.", "We read and listen.", (15, 20), 0),
        Show("Мастерская", "The Workshop", "Клеим, режем, красим.", "Glue, cut, paint.", (20,), 0, "show"),
    ),
    "music": (
        Show("Хит-парад", "Hit Parade", "Двадцать песен недели.", "Twenty songs of the week.", (60,), 6),
        Show("Концерт", "Concert", "Запись с большой сцены.", "A recording from the big stage.", (75, 90), 12),
        Show("Клипы без остановки", "Non-stop Clips", "Только музыка.", "Only music.", (30, 45, 60), 12),
        Show("Пластинка", "The Record", "История одного альбома.", "The story of an album.", (40, 50), 12,
             "documentary"),
    ),
}  # fmt: skip


def write_sample_guide(path: Path, today: date) -> int:
    """Write the guide around `today` to `path` (atomically); how many programmes it holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<tv generator-info-name="smarty sample">\n')
        for channel in CHANNELS:
            out.write(_channel(channel))
        for channel in CHANNELS:
            for back in range(-DAYS_BACK, DAYS_AHEAD + 1):
                for programme in _day(channel, today + timedelta(days=back)):
                    out.write(programme)
                    count += 1
        out.write("</tv>\n")
    part.replace(path)
    return count


def _channel(channel: SampleChannel) -> str:
    return (
        f'<channel id={quoteattr(channel.id)}><display-name lang="ru">{escape(channel.ru)}</display-name>'
        f'<display-name lang="en">{escape(channel.en)}</display-name></channel>\n'
    )


def _day(channel: SampleChannel, day: date) -> Iterator[str]:
    """The programmes of one UTC day, without a gap from midnight to midnight."""
    chance = random.Random(f"{channel.id} {day.isoformat()}")  # noqa: S311 - a sample, not a secret
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end, previous = begin + timedelta(days=1), None
    shows = SHOWS[channel.kind]
    while begin < end:
        show = chance.choice([show for show in shows if show is not previous])
        stop = min(begin + timedelta(minutes=chance.choice(show.minutes)), end)
        if end - stop < timedelta(minutes=5):
            stop = end
        yield _programme(channel, show, begin, stop, chance)
        begin, previous = stop, show


def _programme(channel: SampleChannel, show: Show, begin: datetime, stop: datetime, chance: random.Random) -> str:
    lines = [
        f'<programme start="{begin:%Y%m%d%H%M%S} +0000" stop="{stop:%Y%m%d%H%M%S} +0000"'
        f" channel={quoteattr(channel.id)}>",
        f'<title lang="ru">{escape(show.ru)}</title><title lang="en">{escape(show.en)}</title>',
    ]
    if show.episodes:
        episode = chance.randrange(show.episodes) + 1
        lines.append(
            f'<sub-title lang="ru">Серия {episode}</sub-title><sub-title lang="en">Episode {episode}</sub-title>'
        )
    lines.append(f'<desc lang="ru">{escape(show.about_ru)}</desc><desc lang="en">{escape(show.about_en)}</desc>')
    lines.append(f"<category>{channel.kind}</category>")
    if show.genre:
        lines.append(f"<category>{show.genre}</category>")
    if show.episodes:
        lines.append(f'<episode-num system="xmltv_ns">0.{episode - 1}/{show.episodes}.</episode-num>')
    if show.age:
        lines.append(f'<rating system="RU"><value>{show.age}+</value></rating>')
    lines.append("</programme>\n")
    return "".join(lines)
