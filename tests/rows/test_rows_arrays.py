"""Elementwise rows on arrays: entry by entry, broadcasting and back, in the array's precision."""

import numpy as np
import pytest
from row_modes import assert_close
from row_oracle import truth
from row_points import ROWS, arguments, ordinary

import tinyad as ad

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def columns(row):
    """Ordinary points of a row as one array per argument; an integer exponent stays integer."""
    return [np.array(column) for column in zip(*ordinary(row), strict=True)]


def along(row, argument, arrays):
    """The row as a function of one argument."""
    return lambda x: row.function(*[x if k == argument else a for k, a in enumerate(arrays)])


@each_row
def test_derivative_on_an_array_is_that_of_its_entries(row):
    arrays = columns(row)
    for argument in arguments(row):
        slopes = ad.derivative(along(row, argument, arrays))(arrays[argument])
        assert (slopes.shape, slopes.dtype) == (arrays[argument].shape, np.float64)
        order = tuple(int(k == argument) for k in range(len(arrays)))
        for slope, point in zip(slopes, ordinary(row), strict=True):
            assert_close(slope, truth(row.name, point, order), 1e-14, 0.0, point)


@each_row
def test_second_derivative_on_an_array(row):
    arrays = columns(row)
    for argument in arguments(row):
        f = along(row, argument, arrays)
        second = ad.derivative(ad.derivative(f))(arrays[argument])
        order = tuple(2 * int(k == argument) for k in range(len(arrays)))
        for value, point in zip(second, ordinary(row), strict=True):
            assert_close(value, truth(row.name, point, order), 1e-13, 0.0, point)


@each_row
def test_pullback_on_an_array_is_the_transpose(row):
    arrays = columns(row)
    weights = np.linspace(-1.0, 2.0, len(arrays[0]))
    for argument in arguments(row):
        f = along(row, argument, arrays)
        value, pullback = ad.vjp(f, arrays[argument])
        np.testing.assert_array_equal(value, row.function(*arrays))
        expected = weights * ad.derivative(f)(arrays[argument])
        np.testing.assert_allclose(pullback(weights)[0], expected, rtol=1e-15)


@each_row
def test_array_of_one_argument_against_a_number_of_the_other(row):
    if len(arguments(row)) < 2:
        return
    first, second = ordinary(row)[0], ordinary(row)[-1]
    x, y = np.array([[first[0]], [second[0]]]), np.array([first[1]] * 3)
    value, pullback = ad.vjp(row.function, x, y)
    assert value.shape == (2, 3)
    weights = np.arange(6.0).reshape(2, 3)
    adjoint_x, adjoint_y = pullback(weights)
    slopes = [ad.jvp(row.function, (x, y), d)[1] for d in _directions(x, y)]
    np.testing.assert_allclose(adjoint_x, (weights * slopes[0]).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(adjoint_y, (weights * slopes[1]).sum(axis=0))
    number = ad.vjp(lambda c: row.function(x, c), float(y[0]))[1](np.ones((2, 1)))[0]
    assert type(number) is float
    assert number == pytest.approx(slopes[1][:, 0].sum())


def _directions(x, y):
    return (np.ones_like(x), np.zeros_like(y)), (np.zeros_like(x), np.ones_like(y))


@each_row
@pytest.mark.parametrize("make", [np.float32, lambda c: np.array([c, c], np.float32)])
def test_float32_is_kept_in_value_tangent_and_adjoint(row, make):
    point = ordinary(row)[-1]
    operands = [make(c) if k in arguments(row) else c for k, c in enumerate(point)]
    for argument in arguments(row):
        f, x = along(row, argument, operands), operands[argument]
        assert f(x).dtype == np.float32
        value, tangent = ad.jvp(f, (x,), (np.ones_like(x),))
        np.testing.assert_array_equal(value, f(x))
        assert value.dtype == tangent.dtype == np.float32
        value, pullback = ad.vjp(f, x)
        assert value.dtype == pullback(np.ones_like(x))[0].dtype == np.float32
        order = tuple(int(k == argument) for k in range(len(point)))
        rounded = tuple(float(np.float32(c)) for c in point)
        np.testing.assert_allclose(tangent, truth(row.name, rounded, order), rtol=4e-6)
        second = ad.derivative(ad.derivative(f))(x)
        assert second.dtype == np.float32


@pytest.mark.parametrize("kind", [float, np.float64, np.float32, np.array, int, np.int32])
@each_row
def test_gradient_has_the_type_of_its_argument(row, kind):
    point = [abs(c) if c else c for c in ordinary(row)[-1]]
    if kind in (int, np.int32):
        if row.name in ("arcsin", "arccos", "arctanh"):
            point = [0]  # the only whole number inside their domains
        else:
            point = [2 + k for k in range(len(point))]
    expected = {np.array: np.ndarray, np.float32: np.float32}.get(kind, float)
    for mode in (ad.grad, ad.forward.grad):
        assert type(mode(row.function)(kind(point[0]), *point[1:])) is expected


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * np.ones((2, 3)),
        lambda x: np.broadcast_to(x, (2, 3)),
        lambda x: 1.0,
        ad.with_derivative(lambda x: np.max(x), lambda x: 1.0 * (x == np.max(x))),
        lambda x: x * ad.with_derivative(np.sum, np.ones_like)(x),
    ],
    ids=["wider", "broadcast", "constant", "one number", "sum mixed in"],
)
def test_derivative_refuses_what_does_not_act_entry_by_entry(f):
    with pytest.raises(ad.errors.OutputError, match="entry by entry"):
        ad.derivative(f)(np.array([1.0, 2.0, 3.0]))


def test_derivative_on_arrays_accepts_constants_zeros_and_infinities():
    x = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(ad.derivative(lambda t: 0 * t)(x), [0, 0, 0])
    np.testing.assert_array_equal(ad.derivative(lambda t: np.ones(3))(x), [0, 0, 0])
    cancelled = ad.derivative(lambda t: np.sin(t) ** 2 + np.cos(t) ** 2)(x)
    np.testing.assert_allclose(cancelled, 0, atol=1e-15)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(ad.derivative(np.sqrt)(x), [np.nan, np.inf, 0.5 / 2**0.5])
        overflowing = ad.derivative(lambda t: 1e308 * t * t)(10 * x)
        np.testing.assert_array_equal(overflowing, [-np.inf, 0.0, np.inf])
    assert ad.derivative(np.sin)(np.ones((0,))).shape == (0,)
    np.testing.assert_array_equal(ad.derivative(np.exp)(np.zeros((2, 1, 3))), np.ones((2, 1, 3)))
    np.testing.assert_array_equal(ad.derivative(np.square)(np.array([1, 2])), [2.0, 4.0])
