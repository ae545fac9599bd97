"""Without biases AD can be wrong at every number of a format."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from census import RELUS
from formats import members

import tinyad as ad

FORMATS = ("e2m1", "e2m3", "e4m3fn", "e5m2")
SLOPES = {  # of P at its numbers: relu'(0) = 0, then relu'(0) = 1
    "e2m1": (0.93333, 1.0667),
    "e2m3": (0.98413, 1.0159),
    "e4m3fn": (0.99605, 1.00395),
    "e5m2": (0.99595, 1.00405),
}


def network(relu, numbers):
    """P(x), which is x less the mean of the numbers, so x itself."""

    def P(x):
        c = np.array(numbers)
        return np.sum(relu(x - c) - relu(c - x)) / len(numbers)

    return P


def sides(P, x, h):
    """Difference quotients to the left and to the right, in exact arithmetic."""
    at, left, right = P(Fraction(x)), P(Fraction(x) - h), P(Fraction(x) + h)
    return (at - left) / h, (right - at) / h


def exact(numbers):
    relu = lambda t: max(t, Fraction(0))  # noqa: E731
    members_ = [Fraction(c) for c in numbers]
    return lambda x: sum(relu(x - c) - relu(c - x) for c in members_) / len(members_)


def test_the_true_slope_is_one_everywhere():
    P = exact(members("e2m1"))
    for x in members("e2m1"):
        assert sides(P, x, Fraction(1, 1000)) == (1, 1)
        assert P(Fraction(x)) == Fraction(x)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("s", RELUS)
def test_at_its_numbers_ad_is_wrong_unless_the_choice_is_a_half(name, s):
    numbers = members(name)
    P = network(RELUS[s], numbers)
    slopes = np.array([ad.grad(P)(x) for x in numbers])
    expected = (len(numbers) - 1 + 2 * s) / len(numbers)
    np.testing.assert_allclose(slopes, expected, rtol=1e-12)
    if s == 0.5:
        return
    assert expected == pytest.approx(SLOPES[name][int(s)], abs=6e-5)
    between = [(low + high) / 2 for low, high in pairwise(numbers)]
    np.testing.assert_allclose([ad.grad(P)(x) for x in between], 1, rtol=1e-12)


def test_for_a_half_another_network_takes_its_place():
    relu = RELUS[0.5]
    assert ad.grad(lambda t: relu(relu(t)) - relu(-t))(0.0) == 0.75
    h = Fraction(1, 1000)
    twice = lambda t: max(max(t, Fraction(0)), Fraction(0)) - max(-t, Fraction(0))  # noqa: E731
    assert sides(twice, 0, h) == (1, 1)


@pytest.mark.parametrize("k", [1, 1000])
def test_the_error_can_be_made_as_large_as_you_like(k):
    relu, numbers = RELUS[0], np.array(members("e2m1"))

    def f(x):
        c = numbers
        return x + k * np.sum(relu(x - c) - relu(c - x) - (x - c))

    assert [f(x) for x in numbers] == list(numbers)
    assert {ad.grad(f)(x) for x in numbers} == {1.0 - k}


def test_the_same_root_in_one_line():
    relu = RELUS[0]
    assert ad.grad(lambda t: relu(-t) + t)(0.0) == 1
    assert ad.grad(lambda t: (relu(t) + relu(-t) + t) / 2)(0.0) == 0.5
    assert ad.grad(lambda t: relu(-t) + t - relu(t))(0.0) == 1
