"""A built wheel carries the course: `tinyad start` works from it, far from the repository."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUN = "import sys; from tinyad.course.start import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def notebooks(folder: Path) -> dict[str, bytes]:
    paths = [path for name in ("lessons", "exercises") for path in (folder / name).glob("*.ipynb")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_start_from_the_wheel_copies_the_whole_course(site: Path, tmp_path: Path) -> None:
    done = run(site, "start", "mine", "--no-lab", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert notebooks(tmp_path / "mine") == notebooks(ROOT)
    assert "kept" not in done.stdout
    again = run(site, "start", "mine", "--no-lab", cwd=tmp_path)
    assert "copied" not in again.stdout
    assert f"{len(notebooks(ROOT))} files kept" in again.stdout


def test_links_stay_inside_the_copy(site: Path, tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    sys.path.insert(0, str(ROOT / "tests" / "notebooks"))
    try:
        from measure import Page
        from page_rules import links_resolve
    finally:
        del sys.path[:2]
    run(site, "start", "mine", "--no-lab", cwd=tmp_path)
    for path in (tmp_path / "mine").rglob("*.ipynb"):
        assert not list(links_resolve(Page.read(path))), path.name


def test_the_wheel_installs_the_command(site: Path) -> None:
    (entry,) = site.glob("*.dist-info/entry_points.txt")
    assert "tinyad = tinyad.course.start:main" in entry.read_text()


def test_the_wheel_carries_no_solutions(site: Path) -> None:
    assert not [path for path in site.rglob("*") if "solutions" in path.name]


def test_version_and_refusal_from_the_wheel(site: Path, tmp_path: Path) -> None:
    assert run(site, "--version", cwd=tmp_path).stdout.startswith("tinyad 0.")
    done = run(site, "start", str(site / "tinyad" / "mine"), "--no-lab", cwd=tmp_path)
    assert done.returncode == 2
    assert "belongs to the course itself" in done.stderr
    assert "Traceback" not in done.stderr
