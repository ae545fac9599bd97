"""Taylor series: published results, mpmath's, Cauchy's integral; and where there is no series."""

import math
import operator

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpc, mpf

import tinyad as ad
from tinyad import taylor
from tinyad.errors import ArgumentError, OutputError, SeriesError, SymbolError

# Removable singularities at 0: value, slope and what follows, as known from any table of series.
REMOVABLE = {
    "sin(x)/x": (lambda x: np.sin(x) / x, [1, 0, -1 / 6, 0]),
    "(1-cos x)/x²": (lambda x: (1 - np.cos(x)) / x**2, [1 / 2, 0, -1 / 24]),
    "(eˣ-1)/x": (lambda x: (np.exp(x) - 1) / x, [1, 1 / 2, 1 / 6, 1 / 24]),
    "log1p(x)/x": (lambda x: np.log1p(x) / x, [1, -1 / 2, 1 / 3, -1 / 4]),
    "x/(eˣ-1)": (lambda x: x / (np.exp(x) - 1), [1, -1 / 2, 1 / 12, 0]),
    "x·(1/x)": (lambda x: x * (1 / x), [1, 0, 0, 0]),
    "x²·(1/x)": (lambda x: x**2 * (1 / x), [0, 1]),
    "coth x-1/x": (lambda x: np.cosh(x) / np.sinh(x) - 1 / x, [0, 1 / 3, 0, -1 / 45]),
    "1/tanh x-1/x": (lambda x: 1 / np.tanh(x) - 1 / x, [0, 1 / 3, 0, -1 / 45]),
    "1/x-1/sin x": (lambda x: 1 / x - 1 / np.sin(x), [0, -1 / 6, 0, -7 / 360]),
    "(√(1+x)-1)/x": (lambda x: (np.sqrt(1 + x) - 1) / x, [1 / 2, -1 / 8, 1 / 16, -5 / 128]),
}


@pytest.mark.parametrize(("f", "truth"), REMOVABLE.values(), ids=REMOVABLE)
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_removable_singularities(f, truth, count):
    found = taylor(f, 0.0, min(count, len(truth)) - 1)
    assert found == pytest.approx(truth[:count], abs=1e-15, rel=0)
    assert len(found) == min(count, len(truth))
    assert not found.note


def test_the_quotient_of_the_paper_is_exact():
    assert taylor(lambda x: (x**2 - 4) / (x - 2), 2, 5) == [4, 1, 0, 0, 0, 0]
    assert taylor(lambda x: (x * x - 4) / (x - 2), 2.0, 1) == [4, 1]


@pytest.mark.parametrize(
    ("n", "truth"),
    [(3, [12, 6, 1, 0]), (5, [80, 80, 40, 10]), (10, [5120, 11520, 15360, 13440])],
)
def test_powers_over_their_zero(n, truth):
    assert taylor(lambda x: (x**n - 2.0**n) / (x - 2), 2.0, 3) == truth


def test_beside_the_zero_nothing_cancels_and_the_note_says_so():
    # absorption in the square is not cured by series: value 4, slope 2, then -1/gamma
    x = 2 + 1e-12
    found = taylor(lambda x: (x**2 - 4) / (x - 2), x, 2)
    assert found == pytest.approx([4.0, 2.0, -1 / (x - 2)], rel=1e-9)
    assert "Rounding" in found.note
    assert found.rounding[1] > 1  # the true slope is 1
    # a series about 2, evaluated at x, cures it
    assert taylor(lambda x: (x**2 - 4) / (x - 2), 2.0, 3)(x) == x + 2


@pytest.mark.parametrize("zeros", [1, 3, 6, 12])
@pytest.mark.parametrize("order", [0, 1, 2, 7])
def test_a_canceled_zero_costs_an_order_which_is_paid(zeros, order):
    truth = [1 / math.factorial(k) for k in range(order + 1)]
    found = taylor(lambda x: np.exp(x) * np.sin(x) ** zeros / np.sin(x) ** zeros, 0.0, order)
    assert found == pytest.approx(truth, rel=1e-11)
    found = taylor(lambda x: np.exp(x) * x**zeros / x**zeros, 0.0, order)
    assert found == pytest.approx(truth, rel=1e-15)


def test_the_zeros_of_a_difference_are_found():
    found = taylor(lambda x: (np.sin(x) - np.sinh(x)) / (np.tan(x) - np.tanh(x)), 0.0, 2)
    # sin x - sinh x = -x³/3 - 2 x⁷/7! …, tan x - tanh x = 2x³/3 + 34 x⁷/315 …
    assert found == pytest.approx([-1 / 2, 0, 0], abs=1e-14)


# Numerators and denominators with zeros of all kinds at 0, in NumPy and in mpmath
ZEROS = {
    "x": (lambda x: x, lambda z: z),
    "x²": (lambda x: x**2, lambda z: z * z),
    "sin x": (np.sin, mp.sin),
    "1-cos x": (lambda x: 1 - np.cos(x), lambda z: 1 - mp.cos(z)),
    "expm1": (np.expm1, mp.expm1),
    "log1p": (np.log1p, mp.log1p),
    "x-sin x": (lambda x: x - np.sin(x), lambda z: z - mp.sin(z)),
    "arctan(x)³": (lambda x: np.arctan(x) ** 3, lambda z: mp.atan(z) ** 3),
    "√(1+x²)-1": (lambda x: np.sqrt(1 + x * x) - 1, lambda z: mp.sqrt(1 + z * z) - 1),
}


def cauchy(f, powers, radius=0.5, count=160):
    """Laurent coefficients at 0 by Cauchy's integral over a circle: no series, no derivative."""
    with mpmath.workdps(40):
        circle = [radius * mp.expjpi(mpf(2 * k) / count) for k in range(count)]
        values = [f(z) for z in circle]
        return {
            p: float(mp.re(sum(v * z**-p for v, z in zip(values, circle, strict=True)) / count))
            for p in powers
        }


@pytest.mark.parametrize("below", ZEROS)
@pytest.mark.parametrize("above", ZEROS)
def test_laurent_series_of_quotients(above, below):
    (f, mp_f), (g, mp_g) = ZEROS[above], ZEROS[below]
    found = taylor(lambda x: f(x) / g(x), 0.0, 4, poles=True)
    truth = cauchy(lambda z: mp_f(z) / mp_g(z), range(-6, 5))
    for power in range(-6, found.start):
        assert abs(truth[power]) < 1e-15
    for power, c in enumerate(found, found.start):
        assert c == pytest.approx(truth[power], rel=1e-12, abs=1e-13)
    if found.start < 0:
        assert found[0] != 0
        with pytest.raises(SeriesError, match=f"pole of order {-found.start}"):
            taylor(lambda x: f(x) / g(x), 0.0, 4)


@pytest.mark.parametrize("name", ["coth³", "difference", "product"])
def test_laurent_series_of_sums_and_products(name):
    f, mp_f = {
        "coth³": (lambda x: (np.cosh(x) / np.sinh(x)) ** 3, lambda z: mp.coth(z) ** 3),
        "difference": (
            lambda x: 1 / np.sin(x) ** 2 - 1 / x**2,
            lambda z: 1 / mp.sin(z) ** 2 - 1 / z**2,
        ),
        "product": (lambda x: np.exp(x) * (x * x) ** -2.0, lambda z: mp.exp(z) * z**-4),
    }[name]
    found = taylor(f, 0.0, 5, poles=True)
    truth = cauchy(mp_f, range(found.start, 6))
    assert found == pytest.approx(list(truth.values()), abs=1e-13)


# Where there is no series


def test_a_branch_point_is_an_error_that_names_the_function():
    with pytest.raises(SeriesError, match=r"np\.log has no series at 0: its value there is -inf"):
        taylor(lambda x: x * np.log(x), 0.0, 2)
    with pytest.raises(SeriesError, match=r"np\.arcsin has no series at 1"):
        taylor(np.arcsin, 1.0, 2)
    for f, x in [(np.arccosh, 1.0), (np.arctanh, -1.0), (np.log1p, -1.0), (np.sqrt, 0.0)]:
        with pytest.raises(SeriesError, match=f.__name__):
            taylor(f, x, 2)
    with pytest.raises(SeriesError, match="arctan2"):
        taylor(lambda x: np.arctan2(x, 2 * x), 0.0, 2)


def test_an_essential_singularity_is_an_error():
    for f in (np.exp, np.sin, np.arctan, np.tanh):
        with pytest.raises(SeriesError, match="infinite at the point"):
            taylor(lambda x, f=f: f(1 / x), 0.0, 2)


def test_no_real_value_is_an_error_and_so_is_an_overflow():
    for f, x in [(np.log, -1.0), (np.sqrt, -2.0), (np.arcsin, 3.0), (np.exp, 1000.0)]:
        with pytest.raises(SeriesError, match=f.__name__):
            taylor(f, x, 2)


def test_overflow_and_division_by_zero_are_errors():
    for f, x in [(lambda x: x**3, 1e150), (lambda x: x**2.5, 1e150), (lambda x: x**-3.5, 1e-150)]:
        with pytest.raises(SeriesError, match=r"power .* inf"):
            taylor(f, x, 1)
    with pytest.raises(SeriesError, match="inf"):
        taylor(lambda x: x**x, 1e3, 1)
    assert "not finite" in taylor(lambda x: np.exp(1e200 * x), 0.0, 2).note
    for f in (lambda x: x // 0.0, lambda x: x % 0.0, lambda x: np.fmod(x, 0.0), lambda x: x / 0):
        with pytest.raises(SeriesError):
            taylor(f, 1.5, 1)


def test_zero_as_far_as_carried_is_unknown():
    for f in (
        lambda x: 1 / (x - x),
        lambda x: x / (np.sin(x) - np.sin(x)),
        lambda x: (x - x) ** -1,
    ):
        with pytest.raises(SeriesError, match="zero as far as it is known"):
            taylor(f, 0.3, 2)
    with pytest.raises(SeriesError, match="division by zero"):
        taylor(lambda x: x / 0.0, 0.3, 2)
    # a numerator may be zero as far as carried: then so is the quotient
    assert taylor(lambda x: (x - x) / x, 0.0, 3) == [0, 0, 0, 0]
    assert taylor(lambda x: x**40 / x**38, 0.0, 3) == [0, 0, 1, 0]
    assert taylor(lambda x: (np.sin(x) - x) ** 12 / x**36, 0.0, 0) == pytest.approx([6.0**-12])


def test_zeros_smeared_by_rounding():
    # √2 is not hit: the zero of the denominator is exact, that of the numerator is not
    with pytest.raises(SeriesError, match="smeared by rounding"):
        taylor(lambda x: (x * x - 2) / (x - math.sqrt(2)), math.sqrt(2), 2)
    # 0.3 = 3·0.1 up to rounding, so this divisor is all rounding error
    with pytest.raises(SeriesError, match="smeared"):
        taylor(lambda x: (x - 0.3) / (x - 0.1 - 0.2 + x - 0.3), 0.3, 2)
    # a zero that rounding made: the true constant term of 1 - cos x is 5e-19
    found = taylor(lambda x: (x - 1e-9) / (1 - np.cos(x)), 1e-9, 2)
    assert "as if exact" in found.note
    # and here rounding is right about the zero, but nobody can know
    found = taylor(lambda x: (np.sin(x) - np.sin(1.0)) / (x - 1), 1.0, 3)
    truth = [np.cos(1), -np.sin(1) / 2, -np.cos(1) / 6, np.sin(1) / 24]
    assert found == pytest.approx(truth)
    assert "as if exact" in found.note
    with pytest.raises(SeriesError, match=r"pole of order 1 .*as if exact"):
        taylor(lambda x: 1 / (1 - np.cos(x)), 1e-9, 2)


KINKS = {
    "abs": np.abs,
    "maximum": lambda x: np.maximum(x, 0.0),
    "minimum": lambda x: np.minimum(x, -2 * x),
    "clip": lambda x: np.clip(x, 0.0, 1.0),
    "where": lambda x: np.where(x > 0, x, 0.0),
    "if": lambda x: x if x >= 0 else 2 * x,
    "sign": lambda x: x * np.sign(x),
    "hypot": lambda x: np.hypot(x, 0.0),
    "root": lambda x: np.sqrt(x * x),
    "floor": lambda x: x * np.floor(x),
    "remainder": lambda x: x % 1.0,
    "floor_divide": lambda x: x // 0.5,
    "round": lambda x: np.round(x + 0.5),
    "mask": lambda x: x * (x > 0),
    "signbit": lambda x: np.where(np.signbit(x), x, 2 * x),
    "digitize": lambda x: x * np.digitize(x, np.array([-1.0, 0.0, 1.0])),
    "searchsorted": lambda x: x * np.searchsorted(np.array([-1.0, 0.0, 1.0]), x),
    "max of Python": lambda x: max(x, 0.0),
    "abs of a cube": lambda x: np.abs(x**3),
}


@pytest.mark.parametrize("f", KINKS.values(), ids=KINKS)
def test_a_kink_or_jump_is_an_error(f):
    with pytest.raises(SeriesError, match="the two sides of the point differ"):
        taylor(f, 0.0, 3)
    assert taylor(f, 0.3, 1)[0] == f(0.3)  # and beside it there is nothing to say


def test_a_tie_without_a_kink_is_none():
    same = {
        "square of abs": (lambda x: np.abs(x) * np.abs(x), [0, 0, 1]),
        "abs of a square": (lambda x: np.abs(x**2), [0, 0, 1]),
        "one above the other": (lambda x: np.maximum(x**2, -(x**2)), [0, 0, 1]),
        "equal": (lambda x: np.maximum(x, x), [0, 1, 0]),
        "both branches alike": (lambda x: np.where(x > 0, np.sin(x), -np.sin(-x)), [0, 1, 0]),
        "softplus": (lambda x: np.logaddexp(0.0, x), [math.log(2), 1 / 2, 1 / 8]),
        "fmod": (lambda x: np.fmod(x, 1.0), [0, 1, 0]),
        "hypot": (lambda x: np.hypot(x**2, x**2), [0, 0, math.sqrt(2)]),
        "max and min": (lambda x: np.maximum(x, 0.0) + np.minimum(x, 0.0), [0, 1, 0]),
        "nothing below": (lambda x: np.maximum(x, -np.inf), [0, 1, 0]),
    }
    for name, (f, truth) in same.items():
        found = taylor(f, 0.0, 2)
        assert found == pytest.approx(truth, abs=1e-15), name
        assert not found.note, name


def test_a_branch_for_the_point_alone():
    for f in (
        lambda x: np.where(x == 0, 1.0, np.sin(x) / x),
        lambda x: 1.0 if x == 0 else np.sin(x) / x,
        lambda x: np.sin(x) / x if x else 1.0,
        lambda x: np.where(np.logical_not(x), 1.0, np.sin(x) / x),
        lambda x: np.where(np.logical_or(x, x > 1), np.sin(x) / x, 1.0),
        lambda x: np.where(np.array_equal(x, 0.0), 1.0, np.sin(x) / x),
        lambda x: np.where(np.isfinite(1 / x), np.sin(x) / x, 1.0),
    ):
        found = taylor(f, 0.0, 2)
        assert found == pytest.approx([1, 0, -1 / 6], abs=1e-15)
        assert not found.note
    found = taylor(lambda x: np.where(x == 0, 5.0, np.sin(x) / x), 0.0, 2)
    assert "At the point itself the function returns 5" in found.note


def test_steps_wait_for_the_first_power_that_decides():
    # 2 - x⁴⁰ is below 2 on both sides, and x² + x⁶⁰ above x²
    assert taylor(lambda x: np.floor(2 - x**40) * x, 0.0, 2) == [0, 1, 0]
    assert taylor(lambda x: np.where(x**2 + x**60 > x**2, x, 2 * x), 0.0, 2) == [0, 1, 0]
    found = taylor(lambda x: np.floor(2 + np.sin(x) - np.sin(x)) * x, 0.0, 1)
    assert found == [0, 2]
    assert "equal to all orders" in found.note


def test_elsewhere_the_constant_term_decides():
    def f(x):
        return np.where(x < 1, np.exp(x), x) + (x if x > 0 else -x) + np.floor(x) * np.round(x, 1)

    assert taylor(f, 0.55, 1) == pytest.approx([math.exp(0.55) + 0.55, math.exp(0.55) + 1])
    assert taylor(f, 1.27, 1) == pytest.approx([2.54 + 1.3, 2.0])


def test_the_branch_not_taken_may_be_singular():
    assert taylor(lambda x: np.where(x > 1, np.sqrt(x - 0.5), x), 0.5, 1) == [0.5, 1]
    assert taylor(lambda x: np.where(x < 1, x, 1 / (x - 0.5)), 0.5, 1) == [0.5, 1]
    assert taylor(lambda x: np.where(x < 1, x, np.log(x)), -0.5, 1) == [-0.5, 1]
    with pytest.raises(SeriesError, match="sqrt"):
        taylor(lambda x: np.where(x < 1, np.sqrt(x - 0.5), x), 0.5, 1)


def test_rounding_may_decide_a_comparison():
    found = taylor(lambda x: np.where(x - 0.1 - 0.2 > 0, x, 2 * x), 0.30000000000000004, 1)
    assert "Rounding may have decided a comparison" in found.note


def test_rounding_may_decide_a_step():
    for f in (
        lambda x: np.floor(3 * x * 10 + 0.1 * 10),
        lambda x: (3 * x) // 0.3,
        lambda x: (3 * x) % 0.3,
        lambda x: np.fmod(3 * x, 0.3),
    ):
        found = taylor(f, 0.1 + 2**-55, 1)
        assert "Rounding may have decided" in found.note, f(0.1)
    assert not taylor(lambda x: (3 * x) % 0.4, 0.1, 1).note


# With other modes


def test_coefficients_are_derivatives():
    def f(x):
        return np.exp(np.sin(x)) / (1 + x * x)

    g, found = f, taylor(f, 0.7, 4)
    for k in range(5):
        assert found.derivatives[k] == pytest.approx(g(0.7), rel=1e-12)
        g = ad.derivative(g)


MODES = ["reverse", "forward", "derivative"]


@pytest.mark.parametrize("grad", [ad.grad, ad.forward.grad, ad.derivative], ids=MODES)
def test_series_of_a_derivative(grad):
    programs = [np.tanh, lambda x: np.sin(x) * x**3, lambda x: x**x, lambda x: np.arctan2(x, 2.0)]
    for f in programs:
        whole, slope = taylor(f, 0.6, 6), taylor(grad(f), 0.6, 5)
        assert slope == pytest.approx([k * whole[k] for k in range(1, 7)], rel=1e-11)
    # the gradient of a quotient with a removable singularity: not a number by itself
    found = taylor(grad(lambda x: np.sin(x) / x), 0.0, 3)
    assert found == pytest.approx([0, -1 / 3, 0, 1 / 30], abs=1e-15)
    assert taylor(grad(grad(np.sin)), 0.5, 1) == pytest.approx([-np.sin(0.5), -np.cos(0.5)])


@pytest.mark.parametrize("grad", [ad.grad, ad.forward.grad, ad.derivative], ids=MODES)
def test_derivative_of_a_coefficient(grad):
    # in a parameter, and in the point
    assert grad(lambda a: taylor(lambda x: np.exp(a * x), 0.0, 3)[2])(3.0) == pytest.approx(3.0)
    assert grad(lambda a: taylor(np.sin, a, 3)[3])(1.0) == pytest.approx(np.sin(1.0) / 6)
    assert grad(grad(lambda a: taylor(np.exp, a, 2)[2]))(0.5) == pytest.approx(np.exp(0.5) / 2)
    # x over x cancels, whatever the parameter
    assert grad(lambda a: taylor(lambda x: np.sin(a * x) / x, 0.0, 2)[0])(3.0) == 1.0
    assert grad(lambda r: taylor(lambda x: x**r, 2.0, 1)[1])(3.0) == pytest.approx(
        4 + 3 * 4 * math.log(2)
    )


@pytest.mark.parametrize("grad", [ad.grad, ad.derivative], ids=MODES[::2])
def test_a_canceled_zero_that_varies_further_out_is_refused(grad):
    # true slope 1; canceling the zeros would give 0 or 2
    with pytest.raises(SeriesError, match="further out"):
        grad(lambda a: taylor(lambda x: (x * x - a * a) / (x - a), 2.0, 2)[0])(2.0)
    with pytest.raises(SeriesError, match="further out"):
        grad(lambda a: taylor(lambda x: (x * x - 4) / (x - 2), a, 2)[0])(2.0)


def test_series_of_a_series():
    found = taylor(lambda x: taylor(lambda y: np.exp(x * y), 1.0, 2)[2], 0.5, 2)
    # x² eˣ / 2 about 1/2
    with mpmath.workdps(40):
        truth = mp.taylor(lambda x: x**2 * mp.exp(x) / 2, mpf(0.5), 2)
    assert found == pytest.approx([float(c) for c in truth])


def test_attached_derivatives():
    calls = []

    def slope(x):
        calls.append(x)
        return 1 / (1 + x * x)

    arctan = ad.with_derivative(math.atan, slope)
    assert taylor(lambda x: arctan(2 * x), 0.3, 6) == pytest.approx(
        taylor(lambda x: np.arctan(2 * x), 0.3, 6), rel=1e-12
    )
    assert calls
    # one that is its own slope, and two that are each other's
    exp = ad.with_derivative(math.exp, lambda x: exp(x))
    sine = ad.with_derivative(math.sin, lambda x: cosine(x))
    cosine = ad.with_derivative(math.cos, lambda x: -sine(x))
    assert taylor(exp, 0.5, 8) == pytest.approx(taylor(np.exp, 0.5, 8), rel=1e-13)
    assert taylor(sine, 0.5, 8) == pytest.approx(taylor(np.sin, 0.5, 8), rel=1e-13)

    # a chain without end: each derivative is another function
    def bessel(n):
        return ad.with_derivative(
            lambda x: float(mp.besselj(n, x)),
            lambda x: (bessel(n - 1)(x) - bessel(n + 1)(x)) / 2,
        )

    with mpmath.workdps(40):
        truth = [float(c) for c in mp.taylor(lambda x: mp.besselj(0, x), mpf(1.5), 5)]
    assert taylor(bessel(0), 1.5, 5) == pytest.approx(truth, rel=1e-12)
    # a slope with a removable singularity, and a function of two arguments
    sinc = ad.with_derivative(
        lambda x: math.sin(x) / x if x else 1.0, lambda x: (np.cos(x) - np.sin(x) / x) / x
    )
    assert taylor(sinc, 0.0, 4) == pytest.approx([1, 0, -1 / 6, 0, 1 / 120], abs=1e-15)
    times = ad.with_derivative(operator.mul, lambda x, y: y, lambda x, y: x)
    assert taylor(lambda x: times(x, np.sin(x)), 0.0, 4) == pytest.approx([0, 0, 1, 0, -1 / 6])
    root = ad.with_derivative(math.sqrt, lambda x: 0.5 / np.sqrt(x))
    with pytest.raises(SeriesError, match=r"^sqrt has no series at 0"):
        taylor(root, 0.0, 2)
    half = ad.with_derivative(lambda x, y: x * y, lambda x, y: y, None)
    with pytest.raises(ad.errors.ManualError):
        taylor(lambda x: half(x, x), 1.0, 2)


def test_stopped_values_are_constants():
    assert taylor(lambda x: x * ad.stop_gradient(x), 3.0, 2) == [9.0, 3.0, 0.0]


# Arguments, results


@pytest.mark.parametrize("order", [-1, 1.5, True, "2", None, np.float64(2)])
def test_a_wrong_order(order):
    with pytest.raises(ArgumentError, match="order"):
        taylor(np.sin, 0.0, order)


def test_wrong_points():
    for x in (np.zeros(3), [1.0, 2.0], "1", None, True, 1j):
        with pytest.raises(ArgumentError):
            taylor(np.sin, x, 2)
    with pytest.raises(ArgumentError, match="called with 1"):
        taylor(lambda x, y: x, 0.0, 2)


def test_wrong_results():
    for f in (lambda x: None, lambda x: [x], lambda x: x > 0):
        with pytest.raises(OutputError):
            taylor(f, 0.5, 2)


def test_points_of_all_kinds():
    for x in (2, 2.0, np.float32(2), np.int64(2), np.array(2.0)):
        found = taylor(lambda x: x**3, x, np.int64(3))
        assert found == [8, 12, 6, 1]
        assert all(type(c) is float for c in found)


def test_operands_that_are_no_numbers():
    for operand in ("1", None, 1j):
        with pytest.raises(ArgumentError):
            taylor(lambda x, o=operand: x * o, 1.0, 1)
    for operand in (2, np.float32(2), np.int8(2), np.array(2.0)):
        assert taylor(lambda x, o=operand: x * o, 1.0, 1) == [2, 2]
        assert taylor(lambda x, o=operand: o * x, 1.0, 1) == [2, 2]
    assert taylor(lambda x: x * True, 1.0, 1) == [1, 1]


def test_symbols_have_no_value():
    with pytest.raises(SymbolError, match="has no value"):
        ad.expression(lambda a: taylor(np.sin, a, 3)[3], "a")
    with pytest.raises(SymbolError):
        ad.expression(lambda a: taylor(lambda x: a / (a + x), 0.0, 3)[3], "a")


def test_compiled_coefficients():
    for f, points in [
        (lambda a: taylor(np.sin, a, 3)[3], (1.0, 0.0, -2.0)),
        (lambda a: taylor(lambda x: np.where(x > 1, x * x, x), a, 2)[1], (2.0, 0.5)),
        (lambda a: taylor(lambda x: np.floor(x) * x, a, 2)[1], (2.5, 3.5)),
        (lambda a: taylor(lambda x: np.sin(a * x) / x, 0.0, 2)[2], (2.0, -1.0)),
    ]:
        compiled = ad.compile(f, points[0])
        assert [compiled(a) for a in points] == pytest.approx([f(a) for a in points])


def test_underflow_is_no_exact_zero():
    with pytest.raises(SeriesError, match="as if exact"):
        taylor(lambda x: 1 / (x * 1e-200), 1e-200, 2)


def test_constants_and_functions_that_ignore_their_argument():
    assert taylor(lambda x: 3, 1.0, 2) == [3, 0, 0]
    assert taylor(lambda x: np.float64(3), 1.0, 0) == [3]
    assert taylor(lambda x: x, 1.0, 3) == [1, 1, 0, 0]


def test_what_is_not_a_number_passes_through():
    found = taylor(lambda x: np.sin(x) + x * x, math.nan, 1)
    assert all(map(math.isnan, found))
    assert found.note
    found = taylor(lambda x: np.abs(x), math.nan, 1)
    assert math.isnan(found[0])


def test_the_expansion_is_a_list_that_knows_more():
    found = taylor(np.exp, 1.0, 12)
    assert isinstance(found, list)
    assert (found.point, found.start, found.note) == (1.0, 0, "")
    assert found(1.5) == pytest.approx(math.exp(1.5), rel=1e-12)
    assert found(np.array([0.5, 1.0])) == pytest.approx(np.exp([0.5, 1.0]), rel=1e-11)
    assert ad.derivative(found)(1.2) == pytest.approx(math.exp(1.2), rel=1e-9)
    assert np.asarray(found).shape == (13,)
    pole = taylor(lambda x: 1 / np.sin(x), 0.0, 9, poles=True)
    assert pole.start == -1
    assert pole(0.1) == pytest.approx(1 / math.sin(0.1), rel=1e-12)
    assert pole.derivatives[1] == pytest.approx(1 / 6)
    assert "from power -1 on" in repr(pole)
    assert "Note: " in repr(taylor(lambda x: np.where(x == 0, 5.0, x), 0.0, 1))


def test_long_programs_and_high_orders():
    def loop(x):
        for _ in range(500):
            x = 0.5 * (x + 1.0)
        return x

    assert taylor(loop, 3.0, 1) == [1.0, 2.0**-500]
    with mpmath.workdps(80):
        truth = mp.taylor(mp.tanh, mpf(0.2), 60)
    found = taylor(np.tanh, 0.2, 60)
    for k, exact in enumerate(truth):
        assert abs(found[k] - float(exact)) <= 1e-12 * 0.64**k  # poles at a distance of 1.58


# Random programs

LEAVES = st.one_of(
    st.just(("x",)),
    st.integers(-3, 3).map(lambda n: ("constant", n)),
    st.floats(-2, 2).map(lambda c: ("constant", round(c, 3))),
)
ANALYTIC = {
    "sin": (np.sin, mp.sin),
    "cos": (np.cos, mp.cos),
    "tanh": (np.tanh, mp.tanh),
    "arctan": (np.arctan, mp.atan),
    "arcsinh": (np.arcsinh, mp.asinh),
    "exp of sin": (lambda u: np.exp(np.sin(u)), lambda u: mp.exp(mp.sin(u))),
    "log": (lambda u: np.log(2 + np.cos(u)), lambda u: mp.log(2 + mp.cos(u))),
    "root": (lambda u: np.sqrt(1 + u * u), lambda u: mp.sqrt(1 + u * u)),
    "cube": (lambda u: u**3, lambda u: u**3),
    "inverse": (lambda u: 1 / (1.5 + u * u), lambda u: 1 / (1.5 + u * u)),
    "power": (lambda u: (1.5 + u * u) ** -0.7, lambda u: (1.5 + u * u) ** mpf(-0.7)),
    "exponent": (lambda u: 1.7 ** np.sin(u), lambda u: mpf(1.7) ** mp.sin(u)),
    # of numbers below 1: NumPy's own sinc(1) is not 0 but 4e-17, and no series can know
    "sinc": (lambda u: np.sinc(0.9 * np.sin(u)), lambda u: mp.sincpi(mpf(0.9) * mp.sin(u))),
    "logaddexp": (
        lambda u: np.logaddexp(u, 0.3),
        lambda u: mp.log(mp.exp(u) + mp.exp(mpf(0.3))),
    ),
}
PROGRAMS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(sorted(ANALYTIC)), inner),
        st.tuples(st.sampled_from(["+", "-", "*"]), inner, inner),
    ),
    max_leaves=8,
)
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def run(program, x, which):
    """Run a program on a number; which is 0 for NumPy, 1 for mpmath."""
    name, *parts = program
    if name == "x":
        return x
    if name == "constant":
        return mpf(parts[0]) if which else parts[0]
    operands = [run(part, x, which) for part in parts]
    return OPERATORS[name](*operands) if name in OPERATORS else ANALYTIC[name][which](*operands)


@settings(max_examples=150, deadline=None)
@given(program=PROGRAMS, x=st.sampled_from([0.0, 0.3, -1.2, 2.0]))
def test_random_programs_against_mpmath(program, x):
    with mpmath.workdps(70):
        truth = mp.taylor(lambda t: run(program, t, 1), mpf(x), 6)
    found = taylor(lambda t: run(program, t, 0), x, 6)
    scale = 1e-3
    for k, exact in enumerate(map(float, truth)):
        scale = max(scale, abs(exact))
        error = abs(found[k] - exact)
        assert error <= 1e-10 * scale
        # the estimate is to be believed, and not absurdly large
        assert error <= 16 * found.rounding[k] + 1e-15 * max(1.0, abs(exact))
        assert found.rounding[k] <= 1e-9 * scale


@settings(max_examples=60, deadline=None)
@given(
    program=PROGRAMS,
    zero=st.sampled_from(sorted(ZEROS)),
    order=st.integers(0, 4),
)
def test_random_removable_singularities(program, zero, order):
    g = ZEROS[zero][0]
    with mpmath.workdps(70):
        truth = [float(c) for c in mp.taylor(lambda t: run(program, t, 1), mpf(0), order)]
    found = taylor(lambda t: run(program, t, 0) * g(t) / g(t), 0.0, order)
    assert len(found) == order + 1
    scale = 1e-3
    for k, exact in enumerate(truth):
        scale = max(scale, abs(exact))
        assert abs(found[k] - exact) <= 1e-9 * scale


def test_oracles_are_not_ours():
    # Cauchy's integral finds the series of 1/sin by itself
    assert cauchy(lambda z: 1 / mp.sin(z), [-1, 0, 1])[1] == pytest.approx(1 / 6)
    assert isinstance(mp.expjpi(0.5), mpc)
