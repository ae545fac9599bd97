"""The explorer of division by almost zero in real JupyterLab: keyboard, latency, both themes."""

import pytest
from latency import measure
from pages import bare, cell, in_both_themes, readout, wait_for

CELLS = {
    "set-up": "import tinyad as ad",
    "zero": "slider = ad.explore.almost_zero()\nslider",
    "drive": "slider.set(gamma=-1.23e-9, eps=1e-8, delta=1e-4)",
}


def press(page, slider, *keys):
    cell(page, 1).locator("[role=slider]").nth(slider).focus()
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(100)


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 1).locator(".jp-OutputArea-output")
    assert output.locator("img").evaluate("image => image.naturalWidth") > 1000
    assert opened.locator("[role=slider]").count() == 0


def test_what_code_sets_stays_set_and_keys_move_each_slider(live):
    live.wait_for_timeout(1000)  # time enough for the browser to answer with something else
    assert "region      yellow" in readout(cell(live, 1))
    shown = cell(live, 1).locator(".widget-readout").all_inner_texts()
    assert shown == ["-1.0e-09", "1.0e-08", "1.0e-04"]
    press(live, 0, *["ArrowLeft"] * 7)
    wait_for(live, "region      green")
    press(live, 1, "Home")
    assert cell(live, 1).locator(".widget-readout").all_inner_texts()[1] == "1.0e-18"
    press(live, 2, "Home")
    wait_for(live, "without ε: x is outside of 2 ± δ")


def test_nothing_is_cut_and_nothing_jumps(live):
    area = cell(live, 1).locator(".jupyter-widgets").first.bounding_box()
    fixed, moving = (
        picture.bounding_box()
        for picture in cell(live, 1).locator(".widget-html-content svg").all()
    )
    assert fixed == moving
    assert fixed["x"] + fixed["width"] <= area["x"] + area["width"] + 1
    sizes = set()
    for slider, key in ((0, "Home"), (0, "End"), (1, "End"), (2, "Home")):
        press(live, slider, key)
        box = cell(live, 1).bounding_box()
        sizes.add((box["width"], box["height"]))
    assert len(sizes) == 1


def test_it_is_dark_on_white_in_both_themes(live):
    for _ in in_both_themes(live, cell(live, 1), "almost-zero"):
        numbers = cell(live, 1).locator("[role=status]")
        seen = numbers.evaluate("n => [getComputedStyle(n).color, getComputedStyle(n).background]")
        assert seen[0] == "rgb(31, 35, 40)"
        assert "rgb(255, 255, 255)" in seen[1]


@pytest.mark.alone
def test_arrow_keys_move_the_picture_at_once(live, measured):
    changed, allowed = measure(cell(live, 1), bare(live), measured)
    assert changed <= allowed
