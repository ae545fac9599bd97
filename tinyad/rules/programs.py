"""Functions that need no row of their own: each is a small program of other rows.

Three ways cover most of NumPy's bookkeeping. What only reshapes is a reshape; what only reorders
axes is a transpose; what only moves, repeats or drops entries is an index, found by letting NumPy
itself move the numbers 1, 2, 3 ... (0 marks an entry that it filled in).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.rules.linear import axes
from tinyad.rules.primitives import index, settled, shape_of
from tinyad.rules.rows import Program

Function = Callable[..., Any]


def reshapes(function: Function) -> Function:
    """Make the program of a function that gives the same entries another shape."""

    def program(a: Any, *args: Any, **options: Any) -> Any:
        shape = function(np.empty(shape_of(a), dtype=bool), *args, **options).shape
        return np.reshape(a, shape)

    return program


def permutes(function: Function) -> Function:
    """Make the program of a function that reorders axes."""

    def program(a: Any, *args: Any, **options: Any) -> Any:
        order = function(np.empty(range(len(shape_of(a)))), *args, **options).shape
        return np.transpose(a, order)

    return program


def moves(function: Function) -> Function:
    """Make the program of a function that moves, repeats or drops entries, or fills in zeros."""

    def program(a: Any, *args: Any, **options: Any) -> Any:
        shape = shape_of(a)
        numbers = np.arange(1, int(np.prod(shape)) + 1).reshape(shape)
        flat = np.reshape(a, -1)
        if options.get("out") is not None:
            raise TypeError("out=")
        found = function(numbers, *map(settled, args), **options)
        if isinstance(found, list | tuple):
            return [_gather(flat, positions) for positions in found]
        return _gather(flat, found)

    return program


def _gather(flat: Any, positions: Any) -> Any:
    taken = index(flat, np.maximum(positions - 1, 0))
    return taken if np.all(positions > 0) else np.where(positions > 0, taken, 0.0)


def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """`np.clip` as what it means, so that its ties share evenly like those of max and min."""
    lower = a_min if min is None else min
    upper = a_max if max is None else max
    if lower is not None:
        a = np.maximum(a, lower)
    return a if upper is None else np.minimum(a, upper)


def pad(array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Any:
    """`np.pad` for modes that repeat entries, or fill in constants."""
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap"):
        raise TypeError(f"mode={mode!r}")
    if mode != "constant":
        return moves(np.pad)(array, pad_width, mode=mode)
    padded = moves(np.pad)(array, pad_width)
    return padded + np.pad(np.zeros_like(array), pad_width, constant_values=constant_values)


def on_masks(function: Function) -> Function:
    """Make the program of a bitwise function, which on masks is a logical one."""

    def program(*masks: Any) -> Any:
        for mask in masks:
            if getattr(mask, "dtype", np.dtype(type(mask))).kind != "b":
                raise TypeError("it is for masks here, not for numbers")
        return function(*masks)

    return program


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """`np.diff`: neighbors subtracted, n times."""
    for _ in range(n):
        front = (slice(None),) * axes(axis, len(shape_of(a)))[0]
        a = index(a, (*front, slice(1, None))) - index(a, (*front, slice(None, -1)))
    return a


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """`np.stack`: a new axis for each, then concatenate."""
    return np.concatenate([np.expand_dims(a, axis) for a in arrays], axis)


def hstack(tup: Sequence[Any]) -> Any:
    """`np.hstack`."""
    parts = [np.atleast_1d(a) for a in tup]
    return np.concatenate(parts, 0 if len(shape_of(parts[0])) == 1 else 1)


def vstack(tup: Sequence[Any]) -> Any:
    """`np.vstack`."""
    return np.concatenate([np.atleast_2d(a) for a in tup], 0)


def column_stack(tup: Sequence[Any]) -> Any:
    """`np.column_stack`: vectors become columns."""
    columns = [a if len(shape_of(a)) > 1 else np.reshape(a, (-1, 1)) for a in tup]
    return np.concatenate(columns, 1)


def dot(a: Any, b: Any) -> Any:
    """`np.dot`: a product of numbers, vectors, matrices, or a tensordot."""
    ranks = len(shape_of(a)), len(shape_of(b))
    if 0 in ranks:
        return a * b
    return (
        np.matmul(a, b) if max(ranks) <= 2 else np.tensordot(a, b, ((-1,), (max(-2, -ranks[1]),)))
    )


def inner(a: Any, b: Any) -> Any:
    """`np.inner`: last axis against last axis."""
    return a * b if () in (shape_of(a), shape_of(b)) else np.tensordot(a, b, ((-1,), (-1,)))


def outer(a: Any, b: Any) -> Any:
    """`np.outer`."""
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """`np.tensordot`: the axes in question brought together, then one matrix product."""
    ranks = len(shape_of(a)), len(shape_of(b))
    if isinstance(axes, int):
        axes = (range(ranks[0] - axes, ranks[0]), range(axes))
    left, right = ([k % r for k in np.atleast_1d(x)] for x, r in zip(axes, ranks, strict=True))
    free_a = [k for k in range(ranks[0]) if k not in left]
    free_b = [k for k in range(ranks[1]) if k not in right]
    shape = [shape_of(a)[k] for k in free_a] + [shape_of(b)[k] for k in free_b]
    size = int(np.prod([shape_of(a)[k] for k in left]))
    rows = np.reshape(np.transpose(a, free_a + left), (-1, size))
    columns = np.reshape(np.transpose(b, right + free_b), (size, -1))
    return np.reshape(np.matmul(rows, columns), shape)


def kron(a: Any, b: Any) -> Any:
    """`np.kron`: every entry of a times all of b, interleaved."""
    rank = max(len(shape_of(a)), len(shape_of(b)))
    m, n = ((1,) * (rank - len(shape_of(x))) + shape_of(x) for x in (a, b))
    wide = np.reshape(a, [k for size in m for k in (size, 1)])
    fine = np.reshape(b, [k for size in n for k in (1, size)])
    return np.reshape(wide * fine, [p * q for p, q in zip(m, n, strict=True)])


def full_like(a: Any, fill_value: Any) -> Any:
    """`np.full_like`; what fills may vary."""
    return np.zeros_like(a) + fill_value


def average(a: Any, axis: Any = None, weights: Any = None) -> Any:
    """`np.average`, weighted or not."""
    if weights is None:
        return np.mean(a, axis)
    return np.sum(a * weights, axis) / np.sum(np.broadcast_to(weights, shape_of(a)), axis)


PROGRAMS: dict[Function, Function] = {
    **{f: reshapes(f) for f in (np.expand_dims, np.squeeze)},
    **{f: reshapes(f) for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d)},
    **{f: permutes(f) for f in (np.swapaxes, np.moveaxis, np.rollaxis)},
    **{f: moves(f) for f in (np.flip, np.fliplr, np.flipud, np.roll, np.rot90, np.tile)},
    **{f: moves(f) for f in (np.repeat, np.take, np.take_along_axis, np.delete, np.resize)},
    **{f: moves(f) for f in (np.diag, np.diagflat, np.diagonal, np.triu, np.tril)},
    **{f: moves(f) for f in (np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit)},
    np.ravel: lambda a, order="C": np.reshape(a, -1, order=order),
    np.copy: lambda a: +a,
    np.bitwise_and: on_masks(np.logical_and),
    np.bitwise_or: on_masks(np.logical_or),
    np.bitwise_xor: on_masks(np.logical_xor),
    np.invert: on_masks(np.logical_not),
    np.clip: clip,
    np.divmod: lambda x, y: (x // y, x % y),
    np.pad: pad,
    np.diff: diff,
    np.stack: stack,
    np.hstack: hstack,
    np.vstack: vstack,
    np.column_stack: column_stack,
    np.append: lambda arr, values, axis=None: np.concatenate([arr, values], axis),
    np.broadcast_arrays: lambda *args: tuple(
        np.broadcast_to(a, np.broadcast_shapes(*map(shape_of, args))) for a in args
    ),
    np.dot: dot,
    np.inner: inner,
    np.outer: outer,
    np.vdot: lambda a, b: np.matmul(np.reshape(a, -1), np.reshape(b, -1)),
    np.tensordot: tensordot,
    np.kron: kron,
    np.trace: lambda a, *args, **options: np.sum(np.diagonal(a, *args, **options), -1),
    np.full_like: full_like,
    np.average: average,
    np.ptp: lambda a, axis=None: np.max(a, axis) - np.min(a, axis),
}

ROWS = tuple(
    Program(function=f, name=f.__name__, program=program) for f, program in PROGRAMS.items()
)
