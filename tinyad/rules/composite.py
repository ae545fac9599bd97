"""Composite rows: NumPy's own value, and the tangent as an ordinary NumPy program.

A tangent rule takes the answer, the operand x, its tangent t and the options, and is linear in t.
There is no second formula for reverse mode: it runs the tangent rule on a tape and transposes it.
Matrices have theirs in algebra.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyad.rules.joint import by_slices
from tinyad.rules.linear import axes, count, keep, reduction
from tinyad.rules.primitives import index, indicator, offered, shape_of, stop
from tinyad.rules.rows import (
    Bound,
    Differentiable,
    Formula,
    Options,
    Program,
    Row,
    Values,
    evaluate,
)


@dataclass(eq=False, kw_only=True)
class Composite(Differentiable):
    """A function of one operand with a tangent rule.

    `transpose` is the rule transposed by hand, for a function that is used so often that the
    sweep of a tape of its own would show. A test holds the two together.
    """

    rule: Formula
    transpose: Formula | None = None

    def tangent(
        self, answer: Any, primals: Values, tangents: Values, options: Options, batched: bool
    ) -> Any:
        """Run the tangent rule; for a batch, once for each tangent."""
        (x,), (t,) = primals, tangents
        if batched:
            return by_slices(
                lambda k: self.rule(answer, x, index(t, (..., k)), **options), shape_of(t)[-1]
            )
        return evaluate(self.rule, (answer, x, t), options)

    def needs(self, active: tuple[bool, ...]) -> set[int]:
        """A tangent rule may read the answer and the operand."""
        return {0, 1}


def extreme(ans: Any, x: Any, t: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The tangents of the entries that attain the maximum or minimum, shared evenly."""
    ties = indicator(x == keep(ans, shape_of(x), axis, keepdims), like=x)
    total = np.sum(ties * t, axis=axis, keepdims=keepdims)
    return total / np.sum(ties, axis=axis, keepdims=keepdims)


def extreme_transpose(ans: Any, x: Any, g: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The adjoint for the entries that attain the maximum or minimum, shared evenly."""
    shape = shape_of(x)
    ties = indicator(x == keep(ans, shape, axis, keepdims), like=x)
    shares = keep(g, shape, axis, keepdims) / np.sum(ties, axis=axis, keepdims=True)
    return ties * shares


def prod_rule(ans: Any, x: Any, t: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The product rule, halves multiplied pairwise: right with zeros among the factors."""
    order = (*axis, *(k for k in range(len(shape_of(x))) if k not in axis))
    size = count(shape_of(x), axis)
    rest = [shape_of(x)[k] for k in order[len(axis) :]]
    x, t = (np.reshape(np.transpose(a, order), (size, *rest)) for a in (x, t))
    if size == 0:
        return np.zeros(shape_of(ans), dtype=x.dtype)
    while shape_of(x)[0] > 1:
        half = shape_of(x)[0] // 2
        odd = slice(2 * half, None)
        first, second = slice(0, half), slice(half, 2 * half)
        a, b = index(x, first), index(x, second)
        slope = index(t, first) * b + a * index(t, second)
        x, t = np.concatenate([a * b, index(x, odd)]), np.concatenate([slope, index(t, odd)])
    return np.reshape(t, shape_of(ans))


def cumprod_rule(ans: Any, x: Any, t: Any, axis: int) -> Any:
    """The product rule along a running product, by a scan that doubles its reach."""
    n = shape_of(x)[axis]
    reach = 1
    while reach < n:
        front = (slice(None),) * axis
        early, late = (*front, slice(None, n - reach)), (*front, slice(reach, None))
        head = (*front, slice(None, reach))
        slope = index(t, late) * index(x, early) + index(x, late) * index(t, early)
        product = index(x, late) * index(x, early)
        x = np.concatenate([index(x, head), product], axis)
        t = np.concatenate([index(t, head), slope], axis)
        reach *= 2
    return t


def var_rule(
    ans: Any, x: Any, t: Any, axis: tuple[int, ...], keepdims: bool, ddof: float = 0
) -> Any:
    """Twice the mean of deviation times tangent."""
    centered = x - np.mean(x, axis=axis, keepdims=True)
    free = count(shape_of(x), axis) - ddof
    # divided first: what varies is only added up, and its transpose multiplies by no rounded 1/free
    return 2.0 * np.sum(centered / free * t, axis=axis, keepdims=keepdims)


def std_rule(
    ans: Any, x: Any, t: Any, axis: tuple[int, ...], keepdims: bool, ddof: float = 0
) -> Any:
    """The rule of the square root; 0 where all entries are equal, as for abs at 0.

    There the answer is often not quite 0, because the mean is rounded.
    """
    greatest, least = (np.max(x, axis, keepdims=keepdims), np.min(x, axis, keepdims=keepdims))
    spread = np.where(greatest == least, 0.0, ans)
    return over(0.5 * var_rule(ans, x, t, axis, keepdims, ddof), spread)


def norm_rule(ans: Any, x: Any, t: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The tangent along the direction of x; 0 at the origin, as for abs at 0."""
    unit = over(x, keep(ans, shape_of(x), axis, keepdims))
    return np.sum(unit * t, axis=axis, keepdims=keepdims)


def over(x: Any, length: Any) -> Any:
    """x divided by its length, and 0 where that is 0."""
    return np.where(length == 0, 0.0, x) / np.where(length == 0, 1.0, length)


def logsumexp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """`np.logaddexp.reduce` over any axes, from the largest entry, so that nothing overflows."""
    axis = axes(axis, len(shape_of(a)))
    top = stop(np.max(a, axis=axis, keepdims=True))  # it shifts the sum and cancels out
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.log(np.sum(np.exp(a - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis)


def sort_rule(ans: Any, x: Any, t: Any, axis: int) -> Any:
    """The tangents, moved as the entries are."""
    return np.take_along_axis(t, np.argsort(x, axis=axis), axis)


def read_sort(a: Any, axis: int | None = -1) -> Bound:
    """Read the arguments of sort."""
    if axis is None:
        return (np.reshape(a, -1),), {"axis": 0}
    return (a,), {"axis": axes(axis, len(shape_of(a)))[0]}


def read_cumprod(a: Any, axis: int | None = None) -> Bound:
    """Read the arguments of cumprod; without an axis it runs over the flattened array."""
    return read_sort(a, axis)


def read_var(a: Any, axis: Any = None, *, ddof: float = 0, keepdims: bool = False) -> Bound:
    """Read the arguments of var and std."""
    operands, options = reduction(a, axis, keepdims=keepdims)
    return operands, {**options, "ddof": ddof}


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """`np.linalg.norm` for the orders that are sums or extremes of absolute values."""
    ndim = len(shape_of(x)) if axis is None else len(axes(axis, len(shape_of(x))))
    if ord is None or (ord == 2 and ndim == 1) or (ord == "fro" and ndim == 2):
        return euclidean_norm(x, axes(axis, len(shape_of(x))), keepdims)
    if ndim == 1 and ord in (1, np.inf, -np.inf):
        reduce: Any = {1: np.sum, np.inf: np.max, -np.inf: np.min}[ord]
        return reduce(np.abs(x), axis=axis, keepdims=keepdims)
    raise TypeError(f"ord={ord!r}")


def euclidean_norm(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The square root of the sum of squares, along any axes."""
    answer = offered(euclidean_norm, x, axis, keepdims)
    if answer is not NotImplemented:
        return answer
    if len(axis) > 2:
        return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    return np.linalg.norm(x, axis=axis if len(axis) > 1 else axis[0], keepdims=keepdims)


def composite(function: Any, rule: Formula, read: Any = None, transpose: Any = None) -> Composite:
    """Write one composite row."""
    return Composite(
        function=function, name=function.__name__, rule=rule, read=read, transpose=transpose
    )


ROWS: tuple[Row, ...] = (
    *(
        composite(f, extreme, reduction, extreme_transpose)
        for f in (np.max, np.min, np.amax, np.amin)
    ),
    composite(np.prod, prod_rule, reduction),
    composite(np.cumprod, cumprod_rule, read_cumprod),
    composite(np.var, var_rule, read_var),
    composite(np.std, std_rule, read_var),
    composite(np.sort, sort_rule, read_sort),
    composite(
        euclidean_norm,
        norm_rule,
        lambda x, axis, keepdims: ((x,), {"axis": axis, "keepdims": keepdims}),
    ),
    Program(function=np.linalg.norm, name="norm", program=norm),
)
