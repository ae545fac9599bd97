"""A trace as a computational graph: values in the nodes, local partial derivatives on the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinyad.errors import ArgumentError
from tinyad.modes.tape import Entry, pull
from tinyad.picture import Picture, PictureEdge, PictureNode
from tinyad.rules.primitives import ones_like, shape_of
from tinyad.views.record import Ref
from tinyad.views.trace.formula import Formulas
from tinyad.views.trace.notation import BAR, DOT, Notation
from tinyad.views.trace.replay import entries

if TYPE_CHECKING:
    from tinyad.views.trace import Trace

DIGITS = 5
LONGEST = 24  # characters; a longer operation is only named


def graph(trace: Trace) -> Picture:
    """Draw the graph of a trace."""
    outputs = [o for o in trace.run.outputs if type(o) is Ref]
    if not outputs:
        raise ArgumentError(
            f"{trace.call.__name__} returned a constant: no argument leads to it, so there is no "
            "graph to draw.",
            "Return a value that is computed from the arguments.",
        )
    nodes = [_node(trace, k) for k in range(len(trace.record.steps))]
    written = entries(trace.record)
    edges = [edge for k in range(len(nodes)) for edge in _edges(trace, k, written[k])]
    return Picture(nodes, edges)


def _node(trace: Trace, k: int) -> PictureNode:
    """The node of one value: its name, operation, value, tangent and adjoint."""
    notation = Notation(digits=DIGITS)
    step, row, name = trace.record.steps[k], trace.rows[k], trace.names.value(k)
    returned = [n for n, o in enumerate(trace.run.outputs) if type(o) is Ref and o == k]
    if step.row is None:
        label = f"{name} = {trace.names.input(k)}"
    else:
        written = Formulas(trace.record, trace.names.value, notation).primal(k)
        label = f"{name} = {written if len(written) <= LONGEST else step.row.name}"
    whose = "".join(f"{trace.names.output(n)} = " for n in returned)
    lines = [whose + notation.value(step.value)]
    if row.tangent is not None:
        lines.append(f"{trace.names.value(k, DOT)} = {notation.value(row.tangent)}")
    if row.adjoint is not None:
        lines.append(f"{trace.names.value(k, BAR)} = {notation.value(row.adjoint)}")
    kind = "output" if returned else "input" if step.row is None else "operation"
    return PictureNode(k, label, tuple(lines), kind)


def _edges(trace: Trace, k: int, entry: Entry | None) -> list[PictureEdge]:
    """The edges to one value from its operands; a value used twice has one edge, two partials."""
    operands = trace.record.steps[k].operands
    labels: dict[int, list[str]] = {int(o): [] for o in operands if type(o) is Ref}
    for operand, partial in _partials(trace, k, entry):
        labels[operands[operand]].append(Notation(digits=DIGITS).value(partial))
    return [PictureEdge(source, k, " + ".join(parts)) for source, parts in labels.items()]


def _partials(trace: Trace, k: int, entry: Entry | None) -> list[tuple[int, Any]]:
    """The local partials of a number in the numbers that are its operands, by their places."""
    step = trace.record.steps[k]
    if entry is None or shape_of(step.value):
        return []
    with np.errstate(all="ignore"):
        terms = pull(entry, ones_like(step.value))
    steps = trace.record.steps
    return [(n, term) for n, term in terms if not shape_of(steps[step.operands[n]].value)]
