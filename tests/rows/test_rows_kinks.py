"""At a kink a row hands out what it declares, and what it declares is an even share."""

import itertools

import numpy as np
import pytest
from row_modes import each_mode, each_nesting, nested
from row_oracle import one_sided
from row_points import ROWS, arguments, orders

import tinyad as ad

KINKS = [
    pytest.param(row, point, partials, id=f"{row.name}{point}")
    for row in ROWS
    for point, partials in row.kinks.items()
]
# 0**y jumps at y = 0, so there is no slope from the left to share with; see test_rows_power.py.
EVEN = [case for case in KINKS if case.values[0].name != "power"]


@pytest.mark.parametrize(("row", "point", "declared"), KINKS)
@each_mode
def test_kink_gives_what_the_row_declares(row, point, declared, grad):
    assert tuple(grad(row.function, k)(*point) for k in arguments(row)) == declared
    zeros = [(-0.0 if c == 0 else c) for c in point]
    assert tuple(grad(row.function, k)(*zeros) for k in arguments(row)) == declared


@pytest.mark.parametrize(("row", "point", "declared"), KINKS)
@each_nesting
def test_second_derivative_at_a_kink_is_a_number(row, point, declared, modes):
    for order in orders(row, 2):
        assert np.isfinite(nested(row.function, order, modes)(*point))


@pytest.mark.parametrize(("row", "point", "declared"), EVEN)
def test_declared_slope_is_the_mean_of_the_two_sides(row, point, declared):
    for k, slope in enumerate(declared):
        sides = [one_sided(row.name, point, k, side) for side in (1, -1)]
        assert slope == pytest.approx(sum(sides) / 2, abs=1e-15)


@pytest.mark.parametrize("name", ["maximum", "minimum", "fmax", "fmin"])
@pytest.mark.parametrize("tie", [0.0, 1.0, -2.5, 1e200, np.inf])
@each_mode
def test_ties_share_evenly(name, tie, grad):
    function = getattr(np, name)
    assert grad(function, (0, 1))(tie, tie) == (0.5, 0.5)
    # both arguments the same value: the shares add up, so the function is x, of slope 1
    assert grad(lambda x: function(x, x))(tie) == 1.0


@each_mode
def test_conventions_of_the_course(grad):
    assert grad(lambda x: np.maximum(x, 0))(0.0) == 0.5  # relu
    assert grad(np.abs)(0.0) == grad(np.fabs)(-0.0) == grad(abs)(0.0) == 0.0
    assert grad(np.sign)(0.0) == 0.0
    assert grad(lambda x: np.clip(x, 0, 6))(0.0) == grad(lambda x: np.clip(x, 0, 6))(6.0) == 0.5
    assert grad(lambda x: np.clip(x, 2, 2))(2.0) == 0.25  # a tie in each of the two
    assert grad(lambda x: np.where(x > 0, x, 0))(0.0) == 0.0  # a branch, not a kink
    assert grad(lambda x: max(x, 0.0))(0.0) == 1.0  # Python's max returns the first of equals
    # equal functions, different programs: relu(-t) + t, the mean, the difference
    assert grad(lambda t: np.maximum(-t, 0) + t)(0.0) == 0.5
    assert grad(lambda t: np.maximum(-t, 0) + t - np.maximum(t, 0))(0.0) == 0.0


@pytest.mark.parametrize(("x", "y"), [*itertools.product([2.0, -2.0, 0.0], [1.0, -1.0, 0.5])])
@each_mode
def test_remainder_where_it_jumps(x, y, grad):
    # on a multiple of y: the slope of the piece that the value belongs to
    assert grad(np.remainder, (0, 1))(x, y) == (1.0, -x / y)
    assert grad(np.fmod, (0, 1))(x, y) == (1.0, -x / y)


@each_mode
def test_a_nan_that_fmax_passes_over_does_not_count(grad):
    assert grad(np.fmax, (0, 1))(1.0, np.nan) == grad(np.fmin, (0, 1))(1.0, np.nan) == (1.0, 0.0)
    assert grad(np.fmax, (0, 1))(np.nan, 1.0) == grad(np.fmin, (0, 1))(np.nan, 1.0) == (0.0, 1.0)


def test_ties_in_an_array_share_entry_by_entry():
    x = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(ad.derivative(lambda t: np.maximum(t, 0))(x), [0.0, 0.5, 1.0])
    np.testing.assert_array_equal(ad.derivative(np.abs)(x), [-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(ad.derivative(lambda t: np.clip(t, 0, 2))(x), [0.0, 0.5, 0.5])
