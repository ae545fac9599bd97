"""The parameter cube: its counts against formulas for the corners, its dots against its counts."""

import base64
import io
import re
import warnings

import numpy as np
import pytest
from PIL import Image

import tinyad as ad
from tinyad.errors import ArgumentError
from tinyad.explore import COLORS, figure, parameter_cube
from tinyad.explore.cube_model import (
    FORMATS,
    NETWORKS,
    RELUS,
    CubeModel,
    OneSided,
    differentiable,
    members,
    one_sided_relu,
)
from tinyad.explore.parameter_cube import draw_cube, projected
from tinyad.explore.style import png

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Where a corner is, as one sees it in the formula.
CORNERS = {
    "one unit": lambda w, b, v: (w + b == 0) & (v != 0),
    "its input 1.5": lambda w, b, v: (1.5 * w + b == 0) & (v != 0),
    "two layers": lambda w, b, c: (np.maximum(w + b, 0) + c == 0) | ((w + b == 0) & (c > 0)),
    "two units": lambda w, b, c: (w + b == 0) | (w == c),
}
FAILING = {  # counted by hand from these conditions: pairs that add up to zero, and so on
    ("one unit", "e1m1"): 7 * 6,
    ("one unit", "e2m1"): 15 * 14,
    ("one unit", "e2m2"): 31 * 30,
    ("two units", "e1m1"): 2 * 7**2 - 7,
    ("two units", "e2m1"): 2 * 15**2 - 15,
    ("two units", "e2m2"): 2 * 31**2 - 31,
}
EVERY = [(form, network) for form in FORMATS for network in NETWORKS]


# --- the numbers


def test_formats_by_their_definition():
    assert members(1, 1).tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert members(2, 1)[7:].tolist() == [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    assert members(2, 2)[15:].tolist() == [
        *(k / 4 for k in range(8)),
        *(k / 2 for k in range(4, 8)),
        *range(4, 8),
    ]
    assert len(members(3, 2)) == 63
    assert members(3, 2)[-1] == 28


@pytest.mark.parametrize(("form", "network"), EVERY)
def test_the_failing_points_are_the_corners_of_the_formula(form, network):
    cube = CubeModel(form, network)
    assert cube.size == len(members(*FORMATS[form])) ** 3
    assert np.array_equal(~cube.straight, CORNERS[network](*cube.points))
    assert cube.failing == FAILING.get((network, form), cube.failing)
    assert 0 < cube.failing <= cube.bound * cube.size


@pytest.mark.parametrize(("form", "network"), EVERY[:8])
@pytest.mark.parametrize("s", RELUS)
def test_ad_is_right_wherever_there_is_a_derivative(form, network, s):
    cube = CubeModel(form, network)
    assert cube.wrong(s) == 0
    rng = np.random.default_rng(0)
    for index in rng.choice(np.flatnonzero(cube.straight), 20):
        point = [float(axis[index]) for axis in cube.points]
        near = [
            (cube.unit.run(RELUS[0], *up) - cube.unit.run(RELUS[0], *down)) * 2.0**29
            for up, down in zip(moved(point, 2.0**-30), moved(point, -(2.0**-30)), strict=True)
        ]
        slopes = ad.grad(lambda *p: cube.unit.run(RELUS[s], *p), argnums=(0, 1, 2))(*point)
        assert [float(slope) for slope in slopes] == pytest.approx(near, abs=1e-6)


def moved(point, step):
    return [[x + step * (i == k) for k, x in enumerate(point)] for i in range(len(point))]


def test_wrong_counts_what_is_wrong():
    """A network without biases, on which AD is wrong for s = 1, is counted as such."""
    cube = CubeModel("e2m1", "one unit")
    object.__setattr__(cube, "unit", bare := type("Bare", (), {})())
    bare.run = lambda relu, w1, w2, v: v * relu(w2 * relu(w1))
    cube.straight, cube._along = differentiable(bare.run, cube.points)
    assert [cube.wrong(s) for s in (0, 0.5, 1)] == [0, 98, 98]


def test_directions_beside_the_axes_are_needed_and_tried():
    def size(relu, y):
        return relu(y) + relu(y * -1.0)

    def crossed(relu, p, q):
        return size(relu, p + q) + size(relu, p + q * -1.0) * -1.0

    at_zero = [np.zeros(1), np.zeros(1)]
    for direction in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        inputs = [OneSided(x, d) for x, d in zip(at_zero, direction, strict=True)]
        assert crossed(one_sided_relu, *inputs).slope == 0
    assert not differentiable(crossed, at_zero)[0]


def test_slices_make_up_the_cube():
    cube = CubeModel("e2m1", "two layers")
    assert sum(len(cube.slice(float(c))[0]) for c in cube.numbers) == cube.failing
    w, b = cube.slice(-2.0)
    assert set(w + b) == {2.0}


@pytest.mark.parametrize(("form", "network"), [("e9m9", "one unit"), ("e2m1", "three units")])
def test_what_is_not_listed_is_refused(form, network):
    with pytest.raises(ArgumentError, match=r"(?s)is not known.*Remedy: Choose one of"):
        CubeModel(form, network)
    with pytest.raises(ArgumentError):
        parameter_cube(form, network)


# --- the widget


def screen(explorer):
    return explorer.children[1].children[1].value


def test_the_dots_of_a_slice_are_drawn_where_they_are():
    cube = parameter_cube("e2m1", "two units")
    cube.set(slice=-3.0)
    picture = cube._scene._picture(cube.settings)
    drawn = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', screen(cube))
    places = [(float(x), picture.height - float(y)) for x, y in drawn]
    seen = picture.axes["plane"].transData.inverted().transform(places)
    w, b = CubeModel("e2m1", "two units").slice(-3.0)
    np.testing.assert_allclose(seen, np.column_stack([w, b]), atol=0.05)
    assert len(drawn) == 15 + 14


def test_the_cube_has_a_dot_for_each_failing_point():
    for form, network in EVERY[:8]:
        cube = parameter_cube(form, network)
        longest = max(re.findall(r'<path d="([^"]*)"', cube.children[1].children[0].value), key=len)
        model = CubeModel(form, network)
        shown = max(model.failing, len(model.numbers) ** 2)  # or the grid of the slice
        assert longest.count("M") == shown


@pytest.mark.parametrize("form", ["e1m1", "e2m1", "e2m2"])
def test_each_dot_is_seen_in_a_picture_of_pixels(form):
    fig, axes = figure(width=6, height=5)
    model = CubeModel(form, "one unit")
    draw_cube(axes, model)
    pixels = np.asarray(Image.open(io.BytesIO(png(fig))).convert("RGB")).astype(int)
    front = np.column_stack([axis[~model.straight] for axis in model.points[:2]])
    third = model.points[2][~model.straight]
    places = projected(front / model.numbers[-1], third / model.numbers[-1]).T
    x, y = (axes.transData.transform(places) / fig.dpi * 96 * 1.5).T  # as png() draws it
    seen = pixels[len(pixels) - 1 - y.astype(int), x.astype(int)]
    red = [int(COLORS["red"][k : k + 2], 16) for k in (1, 3, 5)]
    assert np.abs(seen - red).max() < 90  # the others are white, or gray


def test_the_readout_counts():
    cube = parameter_cube("e2m2", "its input 1.5")
    cube.set(slice=0)
    assert cube.readout.splitlines() == [
        "network     v·relu(1.5w + b), 1 ReLU; 31 numbers",
        "cube        270 of 29791 points without a derivative: 0.91%",
        "bound       1/31 = 3.23%",
        "AD wrong    at 0, 0, 0 of the other points for relu′(0) = 0, ½, 1",
        "slice       v = 0: 0 of 961 points without a derivative",
    ]
    cube.set(slice=7)
    cube.set(format="e1m1", network="two layers")
    assert "slice       c = 3: 7 of 49" in cube.readout  # 7 is none of its numbers


def test_nothing_jumps_and_nothing_warns():
    cube = parameter_cube()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lines = set()
        for form, network in EVERY[:8]:
            for third in (-3.0, -0.25, 0.0, 1.5, 3.0):
                cube.set(format=form, network=network, slice=third)
                lines.add(cube.readout.count("\n"))
                assert len(screen(cube)) < 15_000
    assert lines == {4}


def test_the_slider_has_the_numbers_of_the_format_and_no_others():
    cube = parameter_cube("e2m2")
    place = cube.children[0].children[2]
    cube.set(slice=2.5)
    for form in ("e2m1", "e1m1", "e2m2"):
        cube.children[0].children[0].value = form  # as a hand on the control does it
        numbers = members(*FORMATS[form])
        assert (place.min, place.max) == (0, len(numbers) - 1)
        assert numbers[place.value] == 2.0
        assert f"{len(numbers)} numbers" in cube.readout
        assert f"v = 2: {len(numbers)} of {len(numbers) ** 2}" in cube.readout


def test_a_slice_changes_what_moves_only():
    cube = parameter_cube()
    fixed = cube.children[1].children[0].value
    seen = {screen(cube)}
    for third in (-6.0, 0.0, 0.5):
        cube.set(slice=third)
        seen.add(screen(cube))
        assert cube.children[1].children[0].value == fixed
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"format": "float64"}, "Choose one of 'e1m1'"),
        ({"network": 3}, "Choose one of 'one unit'"),
        ({"slice": 6.5}, "from -6 to 6"),
        ({"slice": "v"}, "from -6 to 6"),
        ({"v": 1.0}, "There are: format, network, slice"),
    ],
)
def test_set_refuses_what_the_controls_cannot_show(settings, words):
    with pytest.raises(ArgumentError, match=words):
        parameter_cube().set(**settings)


def test_saved_notebooks_show_a_picture_and_fixed_words():
    cube = parameter_cube()
    data, metadata = cube._repr_mimebundle_()
    assert WIDGET_VIEW in data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == pytest.approx(1.5 * metadata["image/png"]["width"], abs=1)
    assert len(data["image/png"]) < 80_000
    cube.set(slice=-4.0)
    again = cube._repr_mimebundle_()[0]
    assert again["text/plain"] == data["text/plain"]
    assert again["image/png"] != data["image/png"]


def test_controls_and_picture_can_be_heard():
    cube = parameter_cube()
    controls = cube.children[0].children
    assert [control.description for control in controls] == ["format", "network", "slice"]
    assert all(control.tooltip for control in controls)
    label = re.search(r'<svg [^>]*role="img" aria-label="([^"]*)"', screen(cube)).group(1)
    assert "210 of 3375 points without a derivative" in label
