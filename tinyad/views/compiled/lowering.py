"""From a record to terms: what no result needs is left out, the rest made smaller.

The rewriting rules that hold for arrays of any kind are those of rewrite.py. The few added here
are about arrays: numbers stay numbers instead of being spread out over an array, and the shapes
that a sum over broadcast axes passes through vanish.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.rewrite import Term, Terms
from tinyad.rules import TABLE, Row
from tinyad.rules.constant import FUNCTIONS
from tinyad.rules.elementwise import ROWS
from tinyad.rules.primitives import index, scatter_add, sech_squared, shape_of, stop
from tinyad.rules.rows import NO_OPTIONS, Options
from tinyad.views.record import Record, Ref

ADD, MULTIPLY = TABLE[np.add], TABLE[np.multiply]
SUM, RESHAPE, BROADCAST = TABLE[np.sum], TABLE[np.reshape], TABLE[np.broadcast_to]
CONCATENATE, NEGATIVE = TABLE[np.concatenate], TABLE[np.negative]
WHERE, SCATTER = TABLE[np.where], TABLE[scatter_add]
ENTRYWISE = {
    WHERE,
    *ROWS,
    *(TABLE[f] for f in FUNCTIONS if isinstance(f, np.ufunc) and f.signature is None),
}
# Linear in each operand, and the result not larger than the operands.
LINEAR = {SUM, RESHAPE, *(TABLE[f] for f in (np.mean, np.transpose, index, np.matmul, np.einsum))}


class Lowering:
    """Builds the terms of a record, operands first; `images[k]` is what position k became."""

    def __init__(self, record: Record, inputs: Sequence[str], wanted: Sequence[Any]) -> None:
        self.terms = Terms(algebraic=False)
        self.images: dict[int, Any] = {}
        for position in sorted(_needed(record, wanted)):
            step = record.steps[position]
            if step.row is None:
                self.images[position] = self.terms.input(inputs[position], step.value)
            else:
                images = self.images
                operands = [images[o] if type(o) is Ref else o for o in step.operands]
                images[position] = self.build(step.row, operands, step.options, step.value)

    def image(self, operand: Any) -> Any:
        """What an operand of the record became."""
        return self.images[operand] if type(operand) is Ref else operand

    def build(
        self, row: Row, operands: Sequence[Any], options: Options = NO_OPTIONS, example: Any = None
    ) -> Any:
        """Return the term of this operation, or something smaller that is worth the same."""
        if example is None:
            with np.errstate(all="ignore"):
                example = row.value([seen(o) for o in operands], options)
        if type(example) is np.ndarray and row in ENTRYWISE and len(operands) > 1:
            operands = _narrowed(operands)
        negated = _negated(operands) if row in LINEAR else None
        if negated is not None:
            positive = self.build(row, negated, options, -example)
            return self.build(NEGATIVE, (positive,), example=example)
        special = SPECIAL.get(row)
        if special is not None:
            found = special(self, operands, options, example)
            if found is not None:
                return found
        return self.terms.apply(row, operands, options, example)


def seen(operand: Any) -> Any:
    """The value that an operand had when the program was recorded."""
    return operand.example if isinstance(operand, Term) else operand


def _needed(record: Record, wanted: Sequence[Any]) -> set[int]:
    """The positions that these ones are made of."""
    needed = {int(w) for w in wanted if type(w) is Ref}
    for position in range(len(record.steps) - 1, -1, -1):
        if position in needed:
            needed.update(o for o in record.steps[position].operands if type(o) is Ref)
    return needed


def _negated(operands: Sequence[Any]) -> Sequence[Any] | None:
    """The operands with one sign less: it waits for a sum, or for a smaller array."""
    for k, u in enumerate(operands):
        if isinstance(u, Term) and u.row is NEGATIVE:
            return [*operands[:k], u.operands[0], *operands[k + 1 :]]
    return None


def _narrowed(operands: Sequence[Any]) -> Sequence[Any]:
    """Take numbers that were spread out over an array as numbers, if another operand is as large.

    Shape and precision of the answer must not depend on it.
    """
    values = [seen(o) for o in operands]
    shape = np.broadcast_shapes(*map(shape_of, values))
    types = [_type(v) for v in values]
    result = list(operands)
    for k, operand in enumerate(operands):
        narrow = _narrow(operand)
        if narrow is None:
            continue
        trial = [seen(narrow if j == k else o) for j, o in enumerate(result)]
        other = [_type(v) for v in trial]
        if np.broadcast_shapes(*map(shape_of, trial)) == shape and (
            np.result_type(*other) == np.result_type(*types)
        ):
            result[k] = narrow
    return result


def _type(value: Any) -> Any:
    # Python's own numbers leave the precision of an array as it is
    return value if type(value) in (float, int, bool) else value.dtype


def _narrow(operand: Any) -> Any:
    """The number or smaller array that was spread out to this one, if it was."""
    if isinstance(operand, Term):
        return operand.operands[0] if operand.row is BROADCAST else None
    if not isinstance(operand, np.ndarray) or operand.size == 0:
        return None
    first = operand[(0,) * operand.ndim]
    if operand.tobytes() != first.tobytes() * operand.size:
        return None
    return float(first) if operand.dtype == np.float64 else first


def _product(lowering: Lowering, operands: Sequence[Any], options: Options, example: Any) -> Any:
    """Constants meet across powers of two: c·(2·u), c·(u·(2·v)), 2·(u·(c·v)), (2·u)·(c·v).

    A power of two rounds nothing, down to where numbers lose their digits (below 1e-307). The
    bound on the last two keeps finite what is finite.
    """
    if type(example) is not np.ndarray:
        return None  # nothing is gained
    build = lowering.build
    for a, b in (operands, operands[::-1]):
        (c, u), (d, v) = _scaled(a), _scaled(b)
        if u is None and v is not None and d != 1.0 and _is_exact(d, c):
            return build(MULTIPLY, (c * d, v), example=example)
        if u is not None and v is not None and c != 1.0 != d and _is_bounded(c, d):
            return build(MULTIPLY, (u, build(MULTIPLY, (c * d, v))), example=example)
        if u is None and isinstance(b, Term) and b.row is MULTIPLY:
            for p, q in (b.operands, b.operands[::-1]):
                e, w = _scaled(q)
                if w is not None and e != 1.0 and _is_exact(e, c):
                    return build(MULTIPLY, (c * e, build(MULTIPLY, (p, w))), example=example)
                if w is not None and e != 1.0 and _is_bounded(c, e):
                    return build(MULTIPLY, (p, build(MULTIPLY, (c * e, w))), example=example)
    return None


def _is_exact(d: float, c: float) -> bool:
    """May c·(d·v) be (c·d)·v?"""
    return _is_power_of_two(d) and math.isfinite(c * d)


def _is_bounded(c: float, d: float) -> bool:
    """May c·(u·(d·v)) be u·((c·d)·v)?"""
    return _is_power_of_two(c) and abs(c * d) <= 1.0


def _scaled(operand: Any) -> tuple[float, Any]:
    """Take an operand as c·u; u is None for a number by itself."""
    if type(operand) is float:
        return operand, None
    if isinstance(operand, Term) and operand.row is MULTIPLY:
        for c, u in (operand.operands, operand.operands[::-1]):
            if type(c) is float:
                return c, u
    return 1.0, operand


def _is_power_of_two(number: float) -> bool:
    """Is this 1, 2, 4, 8 ... or the negative of one of them?"""
    return abs(number) >= 1.0 and abs(math.frexp(number)[0]) == 0.5


def _sum_of_scatters(
    lowering: Lowering, operands: Sequence[Any], options: Options, example: Any
) -> Any:
    """A sum of twins is a double; two arrays scattered to the same entries are added first."""
    a, b = operands
    if a is b and isinstance(a, Term) and a.row is MULTIPLY:
        return lowering.build(MULTIPLY, (2.0, a), example=example)
    if not (isinstance(a, Term) and isinstance(b, Term) and a.row is b.row is SCATTER):
        return None
    if (
        not _same_slices(a.options["key"], b.options["key"])
        or a.options["shape"] != b.options["shape"]
    ):
        return None
    inner = lowering.build(ADD, (a.operands[0], b.operands[0]))
    return lowering.build(SCATTER, (inner,), a.options, example)


def _same_slices(a: Any, b: Any) -> bool:
    parts = [key if isinstance(key, tuple) else (key,) for key in (a, b)]
    plain = all(isinstance(k, slice | int | None) or k is Ellipsis for part in parts for k in part)
    return plain and parts[0] == parts[1]


def _reshape(lowering: Lowering, operands: Sequence[Any], options: Options, example: Any) -> Any:
    """A shape that is there already; a sum that kept its axes only to lose them; two in a row."""
    u, shape = operands[0], options["shape"]
    if _unchanged(lowering, operands, options, example) is not None:
        return u
    if not isinstance(u, Term):
        return None
    if u.row is RESHAPE:
        return lowering.build(RESHAPE, u.operands, options, example)
    if u.row is SUM and u.options["keepdims"]:
        before, axes = shape_of(seen(u.operands[0])), u.options["axis"]
        if tuple(n for k, n in enumerate(before) if k not in axes) == shape:
            return lowering.build(SUM, u.operands, {"axis": axes, "keepdims": False}, example)
    return None


def _index(lowering: Lowering, operands: Sequence[Any], options: Options, example: Any) -> Any:
    """An index that only adds axes of length 1 is a reshape."""
    if not _adds_axes(options["key"]) or type(example) is not np.ndarray:
        return None
    return lowering.build(RESHAPE, operands, {"shape": example.shape}, example)


def _adds_axes(key: Any) -> bool:
    keys = key if isinstance(key, tuple) else (key,)
    return all(k is None or k is Ellipsis or (type(k) is slice and k == slice(None)) for k in keys)


def _unchanged(lowering: Lowering, operands: Sequence[Any], options: Options, example: Any) -> Any:
    """The operand itself, where its shape is the one asked for."""
    u = seen(operands[0])
    return operands[0] if type(u) is type(example) and shape_of(u) == shape_of(example) else None


def _sech_squared(
    lowering: Lowering, operands: Sequence[Any], options: Options, example: Any
) -> Any:
    """4e/(1 + e)² with e = exp(-2|x|)."""
    build = lowering.build
    size = build(TABLE[np.absolute], operands)
    e = build(TABLE[np.exp], (build(MULTIPLY, (-2.0, size)),))
    below = build(TABLE[np.square], (build(ADD, (1.0, e)),))
    return build(TABLE[np.divide], (build(MULTIPLY, (4.0, e)), below), example=example)


def _concatenate(
    lowering: Lowering, operands: Sequence[Any], options: Options, example: Any
) -> Any:
    """Where single numbers are stacked, the numbers themselves are the operands."""
    numbers = [o.operands[0] if isinstance(o, Term) and o.row is RESHAPE else o for o in operands]
    if all(isinstance(n, Term) and type(n.example) is float for n in numbers):
        return lowering.terms.apply(CONCATENATE, numbers, options, example)
    return None


SPECIAL: dict[Row, Callable[..., Any]] = {
    MULTIPLY: _product,
    ADD: _sum_of_scatters,
    RESHAPE: _reshape,
    BROADCAST: _unchanged,
    CONCATENATE: _concatenate,
    TABLE[index]: _index,
    SCATTER: _index,
    TABLE[sech_squared]: _sech_squared,
    TABLE[stop]: lambda lowering, operands, options, example: operands[0],
}
