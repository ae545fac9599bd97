"""The checks are checked: stubs, solutions, listed wrong answers, other seeds, odd objects."""

from __future__ import annotations

import contextlib
import io
import numbers
import re
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook import EXERCISES, TASKS, namespace, object_name, read, solution_lines
from wrong_answers import WRONG, Wrong

from tinyad.course import check
from tinyad.course.ask import Ask
from tinyad.course.kinds import shown
from tinyad.course.result import CANNOT_RUN, NOT_STARTED, NOT_YET, PASSED, STATES


@cache
def names(folder: str, exercise: str) -> dict[str, Any]:
    return namespace(folder, exercise)


def answer(folder: str, task: str) -> Any:
    return names(folder, TASKS[task][0].name)[object_name(task)]


def wrong_object(wrong: Wrong) -> Any:
    scope = dict(names("exercises", TASKS[wrong.task][0].name))
    exec(wrong.source, scope)
    return scope[object_name(wrong.task)]


def wrong_id(wrong: Wrong) -> str:
    return f"{wrong.task}-{wrong.hears}"


@pytest.mark.parametrize("task", TASKS)
def test_the_stub_is_not_started(task: str) -> None:
    assert getattr(check, task)(answer("exercises", task)).state == NOT_STARTED


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("task", TASKS)
def test_the_solution_passes_with_every_seed(task: str, seed: int) -> None:
    result = getattr(check, task)(answer("solutions", task), seed=seed)
    assert result.state == PASSED, result.text
    assert result.require() is None


@pytest.mark.parametrize("wrong", WRONG, ids=wrong_id)
def test_a_wrong_answer_hears_what_is_wrong(wrong: Wrong) -> None:
    result = getattr(check, wrong.task)(wrong_object(wrong))
    assert result.state == wrong.state, result.text
    assert wrong.hears in result.text, result.text
    with pytest.raises(AssertionError, match=re.escape(wrong.hears)):
        result.require()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("wrong", WRONG, ids=wrong_id)
def test_a_wrong_answer_is_caught_with_every_seed(wrong: Wrong, seed: int) -> None:
    assert getattr(check, wrong.task)(wrong_object(wrong), seed=seed).state == wrong.state


@pytest.mark.parametrize("wrong", WRONG, ids=wrong_id)
def test_no_check_tells_the_answer(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []
    call = Ask.__call__

    def remembering(self: Ask, *args: Any) -> Any:
        asked.append(args)
        return call(self, *args)

    monkeypatch.setattr(Ask, "__call__", remembering)
    result = getattr(check, wrong.task)(wrong_object(wrong))
    silent = ("Input", "Came back", "So far")  # what came in and out; how many properties hold
    said = "\n".join(text for label, text in result.lines if label not in silent)
    exercise, task = TASKS[wrong.task]
    for line in solution_lines(exercise.name):
        assert len(line) < 12 or line not in said
    for args in asked:
        expected = task.gives(answer("solutions", wrong.task)(*args))
        if isinstance(expected, (frozenset, tuple)) and task.takes == "":
            assert shown(expected) not in said
            assert "".join(map(str, expected)) not in said
        elif not isinstance(expected, bool):
            for value in np.ravel(np.asarray(expected)):
                if isinstance(value, numbers.Real) and abs(value) not in (0.0, 1.0):
                    assert not re.search(rf"(?<![\d.]){re.escape(shown(float(value)))}(?!\d)", said)


def test_at_least_three_wrong_answers_a_task() -> None:
    count = Counter(wrong.task for wrong in WRONG if wrong.state == NOT_YET)
    assert all(count[task] >= 3 for task in TASKS), count


def test_task_names_are_unique_in_the_course() -> None:
    assert len(TASKS) == sum(len(exercise.tasks) for exercise in EXERCISES)


class Hostile:
    """An object that refuses everything that Python may ask of it."""

    def __init__(self, error: type[BaseException]) -> None:
        object.__setattr__(self, "error", error)

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise object.__getattribute__(self, "error")

    def __repr__(self) -> str:
        raise ValueError  # nothing worse, or pytest itself could not report a failure

    __call__ = __str__ = __eq__ = __hash__ = __bool__ = __float__ = __len__ = _refuse  # type: ignore[assignment]
    __iter__ = __getattr__ = __array__ = __index__ = __deepcopy__ = __lt__ = _refuse  # type: ignore[assignment]


ERRORS = [ValueError, KeyboardInterrupt, SystemExit, RecursionError, GeneratorExit, StopIteration]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.just(10**400),
    st.just(np.float32(1.5)),
    st.just(np.array(2.5)),
    st.just(np.array([[1.0, 2.0]])),
    st.just(np.array(["b", None], dtype=object)),
    st.just(np.array([], dtype=complex)),
    st.lists(st.one_of(st.floats(), st.text(max_size=1), st.none()), max_size=4),
    st.lists(st.lists(st.integers(), max_size=2), max_size=2).map(tuple),
    st.sets(st.text(max_size=1), max_size=3),
    st.sampled_from([len, np.sin, int, Hostile, print, np.ndarray]),
    st.sampled_from(ERRORS).map(Hostile),
)


def noisy(value: Any) -> Any:
    def odd(*args: Any) -> Any:
        print("a word")
        np.log(np.array(-1.0))
        for arg in args:
            if isinstance(arg, np.ndarray):
                arg[...] = 0
        return value

    return odd


ODD_OBJECTS = st.one_of(
    VALUES,
    VALUES.map(noisy),
    VALUES.map(lambda value: lambda: value),
    VALUES.map(lambda value: lambda x, y, z, *more, key: value),
)


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=60, deadline=None)
@given(learner=ODD_OBJECTS, seed=st.one_of(st.integers(0, 9), st.sampled_from([-1, "a", None])))
def test_checks_never_raise_and_never_print(task: str, learner: Any, seed: Any) -> None:
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
        result = getattr(check, task)(learner, seed)
        assert result.state in STATES
        assert result.text
        assert result._repr_html_()
        with contextlib.suppress(AssertionError):
            assert result.require() is None
    assert heard.getvalue() == ""


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_no_odd_value_is_taken_for_a_slip_of_the_check(task: str, value: Any) -> None:
    result = getattr(check, task)(noisy(value))
    assert "stumbled" not in result.text


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_the_notebook_and_the_checks_agree_on_tasks_and_minutes(exercise: Any) -> None:
    notebook = read("solutions", exercise.name)
    cells = [cell.source for cell in notebook.cells]
    assert notebook.cells[0].source.startswith(f"# {exercise.title}\n")
    assert f"**Time:** {exercise.minutes} minutes" in cells[0]
    assert 40 <= exercise.minutes <= 70
    headings = [line for cell in cells for line in cell.split("\n") if line.startswith("## Task ")]
    minutes = [int(re.search(r"\((\d+) minutes", line)[1]) for line in headings]  # type: ignore[index]
    assert minutes == [task.minutes for task in exercise.tasks]
    assert [task.stretch for task in exercise.tasks] == ["no points" in h for h in headings]
    explain = next(cell for cell in cells if cell.startswith("## Explain in two sentences"))
    assert f"({exercise.explain_minutes} minutes)" in explain


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_graded_cells_are_require_and_nothing_else(exercise: Any) -> None:
    graded, seen_heading = [], False
    for cell in read("solutions", exercise.name).cells:
        seen_heading = seen_heading or cell.source.startswith("## To hand in")
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            assert seen_heading, "graded cells stand at the end"
            assert cell.metadata["tags"] == ["raises-exception"]
            assert cell.outputs == []
            graded.append(cell.source)
    wanted = [task.name for task in exercise.tasks if not task.stretch]
    assert graded == [f"check.{name}({object_name(name)}).require()" for name in wanted]


def test_a_stub_that_another_task_calls_is_named() -> None:
    scope = dict(names("exercises", "02_finite_differences"))
    exec("def mended(f, gradient, x):\n    return forward_gradient(f, x)", scope)
    result = check.mended_checker(scope["mended"])
    assert result.state == CANNOT_RUN
    assert "`forward_gradient`" in result.text
