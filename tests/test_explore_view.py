"""The picture that stands still, the marks that move on it, and the widget around both."""

import base64
import io
import math
import os
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
from PIL import Image

import tinyad as ad
from tinyad.errors import ArgumentError
from tinyad.explore import COLORS, figure, finite_difference
from tinyad.explore.difference_model import PRECISIONS, SCHEMES, STEPS
from tinyad.explore.finite_difference import SECANT
from tinyad.explore.view import Dots, Line, Picture, Words

NUMBER = r"(-?[\d.]+)"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def square(x):
    return x**2 * 4 + 4 + 2


def plane():
    """A picture of one square decade on each axis: (1, 1) to (100, 100), logarithmic."""
    fig, ax = figure(width=4, height=3)
    ax.set(xscale="log", yscale="log", xlim=(1, 100), ylim=(1, 100))
    return Picture(fig, {"plane": ax})


def box(svg):
    """The rectangle that the marks of the first axes are clipped to, as (x, y, width, height)."""
    found = re.search(rf'<rect x="{NUMBER}" y="{NUMBER}" width="{NUMBER}" height="{NUMBER}"/>', svg)
    return [float(number) for number in found.groups()]


def circles(svg, color):
    found = re.findall(rf'<circle cx="{NUMBER}" cy="{NUMBER}" r="[^"]*" fill="{color}"', svg)
    return [(float(x), float(y)) for x, y in found]


def without_serial(svg):
    return re.sub(r"tinyad\d+-", "", svg)


def screen(explorer):
    """What moves: marks and readout."""
    return explorer.children[1].children[1].value


def drawn(explorer):
    """The figure on which the marks move now."""
    return explorer._scene._picture(explorer.settings)


def page(explorer):
    """All that stands on the page, the fixed part first."""
    return "".join(part.value for part in explorer.children[1].children)


# --- the picture


def test_marks_stand_at_their_coordinates():
    svg = plane().moving([Dots("plane", [1, 10, 100], [100, 10, 1], "#123456")], "Three dots.")
    x, y, width, height = box(svg)
    wanted = [(x, y), (x + width / 2, y + height / 2), (x + width, y + height)]
    assert np.allclose(circles(svg, "#123456"), wanted, atol=0.02)


def test_marks_are_clipped_to_the_axes_as_drawn():
    fig, ax = figure(width=4, height=3)
    picture = Picture(fig, {"plane": ax})
    svg = picture.moving([Line("plane", [0, 1], [0, 1], "#123456")], "A line.")
    # matplotlib draws the axes' own background as a path, before anything else in them
    background = re.search(
        rf'id="[^"]*patch_2">\s*<path d="M {NUMBER} {NUMBER}\s+L {NUMBER} {NUMBER}\s+'
        rf"L {NUMBER} {NUMBER}\s",
        picture.fixed,
    )
    left, bottom, right, _, _, top = (float(number) for number in background.groups())
    assert np.allclose(box(svg), [left, top, right - left, bottom - top], atol=0.02)
    (clip,) = re.findall(r'<g clip-path="url\(#([^)]*)\)"><polyline', svg)
    assert f'<clipPath id="{clip}"><rect' in svg


def test_what_is_nowhere_is_left_out():
    marks = [
        Dots("plane", [1, math.nan, 10, 10, 10], [1, 1, 0, math.inf, 10], "#123456"),
        Line("plane", [1, 10, 100], [1, -5, 100], "#123456"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = plane().moving(marks, "Some are nowhere.")
    assert len(circles(svg, "#123456")) == 2
    assert "nan" not in svg
    assert "inf" not in svg
    (points,) = re.findall(r'<polyline points="([^"]*)"', svg)
    assert len(points.split()) == 2


def test_svg_and_png_show_the_same():
    fig, ax = figure(width=4, height=3)
    picture = Picture(fig, {"plane": ax})
    marks = [Dots("plane", [0.25], [0.75], COLORS["green"], size=14.0)]
    ((x, y),) = circles(picture.moving(marks, "A dot."), COLORS["green"])
    image = Image.open(io.BytesIO(picture.png(marks))).convert("RGB")
    pixels = image.width / picture.width
    found = image.getpixel((round(x * pixels), round(y * pixels)))
    wanted = [int(COLORS["green"][i : i + 2], 16) for i in (1, 3, 5)]
    assert np.abs(np.subtract(found, wanted)).max() <= 8


def test_png_leaves_no_trace():
    picture = plane()
    empty = picture.png([])
    marks = [
        Dots("plane", [2], [2], "#123456"),
        Line("plane", [1, 9], [1, 9], "#123456", dashes=(4.0, 2.0)),
        Words("plane", 0.5, 0.5, "words"),
    ]
    assert picture.png(marks) != empty
    assert picture.png([]) == empty


def test_words_and_labels_are_escaped():
    svg = plane().moving([Words("plane", 0.5, 0.5, "a < b & c")], 'says "<b>"')
    assert "a &lt; b &amp; c" in svg
    assert 'aria-label="says &quot;&lt;b&gt;&quot;"' in svg


def test_ids_of_two_pictures_never_meet():
    one, other = (set(re.findall(r'\bid="([^"]*)"', plane().fixed)) for _ in range(2))
    assert one
    assert not one & other


def test_the_page_around_the_picture_is_left_alone():
    # a style element inside an SVG would restyle all of JupyterLab
    assert "<style" not in page(finite_difference(square, 3))


def test_every_reference_has_its_target():
    svg = page(finite_difference(square, 3))
    targets = set(re.findall(r'\bid="([^"]*)"', svg))
    references = set(re.findall(r'(?:href="#|url\(#)([^")]*)', svg))
    assert references
    assert references <= targets


def test_svg_is_the_same_in_every_run():
    code = (
        "import hashlib, tinyad; w = tinyad.explore.finite_difference(lambda x: x**2, 3);"
        "parts = [part.value for part in w.children[1].children];"
        "print(hashlib.sha256(''.join(parts).encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert "Date" not in page(finite_difference(square, 3))


# --- the explorer


@pytest.fixture
def slider():
    return finite_difference(square, 3)


def marker(explorer):
    """Where the big marker stands on the error axes."""
    return re.findall(
        rf'<circle cx="{NUMBER}" cy="{NUMBER}" r="5" fill="([^"]*)"', screen(explorer)
    )


def test_set_moves_the_marker_along_the_error_curve(slider):
    picture = drawn(slider)
    axes = picture.axes["error"]
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    area = axes.bbox
    for eps in (1e-2, 1e-5, 3e-6, 1e-12):
        slider.set(eps=eps)
        ((x, y, _),) = marker(slider)
        error = abs(ad.finite.difference(square, 3.0, eps) - 24)
        across = math.log10(eps / left) / math.log10(right / left)
        up = math.log10(error / low) / math.log10(high / low)
        assert float(x) == pytest.approx(area.x0 + across * area.width, abs=0.02)
        assert float(y) == pytest.approx(picture.height - area.y0 - up * area.height, abs=0.02)


def test_the_secant_goes_through_its_two_points(slider):
    slider.set(eps=0.5)
    axes = drawn(slider).axes["curve"]
    clip = re.search(r'<clipPath id="([^"]*clip-curve)"', screen(slider)).group(1)
    group = rf'<g clip-path="url\(#{clip}\)"><polyline points="([^"]*)"[^>]*stroke="{SECANT}"'
    ((x0, y0), (x1, y1)) = (
        map(float, pair.split(",")) for pair in re.search(group, screen(slider)).group(1).split()
    )
    height = drawn(slider).height
    (a, fa), (b, fb) = axes.transData.inverted().transform([(x0, height - y0), (x1, height - y1)])
    slope = (square(3.5) - square(3.0)) / 0.5
    assert (fb - fa) / (b - a) == pytest.approx(slope, rel=1e-3)
    assert fa + slope * (3 - a) == pytest.approx(square(3), abs=0.1)


def test_a_zero_error_stands_on_the_marked_line_as_a_ring(slider):
    slider.set(scheme="complex", eps=2.0**-30)
    assert "error       exactly 0" in slider.readout
    ((_, y, fill),) = marker(slider)
    assert fill == "#FFFFFF"
    picture = drawn(slider)
    ticks = picture.axes["error"].get_yticks()
    labels = [label.get_text() for label in picture.axes["error"].get_yticklabels()]
    zero = ticks[labels.index("0")]
    ((_, level),) = picture.place("error", [1.0], [zero])
    assert float(y) == pytest.approx(level, abs=0.02)


def test_moving_the_slider_changes_the_picture(slider):
    before = screen(slider)
    slider.children[0].children[0].index -= 10
    assert screen(slider) != before
    assert "ε = 1.0e-01" in slider.readout


def test_only_marks_move_with_the_step(slider):
    drawn = []
    original = slider._scene.picture
    slider._scene.picture = lambda settings: drawn.append(settings) or original(settings)
    fixed, moving = slider.children[1].children
    before = fixed.value
    for eps in (1e-3, 1e-6, 1e-9):
        slider.set(eps=eps)
    assert len(drawn) == 0
    assert fixed.value == before
    assert len(moving.value) < 12_000 < len(fixed.value)
    for scheme in (*SCHEMES, *SCHEMES):
        slider.set(scheme=scheme)
    assert len(drawn) == len(SCHEMES) - 1


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_size_and_number_of_lines_never_change(scheme, precision):
    explorer = finite_difference(np.log, 0.5)
    shapes = set()
    for eps in STEPS[::17]:
        explorer.set(eps=eps, scheme=scheme, precision=precision)
        size = re.search(r'<svg [^>]*width="(\d+)" height="(\d+)"', screen(explorer)).groups()
        numbers = re.search(r'role="status"[^>]*>(.*)</div>', screen(explorer), re.DOTALL)
        shapes.add((size, numbers.group(1).count("\n")))
    assert len(shapes) == 1


def test_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f, x in ((np.log, 0.5), (lambda x: 0 * x, 1), (np.cbrt, 1)):
            explorer = finite_difference(f, x)
            for scheme in SCHEMES:
                for eps in (1.0, 0.1, 1e-8, 1e-17):
                    explorer.set(scheme=scheme, eps=eps)
            explorer._repr_mimebundle_()


def test_readout_speaks_plainly(slider):
    slider.set(eps=1e-5)
    lines = slider.readout.splitlines()
    assert lines[0].startswith("forward ")
    assert lines[1] == "difference  24.000039999805264"
    assert lines[2] == "truth       24.0"
    assert lines[3].startswith("error       4.0e-05; predicted: truncation 4.0e-05, round-off ")
    assert lines[4].strip() == "5 digits agree with the truth."
    slider.set(eps=1e-17)
    assert "x + ε rounds to x" in slider.readout
    slider.set(scheme="complex")
    assert "There is no secant" in slider.readout


def test_agreeing_digits_are_bold(slider):
    slider.set(eps=1e-5)
    assert "<b>24.000</b>039999805264" in screen(slider)


def test_settings_are_exact_whatever_the_slider_can_show(slider):
    slider.set(eps=3e-6)
    assert slider.settings["eps"] == 3e-6
    control = slider.children[0].children[0]
    # the browser answers with the position it was given
    control.set_state({"index": control.index})
    assert slider.settings["eps"] == 3e-6
    control.set_state({"index": control.index + 1})
    assert slider.settings["eps"] == STEPS[control.index]
    assert 1e-5 in STEPS
    assert 1e-16 in STEPS


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"eps": 0}, "Choose a number from 1e-17 to 1"),
        ({"eps": -1e-3}, "Choose a number"),
        ({"eps": 2.0}, "Choose a number"),
        ({"eps": math.nan}, "Choose a number"),
        ({"eps": "1e-3"}, "Choose a number"),
        ({"eps": True}, "Choose a number"),
        ({"eps": np.ones(2)}, "Choose a number"),
        ({"scheme": "backward"}, "'forward', 'central', 'complex'"),
        ({"precision": "float16"}, "'float64', 'float32'"),
        ({"precision": ["float32"]}, "'float64', 'float32'"),
        ({"epsilon": 1e-3}, "eps, scheme, precision"),
    ],
)
def test_set_refuses_what_the_controls_cannot_show(slider, settings, words):
    with pytest.raises(ArgumentError, match=f"(?s)Remedy: .*{words}"):
        slider.set(**settings)
    slider.set(eps=1e-3)
    assert "ε = 1.0e-03" in slider.readout


def test_three_controls_with_a_name_for_each(slider):
    controls = slider.children[0].children
    assert [control.description for control in controls] == ["step ε", "scheme", "precision"]
    assert all(control.tooltip for control in controls)


def test_a_screen_reader_hears_the_numbers(slider):
    slider.set(eps=1e-5)
    label = re.search(r'<svg [^>]*role="img" aria-label="([^"]*)"', screen(slider)).group(1)
    assert "24.000039999805264" in label
    assert 'role="status"' in screen(slider)


def test_saved_notebooks_show_a_picture(slider):
    data, metadata = slider._repr_mimebundle_()
    assert WIDGET_VIEW in data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == pytest.approx(1.5 * metadata["image/png"]["width"], abs=1)
    assert len(metadata["image/png"]["alt"]) > 40
    assert len(data["image/png"]) < 60_000
    colors = {color for _, color in image.convert("RGB").getcolors(100_000)}
    assert len(colors) > 10


def test_text_does_not_change_with_the_settings(slider):
    plain = slider._repr_mimebundle_()[0]["text/plain"]
    slider.set(eps=1e-12, scheme="central")
    assert slider._repr_mimebundle_()[0]["text/plain"] == plain
    assert finite_difference(np.exp, 1.0)._repr_mimebundle_()[0]["text/plain"] == plain
    assert plain == without_serial(plain)
    assert "0x" not in plain


def test_bad_input_is_refused_with_a_remedy():
    with pytest.raises(ArgumentError, match=r"(?s)one number.*Remedy"):
        finite_difference(np.exp, np.ones(3))
    with pytest.raises(ArgumentError, match=r"(?s)not a function.*Remedy"):
        finite_difference(3.0, 1.0)
