"""The cost slider in real JupyterLab: keyboard, latency, both themes."""

import pytest
from latency import measure
from pages import bare, cell, in_both_themes, readout, wait_for

CELLS = {
    "set-up": "import tinyad as ad",
    "cost": "slider = ad.explore.mode_cost()\nslider",
    "drive": "slider.set(n=30)",
}


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 1).locator(".jp-OutputArea-output")
    assert output.locator("img").evaluate("image => image.naturalWidth") > 1000
    assert opened.locator("[role=slider]").count() == 0
    assert "run the cell" not in output.inner_text()


def test_both_sliders_move_by_keyboard_and_nothing_jumps(live):
    assert "30 inputs, 1 output," in readout(cell(live, 1))
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
        wait_for(live, words)
        box = cell(live, 1).bounding_box()
        sizes.add((box["width"], box["height"]))
    assert len(sizes) == 1
    fixed, moving = (
        p.bounding_box() for p in cell(live, 1).locator(".widget-html-content svg").all()
    )
    assert fixed == moving


def test_it_reads_the_same_in_both_themes(live):
    for _ in in_both_themes(live, cell(live, 1), "cost"):
        numbers = cell(live, 1).locator("[role=status]")
        ink, paper = numbers.evaluate(
            "box => [getComputedStyle(box).color, getComputedStyle(box).backgroundColor]"
        )
        assert (ink, paper) == ("rgb(31, 35, 40)", "rgb(255, 255, 255)")


@pytest.mark.alone
def test_arrow_keys_move_the_picture_at_once(live, measured):
    changed, allowed = measure(cell(live, 1), bare(live), measured)
    assert changed <= allowed
