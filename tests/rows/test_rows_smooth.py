"""Smooth and kinked rows at ordinary points: values, slopes, second to fourth derivatives."""

import numpy as np
import pytest
from row_modes import GRAD, NESTINGS, assert_close, each_mode, each_nesting, nested
from row_oracle import truth
from row_points import ROWS, arguments, inside, orders, ordinary, with_zero

import tinyad as ad
from tinyad.rules.elementwise import SMOOTH_ROWS

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
each_smooth_row = pytest.mark.parametrize("row", SMOOTH_ROWS, ids=lambda row: row.name)


@each_row
def test_value_is_numpys_own(row):
    for point in ordinary(row):
        plain = row.function(*point)
        assert np.isfinite(plain)
        value, _ = ad.value_and_grad(row.function)(*point)
        assert (value, type(value)) == (plain, float)
        value, _ = ad.jvp(lambda x, rest=point[1:], row=row: row.function(x, *rest), point[:1], [1])
        assert (value, type(value)) == (plain, float)


@each_row
@each_mode
def test_first_derivative(row, grad):
    for point in ordinary(row):
        for argument in arguments(row):
            order = tuple(int(k == argument) for k in range(len(point)))
            value = grad(row.function, argument)(*point)
            assert_close(value, truth(row.name, point, order), 1e-14, 0.0, point)


@each_row
@each_nesting
def test_second_derivative(row, modes):
    for point in ordinary(row):
        for order in orders(row, 2):
            value = nested(row.function, order, modes)(*point)
            assert_close(value, truth(row.name, point, order), 1e-13, 0.0, (point, order))


@each_row
@each_nesting
def test_third_and_fourth_derivative(row, modes):
    for point in ordinary(row)[::3]:
        for order in orders(row, 3) + orders(row, 4):
            value = nested(row.function, order, modes)(*point)
            assert_close(value, truth(row.name, point, order), 1e-12, 1e-12, (point, order))


@each_smooth_row
@each_nesting
def test_derivatives_at_zero_up_to_the_fourth(row, modes):
    # the trap: a formula with |x| in it is right at 0 and has the wrong third derivative there
    for point in with_zero(row):
        for order in [o for total in (1, 2, 3, 4) for o in orders(row, total)]:
            value = nested(row.function, order, modes)(*point)
            assert_close(value, truth(row.name, point, order), 1e-13, 1e-13, (point, order))


@each_smooth_row
def test_mixed_partials_do_not_depend_on_their_order(row):
    if len(arguments(row)) == 2:
        x, y = (inside(*interval)[-1] for interval in row.domain)
        for outer, inner in NESTINGS:
            xy = GRAD[outer](GRAD[inner](row.function, 0), 1)(x, y)
            yx = GRAD[outer](GRAD[inner](row.function, 1), 0)(x, y)
            assert xy == pytest.approx(yx, rel=1e-14, abs=1e-15)
