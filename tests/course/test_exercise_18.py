"""Exercise 18 asks for truths: they are found here by other ways than its checks."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from notebook import namespace

from tinyad.course.check import lesson_18 as lesson

SEVEN = range(-3, 4)


def said(name: str) -> object:
    return namespace("solutions", "18_machine_parameters")[name]


def has_corner(f, point: tuple[Fraction, ...]) -> bool:
    """Is f, which is piecewise a polynomial, not straight at a point? By exact small steps.

    Steps so small that no other kink is crossed leave an error of second order; a corner is of
    first order.
    """
    step, n = Fraction(1, 10**6), len(point)
    rng = np.random.default_rng(2)
    directions = [[int(i == k) for i in range(n)] for k in range(n)]
    directions += rng.integers(-5, 6, (8, n)).tolist()
    for d in directions:
        there = f(*(p + step * k for p, k in zip(point, d, strict=True)))
        back = f(*(p - step * k for p, k in zip(point, d, strict=True)))
        if abs(there + back - 2 * f(*point)) > step / 100:
            return True
    return False


def relu(y: Fraction) -> Fraction:
    return max(y, Fraction(0))


NETWORKS = {
    "relu(w + b)": (2, lambda w, b: relu(w + b)),
    "v * relu(w + b)": (3, lambda w, b, v: v * relu(w + b)),
    "v * relu(2 * w + b)": (3, lambda w, b, v: v * relu(2 * w + b)),
    "relu(w + b) + relu(w + c)": (3, lambda w, b, c: relu(w + b) + relu(w + c)),
    "v * relu(3 * w + b)": (3, lambda w, b, v: v * relu(3 * w + b)),
}


def test_the_five_counts_by_exact_differences() -> None:
    found = {
        name: sum(has_corner(f, tuple(map(Fraction, p))) for p in product(SEVEN, repeat=n))
        for name, (n, f) in NETWORKS.items()
    }
    one, weighted, doubled, wide, example = found.values()
    assert example == 18  # as the text says
    # No derivative of relu is wrong for s = 1 where v = 0, or where the unit is off its kink.
    assert said("failing_counts")() == [one, weighted, doubled, 0, wide]
    assert lesson.true_counts() == (one, weighted, doubled, 0, wide)


def test_e5m2_is_the_upper_byte_of_a_float16() -> None:
    every = (np.arange(256, dtype=np.uint16) << 8).view(np.float16)
    finite = sorted({float(x) for x in every if np.isfinite(x)})
    assert said("format_members")(5, 2, 4) == finite
    assert lesson.decoded(5, 2, 4).tolist() == finite


@pytest.mark.parametrize(
    ("form", "count", "largest"),
    [((2, 1, 0), 15, 6), ((3, 2, 0), 63, 28), ((4, 3, 1), 253, 448), ((3, 4, 16), 223, 15.5)],
)
def test_sizes_of_published_formats(form, count, largest) -> None:
    numbers = lesson.decoded(*form)
    assert (len(numbers), numbers[-1]) == (count, largest)


@pytest.mark.parametrize("name", ["SIZE", "CROSSED", "UNIT", "ELSEWHERE"])
def test_the_counters_truth_by_exact_differences(name: str) -> None:
    formulas = {
        "SIZE": (2, lambda p, q: abs(p + q)),
        "CROSSED": (2, lambda p, q: abs(p + q) - abs(p - q)),
        "UNIT": (3, lambda w, b, v: v * relu(w + b)),
        "ELSEWHERE": (3, lambda w, b, v: v * relu(Fraction(3, 2) * w + b)),
    }
    n, f = formulas[name]
    points = product(map(Fraction, range(-2, 3)), repeat=n)
    truth = sum(has_corner(f, point) for point in points)
    network = getattr(lesson, name)
    assert lesson.counted(network, lesson.ABOUT, n) == truth
    assert said("mended")(network, lesson.ABOUT, n) == truth


def test_the_locked_counter_is_wrong_as_the_text_says() -> None:
    failing, unit, size = (said(name) for name in ("failing", "one_unit", "size"))
    three = [-1.0, 0.0, 1.0]
    assert (failing(unit, three, 3), failing(size, three, 2)) == (6, 0)
    for numbers in (three, lesson.ABOUT, lesson.SEVEN):
        assert failing(lesson.CROSSED, numbers, 2) == lesson.counted(lesson.CROSSED, numbers, 2) - 1


def test_forty_two_by_listing_the_pairs() -> None:
    numbers = [Fraction(x) for x in lesson.FIFTEEN]
    pairs = [(w, b) for w in numbers for b in numbers if 8 * w + b == 0]
    assert len(pairs) * (len(numbers) - 1) == 42
    elsewhere = [(w, b) for w in numbers for b in numbers if Fraction(3, 2) * w + b == 0]
    assert len(elsewhere) * 14 == 98
