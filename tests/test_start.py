"""`tinyad start`: the learner's own copy, made once, added to, and never overwritten."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from tinyad.course import selfcheck, start

ROOT = Path(__file__).parents[1]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small course to copy from, and a working directory beside it."""
    source = tmp_path / "source"
    for name in (start.START_PAGE, "lessons/01_one.ipynb", "exercises/01_one.ipynb"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(f"original {name}")
    (source / "lessons/.ipynb_checkpoints").mkdir()
    (source / "lessons/.ipynb_checkpoints/old.ipynb").write_text("old")
    monkeypatch.setattr(start, "material", lambda: source)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return source


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_first_run_copies_and_says_so(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(["start", "--no-lab"]) == 0
    lessons = {"lessons/00_start_here.ipynb", "lessons/01_one.ipynb", "exercises/01_one.ipynb"}
    assert files(Path("my-course")) == {*lessons, start.MARKER}
    said = capsys.readouterr().out
    assert "3 files copied." in said
    assert "kept" not in said
    assert str(Path("my-course").resolve()) in said


def test_second_run_keeps_edits_and_adds_what_is_new(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start.main(["start", "mine", "--no-lab"])
    Path("mine/exercises/01_one.ipynb").write_text("my answer")
    Path("mine/lessons/notes.txt").write_text("my notes")
    (course / "lessons/02_two.ipynb").write_text("new")
    (course / "exercises/01_one.ipynb").write_text("corrected")
    capsys.readouterr()
    assert start.main(["start", "mine", "--no-lab"]) == 0
    said = capsys.readouterr().out
    assert "1 file copied." in said
    assert "3 files kept as you left them." in said
    assert Path("mine/exercises/01_one.ipynb").read_text() == "my answer"
    assert Path("mine/lessons/notes.txt").read_text() == "my notes"
    assert Path("mine/lessons/02_two.ipynb").read_text() == "new"


def test_a_deleted_file_comes_back_afresh(course: Path) -> None:
    start.main(["start", "--no-lab"])
    Path("my-course/lessons/01_one.ipynb").unlink()
    start.main(["start", "--no-lab"])
    assert Path("my-course/lessons/01_one.ipynb").read_text() == "original lessons/01_one.ipynb"


def test_inside_a_copy_the_copy_is_meant(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start.main(["start", "--no-lab"])
    monkeypatch.chdir("my-course/exercises")
    assert start.main(["start", "--no-lab"]) == 0
    assert not Path("my-course").exists()


def test_copies_can_be_written_even_if_the_original_cannot(course: Path) -> None:
    os.chmod(course / "lessons/01_one.ipynb", 0o444)
    start.main(["start", "--no-lab"])
    assert os.stat("my-course/lessons/01_one.ipynb").st_mode & 0o200


def a_file(course: Path) -> str:
    Path("taken").write_text("mine")
    return "taken"


def below_a_file(course: Path) -> str:
    return a_file(course) + "/copy"


def holds_a_file_named_lessons(course: Path) -> str:
    Path("odd").mkdir()
    Path("odd/lessons").write_text("mine")
    return "odd"


BAD: list[tuple[Callable[[Path], str], str]] = [
    (a_file, "is a file"),
    (below_a_file, "cannot write"),
    (holds_a_file_named_lessons, "holds a file where"),
    (str, "belongs to the course itself"),
    (lambda course: str(course / "lessons"), "belongs to the course itself"),
    (lambda course: str(course / "lessons" / "mine"), "belongs to the course itself"),
    (lambda course: str(course / "solutions" / "mine"), "belongs to the course itself"),
]


@pytest.mark.parametrize(("folder", "words"), BAD)
def test_bad_folders_are_refused_kindly(
    folder: Callable[[Path], str], words: str, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = folder(course)
    before = files(course.parent)
    assert start.main(["start", name, "--no-lab"]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert not said.out
    assert files(course.parent) == before


def test_no_permission_to_write(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "copyfile", refuse)
    assert start.main(["start", "--no-lab"]) == 2
    assert "(permission denied)" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["begin"], ["start", "a", "b"], ["start", "--lab"]])
def test_unknown_words_end_with_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        start.main(arguments)
    assert stop.value.code == 2
    assert "usage: tinyad" in capsys.readouterr().err


def test_without_a_command_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main([]) == 0
    assert "tinyad start" in capsys.readouterr().out


def test_without_jupyterlab_the_copy_is_made_and_the_remedy_named(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "find_spec", lambda name: None)
    assert start.main(["start"]) == 2
    assert "pip install jupyterlab" in capsys.readouterr().err
    assert Path("my-course", start.START_PAGE).exists()


@pytest.mark.parametrize(("code", "result"), [(0, 0), (1, 2)])
def test_jupyterlab_is_opened_on_the_start_page_of_the_copy(
    code: int, result: int, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []

    def popen(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        called.append(command)
        assert options["cwd"] == Path("mine").resolve()
        return real([sys.executable, "-c", f"raise SystemExit({code})"])

    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", popen)
    assert start.main(["start", "mine"]) == result
    (command,) = called
    assert f"--ServerApp.root_dir={Path('mine').resolve()}" in command
    assert f"--LabApp.default_url=/lab/tree/{start.START_PAGE}" in command


def test_copy_and_repository_are_told_apart(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.main(["start", "--no-lab"])
    copy = Path("my-course").resolve()
    assert start.copy_root(copy / "lessons") == copy
    assert not start.inside_repository(copy / "lessons")
    assert start.copy_root(ROOT / "lessons") is None
    assert start.inside_repository(ROOT / "lessons")
    assert not start.inside_repository(tmp_path)
    monkeypatch.setenv("TINYAD_AS_COPY", "1")
    assert not start.inside_repository(ROOT / "lessons")


def test_the_repository_is_the_material_of_an_editable_installation() -> None:
    package = Path(str(resources.files("tinyad.course")))
    if package.is_relative_to(ROOT):
        assert start.material() == ROOT


def test_importing_tinyad_does_not_import_the_command() -> None:
    command = "import sys, tinyad; print(sorted(m for m in sys.modules if 'course' in m))"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_self_check_reads_what_is_needed_from_the_installed_package() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    needed = selfcheck.requirements()
    assert {"numpy", "jupyterlab", "matplotlib", "ipywidgets", "sympy", "mpmath"} <= set(needed)
    for name, least in needed.items():
        assert f'"{name}>={least}"' in text


def test_self_check_names_what_is_missing_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    versions = {"numpy": "1.26.4", "sympy": None}
    monkeypatch.setattr(selfcheck, "requirements", lambda: {"numpy": "2.0", "sympy": "1.13"})
    monkeypatch.setattr(selfcheck, "installed", versions.get)
    selfcheck.self_check()
    said = capsys.readouterr().out
    assert "numpy 1.26.4 is too old, 2.0 or newer is needed" in said
    assert "sympy is missing" in said
    assert '%pip install "numpy>=2.0" "sympy>=1.13"' in said


def test_self_check_without_an_installation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(selfcheck, "requirements", dict)
    selfcheck.self_check()
    assert "tinyad is not installed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("version", "least", "enough"),
    [("2.0", "2.0", True), ("2", "2.0", True), ("3.10.0rc1", "3.9", True), ("3.9", "3.10", False)],
)
def test_versions_are_compared_as_numbers(version: str, least: str, enough: bool) -> None:
    assert (not selfcheck.problems({"p": least}, {"p": version})) is enough


def test_all_is_well_says_no_version(capsys: pytest.CaptureFixture[str]) -> None:
    selfcheck.self_check()
    said = capsys.readouterr().out
    assert (
        said == f"Python and all {len(selfcheck.requirements())} packages of the course are here.\n"
    )
