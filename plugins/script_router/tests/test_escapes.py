"""Scripts of hostile operators: every one of these must fail, by a rule, by a limit, or at its deadline.

An attempt that gets where it wants leaves an address, and the test fails.
"""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from smarty_script_router.variables import VARIABLES
from smarty_script_router.workers import Overran, ScriptFailed, Worker

GOT = "\nuri = 'http://escaped/'"

NAMES = {
    "class of a string": "x = ''.__class__",
    "class in other letters": "x = ''._\uff3fclass_\uff3f",
    "a name in other letters": "_\uff3fbuiltins__ = 1",
    "bases": "x = ().__class__.__bases__[0].__subclasses__()",
    "dict of a function": "def f(): pass\nx = f.__dict__",
    "globals of a function": "def f(): pass\nx = f.__globals__",
    "code of a function": "f = lambda: 0\nx = f.__code__",
    "closure": "def f(a):\n    return lambda: a\nx = f(1).__closure__",
    "defaults": "def f(a=[]): pass\nf.__defaults__ = 1",
    "builtins by name": "x = __builtins__",
    "import by name": "x = __import__('os')",
    "guards by name": "_getattr_ = lambda a, b: a",
    "guards by argument": "def f(_getattr_): pass",
    "guards by import": "import random as _getattr_",
    "guards by loop": "for _getattr_ in [1]: pass",
    "guards by with": "with random as _x: pass",
    "guards by except": "try: pass\nexcept ValueError as _write_: pass",
    "guards by function": "def _getattr_(a, b): return a",
    "guards by walrus": "x = (_getattr_ := 1)",
    "guards by global": "def f():\n    global _getattr_\n    _getattr_ = 1\nf()",
    "type": "x = type(1)",
    "type with three arguments": "x = type('A', (), {})",
    "getattr": "x = getattr('', '__class__')",
    "setattr": "setattr(random, 'choice', 1)",
    "vars": "x = vars(random)",
    "globals": "x = globals()",
    "locals": "x = locals()",
    "dir": "x = dir(random)",
    "eval": "x = eval('1')",
    "exec": "exec('x = 1')",
    "compile": "x = compile('1', '', 'eval')",
    "open": "x = open('/etc/passwd').read()",
    "input": "x = input()",
    "breakpoint": "breakpoint()",
    "object": "x = object()",
    "super": "x = super()",
    "memoryview": "x = memoryview(b'')",
    "class": "class A: pass",
    "class of a datetime": "from datetime import datetime\nclass A(datetime): pass",
    "metaclass": "class A(metaclass=str): pass",
    "async": "async def f(): pass",
    "await": "async def f():\n    await 1",
    "exception groups": "try: pass\nexcept* ValueError: pass",
    "match": "match random:\n    case object(choice=x): pass",
    "code after the end, by finally": "def g():\n    try:\n        yield 1\n    finally:\n        print()\ng()",
    "code after the end, by except": "def g():\n    try:\n        yield from [1]\n    except BaseException: pass",
    "nonlocal": "def f():\n    a = 1\n    def g():\n        nonlocal a",
    "import os": "import os",
    "import sys": "from sys import modules",
    "import socket": "import socket",
    "import subprocess": "import subprocess as s",
    "import ctypes": "import ctypes",
    "import builtins": "import builtins",
    "import this package": "from smarty_script_router import confine",
    "import urllib.request": "import urllib.request",
    "import relatively": "from . import worker",
    "import everything": "from random import *",
    "private of a module": "from random import _os",
    "frame of a generator": "g = (1 for i in [1])\nx = g.gi_frame",
    "code of a generator": "def g():\n    yield 1\nx = g().gi_code",
    "traceback": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    x = e.__traceback__.tb_frame",
    "traceback frame": "x = 1 .tb_frame",
    "f string": "x = f'{prefix.__class__}'",
}
"""Refused when the script is compiled."""


@pytest.mark.parametrize("attempt", NAMES.values(), ids=NAMES.keys())
def test_names_that_lead_out_are_refused_before_anything_runs(worker: Worker, attempt: str) -> None:
    assert worker.problems(attempt + GOT, VARIABLES)
    with pytest.raises(ScriptFailed):
        worker.run(attempt + GOT, dict.fromkeys(VARIABLES, ""), 5.0)


OBJECTS = {
    "format: class": "x = '{0.__class__}'.format('')",
    "format: init of a function": "def f(): pass\nx = '{0.__globals__}'.format(f)",
    "format: a module's function": "x = '{0.choice.__self__}'.format(random)",
    "format: by the type": "x = str.format('{0.__class__}', '')",
    "format: by map": "x = list(map(str.format, ['{0.__class__}'], ['']))",
    "format: nested": "x = '{0:{1.__class__}}'.format('', '')",
    "format: item of a function": "def f(): pass\nx = '{0[__globals__]}'.format(f)",
    "format_map": "x = '{a.__class__}'.format_map({'a': 1})",
    "format_map by the type": "x = str.format_map('{a}', {'a': 1})",
    "random: self": "x = random.choice.func",
    "random: Random": "x = random.Random().getstate()",
    "random: SystemRandom": "x = random.SystemRandom",
    "random: an attribute set": "random.choice = len",
    "random: an item set": "random['choice'] = len",
    "random: deleted": "del random.choice",
    "random: module by import": "from random import os",
    "urllib: a module beside": "from urllib.parse import sys",
    "urllib: error": "import urllib.parse\nx = urllib.error",
    "urllib: the real module": "import urllib.parse\nx = urllib.parse.sys",
    "hashlib: file": "import hashlib\nx = hashlib.file_digest",
    "hashlib: module": "from hashlib import os",
    "hmac: module": "import hmac\nx = hmac.warnings",
    "time: sleep": "import time\ntime.sleep(9)",
    "base64: main": "import base64\nbase64.main()",
    "datetime: module": "import datetime\nx = datetime.sys",
    "function attribute": "def f(): pass\nf.x = 1",
    "type attribute": "str.x = 1",
    "mro": "x = str.mro()",
    "generator send": "def g():\n    yield 1\nx = g().send(None)",
    "generator throw": "def g():\n    yield 1\ng().throw(ValueError)",
    "exception attribute": "try:\n    random.nothing\nexcept AttributeError as e:\n    x = e.obj",
    "exception name": "try:\n    ''.nothing\nexcept AttributeError as e:\n    x = e.name",
    "exception traceback": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    x = e.with_traceback(None)",
    "builtin function": "x = len.real",
    "codec that opens a file": "x = b'x'.decode('mac_latin2')",
    "codec that runs code": "x = b'x'.decode('../../etc/passwd')",
    "system exit": "raise BaseException('x')",
    "keyboard interrupt": "x = KeyError\nraise x('http://escaped/')",
}
"""Refused when it runs."""


@pytest.mark.parametrize("attempt", OBJECTS.values(), ids=OBJECTS.keys())
def test_objects_show_scripts_nothing_that_leads_out(run: Any, attempt: str) -> None:
    with pytest.raises(ScriptFailed):
        run(attempt + GOT, prefix="news1")


GREED = {
    "a long text": "x = 'x' * 10 ** 10",
    "a long list": "x = [0] * 10 ** 9",
    "a growing list": "x = []\nwhile True:\n    x.append('x' * 1000000)",
    "a comprehension": "x = [i for i in range(10 ** 9)]",
    "a wide format": "x = '{:>9999999999}'.format('x')",
    "a wide percent": "x = '%9999999999d' % 1",
    "a nested list": "x = []\nfor i in range(40):\n    x = [x, x] + [x] * 1000000",
    "random bytes": "x = random.getrandbits(10 ** 10)",
    "choices": "x = random.choices([1], k=10 ** 9)",
    "recursion": "def f(n):\n    return f(n + 1)\nx = f(0)",
    "recursion by repr": "x = []\nfor i in range(100000):\n    x = [x]\nx = repr(x)",
    "digits": "x = str(10 ** 5000)",
    "a large shift": "x = 1 << 10 ** 11",
}


@pytest.mark.parametrize("attempt", GREED.values(), ids=GREED.keys())
def test_memory_and_depth_are_bounded(run: Any, worker: Worker, attempt: str) -> None:
    with pytest.raises(ScriptFailed) as failed:
        run(attempt + GOT, prefix="news1")
    assert not isinstance(failed.value, Overran)
    assert run("uri = 'http://h/'") == "http://h/", "the operator's other scripts run on"


ENDLESS = {
    "a loop": "while True: pass",
    "a loop that catches": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "finally": "try:\n    while True: pass\nfinally:\n    while True: pass",
    "a power": "x = 10 ** 10 ** 8",
    "a sum": "x = sum(range(10 ** 12))",
    "a search": "x = 5 in iter(int, 1)",
    "a generator": "def g():\n    while True: yield 1\nx = max(g())",
    "rounds of a hash": "import hashlib\nx = b''\nwhile True:\n    x = hashlib.sha512(x * 9).digest()",
    "a sort": "x = sorted(range(10 ** 6), key=lambda i: [j for j in range(10 ** 9)])",
}


@pytest.mark.parametrize("attempt", ENDLESS.values(), ids=ENDLESS.keys())
def test_what_does_not_end_is_ended_at_its_deadline(run: Any, attempt: str) -> None:
    begin = time.monotonic()
    with pytest.raises(ScriptFailed):
        run(attempt + GOT, seconds=0.05)
    assert time.monotonic() - begin < 5


def test_a_script_that_is_long_to_compile_costs_seconds_of_its_own_process_only(worker: Worker) -> None:
    bomb = "uri = 'http://h/'\n"
    for depth in range(18):
        bomb += " " * depth + "try: pass\n" + " " * depth + "finally:\n"
    bomb += " " * 18 + "uri = 'http://escaped/'\n"
    begin = time.monotonic()
    problems = worker.problems(bomb, VARIABLES)
    assert problems or worker.run(bomb, dict.fromkeys(VARIABLES, ""), 5.0) == "http://escaped/"
    assert time.monotonic() - begin < 30
    assert worker.run("uri = 'http://h/'", dict.fromkeys(VARIABLES, ""), 5.0) == "http://h/"


def test_the_process_of_scripts_knows_nothing_of_its_server(worker: Worker) -> None:
    worker.run("uri = 'http://h/'", dict.fromkeys(VARIABLES, ""), 5.0)
    process = worker._process
    assert process is not None
    assert process.pid != os.getpid()
    with open(f"/proc/{process.pid}/environ", "rb") as file:
        assert os.getuid() == 0 or file.read() == b""
    with open(f"/proc/{process.pid}/limits") as file:
        limits = file.read()
    for name in ("open files", "processes", "file size", "core file size"):
        assert [line.split()[-3:-1] for line in limits.splitlines() if line.startswith(f"Max {name}")] == [["0", "0"]]
