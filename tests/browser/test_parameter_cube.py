"""The parameter cube in real JupyterLab: keyboard, latency, both themes."""

import pytest
from latency import measure
from pages import bare, cell, in_both_themes, readout

CELLS = {
    "set-up": "import tinyad as ad",
    "cube": 'cube = ad.explore.parameter_cube("e2m1")\ncube',
    "drive": 'cube.set(network="two units", slice=0.5)',
}


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 1).locator(".jp-OutputArea-output")
    assert output.locator("img").evaluate("image => image.naturalWidth") > 1000
    assert opened.locator("[role=slider]").count() == 0
    assert "run the cell" not in output.inner_text()


def test_three_controls_work_and_nothing_jumps(live):
    shown = cell(live, 1)
    assert "435 of 3375" in readout(shown)
    form, network = shown.locator("select").all()
    handle = shown.locator("[role=slider]")
    sizes = set()
    for change, words in (
        (lambda: handle.press("Home"), "c = -6: 29 of 225"),
        (lambda: network.select_option("two layers"), "relu(relu(w + b) + c), 2 ReLUs"),
        (lambda: form.select_option("e2m2"), "1222 of 29791"),
        (lambda: handle.press("ArrowLeft"), "c = -7: 9 of 961"),
        (lambda: form.select_option("e2m1"), "c = -6: 5 of 225"),
    ):
        change()
        shown.get_by_text(words).first.wait_for()
        box = shown.bounding_box()
        sizes.add((box["width"], box["height"]))
    assert len(sizes) == 1
    pictures = shown.locator(".widget-html-content svg").all()
    fixed, moving = (picture.bounding_box() for picture in pictures)
    assert fixed == moving


def test_it_is_dark_on_white_in_both_themes(live):
    for _ in in_both_themes(live, cell(live, 1), "parameter-cube"):
        numbers = cell(live, 1).locator("[role=status]")
        assert numbers.evaluate("n => getComputedStyle(n).color") == "rgb(31, 35, 40)"


@pytest.mark.alone
def test_arrow_keys_move_the_picture_at_once(live, measured):
    changed, allowed = measure(cell(live, 1), bare(live), measured)
    assert changed <= allowed
