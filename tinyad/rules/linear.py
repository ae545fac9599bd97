"""Linear rows of one operand: each is its own tangent, and gives its transpose.

A transpose takes the adjoint g, the shape of the operand and the function's options. Everything
that only moves entries about (roll, tile, diag, sort by given positions ...) is one program of
reshape and index, and needs no row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyad.rules.primitives import (
    Shape,
    broadcast_to,
    cast,
    index,
    scatter_add,
    settled,
    shape_of,
    sum_to,
)
from tinyad.rules.rows import Bound, Differentiable, Formula, Options, Row, Values


@dataclass(eq=False, kw_only=True)
class Linear(Differentiable):
    """Linear in its one operand.

    `batched` is the function on a tangent with a batch axis at the end; without it the function
    itself will do, because its options count axes from the front.
    """

    transpose: Formula
    batched: Formula | None = None

    def tangent(
        self, answer: Any, primals: Values, tangents: Values, options: Options, batched: bool
    ) -> Any:
        """Apply the function to the tangent."""
        if batched and self.batched is not None:
            return self.batched(tangents[0], **options)
        return self.value(tangents[:1], options)

    def needs(self, active: tuple[bool, ...]) -> set[int]:
        """A transpose of one operand reads no values."""
        return set()

    def pullback(
        self, adjoint: Any, argument: int, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Apply the transpose to the adjoint."""
        return self.transpose(adjoint, shape, **options)


def axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return axis numbers as NumPy reads them, counted from the front; None means all.

    >>> axes(-1, 3), axes(None, 2), axes((0, -1), 3)
    ((2,), (0, 1), (0, 2))
    """
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    return np.lib.array_utils.normalize_axis_tuple(axis, ndim)


def reduction(a: Any, axis: Any = None, *, keepdims: bool = False) -> Bound:
    """Read the arguments of a function that reduces along axes."""
    return (a,), {"axis": axes(axis, len(shape_of(a))), "keepdims": bool(keepdims)}


def spread(g: Any, shape: Shape, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Repeat what a reduction left over along the axes that it reduced."""
    return broadcast_to(keep(g, shape, axis, keepdims), shape)


def keep(reduced: Any, shape: Shape, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Put the reduced axes back with length 1, so that the result fits the operand again."""
    if keepdims or len(axis) == len(shape):
        return reduced
    return np.reshape(reduced, [1 if k in axis else n for k, n in enumerate(shape)])


def count(shape: Shape, axis: Sequence[int]) -> int:
    """How many entries each result of a reduction stands for."""
    return math.prod(shape[k] for k in axis)


def read_reshape(a: Any, /, shape: Any = None, *, order: str = "C", newshape: Any = None) -> Bound:
    """Read the arguments of reshape; the new shape is worked out, -1 included."""
    if order != "C":
        raise TypeError(f"order={order!r}")
    return (a,), {"shape": np.empty(shape_of(a), dtype=bool).reshape(newshape if shape is None else shape).shape}


def read_transpose(a: Any, axes: Any = None) -> Bound:
    """Read the arguments of transpose."""
    ndim = len(shape_of(a))
    order = range(ndim)[::-1] if axes is None else [k % ndim for k in axes]
    return (a,), {"axes": tuple(order)}


def read_cumsum(a: Any, axis: Any = None) -> Bound:
    """Read the arguments of cumsum; without an axis it runs over the flattened array."""
    if axis is None:
        return (np.reshape(a, -1),), {"axis": 0}
    return (a,), {"axis": axes(axis, len(shape_of(a)))[0]}


def fitted(key: Any) -> Any:
    """The key that leaves a batch axis at the end alone."""
    keys = key if isinstance(key, tuple) else (key,)
    return (*keys, slice(None)) if any(k is Ellipsis for k in keys) else key


ROWS: tuple[Row, ...] = (
    # what np.sum comes to, without its wrapper
    Linear(function=np.add.reduce, name="sum", read=reduction, transpose=spread),
    Linear(
        function=np.mean,
        name="mean",
        read=reduction,
        transpose=lambda g, shape, axis, keepdims: spread(
            g / count(shape, axis), shape, axis, keepdims
        ),
    ),
    Linear(
        function=np.cumsum,
        name="cumsum",
        read=read_cumsum,
        transpose=lambda g, shape, axis: np.flip(np.cumsum(np.flip(g, axis), axis), axis),
    ),
    Linear(
        function=cast,
        name="astype",
        read=lambda value, dtype: ((value,), {"dtype": dtype}),
        transpose=lambda g, shape, dtype: g,
    ),
    Linear(
        function=np.reshape,
        name="reshape",
        read=read_reshape,
        transpose=lambda g, to, shape: np.reshape(g, to),
        batched=lambda t, shape: np.reshape(t, (*shape, t.shape[-1])),
    ),
    Linear(
        function=np.transpose,
        name="transpose",
        read=read_transpose,
        transpose=lambda g, shape, axes: np.transpose(g, tuple(np.argsort(axes))),
        batched=lambda t, axes: np.transpose(t, (*axes, len(axes))),
    ),
    Linear(
        function=np.broadcast_to,
        name="broadcast_to",
        read=lambda array, shape: ((array,), {"shape": np.broadcast_shapes(shape)}),
        transpose=lambda g, to, shape: sum_to(g, to),
        batched=lambda t, shape: broadcast_to(t, (*shape, t.shape[-1])),
    ),
    Linear(
        function=index,
        name="index",
        read=lambda value, key: ((value,), {"key": settled(key)}),
        transpose=lambda g, shape, key: scatter_add(g, key, shape),
        batched=lambda t, key: index(t, fitted(key)),
    ),
    Linear(
        function=scatter_add,
        name="scatter_add",
        read=lambda value, key, shape: ((value,), {"key": key, "shape": shape}),
        transpose=lambda g, to, key, shape: index(g, key),
        batched=lambda t, key, shape: scatter_add(t, fitted(key), (*shape, t.shape[-1])),
    ),
)
