"""A recorded program run again, step by step, with tangents or with adjoints.

Each step goes through forward mode's or reverse mode's own `process`, and adjoints through the
`pull` of the tape, so that every number here is, bit for bit, the one those modes compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tinyad.modes.forward import Dual, Forward
from tinyad.modes.tape import Node, Reverse, Tape, pull
from tinyad.rules.rows import Constant, Differentiable
from tinyad.views.record import Record, Ref, Step


def moves(step: Step) -> bool:
    """Does a derivative pass through this step? Not through inputs, and not through flat steps."""
    return step.row is not None and not step.flat and not isinstance(step.row, Constant)


def tangents(record: Record, seeds: Sequence[Any]) -> list[Any]:
    """Return the tangent of each recorded value, None where it does not vary."""
    found: list[Any] = list(seeds)
    with Forward() as forward, np.errstate(all="ignore"):  # the first run has warned already
        for step in record.steps[len(found) :]:
            if not moves(step):
                found.append(None)
                continue
            assert isinstance(step.row, Differentiable)
            operands = [_dual(record, o, found, forward) for o in step.operands]
            found.append(forward.process(step.row, operands, step.options).tangent)
    return found


def _dual(record: Record, operand: Any, found: Sequence[Any], forward: Forward) -> Any:
    if type(operand) is not Ref:
        return operand
    value, tangent = record.steps[operand].value, found[operand]
    return value if tangent is None else Dual(value, tangent, forward)


def entries(record: Record) -> Tape:
    """Return for each step the entry that reverse mode writes on its tape; None for flat steps.

    The parents in an entry are the numbers of the step's operands: a value that is an operand
    twice gets two terms, as the literature prints it.
    """
    written: Tape = [None] * len(record.inputs)
    with Reverse([]) as reverse, np.errstate(all="ignore"):
        for step in record.steps[len(written) :]:
            if moves(step):
                assert isinstance(step.row, Differentiable)
                operands = [_node(record, o, n, reverse) for n, o in enumerate(step.operands)]
                reverse.process(step.row, operands, step.options)
                written.append(reverse.tape[-1])
            else:
                written.append(None)
    return written


def _node(record: Record, operand: Any, number: int, reverse: Reverse) -> Any:
    if type(operand) is not Ref:
        return operand
    step = record.steps[operand]
    return step.value if step.flat else Node(step.value, number, reverse)


class Statement(NamedTuple):
    """One statement of the reverse pass: `term` went to the adjoint of the value at `target`.

    It came from the step at `of`, as the one with this `number`, or (where `of` is None) from the
    output with this number. `total` is the adjoint from then on; `first` says that nothing had
    arrived there before.
    """

    of: int | None
    number: int
    target: int
    term: Any
    total: Any
    first: bool


class Sweep:
    """The reverse pass of a record: `statements` in order of execution, `adjoints` by position.

    A value that no adjoint reached is not among them.
    """

    def __init__(self, record: Record, outputs: Sequence[Any], seeds: Sequence[Any]) -> None:
        self.statements: list[Statement] = []
        self.adjoints: dict[int, Any] = {}
        written = entries(record)
        with np.errstate(all="ignore"):
            for number in reversed(range(len(outputs))):
                if type(outputs[number]) is Ref:
                    self._add(None, number, outputs[number], seeds[number])
            for position in range(len(written) - 1, -1, -1):
                entry, adjoint = written[position], self.adjoints.get(position)
                if entry is not None and adjoint is not None:
                    operands = record.steps[position].operands
                    for number, (operand, term) in enumerate(pull(entry, adjoint)):
                        self._add(position, number, operands[operand], term)

    def _add(self, of: int | None, number: int, target: int, term: Any) -> None:
        before = self.adjoints.get(target)
        total = term if before is None else before + term
        self.adjoints[target] = total
        self.statements.append(Statement(of, number, target, term, total, before is None))
