"""The trace player in real JupyterLab: keyboard, latency, both themes."""

import pytest
from latency import measure
from pages import bare, cell, in_both_themes, readout, wait_for

CELLS = {
    "set-up": "import numpy as np\nimport tinyad as ad",
    "player": """\
def f(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


player = ad.explore.trace_player(f, 2, 5)
player""",
    "drive": "player.set(step=15)",
}


def lit(page):
    """The labels of the nodes that are lit, and the statements of the table that are."""
    boxes = cell(page, 1).locator("svg rect[stroke-width='2.6'] + text").all_text_contents()
    rows = cell(page, 1).locator("table .now").all_inner_texts()
    return boxes, rows


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 1).locator(".jp-OutputArea-output")
    picture = output.locator("img")
    assert picture.evaluate("image => image.naturalWidth") > 800
    assert opened.locator("[role=slider]").count() == 0
    assert "trace player" not in output.inner_text()


def test_after_running_row_and_node_are_lit_together(live):
    assert "15 of 19, reverse pass" in readout(cell(live, 1))
    assert cell(live, 1).locator(".widget-readout").inner_text() == "15"
    boxes, rows = lit(live)
    assert boxes == ["v₋₁ = x₁", "v₂ = v₋₁ × v₀"]
    assert rows[1:] == ["v̄₋₁ = v̄₂ × v₀", "5"]


def test_arrow_keys_walk_both_ways_and_nothing_jumps(live):
    cell(live, 1).locator("[role=slider]").focus()
    sizes = set()
    keys = ["Home", *["ArrowRight"] * 19, "ArrowLeft", "ArrowLeft"]
    for key, step in zip(keys, [*range(20), 18, 17], strict=True):
        live.keyboard.press(key)
        wait_for(live, f"{step} of 19")
        box = cell(live, 1).bounding_box()
        sizes.add((box["width"], box["height"]))
    assert len(sizes) == 1


def test_what_is_not_computed_yet_is_a_dash(live):
    cell(live, 1).locator("[role=slider]").focus()
    live.keyboard.press("ArrowLeft")
    live.wait_for_function("() => document.body.innerText.includes('14 of 19')")
    words = cell(live, 1).locator("svg text").all_text_contents()
    assert "v̄₋₁ = –" in words
    assert "v̄₋₁ = 0" not in words


def test_the_table_is_dark_on_white_in_both_themes(live):
    for _ in in_both_themes(live, cell(live, 1), "player"):
        table = cell(live, 1).locator("table")
        ink = table.evaluate("table => getComputedStyle(table).color")
        paper = table.evaluate(
            "table => getComputedStyle(table.parentElement.parentElement).backgroundColor"
        )
        assert (ink, paper) == ("rgb(31, 35, 40)", "rgb(255, 255, 255)")


@pytest.mark.alone
def test_arrow_keys_move_the_picture_at_once(live, measured):
    changed, allowed = measure(cell(live, 1), bare(live), measured)
    assert changed <= allowed
