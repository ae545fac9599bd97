"""The derivatives as a person writes them: what every ratio of the table is taken to.

Each returns what the workload asks for: (value, gradients) of a gradient, (value, tangent) of a
directional derivative, else the derivative alone. They share work between value and derivative as
a careful programmer would, and use no derivative package. Tests compare them with tinyad's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def polynomial(x: float, y: float) -> Any:
    """x²y + y + 2 and its two partial derivatives."""
    square = x * x
    return square * y + y + 2, (2 * x * y, square + 1)


def loop(steps: int) -> Any:
    """Carry value and slope through the loop; one input, so forward is best."""

    def hand(x: float) -> Any:
        sin, cos = math.sin, math.cos
        v, d = x, 1.0
        for _ in range(steps):
            d = cos(v) * d * 1.0001 + 1.0
            v = sin(v) * 1.0001 + x
        return v, d

    return hand


def loop_backward(steps: int) -> Any:
    """The reverse sweep through the loop: what its memory costs is wanted here."""

    def hand(x: float) -> Any:
        v, path = x, []
        for _ in range(steps):
            path.append(v)
            v = math.sin(v) * 1.0001 + x
        adjoint, total = 1.0, 0.0
        while path:
            total += adjoint
            adjoint *= 1.0001 * math.cos(path.pop())
        return v, total + adjoint

    return hand


def array_loop(steps: int) -> Any:
    """The reverse sweep through the loop over arrays."""

    def hand(x: Array) -> Any:
        v, path = x, []
        for _ in range(steps):
            path.append(v)
            v = np.sin(v) * 1.0001 + x
        adjoint, total = np.ones_like(x), np.zeros_like(x)
        while path:
            total += adjoint
            adjoint *= 1.0001 * np.cos(path.pop())
        return np.sum(v), total + adjoint

    return hand


def rosenbrock(x: Array) -> Any:
    """Value and gradient of Rosenbrock's function."""
    head = x[:-1]
    a = x[1:] - head * head
    b = 1.0 - head
    g = np.empty_like(x)
    g[:-1] = -400.0 * head * a - 2.0 * b
    g[-1] = 0.0
    g[1:] += 200.0 * a
    return 100.0 * np.dot(a, a) + np.dot(b, b), g


def rosenbrock_directional(x: Array, v: Array) -> Any:
    """Value of Rosenbrock's function, and its derivative in the direction v."""
    head, w = x[:-1], v[:-1]
    a = x[1:] - head * head
    b = 1.0 - head
    slope = 200.0 * np.dot(a, v[1:] - 2.0 * head * w) - 2.0 * np.dot(b, w)
    return 100.0 * np.dot(a, a) + np.dot(b, b), slope


def rosenbrock_hessian(x: Array) -> Any:
    """The second derivatives of Rosenbrock's function: three diagonals."""
    n = len(x)
    H = np.zeros((n, n))
    flat, head = H.reshape(-1), x[:-1]
    side = -400.0 * head
    diagonal = flat[:: n + 1]
    diagonal[:-1] = 1200.0 * head * head - 400.0 * x[1:] + 2.0
    diagonal[1:] += 200.0
    flat[1 :: n + 1] = side
    flat[n :: n + 1] = side
    return H


def rosenbrock_hvp(x: Array, v: Array) -> Any:
    """The three diagonals times the vector v."""
    head, w = x[:-1], v[:-1]
    side = -400.0 * head
    out = np.empty_like(x)
    out[:-1] = (1200.0 * head * head - 400.0 * x[1:] + 2.0) * w + side * v[1:]
    out[-1] = 0.0
    out[1:] += 200.0 * v[1:] + side * w
    return out


def tanh_layer(x: Array, A: Array) -> Any:
    """The Jacobian of tanh(Ax)."""
    t = np.tanh(A @ x)
    return (1.0 - t * t)[:, None] * A


def network(
    W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array, x: Array, labels: Array
) -> Any:
    """Backpropagation through three layers, as textbooks write it."""
    h1 = np.tanh(x @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    z = h2 @ W3 + b3
    top = z.max(axis=1, keepdims=True)
    e = np.exp(z - top)
    s = e.sum(axis=1, keepdims=True)
    value = np.mean(np.log(s[:, 0]) + top[:, 0] - (labels * z).sum(axis=1))
    d3 = (e / s - labels) / len(x)
    d2 = (d3 @ W3.T) * (1.0 - h2 * h2)
    d1 = (d2 @ W2.T) * (1.0 - h1 * h1)
    return value, (
        *(x.T @ d1, d1.sum(axis=0)),
        *(h1.T @ d2, d2.sum(axis=0)),
        *(h2.T @ d3, d3.sum(axis=0)),
    )


def mixture(
    α: Array,
    μ: Array,
    q: Array,
    l: Array,  # noqa: E741
    x: Array,
    place: Array,
    below: Array,
    eye: Array,
) -> Any:
    """Value and gradient of the mixture's log-likelihood; see programs.mixture for the names."""
    n, (k, d) = len(x), μ.shape
    rows, columns = np.tril_indices(d, -1)
    diagonal = np.exp(q)
    L = np.zeros((k, d, d))
    L[:, rows, columns] = l
    L[:, range(d), range(d)] = diagonal
    centered = x[None] - μ[:, None]
    y = centered @ L.transpose(0, 2, 1)
    inner = (α + q.sum(axis=1))[:, None] - 0.5 * np.einsum("knd,knd->kn", y, y)
    value, weights = _log_sum_exp(inner)
    prior, shares = _log_sum_exp(α)
    total = value.sum() - n * prior + 0.5 * (np.vdot(diagonal, diagonal) + np.vdot(l, l))

    counts = weights.sum(axis=1)
    y *= weights[:, :, None]  # minus the adjoint of y
    dL = y.transpose(0, 2, 1) @ centered  # minus the adjoint of L
    dμ = (y.sum(axis=1)[:, None, :] @ L)[:, 0]
    dq = counts[:, None] + diagonal * (diagonal - dL[:, range(d), range(d)])
    return total, (counts - n * shares, dμ, dq, l - dL[:, rows, columns])


def _log_sum_exp(a: Array) -> Any:
    """log(sum(exp(a))) along the first axis, and its gradient."""
    top = a.max(axis=0)
    e = np.exp(a - top)
    s = e.sum(axis=0)
    return np.log(s) + top, e / s
