"""The plateau explorer: its numbers against exact fractions and the plateau law."""

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
from tinyad.explore import plateau
from tinyad.explore.plateau import PLACES, POWERS
from tinyad.explore.plateau_model import GAMMAS, PlateauModel

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def exact(a, n, x):
    """Value and slope of (xⁿ − aⁿ)/(x − a) as a sum of powers, nothing rounded."""
    x, a = Fraction(x), Fraction(a)
    value = sum(x**k * a ** (n - 1 - k) for k in range(n))
    slope = sum(k * x ** (k - 1) * a ** (n - 1 - k) for k in range(1, n))
    return value, slope


# --- the numbers


@pytest.mark.parametrize("a", PLACES)
@pytest.mark.parametrize("n", [2, 3, 7, 20])
def test_the_truth_is_that_of_exact_fractions(a, n):
    for gamma in (1e-17, 1e-9, 3.16e-5, 1.0):
        sample = PlateauModel(a, n).sample(gamma)
        value, slope = exact(a, n, float(a) + gamma)
        assert sample.true_value == pytest.approx(float(value), rel=1e-14)
        assert sample.true_slope == pytest.approx(float(slope), rel=1e-14)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 10, 20])
@pytest.mark.parametrize("a", [0.5, 1.0, 2.0, 4.0, 8.0])
def test_on_the_plateau_of_a_power_of_two_the_slope_is_the_second_derivative(a, n):
    """f″(a) = n(n − 1)aⁿ⁻² comes out, twice the truth, up to the noise of numbers of size 1/γ."""
    model = PlateauModel(a, n)
    sample = model.sample(model.edge / 8)
    assert sample.slope == pytest.approx(n * (n - 1) * a ** (n - 2), rel=1e-5)
    assert sample.true_slope == pytest.approx(n * (n - 1) * a ** (n - 2) / 2, rel=1e-5)


def where_halves(f, low, high):
    """The largest g, in 200 halvings, for which f(g) is true; f turns from true to false."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) else (low, middle)
    return low


@pytest.mark.parametrize("n", [2, 3, 4, 5, 10, 20])
def test_the_edges_are_where_the_terms_reach_half_a_unit_in_the_last_place(n):
    half = Fraction(math.ulp(2.0**n)) / 2
    square = where_halves(
        lambda g: Fraction(n * (n - 1), 2) * 2 ** (n - 2) * Fraction(g) ** 2 <= half, 0, 1
    )
    last = where_halves(lambda g: Fraction(g) ** n <= half, 0, 1)
    assert PlateauModel(2.0, n).edge == pytest.approx(square, rel=1e-12)
    assert PlateauModel(2.0, n).last_term == pytest.approx(last, rel=1e-12)


def test_the_slope_is_wrong_up_to_the_edge_and_right_beyond():
    for n in POWERS:
        model = PlateauModel(2.0, n)
        wrong = GAMMAS[model.errors > 0.5]
        assert 0.75 < wrong.max() / model.edge < 1.3
        far = GAMMAS / model.edge > 100
        assert model.errors[far].max() < 1e-3


def test_edges_move_apart_as_the_power_grows():
    models = [PlateauModel(2.0, n) for n in POWERS]
    assert np.all(np.diff([model.edge for model in models]) < 0)
    assert np.all(np.diff([model.last_term for model in models]) > 0)


def test_there_is_no_slope_where_a_plus_gamma_rounds_to_a():
    for a in PLACES:
        absorbed = float(a) + GAMMAS == float(a)
        np.testing.assert_array_equal(np.isnan(PlateauModel(a, 3).errors), absorbed)


def test_elsewhere_the_error_has_no_bound():
    assert np.nanmax(PlateauModel(3.0, 2).errors) == pytest.approx(2.0**52, rel=1e-12)
    assert np.nanmax(PlateauModel(2.0, 2).errors) == 1.0


@pytest.mark.parametrize(("a", "n"), [(0.0, 2), (-1.0, 2), (math.nan, 2), (2.0, 1), (2.0, 2.5)])
def test_the_model_refuses_what_it_does_not_understand(a, n):
    with pytest.raises(ArgumentError, match=r"(?s)Remedy: .*Choose a"):
        PlateauModel(a, n)


# --- the widget


def screen(explorer):
    return explorer.children[1].children[1].value


def curve(explorer):
    """The points of the curve of errors, in the picture's points."""
    longest = max(re.findall(r'<polyline points="([^"]*)"', screen(explorer)), key=len)
    return np.array([[float(v) for v in pair.split(",")] for pair in longest.split()])


def test_the_readout_tells_value_slope_and_edges():
    slider = plateau(a=2, n=3)
    slider.set(gamma=1e-9)
    assert slider.readout.splitlines() == [
        "program     (x³ − 2³) / (x − 2) at x = 2 + 1.0e-09",
        "value       12, true 12.000000006",
        "slope       12, true 6: twice the truth",
        "γ² is lost  below γ = 1.2e-08",
        "γ³ is lost  below γ = 9.6e-06",
    ]
    slider.set(a=3, n=2, gamma=3.98e-16)
    assert "-4.5036e+15, true 1: no digit is right" in slider.readout
    slider.set(a=1, gamma=1e-17)
    assert "slope       nan, true 1: a + γ rounds to a" in slider.readout
    slider.set(a=2, gamma=1.0)
    assert "about 16 digits are right" in slider.readout


def test_the_curve_is_drawn_where_its_numbers_are():
    slider = plateau(a=2, n=5)
    axes = slider._scene._picture(slider.settings).axes["plane"]
    height = slider._scene._picture(slider.settings).height
    drawn = axes.transData.inverted().transform([(x, height - y) for x, y in curve(slider)])
    errors = np.maximum(PlateauModel(2.0, 5).errors, 1e-16)  # 0 has no place on this axis
    seen = np.isfinite(errors)
    np.testing.assert_allclose(drawn[:, 0], GAMMAS[seen], rtol=2e-2)
    np.testing.assert_allclose(np.log10(drawn[:, 1]), np.log10(errors[seen]), atol=2e-2)


def test_power_and_place_change_the_curve_and_not_what_stands_still():
    slider = plateau()
    fixed = slider.children[1].children[0].value
    seen = set()
    for a, n in ((2, 2), (2, 3), (3, 2), (math.pi, 20)):
        slider.set(a=a, n=n)
        seen.add(curve(slider).tobytes())
        assert slider.children[1].children[0].value == fixed
        assert len(screen(slider)) < 8_000
    assert len(seen) == 4


def test_nothing_jumps_and_nothing_warns():
    slider = plateau()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lines = set()
        for a in PLACES[::2]:
            for n in (2, 11, 20):
                for gamma in (1e-17, 1e-12, 1e-3, 1.0):
                    slider.set(a=float(a), n=n, gamma=gamma)
                    lines.add(slider.readout.count("\n"))
    assert lines == {4}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"a": 9}, "from 0.1 to 8"),
        ({"a": "2"}, "Choose a number"),
        ({"n": 1}, "Choose one of 2, 3"),
        ({"n": 2.5}, "Choose one of 2, 3"),
        ({"gamma": 0}, "from 1e-17 to 1"),
        ({"eps": 1e-8}, "a, n, gamma"),
    ],
)
def test_set_refuses_what_the_sliders_cannot_show(settings, words):
    slider = plateau()
    with pytest.raises(ArgumentError, match=f"(?s)Remedy: .*{words}|There are: {words}"):
        slider.set(**settings)
    slider.set(n=3)
    assert "x³" in slider.readout


def test_out_of_range_from_the_start_is_refused():
    with pytest.raises(ArgumentError):
        plateau(a=-2)
    with pytest.raises(ArgumentError):
        plateau(n=50)


def test_saved_notebooks_show_a_picture_and_fixed_words():
    slider = plateau(a=3)
    data, metadata = slider._repr_mimebundle_()
    assert WIDGET_VIEW in data
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width == pytest.approx(1.5 * metadata["image/png"]["width"], abs=1)
    assert len(data["image/png"]) < 60_000
    slider.set(n=5)
    again = slider._repr_mimebundle_()[0]
    assert again["text/plain"] == data["text/plain"]
    assert again["image/png"] != data["image/png"]


def test_controls_and_picture_can_be_heard():
    slider = plateau()
    controls = slider.children[0].children
    assert [control.description for control in controls] == ["a", "n", "γ"]
    assert all(control.tooltip for control in controls)
    label = re.search(r'<svg [^>]*role="img" aria-label="([^"]*)"', screen(slider)).group(1)
    assert "twice the truth" in label
