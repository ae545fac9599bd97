"""Forward mode: every value travels with its tangent.

A dual number a + b ε holds a value and a tangent; ε² = 0. Run a program on x + ε and the tangent
of the result is the derivative. One pass gives the derivative in one direction, so a gradient of
n inputs takes n passes.

Source: Wengert, A simple automatic derivative evaluation program, 1964; Griewank and Walther,
Evaluating Derivatives, 2008, section 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.arguments import (
    Call,
    check_signature,
    finish,
    name_of,
    plain,
    promote,
    real_output,
    scalar_output,
)
from tinyad.errors import ArgumentError, OutputError, unwrapped
from tinyad.interpretation import Box, Interpretation
from tinyad.rules.primitives import shape_of, zeros_like
from tinyad.rules.rows import Differentiable, Options


class Dual(Box):
    """A value with its tangent: the number a + b ε."""

    __slots__ = ("tangent",)

    def __init__(self, value: Any, tangent: Any, interpretation: Interpretation) -> None:
        self.value = value
        self.tangent = tangent
        self.interpretation = interpretation


class Forward(Interpretation):
    """Compute each operation's value, and its tangent by the operation's rule."""

    def process(self, row: Differentiable, operands: Sequence[Any], options: Options) -> Dual:
        """Run one operation on dual numbers."""
        primals = self.primals(operands)
        answer = row.value(primals, options)
        tangents = [o.tangent if self.owns(o) else None for o in operands]
        return Dual(answer, row.tangent(answer, primals, tangents, options), self)

    def split(self, result: Any) -> tuple[Any, Any]:
        """Return value and tangent of a result; what does not depend on the input has tangent 0."""
        if self.owns(result):
            return result.value, result.tangent
        return result, zeros_like(result)


def push(function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Run the function on dual numbers and return (value, tangent), without any checks."""
    with Forward() as forward:
        duals = [Dual(p, t, forward) for p, t in zip(primals, tangents, strict=True)]
        result = real_output(unwrapped(function, *duals), name_of(function))
    return forward.split(result)


def jvp(
    function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, Any]:
    """Return the value and the Jacobian-vector product: the derivative in one direction.

    `primals` are the arguments, `tangents` the direction: one number or array per argument, of
    its shape. Raises ArgumentError where they do not fit, OutputError where the function returns
    no number.

    >>> jvp(lambda x, y: x * x * y + y + 2, (3.0, 4.0), (1.0, 0.0))
    (42.0, 24.0)
    """
    check_signature(function, primals)
    points = [promote(p, f"Primal {n}") for n, p in enumerate(primals)]
    directions = [promote(t, f"Tangent {n}") for n, t in enumerate(tangents)]
    shapes = [shape_of(p) for p in points], [shape_of(t) for t in directions]
    if shapes[0] != shapes[1]:
        raise ArgumentError(
            f"The primals have shapes {shapes[0]}, the tangents {shapes[1]}.",
            "Pass one tangent per primal, of the same shape.",
        )
    value, tangent = push(function, points, directions)
    return plain(value), plain(tangent)


def derivative(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the derivative of a function of one number.

    The derivative takes what the function takes. On an array the function must act entry by
    entry, and so does its derivative; OutputError says that it does not. Raises ArgumentError for
    what is no number.

    >>> derivative(np.tanh)(0.0)
    1.0
    >>> derivative(derivative(lambda x: x**3))(2.0)
    12.0
    """

    def df(x: Any) -> Any:
        check_signature(function, (x,))
        point = promote(x)
        if shape_of(point) != ():
            return finish(_entry_by_entry(function, point), x)
        _, tangent = push(function, [point], [ones_like(point)])
        return finish(tangent, x) if shape_of(tangent) == () else tangent

    return df


class TwoTangents(Forward):
    """Forward mode in two directions at once: each tangent is a pair."""

    def process(self, row: Differentiable, operands: Sequence[Any], options: Options) -> Dual:
        """Run one operation on dual numbers with two tangents."""
        primals = self.primals(operands)
        answer = row.value(primals, options)
        pairs = [o.tangent if self.owns(o) else (None, None) for o in operands]
        sides = zip(*pairs, strict=True)
        return Dual(answer, tuple(row.tangent(answer, primals, s, options) for s in sides), self)


def _entry_by_entry(function: Callable[[Any], Any], point: Any) -> Any:
    """Return the derivative of every entry, or raise if an entry depends on another one.

    The sum over the inputs is the derivative only if no other input has a part in it. So a second
    direction p travels along: entry by entry, it must come out as p times the first.
    """
    step = np.arange(np.prod(point.shape))
    # powers of two, so that a product with p is exact
    p = 2.0 ** -(step * (step + 1) // 2 % 23).reshape(point.shape).astype(point.dtype)
    with TwoTangents() as both:
        result = real_output(
            unwrapped(function, Dual(point, (ones_like(point), p), both)), name_of(function)
        )
    first, second = result.tangent if both.owns(result) else [zeros_like(result)] * 2
    if shape_of(result) != point.shape or not _equal(first * p, second):
        raise OutputError(
            f"{name_of(function)} does not act on an array entry by entry: its result has shape "
            f"{shape_of(result)}, or an entry of it depends on other entries.",
            "Use ad.jvp, which gives the derivative in one direction.",
        )
    return first


def _equal(a: Any, b: Any) -> bool:
    """Compare numbers, of which other modes may be watching the history."""
    while isinstance(a, Box):
        a = a.value
    while isinstance(b, Box):
        b = b.value
    return np.allclose(a, b, rtol=1e-6, atol=np.finfo(np.asarray(a).dtype).tiny, equal_nan=True)


def grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the gradient of a scalar function by forward mode: one pass for each input number.

    Same call and same result as `ad.grad`; the cost grows with the number of inputs.

    >>> grad(lambda x, y: x * x * y + y + 2, argnums=(0, 1))(3, 4)
    (24.0, 10.0)
    """

    def gradient(*args: Any, **options: Any) -> Any:
        call = Call(function, argnums, args, options)
        partials = [_partials(call, k) for k in range(len(call.leaves))]
        return call.gradient(partials)

    return gradient


def _partials(call: Call, k: int) -> Any:
    """Return the partial derivatives in every entry of leaf k, a pass each."""
    leaf = call.leaves[k]

    def f(x: Any) -> Any:
        leaves = [*call.leaves[:k], x, *call.leaves[k + 1 :]]
        return scalar_output(call.run(leaves), name_of(call.function))

    if shape_of(leaf) == ():
        return push(f, [leaf], [ones_like(leaf)])[1]
    directions = np.eye(leaf.size, dtype=leaf.dtype).reshape(leaf.size, *leaf.shape)
    return np.array([push(f, [leaf], [d])[1] for d in directions]).reshape(leaf.shape)


def ones_like(value: Any) -> Any:
    """One, of the same shape and precision; of a float, the float 1.0."""
    return 1.0 if type(value) is float else np.ones_like(value)
