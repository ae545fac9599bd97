"""What the trace player knows at each step: which values and adjoints exist, and what lights up."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import Any

from tinyad.errors import ArgumentError
from tinyad.picture import Picture, PictureEdge
from tinyad.picture.drawing import text_width
from tinyad.rules.primitives import shape_of
from tinyad.views.trace import trace
from tinyad.views.trace.graph import DIGITS
from tinyad.views.trace.notation import BAR, Notation
from tinyad.views.trace.rows import TraceRow
from tinyad.views.trace.statements import Writer

MISSING = "–"  # not computed yet, which is not 0
ROUNDED = Notation(digits=DIGITS)


class TraceModel:
    """One run of f and its reverse pass, step by step.

    Step 0 is before everything. Each row of the trace is one step, and so is each statement about
    adjoints, unless `reverse` is false. Raises ArgumentError unless f returns one number that
    depends on the arguments.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        names: Sequence[str] | None = None,
        reverse: bool = True,
    ) -> None:
        recorded = trace(f, *args, names=names)
        shapes = [shape_of(row.value) for row in recorded.rows if row.op == "output"]
        if shapes != [()]:
            raise ArgumentError(
                f"{recorded.call.__name__} returns {len(shapes)} outputs of the shapes {shapes}; "
                "the player walks back from one number.",
                "Pass a function that returns one number, such as a sum or one entry.",
            )
        graph = recorded.graph()  # says so where the output is a constant
        self.trace = recorded.reverse() if reverse else recorded
        self.events: list[TraceRow] = [*self.trace.rows, *self.trace.adjoint_rows]
        self.turn = len(self.trace.rows)  # the last step of the forward pass
        self._writer = Writer(self.trace, Notation())
        self._edges = {(edge.source, edge.target): edge for edge in graph.all_edges}
        widest = [
            replace(node, lines=self._widest(k)) for k, node in enumerate(graph.all_nodes)
        ]  # a node's key is its position
        self.picture = Picture(widest, graph.all_edges)
        self.statement = cache(self._statement)

    @property
    def last(self) -> int:
        """The number of the last step."""
        return len(self.events)

    @cached_property
    def telling(self) -> int:
        """A step that shows much: the first addition to an adjoint, else one halfway through."""
        back = len(self.trace.adjoint_rows)
        middle = self.turn + back // 2 if back else (self.turn + 1) // 2
        steps = range(self.turn + 1, self.last + 1)
        return next((step for step in steps if self.events[step - 1].op == "+="), middle)

    def done(self, position: int, step: int) -> bool:
        """Has this value been computed by then?"""
        return position < step

    def adjoints(self, step: int) -> dict[int, Any]:
        """Return the adjoints that have arrived by then, as far as they have, by position."""
        arrived = self.trace.adjoint_rows[: max(step - self.turn, 0)]
        return {int(s.position): s.value for s in arrived if s.position is not None}

    def lines(self, step: int) -> dict[Hashable, Sequence[str]]:
        """Return what stands in each node: its value, and its adjoint where it can have one."""
        adjoints, returned = self.adjoints(step), step >= self.turn
        return {k: self._lines(k, step, adjoints, returned) for k in range(self._count)}

    @property
    def _count(self) -> int:
        return len(self.trace.record.steps)

    def _lines(
        self, k: int, step: int, adjoints: dict[int, Any], returned: bool
    ) -> tuple[str, ...]:
        row = self.trace.rows[k]
        value = ROUNDED.value(row.value) if self.done(k, step) else MISSING
        if returned and self.events[self.turn - 1].position == k:
            value = f"{self.trace.names.output(0)} = {value}"
        if row.adjoint is None:  # nothing passes back through it
            return (value,)
        arrived = ROUNDED.value(adjoints[k]) if k in adjoints else MISSING
        return value, f"{self.trace.names.value(k, BAR)} = {arrived}"

    def _widest(self, k: int) -> tuple[str, ...]:
        """Return the widest lines that a node ever shows, so that it need not grow."""
        totals = [{k: s.value} for s in self.trace.adjoint_rows if s.position == k]
        shown = [self._lines(k, self.last, total, True) for total in [{}, *totals]]
        return tuple(
            max(line, key=lambda text: text_width(text, 1)) for line in zip(*shown, strict=True)
        )

    def before(self, step: int) -> str:
        """Return what an adjoint was before a step that adds to it; '' for other steps."""
        event = self.events[step - 1]
        if event.op != "+=" or event.position is None:
            return ""
        return Notation().value(self.adjoints(step - 1)[event.position])

    def lit(self, step: int) -> list[Hashable]:
        """Return the nodes and edges at work: a value with its operands, or who hands to whom."""
        if not step:
            return []
        event = self.events[step - 1]
        if event.of is None:  # a value
            arriving = [e for (_, target), e in self._edges.items() if target == event.position]
            return [event.position, *(arriving if event.op != "output" else [])]
        giver, taker = event.of.position, event.position
        edge: PictureEdge | None = self._edges.get((taker, giver))
        return [giver, taker, *([edge] if edge else [])]

    def _statement(self, step: int) -> tuple[str, str]:
        """Return what happens in a step as a formula, and the value that comes out."""
        event = self.events[step - 1]
        if event.of is None:
            return self._writer.block(step - 1, []).primal
        number, row = step - 1 - self.turn, self.events.index(event.of)
        return self._writer.block(row, [number]).adjoints[0][1]
