"""A teacher's course folders for the grading test: generated, handed in and graded by nbgrader.

Each exercise is run three times: as it is released, solved, and as a collection. A collection is
the solved notebook with an answer and a graded cell for each wrong answer that is listed, and for
each sound answer that makes noise; so all of them are graded in one run.
"""

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
from nbformat.v4 import new_code_cell
from notebook import ROOT, TASKS, object_name
from wrong_answers import WRONG, Wrong

from tinyad.course.task import Exercise

ASSIGNMENT, COLLECTION = "exercises", "collections"
STUDENTS = {"stub": ASSIGNMENT, "solution": ASSIGNMENT, "collection": COLLECTION}

# Sound answers that talk: to stdout, to stderr, through warnings and floating-point flags. A
# grader that saw any of it would give no marks. A class talks when an object of it is made.
LOUD = """
def loud(quiet):
    def answer(*args, **named):
        import sys
        import warnings

        print("working on", len(args), "things")
        print("still working", file=sys.stderr)
        warnings.warn("careful")
        np.log(np.array([-1.0, 0.0])) / np.array(0.0)
        return talking(*args, **named)

    if isinstance(quiet, type):
        talking, quiet.__init__ = quiet.__init__, answer
        return quiet
    talking = quiet
    return answer


{name} = loud({name})
"""

# (student, graded cell) to (points, most points)
Scores = dict[tuple[str, str], tuple[float, float]]


def graded(wrong: Wrong) -> bool:
    """Whether a graded cell of its task exists; a stretch task has none."""
    return not TASKS[wrong.task][1].stretch


def wrong_name(wrong: Wrong) -> str:
    """The name under which this wrong answer is handed in."""
    same = [other for other in WRONG if other.task == wrong.task]
    return f"{wrong.task}_wrong{same.index(wrong)}"


def answers(exercise: Exercise, solved: dict[str, str]) -> dict[str, tuple[str, str]]:
    """All answers of an exercise's collection by name: the task, and the source.

    Sound ones come first: they may call the sound answers to other tasks.
    """
    loud = {
        f"{task.name}_loud": (
            task.name,
            solved[task.name] + LOUD.format(name=object_name(task.name)),
        )
        for task in exercise.tasks
        if not task.stretch
    }
    names = {task.name for task in exercise.tasks}
    wrong = [other for other in WRONG if other.task in names and graded(other)]
    return loud | {wrong_name(other): (other.task, other.source) for other in wrong}


def marks(name: str, **flags: Any) -> dict[str, Any]:
    """nbgrader's metadata of a cell."""
    plain = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"nbgrader": {**plain, "schema_version": 3, "grade_id": name, **flags}}


def solved_cells(solution: NotebookNode) -> dict[str, str]:
    """The sources of the answers by their grade ids."""
    found = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in solution.cells}
    return {name: cell.source for name, cell in found.items() if name and cell.cell_type == "code"}


def collection(exercise: Exercise, solution: NotebookNode) -> NotebookNode:
    """The solution without its graded cells, and with two cells for each answer."""
    made = nbformat.from_dict(solution)
    made.cells = [c for c in made.cells if not c.metadata.get("nbgrader", {}).get("grade")]
    stub = "### BEGIN SOLUTION\npass\n### END SOLUTION"
    for name, (task, _) in answers(exercise, solved_cells(solution)).items():
        check = f"check.{task}({object_name(task)}).require()"
        answer = new_code_cell(stub, metadata=marks(f"answer_{name}", solution=True))
        grading = marks(f"hand_in_{name}", grade=True, locked=True, points=1)
        made.cells += [answer, new_code_cell(check, metadata=grading)]
    return made


def hand_in(
    student: str, exercise: Exercise, released: NotebookNode, solution: NotebookNode
) -> NotebookNode:
    """What this student makes of the notebook that was released."""
    copy = nbformat.from_dict(released)
    sources = {} if student == "stub" else solved_cells(solution)
    if student == "collection":
        listed = answers(exercise, sources)
        sources |= {f"answer_{name}": source for name, (_, source) in listed.items()}
    for cell in copy.cells:
        known = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and known.get("solution") and known["grade_id"] in sources:
            cell.source = sources[known["grade_id"]]
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


def grade(root: Path, names: list[str]) -> Scores:
    """Make a course of these exercises, let all students hand in, and grade them."""
    warnings.simplefilter("ignore")  # nbgrader's own, about its database
    api = nbgrader(root)
    exercises = {task[0].name: task[0] for task in TASKS.values() if task[0].name in names}
    solutions = {name: ROOT / "solutions" / f"{name}.ipynb" for name in exercises}
    read = {name: nbformat.read(path, as_version=4) for name, path in solutions.items()}
    for assignment in (ASSIGNMENT, COLLECTION):
        source = root / "source" / assignment
        source.mkdir(parents=True)
        for name, exercise in exercises.items():
            if assignment == ASSIGNMENT:
                shutil.copy(solutions[name], source)
            else:
                nbformat.write(collection(exercise, read[name]), source / f"{name}.ipynb")
        _done(api.generate_assignment(assignment))
    for student, assignment in STUDENTS.items():
        folder = root / "submitted" / student / assignment
        folder.mkdir(parents=True)
        for name, exercise in exercises.items():
            path = root / "release" / assignment / f"{name}.ipynb"
            released = nbformat.read(path, as_version=4)
            copy = hand_in(student, exercise, released, read[name])
            nbformat.write(copy, folder / f"{name}.ipynb")
        _done(api.autograde(assignment, student, create=True))
    with api.gradebook as book:
        return {
            (student, grade.name): (grade.score, grade.max_score)
            for student, assignment in STUDENTS.items()
            for notebook in book.find_submission(assignment, student).notebooks
            for grade in notebook.grades
        }


def _done(answer: dict[str, Any]) -> None:
    if not answer["success"]:
        raise RuntimeError(answer.get("log") or answer["error"])
