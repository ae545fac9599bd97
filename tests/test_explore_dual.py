"""The dual-number slider: its numbers against mathematics, its arrows against its numbers."""

import base64
import io
import math
import re
import warnings

import mpmath
import numpy as np
import pytest
from PIL import Image

from tinyad.errors import ArgumentError, OutputError
from tinyad.explore import dual_number, figure
from tinyad.explore.dual_model import REACH, DualModel
from tinyad.explore.dual_number import INPUT, ON_CURVE, OUTPUT
from tinyad.explore.view import Arrow, Picture

NUMBER = r"(-?[\d.]+)"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SMOOTH = {
    "exp": (np.exp, mpmath.exp, 1.0),
    "x sin x": (lambda x: x * np.sin(x), lambda x: x * mpmath.sin(x), 2.0),
    "1/x": (lambda x: 1 / x, lambda x: 1 / x, 0.5),
}


def wave(x):
    return x * np.sin(x)


# --- the numbers


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("tangent", [-2.0, 0.0, 0.3, 1.0])
def test_the_image_of_a_dual_number_is_value_and_slope_times_seed(name, tangent):
    f, exact, x = SMOOTH[name]
    image = DualModel(f, x).image(x, tangent)
    assert image.value == pytest.approx(float(exact(x)), rel=1e-14)
    assert image.tangent == pytest.approx(tangent * float(mpmath.diff(exact, x)), rel=1e-13)
    assert image.note == ""


def test_the_curve_ahead_is_f_without_a_tangent():
    model = DualModel(wave, 2.0)
    assert model.image(2.0, 1.5).ahead == 3.5 * np.sin(3.5)


def test_numbers_of_the_notes():
    image = DualModel(lambda x: x * x * 4 + 4 + 2, 3).image(3.0, 1.0)
    assert (image.value, image.tangent) == (42.0, 24.0)


def test_where_f_has_no_value_there_is_a_note_and_no_warning():
    def choosy(x):
        if x < 0:
            raise ValueError
        return x * x

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "no finite value" in DualModel(np.log, 1.0).image(-0.5, 1.0).note
        assert "no finite value" in DualModel(np.sqrt, 1.0).image(0.0, 1.0).note
        assert DualModel(choosy, 1.0).image(-0.5, 1.0).note == "f raises ValueError here."
        assert math.isnan(DualModel(np.log, 1.0).image(1.0, -2.0).ahead)


def test_the_window_holds_the_curve_and_no_pole():
    model = DualModel(np.exp, 1.0)
    assert model.low < math.exp(1 - REACH)
    assert model.high > math.exp(1 + REACH)
    model = DualModel(lambda x: 1 / x, 0.5)
    assert -200 < model.low < 2 < model.high < 200
    flat = DualModel(lambda x: 0 * x + 7, 0.5)
    assert flat.low < 7 < flat.high


# --- the arrows


def box(svg):
    found = re.search(rf'<rect x="{NUMBER}" y="{NUMBER}" width="{NUMBER}" height="{NUMBER}"/>', svg)
    return [float(number) for number in found.groups()]


def arrows(svg, color):
    """Tail and tip of each arrow of this color, in the picture's points."""
    found = re.findall(rf'<polygon points="([^"]*)" fill="{color}"', svg)
    outlines = [[tuple(map(float, p.split(","))) for p in points.split()] for points in found]
    return [(np.mean([o[0], o[-1]], axis=0), np.array(o[3])) for o in outlines if o]


def screen(explorer):
    return explorer.children[1].children[1].value


def ends(explorer, color):
    """Tail and tip of the arrow of this color, in data coordinates."""
    picture = explorer._scene._picture(explorer.settings)
    ((tail, tip),) = arrows(screen(explorer), color)
    places = [(x, picture.height - y) for x, y in (tail, tip)]
    return picture.axes["plane"].transData.inverted().transform(places)


def square_decades():
    fig, ax = figure(width=4, height=3)
    ax.set(xlim=(0, 2), ylim=(0, 2))
    return Picture(fig, {"plane": ax})


def test_an_arrow_goes_from_its_tail_to_its_tip():
    svg = square_decades().moving([Arrow("plane", [0, 1], [2, 1], "#123456")], "An arrow.")
    x, y, width, height = box(svg)
    ((tail, tip),) = arrows(svg, "#123456")
    assert np.allclose(tail, (x, y), atol=0.02)
    assert np.allclose(tip, (x + width / 2, y + height / 2), atol=0.02)


@pytest.mark.parametrize("end", [1.0, math.nan, math.inf])
def test_an_arrow_to_its_own_place_or_to_nowhere_is_none(end):
    picture, mark = square_decades(), Arrow("plane", [1, 1], [1, end], "#123456")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert arrows(picture.moving([mark], "No arrow."), "#123456") == []
        assert picture.png([mark]) == picture.png([])


def test_arrows_look_the_same_in_svg_and_png():
    picture = square_decades()
    marks = [Arrow("plane", [0.4, 1.6], [1.0, 1.0], "#04754D", 12.0)]
    ((tail, tip),) = arrows(picture.moving(marks, "An arrow."), "#04754D")
    image = Image.open(io.BytesIO(picture.png(marks))).convert("RGB")
    pixels = image.width / picture.width
    for share, is_green in ((0.05, True), (0.5, True), (0.95, True), (1.05, False)):
        place = (tail + share * (tip - tail)) * pixels
        found = image.getpixel((int(place[0]), int(place[1])))
        assert bool(np.abs(np.subtract(found, (0x04, 0x75, 0x4D))).max() < 9) == is_green


@pytest.mark.parametrize(("x", "tangent"), [(2.0, 1.0), (0.5, -0.7), (3.3, 0.4)])
def test_the_arrows_are_the_dual_numbers(x, tangent):
    slider = dual_number(wave, 2)
    slider.set(x=x, tangent=tangent)
    y, slope = x * math.sin(x), math.sin(x) + x * math.cos(x)
    below, on_curve, left = (ends(slider, color) for color in (INPUT, ON_CURVE, OUTPUT))
    assert below[:, 0] == pytest.approx([x, x + tangent], abs=1e-3)
    assert below[0, 1] == pytest.approx(below[1, 1])
    wanted = [(x, y), (x + tangent, y + slope * tangent)]
    assert np.allclose(on_curve, wanted, atol=5e-3)
    assert left[:, 1] == pytest.approx(on_curve[:, 1], abs=1e-3)
    assert left[0, 0] == pytest.approx(left[1, 0])


def test_without_a_seed_there_is_no_arrow():
    slider = dual_number(wave, 2)
    slider.set(tangent=0)
    assert all(not arrows(screen(slider), color) for color in (INPUT, ON_CURVE, OUTPUT))
    assert "ẋ is 0: no slope" in slider.readout


# --- the widget


def test_readout_speaks_plainly():
    slider = dual_number(lambda x: x * x * 4 + 4 + 2, 3)
    assert slider.readout.splitlines()[:3] == [
        "input       3.0 + 1.0 ε",
        "output      42.0 + 24.0 ε",
        "slope       ẏ / ẋ = 24.0",
    ]
    slider.set(x=1, tangent=-0.5)
    assert "input       1.0 − 0.5 ε" in slider.readout
    assert "output      10.0 − 4.0 ε" in slider.readout
    line = dual_number(lambda x: 3 * x, 1)
    assert "the curve is there, too" in line.readout


def test_numbers_set_from_code_are_exact_and_the_sliders_walk_in_tenths():
    slider = dual_number(wave, 2.03)
    assert slider.settings == {"x": 2.03, "tangent": 1.0}
    slider.set(x=1.234)
    place = slider.children[0].children[0]
    assert slider.settings["x"] == 1.234
    place.index += 1
    assert slider.settings["x"] == pytest.approx(1.33)
    seed = slider.children[0].children[1]
    seed.index = 0
    assert slider.settings["tangent"] == -2.0


def test_moving_a_slider_changes_marks_and_nothing_else():
    slider = dual_number(wave, 2)
    fixed, moving = slider.children[1].children
    before = fixed.value, moving.value
    slider.children[0].children[0].index += 1
    assert fixed.value == before[0]
    assert moving.value != before[1]
    assert len(moving.value) < 5_000


def test_size_and_number_of_lines_never_change():
    slider = dual_number(np.log, 1)
    shapes = set()
    for x in (-1.0, 0.0, 0.5, 3.5):
        for tangent in (-2, 0, 1):
            slider.set(x=x, tangent=tangent)
            numbers = re.search(r'role="status"[^>]*>(.*)</div>', screen(slider), re.DOTALL)
            shapes.add(numbers.group(1).count("\n"))
    assert shapes == {3}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"x": 9}, "from -0.5 to 4.5"),
        ({"x": math.nan}, "Choose a number"),
        ({"tangent": 2.5}, "from -2 to 2"),
        ({"tangent": "1"}, "Choose a number"),
        ({"seed": 1}, "x, tangent"),
    ],
)
def test_set_refuses_what_the_sliders_cannot_show(settings, words):
    slider = dual_number(wave, 2)
    with pytest.raises(ArgumentError, match=f"(?s)Remedy: .*{words}"):
        slider.set(**settings)
    slider.set(x=1)
    assert "1.0 + 1.0 ε" in slider.readout


def test_saved_notebooks_show_a_picture_and_fixed_words():
    slider = dual_number(wave, 1)
    data, metadata = slider._repr_mimebundle_()
    assert WIDGET_VIEW in data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == pytest.approx(1.5 * metadata["image/png"]["width"], abs=1)
    assert len(data["image/png"]) < 40_000
    slider.set(x=3)
    again = slider._repr_mimebundle_()[0]
    assert again["text/plain"] == data["text/plain"]
    assert again["image/png"] != data["image/png"]


def test_controls_and_picture_can_be_heard():
    slider = dual_number(wave, 1)
    assert [c.description for c in slider.children[0].children] == ["x", "tangent ẋ"]
    assert all(control.tooltip for control in slider.children[0].children)
    label = re.search(r'<svg [^>]*role="img" aria-label="([^"]*)"', screen(slider)).group(1)
    assert "input       1.0 + 1.0 ε" in label


@pytest.mark.parametrize(
    ("f", "x", "error", "words"),
    [
        (3.0, 1.0, ArgumentError, "not a function"),
        (np.exp, np.ones(3), ArgumentError, "one number"),
        (np.exp, math.inf, ArgumentError, "Choose a finite x"),
        (np.sqrt, 0.0, ArgumentError, "where f is smooth"),
        (lambda x: np.stack([x, x]), 1.0, ArgumentError, "returns one number"),
        (lambda x: None, 1.0, OutputError, "number"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(f, x, error, words):
    with pytest.raises(error, match=f"(?s){words}"):
        dual_number(f, x)
