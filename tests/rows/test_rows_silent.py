"""Where a derivative could go wrong without a word: each case is right, or says what is wrong."""

import copy
from fractions import Fraction

import numpy as np
import pytest
from row_modes import GRAD, each_mode, each_nesting

import tinyad as ad
from tinyad.errors import (
    ArgumentError,
    ConversionError,
    EscapedValueError,
    InPlaceError,
    ManualError,
    MissingRuleError,
)


@each_mode
def test_result_of_an_earlier_pass_is_refused(grad):
    cache = {}

    def memo(x):
        if "y" not in cache:
            cache["y"] = np.sin(x)
        return cache["y"]

    assert grad(memo)(1.0) == np.cos(1.0)
    with pytest.raises(EscapedValueError):  # a gradient of 0 would be a lie
        grad(memo)(2.0)
    with pytest.raises(EscapedValueError):
        grad(lambda x: x * cache["y"])(2.0)
    with pytest.raises(EscapedValueError):
        ad.jvp(memo, (2.0,), (1.0,))
    with pytest.raises(EscapedValueError):
        ad.vjp(memo, 2.0)


@each_nesting
def test_result_of_an_inner_pass_is_refused_in_the_outer_one(modes):
    outer, inner = (GRAD[mode] for mode in modes)
    kept = []

    def f(x):
        inner(lambda y: kept.append(x * y) or y)(2.0)
        return x * kept[-1]

    with pytest.raises(EscapedValueError):
        outer(f)(3.0)


@each_nesting
def test_value_of_an_outer_pass_may_be_used_and_returned(modes):
    outer, inner = (GRAD[mode] for mode in modes)
    assert outer(lambda x: x * inner(lambda y: x)(2.0) + inner(lambda y: x * y)(5.0))(3.0) == 1.0


def test_argument_named_twice_is_refused():
    for argnums in ((0, 0), (0, -2), (1, 0, 1)):
        with pytest.raises(ArgumentError, match="twice"):
            ad.grad(lambda x, y: x * y, argnums)(2.0, 3.0)


def test_arrays_written_to_between_the_passes():
    weights = np.array([2.0, 3.0])
    x = np.array([1.0, 1.0])
    value, pullback = ad.vjp(lambda t: np.exp(t * weights), x)
    expected = weights * np.exp(weights)
    for array in (weights, x, value):
        array[:] = 100.0
    np.testing.assert_allclose(pullback(np.ones(2))[0], expected, rtol=1e-15)
    # one buffer with two contents in one program
    buffer = np.array([1.0])

    def f(t):
        first = t * buffer
        buffer[0] = 10.0
        return first + t * t * buffer

    np.testing.assert_array_equal(ad.vjp(f, np.ones(1))[1](np.ones(1))[0], [21.0])


def test_writing_into_what_stop_gradient_returns():
    def f(x):
        constant = ad.stop_gradient(x)
        constant[:] = 0.0
        return x * x

    np.testing.assert_array_equal(ad.vjp(f, np.ones(2))[1](np.ones(2))[0], [2.0, 2.0])


@each_mode
def test_operands_given_by_name(grad):
    assert grad(lambda x: x * np.round(a=x))(2.7) == 3.0
    assert grad(lambda x: x * np.round(x, decimals=1))(2.71) == 2.7
    assert grad(lambda x: x * np.round(a=x, decimals=1))(2.71) == 2.7
    assert grad(lambda x: x * np.ones_like(a=x))(2.7) == 1.0
    assert grad(lambda x: np.sinc(x=x))(0.5) == grad(np.sinc)(0.5)
    assert grad(lambda x: np.clip(a=x, a_min=0, a_max=1) * x)(0.5) == 1.0
    assert grad(lambda x: np.clip(2.0, a_min=0, a_max=x))(0.5) == 1.0


@each_mode
def test_complex_numbers_are_refused(grad):
    # the rules are real: sign(z) is no derivative of |z|, it would give -1 for |ix| at 3
    for f in (lambda x: abs(1j * x), lambda x: np.abs(np.exp(x * 1j)), lambda x: x + 1j):
        with pytest.raises(MissingRuleError, match="complex"):
            grad(f)(3.0)


@each_mode
def test_copies_of_a_traced_value_are_that_value(grad):
    assert grad(lambda x: copy.deepcopy(x) * x)(3.0) == 6.0
    assert grad(lambda x: copy.copy(x) * x)(3.0) == 6.0
    assert grad(lambda x: copy.deepcopy({"w": [x, 1.0]})["w"][0] ** 2)(3.0) == 6.0


@each_mode
def test_unusual_operands(grad):
    assert grad(lambda x: x * 2**70)(3.0) == 2.0**70
    assert grad(lambda x: 2**70 - x)(3.0) == -1.0
    assert grad(lambda x: x * Fraction(1, 4))(3.0) == 0.25
    assert grad(lambda x: x * (np.array([1.0, 2.0]) > 1.5)[1])(3.0) == 1.0
    assert grad(lambda x: x * np.array([[2.0]])[0, 0])(3.0) == 2.0
    assert grad(lambda x: sum([x, x * x, 1]))(3.0) == 7.0
    assert grad(lambda x: max(x, 2) * min(x, 2) * sorted([x, 1.0])[0])(3.0) == 2.0
    assert grad(lambda x: np.ldexp(x, 3) + np.ldexp(x, np.int32(-1)))(3.0) == 8.5


@pytest.mark.parametrize(
    ("f", "error"),
    [
        (lambda x: np.array([x, 1.0])[0], ConversionError),
        (lambda x: np.add(x, [x, 1.0]), ConversionError),
        (lambda x: np.ones(2).dot(x), ConversionError),
        (lambda x: np.vectorize(lambda t: t * t)(x), ConversionError),
        (lambda x: np.float64(x) * x, ConversionError),
        (lambda x: int(x) * x, ConversionError),
        (lambda x: [1, 2, 3][x], ConversionError),
        (lambda x: np.frompyfunc(lambda t: t * t, 1, 1)(x), MissingRuleError),
        (lambda x: np.add.outer(x, x), MissingRuleError),
        (lambda x: np.exp(x, where=True), MissingRuleError),
        (lambda x: np.add(x, 1.0, out=np.zeros(())), InPlaceError),
    ],
)
@each_mode
def test_refused_rather_than_wrong(f, error, grad):
    with pytest.raises(error):
        grad(f)(2.0)


cube = ad.with_derivative(lambda x: x * x * x, lambda x: 3 * x * x)
product = ad.with_derivative(np.multiply, lambda x, y: y, lambda x, y: x)


@each_nesting
def test_attached_derivatives_in_nested_modes(modes):
    outer, inner = (GRAD[mode] for mode in modes)
    assert outer(inner(cube))(2.0) == 12.0
    assert outer(inner(lambda x: cube(x) * x))(2.0) == 48.0
    assert outer(inner(lambda x: product(x, np.sin(x))))(1.0) == pytest.approx(
        2 * np.cos(1.0) - np.sin(1.0), rel=1e-15
    )
    # a hand-written derivative of a hand-written derivative
    wrong = ad.with_derivative(lambda x: x, ad.with_derivative(lambda x: 7 * x, lambda x: 11.0))
    assert inner(wrong)(2.0) == 14.0
    assert outer(inner(wrong))(2.0) == 11.0


@each_nesting
def test_attached_function_that_hides_a_traced_value(modes):
    outer, inner = (GRAD[mode] for mode in modes)

    def hidden(a):
        return ad.with_derivative(lambda u: a * u, lambda u: a)

    # a comes from the inner pass, y from the outer one: d/da (a·y) = y must not become 0
    with pytest.raises(ManualError, match="argument"):
        outer(lambda y: inner(lambda a: hidden(a)(y))(1.0))(3.0)
    # the other way round a is a constant of the pass that differentiates
    assert outer(lambda a: inner(lambda y: hidden(a)(y))(3.0))(1.0) == 1.0


def test_attached_function_that_hides_a_value_of_the_same_pass():
    def f(a, y):
        return ad.with_derivative(lambda u: a * u, lambda u: a)(y)

    with pytest.raises(ManualError, match="argument"):
        ad.grad(f, (0, 1))(2.0, 3.0)
    assert ad.grad(f, 1)(2.0, 3.0) == 2.0
    assert ad.grad(f, 0)(2.0, 3.0) == 3.0


@each_mode
def test_numbers_of_mixed_precision_do_not_change_the_type_of_the_gradient(grad):
    assert type(grad(lambda x: x * np.float32(0.1))(1.0)) is float
    assert type(grad(lambda x: x * np.float64(0.1))(np.float32(1))) is np.float32
    assert type(grad(lambda x: np.float32(2))(1.0)) is float
    assert ad.derivative(lambda x: np.float32(2))(1.0) == 0.0
