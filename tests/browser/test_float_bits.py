"""The bits slider in real JupyterLab: one float with each arrow key, at once, in both themes."""

import pytest
from latency import measure
from pages import bare, cell, in_both_themes, readout

CELLS = {
    "set-up": "import tinyad as ad",
    "bits": "slider = ad.explore.float_bits(2)\nslider",
    "drive": "slider.set(exponent=129, fraction=8388606)",
}


def press(page, slider, key, words):
    cell(page, 1).locator("[role=slider]").nth(slider).focus()
    page.keyboard.press(key)
    page.wait_for_function("words => document.body.innerText.includes(words)", arg=words)


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 1).locator(".jp-OutputArea-output")
    assert output.locator("img").evaluate("image => image.naturalWidth") > 1000
    assert opened.locator("[role=slider]").count() == 0
    assert "run the cell" not in output.inner_text()


def test_an_arrow_key_is_one_float_and_nothing_jumps(live):
    # Eight million places on one slider: a rounded position would skip some.
    sizes = set()
    for slider, key, words in (
        (1, "ArrowRight", "0 10000001 11111111111111111111111"),
        (1, "ArrowLeft", "0 10000001 11111111111111111111110"),
        (1, "Home", "0 10000001 00000000000000000000000"),
        (1, "ArrowRight", "0 10000001 00000000000000000000001"),
        (0, "ArrowLeft", "0 10000000 00000000000000000000001"),
        (0, "End", "0 11111111 00000000000000000000001"),
        (0, "Home", "0 00000000 00000000000000000000001"),
    ):
        press(live, slider, key, words)
        box = cell(live, 1).bounding_box()
        sizes.add((box["width"], box["height"]))
    assert "1.4e-45 = 2^-149" in readout(cell(live, 1))
    assert len(sizes) == 1
    area = cell(live, 1).locator(".jupyter-widgets").first.bounding_box()
    fixed, moving = (
        p.bounding_box() for p in cell(live, 1).locator(".widget-html-content svg").all()
    )
    assert fixed == moving
    assert fixed["x"] + fixed["width"] <= area["x"] + area["width"] + 1


def test_it_is_dark_on_white_in_both_themes(live):
    for _ in in_both_themes(live, cell(live, 1), "bits"):
        numbers = cell(live, 1).locator("[role=status]")
        ink, paper = numbers.evaluate(
            "box => [getComputedStyle(box).color, getComputedStyle(box).backgroundColor]"
        )
        assert (ink, paper) == ("rgb(31, 35, 40)", "rgb(255, 255, 255)")


@pytest.mark.alone
def test_arrow_keys_move_the_picture_at_once(live, measured):
    changed, allowed = measure(cell(live, 1), bare(live), measured)
    assert changed <= allowed
