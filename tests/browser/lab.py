"""A real JupyterLab in headless Chromium: for the browser tests and for looking at lessons.

    python tests/browser/lab.py NOTEBOOK OUTDIR [--theme dark] [--run] [--cells] [--width 1000]

writes the notebook as the reader sees it, one PNG a screenful (or a cell, with --cells).
Without --run it is what a newcomer sees: a fresh copy, not trusted, nothing run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from playwright.sync_api import Browser, Page, sync_playwright

from tinyad.course.start import prompt_option

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Nothing that covers the page, nothing that leaves cells out of it, nothing from the network.
SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "notebook-extension/tracker": {"windowingMode": "none"},
    "extensionmanager-extension/plugin": {"enabled": False},
}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def find_chromium() -> str | None:
    """The browser named by TINYAD_CHROMIUM, else the first one on PATH, else None."""
    named = os.environ.get("TINYAD_CHROMIUM")
    if named:
        return named
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Lab:
    """A JupyterLab server on `root`, with configuration, trust and settings of its own."""

    def __init__(self, root: Path, home: Path, theme: str = "light") -> None:
        self.root = root
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        home.mkdir(parents=True, exist_ok=True)
        self.log: IO[bytes] = (home / "server.log").open("wb")
        self.set_theme(theme)
        self.process = subprocess.Popen(
            self._command(), cwd=root, env=self._environment(), stdout=self.log, stderr=self.log
        )
        self._wait()

    def _command(self) -> list[str]:
        options = [
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            "--ServerApp.ip=127.0.0.1",
            "--IdentityProvider.token=",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.news_url=",
            *prompt_option(),  # as `tinyad start` does
        ]
        return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *options]

    def _environment(self) -> dict[str, str]:
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        own = {name: str(self.home / place) for name, place in places.items()}
        return {**os.environ, **own, "JUPYTER_NO_CONFIG": "0"}

    def set_theme(self, theme: str) -> None:
        """Write the settings that the next opened page reads."""
        themes = {"theme": THEMES[theme], "adaptive-theme": False}
        for name, values in {**SETTINGS, "apputils-extension/themes": themes}.items():
            path = self.home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))

    def _wait(self, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/api", timeout=2).close()
                return
            time.sleep(0.2)
        text = (self.home / "server.log").read_text(errors="replace")
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{text}")

    def stop(self) -> None:
        """End the server, and with it the kernels it started."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def open(
        self, browser: Browser, notebook: str, *, width: int = 1000, height: int = 1300
    ) -> Page:
        """A page showing `notebook` (a path below root) alone, its kernel started, nothing run."""
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(f"{self.url}/doc/tree/{notebook}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext")
        page.evaluate(
            """async () => {
                const panel = window.jupyterapp.shell.currentWidget;
                await panel.context.ready;
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
                window.jupyterapp.shell.collapseLeft();
                window.jupyterapp.shell.collapseRight();
            }"""
        )
        page.wait_for_timeout(500)
        return page


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS
        )
        yield browser
        browser.close()


def run_all(page: Page, seconds: float = 120.0) -> None:
    """Run every cell of the notebook shown and wait until the last one is through."""
    page.evaluate(
        """async () => {
            const app = window.jupyterapp;
            await app.commands.execute('notebook:run-all-cells');
        }"""
    )
    page.wait_for_function(
        """() => ![...document.querySelectorAll('.jp-InputPrompt')]
            .some(prompt => prompt.textContent.includes('*'))""",
        timeout=seconds * 1000,
    )
    page.wait_for_timeout(800)


def change_theme(page: Page, theme: str) -> None:
    """Switch the theme of an open page."""
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })",
        THEMES[theme],
    )
    page.wait_for_timeout(1000)


def write_screens(page: Page, outdir: Path, stem: str) -> list[Path]:
    """The notebook from top to bottom, one PNG a screenful, with a little overlap."""
    outdir.mkdir(parents=True, exist_ok=True)
    panel = page.locator(".jp-WindowedPanel-outer").first
    paths: list[Path] = []
    top = 0
    while True:
        height, total = panel.evaluate(
            """(panel, top) => {
                panel.scrollTop = top;
                const last = [...panel.querySelectorAll('.jp-Cell')].at(-1);
                const bottom = last.getBoundingClientRect().bottom + panel.scrollTop;
                return [panel.clientHeight, bottom - panel.getBoundingClientRect().top];
            }""",
            top,
        )
        page.wait_for_timeout(250)
        paths.append(outdir / f"{stem}-{len(paths) + 1:02d}.png")
        panel.screenshot(path=str(paths[-1]))
        top += height - 60
        if top >= total - 60:  # the rest was in the overlap
            return paths


def write_cells(page: Page, outdir: Path, stem: str) -> list[Path]:
    """One PNG a cell, numbered from 0 as in the file."""
    outdir.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for number, cell in enumerate(page.locator(".jp-Notebook .jp-Cell").all()):
        paths.append(outdir / f"{stem}-cell{number:02d}.png")
        cell.scroll_into_view_if_needed()
        cell.screenshot(path=str(paths[-1]))
    return paths


def copy_course(notebook: Path, root: Path) -> str:
    """Copy the notebook's folder below `root`; the notebook's path there."""
    folder = notebook.resolve().parent
    shutil.copytree(
        folder, root / folder.name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", ".git")
    )
    return f"{folder.name}/{notebook.name}"


def main() -> None:
    """Write screenshots of one notebook."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("notebook", type=Path)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--theme", choices=sorted(THEMES), default="light")
    parser.add_argument("--run", action="store_true", help="run all cells first")
    parser.add_argument("--cells", action="store_true", help="one PNG a cell, not a screenful")
    parser.add_argument("--width", type=int, default=1000)
    parser.add_argument("--height", type=int, default=1300)
    chosen = parser.parse_args()
    if not chosen.notebook.is_file():
        parser.error(f"there is no notebook {chosen.notebook}")
    stem = f"{chosen.notebook.stem}-{chosen.theme}{'-run' if chosen.run else ''}"
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "course"
        inside = copy_course(chosen.notebook, root)
        lab = Lab(root, Path(name) / "home", chosen.theme)
        try:
            with chromium() as browser:
                page = lab.open(browser, inside, width=chosen.width, height=chosen.height)
                if chosen.run:
                    run_all(page)
                write = write_cells if chosen.cells else write_screens
                for path in write(page, chosen.outdir, stem):
                    print(path)
        finally:
            lab.stop()


if __name__ == "__main__":
    main()
