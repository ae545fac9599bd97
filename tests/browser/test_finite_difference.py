"""The ε slider in real JupyterLab: what is stored, keyboard, mouse, latency; and folded outputs."""

import pytest
from latency import measure
from pages import bare, cell, readout

CELLS = {
    "set-up": "import tinyad as ad",
    "explorer": ("slider = ad.explore.finite_difference(lambda x: x**2 * 4 + 4 + 2, 3)\nslider"),
    "drive": "slider.set(eps=1e-6)",
    "folded": 'print("The answer:")\nprint(6 * 7)',
}


def slider(page):
    return cell(page, 1).locator("[role=slider]")


def marker(page):
    """Where the big marker of the error curve is."""
    return page.locator(".widget-html-content circle[r='5']").get_attribute("cx")


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 1).locator(".jp-OutputArea-output")
    picture = output.locator("img")
    assert picture.evaluate("image => image.naturalWidth") > 1000
    assert picture.bounding_box()["width"] == pytest.approx(806, abs=2)
    assert opened.locator("[role=slider]").count() == 0
    assert "slider for the step" not in output.inner_text()  # text only where no picture can be


def test_after_running_it_is_live(live):
    assert cell(live, 1).locator(".jp-OutputArea-output img").count() == 0
    svg = live.locator("svg[role=img]")
    assert svg.bounding_box()["width"] == pytest.approx(806, abs=2)
    assert "difference  24.000004003710274" in svg.get_attribute("aria-label")


def test_what_code_sets_stays_set(live):
    live.wait_for_timeout(1000)  # time enough for the browser to answer with something else
    assert "ε = 1.0e-06" in readout(cell(live, 1))
    assert cell(live, 1).locator(".widget-readout").inner_text() == "1.0e-06"


def test_nothing_is_cut_and_nothing_jumps(live):
    area = cell(live, 1).locator(".jupyter-widgets").first.bounding_box()
    pictures = cell(live, 1).locator(".widget-html-content svg").all()
    fixed, moving = (picture.bounding_box() for picture in pictures)
    assert fixed == moving
    assert fixed["x"] >= area["x"]
    assert fixed["x"] + fixed["width"] <= area["x"] + area["width"] + 1
    heights = set()
    slider(live).focus()
    for key in ("Home", "End", "PageDown", "ArrowLeft"):
        live.keyboard.press(key)
        live.wait_for_timeout(200)
        heights.add(cell(live, 1).bounding_box()["height"])
    assert len(heights) == 1


@pytest.mark.alone
def test_arrow_keys_move_the_picture_at_once(live, measured):
    changed, allowed = measure(cell(live, 1), bare(live), measured)
    assert changed <= allowed


def test_arrow_keys_take_small_steps_both_ways(live):
    slider(live).focus()
    live.keyboard.press("ArrowLeft")
    live.wait_for_function("() => document.body.innerText.includes('ε = 7.9e-07')")
    live.keyboard.press("ArrowRight")
    live.wait_for_function("() => document.body.innerText.includes('ε = 1.0e-06')")


def test_dragging_moves_the_picture_all_the_way(live, measured):
    handle = slider(live).bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    live.evaluate(
        """() => {
            window.pictures = new Set();
            const screen = document.querySelector('svg[role=img]').closest('.widget-html-content');
            new MutationObserver(() => {
                const marker = screen.querySelector("circle[r='5']");
                if (marker) window.pictures.add(marker.getAttribute('cx'));
            }).observe(screen, { childList: true, subtree: true });
        }"""
    )
    before = float(marker(live))
    live.mouse.move(x, y)
    live.mouse.down()
    for step in range(1, 41):
        live.mouse.move(x - 3 * step, y)
        live.wait_for_timeout(16)
    live.mouse.up()
    live.wait_for_timeout(500)
    seen = live.evaluate("() => window.pictures.size")
    measured(f"dragging across 120 pixels in 40 moves: {seen} different pictures")
    assert float(marker(live)) < before
    assert seen >= 5


def test_scheme_and_precision_redraw_the_curves(live):
    scheme, precision = live.locator(".widget-dropdown select").all()
    before = live.locator(".widget-html-content svg[aria-hidden=true]").inner_html()
    scheme.select_option("complex")
    live.wait_for_function("() => document.body.innerText.includes('There is no secant')")
    precision.select_option("float32")
    live.wait_for_function("() => document.body.innerText.includes('in float32')")
    assert live.locator(".widget-html-content svg[aria-hidden=true]").inner_html() != before


def test_a_folded_output_waits_for_the_learner(opened):
    folded = cell(opened, 3)
    placeholder = folded.locator(".jp-OutputPlaceholder")
    assert placeholder.is_visible()
    assert "42" not in folded.locator(".jp-Cell-outputWrapper").inner_text()
    placeholder.click()
    assert "42" in folded.locator(".jp-OutputArea-output").inner_text()


def test_running_unfolds_the_output(live):
    assert "42" in cell(live, 3).locator(".jp-OutputArea-output").inner_text()
