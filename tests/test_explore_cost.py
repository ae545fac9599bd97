"""The cost slider: operations counted, and counted right; the picture and what it says."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

import tinyad as ad
from tinyad.errors import ArgumentError
from tinyad.explore import COLORS, mode_cost
from tinyad.explore.cost_model import SHARED, SIZES, CostModel, funnel

SMALL = [(1, 1), (1, 4), (2, 3), (3, 1), (5, 2), (10, 10)]
NUMBER = r"(-?[\d.]+)"


@pytest.fixture(scope="module")
def model():
    return CostModel()


@pytest.fixture(scope="module")
def shared_slider():
    return mode_cost()


@pytest.fixture
def slider(shared_slider):
    shared_slider.set(n=100, m=1)
    return shared_slider


def screen(explorer):
    """What moves: marks and readout."""
    return explorer.children[1].children[1].value


def operations(program, n):
    """Count the rows of a trace: another interpretation, which shares no line with Count."""
    rows = ad.trace(program, *(0.5 + k for k in range(n))).rows
    return sum(row.op not in ("input", "output") for row in rows)


# --- the counts


@pytest.mark.parametrize(("n", "m"), SMALL)
def test_counts_are_those_of_the_rules(model, n, m):
    squares, sums, sines, multiples = n, n - 1, SHARED, m
    program = squares + sums + sines + multiples
    assert model.program(n, m) == program
    # u·u has three more operations for the tangent (two products, one sum), a sum one, a sine two
    # (its cosine, a product), k·s one
    assert model.forward_pass(n, m) == program + 3 * squares + sums + 2 * sines + multiples
    # going back, u·u needs two products and their sum, a sine two operations, k·s one; a sum of two
    # values only hands on what arrives
    assert model.sweep(n, m) == 3 * squares + 2 * sines + 1


@pytest.mark.parametrize("n", [1, 2, 5, 30])
def test_traces_have_as_many_operations(model, n):
    def f(*x):
        return funnel(x, 1)[0]

    seeds = tuple(float(k == 0) for k in range(n))
    assert operations(f, n) == model.program(n, 1)
    assert operations(lambda *x: ad.jvp(f, x, seeds)[1], n) == model.forward_pass(n, 1)
    # the plain 1.0 that ad.vjp begins with makes the first product a number, which no trace holds
    sweep = model.sweep(n, 1) - 1
    assert operations(lambda *x: ad.vjp(f, *x)[1](1.0), n) == model.program(n, 1) + sweep


@pytest.mark.parametrize(("n", "m"), SMALL)
def test_every_pass_and_every_sweep_does_as_much(model, n, m):
    assert {model._forward_pass(n, m, k) for k in range(n)} == {model.forward_pass(n, m)}
    assert {model._recorded(n, m, k)[1] for k in range(m)} == {model.sweep(n, m)}


def test_costs_are_passes_and_sweeps(model):
    assert model.forward(1000, 1) == 1000 * model.forward_pass(1000, 1)
    assert model.reverse(3, 1000) == model.program(3, 1000) + 1000 * model.sweep(3, 1000)


@pytest.mark.parametrize("n", SIZES)
def test_a_gradient_costs_no_more_than_a_few_runs(model, n):
    assert model.reverse(n, 1) <= 4 * model.program(n, 1)
    assert model.forward(n, 1) >= n * model.program(n, 1)


# --- the widget


def test_readout_says_who_is_cheaper(slider):
    slider.set(n=1000, m=1)
    assert slider.readout.splitlines() == [
        "program     1000 inputs, 1 output, 2,100 operations",
        "forward     1000 passes × 6,300 = 6,300,000 operations",
        "reverse     2,100 recorded + 1 sweep × 3,201 = 5,301 operations",
        "            Reverse mode is cheaper: forward mode does 1,188 times as much.",
    ]
    slider.set(n=1, m=1000)
    assert "forward     1 pass × " in slider.readout
    assert "1000 sweeps" in slider.readout
    assert "Forward mode is cheaper: reverse mode does" in slider.readout
    slider.set(n=1, m=1)
    assert "Both modes do about as much." in slider.readout


def test_dots_stand_at_the_counts(slider):
    slider.set(n=30, m=10)
    axes, height = slider._scene._picture({}).axes["cost"], slider._scene._picture({}).height
    for color, name in (("orange", "forward"), ("blue", "reverse")):
        pattern = rf'<circle cx="{NUMBER}" cy="{NUMBER}" r="5" fill="{COLORS[color]}"'
        ((x, y),) = re.findall(pattern, screen(slider))
        place = axes.transData.inverted().transform((float(x), height - float(y)))
        total = int(re.search(rf"{name} .* = ([\d,]+) op", slider.readout)[1].replace(",", ""))
        assert place == pytest.approx((30, total), rel=2e-3)


def test_the_ring_stands_around_inputs_and_outputs(slider):
    picture = slider._scene._picture({})
    for n, m in ((1, 1000), (300, 3)):
        slider.set(n=n, m=m)
        points = re.findall(r'<polyline points="([^"]*)"', screen(slider))[-1].split()
        ring = np.array([point.split(",") for point in points], float)
        center = picture.place("map", [n], [m])[0]
        assert (ring.min(0) + ring.max(0)) / 2 == pytest.approx(center, abs=0.1)


def test_the_map_shows_the_cheaper_mode(slider):
    forward, reverse, even = slider._scene._picture({}).axes["map"].collections
    places = [{tuple(map(int, at)) for at in part.get_offsets()} for part in (forward, reverse)]
    assert places[0] >= {(1, 1000), (3, 300), (1, 10)}
    assert places[1] >= {(1000, 1), (300, 3), (1000, 1000)}
    places.append({tuple(map(int, at)) for at in even.get_offsets()})
    assert (1, 1) in places[2]
    assert sum(map(len, places)) == len(set.union(*places)) == len(SIZES) ** 2
    assert forward.get_paths()[0].vertices.shape != reverse.get_paths()[0].vertices.shape


def test_only_marks_move(slider):
    fixed = slider.children[1].children[0]
    before = fixed.value
    for settings in ({"n": 1}, {"m": 1000}, {"n": 1000, "m": 3}):
        old = screen(slider)
        slider.set(**settings)
        assert screen(slider) != old
    assert fixed.value == before
    assert len(screen(slider)) < 12_000 < len(before)


def test_size_and_number_of_lines_never_change(slider):
    shapes = set()
    for n in SIZES:
        for m in SIZES:
            slider.set(n=n, m=m)
            size = re.search(r'<svg [^>]*width="(\d+)" height="(\d+)"', screen(slider)).groups()
            numbers = re.search(r'role="status"[^>]*>(.*)</div>', screen(slider), re.DOTALL)
            shapes.add((size, numbers[1].count("\n")))
            assert max(map(len, slider.readout.splitlines())) < 80
    assert len(shapes) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"n": 7}, "1, 3, 10, 30, 100, 300, 1000"),
        ({"n": 0}, "Choose one of 1, 3"),
        ({"m": "10"}, "Choose one of 1, 3"),
        ({"inputs": 10}, "There are: n, m"),
    ],
)
def test_set_refuses_what_the_controls_cannot_show(slider, settings, words):
    with pytest.raises(ArgumentError, match=f"(?s)Remedy: .*{words}"):
        slider.set(**settings)


def test_two_controls_with_a_name_for_each(slider):
    controls = slider.children[0].children
    assert [control.description for control in controls] == ["inputs n", "outputs m"]
    assert [control.tooltip for control in controls] == [
        "the number of inputs of the program",
        "the number of outputs of the program",
    ]


def test_saved_notebooks_show_a_picture(slider):
    data, metadata = slider._repr_mimebundle_()
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == pytest.approx(1.5 * metadata["image/png"]["width"], abs=1)
    assert len(metadata["image/png"]["alt"]) > 40
    assert len(data["image/png"]) < 60_000
    slider.set(n=3, m=300)
    assert slider._repr_mimebundle_()[0]["text/plain"] == data["text/plain"]
    label = re.search(r'<svg [^>]*role="img" aria-label="([^"]*)"', screen(slider))[1]
    assert "Forward mode is cheaper" in label
