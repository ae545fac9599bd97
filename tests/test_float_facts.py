"""What lesson 13 says of floating point, over whole formats where the lesson shows examples."""

from fractions import Fraction

import numpy as np
import pytest

import tinyad as ad

FORMATS = {np.float16: 11, np.float32: 24, np.float64: 53}  # and their digits in base two


def test_a_difference_is_exact_if_neither_number_is_more_than_twice_the_other():
    patterns = np.arange(1, 31 << 10, dtype=np.uint16).view(np.float16)  # all, from the smallest up
    sizes = patterns.astype(float)
    for a in (*patterns[:2000:7], *patterns[15 << 10 : 16 << 10]):  # subnormal ones, and 1 to 2
        near = (sizes <= 2 * float(a)) & (float(a) <= 2 * sizes)
        assert np.array_equal((a - patterns[near]).astype(float), float(a) - sizes[near])


def test_beyond_twice_it_may_be_rounded():
    a, b = np.float16(2.002), np.float16(1.0 - 2**-11)
    assert a > 2 * b
    assert float(a - b) != float(a) - float(b)


@pytest.mark.parametrize(("kind", "digits"), FORMATS.items())
def test_one_operation_errs_by_at_most_the_unit_roundoff(kind, digits):
    rng = np.random.default_rng(0)
    u = Fraction(1, 2**digits)
    worst = Fraction(0)
    for left, right in rng.uniform(1, 4, (500, 2)).astype(kind):
        a, b = Fraction(float(left)), Fraction(float(right))
        for exact, rounded in (
            (a + b, left + right),
            (a * b, left * right),
            (a / b, left / right),
        ):
            worst = max(worst, abs(Fraction(float(rounded)) - exact) / exact)
    assert u / 2 < worst <= u


def test_the_square_is_absorbed_up_to_two_to_the_minus_eleven_and_no_further():
    # Every float32 from 2 to there: half a gap at 4 is 2^-22, and the tie goes to the even number.
    x = np.arange(0, 2**11 + 1) * 2.0**-22 + 2
    short = x.astype(np.float32)
    assert np.array_equal(short.astype(float), x)
    assert np.array_equal((short * short - np.float32(4)).astype(float), 4 * (x - 2))
    beyond = np.nextafter(short[-1], np.float32(3))
    assert float(beyond * beyond) - 4 > 4 * (float(beyond) - 2)


def test_both_programs_have_the_condition_number_of_their_function():
    x = 2.0000998973846436
    exact = 2 * Fraction(x) ** 2 / (Fraction(x) ** 2 - 4)
    for f in (lambda x: x * x - 4, lambda x: (x - 2) * (x + 2)):
        assert x * ad.derivative(f)(x) / f(x) == pytest.approx(float(exact), rel=1e-11)
    assert round(float(exact)) == 20022


def test_what_an_addition_loses_is_found_by_two_subtractions():
    rng = np.random.default_rng(1)
    for total, y in rng.lognormal(0, 8, (2000, 2)):
        large, small = max(total, y), min(total, y)
        larger = large + small
        lost = small - (larger - large)
        assert Fraction(larger) + Fraction(lost) == Fraction(large) + Fraction(small)
