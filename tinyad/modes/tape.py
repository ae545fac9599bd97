"""The tape: every operation written down in execution order, and read backward.

The forward pass computes values and appends one entry per operation. The sweep hands each entry's
adjoint on to its operands, adding up where a value was used more than once. Execution order is
already a topological order, so no sort is needed, and a loop replaces recursion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyad.arraylike import ArrayBox
from tinyad.interpretation import Interpretation
from tinyad.rules.composite import Composite
from tinyad.rules.primitives import shape_of, zeros_like
from tinyad.rules.rows import NO_OPTIONS, Differentiable, Elementwise, Options

INACTIVE = -1
NUMBER = (float, int)

# An entry of the tape says which operation it was, whom it hands adjoints to, and what that takes:
# (row, parents, saved, shapes, options). `parents` are the tape positions of the operands, INACTIVE
# for constants; `saved` holds the answer and the operands, None where no rule reads them; `shapes`
# are those of the operands. Between plain numbers the partials are numbers too: they are computed
# at once, and the entry is only (parent, partial) or (parent, partial, parent, partial). These are
# plain tuples, not objects, because there is one for every operation of the program.
Entry = tuple[Any, ...]
GENERAL = 5  # entries of this length are of the first kind
Tape = list[Entry | None]


class Node(ArrayBox):
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
        self.tape: Tape = [None] * len(inputs)
        self.values = inputs

    def inputs(self) -> list[Node]:
        """The inputs as boxes. They are not kept: a pass and its boxes must not hold each other."""
        return [Node(value, k, self) for k, value in enumerate(self.values)]

    def process(
        self, row: Differentiable, operands: Sequence[Any], options: Options = NO_OPTIONS
    ) -> Node:
        """Run one operation and record it."""
        recorded = None
        if type(row) is Elementwise:
            recorded = (_unary if len(operands) == 1 else _binary)(self, row, *operands)
        answer, entry = recorded or self._general(row, operands, options)
        tape = self.tape
        tape.append(entry)
        return Node(answer, len(tape) - 1, self)

    def _general(
        self, row: Differentiable, operands: Sequence[Any], options: Options
    ) -> tuple[Any, Entry]:
        """Value of any operation, with what the pullbacks of its active operands will read."""
        parents: list[int] = []
        primals: list[Any] = []
        active = 0
        for operand in operands:
            if type(operand) is Node and operand.interpretation is self:
                active |= 1 << len(parents)
                parents.append(operand.position)
                operand = operand.value
            else:
                parents.append(INACTIVE)
                if isinstance(operand, list | tuple):
                    operand = np.array(operand)
            primals.append(operand)
        answer = row.value(primals, options)
        return answer, _entry(row, parents, active, answer, primals, options)

    def position(self, result: Any) -> int:
        """Return where on the tape a result was made; INACTIVE if it depends on no input."""
        return result.position if self.owns(result) else INACTIVE


def _unary(reverse: Reverse, row: Elementwise, x: Any) -> tuple[float, Entry] | None:
    """Value and partial of an operation on a plain number; None where that cannot be."""
    i, x = x.position, x.value
    if type(x) is not float:
        return None
    dx: Any = row.slopes[0]
    try:
        answer = row.value((x,)) if row.numbers is None else row.numbers(x)
        return answer, (i, dx if type(dx) is float else dx(answer, x))
    except (ArithmeticError, ValueError, TypeError):
        return None  # then NumPy has IEEE's answer, or the row says what is wrong


def _binary(reverse: Reverse, row: Elementwise, x: Any, y: Any) -> tuple[float, Entry] | None:
    """Value and partials of an operation on two plain numbers; None where that cannot be."""
    i = j = INACTIVE
    if type(x) is Node and x.interpretation is reverse:
        i, x = x.position, x.value
    if type(y) is Node and y.interpretation is reverse:
        j, y = y.position, y.value
    if type(x) not in NUMBER or type(y) not in NUMBER:
        return None
    slopes: Sequence[Any] = row.slopes
    dx, dy = slopes
    try:
        answer = row.value((x, y)) if row.numbers is None else row.numbers(x, y)
        if i != INACTIVE and type(dx) is not float:
            dx = dx(answer, x, y)
        if j == INACTIVE:
            return answer, (i, dx)
        if type(dy) is not float:
            dy = dy(answer, x, y)
        return answer, (j, dy) if i == INACTIVE else (i, dx, j, dy)
    except (ArithmeticError, ValueError, TypeError):
        return None  # as above


def _entry(
    row: Differentiable,
    parents: list[int],
    active: int,
    answer: Any,
    primals: list[Any],
    options: Options,
) -> Entry:
    """Keep what the pullbacks of the active operands will read, and nothing else."""
    saved: list[Any] = [None] * (len(primals) + 1)
    for k in row.reads(active, len(parents)):
        value = primals[k - 1] if k else answer
        if k and type(value) is np.ndarray and parents[k - 1] == INACTIVE:
            value = value.copy()  # the learner's own: it may change before the sweep
        saved[k] = value
    return row, parents, saved, [shape_of(p) for p in primals], options


def pull(entry: Entry, adjoint: Any) -> Sequence[tuple[int, Any]]:
    """Return what an operation adds to the adjoint of each active operand: (position, term)."""
    if len(entry) == 2:
        return ((entry[0], entry[1] * adjoint),)
    if len(entry) != GENERAL:
        i, di, j, dj = entry
        return (i, di * adjoint), (j, dj * adjoint)
    row, parents, saved, shapes, options = entry
    if isinstance(row, Composite):
        return ((parents[0], _composite_pullback(row, adjoint, saved, options)),)
    return [
        (parent, row.pullback(argument, adjoint, saved, shapes[argument], options))
        for argument, parent in enumerate(parents)
        if parent != INACTIVE
    ]


def sweep(tape: Tape, output: int, adjoint: Any, inputs: int, free: bool = False) -> list[Any]:
    """Run the tape backward from `output`; return the adjoints of the inputs, None where 0.

    With `free` each entry is forgotten once it has been read, and the tape can be used only once.
    """
    adjoints: list[Any] = [None] * max(output + 1, inputs)
    if output != INACTIVE:
        adjoints[output] = adjoint
    for position in range(output, inputs - 1, -1):
        adjoint, adjoints[position] = adjoints[position], None
        entry = tape[position]
        if adjoint is None or entry is None:
            continue
        if len(entry) == 2:  # as below; worth a shortcut, because scalar programs are full of it
            parent, partial = entry
            before, term = adjoints[parent], partial * adjoint
            adjoints[parent] = term if before is None else before + term
            if free:
                tape[position] = None
            continue
        for parent, term in pull(entry, adjoint):
            if (before := adjoints[parent]) is not None:
                term = before + term
            adjoints[parent] = term
        if free:
            tape[position] = None
    return adjoints[:inputs]


def filled(adjoints: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    """Put zeros where no adjoint arrived."""
    return [zeros_like(x) if g is None else g for g, x in zip(adjoints, inputs, strict=True)]


def _composite_pullback(
    row: Composite, adjoint: Any, saved: Sequence[Any], options: Options
) -> Any:
    """Transpose a tangent rule: run it on a tape of its own, and sweep that."""
    answer, x = saved
    if row.transpose is not None:
        return row.transpose(answer, x, adjoint, **options)
    tangent = zeros_like(x)
    with Reverse([tangent]) as linear:
        result = row.rule(answer, x, *linear.inputs(), **options)
    (term,) = filled(sweep(linear.tape, linear.position(result), adjoint, 1, True), [tangent])
    return term
