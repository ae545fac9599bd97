"""More digits move the edges of the regions, and a difference looks across them."""

from fractions import Fraction

import numpy as np
import pytest
from grid import h
from mpmath import mp

import tinyad as ad


def slope(x):
    """The chain rule on (x² − 4)/(x − 2), for any kind of number."""
    f, g = x * x - 4, x - 2
    return 2 * x / g - f / g / g if g else None


def shadow_slope(power, digits):
    """The slope at 2 + 10^power, all of it in so many digits."""
    with mp.workdps(digits):
        return slope(2 + mp.mpf(10) ** power)


@pytest.mark.parametrize(
    ("power", "digits", "wanted"),
    [
        (-12, 16, 2),
        (-12, 32, 1),
        (-12, 50, 1),
        (-20, 16, None),
        (-20, 32, 2),
        (-20, 50, 1),
        (-30, 50, 2),
        (-60, 50, None),
    ],
)
def test_the_slope_in_shadow_digits(power, digits, wanted):
    found = shadow_slope(power, digits)
    assert found is None if wanted is None else found == pytest.approx(wanted, abs=1e-7)


@pytest.mark.parametrize("digits", [10, 20, 30, 40, 50, 60])
def test_both_edges_at_every_precision(digits):
    """NaN below 10^-d, slope 2 down from 10^(-d/2), 1 well above it."""
    for power in range(-digits - 6, -digits - 1):
        assert shadow_slope(power, digits) is None
    for power in range(-digits + 2, -digits // 2 - 1):
        assert float(shadow_slope(power, digits)) == pytest.approx(2, abs=1e-1)
    for power in range(-digits // 2 + 3, -1):
        assert float(shadow_slope(power, digits)) == pytest.approx(1, abs=1e-2)


@pytest.mark.parametrize("power", [-12, -30, -60, -400])
def test_fractions_have_no_yellow(power):
    assert slope(2 + Fraction(1, 10**-power)) == 1
    assert slope(Fraction(2)) is None


def test_no_shadow_brings_back_what_the_float_had_lost():
    assert 2 + 1e-20 == 2
    with mp.workdps(100):
        assert slope(mp.mpf(2 + 1e-20)) is None


@pytest.mark.parametrize(("gamma", "wanted"), [(1e-12, 1.0), (1e-14, 0.9375)])
def test_with_an_exact_numerator_the_chain_rule_is_right_to_its_own_rounding(gamma, wanted):
    """x² − 4 in fractions, rounded once; then the chain rule in floats, op by op."""
    x = 2 + gamma
    g, f = x - 2, float(Fraction(x) ** 2 - 4)
    found = 2 * x * (1 / g) - f / g / g
    assert abs(found - 1) <= 8 / g * 2.0**-53
    assert found == wanted


def test_a_central_difference_across_the_hole():
    assert f"{ad.finite.grad(h, eps=1e-3)(2 + 1e-10):.11f}" == "0.99999999992"
    for step, error in ((1e-2, -1.1e-13), (1e-4, -6e-9), (1e-6, 8.89e-5)):
        found = ad.finite.grad(h, eps=step)(2.0) - 1
        assert found == pytest.approx(error, rel=0.02)


def test_the_difference_beats_the_rules_in_all_of_yellow():
    with np.errstate(all="ignore"):
        for gamma in (1e-15, -1e-12, 1e-10, 1e-9):
            x = 2 + gamma
            assert ad.derivative(h)(x) == 2
            assert ad.finite.grad(h, eps=1e-3)(x) == pytest.approx(1, abs=1e-9)


def test_with_a_tiny_step_the_difference_sees_the_flat_value():
    assert ad.finite.grad(h, eps=1e-8)(2 + 1e-10) == 0


def test_the_gradient_check_finds_the_plateau():
    with pytest.raises(ad.errors.GradientCheckError, match="differences give 1"):
        ad.check_grads(h, (2 + 1e-10,))
