"""The cost slider in real JupyterLab: keyboard, latency, both themes."""

import os
from pathlib import Path

import pytest
from lab import THEMES, change_theme, run_all
from latency import LONGEST_MS, measure


@pytest.fixture
def opened(lab, browser):
    """The notebook with the slider, as somebody sees it who has not run anything."""
    page = lab.open(browser, "cost.ipynb")
    yield page
    page.close()


@pytest.fixture
def live(opened):
    """The same after Run All: 30 inputs, 1 output."""
    run_all(opened)
    cell(opened, 1).locator("[role=slider]").first.wait_for()
    return opened


def cell(page, number):
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def readout(page):
    return cell(page, 1).locator("[role=status]").inner_text()


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 1).locator(".jp-OutputArea-output")
    assert output.locator("img").evaluate("image => image.naturalWidth") > 1000
    assert opened.locator("[role=slider]").count() == 0
    assert "run the cell" not in output.inner_text()


def test_both_sliders_move_by_keyboard_and_nothing_jumps(live):
    assert "30 inputs, 1 output," in readout(live)
    inputs, outputs = cell(live, 1).locator("[role=slider]").all()
    sizes = set()
    for handle, key, words in (
        (inputs, "ArrowRight", "100 inputs, 1 output,"),
        (inputs, "End", "1000 inputs, 1 output,"),
        (outputs, "End", "1000 inputs, 1000 outputs,"),
        (inputs, "Home", "1 input, 1000 outputs,"),
        (outputs, "ArrowLeft", "1 input, 300 outputs,"),
    ):
        handle.focus()
        live.keyboard.press(key)
        live.wait_for_function("words => document.body.innerText.includes(words)", arg=words)
        box = cell(live, 1).bounding_box()
        sizes.add((box["width"], box["height"]))
    assert len(sizes) == 1
    fixed, moving = (
        p.bounding_box() for p in cell(live, 1).locator(".widget-html-content svg").all()
    )
    assert fixed == moving


def test_it_reads_the_same_in_both_themes(live):
    for theme in THEMES:
        change_theme(live, theme)
        live.wait_for_timeout(300)
        numbers = cell(live, 1).locator("[role=status]")
        ink, paper = numbers.evaluate(
            "box => [getComputedStyle(box).color, getComputedStyle(box).backgroundColor]"
        )
        assert (ink, paper) == ("rgb(31, 35, 40)", "rgb(255, 255, 255)")
        screens = os.environ.get("TINYAD_SCREENSHOTS")
        if screens:
            cell(live, 1).screenshot(path=str(Path(screens) / f"cost-{theme}.png"))


def test_arrow_keys_move_the_picture_at_once(live, measured, record_property):
    changed = measure(cell(live, 1), cell(live, 3), measured)
    record_property("cost_key_to_picture_ms", changed)
    assert changed <= LONGEST_MS
