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
from tinyad.arraylike import ArrayBox
from tinyad.errors import ArgumentError, OutputError, unwrapped
from tinyad.interpretation import Interpretation
from tinyad.rules.primitives import ones_like, shape_of, stop, zeros_like
from tinyad.rules.rows import NO_OPTIONS, Differentiable, Options
from tinyad.trees import flatten


class Dual(ArrayBox):
    """A value with its tangent: the number a + b ε."""

    __slots__ = ("tangent",)

    def __init__(self, value: Any, tangent: Any, interpretation: Interpretation) -> None:
        self.value = value
        self.tangent = tangent
        self.interpretation = interpretation


class Forward(Interpretation):
    """Compute each operation's value, and its tangent by the operation's rule.

    With `batched` all tangents have one more axis, the last, and carry many directions at once.
    """

    def __init__(self, batched: bool = False) -> None:
        super().__init__()
        self.batched = batched

    def process(
        self, row: Differentiable, operands: Sequence[Any], options: Options = NO_OPTIONS
    ) -> Dual:
        """Run one operation on dual numbers."""
        primals, tangents = [], []
        for operand in operands:
            if type(operand) is Dual and operand.interpretation is self:
                primals.append(operand.value)
                tangents.append(operand.tangent)
            else:
                primals.append(np.array(operand) if isinstance(operand, (list, tuple)) else operand)
                tangents.append(None)
        answer = row.value(primals, options)
        return Dual(answer, row.tangent(answer, primals, tangents, options, self.batched), self)


def push(
    function: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    batched: bool = False,
) -> tuple[Any, Any]:
    """Run the function on dual numbers and return (value, tangent), without any checks.

    Where a tangent is None the argument is a constant; so is a result with tangent None.
    """
    with Forward(batched) as forward:
        duals = [
            p if t is None else Dual(p, t, forward) for p, t in zip(primals, tangents, strict=True)
        ]
        result = real_output(unwrapped(function, *duals), name_of(function))
    return (result.value, result.tangent) if forward.owns(result) else (result, None)


def jvp(
    function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, Any]:
    """Return the value and the Jacobian-vector product: the derivative in one direction.

    `primals` are the arguments, `tangents` the direction: one for each argument, shaped and nested
    as it is. Raises ArgumentError where they do not fit, OutputError where the function returns
    no number.

    >>> jvp(lambda x, y: x * x * y + y + 2, (3.0, 4.0), (1.0, 0.0))
    (42.0, 24.0)
    """
    call = Call(function, tuple(range(len(primals))), primals, {})
    directions = [promote(leaf, "The tangent") for leaf in flatten(tuple(tangents))[0]]
    shapes = [shape_of(p) for p in call.leaves], [shape_of(t) for t in directions]
    if shapes[0] != shapes[1]:
        raise ArgumentError(
            f"The primals have shapes {shapes[0]}, the tangents {shapes[1]}.",
            "Pass one tangent per primal, of the same shape.",
        )
    value, tangent = push(call, call.leaves, directions)
    return plain(value), zeros_like(value) if tangent is None else plain(tangent)


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
        value, tangent = push(function, [point], [ones_like(point)])
        tangent = zeros_like(value) if tangent is None else tangent
        return finish(tangent, x) if shape_of(tangent) == () else tangent

    return df


def _entry_by_entry(function: Callable[[Any], Any], point: Any) -> Any:
    """Return the slope in every entry, or raise if an entry depends on another one.

    The sum over the inputs is the slope only if no other input has a part in it. So a second
    direction p travels along: entry by entry, it must come out as p times the first.
    """
    shape = shape_of(point)
    step = np.arange(point.size).reshape(shape)
    p = 2.0 ** -(step * (step + 1) // 2 % 23)  # powers of two, so that a product with p is exact
    tangents = np.stack([np.ones(shape), p], axis=-1).astype(point.dtype)
    value, tangent = push(function, [point], [tangents], batched=True)
    slopes = np.zeros(shape, point.dtype) if tangent is None else tangent[..., 0]
    first, second = stop(slopes), stop(0 * slopes if tangent is None else tangent[..., 1])
    tiny = np.finfo(point.dtype).tiny
    if shape_of(value) != shape or not np.allclose(
        second, first * p, rtol=1e-6, atol=tiny, equal_nan=True
    ):
        raise OutputError(
            f"{name_of(function)} does not act on an array entry by entry: its result has shape "
            f"{shape_of(value)}, or an entry of it depends on other entries.",
            "Use ad.jacfwd for the Jacobian, or ad.jvp for the derivative in one direction.",
        )
    return slopes


def grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the gradient of a scalar function by forward mode: a tangent for each input number.

    Same call and same result as `ad.grad`; the cost grows with the number of inputs, though the
    tangents of one array travel together.

    >>> grad(lambda x, y: x * x * y + y + 2, argnums=(0, 1))(3, 4)
    (24.0, 10.0)
    """

    def gradient(*args: Any, **options: Any) -> Any:
        call = Call(function, argnums, args, options)

        def run(*leaves: Any) -> Any:
            return scalar_output(call.run(leaves), name_of(function))

        partials = [jacobian(run, call.leaves, k) for k in range(len(call.leaves))]
        return call.gradient(partials)

    return gradient


def jacobian(function: Callable[..., Any], leaves: Sequence[Any], k: int) -> Any:
    """Return the Jacobian in argument k, of shape output + input: one pass for all directions."""
    leaf = leaves[k]
    shape = shape_of(leaf)
    if shape == ():
        seeds: Any = ones_like(leaf)
    elif 0 in shape:
        seeds = None  # an empty array has no direction to go
    else:
        seeds = np.eye(leaf.size, dtype=leaf.dtype).reshape(*shape, leaf.size)
    tangents = [seeds if j == k else None for j in range(len(leaves))]
    value, tangent = push(function, leaves, tangents, batched=shape != ())
    if tangent is None:
        return np.zeros(shape_of(value) + shape) if shape_of(value) + shape else 0.0
    return np.reshape(tangent, shape_of(value) + shape) if shape else tangent


def jacfwd(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the Jacobian by forward mode: best for few inputs and many outputs.

    Its shape is that of the output followed by that of the argument; a float, if both are
    numbers. With a tuple of argnums a tuple comes back; nested arguments give nested results.

    >>> jacfwd(lambda x: np.stack([x[0] * x[1], x[0] + x[1]]))(np.array([3.0, 4.0]))
    array([[4., 3.],
           [1., 1.]])
    """

    def jacobians(*args: Any, **options: Any) -> Any:
        call = Call(function, argnums, args, options)
        return call.collect([jacobian(call, call.leaves, k) for k in range(len(call.leaves))])

    return jacobians
