"""The objects that exercises and solutions define, taken from the notebooks themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tinyad.course import check
from tinyad.course.task import Exercise, Task

ROOT = Path(__file__).parents[2]
EXERCISES: tuple[Exercise, ...] = check.exercises()
TASKS: dict[str, tuple[Exercise, Task]] = {
    task.name: (exercise, task) for exercise in EXERCISES for task in exercise.tasks
}


def read(folder: str, exercise: str) -> NotebookNode:
    return nbformat.read(ROOT / folder / f"{exercise}.ipynb", as_version=4)


def object_name(task: str) -> str:
    """The name under which the notebook hands its answer to the check of this task."""
    exercise, _ = TASKS[task]
    for cell in read("solutions", exercise.name).cells:
        if found := re.fullmatch(rf"check\.{task}\((\w+)\)", cell.source):
            return found[1]
    raise AssertionError(f"no check cell for {task}")


def namespace(folder: str, exercise: str) -> dict[str, Any]:
    """Run all cells of a notebook but the checks, as a learner would before the first check."""
    names: dict[str, Any] = {}
    for cell in read(folder, exercise).cells:
        if cell.cell_type == "code" and not cell.source.startswith("check."):
            exec(cell.source, names)
    return names


def solution_lines(exercise: str) -> list[str]:
    """The lines between the solution markers."""
    regions = [
        re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL)
        for cell in read("solutions", exercise).cells
    ]
    return [line.strip() for found in regions for text in found for line in text.split("\n")]
