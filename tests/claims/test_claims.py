"""The answer "Why are TensorFlow's automatic differentiation results incorrect?", claim by claim.

What lesson 19 says about its three programs and does not assert itself. The truth is computed on
fractions or in closed form. Where float32 needs exp, whose last digit may depend on the machine,
the tolerance allows for it; nothing else here depends on one.
"""

from fractions import Fraction

import numpy as np
import pytest

import tinyad as ad

F = np.float32
ONE = F(1)
ULP = 2.0**-23

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def absorbing(C=1e10):
    return lambda x: ((x * C + 1.0) - C) ** 2


def exact(x, C=10**10):
    """Value and slope of ((x C + 1) - C)², never rounded."""
    z = Fraction(float(x)) * Fraction(C) + 1 - Fraction(C)
    return z**2, 2 * z * Fraction(C)


# -- Example 1: absorption ------------------------------------------------------------------------


def test_the_1_is_absorbed_in_float32_and_not_in_float64():
    assert ad.value_and_grad(absorbing())(ONE) == (0, 0)
    assert ad.value_and_grad(absorbing())(1.0) == (1, 2e10) == exact(1.0)
    assert np.spacing(F(1e10)) == 1024
    assert Fraction(float(F(1e10))) == 10**10


@pytest.mark.parametrize(
    ("steps", "value", "slope"),
    [(1, 1423471, 2.386e13), (-0.5, 354080, -1.190e13), (-1, 1418702, -2.382e13)],
)
def test_beside_1_the_gradient_is_rough_and_not_zero(steps, value, slope):
    x = F(1 + steps * ULP)
    got = ad.value_and_grad(absorbing())(x)
    assert got[0] == 1048576
    assert abs(got[1]) == F(2.048e13)
    assert np.sign(got[1]) == np.sign(steps)
    assert float(exact(x)[0]) == pytest.approx(value, abs=0.5)
    assert float(exact(x)[1]) == pytest.approx(slope, rel=5e-4)


def test_away_from_1_nearly_all_digits_are_right():
    x = F(1.1)
    value, slope = ad.value_and_grad(absorbing())(x)
    true_value, true_slope = (float(n) for n in exact(x))
    assert float(value) == pytest.approx(1.00000102e18, rel=1e-8)
    assert float(slope) == pytest.approx(2.0000011e19, rel=1e-7)
    assert float(value) / true_value - 1 == pytest.approx(5.4e-7, rel=0.01)
    assert float(slope) / true_slope - 1 == pytest.approx(3.1e-7, rel=0.01)


def test_the_tape_is_exact_for_the_numbers_that_the_program_has():
    """2 z 1e10, worked on fractions and rounded once, is the gradient: nothing is approximated."""
    for x in np.linspace(0.5, 2, 301, dtype=F):
        z = (x * 1e10 + 1.0) - 1e10
        chain = 2 * Fraction(float(z)) * 10**10
        got = Fraction(float(ad.grad(absorbing())(x)))
        assert abs(got - chain) <= abs(chain) / 2**24


def test_the_advised_square_is_another_function():
    at = Fraction(11, 10)
    z = at * 10**10 + 1 - 10**10
    assert exact(1.0) == (1, 2 * 10**10)  # the square has 1 and 2
    assert float(z**2) == pytest.approx(1.0e18, rel=1e-8)
    assert float(z**2 / at**2) > 8e17


@pytest.mark.parametrize(
    ("C", "value", "slope"),
    [
        (2.0**22, 1, 2.0**23),
        (2.0**23, 1, 2.0**24),
        (2.0**24, 0, 0),
        (2.0**24 + 2, 4, 4 * (2.0**24 + 2)),
        (1e8, 0, 0),
        (1e9, 0, 0),
        (1e10, 0, 0),
    ],
)
def test_when_the_1_survives(C, value, slope):
    assert ad.value_and_grad(absorbing(C))(ONE) == (value, F(slope))


def test_the_repair_keeps_the_function_and_the_digits():
    def repaired(x):
        return ((x - 1) * 1e10 + 1) ** 2

    assert ad.value_and_grad(repaired)(ONE) == (1, 2e10)
    for x in (Fraction(11, 10), Fraction(1), Fraction(-7, 3)):
        assert ((x - 1) * 10**10 + 1) ** 2 == (x * 10**10 + 1 - 10**10) ** 2
    for x in (1 + np.arange(-50, 50) * ULP).astype(F):
        got = [float(n) for n in ad.value_and_grad(repaired)(x)]
        np.testing.assert_allclose(got, [float(n) for n in exact(x)], rtol=1e-6)


@pytest.mark.parametrize(
    ("h", "slope"), [(1e-2, 0), (1e-3, 1.02e13), (1e-4, 0), (1e-5, 0), (1e-6, -9.96e12)]
)
def test_differences_in_float32_are_no_referee(h, slope):
    f, h = absorbing(), F(h)
    assert (f(ONE + h) - f(ONE - h)) / (2 * h) == pytest.approx(slope, rel=1e-2)
    assert ad.finite.grad(absorbing())(1.0) == pytest.approx(2e10, rel=1e-6)  # float64


# -- Example 2: a branch --------------------------------------------------------------------------


def switch(x):
    return np.where(x > 0.5, x * 2, x / 2) ** 2


def soft(x, k=10, factor=2):
    weight = 1 / (1 + np.exp(-(x - 0.5) * k))
    return (weight * (factor * x) + (1 - weight) * x / 2) ** 2


def test_where_returns_the_exact_slope_of_the_branch_it_takes():
    assert ad.value_and_grad(switch)(F(0.5)) == (1 / 16, 1 / 4)
    assert ad.value_and_grad(switch)(F(0.5 + 2.0**-20)) == (
        F((1 + 2.0**-19) ** 2),
        F(4 + 2.0**-17),
    )


def test_where_takes_a_float_condition_as_well():
    def printed(x):
        return np.where(np.where(x > 0.5, 1.0, 0.0), x * 2, x / 2) ** 2

    assert ad.value_and_grad(printed)(F(0.5)) == (1 / 16, 1 / 4)


def test_across_the_jump_quotients_grow_like_one_over_the_step():
    for k in (6, 10, 14, 18):
        h = F(2.0**-k)
        quotient = (switch(F(0.5) + h) - switch(F(0.5))) / h
        assert quotient == pytest.approx(2.0**k * 15 / 16 + 4, rel=1e-3)


@pytest.mark.parametrize("k", [10, 100, 1000])
def test_the_slope_of_a_soft_switch_is_whatever_k_says(k):
    closed = 0.625 * (2.5 + 0.375 * k)  # 2 y y' with y = 5/8 and y' = 5/4 + (3/4) k/4
    assert float(ad.grad(lambda x: soft(x, k))(F(0.5))) == pytest.approx(closed, rel=1e-6)
    assert closed == {10: 3.90625, 100: 25.0, 1000: 235.9375}[k]


def test_the_printed_soft_switch_is_another_function():
    value, slope = ad.value_and_grad(lambda x: soft(x, factor=1))(F(0.5))
    assert (float(value), float(slope)) == (0.140625, 1.03125)
    for x, printed, wanted in ((1.0, 0.9933, 4.0), (2.0, 4.0, 16.0)):
        assert soft(F(x), factor=1) == pytest.approx(printed, abs=1e-4)
        assert switch(F(x)) == wanted
    value, slope = ad.value_and_grad(soft)(F(1))
    assert value == pytest.approx(3.960, abs=1e-3)
    assert slope == pytest.approx(8.317, abs=1e-3)


# -- Example 3: a root, squared -------------------------------------------------------------------

POINTS = np.linspace(0.1, 10, 100_001, dtype=F)


def squared_root(x):
    y = np.sqrt(x + 1e-8)
    return y * y


def test_at_1_nothing_is_left_to_differ():
    assert ONE + F(1e-8) == ONE
    assert ad.value_and_grad(squared_root)(ONE) == (1, 1)


def test_the_gradient_is_1_up_to_the_spelling_of_the_rule():
    """(2y)/(2y) is exactly 1; this package multiplies by 0.5/y, which may cost the last bit."""
    value, pullback = ad.vjp(squared_root, POINTS)
    (slopes,) = pullback(np.ones_like(POINTS))
    assert np.all(np.abs(slopes - 1) <= 2.0**-23)
    y = np.sqrt(POINTS + F(1e-8))
    assert np.all((y + y) / (2 * y) == 1)
    true = POINTS.astype(float) + 1e-8
    assert np.max(np.abs(value / true - 1)) <= 1.6e-7


@pytest.mark.parametrize("error", [0.0, 1e-7, 1e-3, 0.1, 3.0])
def test_a_bad_root_does_not_reach_the_gradient(error):
    def root(x):
        return np.sqrt(x) * (1 + error)

    sqrt = ad.with_derivative(root, lambda x: 0.5 / root(x))
    value, slope = ad.value_and_grad(lambda x: sqrt(x + 1e-8) ** 2)(ONE)
    assert value == pytest.approx((1 + error) ** 2, rel=1e-6)
    assert slope == pytest.approx(1, abs=2.0**-22)


def test_where_the_root_is_zero_the_printed_program_has_no_slope():
    edge = F(-1e-8)
    value, slope = ad.value_and_grad(squared_root)(edge)
    assert value == 0
    assert np.isnan(slope)
    assert ad.value_and_grad(lambda x: x + 1e-8)(edge) == (0, 1)
    assert ad.grad(np.sqrt)(F(1e-8)) == pytest.approx(5000, rel=1e-6)


# -- The claims that are left ---------------------------------------------------------------------


def test_one_rounding_less_turns_a_slope_of_2_into_1():
    fused = ad.with_derivative(lambda x: float(Fraction(x) ** 2 - 4), lambda x: 2 * x)
    for gamma in (1e-8, 1e-9, 1e-10):
        x = 2 + gamma
        assert ad.grad(lambda x: (x**2 - 4) / (x - 2))(x) == 2
        assert ad.grad(lambda x: fused(x) / (x - 2))(x) == pytest.approx(1, abs=1e-5)


def test_the_order_of_a_sum_is_seen_in_float32():
    big = F(1e8)
    assert ((big + 1) - big, (big - big) + 1) == (0, 1)


def test_rounding_errors_accumulate():
    total = F(0)
    for _ in range(100_000):
        total = total + F(0.1)
    assert 1 < abs(float(total) - 10_000) < 10
    assert np.cumsum(np.full(100_000, F(0.1)))[-1] == total


def test_a_fused_function_comes_nearer_to_the_analytical_gradient():
    def naive(x):
        return np.log(1 + np.exp(x))

    value, slope = ad.value_and_grad(naive)(F(1000))
    assert np.isinf(value)
    assert np.isnan(slope)
    assert ad.value_and_grad(lambda x: np.logaddexp(0, x))(F(1000)) == (1000, 1)


def test_an_equality_has_the_slope_of_its_branch():
    assert ad.value_and_grad(lambda x: 4.0 if x == 2 else x * x)(2.0) == (4, 0)
    assert ad.value_and_grad(lambda x: np.where(x == 2, 4.0, x * x))(2.0) == (4, 0)


def test_at_a_kink_a_slope_between_the_two_comes_back():
    assert ad.grad(lambda x: np.maximum(x, 0))(0.0) == 0.5
    assert ad.grad(np.abs)(0.0) == 0
