"""The complex step on every row that has one, and a clear refusal on those that have none."""

import numpy as np
import pytest
from row_modes import assert_close
from row_oracle import truth
from row_points import ROWS, arguments, ordinary

import tinyad as ad
from tinyad.modes.complexstep import COMPLEX

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def complex_step(f, argnums=0):
    return ad.finite.grad(f, argnums, scheme="complex")


def has_complex_loop(row):
    """Does NumPy itself take complex numbers here, or does the scheme bring its own formula?"""
    try:
        with np.errstate(all="ignore"):
            row.function(*[0.5 + 0.1j] * len(row.partials))
    except TypeError:
        return row.function in COMPLEX
    return True


@each_row
def test_complex_step_is_exact_or_says_that_it_cannot(row):
    for point in ordinary(row):
        for argument in arguments(row):
            if not has_complex_loop(row):
                with pytest.raises(ad.errors.SchemeError, match='scheme="central"'):
                    complex_step(row.function, argument)(*point)
                continue
            order = tuple(int(k == argument) for k in range(len(point)))
            slope = complex_step(row.function, argument)(*point)
            assert_close(slope, truth(row.name, point, order), 1e-13, 1e-18, point)


def test_most_rows_have_a_complex_step():
    without = {row.name for row in ROWS if not has_complex_loop(row)}
    assert without == {"cbrt", "arctan2", "logaddexp2", "ldexp", "remainder", "fmod"}


@each_row
def test_no_nan_where_the_value_is_a_number(row):
    if has_complex_loop(row):
        for point in ordinary(row):
            assert np.isfinite(complex_step(row.function)(*point))


@pytest.mark.parametrize("x", [3.0, -3.0])
def test_abs_times_x(x):
    # bare complex numbers give 3: |z| of z = 3 + iε has no imaginary part
    assert complex_step(lambda t: abs(t) * t)(x) == 6.0
    assert complex_step(lambda t: np.abs(t) * t)(x) == 6.0
    assert complex_step(lambda t: np.fabs(t) * t)(x) == 6.0
    assert complex_step(lambda t: np.sign(t) * t * t)(x) == 6.0


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: x * x if x > 2 else -x, 3.0, 6.0),
        (lambda x: x * x if x > 2 else -x, 1.0, -1.0),
        (lambda x: np.where(x >= 3, x * x, 0.0), 3.0, 6.0),
        (lambda x: np.where(x == 3, 5 * x, x), 3.0, 5.0),
        (lambda x: np.where(x, 2 * x, 5 * x), 0.0, 5.0),
        (lambda x: np.maximum(x, 2) * x, 3.0, 6.0),
        (lambda x: np.maximum(x, 2) * x, 1.0, 2.0),
        (lambda x: np.minimum(2, x) * x, 1.0, 2.0),
        (lambda x: np.clip(x, -1, 1) * x, 3.0, 1.0),
        (lambda x: np.clip(x, -1, 1) * x, 0.5, 1.0),
        (lambda x: np.fmax(x, np.nan) * x, 3.0, 6.0),
        (lambda x: np.maximum(x, 3.0), 3.0, 0.5),
        (lambda x: np.fmin(x, 3), 3.0, 0.5),
        (lambda x: np.fmax(x, x), 3.0, 1.0),
        (lambda x: np.abs(x), 0.0, 0.0),
        (lambda x: np.hypot(x, 0.0), 0.0, 0.0),
        (lambda x: np.hypot(x, 4e200), 3e200, 0.6),
        (lambda x: np.floor(x) * x, 2.5, 2.0),
        (lambda x: np.logaddexp(x, 1000.0), 1000.0, 0.5),
        (lambda x: 7.0, 1.0, 0.0),
        (lambda x: np.array([2.0, 3.0])[1] * x, 1.0, 3.0),
        (lambda x: np.float64(2) - x, 1.0, -1.0),
        (lambda x: 2 / (1 / x), 0.25, 2.0),
    ],
)
def test_program_follows_the_real_part(f, x, slope):
    assert complex_step(f)(x) == pytest.approx(slope, rel=1e-15, abs=0)
    assert complex_step(f)(x) == pytest.approx(ad.forward.grad(f)(x), rel=1e-14)


@pytest.mark.parametrize("x", [1e-30, -1e-30, 1e-3, 1.0, 1e30, 1e100])
def test_step_fits_the_size_of_the_argument(x):
    assert complex_step(lambda t: 1 / t)(x) == pytest.approx(-1 / x / x, rel=1e-13)
    assert complex_step(lambda t: t * t * t)(x) == pytest.approx(3 * x * x, rel=1e-13)
    assert complex_step(lambda t: t)(x) == 1.0


def test_types_are_kept():
    assert type(complex_step(np.sin)(1)) is float
    assert type(complex_step(np.sin)(np.float32(1))) is np.float32
    assert complex_step(np.sin)(np.float32(1)) == pytest.approx(np.cos(1.0), rel=1e-6)
    assert complex_step(np.sin)(np.float32(1e-30)) == 1
    assert complex_step(np.sin)(np.array(1.0)).shape == ()


def test_where_the_function_has_no_value_there_is_no_slope():
    with np.errstate(invalid="ignore"):
        for f, x in ((np.log, -1.0), (np.sqrt, -1.0), (np.arcsin, 2.0), (np.arccosh, 0.5)):
            assert np.isnan(complex_step(f)(x))


@pytest.mark.parametrize("outer", [ad.derivative, ad.grad, complex_step])
def test_complex_step_inside_another_mode_is_refused(outer):
    with pytest.raises(ad.errors.SchemeError, match="central"):
        outer(lambda x: complex_step(np.sin)(x))(1.0)
    # the other way round it works: the exact mode is the inner one
    second = complex_step(ad.grad(np.sin) if outer is ad.grad else ad.derivative(np.sin))(1.0)
    assert second == pytest.approx(-np.sin(1.0), rel=1e-15)
