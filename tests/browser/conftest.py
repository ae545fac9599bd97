"""One JupyterLab and one Chromium for all browser tests, on a copy of the course.

A module that tests an explorer names its notebook's cells in CELLS. It gets two pages for all its
tests: `opened`, where nothing has been run, and `live`, which is run afresh before each test.
"""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from lab import Lab, chromium, find_chromium, run_all
from pages import notebook

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A copy of the lessons and exercises."""
    if find_chromium() is None:
        reason = "no Chromium: install it, or name one in TINYAD_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(f"{reason} (in CI the browser tests are never skipped)")
        pytest.skip(reason)
    root = tmp_path_factory.mktemp("course")
    for name in ("lessons", "exercises"):
        shutil.copytree(ROOT / name, root / name)
    return root


@pytest.fixture(scope="session")
def lab(course, tmp_path_factory):
    """JupyterLab on the copy, with settings and trust of its own."""
    server = Lab(course, tmp_path_factory.mktemp("home"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser(lab):
    """Headless Chromium."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def explorer_notebook(request, course):
    """The notebook with the module's CELLS, run once and never trusted; its path in the copy."""
    name = f"{request.module.__name__}.ipynb"
    nbformat.write(notebook(request.module.CELLS), course / name)
    return name


@pytest.fixture(scope="module")
def opened(lab, browser, explorer_notebook):
    """The notebook as somebody sees it who has not run anything."""
    page = lab.open(browser, explorer_notebook)
    yield page
    page.close()


@pytest.fixture(scope="module")
def running(lab, browser, explorer_notebook):
    """A page of its own for `live`."""
    page = lab.open(browser, explorer_notebook)
    yield page
    page.close()


@pytest.fixture
def live(running):
    """The notebook after Run All."""
    run_all(running)
    running.locator(".jp-OutputArea-output [role=slider]").first.wait_for()
    return running


@pytest.fixture
def measured(record_property):
    """Call it with a line that the test run reports at its end."""
    return lambda line: record_property("measured", line)
