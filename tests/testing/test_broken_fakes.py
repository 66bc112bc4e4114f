"""A suite that cannot fail proves nothing: every broken driver fails exactly where it is broken."""

from __future__ import annotations

import ast
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

import pytest

from smarty_core.contracts import CONTRACTS

BROKEN = Path(__file__).with_name("broken_fakes.py")
EXPECTED: Mapping[str, set[str]] = {
    node.name: set((ast.get_docstring(node) or "").split())
    for node in ast.parse(BROKEN.read_text("utf-8")).body
    if isinstance(node, ast.ClassDef) and node.name.startswith("Test")
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Names of failed tests by class, from one run in a process of its own."""
    report = tmp_path_factory.mktemp("broken") / "report.xml"
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", "-o", "addopts="]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(BROKEN), *options, "--import-mode=importlib", f"--junitxml={report}"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    found: dict[str, set[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            found.setdefault(case.attrib["classname"].rpartition(".")[2], set()).add(case.attrib["name"].split("[")[0])
    return found


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_broken_driver_fails_its_suite(failed: dict[str, set[str]], name: str) -> None:
    assert EXPECTED[name], "say in the docstring which tests must fail"
    assert EXPECTED[name] <= failed.get(name, set())


def test_every_capability_has_a_broken_driver() -> None:
    capitalised = {"Test" + "".join(part.title() for part in capability.split("_")) for capability in CONTRACTS}
    assert capitalised <= EXPECTED.keys()
