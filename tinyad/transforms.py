"""What composes out of the modes."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.arguments import (
    Call,
    name_of,
    promote,
    real_output,
    scalar_output,
)
from tinyad.errors import ArgumentError
from tinyad.interpretation import Box, apply
from tinyad.modes.forward import jacfwd, jacobian, push
from tinyad.modes.reverse import grad, jacrev
from tinyad.modes.tape import Reverse, sweep
from tinyad.rules.primitives import Shape, index, shape_of, stop, zeros_like
from tinyad.rules.rows import NO_OPTIONS, Differentiable, Options, Values
from tinyad.trees import Rebuild, flatten

__all__ = ["checkpoint", "hessian", "hvp", "jacfwd", "jacrev", "stop_gradient"]


def stop_gradient(x: Any) -> Any:
    """Return x as a constant: its value goes on, no derivative passes through.

    x is a number, an array, or nested lists, tuples and dicts of them.

    >>> from tinyad.modes.reverse import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    leaves, rebuild = flatten(x)
    return rebuild([stop(leaf) for leaf in leaves])


def _gradient(call: Call) -> Callable[..., Any]:
    """Return the gradient of a call as a function of its leaves: all entries in one vector.

    The gradient in a single leaf keeps that leaf's shape.
    """

    def run(*leaves: Any) -> Any:
        return scalar_output(call.run(leaves), name_of(call.function))

    def gradient(*leaves: Any) -> Any:
        slopes = grad(run, tuple(range(len(leaves))))(*leaves)
        return slopes[0] if len(slopes) == 1 else np.concatenate([np.ravel(s) for s in slopes])

    return gradient


def _cut(vector: Any, leaves: Sequence[Any], behind: Shape = ()) -> list[Any]:
    """Cut a vector of all entries into pieces of the leaves' shapes; undo `_gradient`."""
    if len(leaves) == 1:
        return [vector]
    pieces = np.split(vector, np.cumsum([np.size(leaf) for leaf in leaves])[:-1])
    shapes = [shape_of(leaf) + behind for leaf in leaves]
    return [np.reshape(p, s) if s else p[0] for p, s in zip(pieces, shapes, strict=True)]


def hessian(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the matrix of second derivatives of a scalar function: forward over reverse.

    All directions of an array travel at once, so it takes one pass an array. The shape is the
    argument's twice; with a tuple of argnums it is a tuple of tuples, and nested arguments give
    nested results of nested results.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1] + x[1] + 2)(np.array([3.0, 4.0]))
    array([[8., 6.],
           [6., 0.]])
    """

    def second(*args: Any, **options: Any) -> Any:
        call = Call(function, argnums, args, options)
        gradient, leaves = _gradient(call), call.leaves
        columns = [
            _cut(jacobian(gradient, leaves, k), leaves, shape_of(leaf))
            for k, leaf in enumerate(leaves)
        ]
        return call.collect([call.collect(row) for row in zip(*columns, strict=True)])

    return second


def hvp(function: Callable[..., Any], x: Any, v: Any) -> Any:
    """Return the Hessian of a scalar function at x times the vector v, without the Hessian.

    v is shaped and nested as x is. It costs about as much as two gradients (Pearlmutter, 1994).
    Raises ArgumentError where v does not fit.

    >>> import numpy as np
    >>> hvp(lambda x: x[0] ** 2 * x[1], np.array([3.0, 4.0]), np.array([1.0, 0.0]))
    array([8., 6.])
    """
    call = Call(function, 0, (x,), {})
    direction = [promote(leaf, "The vector") for leaf in flatten(v)[0]]
    shapes = [shape_of(leaf) for leaf in call.leaves], [shape_of(leaf) for leaf in direction]
    if shapes[0] != shapes[1]:
        raise ArgumentError(
            f"The point has shapes {shapes[0]}, the vector {shapes[1]}.",
            "Pass a vector shaped and nested as the point is.",
        )
    value, tangent = push(_gradient(call), call.leaves, direction)
    product = np.zeros(shape_of(value)) if tangent is None else tangent
    return call.gradient(_cut(product, call.leaves))


class Recomputed(Differentiable):
    """The row of one checkpointed call: it keeps the operands, and runs the function again.

    What it computes is checkpointed in turn, so that memory falls in derivatives of derivatives
    too. Without a tape below, that is the function itself, and the regress ends.
    """

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        super().__init__(function=function, name=name)
        self._adjoint: Any = None
        self._terms: dict[int, Any] = {}

    def value(self, primals: Sequence[Any], options: Options = NO_OPTIONS) -> Any:
        """Run the function, with none of its operations recorded on this tape."""
        return checkpoint(self.function)(*primals)

    def tangent(
        self, answer: Any, primals: Values, tangents: Values, options: Options, batched: bool
    ) -> Any:
        """Run the function on dual numbers."""
        n = len(primals)

        def push_forward(*operands: Any) -> Any:
            value, tangent = push(self.function, operands[:n], operands[n:], batched)
            if tangent is not None:
                return tangent
            size = next(shape_of(t)[-1:] for t in operands[n:] if t is not None) if batched else ()
            return np.zeros(shape_of(value) + size) if shape_of(value) + size else 0.0

        return checkpoint(push_forward)(*primals, *tangents)

    def needs(self, active: tuple[bool, ...]) -> set[int]:
        """All operands, and nothing else."""
        return set(range(1, len(active) + 1))

    def pullback(
        self, adjoint: Any, argument: int, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Run the function on a tape of its own and sweep that: once for all arguments."""
        if adjoint is not self._adjoint or argument not in self._terms:
            terms = checkpoint(self._swept)(adjoint, *operands[1:])
            self._adjoint, self._terms = adjoint, dict(enumerate(terms))
        return self._terms.pop(argument)

    def _swept(self, adjoint: Any, *operands: Any) -> list[Any]:
        with Reverse(operands) as reverse:
            result = self.function(*reverse.inputs())
        output = reverse.position(result)
        adjoints = sweep(reverse.tape, output, adjoint, len(operands), free=True)
        return [zeros_like(x) if g is None else g for g, x in zip(adjoints, operands, strict=True)]


def checkpoint(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function with the same values and derivatives, whose inside is not recorded.

    Reverse mode keeps only its arguments, and runs it again when the sweep comes by: less memory
    for one more evaluation. Other modes keep nothing and run it as it is. Arguments and results
    are numbers, arrays, or nested lists, tuples and dicts of them. The function must give the same
    result the second time, and get every traced value as an argument, or ArgumentError is raised.
    Of n steps in √n checkpointed stages, reverse mode keeps about 2√n values instead of n.

    Source: Griewank and Walther, Evaluating Derivatives, 2008, chapter 12.

    >>> f = checkpoint(lambda x, y: x * x * y + y + 2)
    >>> grad(f, argnums=(0, 1))(3.0, 4.0)
    (24.0, 10.0)
    """

    @functools.wraps(function)
    def recomputed(*args: Any, **options: Any) -> Any:
        leaves, rebuild = flatten((args, options))
        boxes = [leaf for leaf in leaves if isinstance(leaf, Box)]
        if not any(map(_on_a_tape, boxes)):
            return function(*args, **options)
        stage = Stage(function, leaves, rebuild)
        result = apply(Recomputed(stage, name_of(function)), boxes)
        inner = result.value
        if isinstance(inner, Box) and inner.interpretation.level >= result.interpretation.level:
            raise ArgumentError(
                f"{name_of(function)} uses a traced value that is not among its arguments; it "
                "could not run again once that value's pass is over.",
                "Pass the value as an argument of the checkpointed function.",
            )
        return stage.unpack(result)

    return recomputed


class Stage:
    """One call of a checkpointed function: boxes in, one array out, whatever their nesting."""

    def __init__(
        self, function: Callable[..., Any], leaves: Sequence[Any], rebuild: Rebuild
    ) -> None:
        self.function, self._arguments = function, rebuild
        self._places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, Box)]
        # the learner's own arrays may change before the function runs again
        self._leaves = [x.copy() if isinstance(x, np.ndarray) else x for x in leaves]
        for k in self._places:
            self._leaves[k] = None
        self._parts: list[tuple[Shape, Any]] = []  # shape and type of each part of the result
        self._results: Rebuild | None = None

    def __call__(self, *operands: Any) -> Any:
        """Run the function; a result of several parts comes back as one vector."""
        leaves = list(self._leaves)
        for k, operand in zip(self._places, operands, strict=True):
            leaves[k] = operand
        args, options = self._arguments(leaves)
        result = self.function(*args, **options)
        if not isinstance(result, list | tuple | dict):
            return real_output(result, name_of(self.function))
        parts, self._results = flatten(result)
        self._parts = [
            (shape_of(part), getattr(real_output(part, name_of(self.function)), "dtype", None))
            for part in parts
        ]
        return np.concatenate([np.reshape(part, -1) for part in parts])

    def unpack(self, vector: Any) -> Any:
        """Give the parts of a result back their shapes, types and nesting."""
        if self._results is None:
            return vector
        parts, start = [], 0
        for shape, dtype in self._parts:
            end = start + math.prod(shape)
            part = np.reshape(index(vector, slice(start, end)), shape)
            parts.append(part if dtype in (None, part.dtype) else part.astype(dtype))
            start = end
        return self._results(parts)


def _on_a_tape(box: Any) -> bool:
    """Does reverse mode record this value, at whatever level?"""
    while isinstance(box, Box):
        if isinstance(box.interpretation, Reverse):
            return True
        box = box.value
    return False
