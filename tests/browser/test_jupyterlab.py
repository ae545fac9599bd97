"""The course as a learner meets it: real JupyterLab, real Chromium, mouse and keyboard."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from lab import THEMES, change_theme, run_all, write_screens
from latency import LONGEST_MS, measure

LESSONS = sorted(path.name for path in (Path(__file__).parents[2] / "lessons").glob("*.ipynb"))
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def opened(lab, browser):
    """The notebook with the explorer, as somebody sees it who has not run anything."""
    page = lab.open(browser, "explorer.ipynb")
    yield page
    page.close()


@pytest.fixture
def live(opened):
    """The same after Run All."""
    run_all(opened)
    opened.wait_for_selector("[role=slider]")
    return opened


def cell(page, number):
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def slider(page):
    return cell(page, 2).locator("[role=slider]")


def readout(page):
    return page.locator(".widget-html-content [role=status]").inner_text()


def marker(page):
    """Where the big marker of the error curve is."""
    return page.locator(".widget-html-content circle[r='5']").get_attribute("cx")


def test_unrun_and_untrusted_it_shows_a_picture(opened):
    output = cell(opened, 2).locator(".jp-OutputArea-output")
    picture = output.locator("img")
    assert picture.evaluate("image => image.naturalWidth") > 1000
    assert picture.bounding_box()["width"] == pytest.approx(806, abs=2)
    assert opened.locator("[role=slider]").count() == 0
    assert "slider for the step" not in output.inner_text()  # text only where no picture can be


def test_after_running_it_is_live(live):
    assert cell(live, 2).locator(".jp-OutputArea-output img").count() == 0
    svg = live.locator("svg[role=img]")
    assert svg.bounding_box()["width"] == pytest.approx(806, abs=2)
    assert "difference  24.000004003710274" in svg.get_attribute("aria-label")


def test_what_code_sets_stays_set(live):
    live.wait_for_timeout(1000)  # time enough for the browser to answer with something else
    assert "ε = 1.0e-06" in readout(live)
    assert cell(live, 2).locator(".widget-readout").inner_text() == "1.0e-06"


def test_nothing_is_cut_and_nothing_jumps(live):
    area = cell(live, 2).locator(".jupyter-widgets").first.bounding_box()
    pictures = cell(live, 2).locator(".widget-html-content svg").all()
    fixed, moving = (picture.bounding_box() for picture in pictures)
    assert fixed == moving
    assert fixed["x"] >= area["x"]
    assert fixed["x"] + fixed["width"] <= area["x"] + area["width"] + 1
    heights = set()
    slider(live).focus()
    for key in ("Home", "End", "PageDown", "ArrowLeft"):
        live.keyboard.press(key)
        live.wait_for_timeout(200)
        heights.add(cell(live, 2).bounding_box()["height"])
    assert len(heights) == 1


def test_arrow_keys_move_the_picture_at_once(live, measured, record_property):
    explorer, bare = cell(live, 2), cell(live, 5)
    changed = measure(explorer, bare, measured)
    record_property("key_to_picture_ms", changed)
    assert changed <= LONGEST_MS


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
    measured.append(f"dragging across 120 pixels in 40 moves: {seen} different pictures")
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
    folded = cell(opened, 4)
    placeholder = folded.locator(".jp-OutputPlaceholder")
    assert placeholder.is_visible()
    assert "42" not in folded.locator(".jp-Cell-outputWrapper").inner_text()
    placeholder.click()
    assert "42" in folded.locator(".jp-OutputArea-output").inner_text()


def test_running_unfolds_the_output(live):
    assert "42" in cell(live, 4).locator(".jp-OutputArea-output").inner_text()


@pytest.mark.parametrize("name", LESSONS)
def test_lesson_opens_complete(lab, browser, name):
    page = lab.open(browser, f"lessons/{name}")
    stored = nbformat.read(lab.root / "lessons" / name, as_version=4)
    for number, source in enumerate(stored.cells):
        if source.cell_type == "code" and source.outputs:
            check_outputs(cell(page, number), source)
    screens = os.environ.get("TINYAD_SCREENSHOTS")
    if screens:
        run_all(page)
        for theme in THEMES:
            change_theme(page, theme)
            write_screens(page, Path(screens), f"{Path(name).stem}-{theme}")
    page.close()


def check_outputs(shown, source):
    """What is stored is shown, and what is folded is not."""
    wrapper = shown.locator(".jp-Cell-outputWrapper")
    if source.metadata.get("jupyter", {}).get("outputs_hidden"):
        assert wrapper.locator(".jp-OutputPlaceholder").is_visible(), source.id
        assert not wrapper.locator(".jp-OutputArea-output").first.is_visible(), source.id
        return
    pictures = [o for o in source.outputs if "image/png" in o.get("data", {})]
    images = wrapper.locator("img").all()
    assert len(images) == len(pictures), source.id
    for image in images:
        assert image.evaluate("image => image.naturalWidth") > 100, source.id
    text = wrapper.inner_text()
    assert not re.search(r"Error (displaying|rendering)|Loading widget", text), source.id
