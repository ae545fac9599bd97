"""Notebooks that browser tests are about, and what is often looked for on their pages."""

import os
from pathlib import Path

import nbclient
from lab import THEMES, change_theme
from nbformat.v4 import new_code_cell, new_notebook

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

# The least that a slider and a picture can cost here: a word for a picture.
BARE = """\
import ipywidgets

bare = ipywidgets.SelectionSlider(options=range(100), value=50)
word = ipywidgets.HTML("<p>50</p>")
bare.observe(lambda change: word.set_trait("value", f"<p>{change['new']}</p>"), "value")
ipywidgets.VBox([bare, word])"""


def notebook(cells):
    """A notebook with these code cells by their ids and then the bare slider, run once."""
    metadata = {"folded": {"jupyter": {"outputs_hidden": True}}}
    made = new_notebook(
        cells=[
            new_code_cell(source, id=name, metadata=metadata.get(name, {}))
            for name, source in {**cells, "bare": BARE}.items()
        ],
        metadata={"kernelspec": KERNEL},
    )
    nbclient.NotebookClient(made, store_widget_state=False).execute()
    made.metadata.pop("widgets", None)
    return made


def cell(page, number):
    """A cell by its number in the file; -1 is the last."""
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def bare(page):
    """The cell with the bare slider."""
    return cell(page, -1)


def readout(shown):
    """The numbers that an explorer tells in words."""
    return shown.locator("[role=status]").inner_text()


def wait_for(page, words):
    """Wait until these words stand on the page."""
    page.wait_for_function("words => document.body.innerText.includes(words)", arg=words)


def in_both_themes(page, shown, name):
    """Yield each theme once it is on; keep a screenshot of it where one is asked for."""
    for theme in THEMES:
        change_theme(page, theme)
        page.wait_for_timeout(300)
        yield theme
        screens = os.environ.get("TINYAD_SCREENSHOTS")
        if screens:
            shown.screenshot(path=str(Path(screens) / f"{name}-{theme}.png"))
