"""The programs that are differentiated, written once for every package.

Each factory takes a package's NumPy (`numpy`, `autograd.numpy`, `torch`, `jax.numpy`) and returns a
plain function of numbers and arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


def polynomial(np: Any) -> Function:
    """x²y + y + 2."""

    def f(x: Any, y: Any) -> Any:
        return x**2 * y + y + 2

    return f


def loop(np: Any, steps: int) -> Function:
    """v ← sin(v)·1.0001 + x, over and over: three operations a step."""

    def f(x: Any) -> Any:
        v = x
        for _ in range(steps):
            v = np.sin(v) * 1.0001 + x
        return v

    return f


def array_loop(np: Any, steps: int) -> Function:
    """The same loop over an array, and the sum of what comes out."""

    def f(x: Any) -> Any:
        v = x
        for _ in range(steps):
            v = np.sin(v) * 1.0001 + x
        return np.sum(v)

    return f


def rosenbrock(np: Any) -> Function:
    """Rosenbrock's valley in as many dimensions as x has entries."""

    def f(x: Any) -> Any:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    return f


def tanh_layer(np: Any) -> Function:
    """One layer of a network, a map from vectors to vectors: tanh(Ax)."""

    def f(x: Any, A: Any) -> Any:
        return np.tanh(A @ x)

    return f


def network(np: Any) -> Function:
    """A network of three layers with tanh, and its mean cross-entropy on a batch."""

    def f(W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any, x: Any, labels: Any) -> Any:
        h1 = np.tanh(x @ W1 + b1)
        h2 = np.tanh(h1 @ W2 + b2)
        z = h2 @ W3 + b3
        top = np.amax(z, axis=1, keepdims=True)
        log_sum = np.log(np.sum(np.exp(z - top), axis=1)) + top[:, 0]
        return np.mean(log_sum - np.sum(labels * z, axis=1))

    return f


def mixture(np: Any) -> Function:
    """Log-likelihood of a Gaussian mixture with full covariances, as in ADBench.

    α (k) are the logarithms of the weights, μ (k, d) the means; each row of q (k, d) and of
    l (k, d(d-1)/2) holds a triangular factor of the inverse covariance: the logarithm of its
    diagonal and what stands below. `place` (d, d) says where in l each entry stands, `below` and
    `eye` mark the places. The last term is the Wishart prior with γ = 1 and m = 0.

    Source: Šrajer, Kukelova and Fitzgibbon, A benchmark of selected algorithmic differentiation
    tools on some problems in computer vision and machine learning, 2018.
    """

    def f(α: Any, μ: Any, q: Any, l: Any, x: Any, place: Any, below: Any, eye: Any) -> Any:  # noqa: E741
        diagonal = np.exp(q)
        L = l[:, place] * below + diagonal[:, :, None] * eye  # (k, d, d)
        y = (x[None, :, :] - μ[:, None, :]) @ np.swapaxes(L, 1, 2)  # (k, n, d)
        inner = α[:, None] + np.sum(q, axis=1)[:, None] - 0.5 * np.sum(y * y, axis=2)
        prior = 0.5 * (np.sum(diagonal * diagonal) + np.sum(l * l))
        return np.sum(log_sum_exp(np, inner)) - x.shape[0] * log_sum_exp(np, α) + prior

    return f


def log_sum_exp(np: Any, a: Any) -> Any:
    """log(sum(exp(a))) along the first axis, from the largest entry, so that nothing overflows."""
    top = np.amax(a, axis=0)
    return np.log(np.sum(np.exp(a - top), axis=0)) + top
