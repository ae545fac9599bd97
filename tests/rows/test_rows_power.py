"""Powers: every kind of exponent, negative bases, 0 in either place, in every mode, no warning."""

import itertools
import warnings

import numpy as np
import pytest
from row_modes import GRAD, each_mode, each_nesting, nested
from row_oracle import truth

import tinyad as ad

GRADS = {
    **GRAD,
    "central": ad.finite.grad,
    "complex": lambda f, argnums=0: ad.finite.grad(f, argnums, scheme="complex"),
}
each_grad = pytest.mark.parametrize("grad", GRADS.values(), ids=GRADS)
EXPONENTS = [0, 1, 2, 3, 5, -1, -2]
KINDS = [int, float, np.int64, np.int8, np.float64, np.array]


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def monomial(x, n, order):
    """The derivative of x**n of this order: n(n - 1)... x**(n - order)."""
    factor = 1.0
    for k in range(order):
        factor *= n - k
    return factor * x ** (n - order) if factor else 0.0


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
@each_grad
def test_whole_exponent_of_any_kind(kind, grad):
    rel = 1e-7 if grad is ad.finite.grad else 1e-14
    for x, n in itertools.product([-1.5, -3.0, 2.5], EXPONENTS):
        slope = grad(lambda t, n=n: t ** kind(n))(x)
        assert slope == pytest.approx(monomial(x, n, 1), rel=rel), (x, n)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("n", [0, 1, 2, 3])
@each_nesting
def test_whole_exponent_at_zero_and_at_negative_numbers(kind, n, modes):
    for x, order in itertools.product([0.0, -0.0, -1.5], [1, 2, 3, 4]):
        value = nested(lambda t: t ** kind(n), (order,), modes)(x)
        assert value == pytest.approx(monomial(x, n, order), rel=1e-15, abs=0)


@each_grad
def test_zero_to_the_nought(grad):
    assert grad(lambda x: x**0)(0.0) == 0.0
    assert ad.value_and_grad(lambda x: x**0)(0.0) == (1.0, 0.0)
    assert grad(lambda x: x**0.0)(-2.0) == 0.0


@each_mode
def test_power_of_zero(grad):
    # 0**y is 0 for y > 0, so its slope is 0; at y = 0 the row's convention says 0
    for zero in (0, 0.0, np.float64(0), np.array(0)):
        assert grad(lambda y, zero=zero: zero**y)(2.0) == 0.0
        assert grad(lambda y, zero=zero: zero**y)(0.0) == 0.0
        assert grad(grad(lambda y, zero=zero: zero**y))(0.5) == 0.0
    assert grad(np.power, (0, 1))(0.0, 2.0) == (0.0, 0.0)
    assert grad(np.power, (0, 1))(0.0, 1.0) == (1.0, 0.0)
    assert grad(np.power, (0, 1))(0.0, 0.0) == (0.0, 0.0)


@pytest.mark.parametrize("base", [2, 2.0, np.int64(2), np.float64(2), np.array(2), np.array(2.0)])
@each_mode
def test_traced_exponent(base, grad):
    assert grad(lambda y: base**y)(3.0) == pytest.approx(8 * np.log(2), rel=1e-15)
    assert grad(lambda y: base**y)(-1.0) == pytest.approx(np.log(2) / 2, rel=1e-15)
    assert grad(grad(lambda y: base**y))(0.0) == pytest.approx(np.log(2) ** 2, rel=1e-15)


@each_nesting
def test_mixed_partial_at_exponent_zero(modes):
    # d/dx d/dy x**y = x**(y - 1) (1 + y log x), which is 1/x at y = 0
    outer, inner = modes
    for first, second in ((0, 1), (1, 0)):
        mixed = GRAD[outer](GRAD[inner](np.power, first), second)
        assert mixed(3.0, 0.0) == pytest.approx(1 / 3, rel=1e-15)
        assert mixed(0.7, 0.0) == pytest.approx(1 / 0.7, rel=1e-15)
        assert mixed(3.0, 1.0) == pytest.approx(1 + np.log(3), rel=1e-15)
    for order in itertools.product(range(3), repeat=2):
        value = nested(np.power, order, modes)(3.0, 0.0)
        assert value == pytest.approx(truth("power", (3.0, 0.0), order), rel=1e-14, abs=1e-15)


@each_nesting
def test_base_and_exponent_from_one_variable(modes):
    # x**x has the slope x**x (1 + log x) and the second derivative x**x ((1 + log x)² + 1/x)
    x, log = 1.7, np.log(1.7)
    assert nested(lambda t: t**t, (1,), modes)(x) == pytest.approx(x**x * (1 + log), rel=1e-15)
    second = x**x * ((1 + log) ** 2 + 1 / x)
    assert nested(lambda t: t**t, (2,), modes)(x) == pytest.approx(second, rel=1e-14)


@each_mode
def test_root_of_a_negative_number_is_nan_and_not_complex(grad):
    with np.errstate(invalid="ignore"):
        value, slope = ad.value_and_grad(lambda x: x ** (1 / 3))(-8.0)
        assert np.isnan(value)
        assert np.isnan(slope)
        # as a function of its exponent, (-2)**y has values at whole y only: no slope
        assert np.isnan(grad(lambda y: (-2.0) ** y)(2.0))


def test_complex_step_through_high_powers_of_negative_numbers():
    slope = ad.finite.grad(lambda x: x**101, scheme="complex")(-0.9)
    assert slope == pytest.approx(101 * 0.9**100, rel=1e-13)
    with np.errstate(invalid="ignore"):
        assert np.isnan(ad.finite.grad(lambda y: (-2) ** y, scheme="complex")(2.0))
