"""Every notebook keeps the rules of its kind, and the exercises are what the solutions generate."""

from __future__ import annotations

from pathlib import Path

import notebooks
import pytest
from lesson_rules import EVERY_LESSON
from measure import Page
from page_rules import EVERY_EXERCISE, EVERY_PAGE, Rule
from start_rules import EVERY_START

ROOT = Path(__file__).parents[2]
START = ROOT / "lessons" / "00_start_here.ipynb"
LESSONS = sorted(path for path in (ROOT / "lessons").glob("*.ipynb") if path != START)
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))


def cases() -> list[object]:
    rules: dict[Path, tuple[Rule, ...]] = {START: EVERY_PAGE + EVERY_START}
    rules |= dict.fromkeys(LESSONS, EVERY_PAGE + EVERY_LESSON)
    rules |= dict.fromkeys(SOLUTIONS, EVERY_PAGE)
    rules |= dict.fromkeys(EXERCISES, EVERY_EXERCISE)
    return [
        pytest.param(path, rule, id=f"{path.parent.name}-{path.stem}-{rule.__name__}")
        for path, all_of_them in rules.items()
        for rule in all_of_them
    ]


PAGES: dict[Path, Page] = {}


@pytest.mark.parametrize(("path", "rule"), cases())
def test_notebook_keeps_the_rule(path: Path, rule: Rule) -> None:
    page = PAGES.setdefault(path, Page.read(path))
    complaints = list(rule(page))
    assert not complaints, "\n".join([f"{path.name}: {rule.__doc__}", *complaints])


def test_there_are_lessons_with_an_exercise_each() -> None:
    assert LESSONS
    assert [path.name for path in SOLUTIONS] == [path.name for path in LESSONS]


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_exercise_is_current(path: Path) -> None:
    reasons = notebooks.stale_exercise(path, Page.read(path).notebook)
    assert not reasons, "; ".join([*reasons, f"run tools/notebooks.py solutions/{path.name}"])


def test_no_exercise_without_solution() -> None:
    assert not notebooks.orphans()
