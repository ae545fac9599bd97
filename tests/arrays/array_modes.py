"""Derivatives of array programs in the tests: along a direction, in every nesting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tinyad as ad

Function = Callable[..., Any]
Arrays = Sequence[Any]


def randoms(shapes: Arrays, seed: int = 0) -> list[Any]:
    """Random arrays in the shapes and precisions of the given ones."""
    random = np.random.default_rng(seed)
    return [np.array(random.normal(size=np.shape(a)), dtype=np.asarray(a).dtype) for a in shapes]


def dot(left: Arrays, right: Arrays) -> float:
    """The sum of all products of entries."""
    return float(sum(np.sum(a * b) for a, b in zip(left, right, strict=True)))


def moved(x: Arrays, step: complex, v: Arrays) -> list[Any]:
    """x + step·v, array by array."""
    return [a + step * b for a, b in zip(x, v, strict=True)]


def complex_step(f: Function, x: Arrays, v: Arrays) -> Any:
    """The derivative of an analytic f along v, exact to rounding: NumPy's own complex numbers."""
    return np.imag(f(*moved(x, 1e-30j, v))) / 1e-30


def richardson(f: Function, x: Arrays, v: Arrays, h: float = 2.0**-7) -> Any:
    """The derivative along v: central differences at h, h/2 and h/4, extrapolated."""
    d = [(f(*moved(x, s, v)) - f(*moved(x, -s, v))) / (2 * s) for s in (h, h / 2, h / 4)]
    e = [(4 * d[1] - d[0]) / 3, (4 * d[2] - d[1]) / 3]
    return (16 * e[1] - e[0]) / 15


def assert_near(actual: Any, truth: Any, rel: float, what: str) -> None:
    """Compare entry by entry, up to `rel` of the greatest entry."""
    assert np.shape(actual) == np.shape(truth), f"{what}: {np.shape(actual)} for {np.shape(truth)}"
    scale = np.max(np.abs(truth), initial=1.0)
    np.testing.assert_allclose(actual, truth, rtol=rel, atol=rel * scale, err_msg=what)


def hessian_products(s: Function, x: Arrays, v: Arrays) -> dict[str, list[Any]]:
    """The Hessian of the scalar s times v in the four nestings of forward and reverse mode."""
    n = tuple(range(len(x)))

    def slope(*x: Any) -> Any:
        return ad.jvp(s, x, v)[1]

    def projected(*x: Any) -> Any:
        gradients = ad.grad(s, n)(*x)
        return sum(np.sum(g * b) for g, b in zip(gradients, v, strict=True))

    def gradient(*x: Any) -> Any:
        return np.concatenate([np.ravel(g) for g in ad.grad(s, n)(*x)])

    over = ad.jvp(gradient, x, v)[1]
    cuts = np.cumsum([np.size(a) for a in x])[:-1]
    return {
        "reverse over forward": list(ad.grad(slope, n)(*x)),
        "reverse over reverse": list(ad.grad(projected, n)(*x)),
        "forward over reverse": [
            np.reshape(part, np.shape(a)) for part, a in zip(np.split(over, cuts), x, strict=True)
        ],
        "forward over forward": list(ad.forward.grad(slope, n)(*x)),
    }
