"""Every row of the table is tested; a new row without a test fails here and says what it needs."""

import numpy as np
import pytest
from row_modes import each_mode
from row_oracle import ORACLES
from row_points import ROWS

import tinyad as ad
from tinyad.rules import TABLE, elementwise
from tinyad.rules.primitives import stop
from tinyad.rules.rows import Elementwise

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
# Constant rows that do not give one number per number.
SHAPES = {np.shape: (), np.ndim: 0, np.size: 1}


@each_row
def test_row_has_an_independent_oracle(row):
    assert row.name in ORACLES, (
        f"np.{row.name} has no oracle: add its mpmath function to ORACLES in row_oracle.py"
    )


@each_row
def test_row_declares_where_it_is_smooth(row):
    assert len(row.domain) == len(row.partials), (
        f"np.{row.name} needs a domain, one open interval per argument, to be tested there"
    )
    assert row.function.nin == len(row.partials) if hasattr(row.function, "nin") else True


@pytest.mark.parametrize("row", elementwise.KINKED_ROWS, ids=lambda row: row.name)
def test_kinked_row_declares_its_convention(row):
    jumps = {"remainder", "fmod"}  # they jump rather than bend
    assert row.kinks or row.name in jumps, (
        f"np.{row.name} stands among the rows with kinks: say in `kinks` what it gives there"
    )


def test_every_elementwise_row_is_tested_here():
    # rows of the other kinds have sample calls in tests/arrays
    assert {row for row in TABLE.values() if isinstance(row, Elementwise)} == set(ROWS)


# Constant rows that take one or two numbers; the others are about arrays.
CONSTANT = [
    *(np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.fix),
    *(np.floor_divide, np.equal, np.not_equal, np.less, np.less_equal, np.greater),
    *(np.greater_equal, np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
    *(np.signbit, np.isnan, np.isinf, np.isfinite, np.zeros_like, np.ones_like, stop),
    *SHAPES,
]


@pytest.mark.parametrize("function", CONSTANT, ids=lambda f: f.__name__)
@each_mode
def test_constant_row_gives_a_number_without_a_slope(function, grad):
    operands = 2 if getattr(function, "nin", 1) == 2 else 1

    def f(x):
        result = function(x, 1.3) if operands == 2 else function(x)
        return x * (result if function not in SHAPES else 3.0 * (result == SHAPES[function]))

    with np.errstate(all="raise"):
        assert grad(f)(2.5) == f(2.5) / 2.5
        # in the second derivative too: nothing of an outer pass goes through the constant
        assert grad(grad(lambda x: x * f(x)))(2.5) == 2 * f(2.5) / 2.5


def test_constant_row_is_a_plain_value_in_the_program():
    seen = []

    def f(x):
        seen.append((np.floor(x), x > 1.0, np.round(x, 1)))
        return x

    ad.grad(f)(2.74)
    assert seen == [(2.0, True, 2.7)]
    assert [type(value) for value in seen[0]] == [float, np.bool_, float]
