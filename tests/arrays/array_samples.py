"""Sample calls for every row of the table that is about arrays: a line each.

A sample is a call and its operands. The operands are made from shapes, so that unequal ranks,
length-1 axes and empty axes stand where one can see them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinyad.rules import algebra, composite, primitives

_random = np.random.default_rng(20240607)


class Sample(NamedTuple):
    """A call, its operands, and whether a complex step differentiates it."""

    function: Callable[..., Any]
    operands: tuple[Any, ...]
    analytic: bool


def call(function: Callable[..., Any], *shapes: Any) -> Sample:
    """An analytic call; operands are shapes to be filled, or arrays as they are."""
    return Sample(function, tuple(map(_filled, shapes)), True)


def real(function: Callable[..., Any], *shapes: Any) -> Sample:
    """A call that is not analytic (it uses an absolute value): differences differentiate it."""
    return call(function, *shapes)._replace(analytic=False)


def _filled(shape: Any) -> Any:
    return np.array(_random.normal(size=shape)) if isinstance(shape, tuple) else shape


def spd(a: Any) -> Any:
    """A symmetric positive definite matrix made from any square one."""
    return np.matmul(a, np.swapaxes(a, -1, -2)) + np.eye(a.shape[-1]).astype(a.dtype)


MASK = np.array([[True, False, True], [False, False, True]])
ROWS = np.array([1, 0, 1, 1])
COLUMNS = np.array([2, 2, 0, 2])
FLAT = np.array([[0, 3], [3, 1]])
REGULAR = np.eye(3) + 0.3 * _random.normal(size=(3, 3))  # far from singular
REGULARS = np.eye(3) + 0.3 * _random.normal(size=(2, 3, 3))
ZEROS = np.array([[1.5, 0.0, -2.0], [0.0, 0.0, 3.0], [0.7, 0.0, 0.0]])  # 0, 1, 2 zeros in a column

LINEAR = {
    np.sum: [
        call(lambda x: np.sum(x), (2, 3)),
        call(lambda x: np.sum(x), ()),
        call(lambda x: np.sum(x, 0), (2, 3)),
        call(lambda x: np.sum(x, axis=-1, keepdims=True), (2, 3, 2)),
        call(lambda x: np.sum(x, axis=(0, -1)), (2, 3, 2)),
        call(lambda x: np.sum(x, axis=(2, 0), keepdims=True), (2, 3, 2)),
        call(lambda x: np.sum(x, axis=None, keepdims=True), (2, 3)),
        call(lambda x: np.sum(x, axis=()), (2, 3)),
        call(lambda x: np.sum(x, axis=1), (2, 0)),
        call(lambda x: np.add.reduce(x), (3, 2)),
        call(lambda x: np.add.reduce(x, axis=1, keepdims=True), (3, 2)),
        call(lambda x: np.add.reduce(x, axis=None), (3, 2)),
    ],
    np.mean: [
        call(lambda x: np.mean(x), (2, 3)),
        call(lambda x: np.mean(x, -1), (2, 3)),
        call(lambda x: np.mean(x, axis=(0, 2), keepdims=True), (2, 3, 2)),
        call(lambda x: np.mean(x, axis=1), (0, 3)),
    ],
    np.cumsum: [
        call(lambda x: np.cumsum(x), (2, 3)),
        call(lambda x: np.cumsum(x, 0), (2, 3)),
        call(lambda x: np.cumsum(x, axis=-1), (2, 3)),
        call(lambda x: np.cumsum(x), (0,)),
        call(lambda x: np.add.accumulate(x), (3, 2)),
        call(lambda x: np.add.accumulate(x, axis=1), (3, 2)),
    ],
    np.reshape: [
        call(lambda x: np.reshape(x, (3, 2)), (2, 3)),
        call(lambda x: np.reshape(x, -1), (2, 3)),
        call(lambda x: np.reshape(x, shape=(2, 1, -1)), (2, 3)),
        call(lambda x: np.reshape(x, ()), (1, 1)),
        call(lambda x: np.reshape(x, (1, 1)), ()),
        call(lambda x: np.reshape(x, (3, 0)), (0, 2)),
    ],
    np.transpose: [
        call(lambda x: np.transpose(x), (2, 3)),
        call(lambda x: np.transpose(x, (1, 2, 0)), (2, 3, 4)),
        call(lambda x: np.transpose(x, (-1, 0, -2)), (2, 3, 4)),
        call(lambda x: np.transpose(x), (3,)),
        call(lambda x: np.transpose(x), ()),
    ],
    np.broadcast_to: [
        call(lambda x: np.broadcast_to(x, (2, 3)), (3,)),
        call(lambda x: np.broadcast_to(x, (4, 2, 3)), (2, 1)),
        call(lambda x: np.broadcast_to(x, 3), ()),
        call(lambda x: np.broadcast_to(x, (2, 3)), (2, 3)),
        call(lambda x: np.broadcast_to(x, (0, 3)), (3,)),
    ],
    primitives.index: [
        call(lambda x: x[1], (2, 3)),
        call(lambda x: x[-1, 0], (2, 3)),
        call(lambda x: x[:, 1:], (2, 3)),
        call(lambda x: x[::-1, ::2], (2, 3)),
        call(lambda x: x[..., -1], (2, 3, 2)),
        call(lambda x: x[...], (2, 3)),
        call(lambda x: x[()], (2, 3)),
        call(lambda x: x[()], ()),
        call(lambda x: x[..., None], (2, 3)),
        call(lambda x: x[None, :, np.newaxis, 1], (2, 3)),
        call(lambda x: x[1:1], (3,)),
        call(lambda x: x[ROWS], (2, 3)),
        call(lambda x: x[[0, 0, 1]], (2,)),
        call(lambda x: x[ROWS, COLUMNS], (2, 3)),
        call(lambda x: x[:, COLUMNS], (2, 3)),
        call(lambda x: x[ROWS, :, COLUMNS], (2, 2, 3)),  # separated: the axis comes first
        call(lambda x: x[ROWS, None, COLUMNS], (2, 3)),
        call(lambda x: x[0, :, COLUMNS], (2, 2, 3)),
        call(lambda x: x[..., ROWS, :, COLUMNS], (2, 2, 2, 3)),
        call(lambda x: x[ROWS[:, None], COLUMNS], (2, 3)),
        call(lambda x: x[FLAT], (4,)),
        call(lambda x: x[:, FLAT % 3, 0], (2, 3, 2)),
        call(lambda x: x[MASK], (2, 3)),
        call(lambda x: x[MASK], (2, 3, 2)),
        call(lambda x: x[:, [True, False, True]], (2, 3)),
        call(lambda x: x[MASK[0], 1:], (3, 2)),
        call(lambda x: x[np.zeros(2, bool)], (2, 3)),
        call(lambda x: x[np.array([], int)], (3,)),
        call(lambda x: x[np.int64(1)], (3,)),
        call(lambda x: x[True], (3,)),
    ],
    primitives.scatter_add: [
        call(lambda g: primitives.scatter_add(g, ROWS, (3,)), (4,)),
        call(lambda g: primitives.scatter_add(g, (slice(None), COLUMNS), (2, 3)), (2, 4)),
        call(lambda g: primitives.scatter_add(g, (ROWS, slice(None), COLUMNS), (2, 2, 3)), (4, 2)),
        call(lambda g: primitives.scatter_add(g, MASK, (2, 3)), (3,)),
        call(lambda g: primitives.scatter_add(g, (..., 1), (2, 3)), (2,)),
        call(lambda g: primitives.scatter_add(g, 1, (3,)), ()),
    ],
    primitives.cast: [
        real(lambda x: primitives.cast(x, x.dtype), (2, 3)),
    ],
}

JOINT = {
    np.where: [
        call(lambda x, y: np.where(MASK, x, y), (2, 3), (3,)),
        call(lambda x, y: np.where(MASK, x, y), (2, 1), ()),
        call(lambda x: np.where(MASK, x, 2.0), (2, 3)),
        call(lambda x: np.where(MASK[:, :, None], 1, x), (2, 1, 2)),
        call(lambda x, y: np.where(True, x, y), (2, 3), (3,)),
        call(lambda x, y: np.where([True, False, True], x, y), (), (2, 1)),
        real(lambda x, y: np.where(x > y, x * y, x - y), (2, 3), (3,)),
        real(lambda x: np.where(x > 0, x, np.zeros(4)), (3, 1)),
    ],
    np.concatenate: [
        call(lambda x, y: np.concatenate([x, y]), (2, 3), (1, 3)),
        call(lambda x, y: np.concatenate((x, y), axis=-1), (2, 3), (2, 0)),
        call(lambda x, y: np.concatenate([x, np.ones((2, 2)), y, x], 1), (2, 1), (2, 2)),
        call(lambda x, y: np.concatenate([x, y], axis=None), (2, 3), ()),
        call(lambda x: np.concatenate([x]), (3,)),
    ],
    np.matmul: [
        call(lambda x, y: np.matmul(x, y), (3,), (3,)),
        call(lambda x, y: x @ y, (2, 3), (3, 4)),
        call(lambda x, y: x @ y, (3,), (3, 4)),
        call(lambda x, y: x @ y, (2, 3), (3,)),
        call(lambda x, y: x @ y, (5, 2, 3), (5, 3, 4)),
        call(lambda x, y: x @ y, (5, 2, 3), (3, 4)),
        call(lambda x, y: x @ y, (2, 3), (5, 3, 4)),
        call(lambda x, y: x @ y, (5, 1, 2, 3), (4, 3, 2)),
        call(lambda x, y: x @ y, (3,), (5, 3, 4)),
        call(lambda x, y: x @ y, (5, 2, 3), (3,)),
        call(lambda x, y: x @ y, (2, 0), (0, 3)),
        call(lambda x: x @ x.T, (2, 3)),
        call(lambda x: np.ones((4, 2)) @ x, (2, 3)),
        call(lambda x: x @ np.ones((3, 2)), (5, 2, 3)),
    ],
    np.einsum: [
        call(lambda x, y: np.einsum("ij,jk->ik", x, y), (2, 3), (3, 4)),
        call(lambda x, y: np.einsum("ij,jk", x, y), (2, 3), (3, 4)),
        call(lambda x, y: np.einsum("ba,b", x, y), (2, 3), (2,)),
        call(lambda x: np.einsum("ij->", x), (2, 3)),
        call(lambda x: np.einsum("ij->j", x), (2, 3)),
        call(lambda x: np.einsum("ji", x), (2, 3)),
        call(lambda x: np.einsum("ii", x), (3, 3)),
        call(lambda x: np.einsum("ii->i", x), (3, 3)),
        call(lambda x: np.einsum("iij->j", x), (2, 2, 3)),
        call(lambda x: np.einsum("iii->i", x), (2, 2, 2)),
        call(lambda x, y: np.einsum("i,j->ji", x, y), (2,), (3,)),
        call(lambda x, y, z: np.einsum("ij,jk,kl->il", x, y, z), (2, 3), (3, 2), (2, 4)),
        call(lambda x, y, z: np.einsum("i,i,i", x, y, z), (3,), (3,), (3,)),
        call(lambda x, y: np.einsum("...ij,...jk->...ik", x, y), (5, 2, 3), (3, 4)),
        call(lambda x, y: np.einsum("i...,i", x, y), (3, 2), (3,)),
        call(lambda x, y: np.einsum("...,...", x, y), (2, 3), (3,)),
        call(lambda x: np.einsum("...i->...", x), (2, 3)),
        call(lambda x, y: np.einsum("ij, j -> i", x, y), (2, 3), (3,)),
        call(lambda x: np.einsum("i,i->", x, np.ones(3)), (3,)),
        call(lambda x: np.einsum("ij,ij->i", x, x), (2, 3)),
        call(
            lambda x, y: np.einsum("ij,jk->ik", x, y), (2, 1), (3, 4)
        ),  # a length-1 axis stretches
        call(lambda x, y: np.einsum(",ij->ij", x, y), (), (2, 3)),
        call(lambda x, y: np.einsum("ij,jk->ik", x, y, optimize=True), (2, 3), (3, 4)),
    ],
}

COMPOSITE = {
    **{
        f: [
            call(lambda x, f=f: f(x), (2, 3)),
            call(lambda x, f=f: f(x, axis=0), (2, 3)),
            call(lambda x, f=f: f(x, -1, keepdims=True), (2, 3)),
            call(lambda x, f=f: f(x, axis=(0, -1)), (2, 3, 2)),
            call(lambda x, f=f: f(x), ()),
            call(lambda x, f=f: f(x, axis=1), (0, 3)),
        ]
        for f in (np.max, np.min, np.amax, np.amin)
    },
    np.prod: [
        call(lambda x: np.prod(x), (2, 3)),
        call(lambda x: np.prod(x, axis=0), (5, 2)),
        call(lambda x: np.prod(x, -1, keepdims=True), (2, 3)),
        call(lambda x: np.prod(x, axis=(2, 0)), (2, 3, 2)),
        call(lambda x: np.prod(x, axis=1), (2, 0)),
        call(lambda x: np.prod(x), ()),
        call(lambda x: np.prod(x, axis=0), ZEROS),
        call(lambda x: np.prod(x, axis=1, keepdims=True), ZEROS),
        call(lambda x: np.multiply.reduce(x), (3, 2)),
    ],
    np.cumprod: [
        call(lambda x: np.cumprod(x), (2, 3)),
        call(lambda x: np.cumprod(x, axis=0), (5, 2)),
        call(lambda x: np.cumprod(x, axis=-1), (2, 3)),
        call(lambda x: np.cumprod(x, axis=0), ZEROS),
        call(lambda x: np.cumprod(x, axis=1), ZEROS),
        call(lambda x: np.cumprod(x), (0,)),
        call(lambda x: np.multiply.accumulate(x, axis=1), (2, 3)),
    ],
    np.var: [
        real(lambda x: np.var(x), (2, 3)),
        real(lambda x: np.var(x, axis=0, ddof=1), (3, 2)),
        real(lambda x: np.var(x, axis=(0, -1), keepdims=True), (2, 3, 2)),
    ],
    np.std: [
        real(lambda x: np.std(x), (2, 3)),
        real(lambda x: np.std(x, -1, ddof=1, keepdims=True), (2, 3)),
        real(lambda x: np.std(x, axis=(0, 1)), (2, 3, 2)),
    ],
    np.sort: [
        call(lambda x: np.sort(x), (2, 4)),
        call(lambda x: np.sort(x, axis=0), (4, 2)),
        call(lambda x: np.sort(x, axis=None), (2, 3)),
        call(lambda x: np.sort(x), (0,)),
    ],
    composite.euclidean_norm: [
        real(lambda x: composite.euclidean_norm(x, (0, 1), False), (2, 3)),
        real(lambda x: composite.euclidean_norm(x, (1,), True), (2, 3)),
    ],
    np.linalg.norm: [
        real(lambda x: np.linalg.norm(x), (3,)),
        real(lambda x: np.linalg.norm(x), (2, 3)),
        real(lambda x: np.linalg.norm(x), (2, 3, 2)),
        real(lambda x: np.linalg.norm(x, axis=-1), (2, 3)),
        real(lambda x: np.linalg.norm(x, axis=(0, 2), keepdims=True), (2, 3, 2)),
        real(lambda x: np.linalg.norm(x, "fro"), (2, 3)),
        real(lambda x: np.linalg.norm(x, 2), (3,)),
        real(lambda x: np.linalg.norm(x, 1, axis=0), (2, 3)),
        real(lambda x: np.linalg.norm(x, np.inf), (4,)),
        real(lambda x: np.linalg.norm(x, ord=-np.inf, axis=1, keepdims=True), (2, 3)),
    ],
    np.linalg.inv: [
        call(lambda x: np.linalg.inv(x), REGULAR),
        call(lambda x: np.linalg.inv(x), REGULARS),
    ],
    np.linalg.det: [
        call(lambda x: np.linalg.det(x), REGULAR),
        call(lambda x: np.linalg.det(x), REGULARS),
    ],
    algebra.logabsdet: [
        real(lambda x: algebra.logabsdet(x), REGULAR),
        real(lambda x: algebra.logabsdet(x), REGULARS),
    ],
    np.linalg.slogdet: [
        real(lambda x: np.linalg.slogdet(x)[1], REGULAR),
        real(lambda x: np.linalg.slogdet(x).logabsdet * np.linalg.slogdet(x).sign, REGULARS),
    ],
    np.linalg.cholesky: [
        real(lambda x: np.linalg.cholesky(spd(x)), (3, 3)),
        real(lambda x: np.linalg.cholesky(spd(x)), (2, 3, 3)),
    ],
    np.linalg.solve: [
        call(lambda a, b: np.linalg.solve(a, b), REGULAR, (3,)),
        call(lambda a, b: np.linalg.solve(a, b), REGULAR, (3, 2)),
        call(lambda a, b: np.linalg.solve(a, b), REGULARS, (2, 3, 2)),
        call(lambda a, b: np.linalg.solve(a, b), REGULARS, (3, 2)),
        call(lambda a, b: np.linalg.solve(a, b), REGULAR, (2, 3, 2)),
        call(lambda a, b: np.linalg.solve(a, b), REGULARS, (3,)),
        call(lambda a: np.linalg.solve(a, np.ones(3)), REGULAR),
        call(lambda b: np.linalg.solve(np.eye(3) + 0.3, b), (3, 2)),
    ],
}
