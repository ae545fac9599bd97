"""Pictures of small directed graphs: nodes that hold a few lines of text, edges with a label.

What the nodes and edges mean is the caller's business; here they are only laid out and drawn.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tinyad.errors import ArgumentError
from tinyad.picture.drawing import PAPER, Arrow, Box, Point, Shape, Words, png, svg, text_width
from tinyad.picture.layers import topological
from tinyad.picture.layout import Layout

MOST = 40  # nodes; of a larger graph the middle is folded away
WIDEST = 880.0  # a graph that is longer from left to right is drawn from top to bottom
LABEL, LINE, EDGE, CAPTION = 14.0, 12.0, 11.0, 12.0  # font sizes
LEADING = 1.4  # of a line of text, in font sizes
PADDING, MARGIN = 10.0, 14.0
Lines = Mapping[Hashable, Sequence[str]]
NOTHING: Lines = {}
INK, SOFT, WIRE, LIT, LIT_FILL = "#1F2328", "#4A545E", "#69747F", "#D18002", "#FFEFD2"
# Fill, outline, radius of the corners, dashes.
STYLES: Mapping[str, tuple[str, str, float, tuple[float, ...]]] = {
    "input": ("#E7ECFB", "#0539C0", 14.0, ()),
    "constant": ("#F1F3F4", "#89949D", 2.0, ()),
    "operation": ("#FFFFFF", "#1F2328", 6.0, ()),
    "output": ("#DFF1EA", "#04754D", 6.0, ()),
    "fold": ("#FFFFFF", "#89949D", 6.0, (4, 3)),
}


@dataclass(frozen=True)
class PictureNode:
    """A node; `kind` is input, constant, operation, output or fold."""

    key: Hashable
    label: str
    lines: tuple[str, ...] = ()
    kind: str = "operation"


@dataclass(frozen=True)
class PictureEdge:
    """An edge from the node with key `source` to the one with key `target`."""

    source: Hashable
    target: Hashable
    label: str = ""


class Picture:
    """A drawing of a directed graph without cycles: inputs left or above, outputs opposite.

    It shows itself in a notebook, as SVG, as PNG or as text. Of more than 40 nodes the middle ones
    are folded into one, which says how many they are. Raises ArgumentError for an edge to a node
    that is not there, for two nodes with the same key, for an unknown kind and for a cycle.

    >>> nodes = [PictureNode("x", "x", ("2",), "input"), PictureNode("y", "y = ln x", ("0.693",))]
    >>> print(Picture(nodes, [PictureEdge("x", "y", "0.5")]).text())
    x         2
    y = ln x  0.693  from x (0.5)
    """

    def __init__(
        self, nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], caption: str = ""
    ) -> None:
        _check(nodes, edges)
        self.all_nodes, self.all_edges = tuple(nodes), tuple(edges)  # hidden ones too
        number = {node.key: i for i, node in enumerate(nodes)}
        order = topological(len(nodes), [(number[e.source], number[e.target]) for e in edges])
        if len(order) < len(nodes):
            raise ArgumentError("The graph has a cycle.", "Draw a graph without cycles.")
        in_order = [nodes[i] for i in order]
        half = MOST // 2
        hidden = in_order[half : 1 - half] if len(in_order) > MOST else []
        self._shown = {node.key: ... for node in hidden}  # what is hidden, and what stands for it
        if hidden:
            fold = PictureNode(..., f"… {len(hidden)} more …", kind="fold")
            in_order[half : 1 - half] = [fold]
            edges = _folded(edges, self._shown)
        self.nodes, self.edges, self.caption = tuple(in_order), tuple(edges), caption

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._plan.size

    def svg(self, highlight: Collection[Hashable] = (), lines: Lines = NOTHING) -> str:
        """Return the picture as SVG.

        `highlight` holds keys of nodes, and edges, that light up. `lines` holds by key what nodes
        show, for the moment, in place of their own lines; nothing else moves.
        """
        title = self.caption or f"A graph of {len(self.nodes)} nodes"
        return svg(self._shapes(highlight, lines), self.size, title, self.text(lines))

    def png(self, highlight: Collection[Hashable] = (), lines: Lines = NOTHING) -> bytes:
        """Return the same as PNG."""
        return png(self._shapes(highlight, lines), self.size)

    def text(self, lines: Lines = NOTHING) -> str:
        """Return the same as text, one node a line."""
        labels = {node.key: node.label for node in self.nodes}
        sources: dict[Hashable, list[str]] = {node.key: [] for node in self.nodes}
        for edge in self.edges:
            label = f" ({edge.label})" if edge.label else ""
            sources[edge.target].append(labels[edge.source] + label)
        rows = [
            (node.label, "  ".join(lines.get(node.key, node.lines)), ", ".join(sources[node.key]))
            for node in self.nodes
        ]
        first, second = (max((len(row[i]) for row in rows), default=0) for i in (0, 1))
        table = [f"{a:<{first}}  {b:<{second}}  {c and f'from {c}'}".rstrip() for a, b, c in rows]
        return "\n".join([*([self.caption] if self.caption else []), *table])

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        data = {
            "image/svg+xml": self.svg(),
            "image/png": base64.b64encode(self.png()).decode("ascii"),
            "text/plain": self.text(),
        }
        width, height = self.size
        return data, {"image/png": {"width": width, "height": height, "alt": self.text()}}

    @cached_property
    def _plan(self) -> _Plan:
        beside, below = (
            _Plan(self.nodes, self.edges, self.caption, down) for down in (False, True)
        )
        return below if beside.size[0] > max(WIDEST, below.size[0]) else beside

    def _shapes(self, highlight: Collection[Hashable], lines: Lines) -> list[Shape]:
        lit = {self._shown.get(key, key) for key in highlight}
        plan = self._plan
        wires: list[Arrow] = []
        labels: list[Shape] = []
        for i, edge in enumerate(self.edges):
            color, width = (LIT, 2.6) if edge in lit else (WIRE, 1.2)
            wires.append(Arrow(plan.way(i), color, width, plan.down))
            if edge.label:
                ink = INK if edge in lit else SOFT
                room = text_width(edge.label, EDGE) + 6, EDGE + 2
                labels += [Box(plan.label(i), room, 0.0, PAPER)]
                labels += [Words(plan.label(i), edge.label, EDGE, ink)]
        wires.sort(key=lambda wire: wire.width)  # what is lit lies on top
        nodes: list[Shape] = []
        for i, node in enumerate(self.nodes):
            nodes += _drawn(node, *plan.box(i), node.key in lit, lines.get(node.key, node.lines))
        if self.caption:
            width, height = plan.size
            below = (width / 2, height - MARGIN - CAPTION * LEADING / 2)
            nodes.append(Words(below, self.caption, CAPTION, SOFT))
        return [*wires, *labels, *nodes]


class _Plan:
    """A layout, turned to the right or downward, in the middle of its paper."""

    def __init__(
        self, nodes: Sequence[PictureNode], edges: Sequence[PictureEdge], caption: str, down: bool
    ) -> None:
        self.down = down
        number = {node.key: i for i, node in enumerate(nodes)}
        self.layout = Layout(
            [self._turned(_size(node)) for node in nodes],
            [(number[edge.source], number[edge.target]) for edge in edges],
            [self._turned((text_width(e.label, EDGE), EDGE if e.label else 0.0)) for e in edges],
            late=[i for i, node in enumerate(nodes) if node.kind == "constant"],
        )
        width, height = self._turned(self.layout.size)
        below = CAPTION * (LEADING + 1) if caption else 0.0
        paper = max(width, text_width(caption, CAPTION)) + 2 * MARGIN
        self.corner = (paper - width) / 2, MARGIN
        self.size = round(paper), round(height + 2 * MARGIN + below)

    def _turned(self, point: Point) -> Point:
        return point[::-1] if self.down else point

    def _place(self, point: Point) -> Point:
        x, y = self._turned(point)
        return self.corner[0] + x, self.corner[1] + y

    def box(self, node: int) -> tuple[Point, Point]:
        """Return the center and the size of a node."""
        return self._place(self.layout.center(node)), self._turned(self.layout.sizes[node])

    def way(self, edge: int) -> list[Point]:
        """Return the corners of an edge's way."""
        return [self._place(point) for point in self.layout.route(edge)]

    def label(self, edge: int) -> Point:
        """Return the center of an edge's label."""
        return self._place(self.layout.label(edge))


def _size(node: PictureNode) -> Point:
    widths = [text_width(node.label, LABEL), *(text_width(line, LINE) for line in node.lines)]
    height = LEADING * (LABEL + LINE * len(node.lines)) + PADDING
    return max(max(widths) + 2 * PADDING, height), height


def _drawn(
    node: PictureNode, center: Point, size: Point, lit: bool, lines: Sequence[str]
) -> list[Shape]:
    """Return the shapes of a node: its box, its label, its lines."""
    fill, stroke, radius, dashes = STYLES[node.kind]
    if lit:
        fill, stroke = LIT_FILL, LIT
    box = Box(center, size, radius, fill, stroke, 2.6 if lit else 1.2, dashes)
    x, y = center
    y -= LEADING * LINE * len(node.lines) / 2
    shapes: list[Shape] = [box, Words((x, y), node.label, LABEL, INK)]
    y += LEADING * (LABEL - LINE) / 2
    for line in lines:
        y += LEADING * LINE
        shapes.append(Words((x, y), line, LINE, SOFT))
    return shapes


def _folded(edges: Sequence[PictureEdge], shown: Mapping[Hashable, Any]) -> list[PictureEdge]:
    """Return the edges that are left when nodes are folded into one, each once."""
    left: dict[PictureEdge, None] = {}
    kept = []
    for edge in edges:
        if edge.source not in shown and edge.target not in shown:
            kept.append(edge)
        elif not (edge.source in shown and edge.target in shown):
            source, target = (shown.get(key, key) for key in (edge.source, edge.target))
            left[PictureEdge(source, target)] = None
    return [*kept, *left]


def _check(nodes: Sequence[PictureNode], edges: Sequence[PictureEdge]) -> None:
    keys = {node.key for node in nodes}
    if len(keys) < len(nodes):
        raise ArgumentError("Two nodes have the same key.", "Give each node a key of its own.")
    for node in nodes:
        if node.kind not in STYLES:
            known = ", ".join(STYLES)
            raise ArgumentError(f"There is no kind {node.kind!r} of node.", f"Choose: {known}.")
    for edge in edges:
        for key in (edge.source, edge.target):
            if key not in keys:
                raise ArgumentError(f"An edge names {key!r}.", "Name a node of the graph.")
