"""Reverse mode: write every operation on a tape, then read the tape backward.

The forward pass computes values and appends one entry per operation. The reverse sweep starts
with adjoint 1 at the output and hands each entry's adjoint on to its operands, adding up where a
value was used more than once. The tape is in execution order, so no sort is needed, and a loop
replaces recursion. One sweep gives the derivatives in all inputs.

Source: Linnainmaa, 1970; Griewank and Walther, Evaluating Derivatives, 2008, section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

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
from tinyad.errors import ArgumentError, unwrapped
from tinyad.interpretation import Box, Interpretation
from tinyad.rules.primitives import shape_of, zeros_like
from tinyad.rules.rows import Differentiable, Options

INACTIVE = -1

Pullback = Callable[[Any], tuple[Any, ...]]


class Entry(NamedTuple):
    """One line of the tape: the operation, whom it hands adjoints to, and what that takes."""

    row: Differentiable
    parents: tuple[int, ...]  # tape positions of the operands; INACTIVE for constants
    saved: tuple[Any, ...]  # the answer and the operands, None where no rule reads them
    shapes: tuple[tuple[int, ...], ...]  # of the operands
    options: Options


class Node(Box):
    """A value with its position on the tape."""

    __slots__ = ("position",)

    def __init__(self, value: Any, position: int, interpretation: Interpretation) -> None:
        self.value = value
        self.position = position
        self.interpretation = interpretation


class Reverse(Interpretation):
    """Compute each operation's value and append an entry to the tape."""

    def __init__(self, inputs: Sequence[Any]) -> None:
        super().__init__()
        self.tape: list[Entry | None] = [None] * len(inputs)
        self.inputs = [Node(value, k, self) for k, value in enumerate(inputs)]

    def process(self, row: Differentiable, operands: Sequence[Any], options: Options) -> Node:
        """Run one operation and record it."""
        parents = tuple(o.position if self.owns(o) else INACTIVE for o in operands)
        primals = self.primals(operands)
        answer = row.value(primals, options)
        needs = row.needs([p != INACTIVE for p in parents])
        saved = tuple(
            _kept(value, parent) if k in needs else None
            for k, (value, parent) in enumerate(zip((answer, *primals), (0, *parents), strict=True))
        )
        shapes = tuple(shape_of(p) for p in primals)
        self.tape.append(Entry(row, parents, saved, shapes, options))
        return Node(answer, len(self.tape) - 1, self)

    def position(self, result: Any) -> int:
        """Return where on the tape a result was made; INACTIVE if it depends on no input."""
        return result.position if self.owns(result) else INACTIVE


def _kept(value: Any, parent: int) -> Any:
    """Copy a learner's own array, which may change later; keep what tinyad made as it is."""
    return value.copy() if parent == INACTIVE and isinstance(value, np.ndarray) else value


def pull(entry: Entry, adjoint: Any) -> Iterator[tuple[int, Any]]:
    """Yield what this operation adds to the adjoint of each active operand: (position, term)."""
    row, parents, saved, shapes, options = entry
    for argument, parent in enumerate(parents):
        if parent != INACTIVE:
            yield parent, row.pullback(argument, adjoint, saved, shapes[argument], options)


def sweep(tape: list[Entry | None], output: int, adjoint: Any, free: bool) -> dict[int, Any]:
    """Run the tape backward from `output`; return the adjoints of the inputs by position.

    With `free` each entry is forgotten once it has been read, and the tape can be used only once.
    """
    adjoints = {output: adjoint}
    for position in range(output, -1, -1):
        entry = tape[position]
        if entry is None or position not in adjoints:
            continue
        for parent, term in pull(entry, adjoints.pop(position)):
            adjoints[parent] = adjoints[parent] + term if parent in adjoints else term
        if free:
            tape[position] = None
    return adjoints


def vjp(function: Callable[..., Any], *primals: Any) -> tuple[Any, Pullback]:
    """Return the value and the pullback, which carries an adjoint of the output to the inputs.

    `pullback(u)` gives a tuple, one entry a primal: the vector-Jacobian product u·J. It may be
    called any number of times. Raises ArgumentError where u has not the output's shape.

    >>> value, pullback = vjp(lambda x, y: x * x * y + y + 2, 3.0, 4.0)
    >>> value, pullback(1.0)
    (42.0, (24.0, 10.0))
    """
    check_signature(function, primals)
    points = [promote(p, f"Primal {n}") for n, p in enumerate(primals)]
    with Reverse(points) as reverse:
        result = real_output(unwrapped(function, *reverse.inputs), name_of(function))
    output = reverse.position(result)
    value = result if output == INACTIVE else result.value
    if isinstance(value, np.ndarray):
        value = value.copy()  # the tape may have kept it, and the caller may write into this one

    def pullback(u: Any) -> tuple[Any, ...]:
        seed = promote(u, "The adjoint")
        if shape_of(seed) != shape_of(value):
            raise ArgumentError(
                f"The adjoint has shape {shape_of(seed)}, the output {shape_of(value)}.",
                "Pass an adjoint of the output's shape.",
            )
        adjoints = sweep(reverse.tape, output, seed, free=False)
        return tuple(
            finish(adjoints.get(k, zeros_like(point)), primal)
            for k, (point, primal) in enumerate(zip(points, primals, strict=True))
        )

    return plain(value), pullback


def value_and_grad(
    function: Callable[..., Any], argnums: int | tuple[int, ...] = 0
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value and the gradient of a scalar function in one go.

    `argnums` names the arguments to differentiate in; the gradient has their types and shapes,
    and is a tuple if `argnums` is one.

    >>> value_and_grad(lambda x, y: x * x * y + y + 2, argnums=(0, 1))(3, 4)
    (42.0, (24.0, 10.0))
    """

    def both(*args: Any, **options: Any) -> tuple[Any, Any]:
        call = Call(function, argnums, args, options)
        with Reverse(call.leaves) as reverse:
            result = scalar_output(unwrapped(call.run, reverse.inputs), name_of(function))
        output = reverse.position(result)
        value = result if output == INACTIVE else result.value
        adjoints = sweep(reverse.tape, output, 1.0, free=True)
        partials = [adjoints.get(k, zeros_like(leaf)) for k, leaf in enumerate(call.leaves)]
        return plain(value), call.gradient(partials)

    return both


def grad(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the gradient of a scalar function: one sweep, however many inputs.

    `argnums` names the arguments to differentiate in: a position, or a tuple of positions (then
    a tuple comes back). The others, and keyword arguments, go to the function as they are.
    Integers are promoted to floats; NaN and infinity pass through. Raises ArgumentError for
    arguments that are no numbers, OutputError for a result that is not one.

    >>> def f(x, y):
    ...     return x**2 * y + y + 2
    >>> grad(f)(3, 4)
    24.0
    >>> grad(f, argnums=(0, 1))(3, 4)
    (24.0, 10.0)
    >>> grad(grad(f))(3.0, 4.0)
    8.0
    """
    both = value_and_grad(function, argnums)

    def gradient(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return gradient
