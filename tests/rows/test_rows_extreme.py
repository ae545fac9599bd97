"""Rows far from ordinary numbers, wherever the true derivative is a number a float can hold."""

import itertools

import numpy as np
import pytest
from row_modes import GRAD, NESTINGS, assert_close, each_nesting, nested
from row_oracle import truth
from row_points import ROWS, Point, orders

import tinyad as ad

BIG, SMALL = 1e200, 1e-200
LEAST, GREATEST = 1e-300, 1e300  # what counts as representable, with room for rounding

NEAR_ONE = (1 - 1e-10, -1 + 1e-10, 0.999, 1e-8, SMALL)
ANY = (BIG, -BIG, 1e8, 1e-8, -1e-8, SMALL, -SMALL)

# One argument: where a naive formula loses its digits, overflows or divides 0 by 0.
SINGLE: dict[str, tuple[float, ...]] = {
    "exp": (700.0, -700.0, 1e-10),
    "exp2": (1000.0, -990.0),
    "expm1": (-40.0, -700.0, 700.0, 1e-10, SMALL),
    "log": (BIG, SMALL),
    "log2": (BIG, SMALL),
    "log10": (BIG, SMALL),
    "log1p": (BIG, SMALL, -1e-17, -1 + 1e-10, 1e-10),
    "sqrt": (BIG, SMALL),
    "cbrt": (BIG, SMALL, -BIG, -SMALL),
    "square": (1e150, -1e150, 1e-150, 1e-8, SMALL),
    "reciprocal": (1e100, 1e-100, -1e100, -1e-100, BIG),
    "sin": (1e-8, SMALL, 1e6),
    "cos": (1e-8, SMALL, 1e6),
    "tan": (1e-8, SMALL, 1.5707, -1.5707),
    "arcsin": (1 - 1e-10, -1 + 1e-10, 1 - 2.0**-53, 0.999, SMALL),
    "arccos": (1 - 1e-10, -1 + 1e-10, 1 - 2.0**-53, 0.999, SMALL),
    "arctan": (1e70, -1e70, 1e8, SMALL),
    "arctanh": (1 - 1e-10, -1 + 1e-10, 1 - 2.0**-53, 0.999, SMALL),
    "sinh": (700.0, -700.0, 1e-10, SMALL),
    "cosh": (700.0, -700.0, 1e-10, SMALL),
    "sech_squared": (19.5, -19.5, 40.0, 300.0, 1e-3, SMALL),
    "tanh": (19.5, -19.5, 40.0, 340.0, 350.0, -350.0, 1e-3, 1e-8, SMALL, 0.5, -0.5),
    "arcsinh": (BIG, -BIG, 1e-10, SMALL),
    "arccosh": (BIG, 1 + 1e-10, 1 + 2.0**-52, 1e8),
    "sinc": (1e-8, 1e-3, -1e-3, SMALL),
    "absolute": ANY,
    "fabs": ANY,
}
PAIR: dict[str, tuple[Point, ...]] = {
    "add": ((BIG, SMALL), (SMALL, BIG)),
    "subtract": ((BIG, SMALL), (SMALL, BIG)),
    "multiply": ((BIG, SMALL), (SMALL, BIG), (1e100, 1e100), (1e-160, 1e-160)),
    "divide": ((SMALL, SMALL), (BIG, BIG), (1.0, 1e100), (1e100, 1e-90), (1e-160, 3.0)),
    "power": ((1e100, 1.5), (1e-100, 1.5), (1 + 1e-10, 1e10), (0.5, 700.0), (2.0, -900.0)),
    "logaddexp": ((1e5, 0.0), (0.0, 700.0), (700.0, 0.0), (-650.0, 0.0), (BIG, 1.0), (40.0, 3.0)),
    "logaddexp2": ((1e5, 0.0), (0.0, 990.0), (990.0, 0.0), (-900.0, 0.0), (BIG, 1.0), (60.0, 3.0)),
    "arctan2": ((BIG, BIG), (SMALL, 3e-200), (1.0, BIG), (BIG, 1.0), (-1e100, 1e90), (1e-100, 1.0)),
    "hypot": ((BIG, BIG), (SMALL, SMALL), (1.0, BIG), (BIG, 1.0), (3e200, -4e200), (1e-100, 1.0)),
    "maximum": ((BIG, -BIG), (SMALL, -SMALL), (1.0, 1 + 2.0**-52)),
    "minimum": ((BIG, -BIG), (SMALL, -SMALL), (1.0, 1 + 2.0**-52)),
    "fmax": ((BIG, -BIG), (SMALL, -SMALL), (1.0, 1 + 2.0**-52)),
    "fmin": ((BIG, -BIG), (SMALL, -SMALL), (1.0, 1 + 2.0**-52)),
    "remainder": ((1.0, 0.1), (-1.0, 0.1), (1e15, 0.7), (5e-200, 2e-200), (SMALL, BIG)),
    "fmod": ((1.0, 0.1), (-1.0, 0.1), (1e15, 0.7), (5e-200, 2e-200), (-5.5, 1.1)),
}
CASES = [
    pytest.param(row, point, id=f"{row.name}{point}")
    for row in ROWS
    for point in [*((x,) for x in SINGLE.get(row.name, ())), *PAIR.get(row.name, ())]
]
# Second derivatives at these points lose their digits: x - x·(x/h)² cancels where x is far from y.
CANCELS = {"hypot"}


@pytest.mark.parametrize(("row", "point"), CASES)
def test_slope_far_out(row, point):
    for order, mode in itertools.product(orders(row, 1), GRAD):
        true = truth(row.name, point, order)
        if abs(true) < GREATEST:
            value = GRAD[mode](row.function, order.index(1))(*point)
            assert_close(value, true, 1e-13, LEAST, (point, order, mode))


@pytest.mark.parametrize(("row", "point"), [c for c in CASES if c.values[0].name not in CANCELS])
def test_second_derivative_far_out(row, point):
    for order, modes in itertools.product(orders(row, 2), NESTINGS):
        true = truth(row.name, point, order)
        if abs(true) < GREATEST:
            value = nested(row.function, order, modes)(*point)
            # near a zero of the second derivative its digits are those of a number of size 1
            near_zero = {"arcsin": 1e-15, "arccos": 1e-15, "arctanh": 1e-15}.get(row.name, LEAST)
            assert_close(value, true, 1e-13, near_zero, (point, order, modes))


def test_every_row_that_can_go_wrong_far_out_is_tried_there():
    linear = {"negative", "positive", "deg2rad", "radians", "rad2deg", "degrees", "ldexp"}
    assert {row.name for row in ROWS} - set(SINGLE) - set(PAIR) <= linear


@pytest.mark.parametrize("side", [-1, 0, 1])
@pytest.mark.parametrize("switch", [0.5, -0.5])
@each_nesting
def test_sinc_where_its_series_ends(side, switch, modes):
    x = float(np.nextafter(switch, np.inf * side)) if side else switch
    for order in (1, 2, 3, 4):
        value = nested(np.sinc, (order,), modes)(x)
        assert_close(value, truth("sinc", (x,), (order,)), 1e-13, 1e-12, (x, order))


@pytest.mark.parametrize("switch", [0.5, -0.5])
@each_nesting
def test_tanh_where_its_formula_changes(switch, modes):
    for x in (float(np.nextafter(switch, 0)), switch, float(np.nextafter(switch, 9 * switch))):
        for order in (1, 2, 3, 4):
            value = nested(np.tanh, (order,), modes)(x)
            assert_close(value, truth("tanh", (x,), (order,)), 1e-13, 1e-13, (x, order))


def test_quotient_whose_naive_rule_overflows():
    # d/dy x/y = -x/y²: y² would be 1e-400, which is 0, and the slope -inf instead of -1e200
    assert ad.grad(np.divide, 1)(SMALL, SMALL) == pytest.approx(-1e200, rel=1e-15)
