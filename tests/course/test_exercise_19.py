"""Exercise 19 rests on truths and verdicts: they are found here by other ways than its checks."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

import tinyad as ad
from tinyad.course.check.lesson_19 import CLAIMS, TRUTHS, absorbed, differs, tenable

PROGRAMS = {
    "A": lambda x: mpmath.log(1 + mpmath.exp(-x)),
    "B": lambda x: (mpmath.sqrt(1 + x) - 1) / x,
    "C": lambda x: mpmath.sqrt(x * x),
}


@pytest.mark.parametrize("story", PROGRAMS)
@pytest.mark.parametrize("x", [-0.75, -1e-3, 1e-5, 1e-3, 0.3, 2.5, 20.0])
def test_the_truths_are_the_programs_without_rounding(story: str, x: float) -> None:
    with mpmath.workdps(60):
        value = PROGRAMS[story](mpmath.mpf(x))
        slope = mpmath.diff(PROGRAMS[story], mpmath.mpf(x), h=mpmath.mpf(10) ** -25)
        got = TRUTHS[story](x)
        assert got[0] == pytest.approx(float(value), rel=1e-14)
        assert got[1] == pytest.approx(float(slope), rel=1e-13)


def test_the_absorbing_square_in_many_digits() -> None:
    with mpmath.workdps(60):
        x = mpmath.mpf(float(np.float32(1.1)))
        z = x * 10**10 + 1 - 10**10
        assert absorbed(float(x)) == (float(z * z), float(2 * z * 10**10))


def test_the_verdicts_from_the_numbers_of_a_run() -> None:
    def ran(f, x):  # type: ignore[no-untyped-def]
        with np.errstate(all="ignore"):
            return [float(n) for n in ad.value_and_grad(f)(np.float32(x))]

    value, slope = ran(lambda x: np.log(1 + np.exp(-x)), 20)
    assert value == 0
    assert slope == pytest.approx(-2.0611536e-9, rel=1e-6)
    value, slope = ran(lambda x: (np.sqrt(1 + x) - 1) / x, 1e-3)
    assert (round(value, 5), round(slope, 3)) == (0.49984, -0.094)  # truth 0.49988, -0.125
    assert math.isnan(ran(lambda x: np.sqrt(x * x), 0)[1])
    right = dict.fromkeys(("A1", "B1", "C1"), "right") | dict.fromkeys(("A2", "B2"), "wrong")
    right |= {"A3": "another function", "C2": "another function", "B3": "not shown"}
    words = {"right", "wrong", "another function", "not shown"}
    for claim in CLAIMS:
        assert {word for word in words if tenable(claim, word)} == {right[claim]}


def test_counterexamples() -> None:
    assert differs("A3", 0.0)  # log 2 against 0
    assert not differs("A3", -20.0)
    assert differs("C2", 0.0)
    assert differs("C2", 1e-3)  # by a factor of the root of 2
    assert not differs("C2", 1.0)
