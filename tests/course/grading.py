"""A teacher's course folder for the grading test: generated, handed in and graded by nbgrader."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from notebook import EXERCISES, ROOT, object_name
from wrong_answers import WRONG, Wrong

ASSIGNMENT = "exercises"
FILES = [f"{exercise.name}.ipynb" for exercise in EXERCISES]

# Sound answers that talk: to stdout, to stderr, through warnings and floating-point flags. A
# grader that saw any of it would give no marks.
LOUD = """
def loud(quiet):
    def answer(*args):
        import sys
        import warnings

        print("working on", *args)
        print("still working", file=sys.stderr)
        warnings.warn("careful")
        np.log(np.array([-1.0, 0.0])) / np.array(0.0)
        return quiet(*args)

    return answer


{name} = loud({name})
"""

# (student, graded cell) to (points, most points)
Scores = dict[tuple[str, str], tuple[float, float]]


def wrong_answers(number: int) -> dict[str, Wrong]:
    """The wrong answer with this number to each task that has so many."""
    answers: dict[str, list[Wrong]] = {}
    for wrong in WRONG:
        answers.setdefault(wrong.task, []).append(wrong)
    return {task: listed[number] for task, listed in answers.items() if number < len(listed)}


ROUNDS = max(sum(other.task == wrong.task for other in WRONG) for wrong in WRONG)
STUDENTS = ["stub", "solution", "loud", *(f"wrong{number}" for number in range(ROUNDS))]


def hand_in(student: str, notebook: NotebookNode, solution: NotebookNode) -> NotebookNode:
    """What this student makes of the notebook that was released."""
    copy = nbformat.from_dict(notebook)
    answers = wrong_answers(int(student[5:])) if student.startswith("wrong") else {}
    solved = {cell.id: cell.source for cell in solution.cells}
    for cell in copy.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not marks.get("solution"):
            continue
        task = marks["grade_id"]
        if student in ("solution", "loud"):
            cell.source = solved[cell.id]
        if student == "loud":
            cell.source += "\n" + LOUD.format(name=object_name(task))
        if task in answers:
            cell.source = answers[task].source
    return copy


def nbgrader(root: Path) -> Any:
    """nbgrader's own interface to the course in this folder, which touches nothing outside it."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    # nbgrader calls alembic by name
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["JUPYTER_CONFIG_DIR"] = str(root / "jupyter")
    os.environ["IPYTHONDIR"] = str(root / "ipython")
    config = Config()
    config.CourseDirectory.root = config.Exchange.root = str(root)
    config.Execute.timeout = 60
    api = NbGraderAPI(config=config)
    api.log.setLevel(logging.CRITICAL)
    return api


def grade(root: Path, students: list[str]) -> Scores:
    """Make a course of the solutions, let these students hand in, and grade them."""
    warnings.simplefilter("ignore")  # nbgrader's own, about its database
    source, release = root / "source" / ASSIGNMENT, root / "release" / ASSIGNMENT
    source.mkdir(parents=True)
    for name in FILES:
        shutil.copy(ROOT / "solutions" / name, source)
    api = nbgrader(root)
    done = api.generate_assignment(ASSIGNMENT)
    for student in students:
        folder = root / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        for name in FILES:
            released = nbformat.read(release / name, as_version=4)
            solution = nbformat.read(source / name, as_version=4)
            nbformat.write(hand_in(student, released, solution), folder / name)
        done = api.autograde(ASSIGNMENT, student, create=True) if done["success"] else done
    if not done["success"]:
        raise RuntimeError(done.get("log") or done["error"])
    with api.gradebook as book:
        return {
            (student, grade.name): (grade.score, grade.max_score)
            for student in students
            for notebook in book.find_submission(ASSIGNMENT, student).notebooks
            for grade in notebook.grades
        }
