"""Pictures of graphs: the layering and the order are right, and nothing lies on anything else."""

import itertools
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from tinyad.errors import ArgumentError
from tinyad.explore.style import COLORS, PAPER
from tinyad.picture import MOST, STYLES, Picture, PictureEdge, PictureNode
from tinyad.picture.drawing import text_width
from tinyad.picture.layers import crossings, layered, links, ordered, topological

SVG = "{http://www.w3.org/2000/svg}"


def dags(most=12):
    """Graphs as (number of nodes, edges), edges from lower to higher numbers, some twice."""
    return st.integers(1, most).flatmap(
        lambda count: st.tuples(
            st.just(count),
            st.lists(
                st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
                .filter(lambda pair: pair[0] != pair[1])
                .map(lambda pair: (min(pair), max(pair))),
                max_size=2 * count,
            ),
        )
    )


def nodes_of(*names, **more):
    return [PictureNode(name, name, **more) for name in names]


def picture_of(count, edges):
    """A picture with lines, kinds and labels of various lengths."""
    kinds = ("operation", "constant", "output", "input")
    nodes = [
        PictureNode(i, f"v{i} = " + "sin " * (i % 4), ("−0.123",) * (i % 3), kinds[i % 4])
        for i in range(count)
    ]
    labels = ("", "1", "−0.2837", "12.75")
    return Picture(nodes, [PictureEdge(a, b, labels[(a + b) % 4]) for a, b in edges])


# The layering and the order


def longest_paths(count, edges):
    """By another way: the last power of the adjacency matrix that still reaches a node."""
    adjacency = np.zeros((count, count))
    for source, target in edges:
        adjacency[source, target] = 1
    reach, longest = np.eye(count), np.zeros(count, dtype=int)
    for length in range(1, count):
        reach = (reach @ adjacency > 0).astype(float)
        longest[reach.any(axis=0)] = length
    return list(longest)


@given(dags())
def test_a_layer_is_the_length_of_the_longest_path(graph):
    assert layered(*graph) == longest_paths(*graph)


@given(dags())
def test_late_sources_wait_next_to_their_first_use(graph):
    count, edges = graph
    late = [n for n in range(0, count, 2) if all(target != n for _, target in edges)]
    layers, early = layered(count, edges, late), layered(count, edges)
    for node in range(count):
        uses = [layers[target] for source, target in edges if source == node]
        waits = node in late and uses
        assert layers[node] == (min(uses) - 1 if waits else early[node])


@given(dags(), st.randoms())
def test_topological_order(graph, random):
    count, edges = graph
    assert topological(count, edges) == list(range(count))  # in order already: nothing moves
    names = list(range(count))
    random.shuffle(names)
    renamed = [(names[a], names[b]) for a, b in edges]
    order = topological(count, renamed)
    assert sorted(order) == list(range(count))
    assert all(order.index(a) < order.index(b) for a, b in renamed)


def test_topological_order_of_a_cycle_is_incomplete():
    assert topological(4, [(0, 1), (1, 2), (2, 1), (2, 3)]) == [0]


def layered_graphs(sizes, seed, share):
    """Rows of nodes, and random links between neighboring rows."""
    random = np.random.default_rng(seed)
    numbers = itertools.count()
    rows = [[next(numbers) for _ in range(size)] for size in sizes]
    pairs = [
        pair for row, below in itertools.pairwise(rows) for pair in itertools.product(row, below)
    ]
    return rows, [pair for pair in pairs if random.random() < share]


def crossings_by_definition(rows, edges):
    place = {node: (number, i) for number, row in enumerate(rows) for i, node in enumerate(row)}
    ends = [(*place[source], place[target][1]) for source, target in edges]
    return sum(
        layer == other and (a - b) * (c - d) < 0
        for (layer, a, c), (other, b, d) in itertools.combinations(ends, 2)
    )


@pytest.mark.parametrize("seed", range(5))
def test_crossings_are_counted(seed):
    rows, edges = layered_graphs((4, 5, 3, 6), seed, 0.5)
    edges += edges[::3]
    assert crossings(rows, links(18, edges)[1]) == crossings_by_definition(rows, edges)


def test_hardly_more_crossings_than_the_best_of_all_orders():
    extra = []
    for seed in range(100):
        rows, edges = layered_graphs((3, 4, 3), seed, 0.45)
        before, after = links(10, edges)
        orders = itertools.product(*(itertools.permutations(row) for row in rows))
        fewest = min(crossings(order, after) for order in orders)
        found = ordered([list(row) for row in rows], before, after)
        assert [sorted(row) for row in found] == rows
        extra.append(crossings_by_definition(found, edges) - fewest)
    assert min(extra) == 0
    assert extra.count(0) >= 90
    assert max(extra) <= 3


@pytest.mark.parametrize("seed", range(10))
def test_a_tree_is_drawn_without_crossings(seed):
    random = np.random.default_rng(seed)
    edges = [(n, (n - 1) // 2) for n in range(1, 31)]  # leaves first, as in an expression
    rows = [list(random.permutation(range(2**k - 1, 2 ** (k + 1) - 1))) for k in range(5)][::-1]
    before, after = links(31, edges)
    assert crossings(rows, after) > 0
    assert crossings(ordered(rows, before, after), after) == 0


# The drawing, as its SVG says it


class Drawn:
    """What an SVG shows: boxes of nodes and labels, and points on each edge."""

    def __init__(self, svg):
        root = ElementTree.fromstring(svg)
        self.size = float(root.get("width")), float(root.get("height"))
        self.title, self.description = (root.find(f"{SVG}{tag}").text for tag in ("title", "desc"))
        paper, *boxes = root.iter(f"{SVG}rect")
        self.paper = paper
        self.nodes = [corners(box) for box in boxes if box.get("stroke") != "none"]
        self.labels = [corners(box) for box in boxes if box.get("stroke") == "none"]
        self.fills = [box.get("fill") for box in boxes if box.get("stroke") != "none"]
        self.texts = [text.text for text in root.iter(f"{SVG}text")]
        self.ways = [points_on(path.get("d")) for path in root.iter(f"{SVG}path")]
        heads = [polygon.get("points") for polygon in root.iter(f"{SVG}polygon")]
        self.headings = [heading(head) for head in heads]
        self.bends = [path.get("d").count("C") for path in root.iter(f"{SVG}path")]


def corners(rect):
    x, y, width, height = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def points_on(commands):
    points = []
    for command, numbers in re.findall(r"([MLC])([^MLC]*)", commands):
        ends = np.array(re.findall(r"-?[\d.]+", numbers), dtype=float).reshape(-1, 2)
        if command == "M":
            points.append(ends)
            continue
        reach = np.abs(np.diff([points[-1][-1], *ends], axis=0)).sum()
        t = np.linspace(0, 1, int(reach) + 2)[:, None]
        if command == "L":
            points.append(points[-1][-1] * (1 - t) + ends[0] * t)
        else:
            a, b, c, d = points[-1][-1], *ends
            points.append(
                a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3
            )
    return np.concatenate(points)


def heading(head):
    """The direction in which an arrow points."""
    tip, left, right = (np.array(pair.split(","), dtype=float) for pair in head.split())
    along = tip - (left + right) / 2
    return tuple(np.round(along / np.linalg.norm(along)))


def overlap(a, b, by=0.15):  # numbers are rounded to a tenth
    return all(min(a[i + 2], b[i + 2]) - max(a[i], b[i]) > by for i in (0, 1))


def inside(points, box, by=0.15):
    low, high = np.array(box[:2]) + by, np.array(box[2:]) - by
    return bool(((points > low) & (points < high)).all(axis=1).any())


@settings(max_examples=60, deadline=None)
@given(dags(14))
def test_nothing_lies_on_anything_else(graph):
    shown = Drawn(picture_of(*graph).svg())
    assert len(shown.nodes) == graph[0]
    assert len(shown.ways) == len(graph[1])
    boxes = shown.nodes + shown.labels
    assert not any(overlap(a, b) for a, b in itertools.combinations(boxes, 2))
    assert not any(inside(way, box) for way in shown.ways for box in shown.nodes)
    # A label lies on one edge, its own, and what it covers is a straight piece of it.
    for label in shown.labels:
        assert sum(inside(way, label) for way in shown.ways) == 1
    paper = (0, 0, *shown.size)
    for x0, y0, x1, y1 in boxes:
        assert paper[0] < x0 < x1 < paper[2]
        assert paper[1] < y0 < y1 < paper[3]


@settings(max_examples=40, deadline=None)
@given(dags(14), st.booleans())
def test_edges_only_go_forward(graph, long):
    count, edges = graph
    if long:  # so long that it is drawn downward
        edges = edges + [(i, i + 1) for i in range(count, count + 12)]
        count += 13
    shown = Drawn(picture_of(count, edges).svg())
    assert set(shown.headings) in (set(), {(1, 0)}, {(0, 1)})  # all the same way
    for way, heading in zip(shown.ways, shown.headings, strict=True):
        assert (np.diff(way @ heading) >= -1e-9).all()


def test_a_long_graph_goes_down_and_a_short_one_to_the_right():
    chains = [
        Drawn(picture_of(count, [(i, i + 1) for i in range(count - 1)]).svg()) for count in (4, 17)
    ]
    assert chains[0].size[0] > chains[0].size[1]
    assert chains[1].size[0] < chains[1].size[1]


@pytest.mark.parametrize("skipped", [2, 3, 5, 9])
def test_a_long_edge_is_straight_but_for_its_ends(skipped):
    edges = [(i, i + 1) for i in range(skipped)] + [(0, skipped)]
    nodes = nodes_of(*(str(i) for i in range(skipped + 1)))
    shown = Drawn(Picture(nodes, [PictureEdge(str(a), str(b)) for a, b in edges]).svg())
    assert max(shown.bends) <= 2


def test_a_constant_stands_beside_its_use_and_an_input_at_the_beginning():
    nodes = [*nodes_of("x", "u", "v", "y"), PictureNode("2", "2", kind="constant")]
    nodes.append(PictureNode("w", "w", kind="input"))
    pairs = [("x", "u"), ("u", "v"), ("v", "y"), ("2", "y"), ("w", "y")]
    shown = Drawn(Picture(nodes, [PictureEdge(*pair) for pair in pairs]).svg())
    left = dict(zip(shown.texts, (box[0] + box[2] for box in shown.nodes), strict=True))
    assert left["w"] == left["x"] < left["u"] < left["2"] == left["v"] < left["y"]


def test_two_edges_between_the_same_nodes_are_both_seen():
    twice = [PictureEdge("x", "x + x", "1")] * 2
    shown = Drawn(Picture(nodes_of("x", "x + x"), twice).svg())
    assert len(shown.labels) == 2
    assert abs(shown.ways[0][-1] - shown.ways[1][-1]).max() > 8


def test_a_chain_of_double_edges_is_straight():
    names = [str(2**k) for k in range(9)]
    twice = [PictureEdge(*pair, "1") for pair in itertools.pairwise(names) for _ in range(2)]
    shown = Drawn(Picture(nodes_of(*names), twice).svg())
    centers = [box[1] + box[3] for box in shown.nodes]
    assert max(centers) - min(centers) < 0.5


SAMPLES = ["v₋₁ = ln x₁", "0.6931471805599453", "v̄₁₀ += v̄₁₂ · cos(v₀)", "matmul", "W[0, 1] × h"]


@pytest.mark.parametrize(
    "text", [*SAMPLES, "−1.2e-16", "array (3, 4)", "… 61 more …", "ABCDEFGHIJ"]
)
def test_a_text_fits_into_what_is_measured(text):
    font = FontProperties(family="DejaVu Sans", size=14)
    extents = TextPath((0, 0), text, prop=font).get_extents()
    assert extents.width <= text_width(text, 14) + 2  # a box has 20 to spare
    assert extents.width >= 0.75 * text_width(text, 14)


# What a page does with it


def test_it_brings_its_own_paper_and_touches_nothing_else():
    svg = picture_of(6, [(0, 3), (1, 3), (3, 5)]).svg()
    assert not re.search(r"<style|\bid=|\bclass=|url\(|href|<script", svg)
    paper = Drawn(svg).paper
    assert paper.get("fill") == PAPER
    assert (float(paper.get("width")), float(paper.get("height"))) == Drawn(svg).size


def test_its_colors_are_those_of_the_figures():
    outlines = {stroke for _, stroke, _, _ in STYLES.values()}
    assert outlines <= set(COLORS.values())


def test_words_are_escaped():
    words = 'a<b & "c">'
    picture = Picture(
        [PictureNode(0, words, (words,)), PictureNode(1, "y")], [PictureEdge(0, 1, words)], words
    )
    shown = Drawn(picture.svg())  # parsed as XML
    assert shown.texts.count(words) == 4
    assert shown.title == words
    assert words in shown.description


def test_screen_readers_are_told_title_and_text():
    picture = Picture(nodes_of("x", "y"), [PictureEdge("x", "y", "2")])
    assert Drawn(picture.svg()).title == "A graph of 2 nodes"
    assert Drawn(picture.svg()).description == picture.text() == "x\ny    from x (2)"
    assert 'role="img"' in picture.svg()


def test_a_graph_of_nothing():
    assert Drawn(Picture([], []).svg()).nodes == []
    assert Picture([], []).png()


FRESH = """
import hashlib, sys
from tinyad.picture import Picture, PictureEdge, PictureNode
names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
edges = [(0, 2), (1, 2), (0, 3), (2, 4), (3, 4), (4, 5), (1, 6), (5, 6), (0, 7), (6, 7)]
picture = Picture([PictureNode(n, n, (n,)) for n in names],
                  [PictureEdge(names[a], names[b], "1") for a, b in edges], "names")
svg, text = picture.svg({"eta", "beta"}), picture.text()
assert "matplotlib" not in sys.modules and "IPython" not in sys.modules
print(*(hashlib.sha256(d).hexdigest() for d in (svg.encode(), text.encode(), picture.png())))
"""


def test_the_same_in_every_process_and_matplotlib_only_for_png():
    runs = {
        subprocess.run(
            [sys.executable, "-c", FRESH],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1


def test_one_bundle_of_svg_png_and_text():
    picture = picture_of(5, [(0, 2), (2, 4)])
    data, metadata = picture._repr_mimebundle_(include=None, exclude=None)
    assert set(data) == {"image/svg+xml", "image/png", "text/plain"}
    assert data["image/svg+xml"] == picture.svg()
    width, height = Drawn(picture.svg()).size
    assert (metadata["image/png"]["width"], metadata["image/png"]["height"]) == (width, height)


def test_the_png_shows_the_same_on_its_own_paper():
    import io

    from PIL import Image

    picture = Picture([PictureNode(0, "x", kind="input"), PictureNode(1, "y")], [PictureEdge(0, 1)])
    image = Image.open(io.BytesIO(picture.png({1}))).convert("RGB")
    shown = Drawn(picture.svg({1}))
    assert image.size == tuple(round(1.5 * extent) for extent in shown.size)
    assert image.getpixel((0, 0)) == (255, 255, 255)
    for box, fill in zip(shown.nodes, shown.fills, strict=True):
        at = round(1.5 * (box[0] + 6)), round(0.75 * (box[1] + box[3]))
        wanted = [int(fill[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.abs(np.array(image.getpixel(at)) - wanted).max() <= 6


# Highlights, other lines, folding


def test_highlights_light_up_and_move_nothing():
    edges = [PictureEdge("x", "y"), PictureEdge("x", "z")]
    picture = Picture(nodes_of("x", "y", "z", lines=("12.5",)), edges)
    plain, lit = Drawn(picture.svg()), Drawn(picture.svg(highlight=["y", edges[0]]))
    assert plain.nodes == lit.nodes
    assert [a == b for a, b in zip(plain.fills, lit.fills, strict=True)] == [True, False, True]
    assert picture.svg(highlight=[edges[0]]).count('stroke-width="2.6"') == 1
    assert picture.svg(highlight=["nobody"]) == picture.svg()


def test_other_lines_stand_in_the_same_place():
    picture = Picture(
        nodes_of("x", "y", lines=("v = 12.5", "adjoint 3.25")), [PictureEdge("x", "y")]
    )
    plain, other = Drawn(picture.svg()), Drawn(picture.svg(lines={"y": ("v = 12.5", "–")}))
    assert plain.nodes == other.nodes
    assert plain.texts.count("adjoint 3.25") == 2
    assert other.texts.count("adjoint 3.25") == 1
    assert "–" in other.texts
    assert "–" in other.description


@pytest.mark.parametrize("count", [MOST, MOST + 1, 1000])
def test_of_a_large_graph_the_middle_is_folded(count):
    edges = [(i, i + 1) for i in range(count - 1)] + [(0, count - 1)]
    picture = picture_of(count, edges)
    shown = Drawn(picture.svg())
    assert len(shown.nodes) == min(count, MOST)
    folded = [text for text in shown.texts if text.startswith("…")]
    if count == MOST:
        assert folded == []
        return
    (words,) = folded
    assert words == f"… {count - MOST + 1} more …"
    assert words in picture.text()
    assert len(shown.ways) == MOST  # the chain through the fold, and the edge past it
    assert Drawn(picture.svg(highlight=[count // 2])).fills.count("#FFEFD2") == 1


def test_an_edge_is_folded_once():
    edges = [(0, i) for i in range(1, 100)] + [(i, 100) for i in range(1, 100)]
    shown = Drawn(picture_of(101, edges).svg())
    assert len(shown.nodes) == MOST
    kept = MOST - 3  # besides the first, the last and the fold
    assert len(shown.ways) == 2 * kept + 2


# Bad input


@pytest.mark.parametrize(
    ("nodes", "edges", "what"),
    [
        (nodes_of("x", "x"), [], "same key"),
        (nodes_of("x", kind="sum"), [], "no kind 'sum'"),
        (nodes_of("x"), [PictureEdge("x", "y")], "names 'y'"),
        (nodes_of("x"), [PictureEdge("y", "x")], "names 'y'"),
        (nodes_of("x", "y"), [PictureEdge("x", "y"), PictureEdge("y", "x")], "cycle"),
        (nodes_of("x"), [PictureEdge("x", "x")], "cycle"),
    ],
)
def test_bad_graphs_are_refused(nodes, edges, what):
    with pytest.raises(ArgumentError, match=what):
        Picture(nodes, edges)
