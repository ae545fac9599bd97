"""One JupyterLab and one Chromium for all browser tests, on a copy of the course."""

import os
import shutil
from pathlib import Path

import nbclient
import nbformat
import pytest
from lab import Lab, chromium, find_chromium
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]
MEASURED = pytest.StashKey[list]()


@pytest.fixture(scope="package")
def course(tmp_path_factory):
    """A copy of the lessons, and a notebook for each explorer, run once and never trusted."""
    if find_chromium() is None:
        reason = "no Chromium: install it, or name one in TINYAD_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(f"{reason} (in CI the browser tests are never skipped)")
        pytest.skip(reason)
    root = tmp_path_factory.mktemp("course")
    for name in ("lessons", "exercises"):
        shutil.copytree(ROOT / name, root / name)
    nbformat.write(executed(explorer_notebook()), root / "explorer.ipynb")
    nbformat.write(executed(player_notebook()), root / "player.ipynb")
    nbformat.write(executed(cost_notebook()), root / "cost.ipynb")
    nbformat.write(executed(dual_notebook()), root / "dual.ipynb")
    return root


KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

# The least that a slider and a picture can cost here: a word for a picture.
BARE = """\
import ipywidgets

bare = ipywidgets.SelectionSlider(options=range(100), value=50)
word = ipywidgets.HTML("<p>50</p>")
bare.observe(lambda change: word.set_trait("value", f"<p>{change['new']}</p>"), "value")
ipywidgets.VBox([bare, word])"""


def explorer_notebook():
    folded = {"jupyter": {"outputs_hidden": True}}
    cells = [
        new_markdown_cell("# An explorer", id="title"),
        new_code_cell("import tinyad as ad", id="set-up"),
        new_code_cell(
            "slider = ad.explore.finite_difference(lambda x: x**2 * 4 + 4 + 2, 3)\nslider",
            id="explorer",
        ),
        new_code_cell("slider.set(eps=1e-6)", id="drive"),
        new_code_cell('print("The answer:")\nprint(6 * 7)', id="folded", metadata=folded),
        new_code_cell(BARE, id="bare"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def player_notebook():
    program = "def f(x1, x2):\n    return np.log(x1) + x1 * x2 - np.sin(x2)\n\n\n"
    cells = [
        new_code_cell("import numpy as np\nimport tinyad as ad", id="set-up"),
        new_code_cell(f"{program}player = ad.explore.trace_player(f, 2, 5)\nplayer", id="player"),
        new_code_cell("player.set(step=15)", id="drive"),
        new_code_cell(BARE, id="bare"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def dual_notebook():
    show = "slider = ad.explore.dual_number(lambda x: x * np.sin(x), 2)\nslider"
    cells = [
        new_code_cell("import numpy as np\nimport tinyad as ad", id="set-up"),
        new_code_cell(show, id="dual"),
        new_code_cell("slider.set(x=1.23, tangent=-0.5)", id="drive"),
        new_code_cell(BARE, id="bare"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def cost_notebook():
    cells = [
        new_code_cell("import tinyad as ad", id="set-up"),
        new_code_cell("slider = ad.explore.mode_cost()\nslider", id="cost"),
        new_code_cell("slider.set(n=30)", id="drive"),
        new_code_cell(BARE, id="bare"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def executed(notebook):
    nbclient.NotebookClient(notebook, store_widget_state=False).execute()
    notebook.metadata.pop("widgets", None)
    return notebook


@pytest.fixture(scope="package")
def lab(course, tmp_path_factory):
    """JupyterLab on the copy, with settings and trust of its own."""
    server = Lab(course, tmp_path_factory.mktemp("home"))
    yield server
    server.stop()


@pytest.fixture(scope="package")
def browser(lab):
    """Headless Chromium."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def measured(request):
    """A list of lines that the test run reports at its end."""
    return request.config.stash.setdefault(MEASURED, [])


def pytest_terminal_summary(terminalreporter, config):
    lines = config.stash.get(MEASURED, [])
    if lines:
        terminalreporter.section("measured in JupyterLab")
        for line in lines:
            terminalreporter.write_line(line)
