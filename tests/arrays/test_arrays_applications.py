"""Programs as people write them, in plain NumPy, and SciPy's optimizer on their gradients."""

import itertools

import numpy as np
import pytest
from array_modes import assert_near, randoms, richardson
from scipy import optimize

import tinyad as ad

RANDOM = np.random.default_rng(7)
INPUTS = RANDOM.normal(size=(40, 3))
LABELS = INPUTS @ np.array([1.5, -2.0, 0.5]) + 0.3 * RANDOM.normal(size=40) > 0


def check(f, *args):
    """Compare a gradient with differences (too near to meet a kink), and with the other mode."""
    n = tuple(range(len(args)))
    gradients = ad.grad(f, n)(*args)
    v = randoms(args, 1)
    along = sum(np.sum(g * u) for g, u in zip(gradients, v, strict=True))
    assert_near(along, richardson(f, args, v, 2.0**-16), 1e-8, "differences")
    assert_near(along, ad.jvp(f, args, v)[1], 1e-12, "forward mode")


def logistic_loss(weights, bias):
    margins = np.where(LABELS, 1.0, -1.0) * (INPUTS @ weights + bias)
    return np.mean(np.logaddexp(0.0, -margins)) + 0.01 * np.sum(weights**2)


def test_logistic_regression_trains():
    check(logistic_loss, np.array([0.3, -0.2, 0.1]), np.array(0.4))
    weights, bias = np.zeros(3), 0.0
    # the gradient at 0 is known: the mean of (½ - label) · input
    g = ad.grad(logistic_loss, (0, 1))(weights, bias)
    np.testing.assert_allclose(g[0], np.mean((0.5 - LABELS)[:, None] * INPUTS, 0), rtol=1e-13)
    assert g[1] == pytest.approx(np.mean(0.5 - LABELS), rel=1e-13)
    for _ in range(200):
        gw, gb = ad.grad(logistic_loss, (0, 1))(weights, bias)
        weights, bias = weights - 2.0 * gw, bias - 2.0 * gb
    assert np.mean((INPUTS @ weights + bias > 0) == LABELS) > 0.9


def test_tanh_and_its_derivatives_as_for_a_plot():
    x = np.linspace(-7, 7, 200)
    curves, f = [], np.tanh
    for _ in range(5):
        curves.append(f(x))
        f = ad.derivative(f)
    t = np.tanh(x)
    s = 1 - t * t
    truth = [t, s, -2 * t * s, s * (6 * t**2 - 2), s * t * (16 - 24 * t**2)]
    for order, (curve, exact) in enumerate(zip(curves, truth, strict=True)):
        np.testing.assert_allclose(curve, exact, atol=1e-12, err_msg=str(order))

    def own_tanh(x):
        return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-2 * x))

    np.testing.assert_allclose(ad.derivative(ad.derivative(own_tanh))(x), truth[2], atol=1e-11)


def mixture(parameters, data):
    """The log-likelihood of a mixture of Gaussians, through log-sum-exp."""
    logits, means, factors = parameters["logits"], parameters["means"], parameters["factors"]
    total = 0.0
    terms = []
    for k in range(len(logits)):
        root = np.tril(factors[k], -1) + np.diag(np.exp(np.diagonal(factors[k])))
        z = (data - means[k]) @ root
        log_det = np.sum(np.diagonal(factors[k]))
        terms.append(logits[k] + log_det - 0.5 * np.sum(z * z, axis=1))
    total = np.sum(np.logaddexp.reduce(np.stack(terms), axis=0))
    return total - len(data) * np.logaddexp.reduce(logits)


def test_gaussian_mixture():
    random = np.random.default_rng(8)
    data = random.normal(size=(30, 2)) + np.where(random.random((30, 1)) < 0.5, 2.0, -2.0)
    start = {
        "logits": np.zeros(3),
        "means": random.normal(size=(3, 2)),
        "factors": 0.1 * random.normal(size=(3, 2, 2)),
    }
    names = list(start)

    def f(*arrays):
        return mixture(dict(zip(names, arrays, strict=True)), data)

    check(f, *start.values())
    g = ad.grad(mixture)(start, data)
    assert np.sum(g["logits"]) == pytest.approx(0.0, abs=1e-12)  # logits count up to a constant
    np.testing.assert_array_equal(np.triu(g["factors"], 1), 0.0 * g["factors"])
    v = {"logits": np.ones(3), "means": np.zeros((3, 2)), "factors": np.zeros((3, 2, 2))}
    product = ad.hvp(lambda p: mixture(p, data), start, v)
    np.testing.assert_allclose(product["means"], np.zeros((3, 2)), atol=1e-11)


def network(layers, x):
    for weights, bias in layers[:-1]:
        x = np.maximum(x @ weights + bias, 0.0) + 0.1 * np.tanh(x @ weights)
    weights, bias = layers[-1]
    scores = x @ weights + bias
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def test_neural_network_on_nested_parameters_trains():
    random = np.random.default_rng(9)
    targets = np.stack([LABELS, ~LABELS], axis=1).astype(float)
    sizes = [3, 8, 5, 2]
    layers = [
        (0.7 * random.normal(size=(m, n)), 0.1 * random.normal(size=n))
        for m, n in itertools.pairwise(sizes)
    ]

    def loss(layers):
        return -np.mean(np.sum(network(layers, INPUTS) * targets, axis=1))

    flat = [a for layer in layers for a in layer]
    check(lambda *a: loss(list(zip(a[::2], a[1::2], strict=True))), *flat)
    before = loss(layers)
    for _ in range(60):
        slopes = ad.grad(loss)(layers)
        layers = [
            (w - 0.5 * dw, b - 0.5 * db) for (w, b), (dw, db) in zip(layers, slopes, strict=True)
        ]
    assert loss(layers) < 0.5 * before


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "CG", "SLSQP"])
def test_scipy_minimizes_with_the_gradient(method):
    start = np.array([-1.2, 1.0, 0.7])
    found = optimize.minimize(
        ad.value_and_grad(rosenbrock), start, jac=True, method=method, options={"maxiter": 2000}
    )
    np.testing.assert_allclose(found.x, np.ones(3), atol=1e-3)


def test_scipy_minimizes_with_the_hessian():
    start = np.array([-1.2, 1.0, 0.7])
    arguments = {"jac": ad.grad(rosenbrock), "x0": start}
    newton = optimize.minimize(
        rosenbrock, hess=ad.hessian(rosenbrock), method="trust-exact", **arguments
    )
    np.testing.assert_allclose(newton.x, np.ones(3), atol=1e-5)
    free = optimize.minimize(
        rosenbrock, hessp=lambda x, v: ad.hvp(rosenbrock, x, v), method="Newton-CG", **arguments
    )
    np.testing.assert_allclose(free.x, np.ones(3), atol=1e-3)


def test_scipy_finds_a_root_with_the_jacobian():
    def f(x):
        return np.sin(x) - x[::-1] ** 2

    found = optimize.root(f, np.array([0.7, 0.9]), jac=ad.jacfwd(f))
    assert found.success
    np.testing.assert_allclose(f(found.x), np.zeros(2), atol=1e-10)
