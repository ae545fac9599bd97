"""What holds beyond (x² − 4)/(x − 2): the plateau is twice the truth, and 2 is a lucky place."""

from fractions import Fraction

import numpy as np
import pytest
from grid import GAMMAS

import tinyad as ad

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def slopes_of(f, x):
    with np.errstate(all="ignore"):
        return ad.derivative(f)(x)


@pytest.mark.parametrize(
    ("n", "value", "truth", "plateau"),
    [(2, 4, 1, 2), (3, 12, 6, 12), (4, 32, 24, 48), (5, 80, 80, 160), (10, 5120, 11520, 23040)],
)
def test_the_plateau_is_the_second_derivative_and_the_truth_half_of_it(n, value, truth, plateau):
    """Where f(a + g) is rounded to f'(a) g, the rules give f''(a) in place of f''(a)/2."""
    curve = np.polynomial.Polynomial([-(2.0**n)] + [0.0] * (n - 1) + [1.0])
    assert curve.deriv(1)(2.0) == value
    assert (curve.deriv(2)(2.0) / 2, curve.deriv(2)(2.0)) == (truth, plateau)

    def quotient(x):
        return (x**n - 2.0**n) / (x - 2)

    x = 2 + GAMMAS
    near = (x != 2) & (np.abs(GAMMAS) < 1e-9)
    found = slopes_of(quotient, x)[near]
    assert set(quotient(x[near])) == {float(value)}
    assert np.median(found) == plateau
    # for odd n it is noisy in the last decade before red, as x**(n-1) is rounded, too
    assert (np.abs(found / plateau - 1) < 0.01).mean() > 0.75


def around(a):
    """Slopes and values on the grid around a, its points, and their distances from a."""

    def quotient(x):
        return (x**2 - a * a) / (x - a)

    x = a + GAMMAS
    with np.errstate(all="ignore"):
        return slopes_of(quotient, x), quotient(x), x, x - a


@pytest.mark.parametrize("a", [0.5, 1.0, 2.0, 4.0, 8.0])
def test_around_a_power_of_two_the_plateau_is_tidy(a):
    slopes, _, _, g = around(a)
    near = (g != 0) & (np.abs(g) < 1e-9)
    assert set(slopes[near]) == {2.0}
    assert np.nanmax(np.abs(slopes - 1)) == 1.0


def test_only_powers_of_two_are_tidy():
    """2ag is a whole number of ulps of a² for the smallest g, one ulp of a, at no other place."""
    for sixtyfourths in range(64, 256):
        a = sixtyfourths / 64
        ulps = Fraction(2 * a) * Fraction(np.spacing(a)) / Fraction(np.spacing(a * a))
        assert (ulps.denominator == 1) == (a in (1.0, 2.0))


@pytest.mark.parametrize(
    ("a", "worst"), [(3.0, 4.5e15), (5.0, 2.25e15), (np.pi, 5.1e15), (0.1, 5.4e15)]
)
def test_elsewhere_errors_are_unbounded_without_any_epsilon(a, worst):
    slopes, _, _, g = around(a)
    assert np.nanmax(np.abs(slopes - 1)) == pytest.approx(worst, rel=0.01)
    # half an ulp of x² lost in f, and the same again where a² is rounded itself, over g²
    near = (g != 0) & (np.abs(g) < 1e-10)
    share = np.abs(slopes - 1)[near] * g[near] ** 2 / (np.spacing(a * a) / 2)
    assert share.max() <= (1 if a * a == int(a * a) else 2)


def test_around_three_the_value_is_wrong_by_two():
    slopes, values, x, g = around(3.0)
    assert np.nanmax(np.abs(values - (x + 3))) == 2.0
    wrong = np.abs(slopes - 1) > 4.4e15
    assert set(np.abs(g[wrong])) == {np.spacing(3.0)}  # the doubles next to 3
    assert np.abs(GAMMAS[wrong]).min() == pytest.approx(2.2e-16, rel=0.05)


def test_around_pi_there_is_no_plateau():
    slopes, _, _, g = around(np.pi)
    near = (g != 0) & (np.abs(g) < 1e-9)
    assert not (slopes[near] == 2).any()
