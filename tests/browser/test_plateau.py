"""The plateau explorer in real JupyterLab: keyboard, latency, both themes."""

import pytest
from latency import measure
from pages import bare, cell, in_both_themes, readout

CELLS = {
    "set-up": "import tinyad as ad",
    "plateau": "slider = ad.explore.plateau()\nslider",
    "drive": "slider.set(a=2, n=5, gamma=1e-9)",
}


def curve(page):
    """The points of the longest line that is drawn: the curve of errors."""
    lines = cell(page, 1).locator("svg[role=img] polyline").all()
    return max((line.get_attribute("points") for line in lines), key=len)


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 1).locator(".jp-OutputArea-output")
    assert output.locator("img").evaluate("image => image.naturalWidth") > 1000
    assert opened.locator("[role=slider]").count() == 0
    assert "run the cell" not in output.inner_text()


def test_three_sliders_move_by_keyboard_and_nothing_jumps(live):
    assert "(x⁵ − 2⁵) / (x − 2)" in readout(cell(live, 1))
    assert "twice the truth" in readout(cell(live, 1))
    place, power, gamma = cell(live, 1).locator("[role=slider]").all()
    sizes, curves = set(), {curve(live)}
    for handle, key, words in (
        (place, "ArrowRight", "(x⁵ − 3⁵) / (x − 3)"),
        (power, "Home", "(x² − 3²) / (x − 3)"),
        (power, "End", "(x²⁰ − 3²⁰) / (x − 3)"),
        (gamma, "Home", "a + γ rounds to a"),
        (place, "End", "(x²⁰ − 8²⁰) / (x − 8)"),
    ):
        handle.focus()
        live.keyboard.press(key)
        cell(live, 1).get_by_text(words).first.wait_for()
        box = cell(live, 1).bounding_box()
        sizes.add((box["width"], box["height"]))
        curves.add(curve(live))
    assert len(sizes) == 1
    assert len(curves) == 5  # γ alone does not change the curve
    pictures = cell(live, 1).locator(".widget-html-content svg").all()
    fixed, moving = (picture.bounding_box() for picture in pictures)
    assert fixed == moving


def test_it_is_dark_on_white_in_both_themes(live):
    for _ in in_both_themes(live, cell(live, 1), "plateau"):
        numbers = cell(live, 1).locator("[role=status]")
        assert numbers.evaluate("n => getComputedStyle(n).color") == "rgb(31, 35, 40)"


@pytest.mark.alone
def test_arrow_keys_move_the_picture_at_once(live, measured):
    changed, allowed = measure(cell(live, 1), bare(live), measured)
    assert changed <= allowed
