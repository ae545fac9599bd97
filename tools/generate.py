"""The student's notebook out of the solution, by nbgrader's own preprocessors alone."""

from __future__ import annotations

import logging

import nbformat
from nbformat import NotebookNode
from normalize import normalized


class GenerationError(Exception):
    """The solution cannot be turned into an exercise; the message says why."""


def exercise(solution: NotebookNode) -> NotebookNode:
    """What the student receives.

    The steps are those of `nbgrader generate_assignment`, in its order and with its default
    settings, so that a teacher who puts the solution into a course gets these very cells. Only
    saving to the gradebook is left out.
    """
    try:
        from nbgrader.converters import GenerateAssignment
        from nbgrader.preprocessors import SaveCells
    except ImportError as error:
        raise GenerationError('nbgrader is missing: pip install -e ".[teach]"') from error
    steps = GenerateAssignment.preprocessors.default()
    notebook = nbformat.from_dict(normalized(solution))
    resources: dict[str, object] = {}
    for step in steps:
        if step is SaveCells:
            continue
        try:
            preprocessor = step()
            preprocessor.log.setLevel(logging.CRITICAL)
            notebook, resources = preprocessor.preprocess(notebook, resources)
        except Exception as error:
            # nbgrader signals with many types; whatever it says belongs to the author
            raise GenerationError(f"{step.__name__}: {' '.join(str(error).split())}") from error
    return notebook
