"""The dual-number slider in real JupyterLab: keyboard, latency, both themes."""

import pytest
from latency import measure
from pages import bare, cell, in_both_themes, readout, wait_for

CELLS = {
    "set-up": "import numpy as np\nimport tinyad as ad",
    "dual": "slider = ad.explore.dual_number(lambda x: x * np.sin(x), 2)\nslider",
    "drive": "slider.set(x=1.23, tangent=-0.5)",
}


def arrows(page):
    """How many arrows are drawn."""
    return cell(page, 1).locator("svg[role=img] polygon:not([points=''])").count()


def press(page, slider, *keys):
    cell(page, 1).locator("[role=slider]").nth(slider).focus()
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(100)


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 1).locator(".jp-OutputArea-output")
    assert output.locator("img").evaluate("image => image.naturalWidth") > 1000
    assert opened.locator("[role=slider]").count() == 0
    assert "sliders for a value" not in output.inner_text()


def test_what_code_sets_stays_set(live):
    live.wait_for_timeout(1000)  # time enough for the browser to answer with something else
    assert "1.23 − 0.5 ε" in readout(cell(live, 1))
    shown = cell(live, 1).locator(".widget-readout").all_inner_texts()
    assert shown == ["1.2", "-0.5"]


def test_arrow_keys_move_value_and_tangent_apart(live):
    press(live, 0, "ArrowRight")
    wait_for(live, "1.3 − 0.5 ε")
    press(live, 1, "ArrowRight", "ArrowRight")
    wait_for(live, "1.3 − 0.3 ε")
    assert arrows(live) == 3
    press(live, 1, *["ArrowRight"] * 3)
    wait_for(live, "ẋ is 0: no slope")
    assert arrows(live) == 0


def test_nothing_is_cut_and_nothing_jumps(live):
    area = cell(live, 1).locator(".jupyter-widgets").first.bounding_box()
    pictures = cell(live, 1).locator(".widget-html-content svg").all()
    fixed, moving = (picture.bounding_box() for picture in pictures)
    assert fixed == moving
    assert fixed["x"] + fixed["width"] <= area["x"] + area["width"] + 1
    sizes = set()
    for slider, key in ((0, "Home"), (0, "End"), (1, "Home"), (1, "End"), (0, "ArrowLeft")):
        press(live, slider, key)
        box = cell(live, 1).bounding_box()
        sizes.add((box["width"], box["height"]))
    assert len(sizes) == 1


def test_it_is_dark_on_white_in_both_themes(live):
    for _ in in_both_themes(live, cell(live, 1), "dual"):
        numbers = cell(live, 1).locator("[role=status]")
        seen = numbers.evaluate("n => [getComputedStyle(n).color, getComputedStyle(n).background]")
        assert seen[0] == "rgb(31, 35, 40)"
        assert "rgb(255, 255, 255)" in seen[1]


@pytest.mark.alone
def test_arrow_keys_move_the_picture_at_once(live, measured):
    changed, allowed = measure(cell(live, 1), bare(live), measured)
    assert changed <= allowed
