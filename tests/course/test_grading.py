"""nbgrader grades the exercises: stub 0, every listed wrong answer 0, sound solutions full.

A course folder is made as a teacher makes one: the solutions are its source, nbgrader generates
what students receive and grades what they hand in.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
import pytest
from notebook import EXERCISES, ROOT

pytest.importorskip("nbgrader")

from grading import ASSIGNMENT, Scores, grade, graded, wrong_name
from wrong_answers import WRONG

# Each worker has a course folder of its own; more than this wins nothing on two cores.
WORKERS = 2
NAMES = [exercise.name for exercise in EXERCISES]
PARTS = [part for i in range(WORKERS) if (part := NAMES[i::WORKERS])]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [tmp_path_factory.mktemp("course") for _ in PARTS]


@pytest.fixture(scope="module")
def scores(folders: list[Path]) -> Scores:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, context) as pool:
        jobs = [pool.submit(grade, *job) for job in zip(folders, PARTS, strict=True)]
        return {key: points for job in jobs for key, points in job.result().items()}


def graded_tasks() -> list[str]:
    return [task.name for exercise in EXERCISES for task in exercise.tasks if not task.stretch]


@pytest.mark.parametrize("task", graded_tasks())
def test_the_stub_gets_nothing(scores: Scores, task: str) -> None:
    points, most = scores["stub", f"hand_in_{task}"]
    assert (points, most > 0) == (0, True)


@pytest.mark.parametrize("task", graded_tasks())
def test_the_solution_gets_full_points(scores: Scores, task: str) -> None:
    points, most = scores["solution", f"hand_in_{task}"]
    assert points == most > 0


@pytest.mark.parametrize("task", graded_tasks())
def test_a_solution_that_talks_gets_full_points(scores: Scores, task: str) -> None:
    assert scores["collection", f"hand_in_{task}_loud"] == (1, 1)


@pytest.mark.parametrize("name", [wrong_name(wrong) for wrong in WRONG if graded(wrong)])
def test_a_wrong_answer_gets_nothing(scores: Scores, name: str) -> None:
    assert scores["collection", f"hand_in_{name}"] == (0, 1)


def test_the_explanation_waits_for_a_reader(scores: Scores) -> None:
    explained = [key for key in scores if key[1].startswith("explain")]
    assert len(explained) == len(EXERCISES) * len(["stub", "solution"])


def test_the_stretch_task_carries_no_points(scores: Scores) -> None:
    stretch = {task.name for exercise in EXERCISES for task in exercise.tasks if task.stretch}
    assert stretch
    assert not {f"hand_in_{task}" for task in stretch} & {name for _, name in scores}


@pytest.mark.parametrize("name", NAMES)
def test_the_released_notebook_is_the_exercise(
    scores: Scores, folders: list[Path], name: str
) -> None:
    place = next(folder for folder, part in zip(folders, PARTS, strict=True) if name in part)
    released = nbformat.read(place / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
    ours = nbformat.read(ROOT / "exercises" / f"{name}.ipynb", as_version=4)
    assert [cell.source for cell in ours.cells] == [cell.source for cell in released.cells]
