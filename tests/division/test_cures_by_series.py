"""Which regions around 2 a division of series cures, and what it cannot see.

The truth is h = x + 2 with slope 1, in exact fractions; other quotients are judged by mpmath.
"""

from fractions import Fraction

import numpy as np
import pytest
from grid import REGIONS, X, h
from mpmath import mp

import tinyad as ad

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def divided(f, g, zero=lambda c: c == 0):
    """The pseudo-code of the lesson: drop shared leading zeros, then the recurrence."""
    while f and zero(f[0]) and zero(g[0]):
        f, g = f[1:], g[1:]
    q = []
    for n in range(len(f)):
        q.append((f[n] - sum(q[j] * g[n - j] for j in range(n))) / g[0])
    return q


def jets_at(x, zero=lambda c: c == 0):
    """Coefficients of h at the float x, from those of x² − 4 and x − 2."""
    return divided([x * x - 4, 2 * x, 1.0], [x - 2, 1.0, 0.0], zero)


@pytest.fixture(scope="module")
def by_jets():
    return np.array([jets_at(x)[:2] for x in X.tolist()])


def test_division_of_series_cures_red_exactly(by_jets):
    assert (REGIONS == "red").sum() == 841
    assert {tuple(pair) for pair in by_jets[REGIONS == "red"].tolist()} == {(4.0, 1.0)}


def test_division_of_series_leaves_yellow_as_it_was(by_jets):
    assert (REGIONS == "yellow").sum() == 1611
    assert {tuple(pair) for pair in by_jets[REGIONS == "yellow"].tolist()} == {(4.0, 2.0)}
    plain = ad.derivative(h)(X)
    assert set(plain[REGIONS == "yellow"]) == {2.0}
    in_green = (by_jets[:, 1] - plain)[REGIONS == "green"]
    assert np.abs(in_green).max() < 3e-8  # other roundings, the same zigzag
    assert np.abs(by_jets[:, 1] - 1).max() == 1.0


def test_in_yellow_the_next_coefficient_is_minus_one_over_gamma():
    for gamma in (1e-15, 1e-12, -1e-10, 1e-8):
        x = 2 + gamma
        assert jets_at(x)[2] == pytest.approx(-1 / (x - 2), rel=1e-15)
    assert f"{jets_at(2 + 1e-12)[2]:.1e}" == "-1.0e+12"


@pytest.mark.parametrize("gamma", [0.0, 1e-17, -1e-17, 1e-15, 1e-12, -1e-12, 1e-9, 1e-5, 0.5])
def test_taylor_mode_divides_as_by_hand_and_notes_the_doubt(gamma):
    x = 2 + gamma
    series = ad.taylor(h, x, 1)
    assert list(series) == pytest.approx(jets_at(x)[:2], rel=1e-12)
    wrong = abs(Fraction(series[1]) - 1) > Fraction(1, 10**6)
    assert ("may have spoiled" in series.note) or not wrong
    assert (series.note == "") == (x == 2 or gamma == 0.5)


def test_the_series_about_the_hole_cures_red_and_yellow():
    series = ad.taylor(h, 2.0, 3)
    assert list(series) == [4.0, 1.0, 0.0, 0.0]
    exact = np.array([float(Fraction(x) + 2) for x in X.tolist()])  # x + 2, rounded once
    assert np.array_equal(series(X), exact)
    assert set(ad.derivative(series)(X)) == {1.0}


def test_a_tolerance_trades_the_value_for_the_slope():
    for gamma in (1e-15, 1e-12, 1e-8, -1e-8):
        x = 2 + gamma
        value, slope = jets_at(x, zero=lambda c: abs(c) < 1e-6)
        assert (value - 4, slope) == (2 * (x - 2), 1.0)  # the truth is 4 + (x − 2)
    pole = divided([1e-8, 0.0, 1.0], [0.0, 1.0, 0.0], zero=lambda c: abs(c) < 1e-6)
    assert pole == [0.0, 1.0]  # a finite value, where (t² + 1e-8)/t has none
    with pytest.raises(ad.errors.SeriesError, match="pole of order 1"):
        ad.taylor(lambda x: (x * x + 1e-8) / x, 0.0, 1)


@pytest.mark.parametrize(
    ("n", "start"),
    [
        (2, [4, 1, 0]),
        (3, [12, 6, 1]),
        (5, [80, 80, 40, 10]),
        (10, [5120, 11520, 15360, 13440]),
    ],
)
def test_powers_over_their_zero_at_two(n, start):
    """(xⁿ − 2ⁿ)/(x − 2) is the sum of xᵏ 2ⁿ⁻¹⁻ᵏ: expand that exactly."""
    whole = sum(
        np.polynomial.Polynomial([2, 1]) ** k * 2 ** (n - 1 - k) for k in range(n)
    ).coef.tolist()
    assert [*whole, 0, 0][: len(start)] == start
    assert ad.taylor(lambda x: (x**n - 2**n) / (x - 2), 2.0, len(start) - 1) == start


def test_each_canceled_zero_costs_one_order():
    cosine = [0.0, 0.0, 1 / 2, 0.0, -1 / 24]  # of 1 − cos t
    assert divided(cosine, [0.0, 0.0, 1.0, 0.0, 0.0]) == [1 / 2, 0.0, -1 / 24]
    assert divided([0.0, 4.0], [0.0, 1.0]) == [4.0]  # a dual number has no slope to give


def test_the_first_coefficients_are_those_of_lhopital():
    f, g = [0, Fraction(3), Fraction(5), 7], [0, Fraction(2), Fraction(-1), 4]
    q = divided(f, g)
    assert q[0] == f[1] / g[1]
    assert q[1] == f[2] / g[1] - f[1] * g[2] / g[1] ** 2


def test_a_smeared_zero_is_divided_by_in_silence_but_not_by_taylor_mode():
    f, g = [0.0, 1.0, 0.0], [0.1 * 0.1 - 0.01, 0.2, 1.0]  # (x − 0.1)/(x² − 0.01) at 0.1
    assert g[0] != 0
    value, slope, *_ = divided(f, g)
    assert (value, slope > 5e17) == (0.0, True)  # truth: 5 and −25
    with pytest.raises(ad.errors.SeriesError, match="smeared"):
        ad.taylor(lambda x: (x - 0.1) / (x * x - 0.01), 0.1, 1)
    with pytest.raises(ad.errors.SeriesError, match="smeared"):
        ad.taylor(lambda x: (x * x - 0.01) / (x - 0.1), 0.1, 1)


LAURENT = {
    "sin x / x": (lambda x: np.sin(x) / x, lambda x: mp.sin(x) / x, [1, 0, -1 / 6, 0]),
    "(1 - cos x)/x²": (
        lambda x: (1 - np.cos(x)) / x**2,
        lambda x: (1 - mp.cos(x)) / x**2,
        [1 / 2, 0, -1 / 24, 0],
    ),
    "(eˣ - 1)/x": (
        lambda x: (np.exp(x) - 1) / x,
        lambda x: mp.expm1(x) / x,
        [1, 1 / 2, 1 / 6, 1 / 24],
    ),
    "log1p(x)/x": (
        lambda x: np.log1p(x) / x,
        lambda x: mp.log1p(x) / x,
        [1, -1 / 2, 1 / 3, -1 / 4],
    ),
    "x/(eˣ - 1)": (
        lambda x: x / (np.exp(x) - 1),
        lambda x: x / mp.expm1(x),
        [1, -1 / 2, 1 / 12, 0],
    ),
    "x · (1/x)": (lambda x: x * (1 / x), lambda x: mp.mpf(1), [1, 0, 0, 0]),
    "x² · (1/x)": (lambda x: x**2 * (1 / x), lambda x: x, [0, 1, 0, 0]),
    "coth x - 1/x": (
        lambda x: 1 / np.tanh(x) - 1 / x,
        lambda x: mp.coth(x) - 1 / x,
        [0, 1 / 3, 0, -1 / 45],
    ),
    "1/x - 1/sin x": (
        lambda x: 1 / x - 1 / np.sin(x),
        lambda x: 1 / x - 1 / mp.sin(x),
        [0, -1 / 6, 0, -7 / 360],
    ),
    "(sqrt(1 + x) - 1)/x": (
        lambda x: (np.sqrt(1 + x) - 1) / x,
        lambda x: (mp.sqrt(1 + x) - 1) / x,
        [1 / 2, -1 / 8, 1 / 16, -5 / 128],
    ),
}


@pytest.mark.parametrize("name", LAURENT)
def test_indeterminate_forms_at_zero(name):
    """0/0, 0·∞ and ∞ − ∞; mpmath sums the same cubic near 0, where the quotient is harmless."""
    program, precise, truth = LAURENT[name]
    assert list(ad.taylor(program, 0.0, 3)) == pytest.approx(truth, abs=1e-16, rel=1e-15)
    with mp.workdps(60):
        t = mp.mpf(10) ** -8
        cubic = sum(
            mp.mpf(Fraction(c).limit_denominator(1000).numerator)
            * t**k
            / Fraction(c).limit_denominator(1000).denominator
            for k, c in enumerate(truth)
        )
        assert abs(precise(t) - cubic) < mp.mpf(10) ** -31


def test_x_log_x_has_no_series_at_zero():
    with pytest.raises(ad.errors.SeriesError, match=r"np\.log has no series at 0"):
        ad.taylor(lambda x: x * np.log(x), 0.0, 2)


def growth(x):
    return (np.exp(x) - 1) / x


def slope_of_growth(x):
    """The slope of (eˣ − 1)/x by the quotient rule, in 40 digits."""
    with mp.workdps(40):
        x = mp.mpf(x)
        return (x * mp.exp(x) - mp.expm1(x)) / x**2


def test_the_quotient_loses_the_slope_near_the_hole():
    assert ad.derivative(growth)(1e-8) == pytest.approx(1.6077, abs=5e-5)
    assert ad.derivative(growth)(1e-12) == pytest.approx(-8.89e7, rel=1e-3)


@pytest.mark.parametrize(("terms", "place", "digits"), [(8, 0.05, 13), (2, 1e-5, 5)])
def test_series_and_quotient_are_equally_wrong_where_the_lesson_says(terms, place, digits):
    near = place * np.linspace(0.8, 1.25, 41)
    truth = [slope_of_growth(x) for x in near]
    cut = [
        sum(mp.mpf(k) * x ** (k - 1) / mp.factorial(k + 1) for k in range(1, terms)) for x in near
    ]
    by_series = np.median([float(abs(c / t - 1)) for c, t in zip(cut, truth, strict=True)])
    quotients = zip(ad.derivative(growth)(near), truth, strict=True)
    by_quotient = np.median([float(abs(q / t - 1)) for q, t in quotients])
    assert digits < -np.log10(by_series) < digits + 1
    assert 1 / 10 < by_quotient / by_series < 10
