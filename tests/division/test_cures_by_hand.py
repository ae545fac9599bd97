"""Cures of (x² − 4)/(x − 2) and of other quotients: what each heals, and what it leaves.

The truth of a value and a slope is mpmath's, or a limit known from the series at the hole.
"""

import numpy as np
import pytest
from grid import GAMMAS, REGIONS, X, h
from mpmath import mp, mpf

import tinyad as ad

RED, YELLOW = REGIONS == "red", REGIONS == "yellow"


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def guarded(x, fallback, width=0.0):
    near = np.abs(x - 2) <= width
    safe = np.where(near, 0.0, x)
    return np.where(near, fallback(x), (safe**2 - 4) / (safe - 2))


def errors(cure):
    """How far value and slope are off at the points of the grid, the slope from the tape."""
    slopes = np.array([ad.grad(cure)(x) for x in X.tolist()])
    return np.abs(cure(X) - (X + 2)), np.abs(slopes - 1)


# -- the quotient near 2 ------------------------------------------------------------------------


def test_canceled_there_is_nothing_left_to_cure():
    formula = ad.expression(h, "x")
    assert str(formula.cancel()) == "x + 2"
    assert str(formula.cancel().diff("x")) == "1"
    assert str(formula.diff("x").simplify()) == "1"


def test_differentiated_first_the_plateau_and_the_hole_stay():
    late = ad.expression(h, "x").diff("x")
    assert late.evaluate(x=2 + 1e-10) == 2.0
    assert np.isnan(late.evaluate(x=2.0))


def test_a_constant_fallback_has_no_slope():
    value, slope = errors(lambda x: guarded(x, lambda x: 4.0))
    assert set(value[RED]) == {0.0}
    assert set(slope[RED]) == {1.0}  # the slope is 0
    assert set(slope[YELLOW]) == {1.0}  # the slope is 2


def test_a_fallback_with_the_right_slope_heals_red_alone():
    value, slope = errors(lambda x: guarded(x, lambda x: x + 2))
    assert set(value[RED]) == set(slope[RED]) == {0.0}
    assert set(slope[YELLOW]) == {1.0}
    assert value[YELLOW].max() > 2e-8


def test_a_wide_guard_heals_yellow():
    value, slope = errors(lambda x: guarded(x, lambda x: x + 2, 1e-6))
    assert set(value[RED | YELLOW]) == set(slope[RED | YELLOW]) == {0.0}
    assert slope.max() < 1e-3


def test_an_attached_slope_heals_slopes_and_leaves_values():
    cure = ad.with_derivative(lambda x: guarded(x, lambda x: 4.0), lambda x: 1 + 0 * x)
    value, slope = errors(cure)
    assert set(slope) == {0.0}
    assert (cure(2.0), ad.grad(cure)(2.0)) == (4.0, 1.0)
    assert 2.0e-8 < value.max() < 2.1e-8


def factored(x):
    return (x - 2) * (x + 2) / (x - 2)


def test_a_factored_numerator_heals_values_but_not_what_divides():
    value, slope = errors(factored)
    assert np.isnan(value[RED]).all()
    assert np.isnan(slope[RED]).all()
    assert value[~RED].max() < 9e-16
    right, left = ~RED & (GAMMAS > 0), ~RED & (GAMMAS < 0)
    assert slope[right].max() == 0.125
    assert slope[left].max() == 1.0
    assert slope[np.abs(GAMMAS) > 6e-14].max() < 0.01
    assert slope[right & (GAMMAS < 5.5e-14)].max() > 0.01


def test_forward_mode_sums_up_in_another_order_and_is_as_sensitive():
    slope = np.abs(ad.derivative(factored)(X) - 1)
    assert slope[~RED].max() == 1.0
    assert slope[np.abs(GAMMAS) > 8e-14].max() < 0.01


@pytest.mark.parametrize(("gamma", "wanted"), [(1e-12, 1.0), (1e-14, 0.9375)])
def test_an_exactly_rounded_numerator_is_right_up_to_the_noise_of_the_rule(gamma, wanted):
    """What one fused multiply-add makes of x·x − 4."""
    x = 2 + gamma
    with mp.workdps(60):
        f = float(mpf(x) ** 2 - 4)
    g = x - 2
    assert 2 * x / g - f / g / g == pytest.approx(wanted, abs=1e-3)


def test_one_where_heals_the_value_and_leaves_the_slope_to_nan():
    def one(x):
        return np.where(x == 2, 4.0, h(x))

    value, slope = ad.value_and_grad(one)(2.0)
    assert value == 4.0
    assert np.isnan(slope)


# -- quotients that nothing cancels: value and slope at 1e-16, 1e-12 and 1e-8 -------------------

NAIVE = {
    "(eˣ - 1)/x": (
        lambda x: (np.exp(x) - 1) / x,
        [(0, 1e16), (1.0000889, -8.89e7), (0.999999994, 1.6077)],
    ),
    "expm1(x)/x": (lambda x: np.expm1(x) / x, [(1, 0), (1, 0.5), (1.000000005, 0.49999999)]),
    "log(1 + x)/x": (
        lambda x: np.log(1 + x) / x,
        [(0, 1e16), (1.0000889, -8.89e7), (0.99999999, 0.1077)],
    ),
    "log1p(x)/x": (lambda x: np.log1p(x) / x, [(1, 0), (1, -0.50012), (1, -0.49999999)]),
    "(1 - cos x)/x²": (lambda x: (1 - np.cos(x)) / x**2, [(0, 1e16), (0, 1e12), (0, 1e8)]),
    "x/(eˣ - 1)": (
        lambda x: x / (np.exp(x) - 1),
        [(np.inf, np.nan), (0.99991, 8.89e7), (1.000000006, -1.6077)],
    ),
    "(sqrt(1 + x) - 1)/x": (
        lambda x: (np.sqrt(1 + x) - 1) / x,
        [(0, 5e15), (0.50004, -4.45e7), (0.499999997, 0.0539)],
    ),
    "sin(x)/x": (lambda x: np.sin(x) / x, [(1, 0), (1, 0), (1, 0)]),
}


@pytest.mark.parametrize("name", NAIVE)
def test_naive_quotients_near_their_hole(name):
    f, table = NAIVE[name]
    assert np.isnan(ad.value_and_grad(f)(0.0)).all()
    for x, wanted in zip((1e-16, 1e-12, 1e-8), table, strict=True):
        value, slope = ad.value_and_grad(f)(x)
        assert value == pytest.approx(wanted[0], rel=1e-5)
        assert slope == pytest.approx(wanted[1], rel=2e-3, nan_ok=True)


def test_the_cosine_is_still_wrong_far_from_its_hole():
    with mp.workdps(60):
        truth = mp.diff(lambda x: (1 - mp.cos(x)) / x**2, mpf(10) ** -4)
    assert float(truth) == pytest.approx(-8.33e-6, rel=1e-3)
    assert ad.grad(NAIVE["(1 - cos x)/x²"][0])(1e-4) == pytest.approx(4.41e-5, rel=1e-3)


@pytest.mark.parametrize(("width", "worst"), [(1e-2, 1e-5), (1e-5, 1.5e-11), (1e-9, 1.2e-7)])
def test_how_wide_a_guard_should_be(width, worst):
    def growth(x):
        near = np.abs(x) < width
        safe = np.where(near, 1.0, x)
        return np.where(near, 1 + x / 2 + x**2 / 6, np.expm1(safe) / safe)

    steps = 10.0 ** np.linspace(-16, 0, 321)
    with mp.workdps(60):
        truth = [
            float((t * mp.exp(t) - mp.expm1(t)) / t**2) for t in (mpf(x) for x in steps.tolist())
        ]
    found = np.abs(ad.derivative(growth)(steps) - truth).max()
    assert worst / 2 < found < worst * 2


# -- 0 · ∞, ∞ − ∞ and ∞/∞ -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x * (1 / x), 0.0),
        (lambda x: x**2 * (1 / x), 0.0),
        (lambda x: np.exp(x) * np.exp(-x), 800.0),
        (lambda x: x * np.log(x), 0.0),
        (lambda x: 1 / np.tanh(x) - 1 / x, 0.0),
        (lambda x: np.exp(x) / (1 + np.exp(x)), 1000.0),
        (lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), 800.0),
    ],
    ids=["x/x", "x²/x", "eˣe⁻ˣ", "x log x", "coth", "sigmoid", "tanh"],
)
def test_indeterminate_forms_are_nan_twice(f, x):
    assert np.isnan(ad.value_and_grad(f)(x)).all()


def test_zero_times_an_infinite_slope():
    value, slope = ad.value_and_grad(lambda x: 0 * np.sqrt(x))(0.0)
    assert value == 0
    assert np.isnan(slope)


@pytest.mark.parametrize("x", [1e-16, 1e-12, 1e-8])
def test_a_difference_of_infinities_comes_to_nothing_beside_the_hole(x):
    assert ad.value_and_grad(lambda x: 1 / x - 1 / np.sin(x))(x) == (0, 0)  # the slope is −1/6


def test_softplus_ends_where_the_exponential_does():
    def softplus(x):
        return np.log(1 + np.exp(x))

    assert ad.value_and_grad(softplus)(709.0) == pytest.approx((709, 1), rel=1e-15)
    value, slope = ad.value_and_grad(softplus)(710.0)
    assert value == np.inf
    assert np.isnan(slope)
    assert ad.value_and_grad(lambda x: np.logaddexp(0, x))(1e3) == (1000, 1)


def test_log_sum_exp_and_softmax():
    def naive(v):
        return np.log(np.sum(np.exp(v)))

    def stable(v):
        top = np.max(v)
        return top + np.log(np.sum(np.exp(v - top)))

    v = np.array([1000.0, 1000.0])
    assert naive(v) == np.inf
    assert np.isnan(ad.grad(naive)(v)).all()
    assert stable(v) == pytest.approx(1000.693147, abs=1e-6)
    assert ad.grad(stable)(v).tolist() == [0.5, 0.5]
    v = np.array([1000.0, 0.0])
    assert np.isnan(ad.grad(lambda v: -np.log(np.exp(v[1]) / np.sum(np.exp(v))))(v)).any()
    value, slopes = ad.value_and_grad(lambda v: stable(v) - v[1])(v)
    assert value == 1000
    assert slopes.tolist() == [1, -1]


def test_the_conjugate():
    def naive(x):
        return np.sqrt(x**2 + x) - x

    def by_conjugate(x):
        return x / (np.sqrt(x**2 + x) + x)

    with mp.workdps(60):
        t = mpf(10) ** 9
        truth = float(mp.sqrt(t**2 + t) - t), float((2 * t + 1) / (2 * mp.sqrt(t**2 + t)) - 1)
    assert truth == pytest.approx((0.499999999875, 1.25e-19), rel=1e-9)
    assert ad.value_and_grad(naive)(1e9) == (0.5, 0.0)
    assert naive(1e16) == 2.0  # the limit is 1/2
    assert by_conjugate(1e9) == pytest.approx(truth[0], rel=1e-15)
    assert ad.grad(by_conjugate)(1e9) == pytest.approx(truth[1], rel=1e-6)


# -- the loss of the lesson ---------------------------------------------------------------------


def loss(w):
    odds = np.exp(-w)
    p = 1 / (1 + odds)
    return -np.log(1 - p)


def test_the_loss_is_wrong_long_before_it_is_infinite():
    with mp.workdps(60):
        truth = float(mp.log1p(mp.exp(30))), float(1 / (1 + mp.exp(-30)))
    value, slope = ad.value_and_grad(loss)(30.0)
    assert abs(value / truth[0] - 1) == pytest.approx(3.4e-5, rel=0.01)
    assert abs(slope / truth[1] - 1) == pytest.approx(1.02e-3, rel=0.01)
    assert ad.value_and_grad(loss)(50.0) == (np.inf, np.inf)


def test_the_subtraction_of_the_loss_is_exact_and_the_sum_is_what_it_uncovers():
    odds = np.exp(-30.0)
    p = 1 / (1 + odds)
    with mp.workdps(60):
        assert mpf(1 - p) == 1 - mpf(p)
        assert abs(mpf(1 + odds) - 1 - mpf(odds)) > mpf(odds) / 2000  # of what is left, 1e-3
        best = float(1 - 1 / (1 + mp.exp(-30)))
    assert -np.log(best) == pytest.approx(30, rel=1e-14)  # an exact difference restores the loss


def test_an_epsilon_in_the_logarithm_makes_another_function():
    value, slope = ad.value_and_grad(lambda w: -np.log(1 - 1 / (1 + np.exp(-w)) + 1e-12))(50.0)
    assert value == pytest.approx(-np.log(1e-12), rel=1e-6)
    assert abs(slope) < 1e-9


# -- what the tools say of them -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x", "op", "verdict"),
    [
        (h, 2.0, "divide", "0/0"),
        (h, 2 + 1e-12, "subtract", "cancellation"),
        (loss, 30.0, "subtract", "cancellation"),
        (lambda x: np.log(1 + np.exp(x)), 1e3, "exp", "overflow"),
    ],
    ids=["red", "yellow", "loss", "softplus"],
)
def test_the_diagnosis_of_the_lesson(f, x, op, verdict):
    worst = ad.diagnose(f, x).worst
    assert (worst.op, worst.verdict) == (op, verdict)


def test_the_diagnosis_cannot_know_that_a_fallback_is_wrong_and_a_difference_can():
    def flat(x):
        return guarded(x, lambda x: 4.0)

    assert ad.diagnose(flat, 2.0).worst is None
    with pytest.raises(ad.errors.GradientCheckError, match="differences give 1"):
        ad.check_grads(flat, (2.0,))


@pytest.mark.parametrize("x", [2.0, 2 + 1e-16, 2 + 1e-12, 2 - 1e-9])
def test_the_repair_of_the_quotient_is_the_canceled_one(x):
    best = ad.repair(h, x)[0]
    assert np.array_equal(best.f(X), X + 2)
    assert min(best.digits_after) > 15


def test_the_repair_of_the_loss_is_right_where_it_was_infinite():
    best = ad.repair(loss, 30.0)[0]
    assert ad.value_and_grad(best.f)(50.0) == pytest.approx((50, 1), rel=1e-14)
