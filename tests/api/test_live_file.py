"""A file of reference data that is replaced while it is in use."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from smarty_core.api.live_file import LiveFile
from smarty_core.errors import InvalidValue, StorageError
from smarty_core.testing.fake_host import FakeLog


class Reader:
    """Reads text; remembers in which threads; waits when it is told to."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.read_it = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, path: Path) -> str:
        self.threads.append(threading.current_thread())
        text = path.read_text()
        assert self.go_on.wait(20)
        self.read_it.set()
        if text == "bad":
            raise InvalidValue("it is bad")
        return text


@pytest.fixture
def reader() -> Reader:
    return Reader()


def replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)


def test_it_is_read_once_and_looked_at_in_the_background(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    live = LiveFile(path, reader, log=FakeLog(), every=0)
    assert [live.get(), live.get(), live.get()] == ["one"] * 3
    assert reader.threads == [threading.current_thread()]
    replace(path, "two")
    reader.read_it.clear()
    reader.go_on.clear()
    assert live.get() == "one", "what is in use stays in use while the new one is read"
    reader.go_on.set()
    assert reader.read_it.wait(20)
    live.look()  # waits for the thread that is just done
    assert live.get() == "two"
    assert threading.current_thread() not in reader.threads[1:]


def test_between_two_looks_nobody_looks(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    live = LiveFile(path, reader, log=FakeLog(), every=3600)
    assert live.get() == "one"
    replace(path, "two")
    assert live.get() == "one"
    assert len(reader.threads) == 1


def test_all_who_ask_first_wait_for_one_reading(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    live = LiveFile(path, reader, log=FakeLog())
    reader.go_on.clear()
    got: list[str] = []
    askers = [threading.Thread(target=lambda: got.append(live.get())) for _ in range(5)]
    for asker in askers:
        asker.start()
    reader.go_on.set()
    for asker in askers:
        asker.join(20)
    assert got == ["one"] * 5
    assert len(reader.threads) == 1


def test_trouble_is_told_once_until_it_changes(reader: Reader, tmp_path: Path) -> None:
    path, log = tmp_path / "file", FakeLog()
    live = LiveFile(path, reader, log=log, advice="fetch it", every=0)
    for _ in range(3):
        with pytest.raises(StorageError, match="file: No such file or directory; fetch it"):
            live.get()
    path.write_text("bad")
    for _ in range(3):
        with pytest.raises(StorageError, match="it is bad; fetch it"):
            live.get()
    assert len(reader.threads) == 1, "a bad file is not read again while it stays the same"
    assert [(event, context["in_use"]) for _, event, context in log.lines] == [("FILE_UNREADABLE", False)] * 2
    replace(path, "good")
    assert live.get() == "good"
    replace(path, "bad")
    live.look()
    assert live.get() == "good"
    assert log.lines[-1][2]["in_use"] is True
