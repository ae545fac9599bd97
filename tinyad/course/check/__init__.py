"""The checks of all exercises: `check.<task_name>(your_function)`, and `check.progress()`.

Each module `lesson_NN` beside this file declares one `EXERCISE`; its tasks become names here.
"""

from __future__ import annotations

import difflib
import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from tinyad.course import record
from tinyad.course.ask import MISSING
from tinyad.course.result import Result
from tinyad.course.task import Exercise, Task


class Check:
    """The check of one task: call it with your function (or class), and read what it says."""

    def __init__(self, exercise: Exercise, task: Task) -> None:
        self.exercise, self.task = exercise, task
        self.__doc__ = (
            f"Check the task `{task.name}` of the exercise “{exercise.title}”.\n\n"
            f"Call it as check.{task.name}(your_function). Another `seed` draws other inputs."
        )

    def __call__(self, learner: Any = MISSING, seed: int = 0) -> Result:
        result = self.task.examine(learner, seed)
        record.remember(self.exercise.name, self.task.name, result.state)
        return result

    def __repr__(self) -> str:
        return f"check.{self.task.name}: hand it your function, check.{self.task.name}(...)"


def progress() -> record.Progress:
    """Report each exercise with its tasks' states and planned minutes."""
    return record.Progress(exercises(), record.states())


@cache
def exercises() -> tuple[Exercise, ...]:
    """Return the exercises that exist, in the order of the lessons."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name.startswith("lesson_"))
    return tuple(import_module(f"{__name__}.{name}").EXERCISE for name in names)


@cache
def _checks() -> dict[str, Check]:
    return {task.name: Check(exercise, task) for exercise in exercises() for task in exercise.tasks}


def __getattr__(name: str) -> Any:
    if not name.startswith("_") and name in _checks():
        return _checks()[name]
    message = f"there is no task {name!r}"
    if near := difflib.get_close_matches(name, [] if name.startswith("_") else _checks(), 1):
        message += f"; did you mean {near[0]!r}?"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return ["progress", *_checks()]
