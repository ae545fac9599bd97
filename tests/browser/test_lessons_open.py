"""Every lesson as a newcomer sees it in real JupyterLab: complete, and what is folded is folded."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from lab import THEMES, change_theme, run_all, write_screens
from pages import cell

LESSONS = sorted(path.name for path in (Path(__file__).parents[2] / "lessons").glob("*.ipynb"))


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
