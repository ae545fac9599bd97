"""The explorer of division by almost zero: its numbers against fractions, its dots against them."""

import base64
import io
import math
import re
import warnings
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from tinyad.errors import ArgumentError
from tinyad.explore import COLORS, almost_zero
from tinyad.explore.almost_zero import DELTAS, EPSILONS
from tinyad.explore.zero_model import ZeroModel, h, h1, h2, region

NUMBER = r"(-?[\d.]+)"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# γ in each region on either side, none of them at an edge
SPREAD = [1e-18, 1e-15, 1e-12, 1.2e-8, 3e-8, 1e-6, 5e-5, 2e-3, 0.4]
SIDES = [side * gamma for gamma in SPREAD for side in (1, -1)]


def exact(gamma, added):
    """The quotient from the rounded x and the rounded x², in fractions."""
    x = 2 + gamma
    g = Fraction(x) - 2
    bottom = added(g)
    return float((Fraction(x * x) - 4) / bottom) if bottom else math.nan


def toward(g, size):
    return Fraction(size) if g >= 0 else -Fraction(size)


# --- the numbers


@pytest.mark.parametrize("gamma", [0.0, *SIDES])
def test_the_three_quotients(gamma):
    eps, delta = 1e-7, 1e-4
    x = np.float64(2 + gamma)
    near = abs(gamma) < delta
    for value, wanted in (
        (h(x), exact(gamma, lambda g: g)),
        (h1(x, eps, delta), exact(gamma, lambda g: g + toward(g, eps) * near)),
        (h2(x, eps), exact(gamma, lambda g: toward(g, eps) if abs(g) < eps else g)),
    ):
        assert float(value) == pytest.approx(wanted, rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("gamma", SIDES)
def test_the_regions_are_what_rounding_leaves(gamma):
    x = Fraction(2 + gamma)
    g, square = x - 2, Fraction(float(x * x))
    name = "red" if g == 0 else "yellow" if square == 4 + 4 * g else "green"
    assert region(gamma) == name
    assert ZeroModel().point(gamma, 1e-8, 1e-4).region == name


def test_errors_are_measured_from_four_plus_gamma_even_where_that_is_no_float():
    point = ZeroModel().point(1e-17, 1e-8, 1e-4)
    assert 4 + 1e-17 == 4.0
    assert point.error(4.0) == 1e-17
    assert point.error(point.h1) == 4.0
    assert math.isnan(point.error(point.h))


@pytest.mark.parametrize("eps", [1e-18, 1e-8, 1e-3])
@pytest.mark.parametrize("delta", [1e-12, 1e-4, 1.0])
def test_the_curve_has_a_point_to_each_side_of_each_jump(eps, delta):
    gammas, values, errors = ZeroModel().curve(eps, delta)
    assert np.all(np.diff(gammas) > 0)
    assert np.array_equal(gammas, -gammas[::-1])
    assert np.isfinite(values).all()
    assert errors.max() == 4.0
    for jump in (2.0**-52, -(2.0**-53), delta, -delta):
        if abs(jump) < 1:
            gaps = np.abs(gammas / jump - 1)
            assert np.sort(gaps)[:2] == pytest.approx([1e-3, 1e-3], rel=1e-3)


def test_the_curve_jumps_where_x_passes_delta():
    for delta in DELTAS[:-1]:
        gammas, values, _ = ZeroModel().curve(1e-3, float(delta))
        beside = [int(np.abs(gammas - delta * (1 + nudge)).argmin()) for nudge in (-1e-3, 1e-3)]
        assert beside[1] == beside[0] + 1
        inside, outside = values[beside]
        assert inside == pytest.approx(4 * delta / (delta + 1e-3), rel=0.3)
        assert outside > 3.9


def test_no_number_of_the_sliders_gives_a_warning_or_an_infinity():
    model = ZeroModel()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for eps in EPSILONS[::4]:
            for delta in DELTAS[::3]:
                for gamma in model.gammas[::9]:
                    point = model.point(float(gamma), float(eps), float(delta))
                    assert math.isfinite(point.h1)
                    assert math.isfinite(point.h2)
                    assert math.isnan(point.h) == (point.region == "red")


# --- the picture


def screen(explorer):
    return explorer.children[1].children[1].value


def dots(explorer):
    """Where the two dots are, as (γ, value) and (γ, error), and their colors."""
    picture = explorer._scene._picture(explorer.settings)
    found = re.findall(rf'<circle cx="{NUMBER}" cy="{NUMBER}" [^>]*fill="(#\w+)"', screen(explorer))
    assert len(found) == 2
    places = []
    for name, (x, y, _) in zip(("value", "error"), found, strict=True):
        back = picture.axes[name].transData.inverted()
        places.append(back.transform([(float(x), picture.height - float(y))])[0])
    return places, {color for *_, color in found}


@pytest.mark.parametrize(
    ("gamma", "name"), [(1e-18, "red"), (-1e-12, "yellow"), (1e-6, "green"), (-0.3, "green")]
)
def test_the_dots_are_the_numbers(gamma, name):
    slider = almost_zero()
    slider.set(gamma=gamma, eps=1e-7, delta=1e-4)
    (value, error), colors = dots(slider)
    point = ZeroModel().point(gamma, 1e-7, 1e-4)
    assert colors == {COLORS[name]}
    assert value[0] == pytest.approx(gamma, rel=0.01)
    assert error[0] == pytest.approx(gamma, rel=0.01)
    assert value[1] == pytest.approx(point.h1, abs=0.002)
    if point.error(point.h1) > 1e-15:
        assert error[1] == pytest.approx(point.error(point.h1), rel=0.02)


def test_bands_end_where_the_regions_end():
    picture = almost_zero()._scene._picture({})
    patches = picture.axes["value"].patches
    ends = sorted({end for patch in patches for end in patch.get_extents().intervalx})
    inside = sorted([-1.0, -(2.0**-26), -(2.0**-53), 2.0**-52, 2.0**-25.5, 1.0])
    places = picture.axes["value"].transData.transform([(x, 0) for x in inside])[:, 0]
    assert np.allclose(ends, places, atol=1e-6)


# --- the widget


def test_readout_speaks_plainly():
    slider = almost_zero()
    slider.set(gamma=0, eps=1e-8, delta=1e-4)
    assert slider.readout.splitlines() == [
        "x           2.0, g = x − 2 = 0.0",
        "region      red: 2 + γ is rounded to 2",
        "h           nan, error none to measure",
        "h₁          0.0, error 4, with ε: 2 − δ < x < 2 + δ",
        "h₂          0.0, error 4, with ε: |g| < ε",
    ]
    slider.set(gamma=1e-2)
    assert "green" in slider.readout
    assert slider.readout.count("without ε") == 2


def test_numbers_set_from_code_are_exact_and_the_slider_walks_through_zero():
    slider = almost_zero()
    gamma = slider.children[0].children[0]
    slider.set(gamma=-1.23e-9)
    assert slider.settings["gamma"] == -1.23e-9
    assert gamma.value == -1e-9
    gamma.index -= 1
    assert slider.settings["gamma"] == -1.6e-9
    slider.set(gamma=0)
    gamma.index += 1
    assert slider.settings["gamma"] == 1e-20
    gamma.index -= 2
    assert slider.settings["gamma"] == -1e-20


def test_moving_a_slider_changes_marks_and_nothing_else():
    slider = almost_zero()
    fixed, moving = slider.children[1].children
    before = fixed.value, moving.value
    for control in slider.children[0].children:
        control.index += 1
        assert fixed.value == before[0]
        assert moving.value != before[1]
        before = fixed.value, moving.value
    assert len(moving.value) < 20_000


def test_number_of_lines_never_changes():
    slider = almost_zero()
    shapes = set()
    for gamma in (-1, -1e-12, 0, 1e-17, 1e-3):
        slider.set(gamma=gamma, eps=1e-4, delta=1e-8)
        shapes.add(len(slider.readout.splitlines()))
    assert shapes == {5}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"gamma": 2}, "from -1 to 1"),
        ({"gamma": math.nan}, "Choose a number"),
        ({"eps": 0}, "from 1e-18 to 0.1"),
        ({"delta": "1"}, "from 1e-12 to 1"),
        ({"x": 1}, "gamma, eps, delta"),
    ],
)
def test_set_refuses_what_the_sliders_cannot_show(settings, words):
    slider = almost_zero()
    with pytest.raises(ArgumentError, match=f"(?s)Remedy: .*{words}"):
        slider.set(**settings)


def test_saved_notebooks_show_a_picture_and_fixed_words():
    slider = almost_zero()
    data, metadata = slider._repr_mimebundle_()
    assert WIDGET_VIEW in data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == pytest.approx(1.5 * metadata["image/png"]["width"], abs=1)
    assert len(data["image/png"]) < 60_000
    slider.set(gamma=-1e-3)
    again = slider._repr_mimebundle_()[0]
    assert again["text/plain"] == data["text/plain"]
    assert again["image/png"] != data["image/png"]


def test_controls_and_picture_can_be_heard():
    slider = almost_zero()
    assert [c.description for c in slider.children[0].children] == ["γ", "ε", "δ"]
    assert all(control.tooltip for control in slider.children[0].children)
    label = re.search(r'<svg [^>]*role="img" aria-label="([^"]*)"', screen(slider)).group(1)
    assert "yellow" in label
