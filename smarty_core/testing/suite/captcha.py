"""Compliance suite of `smarty.captcha`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from smarty_core.contracts.captcha import Captcha, Challenge
from smarty_core.testing.suite.driver import DriverSuite


class CaptchaSuite(DriverSuite):
    """Override `driver` and `solve`."""

    @pytest.fixture
    def solve(self) -> Callable[[Challenge], str]:
        """The answer a person would give."""
        raise NotImplementedError("override the `solve` fixture")

    def test_a_challenge_is_a_picture(self, driver: Captcha[Any]) -> None:
        challenge = driver.create()
        assert challenge.key
        assert 0 < len(challenge.picture) <= 200_000
        assert challenge.content_type.startswith("image/")

    def test_the_right_answer_passes(self, driver: Captcha[Any], solve: Callable[[Challenge], str]) -> None:
        challenge = driver.create()
        assert driver.check(challenge.key, solve(challenge))
        assert driver.check(challenge.key, f"  {solve(challenge).upper()} ")

    def test_any_other_answer_fails(self, driver: Captcha[Any], solve: Callable[[Challenge], str]) -> None:
        challenge = driver.create()
        for answer in ("", " ", "?", solve(challenge) + "0", solve(challenge)[:-1], "9" * 100, "ж", "\x00"):
            assert not driver.check(challenge.key, answer)

    def test_challenges_differ(self, driver: Captcha[Any]) -> None:
        assert len({driver.create().picture for _ in range(20)}) > 10
        assert len({driver.create().key for _ in range(50)}) > 5

    def test_the_picture_does_not_hold_the_answer_as_text(
        self, driver: Captcha[Any], solve: Callable[[Challenge], str]
    ) -> None:
        for _ in range(20):
            challenge = driver.create()
            assert f">{solve(challenge)}<".encode() not in challenge.picture
