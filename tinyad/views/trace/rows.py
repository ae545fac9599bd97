"""The rows of a trace: one for each value, and one for each statement of the reverse pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinyad.arguments import finish
from tinyad.rules.primitives import zeros_like
from tinyad.views.record import Ref, Run
from tinyad.views.trace.notation import BAR, Notation
from tinyad.views.trace.replay import Sweep, moves

UNICODE = Notation()


@dataclass(frozen=True, eq=False, repr=False)
class TraceRow:
    """One row of a trace: a value, or (with `of`) one statement of the reverse pass.

    Of a value, `name` is v₁ and the like, `op` the NumPy name, "input" or "output", `operands` the
    names of the values it was made from, and the constants; `tangent` and `adjoint` are None until
    `forward` and `reverse` have run. Of a statement, `name` is v̄₁ and the like, `op` is "=" for
    the first contribution and "+=" for each later one, `value` the adjoint after it, and `of` the
    row of the value that contributes. `line` is the learner's line; `position` that of the value
    in the record, None for a constant; `number` counts the statements that are `of` the same row.
    """

    name: str
    op: str
    operands: tuple[Any, ...]
    value: Any
    line: str = ""
    position: int | None = None
    tangent: Any = None
    adjoint: Any = None
    of: TraceRow | None = None
    number: int = 0

    def __repr__(self) -> str:
        operands = [o if isinstance(o, str) else UNICODE.value(o) for o in self.operands]
        return f"{self.name}: {self.op}({', '.join(operands)}) gives {UNICODE.value(self.value)}"


class Names:
    """What everything in a trace is called: v₋₁, v₀ for the inputs, v₁, v₂ …, x₁, y."""

    def __init__(self, inputs: Sequence[str], run: Run) -> None:
        self.inputs = list(inputs)
        self._values: dict[tuple[int, str, bool], str] = {}
        taken = {re.sub(r"_?\d+$", "", name) for name in inputs}
        letter = next((c for c in "yzwfgh" if c not in taken), "output")
        count = len(run.outputs)
        self.outputs = [letter] if count == 1 else [f"{letter}{k + 1}" for k in range(count)]

    def value(self, position: int, mark: str = "", notation: Notation = UNICODE) -> str:
        """The name of a recorded value."""
        key = position, mark, notation.tex
        if key not in self._values:
            self._values[key] = notation.name(f"v{position - len(self.inputs) + 1}", mark)
        return self._values[key]

    def input(self, k: int, mark: str = "", notation: Notation = UNICODE) -> str:
        """The name of an argument."""
        return notation.name(self.inputs[k], mark)

    def output(self, k: int, mark: str = "", notation: Notation = UNICODE) -> str:
        """The name of an output."""
        return notation.name(self.outputs[k], mark)


def value_rows(
    run: Run, names: Names, tangents: Sequence[Any] | None, sweep: Sweep | None
) -> list[TraceRow]:
    """The rows of the inputs, of the operations and of the outputs."""
    steps, count = run.record.steps, len(run.record.inputs)

    def derivative(k: int, found: Any) -> Any:
        varies = k < count or moves(steps[k])
        return None if not varies else finish(zero_or(found, steps[k].value), steps[k].value)

    def row(k: int, name: str, op: str, operands: tuple[Any, ...], line: str = "") -> TraceRow:
        dot = None if tangents is None else derivative(k, tangents[k])
        bar = None if sweep is None else derivative(k, sweep.adjoints.get(k))
        return TraceRow(name, op, operands, steps[k].value, line, k, dot, bar)

    rows = []
    for k, step in enumerate(steps):
        if step.row is None:
            rows.append(row(k, names.value(k), "input", (names.input(k),)))
        else:
            operands = tuple(names.value(o) if type(o) is Ref else o for o in step.operands)
            rows.append(row(k, names.value(k), step.row.name, operands, step.line))
    for k, output in enumerate(run.outputs):
        if type(output) is Ref:
            rows.append(row(output, names.output(k), "output", (names.value(output),)))
        else:
            zero = None if tangents is None else zeros_like(output)
            rows.append(TraceRow(names.output(k), "output", (output,), output, tangent=zero))
    return rows


def adjoint_rows(rows: Sequence[TraceRow], run: Run, names: Names, sweep: Sweep) -> list[TraceRow]:
    """The statements of the reverse pass, in order of execution: outputs first, inputs last."""
    found = []
    last = len(run.record.steps)
    for s in sweep.statements:
        of = rows[last + s.number if s.of is None else s.of]
        source = names.output(s.number, BAR) if s.of is None else names.value(s.of, BAR)
        total = finish(s.total, run.record.steps[s.target].value)
        found.append(
            TraceRow(
                names.value(s.target, BAR), "=" if s.first else "+=", (source,), total, of.line,
                s.target, of=of, number=0 if s.of is None else s.number,
            )
        )  # fmt: skip
    for k in reversed(range(len(run.record.inputs))):
        of = rows[k]
        bar = names.value(k, BAR)
        found.append(TraceRow(names.input(k, BAR), "=", (bar,), of.adjoint, "", k, of=of))
    return found


def zero_or(derivative: Any, value: Any) -> Any:
    """The derivative, or zero where none arrived."""
    return zeros_like(value) if derivative is None else derivative
