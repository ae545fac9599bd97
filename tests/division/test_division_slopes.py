"""Figures 6 to 8 of the paper on (x² − 4)/(x − 2), from tinyad's own modes, op by op.

The truth is 1 everywhere. What comes out instead follows from what rounding does near 2, which is
worked out here by itself: with exact fractions, with whole numbers, or with the paper's formulas.
"""

from fractions import Fraction

import numpy as np
import pytest
from grid import GAMMAS, REGIONS, S, X, h, h1, h2

import tinyad as ad

RED, YELLOW, GREEN = (color == REGIONS for color in ("red", "yellow", "green"))
RIGHT, LEFT = GAMMAS > 0, GAMMAS < 0
G = X - 2  # exact (Sterbenz), so it is what float64 makes of γ
EPS, DELTA = 1e-8, 1e-4
INSIDE = np.abs(GAMMAS) < 0.999 * DELTA  # 2 ± δ itself is rounded, and belongs to either side
OUTSIDE = np.abs(GAMMAS) > 1.001 * DELTA

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def slopes_of(f):
    """Forward mode on all points at once; the tape agrees bit for bit (tested below)."""
    with np.errstate(all="ignore"):
        return ad.derivative(f)(X)


@pytest.fixture(scope="module")
def slopes():
    return slopes_of(h)


@pytest.fixture(scope="module")
def slopes1():
    return slopes_of(h1)


@pytest.fixture(scope="module")
def slopes2():
    return slopes_of(h2)


@pytest.mark.parametrize("f", [h, h1, h2])
def test_tape_and_dual_numbers_agree_bit_for_bit(f):
    """The wrong slope is no matter of backpropagation, nor of arrays."""
    with np.errstate(all="ignore"):
        tape_on_arrays = ad.grad(lambda x: np.sum(f(x)))(X)
        slope = ad.grad(f)
        tape_on_numbers = np.array([slope(float(x)) for x in X])
    np.testing.assert_array_equal(tape_on_arrays, slopes_of(f))
    np.testing.assert_array_equal(tape_on_numbers, slopes_of(f))


# Figure 6


def test_red_has_no_slope_and_all_else_has_one(slopes):
    np.testing.assert_array_equal(np.isnan(slopes), RED)
    assert np.isnan(slopes).sum() == 841
    assert not np.isinf(slopes).any()


def test_the_plateau_is_exactly_two(slopes):
    assert YELLOW.sum() == 1611
    assert set(slopes[YELLOW]) == {2.0}


def test_the_slope_is_two_minus_alpha(slopes):
    """α = round(s)/s, where s counts how many ulps of x² are in γ²; Python rounds s exactly."""
    for x, g, slope in zip(X, G, slopes, strict=True):
        if g != 0:
            s = Fraction(g) ** 2 * (2**50 if g > 0 else 2**51)
            kept = Fraction(x * x) - 4 - 4 * Fraction(g)
            if abs(g) < 0.2:  # x² lies within [4, 8) or [2, 4), where its ulp is the one above
                assert kept / Fraction(g) ** 2 == round(s) / s
                assert slope == pytest.approx(float(2 - round(s) / s), abs=2.3e-8)


def test_alpha_lies_between_two_thirds_and_two(slopes):
    alpha = 2 - slopes[GREEN]
    assert 2 / 3 < alpha.min() < 0.673
    assert 1.943 < alpha.max() < 2


def test_the_drop_and_the_teeth_of_the_saw(slopes):
    for side, lowest, highest in ((RIGHT, 0.0569, 1.326), (LEFT, 0.0615, 1.328)):
        found = slopes[GREEN & side]
        assert found.min() == pytest.approx(lowest, abs=5e-5)
        assert found.max() == pytest.approx(highest, abs=5e-4)
        first = np.argmin(np.where(GREEN & side, np.abs(GAMMAS), np.inf))
        assert slopes[first] == pytest.approx(lowest, abs=0.2)  # the drop is at the very edge


def test_the_envelope_of_the_saw(slopes):
    """|h' − 1| is at most half an ulp of x² over g², and a few roundings of terms of size 4/g."""
    for side, half_ulp, reached in ((RIGHT, 2.0**-51, 0.97), (LEFT, 2.0**-52, 0.99)):
        here = GREEN & side
        bound = half_ulp / G[here] ** 2 + 3 * (4 / np.abs(G[here])) * 2.0**-53
        share = np.abs(slopes[here] - 1) / bound
        assert reached < share.max() <= 1


def test_from_where_on_the_slope_is_right_to_a_hundredth(slopes):
    for side, last in ((RIGHT, 1.78e-7), (LEFT, 1.20e-7)):
        wrong = side & GREEN & (np.abs(slopes - 1) >= 0.01)
        assert np.abs(GAMMAS[wrong]).max() == pytest.approx(last, rel=0.003)


@pytest.mark.parametrize(
    ("gamma", "slope"),
    [
        (1e-12, 2.0),
        (1e-8, 2.0),
        (-1.6e-8, 0.265276521),
        (2.1e-8, 2.0),
        (-2.1e-8, 0.992994994),
        (2.2e-8, 0.16492063),
        (3e-8, 1.01313506),
        (4e-8, 0.88977697),
        (1e-7, 1.02300373),
        (1e-6, 0.9999111),
        (1e-4, 1.00000000608),
    ],
)
def test_single_points_of_figure_6(gamma, slope):
    assert ad.grad(h)(2 + gamma) == pytest.approx(slope, abs=6e-9)


def test_powers_of_two_hide_the_saw():
    for k in range(1, 51):
        slope = ad.grad(h)(2 + 2.0**-k)
        assert slope == (2.0 if 2.0**-k <= 2.0**-25.5 else 1.0)


def test_the_error_of_the_slope_is_that_of_the_value_over_g(slopes):
    """In yellow, in green, everywhere but in red; both errors are taken in exact fractions."""
    values = h(X[~RED])
    for x, value, slope in zip(X[~RED], values, slopes[~RED], strict=True):
        g = Fraction(x) - 2
        of_value, of_slope = Fraction(value) - (Fraction(x) + 2), Fraction(slope) - 1
        roundings = 3 * (4 / abs(g)) * Fraction(2) ** -53
        assert abs(of_slope + of_value / g) <= roundings


# How a rule is coded, op by op


def slopes_with(partial_of_divisor):
    """The slope of h, with another rule for the divisor."""
    ratio = ad.with_derivative(lambda f, g: f / g, lambda f, g: 1 / g, partial_of_divisor)
    return slopes_of(lambda x: ratio(x**2 - 4, x - 2))


def test_tinyad_divides_twice(slopes):
    """Its rule for the divisor is -((f/g)/g), to the last bit."""
    np.testing.assert_array_equal(slopes_with(lambda f, g: -((f / g) / g)), slopes)
    by_hand = (1 / G) * (2 * X) + -((X**2 - 4) / G / G)
    np.testing.assert_array_equal(slopes[~RED], by_hand[~RED])


def test_a_reciprocal_of_the_square_makes_the_plateau_noisy(slopes):
    noisy = slopes_with(lambda f, g: -f * (1 / (g * g)))
    on_plateau = noisy[YELLOW]
    assert (on_plateau.min(), on_plateau.max()) == (1.9375, 2.125)
    assert (on_plateau != 2).sum() == 358
    assert np.nanmax(np.abs(noisy - slopes)) == 0.125
    np.testing.assert_array_equal(np.isnan(noisy), RED)


def test_the_single_fraction_has_the_same_plateau_with_other_digits():
    single = (2 * X * G - (X**2 - 4)) / G**2
    on_plateau = single[YELLOW]
    assert 1.7777 < on_plateau.min() < 1.778
    assert 2.115 < on_plateau.max() < 2.116
    assert (on_plateau != 2).sum() == 1385
    assert np.isnan(single).sum() == 841
    below = YELLOW & (np.abs(GAMMAS) > 1e-12)
    assert np.abs(single[below] - 2).max() < 1e-3


# Figure 7


def test_all_of_red_has_the_slope_four_over_epsilon(slopes1):
    assert RED.sum() == 841
    assert set(slopes1[RED]) == {4e8}
    assert ad.grad(h1)(2.0) == 4e8
    assert np.abs(slopes1 - 1).max() == 399_999_999


def test_yellow_of_h1_changes_its_sign_at_red(slopes1):
    left, right = slopes1[YELLOW & LEFT], slopes1[YELLOW & RIGHT]
    assert left.min() == pytest.approx(-4.00e8, rel=1e-3)
    assert left.max() == pytest.approx(-6.5e7, rel=5e-3)
    assert right.max() == pytest.approx(4.00e8, rel=1e-3)
    assert right.min() == pytest.approx(4.19e7, rel=1e-3)


def test_yellow_of_h1_is_the_papers_formula(slopes1):
    e, g = S(G) * EPS, G
    formula = (2 * g**2 + (4 + 2 * g) * e) / (g + e) ** 2
    np.testing.assert_allclose(slopes1[YELLOW], formula[YELLOW], rtol=7e-16)


def test_green_of_h1_is_the_slope_of_h1_itself(slopes1):
    """Here f keeps nearly all of g², and the slope is that of (4g + g²)/(g + Sε)."""
    e, g = S(G) * EPS, G
    formula = (g**2 + 2 * g * e + 4 * e) / (g + e) ** 2
    here = GREEN & INSIDE
    np.testing.assert_allclose(slopes1[here], formula[here], rtol=2e-8)
    far = here & (np.abs(g) > 1e-5)
    np.testing.assert_allclose(slopes1[far], (1 + 4 * e / g**2)[far], rtol=5e-3)


@pytest.mark.parametrize(
    ("gamma", "slope"),
    [
        (1e-8, 1.0e8),
        (-1e-8, -1.0e8),
        (1e-7, 3.306e6),
        (1e-6, 39213),
        (1e-5, 400.2),
        (-1e-5, -398.2),
        (5e-5, 16.99),
        (-5e-5, -14.99),
        (0.99999e-4, 4.9992),
        (-0.99999e-4, -2.9992),
    ],
)
def test_single_points_of_figure_7(gamma, slope):
    assert ad.grad(h1)(2 + gamma) == pytest.approx(slope, rel=4e-4)


def test_beyond_delta_h1_has_the_slope_of_h(slopes, slopes1):
    np.testing.assert_array_equal(slopes1[OUTSIDE], slopes[OUTSIDE])
    np.testing.assert_allclose(slopes1[OUTSIDE], 1, atol=4e-8)


def test_how_far_out_the_slope_of_h1_is_above_ten(slopes1):
    reach = np.abs(GAMMAS[np.abs(slopes1) > 10]).max()
    assert reach == pytest.approx(
        2 * np.sqrt(EPS / 9), rel=0.012
    )  # the grid has 100 points a decade


def test_the_choice_of_the_sign_of_zero_is_the_sign_of_red():
    def other(x):
        g = x - 2
        return (x**2 - 4) / (g + np.where(g > 0, 1.0, -1.0) * EPS)

    def librarys(x):
        g = x - 2
        return (x**2 - 4) / (g + np.sign(g) * EPS)

    value, slope = ad.value_and_grad(other)(2.0)
    assert (value, np.signbit(value), slope) == (0.0, True, -4e8)
    with np.errstate(all="ignore"):
        assert np.isnan(ad.value_and_grad(librarys)(2.0)).all()


# Figure 8


def test_h2_has_four_over_epsilon_at_once(slopes2):
    assert set(slopes2[RED]) == {40000.0}
    e = S(G) * 1e-4
    apart = INSIDE & ~RED
    np.testing.assert_allclose(slopes2[apart], ((4 + 2 * G) / e)[apart], rtol=1e-15)
    right, left = slopes2[apart & RIGHT], slopes2[apart & LEFT]
    assert 40000 <= right.min() <= right.max() < 40002
    assert -40000 <= left.min() <= left.max() < -39998
    np.testing.assert_allclose(slopes2[OUTSIDE], 1, atol=4e-8)
