"""Exercise 17 asks for truths: they are found here by other ways than its checks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tinyad.course.check.lesson_17 import (
    FALLING,
    KINKED,
    SIDES,
    SMOOTH,
    sided,
    true_length,
    true_slopes,
)


def test_the_six_slopes() -> None:
    """By hand, from the conventions that the task states."""
    with np.errstate(all="ignore"):
        a, b, c, d, e, f = true_slopes()
    assert (a, b, c, d, e) == (0 + 1, (3 + 1) / 2, 5, 2 * 0 * 0.5, 4 * 0.5 * 0.5)
    assert math.isnan(f)


@pytest.mark.parametrize("case", [*KINKED, *FALLING, *SMOOTH], ids=lambda c: f"{c[0]} at {c[1]}")
def test_one_sided_slopes(case) -> None:
    """Extrapolated from two steps to each side, so that a curved piece does no harm."""
    f, x, sides = case
    h = 1e-4
    for side, slope in zip((-1, 1), sides, strict=True):
        one, two = ((f(x + side * s) - f(x)) / (side * s) for s in (h, h / 2))
        assert 2 * two - one == pytest.approx(slope, abs=1e-7)
    assert SIDES[f.text, x] == sides


@pytest.mark.parametrize("tie", [(0.5, -1.0), (-2.0, -3.0), (1.0, 1.0)])
def test_the_maximum_a_step_later(tie) -> None:
    s, t = tie
    value, slope = sided((1.0, s), (1.0, t))
    step = 2.0**-10
    assert value == 1
    assert max(1 + s * step, 1 + t * step) == 1 + slope * step


def test_the_length_and_its_gradient() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-2, 2, (2, 6))
    x[3], y[3] = x[2], y[2]

    def length(z: np.ndarray) -> float:
        return float(np.sum(np.linalg.norm(np.diff(z.reshape(2, 6)), axis=0)))

    z = np.concatenate([x, y])
    total, gx, gy = true_length(x, y)
    assert total == pytest.approx(length(z), rel=1e-15)
    differences = [(length(z + e) - length(z - e)) / 2e-6 for e in 1e-6 * np.eye(12)]
    # to either side of the rest the length grows alike: the central difference sees the middle
    assert np.concatenate([gx, gy]) == pytest.approx(differences, abs=1e-7)
