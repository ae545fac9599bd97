"""The tape: every operation written down in execution order, and read backward.

The forward pass computes values and appends one entry per operation. The sweep hands each entry's
adjoint on to its operands, adding up where a value was used more than once. Execution order is
already a topological order, so no sort is needed, and a loop replaces recursion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from tinyad.arraylike import ArrayBox
from tinyad.interpretation import Interpretation
from tinyad.rules import TABLE
from tinyad.rules.composite import Composite
from tinyad.rules.linear import Linear
from tinyad.rules.primitives import shape_of, sum_to, zeros_like
from tinyad.rules.rows import (
    NO_OPTIONS,
    Differentiable,
    Elementwise,
    Options,
    Values,
    evaluate,
    scaled,
)

INACTIVE = -1
NUMBER, LISTS = (float, int), (list, tuple)
MULTIPLY, SQUARE = TABLE[np.multiply], cast(Elementwise, TABLE[np.square]).partials[0]

# An entry of the tape begins with a function: entry[0](entry, adjoint) is what the operation adds
# to the adjoints of its active operands, as pairs (parent, term); a parent is a position on the
# tape, INACTIVE for a constant. The rest is what that function reads, and nothing else. Between
# plain numbers the partials are numbers too; they are computed at once, and the entry is only
# (parent, partial) or (parent, partial, parent, partial): no other has length 2 or 4. There is an
# entry for every operation, so they are flat tuples, neither closures nor objects.
Entry = tuple[Any, ...]
Terms = Sequence[tuple[int, Any]]
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
        if type(row) is Elementwise:
            if len(operands) == 1:
                answer, entry = _unary(row, operands[0])
            else:
                answer, entry = _binary(self, row, operands[0], operands[1])
        elif type(row) is Linear:
            x = operands[0].value
            answer = evaluate(row.function, (x,), options)
            entry = (_transpose, operands[0].position, row, shape_of(x), options)
        else:
            answer, entry = _general(self, row, operands, options)
        tape = self.tape
        tape.append(entry)
        return Node(answer, len(tape) - 1, self)

    def position(self, result: Any) -> int:
        """Return where on the tape a result was made; INACTIVE if it depends on no input."""
        return result.position if self.owns(result) else INACTIVE


# Recording: value and entry of an operation


def _unary(row: Elementwise, operand: Any) -> tuple[Any, Entry]:
    """Of one number: its partial is a number too. Of one array: the partial waits."""
    i, x = operand.position, operand.value
    if type(x) is float:
        try:
            answer = row.value((x,)) if row.numbers is None else row.numbers(x)
            dx: Any = row.slopes[0]
            return answer, (i, dx if type(dx) is float else dx(answer, x))
        except (ArithmeticError, ValueError, TypeError):
            pass  # then NumPy has IEEE's answer, or the row says what is wrong
    answer = evaluate(row.function, (x,))
    partial = row.partial(0)
    return answer, (_array, i, (partial, partial.pick((answer, x))))


def _binary(reverse: Reverse, row: Elementwise, x: Any, y: Any) -> tuple[Any, Entry]:
    """Of two numbers, or of arrays."""
    i = j = INACTIVE
    if type(x) is Node and x.interpretation is reverse:
        i, x = x.position, x.value
    if type(y) is Node and y.interpretation is reverse:
        j, y = y.position, y.value
    if type(x) in NUMBER and type(y) in NUMBER:
        try:
            answer = row.value((x, y)) if row.numbers is None else row.numbers(x, y)
            slopes: Any = row.slopes
            dx, dy = slopes
            if i != INACTIVE and type(dx) is not float:
                dx = dx(answer, x, y)
            if j == INACTIVE:
                return answer, (i, dx)
            if type(dy) is not float:
                dy = dy(answer, x, y)
            return answer, (j, dy) if i == INACTIVE else (i, dx, j, dy)
        except (ArithmeticError, ValueError, TypeError):
            pass  # as above
    return _arrays_entry(row, i, x, j, y)


def _arrays_entry(row: Elementwise, i: int, x: Any, j: int, y: Any) -> tuple[Any, Entry]:
    """Keep of two arrays what the partials of the active ones will read."""
    x = np.array(x) if type(x) in LISTS else x
    y = np.array(y) if type(y) in LISTS else y
    answer = evaluate(row.function, (x, y))
    if row is MULTIPLY and i == j and type(x) is np.ndarray:  # a square: one term for two
        return answer, (_array, i, (SQUARE, (x,)))
    saved = _saved(row, answer, (x, y), (i, j), (i != INACTIVE) + 2 * (j != INACTIVE))
    return answer, (_arrays, row.partials, i, j, saved, shape_of(x), shape_of(y))


def _general(
    reverse: Reverse, row: Differentiable, operands: Sequence[Any], options: Options
) -> tuple[Any, Entry]:
    """Of any operation: keep of the answer and the operands what the pullbacks will read."""
    parents: list[int] = []
    primals, active = [], 0
    for operand in operands:
        if type(operand) is Node and operand.interpretation is reverse:
            active |= 1 << len(parents)
            parents.append(operand.position)
            primals.append(operand.value)
        else:
            parents.append(INACTIVE)
            primals.append(np.array(operand) if type(operand) in LISTS else operand)
    answer = row.value(primals, options)
    saved = _saved(row, answer, primals, parents, active)
    if isinstance(row, Composite):
        return answer, (_composite, parents[0], row, saved, options)
    shapes = [shape_of(p) for p in primals]
    return answer, (_pullbacks, row, parents, saved, shapes, options)


def _saved(
    row: Differentiable, answer: Any, operands: Values, parents: Sequence[int], active: int
) -> list[Any]:
    """(answer, *operands), with None for what no pullback of an active operand will read."""
    saved: list[Any] = [None] * (len(operands) + 1)
    for k in row.reads(active, len(operands)):
        value = operands[k - 1] if k else answer
        if k and parents[k - 1] == INACTIVE and type(value) is np.ndarray:
            value = value.copy()  # the learner's own: it may change before the sweep
        saved[k] = value
    return saved


# Pulling back: what each kind of entry adds to the adjoints of its operands


def pull(entry: Entry, adjoint: Any) -> Terms:
    """Return what an operation adds to the adjoint of each active operand: (position, term)."""
    if len(entry) == 2:
        return ((entry[0], entry[1] * adjoint),)
    if len(entry) == 4:
        return (entry[0], entry[1] * adjoint), (entry[2], entry[3] * adjoint)
    return entry[0](entry, adjoint)  # type: ignore[no-any-return]


def _array(entry: Entry, adjoint: Any) -> Terms:
    _, parent, (partial, operands) = entry
    return ((parent, scaled(adjoint, partial.slope(operands))),)


def _arrays(entry: Entry, adjoint: Any) -> Terms:
    _, (dx, dy), i, j, operands, to_x, to_y = entry
    terms = []
    if i != INACTIVE:
        terms.append((i, sum_to(scaled(adjoint, dx(operands)), to_x)))
    if j != INACTIVE:
        terms.append((j, sum_to(scaled(adjoint, dy(operands)), to_y)))
    return terms


def _transpose(entry: Entry, adjoint: Any) -> Terms:
    _, parent, row, shape, options = entry
    return ((parent, row.transpose(adjoint, shape, **options)),)


def _pullbacks(entry: Entry, adjoint: Any) -> Terms:
    _, row, parents, saved, shapes, options = entry
    return [
        (parent, row.pullback(adjoint, k, saved, shapes[k], options))
        for k, parent in enumerate(parents)
        if parent != INACTIVE
    ]


def _composite(entry: Entry, adjoint: Any) -> Terms:
    """Transpose a tangent rule: run it on a tape of its own, and sweep that."""
    _, parent, row, (answer, x), options = entry
    if row.transpose is not None:
        return ((parent, row.transpose(answer, x, adjoint, **options)),)
    tangent = zeros_like(x)
    with Reverse([tangent]) as linear:
        result = row.rule(answer, x, *linear.inputs(), **options)
    (term,) = filled(sweep(linear.tape, linear.position(result), adjoint, 1, True), [tangent])
    return ((parent, term),)


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
        if free:
            tape[position] = None
        if len(entry) == 2:  # a shortcut, because scalar programs are full of it
            parent, partial = entry
            before, term = adjoints[parent], partial * adjoint
            adjoints[parent] = term if before is None else before + term
            continue
        for parent, term in pull(entry, adjoint):
            before = adjoints[parent]
            adjoints[parent] = term if before is None else before + term
    return adjoints[:inputs]


def filled(adjoints: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    """Put zeros where no adjoint arrived."""
    return [zeros_like(x) if g is None else g for g, x in zip(adjoints, inputs, strict=True)]
