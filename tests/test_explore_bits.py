"""The bits slider: its numbers against NumPy's own float32, its marks against its numbers."""

import base64
import io
import math
import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tinyad.errors import ArgumentError
from tinyad.explore import float_bits
from tinyad.explore.bits_model import LAST_FRACTION, SIGNS, Float32, fields_of
from tinyad.explore.float_bits import FIELDS, HERE

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PATTERNS = st.integers(0, 2**32 - 1)
SOME = {
    "two": (2.0, "normal"),
    "below two": (float(np.nextafter(np.float32(2), np.float32(0))), "normal"),
    "odd": (-6.02e23, "normal"),
    "largest": (float(np.finfo(np.float32).max), "normal"),
    "smallest normal": (2.0**-126, "normal"),
    "largest subnormal": (2.0**-126 - 2.0**-149, "subnormal"),
    "smallest": (2.0**-149, "subnormal"),
    "zero": (0.0, "zero"),
    "infinity": (math.inf, "infinity"),
    "nan": (math.nan, "NaN"),
}


def by_pattern(pattern):
    """The number with these 32 bits, by our fields and by NumPy."""
    ours = Float32(SIGNS[pattern >> 31], pattern >> 23 & 255, pattern & LAST_FRACTION)
    return ours, np.uint32(pattern).view(np.float32)


# --- the numbers


@given(PATTERNS)
def test_every_pattern_means_what_numpy_says(pattern):
    ours, numpys = by_pattern(pattern)
    assert int(ours.bits, 2) == pattern
    if np.isnan(numpys):
        assert ours.kind == "NaN"
        assert math.isnan(ours.value)
    else:
        assert ours.value == float(numpys)
        assert math.copysign(1, ours.value) == math.copysign(1, numpys)
        assert fields_of(float(numpys)) == (ours.sign, ours.exponent, ours.fraction)


@given(PATTERNS)
def test_gap_and_neighbors_are_numpys(pattern):
    ours, numpys = by_pattern(pattern)
    with np.errstate(all="ignore"):
        gap = float(np.spacing(np.abs(numpys)))
        up = float(np.nextafter(numpys, np.float32(math.inf)))
        down = float(np.nextafter(numpys, np.float32(-math.inf)))
    if not np.isfinite(numpys):
        assert math.isnan(ours.gap)
        return
    if abs(numpys) < np.finfo(np.float32).max:  # NumPy has no spacing at the last one
        assert ours.gap == gap
    for steps, neighbor in ((1, up), (-1, down)):
        found = ours.neighbor(steps)
        assert found == neighbor if math.isfinite(neighbor) else math.isnan(found)


@pytest.mark.parametrize(("x", "kind"), SOME.values(), ids=SOME)
def test_kinds(x, kind):
    assert Float32(*fields_of(x)).kind == kind


def test_a_number_between_two_floats_goes_to_the_nearer_one():
    for x in (0.1, 2.0001, 1e-42, 3e-46, -1e30):
        assert Float32(*fields_of(x)).value == float(np.float32(x))
    assert Float32(*fields_of(1e39)).kind == "infinity"
    assert fields_of(-1e300)[0] == "-"


# --- the marks


def screen(explorer):
    return explorer.children[1].children[1].value


def circles(svg, color):
    """Center of each dot of this color, and whether it is filled."""
    found = re.findall(
        r'cx="([\d.-]+)" cy="([\d.-]+)" r="[\d.]+" fill="(#\w+)" stroke="(#\w+)"', svg
    )
    return [
        (float(x), float(y), fill == color) for x, y, fill, edge in found if color in (fill, edge)
    ]


@pytest.mark.parametrize("x", [0.1, -6.5, 2.0001, 0.0, math.inf])
def test_a_filled_dot_is_a_one(x):
    slider = float_bits(x)
    top = [dot for _, _, color in FIELDS for dot in circles(screen(slider), color)]
    height = min(y for _, y, _ in top)
    row = sorted(dot for dot in top if dot[1] == height)
    bits = "".join("01"[filled] for _, _, filled in row)
    assert bits == f"{np.float32(x).view(np.uint32):032b}"


def test_below_a_power_of_two_neighbors_are_half_as_far():
    slider = float_bits(2.0)
    (_, line, _), *_ = sorted(circles(screen(slider), HERE), key=lambda dot: -dot[1])
    (here,) = [x for x, y, _ in circles(screen(slider), HERE) if y == line]
    others = np.array([x for x, y, _ in circles(screen(slider), FIELDS[2][2]) if y == line]) - here
    above, below = min(others[others > 0]), -max(others[others < 0])
    assert above == pytest.approx(2 * below, rel=1e-3)


@pytest.mark.parametrize(("x", "kind"), SOME.values(), ids=SOME)
def test_every_kind_of_number_is_drawn_without_a_warning(x, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        slider = float_bits(x)
        assert kind.lower() in slider.readout.lower() or kind == "normal"
        slider.set(sign="-")
        assert slider._repr_mimebundle_()[0]["image/png"]


# --- the widget


def test_readout_speaks_plainly():
    slider = float_bits(2.0001)
    assert slider.readout.splitlines() == [
        "bits        0 10000000 00000000000000110100011",
        "number      +(1 + 419/2^23) × 2^1 = 2.0000998973846436",
        "neighbors   2.0000997 and 2.0001001",
        "gap         2.4e-07 = 2^-22; divided by the number, 1.2e-07",
        "            an ordinary number; the 1 in front of the fraction is not stored",
    ]
    slider.set(exponent=254, fraction=LAST_FRACTION)
    assert "neighbors   3.4028233e+38 and infinity" in slider.readout


def test_an_arrow_key_goes_to_the_next_float():
    slider = float_bits(4.0)
    slider.children[0].children[2].value += 1
    assert f"= {float(np.nextafter(np.float32(4), np.float32(5)))}" in slider.readout


def test_size_and_number_of_lines_never_change():
    slider = float_bits(1.0)
    shapes = set()
    for exponent in (0, 1, 127, 254, 255):
        for fraction in (0, 1, LAST_FRACTION):
            slider.set(exponent=exponent, fraction=fraction)
            numbers = re.search(r'role="status"[^>]*>(.*)</div>', screen(slider), re.DOTALL)
            shapes.add(numbers.group(1).count("\n"))
            assert max(map(len, slider.readout.splitlines())) <= 90
    assert shapes == {4}


def test_moving_a_slider_changes_marks_and_nothing_else():
    slider = float_bits(2.0)
    fixed, moving = slider.children[1].children
    before = fixed.value, moving.value
    slider.set(exponent=3)
    assert fixed.value == before[0]
    assert moving.value != before[1]
    assert len(moving.value) < 10_000


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"exponent": 256}, "from 0 to 255"),
        ({"exponent": 1.5}, "from 0 to 255"),
        ({"fraction": 2**23}, "from 0 to 8388607"),
        ({"sign": 1}, "'\\+', '-'"),
        ({"bias": 1}, "sign, exponent, fraction"),
    ],
)
def test_set_refuses_what_the_fields_cannot_hold(settings, words):
    slider = float_bits(2.0)
    with pytest.raises(ArgumentError, match=f"(?s)Remedy: .*{words}"):
        slider.set(**settings)
    assert "= 2.0" in slider.readout


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.ones(2), "one number"),
        ("0.1", "number"),
        (True, "truth value"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(x, words):
    with pytest.raises(ArgumentError, match=f"(?si){words}.*Remedy"):
        float_bits(x)


def test_saved_notebooks_show_a_picture_and_fixed_words():
    slider = float_bits(0.1)
    data, metadata = slider._repr_mimebundle_()
    assert WIDGET_VIEW in data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == pytest.approx(1.5 * metadata["image/png"]["width"], abs=1)
    assert len(data["image/png"]) < 40_000
    slider.set(exponent=3)
    again = slider._repr_mimebundle_()[0]
    assert again["text/plain"] == data["text/plain"]
    assert again["image/png"] != data["image/png"]


def test_controls_and_picture_can_be_heard():
    slider = float_bits(0.1)
    controls = slider.children[0].children
    assert [c.description for c in controls] == ["sign", "exponent", "fraction"]
    assert all(control.tooltip for control in controls)
    label = re.search(r'<svg [^>]*role="img" aria-label="([^"]*)"', screen(slider)).group(1)
    assert "0 01111011" in label
