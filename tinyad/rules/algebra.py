"""Rows of linear algebra: inverse, solve, determinants, Cholesky.

All but solve are composite rows. Solve is linear in its right-hand side, and the others lean on it.
Source: Giles, Collected matrix derivative results for forward and reverse mode, 2008.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyad.rules.composite import composite
from tinyad.rules.joint import by_slices
from tinyad.rules.primitives import Shape, index, offered, shape_of, sum_to
from tinyad.rules.rows import Differentiable, Formula, Options, Program, Row, Values


def transposed(a: Any) -> Any:
    """The transpose of the last two axes."""
    return np.swapaxes(a, -1, -2)


def cofactors(x: Any) -> Any:
    """The determinants of what is left without row i and column j, signed as a chessboard."""
    n = shape_of(x)[-1]
    others = [[k for k in range(n) if k != i] for i in range(n)]

    def minor(i: int, j: int) -> Any:
        return np.linalg.det(index(index(x, (..., others[i], slice(None))), (..., others[j])))

    rows = [np.stack([(-1.0) ** (i + j) * minor(i, j) for j in range(n)], -1) for i in range(n)]
    return np.stack(rows, -2)


def det_rule(ans: Any, x: Any, t: Any) -> Any:
    """Jacobi's formula: det · tr(x⁻¹ t); by cofactors where x has no inverse."""
    if np.any(ans == 0):
        return np.sum(cofactors(x) * t, axis=(-2, -1))
    return ans * np.trace(np.linalg.solve(x, t), axis1=-2, axis2=-1)


def logabsdet(a: Any) -> Any:
    """The logarithm of |det a|: the second answer of `np.linalg.slogdet`."""
    answer = offered(logabsdet, a)
    return np.linalg.slogdet(a)[1] if answer is NotImplemented else answer


def sign_of_det(a: Any) -> Any:
    """The sign of det a: the first answer of `np.linalg.slogdet`."""
    answer = offered(sign_of_det, a)
    return np.linalg.slogdet(a)[0] if answer is NotImplemented else answer


def slogdet(a: Any) -> Any:
    """`np.linalg.slogdet`, of which only the logarithm varies."""
    kind = type(np.linalg.slogdet(np.eye(1)))
    return kind(sign_of_det(a), logabsdet(a))


def cholesky_rule(ans: Any, x: Any, t: Any) -> Any:
    """L Φ(L⁻¹ t L⁻ᵀ), Φ the lower triangle with half the diagonal; t is read as symmetric."""
    symmetric = 0.5 * (t + transposed(t))
    inner = np.linalg.solve(ans, transposed(np.linalg.solve(ans, symmetric)))
    n = shape_of(x)[-1]
    half = np.tri(n, dtype=x.dtype) - 0.5 * np.eye(n, dtype=x.dtype)
    return np.matmul(ans, half * inner)


def _slice(tangents: Any, k: int) -> Any:
    return None if tangents is None else index(tangents, (..., k))


def on_columns(function: Formula, a: Any, b: Any, vector: bool) -> Any:
    """function(a, b) of matrices; a vector b is its one column."""
    return index(function(a, np.expand_dims(b, -1)), (..., 0)) if vector else function(a, b)


class Solve(Differentiable):
    """a x = b solved for x: linear in b, and the rule that inverses and determinants lean on."""

    def tangent(
        self, answer: Any, primals: Values, tangents: Values, options: Options, batched: bool
    ) -> Any:
        """Differentiate a x = b and solve for the tangent of x."""
        a, ta, tb = primals[0], *tangents
        vector = len(shape_of(primals[1])) == 1

        def one(ta: Any, tb: Any) -> Any:
            right = 0.0 if tb is None else tb
            if ta is not None:
                right = right - on_columns(np.matmul, ta, answer, vector)
            return on_columns(np.linalg.solve, a, right, vector)

        if not batched:
            return one(ta, tb)
        size = next(shape_of(t)[-1] for t in tangents if t is not None)
        return by_slices(lambda k: one(_slice(ta, k), _slice(tb, k)), size)

    def needs(self, active: tuple[bool, ...]) -> set[int]:
        """The matrix; and the solution, where the matrix varies."""
        return {0, 1} if active[0] else {1}

    def pullback(
        self, adjoint: Any, argument: int, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Solve with the transposed matrix."""
        answer, a, _ = operands
        vector = len(shape_of(adjoint)) < len(shape_of(a))
        back = on_columns(np.linalg.solve, transposed(a), adjoint, vector)
        if argument == 1:
            return sum_to(back, shape)
        if vector:
            back, answer = np.expand_dims(back, -1), np.expand_dims(answer, -1)
        return sum_to(-np.matmul(back, transposed(answer)), shape)


ROWS: tuple[Row, ...] = (
    composite(np.linalg.inv, lambda ans, x, t: -np.matmul(np.matmul(ans, t), ans)),
    composite(np.linalg.det, det_rule),
    composite(logabsdet, lambda ans, x, t: np.trace(np.linalg.solve(x, t), axis1=-2, axis2=-1)),
    composite(np.linalg.cholesky, cholesky_rule),
    Solve(function=np.linalg.solve, name="solve"),
    Program(function=np.linalg.slogdet, name="slogdet", program=slogdet),
)
