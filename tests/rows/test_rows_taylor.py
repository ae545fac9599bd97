"""Every elementwise row works on series: against mpmath's Taylor coefficients, from the table."""

import itertools

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from row_oracle import ORACLES
from row_points import ROWS, arguments, ordinary, with_zero

from tinyad import taylor
from tinyad.errors import MissingRuleError, SeriesError
from tinyad.interpretation import apply
from tinyad.modes.taylor.jets import Jets
from tinyad.rules import TABLE
from tinyad.rules.elementwise import SMOOTH_ROWS
from tinyad.rules.rows import Constant, Elementwise, Program

ORDER = 6
UNARY = [row for row in ROWS if len(row.partials) == 1]
BINARY = [row for row in ROWS if len(row.partials) == 2]
# Directions in which two arguments move together, with a bend
CURVES = [((1, 0), (0, 0)), ((0, 1), (0, 0)), ((1, 0.5), (0.25, -1))]


def points(row: Elementwise):
    found = ordinary(row)
    return [*found[:: max(1, len(found) // 6)], *(with_zero(row) if row in SMOOTH_ROWS else ())]


def curves(row: Elementwise):
    return [
        c
        for c in CURVES
        if all(c[0][k] == c[1][k] == 0 for k in range(2) if k not in arguments(row))
    ]


def path(point, curve, t):
    """The arguments at the parameter t; what does not move is a plain number."""
    return [
        p if v == w == 0 else p + v * t + w * t * t for p, v, w in zip(point, *curve, strict=True)
    ]


def compare(coefficients, truth, where):
    scale = 0.0
    for k, (c, exact) in enumerate(zip(coefficients, truth, strict=True)):
        exact = float(exact)
        scale = max(scale, abs(exact))
        assert abs(c - exact) <= 2e-13 * scale + 1e-14, f"{where}: {k}: {c!r}, truth {exact!r}"


def oracle(row, point, curve):
    if row.name == "power" and point[0] < 0:  # mpmath's power is complex off the whole exponents
        return lambda t: mp.re(ORACLES["power"](*path(map(mpf, point), curve, t)))
    return lambda t: ORACLES[row.name](*path(list(map(mpf, point)), curve, t))


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_rows_of_one_argument(row):
    for (x,) in points(row):
        with mpmath.workdps(60):
            truth = mp.taylor(ORACLES[row.name], mpf(x), ORDER)
        compare(taylor(row.function, x, ORDER), truth, (row.name, x))
        # and of a function of a function, in which no coefficient is zero
        with mpmath.workdps(60):
            truth = mp.taylor(lambda t, x=x: ORACLES[row.name](x + t / (1 + t)), 0, ORDER)
        found = taylor(lambda t, x=x: row.function(x + t / (1 + t)), 0.0, ORDER)
        compare(found, truth, (row.name, x, "inside"))


@pytest.mark.parametrize("row", BINARY, ids=lambda row: row.name)
def test_rows_of_two_arguments(row):
    for point, curve in itertools.product(points(row), curves(row)):
        if row.name == "power" and point[0] <= 0 and curve[0][1]:
            continue  # no real series: below
        with mpmath.workdps(60):
            f = oracle(row, point, curve)
            truth = mp.taylor(f, 0, ORDER)
        found = taylor(lambda t, p=point, c=curve: row.function(*path(p, c, t)), 0.0, ORDER)
        compare(found, truth, (row.name, point, curve))


@pytest.mark.parametrize("row", [r for r in ROWS if r.kinks], ids=lambda row: row.name)
def test_a_kink_has_no_series(row):
    if row.name == "power":
        pytest.skip("x**y with a whole y is smooth at 0; other exponents are tested on their own")
    for point in row.kinks:
        direction = (1, *[0] * (len(point) - 1)), (0,) * len(point)
        with pytest.raises(SeriesError, match="differ"):
            taylor(lambda t, p=point, d=direction: row.function(*path(p, d, t)), 0.0, 3)


@pytest.mark.parametrize("function", [np.remainder, np.fmod], ids=lambda f: f.__name__)
def test_a_jump_has_no_series(function):
    with pytest.raises(SeriesError, match="differ"):
        taylor(lambda x: function(x, 1.5), 3.0, 2)
    assert taylor(lambda x: function(x * x, 1.5), 0.0, 2) == [0.0, 0.0, 1.0]  # from above only
    found = taylor(lambda y: function(7.0, y), 2.0, 2)
    assert found == [1.0, -3.0, 0.0]


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 7, 0.5, 1.5, -0.5, 1 / 3, -1, -3, 2.0, 300, 4.7])
@pytest.mark.parametrize("x", [0.4, 2.0])
def test_powers_with_a_constant_exponent(exponent, x):
    with mpmath.workdps(400):
        truth = mp.taylor(lambda t: t ** mpf(exponent), mpf(x), ORDER)
    for f in (lambda t: t**exponent, lambda t: np.power(t, exponent)):
        found = taylor(f, x, ORDER)
        for c, exact in zip(found, truth, strict=True):
            assert c == pytest.approx(float(exact), rel=4e-12, abs=1e-300)


def test_enormous_powers():
    with mpmath.workdps(60):
        truth = mp.taylor(lambda t: t ** mpf(5000), mpf(1.01), ORDER)
    assert taylor(lambda x: x**5000, 1.01, ORDER) == pytest.approx(
        list(map(float, truth)), rel=1e-11
    )
    with pytest.raises(SeriesError, match="inf"):
        taylor(lambda x: x**5000, 2.0, 2)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 7, -1, -2, -3])
def test_whole_powers_of_negative_numbers(exponent):
    with mpmath.workdps(60):
        truth = mp.taylor(lambda t: t**exponent, mpf(-1.7), ORDER)
    compare(taylor(lambda t: t**exponent, -1.7, ORDER), truth, exponent)


def test_powers_at_zero():
    for n in range(6):
        assert taylor(lambda x, n=n: x**n, 0.0, 5) == [float(k == n) for k in range(6)]
    # a whole power does not underflow with its constant term
    assert taylor(lambda x: x**10, 1e-40, 10)[10] == 1.0
    assert taylor(lambda x: np.sqrt(x**4 + x**6), 0.0, 4) == [0, 0, 1, 0, 0.5]
    assert taylor(lambda x: (x**4) ** 0.5, 0.0, 3) == [0, 0, 1, 0]
    assert taylor(lambda x: np.cbrt(x**3 - x**4), 0.0, 2) == pytest.approx([0, 1, -1 / 3])
    for f in (np.sqrt, np.cbrt, lambda x: x**1.5, lambda x: np.sqrt(x**3), lambda x: (-x) ** 0.5):
        with pytest.raises(SeriesError, match="branch point"):
            taylor(f, 0.0, 2)
    for f in (lambda x: np.sqrt(x * x), lambda x: (x * x) ** 1.5, lambda x: np.sqrt(x**6)):
        with pytest.raises(SeriesError, match="differ"):
            taylor(f, 0.0, 3)
    for f in (lambda x: (x - 2) ** 0.5, lambda x: np.log(x - 2), lambda x: x**x, lambda x: 0.0**x):
        with pytest.raises(SeriesError):
            taylor(f, 0.0, 2)


@pytest.mark.parametrize(
    "row",
    [row for row in TABLE.values() if not isinstance(row, Elementwise | Constant | Program)],
    ids=lambda row: row.name,
)
def test_rows_for_arrays_refuse(row):
    if row.function is np.where:
        return  # it also chooses between numbers
    with Jets(3, side=1) as jets, pytest.raises(MissingRuleError) as caught:
        apply(row, (jets.variable(0.5),) * 2)
    assert "ad.jvp" in caught.value.remedy
    assert "ad.compile(ad.grad(f))" in caught.value.remedy


@pytest.mark.parametrize(
    "f",
    [
        np.sum,
        lambda x: np.sum(np.stack([x, x])),
        lambda x: x * np.ones(2),
        lambda x: np.where(np.array([True, False]), x, 0.0),
        lambda x: np.sum(x * np.arange(3)),
    ],
)
def test_programs_with_arrays_refuse(f):
    with pytest.raises(MissingRuleError, match="arrays"):
        taylor(f, 0.5, 2)
