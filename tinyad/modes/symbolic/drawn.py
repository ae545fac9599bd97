"""Pictures of expressions: inputs and constants on one side, the last operation on the other."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from tinyad.errors import SymbolError
from tinyad.modes.symbolic.formula import number, text_of
from tinyad.picture import Picture, PictureEdge, PictureNode
from tinyad.rewrite.terms import Term
from tinyad.rules import TABLE

MOST = 1000  # nodes of a tree
SIGNS = {TABLE[f]: sign for f, sign in ((np.add, "+"), (np.multiply, "×"), (np.negative, "−"))}
# Where the order matters the edges are named a, b, c.
ORDERED = {
    TABLE[f]: label
    for f, label in (
        (np.subtract, "a − b"),
        (np.divide, "a / b"),
        (np.power, "a ^ b"),
        (np.where, "b if a else c"),
        (np.less, "a < b"),
        (np.less_equal, "a ≤ b"),
        (np.greater, "a > b"),
        (np.greater_equal, "a ≥ b"),
    )
}


def drawn(output: Any, shared: bool = True) -> Picture:
    """Draw a term: each operation once, or, not shared, once for each time it is written.

    Raises SymbolError for a constant, and for a tree too large to be drawn.
    """
    if not isinstance(output, Term):
        raise SymbolError(
            f"The expression is the constant {number(output)}: it has no graph.",
            "Draw an expression in which a symbol is left.",
        )
    nodes: list[PictureNode] = []
    edges: list[PictureEdge] = []
    seen: set[Any] = set()
    places = itertools.count()
    waiting: list[tuple[Any, Any, Any, str]] = [(output, "output", None, "")]
    while waiting:
        value, place, target, label = waiting.pop()
        key = id(value) if shared and isinstance(value, Term) else place
        if target is not None:
            edges.append(PictureEdge(key, target, label))
        if key in seen:
            continue
        seen.add(key)
        nodes.append(_node(value, key, value is output))
        if not shared and len(nodes) > MOST:
            raise SymbolError(
                f"As a tree the expression has more than {MOST:,} nodes.",
                "Draw it with .graph(), where each operation stands once.",
            )
        operands = value.operands if isinstance(value, Term) else ()
        for k, operand in reversed(list(enumerate(operands))):
            name = "abc"[k] if value.row in ORDERED else ""
            waiting.append((operand, (next(places),), key, name))
    return Picture(nodes, edges, text_of(output, 80))


def _node(value: Any, key: Any, last: bool) -> PictureNode:
    if not isinstance(value, Term):
        return PictureNode(key, number(value), kind="constant")
    if value.row is None:
        return PictureNode(key, value.name, kind="input")
    label = SIGNS.get(value.row) or ORDERED.get(value.row) or value.name
    return PictureNode(key, label, kind="output" if last else "operation")
