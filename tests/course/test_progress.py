"""Progress: a small file in the learner's copy, never in the repository, silent when it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinyad.course import check, record
from tinyad.course.result import NOT_STARTED, NOT_YET, PASSED

ROOT = Path(__file__).parents[2]


def power_term(x: float, y: float) -> float:
    return 3 * x**2 * y + 4


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """No environment variable, an empty memory, and a folder that is no copy of the course."""
    monkeypatch.delenv("TINYAD_PROGRESS", raising=False)
    monkeypatch.setattr(record, "_in_memory", {})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def copy(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's copy, in whose exercises folder the kernel runs."""
    (nowhere / ".tinyad-course").write_text("")
    (nowhere / "exercises").mkdir()
    monkeypatch.chdir(nowhere / "exercises")
    return nowhere


def state(task: str) -> str:
    return record.states().get(f"01_manual_differentiation/{task}", NOT_STARTED)


def test_progress_is_kept_in_the_learners_copy(copy: Path) -> None:
    check.power_term(power_term)
    stored = json.loads((copy / ".tinyad-progress.json").read_text(encoding="utf-8"))
    assert stored == {"01_manual_differentiation/power_term": PASSED}
    check.power_term(lambda x, y: 0.0)
    check.same_slope(lambda: [])
    assert (state("power_term"), state("same_slope")) == (NOT_YET, NOT_YET)
    assert sorted(path.name for path in copy.iterdir()) == [
        ".tinyad-course",
        ".tinyad-progress.json",
        "exercises",
    ]


def test_the_environment_variable_names_the_file(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYAD_PROGRESS", str(nowhere / "mine.json"))
    check.power_term(power_term)
    assert (nowhere / "mine.json").exists()
    assert state("power_term") == PASSED


@pytest.mark.parametrize("folder", [".", "solutions", "exercises"])
def test_nothing_is_written_into_the_repository(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(ROOT / folder)
    assert record.location() is None
    check.power_term(power_term)
    assert state("power_term") == PASSED  # in memory
    assert not list(ROOT.glob("**/.tinyad-progress.json*"))


@pytest.mark.parametrize("content", ["", "not json", "[1, 2]", '{"a/b": "great", "c": 3}', "null"])
def test_a_spoiled_file_counts_as_empty_and_is_replaced(copy: Path, content: str) -> None:
    (copy / ".tinyad-progress.json").write_text(content)
    assert record.states() == {}
    check.power_term(power_term)
    assert state("power_term") == PASSED


def test_a_file_that_cannot_be_written_is_silent(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TINYAD_PROGRESS", str(nowhere / "no" / "such" / "folder.json"))
    assert check.power_term(power_term).state == PASSED
    monkeypatch.setenv("TINYAD_PROGRESS", str(nowhere))  # a folder
    assert check.power_term(power_term).state == PASSED
    assert repr(check.progress())
    assert capfd.readouterr() == ("", "")


def test_the_report_lists_tasks_states_and_minutes(copy: Path) -> None:
    check.power_term(power_term)
    report = check.progress()
    html = report._repr_html_()
    for exercise in check.exercises():
        assert exercise.title in report.text
        assert f"{exercise.minutes} minutes planned" in report.text
        for task in exercise.tasks:
            assert f"{task.name} ({task.minutes} min" in report.text
            assert f"<code>{task.name}</code>" in html
    assert "✓ power_term (8 min): all visible checks pass" in report.text
    assert "○ same_slope (6 min): not started" in report.text
    assert "1 of 5 tasks pass" in html
    assert repr(report) == report.text
