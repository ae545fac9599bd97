"""Places for the nodes and edges of a small directed graph, layer by layer.

An edge that skips layers gets a dummy node in each layer it passes, so that it keeps a lane of its
own there. When `layers.py` has ordered the layers, nodes and lanes move to where the edges are
short; then the lanes are made straight. Places are (along the layers, across them).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import accumulate, pairwise
from statistics import fmean, median_high, median_low

from tinyad.picture.layers import Edges, Links, layered, links, ordered

Point = tuple[float, float]

ROUNDS = 40
NODE_GAP, LANE_GAP = 22.0, 16.0  # across: between two nodes, and beside a lane
SLOT, SLOT_GAP = 18.0, 6.0  # across: for an edge that arrives, and beyond its label
BEND, SLANT = 18.0, 36.0  # along: the least room for a bend, and the most in addition
ARROW, TEXT_GAP = 10.0, 8.0  # along: before the tip of an edge, and around its label
SNAP = 14.0  # a bend smaller than this is better straightened, if there is room
FLAT = 2.5  # a bend smaller than this is not drawn


class Layout:
    """Where everything is, for nodes of given sizes in topological order.

    `labels` are the sizes of the edges' labels, (0, 0) where there is none. No edge or label meets
    a node or another label, by construction: each edge arrives in a slot of its own, with its label
    before the tip, and bends only where there are no nodes.
    """

    def __init__(
        self,
        sizes: Sequence[Point],
        edges: Edges,
        labels: Sequence[Point],
        late: Collection[int] = (),
    ) -> None:
        self.layers = layered(len(sizes), edges, late)
        self.labels = labels
        self.count = len(sizes)
        self.lanes = list(self.layers)  # with the dummy nodes, which come after the nodes
        self.chains = [self._chain(source, target) for source, target in edges]
        rows: Links = [[] for _ in range(max(self.lanes, default=-1) + 1)]
        for node, layer in enumerate(self.lanes):
            rows[layer].append(node)
        segments = [pair for chain in self.chains for pair in pairwise(chain)]
        self.rows = ordered(rows, *links(len(self.lanes), segments))
        self.sizes = list(sizes) + [(0.0, 0.0)] * (len(self.lanes) - len(sizes))
        self.ports = [0.0] * len(edges)  # where an edge meets its target, across from its center
        self._spread_ports()
        self.gaps = [[0.0, *(self._gap(a, b) for a, b in pairwise(row))] for row in self.rows]
        self.across = [0.0] * len(self.lanes)
        self._settle_all()
        self.starts, self.ends = self._along()

    def _chain(self, source: int, target: int) -> list[int]:
        first, skipped = len(self.lanes), range(self.layers[source] + 1, self.layers[target])
        self.lanes.extend(skipped)
        return [source, *range(first, first + len(skipped)), target]

    def _spread_ports(self) -> None:
        """Give each arriving edge its slot, and its target the height for them."""
        place = {node: i for row in self.rows for i, node in enumerate(row)}
        arriving: Links = [[] for _ in range(self.count)]
        for edge in sorted(range(len(self.chains)), key=lambda edge: place[self.chains[edge][-2]]):
            arriving[self.chains[edge][-1]].append(edge)
        for node, edges in enumerate(arriving):
            slots = [max(self.labels[edge][1] + SLOT_GAP, SLOT) for edge in edges]
            along, across = self.sizes[node]
            self.sizes[node] = along, max(across, sum(slots))
            for edge, slot, end in zip(edges, slots, accumulate(slots), strict=True):
                self.ports[edge] = end - (slot + sum(slots)) / 2

    def _gap(self, a: int, b: int) -> float:
        """Return how far apart two neighbors in a row must be."""
        free = NODE_GAP if max(a, b) < self.count else LANE_GAP
        return (self.sizes[a][1] + self.sizes[b][1]) / 2 + free

    def _settle_all(self) -> None:
        # For each node: neighbor, how far from the neighbor it wants to be, how much it wants it.
        self.wishes: list[list[tuple[int, float, float]]] = [[] for _ in self.lanes]
        for chain, port in zip(self.chains, self.ports, strict=True):
            for a, b in pairwise(chain):
                weight = (1.0, 3.0, 9.0)[(a >= self.count) + (b >= self.count)]
                shift = port if b == chain[-1] else 0.0
                self.wishes[a].append((b, shift, weight))
                self.wishes[b].append((a, -shift, weight))
        for row, gaps in zip(self.rows, self.gaps, strict=True):
            for node, place in zip(row, accumulate(gaps), strict=True):
                self.across[node] = place - sum(gaps) / 2
        numbers = range(len(self.rows))
        for _ in range(ROUNDS):
            for number in [*numbers, *numbers[::-1]]:
                self._settle(number)
        lanes = [chain[1:-1] for chain in self.chains if len(chain) > 2]
        nodes = [[node] for row in self.rows for node in row if node < self.count]
        for block in [*(lanes + nodes) * 4, *lanes]:
            self._straighten(block)
        top = min((a - s / 2 for a, (_, s) in zip(self.across, self.sizes, strict=True)), default=0)
        self.across = [round(place - top, 1) for place in self.across]

    def _settle(self, number: int) -> None:
        """Move a row to where its nodes wish to be in the mean, as far as the gaps allow.

        This is isotonic regression, solved exactly by pooling nodes that are in each other's way.
        """
        row, shifts = self.rows[number], list(accumulate(self.gaps[number]))
        pools: list[list[float]] = []  # each: sum of wishes, their weight, number of nodes
        for node, shift in zip(row, shifts, strict=True):
            wishes = self.wishes[node] or [(node, 0.0, 1.0)]
            total = sum((self.across[other] + by - shift) * w for other, by, w in wishes)
            pools.append([total, sum(w for _, _, w in wishes), 1])
            while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
                last = pools.pop()
                pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
        means = [total / weight for total, weight, size in pools for _ in range(int(size))]
        for node, mean, shift in zip(row, means, shifts, strict=True):
            self.across[node] = mean + shift

    def _straighten(self, block: Sequence[int]) -> None:
        """Move a node, or a whole lane, to a median of its wishes: then some edge is straight."""
        low, high = -math.inf, math.inf
        for node in block:
            row, gaps = self.rows[self.lanes[node]], self.gaps[self.lanes[node]]
            i = row.index(node)
            if i > 0:
                low = max(low, self.across[row[i - 1]] + gaps[i])
            if i + 1 < len(row):
                high = min(high, self.across[row[i + 1]] - gaps[i + 1])
        shifts: dict[int, list[float]] = {}
        for other, by, _ in (wish for node in block for wish in self.wishes[node]):
            if other not in block:
                shifts.setdefault(other, []).append(by)
        # Two edges between the same nodes are one wish: halfway.
        wishes = sorted(self.across[other] + fmean(by) for other, by in shifts.items())
        if not wishes or low > high:
            return
        place = sum(self.across[node] for node in block) / len(block)
        place = min(max(place, median_low(wishes)), median_high(wishes))
        nearest = min(wishes, key=lambda wish: abs(wish - place))
        if abs(nearest - place) < SNAP or block[0] >= self.count:
            place = nearest
        for node in block:
            self.across[node] = min(max(place, low), high)

    def _along(self) -> tuple[list[float], list[float]]:
        """Return where each layer starts and ends; before it is room for bends and labels."""
        lengths, texts, steep = ([0.0] * len(self.rows) for _ in range(3))
        for (along, _), layer in zip(self.sizes, self.lanes, strict=True):
            lengths[layer] = max(lengths[layer], along)
        for chain, label, port in zip(self.chains, self.labels, self.ports, strict=True):
            layer = self.lanes[chain[-1]]
            texts[layer] = max(texts[layer], label[0])
            for a, b in pairwise(chain):
                rise = self.across[b] - self.across[a] + (port if b == chain[-1] else 0.0)
                steep[self.lanes[b]] = max(steep[self.lanes[b]], abs(rise))
        starts: list[float] = []
        ends: list[float] = []
        self.bends: list[Point] = []  # where the bends before each layer start and end
        for length, text, rise in zip(lengths, texts, steep, strict=True):
            begin = ends[-1] if ends else 0.0
            end = begin + BEND + min(rise / 2.5, SLANT)
            self.bends.append((begin, end))
            starts.append(end + ARROW + (text + TEXT_GAP if text else 0.0) if ends else 0.0)
            ends.append(starts[-1] + length)
        return starts, ends

    def center(self, node: int) -> Point:
        """Return the center of a node."""
        layer = self.lanes[node]
        return (self.starts[layer] + self.ends[layer]) / 2, self.across[node]

    def route(self, edge: int) -> list[Point]:
        """Return an edge's way: a start, then beginning and end of each bend, then the tip."""
        chain = self.chains[edge]
        along, here = self.center(chain[0])
        way = [(along + self.sizes[chain[0]][0] / 2, here)]
        for node in chain[1:]:
            there = self.across[node] + (self.ports[edge] if node == chain[-1] else 0.0)
            begin, end = self.bends[self.lanes[node]]
            if abs(there - here) > FLAT:
                way += [(begin, here), (end, there)]
                here = there
        along, _ = self.center(chain[-1])
        return [*way, (along - self.sizes[chain[-1]][0] / 2, here)]

    def label(self, edge: int) -> Point:
        """Return the center of an edge's label."""
        along, across = self.route(edge)[-1]
        return along - ARROW - (TEXT_GAP + self.labels[edge][0]) / 2, across

    @property
    def size(self) -> Point:
        """The extents of the whole, along and across."""
        ends = (a + s / 2 for a, (_, s) in zip(self.across, self.sizes, strict=True))
        return self.ends[-1] if self.ends else 0.0, max(ends, default=0.0)
