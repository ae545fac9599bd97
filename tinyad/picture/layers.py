"""Layers of a directed graph, and an order in each of them, after Sugiyama, Tagawa, Toda (1981).

Every node goes into a layer: the length of the longest path that leads to it. Sweeps over the
layers put each node at the barycenter of its neighbors, which removes most crossings.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right, insort
from collections.abc import Collection, Sequence
from itertools import pairwise

Edges = Sequence[tuple[int, int]]
Links = list[list[int]]  # for each node, the nodes that it is linked to

SWEEPS = 16


def topological(count: int, edges: Edges) -> list[int]:
    """Return all nodes with sources before targets, else as they come; fewer if there is a cycle.

    >>> topological(3, [(2, 0)])
    [1, 2, 0]
    """
    _, after = links(count, edges)
    waiting = [0] * count
    for _, target in edges:
        waiting[target] += 1
    ready = [node for node in range(count) if not waiting[node]]
    order = []
    while ready:
        order.append(heapq.heappop(ready))
        for target in after[order[-1]]:
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, target)
    return order


def layered(count: int, edges: Edges, late: Collection[int] = ()) -> list[int]:
    """Return each node's layer; nodes are in topological order, `late` sources wait for their use.

    >>> layered(4, [(0, 1), (1, 3), (2, 3)], late=[2])
    [0, 1, 1, 2]
    """
    before, after = links(count, edges)
    layers = [0] * count
    for node in range(count):
        layers[node] = max((layers[source] + 1 for source in before[node]), default=0)
    for node in late:
        if after[node] and not before[node]:
            layers[node] = min(layers[target] for target in after[node]) - 1
    return layers


def crossings(rows: Sequence[Sequence[int]], after: Links) -> int:
    """Count the pairs of links that cross between neighboring rows."""
    total = 0
    for row, following in pairwise(rows):
        place = {node: i for i, node in enumerate(following)}
        seen: list[int] = []
        for node in row:
            ends = sorted(place[target] for target in after[node])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def ordered(rows: list[list[int]], before: Links, after: Links) -> list[list[int]]:
    """Return the rows, each in an order that crosses few links: barycenter sweeps, best kept."""
    best, fewest = list(rows), crossings(rows, after)
    place = {node: float(i) for row in rows for i, node in enumerate(row)}
    for sweep in range(SWEEPS):
        back = sweep % 2 == 1
        neighbors = after if back else before
        for number in sorted(range(len(rows)), reverse=back):
            # Ties the other way round in every second pair of sweeps.
            row = rows[number][::-1] if sweep % 4 > 1 else rows[number]
            wish = {node: _mean([place[n] for n in neighbors[node]], place[node]) for node in row}
            rows[number] = sorted(row, key=wish.__getitem__)
            place |= {node: float(i) for i, node in enumerate(rows[number])}
        found = crossings(rows, after)
        if found < fewest:
            best, fewest = list(rows), found
    return best


def _mean(places: list[float], default: float) -> float:
    return sum(places) / len(places) if places else default


def links(count: int, edges: Edges) -> tuple[Links, Links]:
    """Return for each node the sources of its edges, and the targets."""
    before: Links = [[] for _ in range(count)]
    after: Links = [[] for _ in range(count)]
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    return before, after
