"""Linear rows: the derivative in a direction, and the transpose that must fit it."""

import numpy as np
import pytest

import tinyad as ad
from tinyad.rules.primitives import broadcast_to, sum_to

A = np.array([[0.7, -1.9, 2.3], [3.1, 0.4, -0.8]])
B = np.array([1.1, -0.6, 2.9])

# Name of the row: programs in two arrays of shapes (2, 3) and (3,) that use it.
PROGRAMS = {
    "where": [
        lambda x, y: np.where(A > 0.5, x, y),
        lambda x, y: np.where(A > 0.5, x, 2.0) * y,
        lambda x, y: np.where([True, False, True], 3, y * y) * x,
        lambda x, y: np.where(x > y, x * y, y),
    ],
    "sum_to": [
        lambda x, y: sum_to(x * x, (3,)) * y,
        lambda x, y: sum_to(x * y, (2, 1)) * x,
        lambda x, y: sum_to(x, ()) * y,
    ],
    "broadcast_to": [
        lambda x, y: np.broadcast_to(y, (2, 3)) * x,
        lambda x, y: x * np.broadcast_to(y * y, shape=(2, 3)),
        lambda x, y: broadcast_to(y, (4, 2, 3)) * x,
    ],
    "clip": [
        lambda x, y: np.clip(x, 0.0, 1.0) * y,
        lambda x, y: np.clip(x, y, None),
        lambda x, y: np.clip(x, None, y * y),
        lambda x, y: np.clip(x, a_min=-1, a_max=y),
        lambda x, y: np.clip(x, min=y, max=2.0),
        lambda x, y: np.clip(a=y, a_min=-0.1, a_max=x),
    ],
    "divmod": [
        lambda x, y: np.divmod(x, y)[1] + np.divmod(x, y)[0],
        lambda x, y: np.divmod(7.0, y)[1] * x,
        lambda x, y: divmod(x, 0.9)[1] * y,
    ],
}
CASES = [
    pytest.param(f, id=f"{name}-{k}") for name in PROGRAMS for k, f in enumerate(PROGRAMS[name])
]


def dot(a, b):
    return np.sum(a * b)


def directional(f, x, y, u, v):
    """The derivative of f along (u, v), as the slope of a line through two near points."""
    h = 2.0**-20
    return (f(x + h * u, y + h * v) - f(x - h * u, y - h * v)) / (2 * h)


@pytest.mark.parametrize("f", CASES)
def test_linear_row_against_differences_and_its_transpose(f):
    random = np.random.default_rng(0)
    u, v = random.normal(size=A.shape), random.normal(size=B.shape)
    value, tangent = ad.jvp(f, (A, B), (u, v))
    np.testing.assert_array_equal(value, f(A, B))
    np.testing.assert_allclose(tangent, directional(f, A, B, u, v), rtol=1e-7, atol=1e-8)
    # the dot-product test: <w, J u> = <J' w, u>
    w = random.normal(size=value.shape)
    back, pullback = ad.vjp(f, A, B)
    np.testing.assert_array_equal(back, value)
    adjoint_a, adjoint_b = pullback(w)
    assert adjoint_a.shape == A.shape
    assert adjoint_b.shape == B.shape
    assert dot(w, tangent) == pytest.approx(dot(adjoint_a, u) + dot(adjoint_b, v), rel=1e-13)


@pytest.mark.parametrize("f", CASES)
def test_linear_row_in_second_order(f):
    random = np.random.default_rng(1)
    u, v, p, q = (random.normal(size=s.shape) for s in (A, B, A, B))

    def slope(x, y):
        return ad.jvp(f, (x, y), (u, v))[1]

    second = ad.jvp(slope, (A, B), (p, q))[1]
    np.testing.assert_allclose(second, directional(slope, A, B, p, q), rtol=1e-7, atol=1e-7)
    w = random.normal(size=second.shape)
    adjoint_a, adjoint_b = ad.vjp(slope, A, B)[1](w)
    assert dot(w, second) == pytest.approx(dot(adjoint_a, p) + dot(adjoint_b, q), rel=1e-13)


@pytest.mark.parametrize("grad", [ad.forward.grad, ad.grad], ids=["forward", "reverse"])
def test_condition_that_is_itself_traced(grad):
    # a number as a condition: 0 is false, all others are true, and nothing flows through it
    def f(x):
        return np.where(x, 2 * x, 5 * x)

    assert (grad(f)(3.0), grad(f)(0.0)) == (2.0, 5.0)
    assert grad(lambda x: np.where(x, 2.0, 3.0))(1.0) == 0.0
    assert grad(grad(lambda x: np.where(x, x * x, x**3)))(2.0) == 2.0
    assert ad.finite.grad(f, scheme="complex")(0.0) == 5.0
