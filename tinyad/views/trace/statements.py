"""The rows of a trace as statements: v₁ = ln v₋₁, v̇₁ = v̇₋₁ / v₋₁, v̄₋₁ += v̄₁ / v₋₁."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tinyad.views.trace.formula import Formulas
from tinyad.views.trace.notation import BAR, DOT, Notation
from tinyad.views.trace.rows import TraceRow

if TYPE_CHECKING:
    from tinyad.views.trace import Trace

LONGEST_LINE = 56  # characters
Cell = tuple[str, str]  # a statement and its value
NOTHING: Cell = ("", "")


@dataclass
class Block:
    """What stands in one row: cells, numbered statements about adjoints, the learner's line."""

    number: int  # of the row in the trace
    primal: Cell = NOTHING
    tangent: Cell = NOTHING
    adjoints: list[tuple[int, Cell]] = field(default_factory=list)  # in order of execution
    line: str = ""
    folded: str = ""  # a row that stands for many says so, and has nothing else


class Writer:
    """Writes the rows of a trace as statements with values."""

    def __init__(self, trace: Trace, notation: Notation) -> None:
        self.trace, self.notation = trace, notation
        self.formulas = Formulas(trace.record, self._name, notation)

    def block(self, number: int, statements: Sequence[int]) -> Block:
        """One row of the trace, with these statements about adjoints."""
        row = self.trace.rows[number]
        block = Block(number, self._primal(row, number), line=_source(row))
        if self.trace.tangents is not None and row.tangent is not None:
            block.tangent = self._tangent(row, number)
        written: list[str] = []
        for k in statements:
            statement = self.trace.adjoint_rows[k]
            if row.op not in ("input", "output") and not written:
                assert row.position is not None
                written = self.formulas.pullbacks(row.position, row.adjoint)
            text = self._adjoint(statement, number, written)
            block.adjoints.append((k, (text, self.notation.value(statement.value))))
        return block

    def _name(self, position: int, mark: str = "") -> str:
        return self.trace.names.value(position, mark, self.notation)

    def _end(self, number: int, mark: str = "") -> str:
        """The name of the argument or of the output that a row is about."""
        inside, names = len(self.trace.record.steps), self.trace.names
        if number < inside:
            return names.input(number, mark, self.notation)
        return names.output(number - inside, mark, self.notation)

    def _primal(self, row: TraceRow, number: int) -> Cell:
        value = self.notation.value(row.value)
        if row.position is None:
            return self._end(number), value
        name = self._name(row.position)
        if row.op == "input":
            return f"{name} = {self._end(number)}", value
        if row.op == "output":
            return f"{self._end(number)} = {name}", value
        return f"{name} = {self.formulas.primal(row.position)}", value

    def _tangent(self, row: TraceRow, number: int) -> Cell:
        value = self.notation.value(row.tangent)
        if row.position is None:
            return self._end(number, DOT), value
        name = self._name(row.position, DOT)
        if row.op == "input":
            return f"{name} = {self._end(number, DOT)}", value
        if row.op == "output":
            return f"{self._end(number, DOT)} = {name}", value
        assert self.trace.tangents is not None
        return f"{name} = {self.formulas.tangent(row.position, self.trace.tangents)}", value

    def _adjoint(self, statement: TraceRow, number: int, written: Sequence[str]) -> str:
        assert statement.of is not None
        assert statement.position is not None
        name = self._name(statement.position, BAR)
        if statement.of.op == "input":
            return f"{self._end(number, BAR)} = {name}"
        sign = statement.op.replace("+=", r"\;{+}{=}\;") if self.notation.tex else statement.op
        if statement.of.op == "output":
            return f"{name} {sign} {self._end(number, BAR)}"
        return f"{name} {sign} {written[statement.number]}"


def _source(row: TraceRow) -> str:
    """The learner's line, shortened; what tinyad did on its own account says so."""
    if row.op in ("input", "output"):
        return ""
    line = row.line or "(tinyad)"
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"
