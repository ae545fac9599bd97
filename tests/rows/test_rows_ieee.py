"""NumPy's IEEE rules on every path: infinities and NaN, never an exception, in value and slope."""

import itertools

import numpy as np
import pytest
from row_modes import GRAD, nested
from row_points import ROWS, arguments, orders

import tinyad as ad

INF, NAN = np.inf, np.nan
NASTY = (0.0, -0.0, INF, -INF, NAN, 1.0, -1.0, 1e308, -1e308, 5e-324)


@pytest.fixture(autouse=True)
def _ignore():
    with np.errstate(all="ignore"):
        yield


# Program, point, value, slope. The slope is the limit from inside the domain.
KNOWN = {
    "1/x": (lambda x: 1 / x, 0.0, INF, -INF),
    "1/x, from the left": (lambda x: 1 / x, -0.0, -INF, -INF),
    "1/x with int 1 and np.divide": (lambda x: np.divide(1, x), 0.0, INF, -INF),
    "x/0": (lambda x: x / 0, 3.0, INF, INF),
    "x/0.0": (lambda x: x / 0.0, -3.0, -INF, INF),
    "0/0": (lambda x: x / x, 0.0, NAN, NAN),
    "x % 0": (lambda x: x % 0, 1.0, NAN, 1.0),
    "x // 0": (lambda x: x * (x // 0), 1.0, INF, INF),
    "reciprocal": (np.reciprocal, 0.0, INF, -INF),
    "x**-1": (lambda x: x**-1, 0.0, INF, -INF),
    "sqrt": (np.sqrt, 0.0, 0.0, INF),
    "x**0.5": (lambda x: x**0.5, 0.0, 0.0, INF),
    "cbrt": (np.cbrt, 0.0, 0.0, INF),
    "cbrt, minus zero": (np.cbrt, -0.0, 0.0, INF),
    "sqrt of a negative number": (np.sqrt, -1.0, NAN, NAN),
    "log": (np.log, 0.0, -INF, INF),
    "log2": (np.log2, 0.0, -INF, INF),
    "log1p": (np.log1p, -1.0, -INF, INF),
    "arcsin": (np.arcsin, 1.0, np.pi / 2, INF),
    "arcsin outside": (np.arcsin, 1.5, NAN, NAN),
    "arccos": (np.arccos, 1.0, 0.0, -INF),
    "arccos, left end": (np.arccos, -1.0, np.pi, -INF),
    "arctanh": (np.arctanh, 1.0, INF, INF),
    "arccosh": (np.arccosh, 1.0, 0.0, INF),
    "exp overflows": (np.exp, 1000.0, INF, INF),
    "exp underflows": (np.exp, -1000.0, 0.0, 0.0),
    "product overflows": (lambda x: x * x, 1e200, INF, 2e200),
    "x**2 overflows": (lambda x: x**2, 1e200, INF, 2e200),
    "float power overflows": (lambda x: x**400.0, 1e10, INF, INF),
    "cosh overflows": (np.cosh, 1000.0, INF, INF),
    "tanh": (np.tanh, INF, 1.0, 0.0),
    "arctan": (np.arctan, INF, np.pi / 2, 0.0),
    "sin": (np.sin, INF, NAN, NAN),
    "square of inf": (np.square, INF, INF, INF),
    "exp(x)·exp(-x)": (lambda x: np.exp(x) * np.exp(-x), 800.0, NAN, NAN),
    "0·inf is not hidden": (lambda x: 0 * np.sqrt(x), 0.0, 0.0, NAN),
    "x·log(x)": (lambda x: x * np.log(x), 0.0, NAN, NAN),
    "NaN passes through": (lambda x: 3 * x + np.abs(x), NAN, NAN, NAN),
    "NaN constant": (lambda x: x * NAN, 2.0, NAN, NAN),
    "arctan2 has no slope at the origin": (lambda x: np.arctan2(x, 0.0), 0.0, 0.0, NAN),
}


@pytest.mark.parametrize(("f", "x", "value", "slope"), KNOWN.values(), ids=KNOWN)
@pytest.mark.parametrize("kind", [float, np.float64, np.array], ids=lambda k: k.__name__)
def test_known_infinities(f, x, value, slope, kind):
    assert float(ad.value_and_grad(f)(kind(x))[0]) == pytest.approx(value, nan_ok=True)
    for grad in GRAD.values():
        assert float(grad(f)(kind(x))) == pytest.approx(slope, nan_ok=True)
        assert grad(grad(f))(kind(x)).__class__ in (float, np.ndarray)  # and no exception


def test_numpy_warns_as_it_does_without_us():
    with np.errstate(all="raise"):
        for f, x in ((lambda x: 1 / x, 0.0), (np.log, -1.0), (np.exp, 1000.0)):
            with pytest.raises(FloatingPointError):
                ad.grad(f)(x)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_point_raises_and_the_modes_agree(row):
    choices = [NASTY] * len(row.partials) if row.name != "ldexp" else [NASTY, (-3, 0, 2000)]
    for point in itertools.product(*choices):
        np.testing.assert_equal(ad.value_and_grad(row.function)(*point)[0], row.function(*point))
        for argument in arguments(row):
            forward, reverse = (mode(row.function, argument)(*point) for mode in GRAD.values())
            assert type(forward) is type(reverse) is float
            np.testing.assert_equal(forward, reverse)
        for order in orders(row, 2):
            assert type(nested(row.function, order, ("forward", "reverse"))(*point)) is float


@pytest.mark.parametrize("scheme", ["forward", "central", "complex", "richardson"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_point_raises_in_differences(row, scheme):
    rest = {2: (1.0,), 1: ()}[len(row.partials)] if row.name != "ldexp" else (2,)
    for x in NASTY:
        try:
            slope = ad.finite.grad(row.function, scheme=scheme)(x, *rest)
        except ad.errors.SchemeError:
            assert scheme == "complex"
        else:
            assert type(slope) is float


def test_the_branch_not_taken():
    # forward mode takes the tangent of the branch that was chosen; reverse mode multiplies the
    # other one's infinite slope by the adjoint 0, as every reverse mode does
    def f(x):
        return np.where(x > 0, np.log(x), 0.0)

    assert ad.forward.grad(f)(0.0) == 0.0
    assert np.isnan(ad.grad(f)(0.0))
    for mode in GRAD.values():
        safe = mode(lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0))
        assert (safe(0.0), safe(2.0)) == (0.0, 0.5)
