"""The dual-number slider in real JupyterLab: keyboard, latency, both themes."""

import os
from pathlib import Path

import pytest
from lab import THEMES, change_theme, run_all
from latency import LONGEST_MS, measure


@pytest.fixture
def opened(lab, browser):
    """The notebook with the slider, as somebody sees it who has not run anything."""
    page = lab.open(browser, "dual.ipynb")
    yield page
    page.close()


@pytest.fixture
def live(opened):
    """The same after Run All: x is 1.23, which lies between two positions, and ẋ is −0.5."""
    run_all(opened)
    cell(opened, 1).locator("[role=slider]").first.wait_for()
    return opened


def cell(page, number):
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def readout(page):
    return cell(page, 1).locator("[role=status]").inner_text()


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
    assert "1.23 − 0.5 ε" in readout(live)
    shown = cell(live, 1).locator(".widget-readout").all_inner_texts()
    assert shown == ["1.2", "-0.5"]


def test_arrow_keys_move_value_and_tangent_apart(live):
    press(live, 0, "ArrowRight")
    assert "1.3 − 0.5 ε" in readout(live)
    press(live, 1, "ArrowRight", "ArrowRight")
    assert "1.3 − 0.3 ε" in readout(live)
    assert arrows(live) == 3
    press(live, 1, *["ArrowRight"] * 3)
    assert "ẋ is 0: no slope" in readout(live)
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
    for theme in THEMES:
        change_theme(live, theme)
        live.wait_for_timeout(300)
        numbers = cell(live, 1).locator("[role=status]")
        seen = numbers.evaluate("n => [getComputedStyle(n).color, getComputedStyle(n).background]")
        assert seen[0] == "rgb(31, 35, 40)"
        assert "rgb(255, 255, 255)" in seen[1]
        screens = os.environ.get("TINYAD_SCREENSHOTS")
        if screens:
            cell(live, 1).screenshot(path=str(Path(screens) / f"dual-{theme}.png"))


def test_arrow_keys_move_the_picture_at_once(live, measured, record_property):
    changed = measure(cell(live, 1), cell(live, 3), measured)
    record_property("dual_key_to_picture_ms", changed)
    assert changed <= LONGEST_MS
