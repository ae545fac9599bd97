"""Lesson 17: what programs get at kinks, beside what their functions have there.

The truth comes from one-sided slopes in fractions, from mpmath's derivative of the formula, or from
a closed form; tinyad's own answers are compared with it, never with themselves.
"""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import tinyad as ad

RELUS = {  # relu'(0): the program
    0.0: lambda t: np.where(t > 0, t, 0.0),
    0.5: lambda t: np.maximum(t, 0.0),
    1.0: lambda t: np.where(t >= 0, t, 0.0),
}


# Mathematically equal programs
class Sided:
    """A number with its slope in one direction, in fractions: without choice or rounding."""

    def __init__(self, value, slope):
        self.value, self.slope = Fraction(value), Fraction(slope)

    def __add__(self, other):
        return Sided(self.value + other.value, self.slope + other.slope)

    def __rmul__(self, factor):
        return Sided(factor * self.value, factor * self.slope)

    def __neg__(self):
        return -1 * self

    def __sub__(self, other):
        return self + -other

    def relu(self):
        ahead = self.slope if self.value == 0 else self.value
        return self if ahead > 0 else Sided(0, 0)


def slopes_at_zero(f):
    """The slopes of f(relu, t) at 0 from the left and from the right."""
    right = f(Sided.relu, Sided(0, 1)).slope
    left = -f(Sided.relu, Sided(0, -1)).slope
    return left, right


HALF = Fraction(1, 2)
PROGRAMS = {  # the program, its one-sided slopes, and AD's slope for relu'(0) = s
    "relu(t)": (lambda relu, t: relu(t), (0, 1), lambda s: s),
    "relu(-t) + t": (lambda relu, t: relu(-t) + t, (0, 1), lambda s: 1 - s),
    "average": (lambda relu, t: HALF * (relu(t) + relu(-t) + t), (0, 1), lambda s: 0.5),
    "difference": (lambda relu, t: relu(-t) + t - relu(t), (0, 0), lambda s: 1 - 2 * s),
    "twice": (lambda relu, t: relu(relu(t)), (0, 1), lambda s: s * s),
    "twice and once": (lambda relu, t: relu(relu(t)) - relu(t), (0, 0), lambda s: s * s - s),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_slopes_of_the_function(name):
    program, sides, _ = PROGRAMS[name]
    assert slopes_at_zero(program) == sides


@pytest.mark.parametrize("s", RELUS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_slope_of_the_program(name, s):
    program, (left, right), by_rules = PROGRAMS[name]
    slope = ad.grad(lambda t: program(RELUS[s], t) if name != "average" else average(RELUS[s], t))
    got = slope(0.0)
    assert got == by_rules(s)
    if left != right:
        assert left <= got <= right  # a member of the set
    for t in (-1.5, 2.0):  # away from the kink nothing is chosen
        assert slope(t) == (left if t < 0 else right)


def average(relu, t):
    """As above, without the fraction, which no float multiplies."""
    return (relu(t) + relu(-t) + t) / 2


def test_every_choice_is_wrong_in_some_program():
    for s in RELUS:
        wrong = [name for name in ("difference", "twice and once") if PROGRAMS[name][2](s) != 0]
        assert wrong


def test_a_kinked_loss_may_get_a_slope_from_outside_its_set():
    """The zero function beside a smooth one: AD is wrong where there is no kink at all."""
    relu = RELUS[0.0]
    assert ad.grad(lambda t: t**2 + 3 * (relu(-t) + t - relu(t)))(0.0) == 3  # truth: 0


# tinyad's column in the table of conventions
def test_tinyads_column():
    ones, zeros = np.ones(2), np.zeros(2)
    assert ad.grad(lambda x: np.clip(x, 0, np.inf))(0.0) == 0.5
    assert list(ad.grad(lambda a: np.sort(a)[0])(ones)) == [1, 0]
    assert list(ad.grad(np.max)(ones)) == [0.5, 0.5]
    assert list(ad.grad(lambda a: np.max(a, axis=0))(ones)) == [0.5, 0.5]
    assert list(ad.grad(np.linalg.norm)(zeros)) == [0, 0]
    assert ad.grad(np.hypot, argnums=(0, 1))(0.0, 0.0) == (0, 0)
    assert list(ad.grad(np.std)(ones)) == [0, 0]
    assert [ad.grad(lambda x: np.clip(x, 0, 6))(x) for x in (0.0, 6.0)] == [0.5, 0.5]  # relu6
    assert ad.grad(lambda x: np.where(x > 0, x, 0.01 * x))(0.0) == 0.01  # leaky relu
    assert ad.grad(lambda x: np.maximum(x, 0.01 * x))(0.0) == 0.505


@pytest.mark.parametrize("angle", np.linspace(0, 6, 7))
def test_near_its_kink_the_norm_has_gradients_of_length_one(angle):
    point = 1e-6 * np.array([math.cos(angle), math.sin(angle)])
    gradient = ad.grad(np.linalg.norm)(point)
    np.testing.assert_allclose(gradient, [math.cos(angle), math.sin(angle)], atol=1e-15)


# The branch not taken
@pytest.mark.parametrize(
    "inner", [np.log, np.sqrt, lambda x: x**-0.5], ids=["log", "sqrt", "power"]
)
def test_only_reverse_mode_enters_the_branch_not_taken(inner):
    def f(x):
        return np.where(x > 0, inner(x), 0.0)

    with np.errstate(all="ignore"):
        assert ad.forward.grad(f)(0.0) == 0
        assert math.isnan(ad.reverse.grad(f)(0.0))
        assert ad.reverse.grad(f)(2.0) == ad.forward.grad(f)(2.0)


def test_a_logarithm_of_a_negative_number_does_no_harm_and_a_root_does():
    with np.errstate(all="ignore"):
        assert ad.grad(lambda x: np.where(x > 0, np.log(x), 0.0))(-1.0) == 0
        assert math.isnan(ad.grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0))(-1.0))


def test_a_mask_spoils_the_value_as_well():
    with np.errstate(all="ignore"):
        value, slope = ad.value_and_grad(lambda x: np.where(x > 0, 1.0, 0.0) * np.log(x))(0.0)
    assert math.isnan(value)
    assert math.isnan(slope)


def test_a_constant_fallback_has_no_second_derivative():
    def sinc(x):
        safe = np.where(x == 0, 1.0, x)
        return np.where(x == 0, 1.0, np.sin(safe) / safe)

    truth = [float(mpmath.diff(lambda t: mpmath.sinc(t), 0, n)) for n in (1, 2)]
    assert truth == pytest.approx([0, -1 / 3], abs=1e-12)
    assert ad.grad(sinc)(0.0) == 0
    assert ad.grad(ad.grad(sinc))(0.0) == 0  # wrong
    assert ad.grad(ad.grad(lambda x: np.sinc(x / np.pi)))(0.0) == pytest.approx(truth[1])


# Exponentials that overflow, in several variables
def test_logarithms_of_sums_of_exponentials():
    x = np.array([1000.0, 1000.0])
    with np.errstate(all="ignore"):
        value, slopes = ad.value_and_grad(lambda x: np.log(np.sum(np.exp(x))))(x)
        assert value == math.inf
        assert np.isnan(slopes).all()
        value, slopes = ad.value_and_grad(np.logaddexp.reduce)(x)
    assert value == pytest.approx(1000 + math.log(2), rel=1e-15)
    np.testing.assert_allclose(slopes, [0.5, 0.5])


def test_the_logarithm_of_a_softmax():
    x = np.array([1000.0, 0.0])
    with np.errstate(all="ignore"):
        naive = ad.value_and_grad(lambda x: -np.log(np.exp(x) / np.sum(np.exp(x)))[1])(x)
        assert naive[0] == math.inf
        assert np.isnan(naive[1]).any()
    value, slopes = ad.value_and_grad(lambda x: np.logaddexp.reduce(x) - x[1])(x)
    assert value == 1000
    assert list(slopes) == [1, -1]


# A soft switch is another function
def hard(x):
    return np.where(x > 0.5, 2 * x, x / 2) ** 2


def soft(x, k, factor=2):
    share = 1 / (1 + np.exp(-k * (x - 0.5)))
    return (share * factor * x + (1 - share) * x / 2) ** 2


def soft_by_mpmath(x, k, factor):
    share = 1 / (1 + mpmath.exp(-k * (x - 0.5)))
    return (share * factor * x + (1 - share) * x / 2) ** 2


def test_the_hard_switch():
    assert ad.value_and_grad(hard)(0.5) == (0.0625, 0.25)
    right = np.nextafter(np.float32(0.5), np.float32(1))
    x = Fraction(float(right))
    value, slope = ad.value_and_grad(hard)(right)
    assert (value, slope) == pytest.approx((float(4 * x * x), float(8 * x)), rel=2e-7)


@pytest.mark.parametrize(
    ("x", "k", "factor", "value", "slope"),
    [
        (0.5, 10, 1, 0.140625, 1.03125),
        (1.0, 10, 1, 0.9933, None),
        (2.0, 10, 1, 4.0, None),
        (0.5, 10, 2, 0.390625, 3.90625),
        (0.5, 100, 2, 0.390625, 25.0),
        (0.5, 1000, 2, 0.390625, 235.9375),
        (1.0, 10, 2, 3.960, 8.317),
    ],
)
def test_soft_switches(x, k, factor, value, slope):
    got = ad.value_and_grad(soft)(x, k, factor)
    true = [soft_by_mpmath(x, k, factor), mpmath.diff(lambda t: soft_by_mpmath(t, k, factor), x)]
    assert got == pytest.approx([float(t) for t in true], rel=1e-12)
    assert got[0] == pytest.approx(value, abs=6e-5)
    assert slope is None or got[1] == pytest.approx(slope, abs=6e-4)


@pytest.mark.parametrize("k", [1.0, 10.0, 1e3, 1e6])
def test_at_a_jump_the_slope_grows_with_k(k):
    """y = 5/8 and y' = 3k/16 + 5/4 at 0.5, from the formula."""
    assert ad.grad(soft)(0.5, k) == pytest.approx(2 * 0.625 * (3 * k / 16 + 1.25), rel=1e-12)


@pytest.mark.parametrize("k", [1.0, 10.0, 1e3])
def test_at_a_kink_a_soft_relu_keeps_to_the_set(k):
    def relu(x):
        return np.logaddexp(0, k * x) / k

    x = np.linspace(-5, 5, 1001)
    off = np.abs(relu(x) - np.maximum(x, 0))
    assert off.max() == pytest.approx(math.log(2) / k, rel=1e-12)
    assert x[off.argmax()] == pytest.approx(0, abs=1e-12)
    slopes = ad.derivative(relu)(x)
    assert slopes.min() >= 0
    assert slopes.max() <= 1
    assert ad.grad(relu)(0.0) == 0.5


def test_an_epsilon_under_the_root_is_another_function():
    value, slope = ad.value_and_grad(lambda x: np.sqrt(x * x + 1e-8))(0.0)
    assert (value, slope) == (pytest.approx(1e-4, rel=1e-12), 0)
    assert ad.value_and_grad(np.abs)(0.0) == (0, 0)
