"""Every elementwise row has a shadow, and it is the function: held against mpmath at 45 digits.

The formulas here are written down once more, and by other routes: hyperbolic functions by
exponentials, hypot by a root, arctan2 by a complex argument.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp, mpc, mpf

from tinyad.accuracy.shadow import truth
from tinyad.accuracy.shadow.shadowing import Shadowing
from tinyad.rules import TABLE
from tinyad.rules.primitives import sech_squared
from tinyad.rules.rows import Elementwise

ROWS = {row.name: row for row in TABLE.values() if isinstance(row, Elementwise)}
BY_HAND = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: mp.exp(y * mp.log(x)),
    "negative": lambda x: 0 - x,
    "positive": lambda x: x,
    "reciprocal": lambda x: x**-1,
    "square": lambda x: x**2,
    "sqrt": lambda x: x ** mpf("0.5"),
    "cbrt": lambda x: mp.exp(mp.log(x) / 3),
    "exp": lambda x: mp.e**x,
    "exp2": lambda x: mp.exp(x * mp.log(2)),
    "expm1": lambda x: mp.exp(x) - 1,
    "log": lambda x: mp.ln(x),
    "log2": lambda x: mp.ln(x) / mp.ln(2),
    "log10": lambda x: mp.ln(x) / mp.ln(10),
    "log1p": lambda x: mp.ln(1 + x),
    "logaddexp": lambda x, y: mp.ln(mp.exp(x) + mp.exp(y)),
    "logaddexp2": lambda x, y: mp.ln(mpf(2) ** x + mpf(2) ** y) / mp.ln(2),
    "sin": lambda x: mp.im(mp.expj(x)),
    "cos": lambda x: mp.re(mp.expj(x)),
    "tan": lambda x: mp.sin(x) / mp.cos(x),
    "arcsin": lambda x: mp.atan(x / mp.sqrt(1 - x * x)),
    "arccos": lambda x: mp.pi / 2 - mp.atan(x / mp.sqrt(1 - x * x)),
    "arctan": lambda x: mp.asin(x / mp.sqrt(1 + x * x)),
    "arctan2": lambda x, y: mp.arg(mpc(y, x)),
    "sinc": lambda x: mp.sin(mp.pi * x) / (mp.pi * x),
    "deg2rad": lambda x: x * mp.pi / 180,
    "radians": lambda x: x * mp.pi / 180,
    "rad2deg": lambda x: x * 180 / mp.pi,
    "degrees": lambda x: x * 180 / mp.pi,
    "sinh": lambda x: (mp.exp(x) - mp.exp(-x)) / 2,
    "cosh": lambda x: (mp.exp(x) + mp.exp(-x)) / 2,
    "tanh": lambda x: 1 - 2 / (mp.exp(2 * x) + 1),
    "sech_squared": lambda x: 4 / (mp.exp(x) + mp.exp(-x)) ** 2,
    "arcsinh": lambda x: mp.ln(x + mp.sqrt(x * x + 1)),
    "arccosh": lambda x: mp.ln(x + mp.sqrt(x * x - 1)),
    "arctanh": lambda x: mp.ln((1 + x) / (1 - x)) / 2,
    "ldexp": lambda x, n: x * mpf(2) ** n,
    "absolute": lambda x: mp.sqrt(x * x),
    "fabs": lambda x: mp.sqrt(x * x),
    "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "maximum": lambda x, y: (x + y + abs(x - y)) / 2,
    "minimum": lambda x, y: (x + y - abs(x - y)) / 2,
    "fmax": lambda x, y: (x + y + abs(x - y)) / 2,
    "fmin": lambda x, y: (x + y - abs(x - y)) / 2,
    "remainder": lambda x, y: x - y * mp.floor(x / y),
    "fmod": lambda x, y: x - y * (mp.floor(x / y) if x / y > 0 else mp.ceil(x / y)),
}
# Their slopes are computed with constants of the table, such as ln 2, that are floats themselves.
FLOAT_CONSTANTS = dict.fromkeys(("exp2", "log2", "log10", "logaddexp2"), 1e-15)
FLOAT_CONSTANTS |= dict.fromkeys(("deg2rad", "radians", "rad2deg", "degrees"), 1e-15)
FLOAT_CONSTANTS["sinc"] = 1e-14  # cos(πx) and sinc(x) partly cancel in it


def points(row):
    """Some arguments inside the row's domain."""
    random = np.random.default_rng(len(row.name))
    found = []
    for _ in range(4):
        args = []
        for low, high in row.domain or ((0.0, np.inf),):
            low, high = max(low, -3.0), min(high, 3.0 if low < 1.0 else 9.0)
            args.append(float(random.uniform(low + 0.01, high - 0.01)))
        found.append(args)
    return [[x, 3] for x, _ in found] if row.name == "ldexp" else found


def test_every_elementwise_row_is_tried():
    assert set(ROWS) == set(BY_HAND)


@pytest.mark.parametrize("name", ROWS)
def test_the_shadow_is_the_function(name):
    row = ROWS[name]
    for args in points(row):
        with Shadowing(50) as shadowing:
            found = shadowing.process(row, [shadowing.shadow(x) for x in args]).value
        assert not shadowing.unknown
        with mp.workdps(90):
            true = BY_HAND[name](*(mpf(x) for x in args))
            assert abs(found - true) <= mpf(10) ** -45 * abs(true), args


@pytest.mark.parametrize("name", ROWS)
def test_the_slopes_are_those_of_the_function(name):
    row = ROWS[name]
    for args in points(row):
        if name == "ldexp":
            found = truth(lambda x: np.ldexp(x, 3), args[0]).gradient
        else:
            function = sech_squared if name == "sech_squared" else row.function
            found = truth(function, *args).gradient
        with mp.workdps(60):
            for k, slope in enumerate(found):
                order = tuple(int(k == n) for n in range(len(args)))
                at = tuple(mpf(x) for x in args)
                true = mp.diff(BY_HAND[name], at, order)
                allowed = FLOAT_CONSTANTS.get(name, 1e-20)
                assert abs(slope - true) <= allowed * abs(true) + mpf(10) ** -25, (args, k)


@pytest.mark.parametrize("name", [n for n in ROWS if n not in ("ldexp",)])
def test_arrays_hold_the_same_entry_by_entry(name):
    row = ROWS[name]
    columns = [np.array(c) for c in zip(*points(row), strict=True)]
    with Shadowing(50) as shadowing:
        found = shadowing.process(row, [shadowing.shadow(c) for c in columns]).value
        for k, entry in enumerate(found):
            one = shadowing.process(row, [shadowing.shadow(float(c[k])) for c in columns]).value
            assert entry == one


# IEEE's exceptions that are mathematics, and numbers beyond all floats


@pytest.mark.parametrize(
    ("f", "args", "value"),
    [
        (np.divide, (1.0, 0.0), "inf"),
        (np.divide, (0.0, 0.0), "nan"),
        (np.log, (0.0,), "-inf"),
        (np.log, (-1.0,), "nan"),
        (np.sqrt, (-1.0,), "nan"),
        (np.arccos, (2.0,), "nan"),
        (np.power, (-2.0, 0.5), "nan"),
        (np.power, (0.0, -1.0), "inf"),
        (np.power, (0.0, 0.0), "1"),
        (np.power, (-2.0, 3.0), "-8"),
        (np.arctanh, (1.0,), "inf"),
        (np.subtract, (np.inf, np.inf), "nan"),
        (np.multiply, (0.0, np.inf), "nan"),
        (np.exp, (-np.inf,), "0"),
        (np.cbrt, (-8.0,), "-2"),
        (np.logaddexp, (-np.inf, -np.inf), "-inf"),
        (np.fmax, (np.nan, 2.0), "2"),
        (np.maximum, (np.nan, 2.0), "nan"),
    ],
)
def test_exceptions_that_are_mathematics(f, args, value):
    found = truth(f, *args).value
    assert mp.isnan(found) if value == "nan" else found == mpf(value)


def test_what_no_float_holds():
    assert mp.almosteq(mp.log10(truth(np.exp, 1000.0).value), 1000 / mp.log(10), 1e-12)
    assert truth(lambda x: np.log(np.exp(x)), 1000.0).value == 1000
    assert truth(lambda x: np.exp(np.exp(np.exp(x))), 1000.0).value == mp.inf
    assert mp.isnan(truth(lambda x: np.sin(np.exp(np.exp(x))), 12.0).value)
    with mp.workdps(60):
        assert mp.almosteq(truth(lambda x: x * x, 1e-300).value, mpf(1e-300) ** 2, 1e-40)


# Functions of whole arrays, against fractions

A = np.array([[2.0, 1.0, 0.5], [0.25, 3.0, -1.0], [1.5, 0.125, 4.0]])
EXACT = [[Fraction(x) for x in row] for row in A.tolist()]
FLAT = [x for row in EXACT for x in row]


def minor(m, i, j):
    return [[x for n, x in enumerate(row) if n != j] for k, row in enumerate(m) if k != i]


def det(m):
    if len(m) == 1:
        return m[0][0]
    return sum((-1) ** j * m[0][j] * det(minor(m, 0, j)) for j in range(len(m)))


INVERSE = [
    [(-1) ** (i + j) * det(minor(EXACT, j, i)) / det(EXACT) for j in range(3)] for i in range(3)
]
MEAN = sum(FLAT) / 9
VARIANCE = sum((x - MEAN) ** 2 for x in FLAT) / 9
PRODUCT = [[sum(EXACT[i][k] * EXACT[k][j] for k in range(3)) for j in range(3)] for i in range(3)]


@pytest.mark.parametrize(
    ("f", "exact"),
    [
        (lambda a: np.sum(a), sum(FLAT)),
        (lambda a: np.sum(a, axis=0), [sum(c) for c in zip(*EXACT, strict=True)]),
        (lambda a: np.mean(a), MEAN),
        (lambda a: np.var(a), VARIANCE),
        (lambda a: np.std(a) ** 2, VARIANCE),
        (lambda a: np.linalg.norm(a) ** 2, sum(x * x for x in FLAT)),
        (lambda a: np.prod(a), np.prod(np.array(FLAT))),
        (lambda a: np.cumsum(a), np.cumsum(np.array(FLAT)).tolist()),
        (lambda a: np.cumprod(a), np.cumprod(np.array(FLAT)).tolist()),
        (lambda a: np.max(a, axis=1), [max(row) for row in EXACT]),
        (lambda a: np.sort(a, axis=None), sorted(FLAT)),
        (lambda a: a @ a, PRODUCT),
        (lambda a: np.einsum("ij,jk->ik", a, a), PRODUCT),
        (lambda a: np.linalg.det(a), det(EXACT)),
        (lambda a: np.exp(np.linalg.slogdet(a)[1]), det(EXACT)),
        (lambda a: np.linalg.inv(a), INVERSE),
        (lambda a: np.linalg.solve(a, np.ones(3)), [sum(row) for row in INVERSE]),
        (lambda a: np.linalg.solve(a, a), [[int(i == j) for j in range(3)] for i in range(3)]),
        (lambda a: np.linalg.cholesky(a @ a.T) @ np.linalg.cholesky(a @ a.T).T,
         [[sum(EXACT[i][k] * EXACT[j][k] for k in range(3)) for j in range(3)] for i in range(3)]),
        (lambda a: np.linalg.inv(np.stack([a, a]))[1], INVERSE),
        (lambda a: np.where(a > 1, a, -a), [[x if x > 1 else -x for x in row] for row in EXACT]),
        (lambda a: np.stack([a[0], a[1] * 2]), [EXACT[0], [2 * x for x in EXACT[1]]]),
        (lambda a: np.floor(a) * a, [[(x // 1) * x for x in row] for row in EXACT]),
    ],
)  # fmt: skip
def test_arrays_against_fractions(f, exact):
    result = truth(f, A)
    assert result.settled
    found, true = np.ravel(result.value), np.ravel(np.array(exact, dtype=object))
    assert found.shape == true.shape
    with mp.workdps(60):
        for a, b in zip(found, true, strict=True):
            b = Fraction(b)
            assert abs(a - mpf(b.numerator) / b.denominator) <= mpf(10) ** -40, (a, b)
