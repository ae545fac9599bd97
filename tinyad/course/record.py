"""What the learner has reached so far: a small file in their own copy, and the report of it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tinyad.course.result import COLORS, NOT_STARTED, PASSED, SIGNS, STATES
from tinyad.course.task import Exercise

FILE = ".tinyad-progress.json"

_in_memory: dict[str, str] = {}


def location() -> Path | None:
    """Where progress is kept: the file that TINYAD_PROGRESS names, or one in the learner's copy.

    Elsewhere (in the repository, in a grader's folder) nothing is written.
    """
    named = os.environ.get("TINYAD_PROGRESS")
    if named:
        return Path(named)
    from tinyad.course.start import copy_root

    root = copy_root()
    return root / FILE if root else None


def states() -> dict[str, str]:
    """Return the state of each task, by "exercise/task"; an unreadable file counts as empty."""
    with contextlib.suppress(Exception):
        path = location()
        if path is None:
            return dict(_in_memory)
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {key: state for key, state in stored.items() if state in STATES}
    return {}


def remember(exercise: str, task: str, state: str) -> None:
    """Note the state of a task; a file that cannot be written is no concern of the learner's."""
    key = f"{exercise}/{task}"
    known = states()
    if known.get(key) == state:
        return
    _in_memory[key] = state
    with contextlib.suppress(Exception):
        path = location()
        if path is not None:
            text = json.dumps(known | {key: state}, indent=1, sort_keys=True)
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            draft.write_text(text + "\n", encoding="utf-8")
            draft.replace(path)  # at once, so that no reader meets half a file


@dataclass(frozen=True, repr=False)
class Progress:
    """The report of `check.progress()`: each exercise, its tasks' states and planned minutes."""

    exercises: Sequence[Exercise]
    states: dict[str, str]

    def state(self, exercise: Exercise, task: str) -> str:
        """Return the last state of a task."""
        return self.states.get(f"{exercise.name}/{task}", NOT_STARTED)

    @property
    def text(self) -> str:
        """The report as plain text."""
        lines = []
        for exercise in self.exercises:
            lines.append(f"{exercise.title}: {self._summary(exercise)}")
            for task in exercise.tasks:
                state = self.state(exercise, task.name)
                extra = ", stretch" if task.stretch else ""
                lines.append(f"  {SIGNS[state]} {task.name} ({task.minutes} min{extra}): {state}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        left = 'style="text-align: left"'
        head = (
            f'<tr><th scope="col" {left}>Task</th><th scope="col">Minutes</th>'
            f'<th scope="col" {left}>State</th></tr>'
        )
        groups = "".join(self._group(exercise) for exercise in self.exercises)
        return f"<table><thead>{head}</thead>{groups}</table>"

    def _summary(self, exercise: Exercise) -> str:
        done = sum(self.state(exercise, task.name) == PASSED for task in exercise.tasks)
        count = f"{done} of {len(exercise.tasks)} tasks pass"
        return f"{count}, {exercise.minutes} minutes planned"

    def _group(self, exercise: Exercise) -> str:
        title = f"{escape(exercise.title)}: {self._summary(exercise)}"
        rows = [f'<th colspan="3" scope="rowgroup" style="text-align: left">{title}</th>']
        for task in exercise.tasks:
            state = self.state(exercise, task.name)
            extra = " (stretch)" if task.stretch else ""
            rows.append(
                f'<td style="text-align: left"><code>{task.name}</code>{extra}</td>'
                f"<td>{task.minutes}</td>"
                f'<td style="text-align: left; border-left: 4px solid {COLORS[state]}">'
                f'<span aria-hidden="true">{SIGNS[state]}</span> {state}</td>'
            )
        return "<tbody>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</tbody>"
