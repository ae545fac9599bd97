"""Who is to blame for the wrong slope of (x² − 4)/(x − 2), and what a wrong slope does next.

The same lines of forward mode run on floats and on exact fractions; between the two, one line at a
time is given its exact value, or its rounded one.
"""

from fractions import Fraction

import numpy as np
import pytest
from grid import GAMMAS, REGIONS, X, h

import tinyad as ad

LIVE = X[REGIONS != "red"]
YELLOW = X[REGIONS == "yellow"]
U = 2.0**-53

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def lines(x, number, **swapped):
    """Value and tangent, line by line; a line may be given another value than its own."""
    x = number(x)
    s = swapped.get("s", x**2)
    f = swapped.get("f", s - 4)
    g = swapped.get("g", x - 2)
    q = swapped.get("q", f / g)
    return {"s": s, "f": f, "g": g, "q": q, "slope": 2 * x / g - q / g}


def test_the_lines_are_those_of_tinyad():
    """Bit for bit in yellow; elsewhere 2x/g and 2x times 1/g may differ in the last bit."""
    by_line = np.array([lines(x, float)["slope"] for x in LIVE.tolist()])
    slopes = ad.derivative(h)(LIVE)
    yellow = REGIONS[REGIONS != "red"] == "yellow"
    np.testing.assert_array_equal(by_line[yellow], slopes[yellow])
    assert np.all(np.abs(by_line - slopes) <= 2 * (4 / np.abs(LIVE - 2)) * U + 4 * U)


def test_on_exact_numbers_the_chain_rule_is_exact():
    for x in LIVE.tolist():
        exact = lines(x, Fraction)
        assert exact["slope"] == 1
        assert exact["q"] == Fraction(x) + 2


def test_exact_numbers_do_not_fill_the_hole():
    for x in X[REGIONS == "red"][::50].tolist():
        with pytest.raises(ZeroDivisionError):
            lines(x, Fraction)


def test_one_computed_line_among_exact_ones_brings_the_plateau_back():
    for x in YELLOW[::5].tolist():
        computed = lines(x, float)
        for line, slope in {"f": 2, "q": 2, "g": 1}.items():
            assert lines(x, Fraction, **{line: Fraction(computed[line])})["slope"] == slope


def test_one_exact_line_among_computed_ones_cures_it_only_from_the_difference_on():
    for x in YELLOW[::5].tolist():
        exact, g = lines(x, Fraction), abs(x - 2)
        for line, slope in {"s": 2, "g": 2, "f": 1, "q": 1}.items():
            found = lines(x, float, **{line: float(exact[line])})["slope"]
            assert abs(found - slope) <= 4 * (4 / g) * U


def test_the_square_and_the_divisor_are_as_good_as_floats_can_be():
    for x in LIVE.tolist():
        computed, exact = lines(x, float), lines(x, Fraction)
        assert computed["s"] == float(exact["s"])
        if 1 <= x <= 4:  # Sterbenz
            assert computed["g"] == exact["g"]


def test_the_difference_has_lost_a_quarter_of_g_and_the_slope_everything():
    for x in YELLOW.tolist():
        computed, exact = lines(x, float), lines(x, Fraction)
        g = Fraction(x) - 2
        assert Fraction(computed["f"]) / exact["f"] - 1 == -g / (4 + g)
        assert computed["slope"] / exact["slope"] - 1 == 1


def test_with_the_best_difference_the_plateau_is_gone():
    """Four roundings of numbers of size 4/g are left, and they are all that is left."""
    best = np.array([float(Fraction(x) ** 2 - 4) for x in LIVE.tolist()])
    g = LIVE - 2
    slopes = 2 * LIVE / g - best / g / g
    share = np.abs(slopes - 1) / (4 / np.abs(g) * U)
    assert 1 < share.max() <= 4
    at = dict(zip(GAMMAS[REGIONS != "red"], slopes, strict=True))
    assert at[GAMMAS[np.argmin(np.abs(GAMMAS - 1e-12))]] == 1
    wide = np.abs(g) > 1e-12
    assert np.abs(slopes[wide] - 1).max() < 1e-3


def last_on_the_plateau(power, n):
    """The largest γ of the grid at which the slope is twice the truth, and how many are NaN."""
    gammas = GAMMAS[GAMMAS > 0]
    with np.errstate(all="ignore"):
        slopes = ad.derivative(lambda x: (power(x, n) - 2.0**n) / (x - 2))(2 + gammas)
    twice = np.abs(slopes / (n * (n - 1) * 2.0 ** (n - 2)) - 1) < 1e-6
    return gammas[twice].max(), np.isnan(slopes).sum()


def multiplied(x, n):
    product = x
    for _ in range(n - 1):
        product = product * x
    return product


@pytest.mark.parametrize(
    ("n", "edge", "last", "last_multiplied", "last_term"),
    [
        (2, 2.107e-8, 2.09e-8, 2.09e-8, 2.1e-8),
        (3, 1.217e-8, 1.20e-8, 1.48e-8, 9.6e-6),
        (4, 8.60e-9, 8.5e-9, 1.20e-8, 2.05e-4),
        (5, 6.66e-9, 6.6e-9, 1.05e-8, 1.3e-3),
        (10, 3.14e-9, 3.1e-9, 6.9e-9, 0.051),
        (20, 1.53e-9, 1.5e-9, 4.8e-9, 0.319),
    ],
)
def test_higher_powers_narrow_the_plateau(n, edge, last, last_multiplied, last_term):
    """Remark 2.1 of the paper is right about γⁿ; for the slope the opposite holds."""
    assert np.sqrt(2.0**-50 / (n * (n - 1))) == pytest.approx(edge, rel=2e-3)
    assert 2 * 2 ** (-53 / n) == pytest.approx(last_term, rel=1e-2)
    found, holes = last_on_the_plateau(lambda x, n: x**n, n)
    assert found == pytest.approx(last, rel=1e-2)
    assert holes == 435  # the NaN interval is the same for every power
    found, holes = last_on_the_plateau(multiplied, n)
    assert found == pytest.approx(last_multiplied, rel=1e-2)
    assert holes == 435


def h1(x, eps=1e-8):
    g = x - 2
    return (x**2 - 4) / (g + np.where(g >= 0, 1.0, -1.0) * eps)


def loss(w, f):
    return 0.5 * (f(w[0]) - 5) ** 2 + 0.5 * np.sum((w[1:] - 1) ** 2)


def start(n):
    return np.concatenate([[2.0], np.zeros(n - 1)])


@pytest.mark.parametrize(("n", "degrees"), [(2, 45.0), (10, 71.6), (1000, 88.2)])
def test_one_huge_entry_turns_the_gradient(n, degrees):
    true = ad.grad(loss)(start(n), lambda x: x + 2)
    np.testing.assert_array_equal(true, -np.ones(n))
    found = ad.grad(loss)(start(n), h1)
    assert found[0] == -2e9
    np.testing.assert_array_equal(found[1:], true[1:])
    for first in (found, found / found[0] * 4e8):  # (4e8, ...) against (1, ...), too
        cosine = first @ true / np.linalg.norm(first) / np.linalg.norm(true)
        assert abs(cosine) == pytest.approx(1 / np.sqrt(n), rel=1e-6)
        assert np.degrees(np.arccos(abs(cosine))) == pytest.approx(degrees, abs=0.05)


def descent(f, eta, steps):
    w, losses = start(10), []
    for _ in range(steps + 1):
        losses.append(loss(w, lambda x: x + 2))
        w = w - eta * ad.grad(loss)(w, f)
    return np.array(losses)


def test_one_wrong_entry_makes_a_descent_jump_or_stall():
    right = descent(lambda x: x + 2, 0.1, 200)
    assert np.all(np.diff(right) < 0)
    assert right[-1] < 1e-17
    jumped = descent(h1, 0.1, 200)
    assert jumped[1] == pytest.approx(0.5 * 2e8**2, rel=1e-7)  # from 2 to 200,000,002
    assert np.flatnonzero(jumped[1:] < jumped[0])[0] + 1 == pytest.approx(171, abs=2)
    stalled = descent(h1, 1e-10, 200)
    assert stalled[1] == pytest.approx(0.5 * 0.8**2 + 4.5, rel=1e-6)
    assert stalled[1] - stalled[-1] < 1e-6
