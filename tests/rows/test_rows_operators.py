"""Python's operators on traced values: every kind of other operand, on either side."""

import operator

import numpy as np
import pytest
from row_modes import each_mode
from row_oracle import truth

import tinyad as ad

# The operator, and the row that it stands for.
ARITHMETIC = {
    operator.add: "add",
    operator.sub: "subtract",
    operator.mul: "multiply",
    operator.truediv: "divide",
    operator.mod: "remainder",
    operator.pow: "power",
}
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
KINDS = {
    "int": int,
    "float": float,
    "np.float64": np.float64,
    "np.float32": np.float32,
    "np.int64": np.int64,
    "np.int8": np.int8,
    "np.uint8": np.uint8,
    "0-d array": lambda c: np.array(float(c)),
    "0-d array of int": np.array,
    "bool": bool,
    "np.bool": np.bool_,
}
X = 2.625  # as a float32 too
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
each_operator = pytest.mark.parametrize("op", ARITHMETIC, ids=lambda op: op.__name__)


def other(kind):
    """An operand of this kind: 3, or True."""
    return kind(1) if kind in (bool, np.bool_) else kind(3)


@each_kind
@each_operator
def test_operator_with_a_constant_on_the_right(kind, op):
    c = other(kind)
    value, slope = ad.value_and_grad(lambda x: op(x, c))(X)
    assert value == op(X, c)
    assert slope == ad.forward.grad(lambda x: op(x, c))(X)
    assert slope == pytest.approx(truth(ARITHMETIC[op], (X, float(c)), (1, 0)), rel=_digits(kind))


@each_kind
@each_operator
def test_operator_with_a_constant_on_the_left(kind, op):
    c = other(kind)
    value, slope = ad.value_and_grad(lambda x: op(c, x))(X)
    assert value == op(c, X)
    assert slope == ad.forward.grad(lambda x: op(c, x))(X)
    true = truth(ARITHMETIC[op], (float(c), X), (0, 1))
    assert slope == pytest.approx(true, rel=_digits(kind), abs=1e-15)


def _digits(kind):
    return 1e-6 if kind is np.float32 else 1e-14  # a float32 and a Python float give a float32


@pytest.mark.parametrize("x", [np.float32(2.625), np.float32(0.375)])
@each_operator
@each_mode
def test_float32_stays_float32(x, op, grad):
    for c in (3, 3.0, np.float32(3), True):
        for f in (lambda t, c=c: op(t, c), lambda t, c=c: op(c, t)):
            value, tangent = ad.jvp(f, (x,), (np.float32(1),))
            assert type(value) is type(f(x)) is type(tangent) is np.float32
            assert value == f(x)
            assert type(ad.value_and_grad(f)(x)[0]) is type(grad(f)(x)) is np.float32


@each_kind
@pytest.mark.parametrize("op", COMPARISONS, ids=lambda op: op.__name__)
@each_mode
def test_comparison_is_that_of_the_value(op, kind, grad):
    c = other(kind)
    for x in (X, float(c)):
        # the branch follows the value, whichever side the traced one is on
        right = grad(lambda t: 5 * t if op(t, c) else 7 * t)(x)
        left = grad(lambda t: 5 * t if op(c, t) else 7 * t)(x)
        assert right == (5.0 if op(x, c) else 7.0)
        assert left == (5.0 if op(c, x) else 7.0)


@each_kind
@each_mode
def test_whole_quotient_and_divmod(kind, grad):
    c = other(kind)
    assert grad(lambda x: x * (x // c))(X) == X // c
    assert grad(lambda x: x * (c // x))(X) == c // X
    assert grad(lambda x: divmod(x, c)[1] * 4 + divmod(x, c)[0])(X) == 4.0
    assert grad(lambda x: divmod(c, x)[1])(X) == -(c // X)
    plain, seen = divmod(c, X), []
    ad.grad(lambda x: seen.append(divmod(c, x)) or x)(X)
    assert (seen[0][0], seen[0][1].value) == plain


@pytest.mark.parametrize(
    ("op", "slope"),
    [(operator.neg, -1.0), (operator.pos, 1.0), (abs, -1.0), (round, 0.0)],
    ids=lambda o: getattr(o, "__name__", ""),
)
@each_mode
def test_unary_operators(op, slope, grad):
    assert ad.value_and_grad(lambda x: op(x) * 1.0)(-X) == (op(-X), slope)
    assert grad(lambda x: op(x) * 1.0)(-X) == slope
    assert grad(lambda x: x * round(x, 1))(2.71) == 2.7


@each_mode
def test_augmented_assignment_makes_a_new_value(grad):
    def f(x):
        y = x
        y += 1
        y *= x
        y -= 3 * x
        y /= 2
        y **= 2
        return y + x

    # ((x² - 2x)/2)² + x, of slope (x² - 2x)(x - 1) + 1
    assert grad(f)(3.0) == pytest.approx(7.0, rel=1e-15)
    total = [0.0]

    def g(x):
        total[0] = 0.0
        for k in range(4):
            total[0] += x**k
        return total[0]

    assert grad(g)(2.0) == 17.0


@each_operator
@each_mode
def test_both_operands_traced_by_different_passes(op, grad):
    # d/dx d/dy op(x, y): the operands belong to an outer and an inner pass, in either order
    name = ARITHMETIC[op]
    inner_right = grad(lambda x: grad(lambda y: op(x, y))(1.3))(X)
    inner_left = grad(lambda y: grad(lambda x: op(x, y))(X))(1.3)
    assert inner_right == pytest.approx(truth(name, (X, 1.3), (1, 1)), rel=1e-14, abs=1e-15)
    assert inner_left == pytest.approx(truth(name, (X, 1.3), (1, 1)), rel=1e-14, abs=1e-15)
