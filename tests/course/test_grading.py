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

from grading import ASSIGNMENT, FILES, ROUNDS, STUDENTS, Scores, grade, wrong_answers

# Each worker has a course folder of its own; more than this wins nothing on two cores.
WORKERS = 2


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [tmp_path_factory.mktemp("course") for _ in range(WORKERS)]


@pytest.fixture(scope="module")
def scores(folders: list[Path]) -> Scores:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, context) as pool:
        jobs = [pool.submit(grade, root, STUDENTS[i::WORKERS]) for i, root in enumerate(folders)]
        return {key: points for job in jobs for key, points in job.result().items()}


def graded_tasks() -> list[str]:
    return [task.name for exercise in EXERCISES for task in exercise.tasks if not task.stretch]


@pytest.mark.parametrize("task", graded_tasks())
def test_the_stub_gets_nothing(scores: Scores, task: str) -> None:
    points, most = scores["stub", f"hand_in_{task}"]
    assert (points, most > 0) == (0, True)


@pytest.mark.parametrize("student", ["solution", "loud"])
@pytest.mark.parametrize("task", graded_tasks())
def test_a_sound_solution_gets_full_points(scores: Scores, student: str, task: str) -> None:
    points, most = scores[student, f"hand_in_{task}"]
    assert points == most > 0


@pytest.mark.parametrize(
    ("student", "task"),
    [
        (f"wrong{number}", task)
        for number in range(ROUNDS)
        for task in wrong_answers(number)
        if task in graded_tasks()
    ],
)
def test_a_wrong_answer_gets_nothing(scores: Scores, student: str, task: str) -> None:
    assert scores[student, f"hand_in_{task}"][0] == 0


def test_the_explanation_waits_for_a_reader(scores: Scores) -> None:
    explained = [key for key in scores if key[1].startswith("explain")]
    assert len(explained) == len(EXERCISES) * len(STUDENTS)


def test_the_stretch_task_carries_no_points(scores: Scores) -> None:
    stretch = {task.name for exercise in EXERCISES for task in exercise.tasks if task.stretch}
    assert not {f"hand_in_{task}" for task in stretch} & {name for _, name in scores}


@pytest.mark.parametrize("name", FILES)
def test_the_released_notebook_is_the_exercise(
    scores: Scores, folders: list[Path], name: str
) -> None:
    released = nbformat.read(folders[0] / "release" / ASSIGNMENT / name, as_version=4)
    ours = nbformat.read(ROOT / "exercises" / name, as_version=4)
    assert [cell.source for cell in ours.cells] == [cell.source for cell in released.cells]
