"""What array rows hand out where there is no derivative, and numbers known from elsewhere."""

import numpy as np
import pytest
from array_modes import hessian_products

import tinyad as ad

MODES = {"forward": ad.forward.grad, "reverse": ad.reverse.grad, "jacfwd": ad.jacfwd}
each_mode = pytest.mark.parametrize("grad", MODES.values(), ids=MODES)


@each_mode
@pytest.mark.parametrize("extreme", [np.max, np.min, np.amax, np.amin])
def test_ties_share_evenly(grad, extreme):
    sign = 1.0 if extreme in (np.max, np.amax) else -1.0
    x = sign * np.array([[3.0, 1.0, 3.0], [2.0, 3.0, 0.0]])
    third = np.array([[1, 0, 1], [0, 1, 0]]) / 3
    np.testing.assert_allclose(grad(lambda x: extreme(x))(x), third, rtol=1e-15)
    rows = np.array([[0.5, 0, 0.5], [0, 1, 0]])
    np.testing.assert_array_equal(grad(lambda x: np.sum(extreme(x, axis=1)))(x), rows)
    kept = grad(lambda x: np.sum(extreme(x, axis=1, keepdims=True) * np.array([[2.0], [4.0]])))(x)
    np.testing.assert_array_equal(kept, rows * [[2], [4]])
    # as the row of two arguments does it
    pair = np.maximum if sign > 0 else np.minimum
    np.testing.assert_array_equal(grad(lambda x: pair(x[0, 0], x[0, 2]))(x), rows * [[1], [0]])


@each_mode
def test_norm_and_std_are_flat_at_their_kink(grad):
    zero = np.zeros(3)
    np.testing.assert_array_equal(grad(lambda x: np.linalg.norm(x))(zero), zero)
    np.testing.assert_array_equal(grad(lambda x: np.std(x))(np.full(3, 0.1)), zero)
    columns = np.array([[0.0, 3.0], [0.0, 4.0]])
    np.testing.assert_allclose(
        grad(lambda x: np.sum(np.linalg.norm(x, axis=0)))(columns), [[0, 0.6], [0, 0.8]], rtol=1e-15
    )
    # all zeros for the orders that are sums or extremes of absolute values too
    for order in (1, np.inf, -np.inf):
        norm = grad(lambda x, order=order: np.linalg.norm(x, order))
        np.testing.assert_array_equal(norm(zero), zero)


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
def test_prod_with_zeros_among_the_factors_to_second_order(zeros):
    x = np.array([2.0, -3.0, 5.0, 0.5, 7.0])
    x[:zeros] = 0.0
    slopes = [np.prod(np.delete(x, k)) for k in range(5)]
    curvature = np.array(
        [[0.0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(5)] for i in range(5)]
    )
    for grad in MODES.values():
        np.testing.assert_allclose(grad(np.prod)(x), slopes, rtol=1e-14)
    np.testing.assert_allclose(ad.hessian(np.prod)(x), curvature, rtol=1e-14)
    np.testing.assert_allclose(ad.jacrev(ad.jacrev(np.prod))(x), curvature, rtol=1e-14)


@pytest.mark.parametrize("zeros", [(), (0,), (2,), (0, 2), (1, 3)])
def test_cumprod_with_zeros_among_the_factors_to_second_order(zeros):
    x = np.array([2.0, -3.0, 5.0, 0.5])
    x[list(zeros)] = 0.0
    slopes = np.zeros((4, 4))
    curvature = np.zeros((4, 4, 4))
    for n in range(4):
        for i in range(n + 1):
            slopes[n, i] = np.prod(np.delete(x[: n + 1], i))
            for j in range(n + 1):
                curvature[n, i, j] = 0.0 if i == j else np.prod(np.delete(x[: n + 1], [i, j]))
    for jacobian in (ad.jacfwd, ad.jacrev):
        np.testing.assert_allclose(jacobian(np.cumprod)(x), slopes, rtol=1e-14)
        np.testing.assert_allclose(jacobian(jacobian(np.cumprod))(x), curvature, rtol=1e-14)


def test_factors_of_a_long_product_are_not_divided_out():
    x = np.linspace(0.5, 1.5, 1001)
    np.testing.assert_allclose(ad.grad(np.prod)(x), np.prod(x) / x, rtol=1e-12)


def test_numbers_of_symmetric_matrices():
    a = np.array([[2.0, 1.0], [1.0, 3.0]])
    # det = ac - b²: each off-diagonal entry by itself -b, the parameter b in both places -2b
    np.testing.assert_allclose(ad.grad(np.linalg.det)(a), [[3, -1], [-1, 2]], rtol=1e-15)
    det = ad.grad(lambda b: np.linalg.det(np.stack([np.stack([2.0, b]), np.stack([b, 3.0])])))
    assert det(1.0) == pytest.approx(-2.0, rel=1e-15)
    # L = [[√2, 0], [1/√2, √(5/2)]]: PyTorch and JAX give these digits too
    total, slopes = ad.value_and_grad(lambda a: np.sum(np.linalg.cholesky(a)))(a)
    assert total == pytest.approx(3.702459, abs=5e-7)
    np.testing.assert_allclose(slopes, [[0.25583, 0.19544], [0.19544, 0.31623]], atol=5e-6)
    np.testing.assert_array_equal(slopes, slopes.T)
    np.testing.assert_allclose(
        ad.grad(lambda a: np.linalg.slogdet(a)[1])(a), np.linalg.inv(a).T, rtol=1e-15
    )


def test_sort_of_equal_entries_keeps_their_order():
    x = np.array([2.0, 1.0, 2.0, 1.0])
    jacobian = ad.jacfwd(np.sort)(x)
    np.testing.assert_array_equal(jacobian.sum(0), np.ones(4))  # each entry goes somewhere once
    np.testing.assert_array_equal(jacobian.sum(1), np.ones(4))
    np.testing.assert_array_equal(ad.jacrev(np.sort)(x), jacobian)


@pytest.mark.parametrize("method", ["reduce over all", "over rows", "keepdims"])
def test_logsumexp_of_numbers_that_would_overflow(method):
    x = np.array([[1000.0, 1001.0, 999.0], [-1000.0, -1001.0, -np.inf]])
    axis, keepdims = {"reduce over all": (None, False), "over rows": (1, False)}.get(
        method, (1, True)
    )

    def f(x):
        return np.logaddexp.reduce(x, axis=axis, keepdims=keepdims)

    value, pullback = ad.vjp(f, x)
    np.testing.assert_allclose(value, f(x), rtol=1e-15)
    (softmax,) = pullback(np.ones_like(value))
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    np.testing.assert_allclose(softmax, e / np.sum(e, axis=axis, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(ad.jvp(f, (x,), (np.ones((2, 3)),))[1], np.ones_like(value))


def test_logsumexp_has_the_covariance_of_softmax_as_hessian():
    x = np.array([0.3, -1.2, 2.0])
    p = np.exp(x) / np.sum(np.exp(x))
    hessian = ad.hessian(lambda x: np.logaddexp.reduce(x))(x)
    np.testing.assert_allclose(hessian, np.diag(p) - np.outer(p, p), rtol=1e-13, atol=1e-15)


def test_second_order_of_a_repeated_index():
    x, v = np.array([2.0, 3.0]), np.array([0.7, -0.4])
    keys = np.array([0, 1, 0, 0])
    # s = Σ x[keys]³ = 3 x₀³ + x₁³, so H = diag(18 x₀, 6 x₁)
    truth = [np.array([18 * 2.0, 6 * 3.0]) * v]
    for nesting, products in hessian_products(lambda x: np.sum(x[keys] ** 3), [x], [v]).items():
        np.testing.assert_allclose(products, truth, rtol=1e-14, err_msg=nesting)


ABSOLUTE = [
    lambda x: np.std(x * X3),
    lambda x: np.var(x * X3),
    lambda x: np.linalg.norm(x * X3),
    lambda x: np.linalg.slogdet(x * np.eye(2) + 0.1)[1],
    lambda x: np.sum(np.linalg.cholesky(x * np.eye(2) + 0.1)),
]
X3 = np.array([1.0, 3.0, -2.0])


@pytest.mark.parametrize("f", ABSOLUTE, ids=["std", "var", "norm", "slogdet", "cholesky"])
def test_complex_step_is_refused_where_numpys_complex_function_is_not_analytic(f):
    with pytest.raises(ad.errors.SchemeError, match="central"):
        ad.finite.grad(f, scheme="complex")(1.0)
    assert ad.finite.grad(f)(1.0) == pytest.approx(ad.grad(f)(1.0), rel=1e-8)


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_complex_step_of_an_extreme_shares_its_ties(axis):
    def f(x):
        rows = np.stack([np.stack([x, 2.0 * x - 1, x * x]), np.stack([3 * x, -x, x + 2.0])])
        return np.sum(np.max(rows, axis=axis)) + np.sum(np.min(rows, axis, keepdims=True))

    assert ad.finite.grad(f, scheme="complex")(1.0) == pytest.approx(ad.grad(f)(1.0), rel=1e-14)


def test_det_of_a_singular_matrix():
    # the gradient is the matrix of cofactors, and it exists where the inverse does not
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    cofactors = [[4.0, -2.0], [-2.0, 1.0]]
    assert np.linalg.det(singular) == 0.0
    np.testing.assert_array_equal(ad.grad(np.linalg.det)(singular), cofactors)
    np.testing.assert_array_equal(ad.forward.grad(np.linalg.det)(singular), cofactors)
    # det is linear in each entry: only ∂²/∂a∂d = 1 and ∂²/∂b∂c = −1 remain
    hessian = ad.hessian(np.linalg.det)(singular).reshape(4, 4)
    np.testing.assert_array_equal(hessian, np.fliplr(np.diag([1.0, -1.0, -1.0, 1.0])))
    zeros = np.zeros((3, 3))
    np.testing.assert_array_equal(ad.grad(np.linalg.det)(zeros), zeros)
