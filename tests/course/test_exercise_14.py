"""Exercise 14 asks for truths: they are found here in fractions, by other ways than its checks."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from tinyad.course.check.lesson_14 import (
    GAMMAS,
    edges,
    guarded,
    half_gap,
    honest,
    last_bit,
    region_in,
    true_regions,
)


def rounded(value: Fraction, digits: int) -> Fraction:
    """Round to this many binary digits, ties to even; the exponent has no bounds."""
    size = abs(value)
    exponent = math.floor(math.log2(size)) if size else 0
    exponent += (size >= Fraction(2) ** (exponent + 1)) - (size < Fraction(2) ** exponent)
    unit = Fraction(2) ** (exponent - digits + 1)
    return round(value / unit) * unit


def region(gamma: Fraction, digits: int) -> str:
    """The region of γ, from the definition of rounding."""
    g = rounded(2 + gamma, digits) - 2
    if g == 0:
        return "red"
    return "yellow" if rounded((2 + g) ** 2, digits) == 4 + 4 * g else "green"


def test_the_six_regions() -> None:
    assert true_regions() == tuple(region(Fraction(gamma), 53) for gamma in GAMMAS)
    assert set(true_regions()) == {"red", "yellow", "green"}


@pytest.mark.parametrize(("kind", "digits"), [(np.float16, 11), (np.float32, 24)])
def test_regions_in_other_formats(kind: type[np.floating], digits: int) -> None:
    for k in range(-4 * digits, -3):
        for side in (1, -1):
            gamma = side * float(kind(1.3 * 2.0 ** (k / 4)))
            assert region_in(kind, gamma) == region(Fraction(gamma), digits)


@pytest.mark.parametrize("digits", [8, 11, 24, 37, 53, 113])
def test_edges_of_yellow(digits: int) -> None:
    for side, edge in zip((-1, 1), edges(digits), strict=True):
        below, above = (Fraction(side * edge * (1 + nudge * 1e-3)) for nudge in (-1, 1))
        gap = Fraction(2) ** (2 - digits)
        if gap / Fraction(edge) < Fraction(1, 2000):  # floats lie close enough to tell
            assert [region(below, digits), region(above, digits)] == ["yellow", "green"]
        square = Fraction(edge) ** 2 / (Fraction(2) ** ((3 if side > 0 else 2) - digits) / 2)
        assert abs(square - 1) < 1e-15


def test_guarded_quotients() -> None:
    f, g = np.array([1.5, 2.5, -3.5, 4.5, 5.5]), np.array([0.05, -0.05, 0.0, -0.5, 0.5])
    exact = [
        Fraction(a) / (Fraction(b) + (Fraction(0.01) * (1 if b >= 0 else -1)) * (abs(b) < 0.1))
        for a, b in zip(f, g, strict=True)
    ]
    assert np.allclose(guarded(f, g, 0.01, 0.1), [float(e) for e in exact], rtol=1e-15)


def test_an_honest_test_counts_digits_of_gamma() -> None:
    for gamma in (1e-3, -1e-3, 0.25):
        for off, verdict in ((1e-6, True), (1e-4, False)):
            assert honest(np.array([4 + gamma * (1 + off)]), np.array([gamma])) is verdict


def test_half_gaps_and_last_bits() -> None:
    assert (half_gap(2.0, 1), half_gap(2.0, -1)) == (2.0**-52, 2.0**-53)
    for a in (0.3, 3.0, 77.7):
        assert int(last_bit(a, True).hex().split("p")[0][-1], 16) % 2 == 1
        assert int(last_bit(a, False).hex().split("p")[0][-1], 16) % 2 == 0
