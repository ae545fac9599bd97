"""The machinery of the checks, on tasks made for these tests."""

from __future__ import annotations

import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyad as ad
from tinyad import grad as grad_captured_long_ago
from tinyad.course import check
from tinyad.course.ask import Ask
from tinyad.course.formulas import SQUARE, Formula
from tinyad.course.kinds import number, vector
from tinyad.course.properties import agrees, computes, holds, unchanged
from tinyad.course.result import CANNOT_RUN, NOT_STARTED, NOT_YET, PASSED, SIGNS, STATES, Result
from tinyad.course.task import Task

DOUBLE = Task(
    "double",
    minutes=5,
    takes="x",
    gives=number,
    properties=[
        agrees("it is twice the number", lambda x: 2 * x, [(3.0,), (2.0,), (-1.0,)]),
        agrees("it is so at zero", lambda x: 2 * x, [(0.0,)], diagnosis="Zero is a number, too."),
    ],
    mistakes=[
        computes(lambda x: x * x, "This is the square."),
        computes(lambda x: x + 2, "This adds."),
    ],
    seconds=0.3,
)


def label(result: Result, name: str) -> str:
    return dict(result.lines).get(name, "")


def test_a_failing_property_shows_input_value_property_and_diagnosis() -> None:
    result = DOUBLE.examine(lambda x: x * x)
    assert result.state == NOT_YET
    assert result.lines == (
        ("Input", "x = 3"),
        ("Came back", "9"),
        ("Property that fails", "it is twice the number"),
        ("Diagnosis", "This is the square."),
        ("So far", "0 of 2 properties hold"),
    )


def test_a_diagnosis_must_explain_every_call() -> None:
    # x + 2 and x * x agree with these values at one of the points each
    answers = {3.0: 9.0, 2.0: 4.0, -1.0: 5.0}
    assert label(DOUBLE.examine(lambda x: answers[x]), "Diagnosis") == ""


def test_the_property_that_fails_is_the_first_one() -> None:
    result = DOUBLE.examine(lambda x: 2 * x if x else 7)
    assert label(result, "Property that fails") == "it is so at zero"
    assert label(result, "Diagnosis") == "Zero is a number, too."
    assert label(result, "So far") == "1 of 2 properties hold"


def raising(error: BaseException) -> Callable[[float], float]:
    def double(x: float) -> float:
        raise error

    return double


def test_not_started_is_the_stub_alone() -> None:
    assert DOUBLE.examine(raising(NotImplementedError())).state == NOT_STARTED
    # tinyad's own MissingRuleError is a NotImplementedError, too, but no stub
    missing = ad.errors.MissingRuleError("No rule.", "Use another function.")
    assert DOUBLE.examine(raising(missing)).state == CANNOT_RUN


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no\nsuch thing"),
        KeyboardInterrupt(),
        SystemExit(3),
        RecursionError("too deep"),
        MemoryError(),
        AssertionError("x" * 5000),
        type("Odd", (Exception,), {"__str__": lambda self: 1 / 0})(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_exception_is_told_with_the_learners_line(error: BaseException) -> None:
    result = DOUBLE.examine(raising(error))
    assert result.state == CANNOT_RUN
    assert "raise error" in label(result, "What happened")
    assert len(result.text) < 1000


def test_an_exception_inside_numpy_is_told_with_the_learners_line() -> None:
    def double(x: float) -> Any:
        return np.linalg.inv(np.zeros((2, 2)))

    happened = label(DOUBLE.examine(double), "What happened")
    assert "LinAlgError" in happened
    assert "return np.linalg.inv(np.zeros((2, 2)))" in happened


def test_an_endless_recursion_is_told() -> None:
    def double(x: float) -> float:
        return double(x) + 1

    assert "calls itself" in label(DOUBLE.examine(double), "What happened")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarm clock")
@pytest.mark.parametrize("stubborn", [False, True])
def test_an_endless_loop_is_stopped(stubborn: bool) -> None:
    def double(x: float) -> float:
        while True:
            try:
                x = x + 1
            except Exception:
                if not stubborn:
                    raise

    start = time.monotonic()
    result = DOUBLE.examine(double)
    assert result.state == CANNOT_RUN
    assert "ran too long" in result.text
    assert time.monotonic() - start < 5


def test_checks_work_in_a_thread_without_an_alarm_clock() -> None:
    results: list[Result] = []
    thread = threading.Thread(target=lambda: results.append(DOUBLE.examine(lambda x: 2 * x)))
    thread.start()
    thread.join()
    assert results[0].state == PASSED


@pytest.mark.parametrize(
    ("learner", "phrase"),
    [
        (lambda x: None, "did you forget `return`"),
        (print, "`print` shows a value"),
        (lambda x: "6", "the text '6'"),
        (lambda x: True, "A single number is needed"),
        (lambda x: 6 + 0j, "the complex number"),
        (lambda x: np.array([6.0]), "an array of shape (1,)"),
        (lambda x: 10**400, "too large"),
        (lambda: 6.0, "called with (x)"),
        (lambda x, y: 6.0, "called with (x)"),
        (6.0, "no parentheses"),
        (None, "no parentheses"),
    ],
)
def test_what_is_missing_is_named(learner: Any, phrase: str) -> None:
    result = DOUBLE.examine(learner)
    assert result.state == CANNOT_RUN
    assert phrase in label(result, "What is missing")


def test_a_check_called_without_an_object_says_how_to_call_it() -> None:
    assert "check.power_term(your_function)" in check.power_term().text


def test_numbers_of_every_type_are_accepted() -> None:
    for kind in (int, float, np.float32, np.int64, np.array):
        assert DOUBLE.examine(lambda x, kind=kind: kind(2 * x)).state == PASSED


def test_a_noisy_solution_passes_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    def double(x: float) -> float:
        print("x is", x)
        print("trouble", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        np.log(np.array(-1.0)) / np.array(0.0)
        return 2 * x

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with np.errstate(all="raise"):
            result = DOUBLE.examine(double)
    assert result.state == PASSED
    assert result.require() is None
    assert capfd.readouterr() == ("", "")


def test_a_warning_is_handed_on_where_it_may_name_the_cause() -> None:
    def double(x: float) -> float:
        kept = np.zeros(1)
        kept[0] = np.complex128(2j * x)
        return float(kept[0])

    assert "discards the imaginary part" in label(DOUBLE.examine(double), "Python warned")


def test_settings_that_a_learner_changes_do_not_last() -> None:
    def double(x: float) -> float:
        np.seterr(all="raise")
        warnings.simplefilter("error")
        sys.stdout = sys.stderr
        return 2 * x

    before = np.geterr(), list(warnings.filters), sys.stdout
    assert DOUBLE.examine(double).state == PASSED
    assert (np.geterr(), list(warnings.filters), sys.stdout) == before


def test_a_property_sees_pristine_inputs_whatever_the_learner_does_to_them() -> None:
    arrays = [(np.array([1.0, 2.0]),), (np.array([3.0, 4.0]),)]
    task = replace(
        DOUBLE,
        gives=vector,
        properties=[
            agrees("it is twice the array", lambda x: 2 * x, arrays),
            unchanged("x", arrays),
        ],
    )

    def double(x: np.ndarray) -> np.ndarray:
        x *= 2
        return x

    result = task.examine(double)
    assert label(result, "Property that fails") == "the array x is the same before and after"
    assert "changing it inside changes it outside" in label(result, "Diagnosis")
    assert arrays[0][0].tolist() == [1.0, 2.0]


def test_shapes_are_compared_before_values() -> None:
    task = replace(
        DOUBLE,
        gives=vector,
        properties=[agrees("it is doubled", lambda x: 2 * x, [(np.array([1.0, 2.0]),)])],
    )
    result = task.examine(lambda x: np.array([2.0]))
    assert result.state == CANNOT_RUN
    assert "shape (2,) is needed; shape (1,) came back" in result.text


def test_a_property_may_use_the_object_in_its_own_way() -> None:
    def adds(ask: Ask, _rng: np.random.Generator) -> Any:
        yield ask.use(lambda Pair: (Pair(1) + Pair(2)).value, "Pair(1) + Pair(2)") == 3

    class Pair:
        def __init__(self, value: float) -> None:
            self.value = value

        def __add__(self, other: Pair) -> Pair:
            raise NotImplementedError

    task = replace(DOUBLE, takes="value", properties=[holds("pairs add", adds)])
    assert task.examine(Pair).state == NOT_STARTED
    Pair.__add__ = lambda self, other: Pair(self.value * other.value)  # type: ignore[method-assign]
    result = task.examine(Pair)
    assert result.state == NOT_YET
    assert label(result, "Input") == "Pair(1) + Pair(2)"
    Pair.__add__ = lambda self, other: Pair(self.value + other.value)  # type: ignore[method-assign]
    assert task.examine(Pair).state == PASSED


def test_one_stub_of_several_is_named_once_others_are_answered() -> None:
    def adds_and_multiplies(ask: Ask, _rng: np.random.Generator) -> Any:
        yield ask.use(lambda Pair: (Pair(1) + Pair(2)).value, "Pair(1) + Pair(2)") == 3
        yield ask.use(lambda Pair: (Pair(1) * Pair(2)).value, "Pair(1) * Pair(2)") == 2

    class Pair:
        def __init__(self, value: float) -> None:
            self.value = value

        def __add__(self, other: Pair) -> Pair:
            return Pair(self.value + other.value)

        def __mul__(self, other: Pair) -> Pair:
            raise NotImplementedError

    task = replace(DOUBLE, takes="value", properties=[holds("they do", adds_and_multiplies)])
    result = task.examine(Pair)
    assert result.state == CANNOT_RUN
    assert label(result, "Input") == "Pair(1) * Pair(2)"
    missing = label(result, "What is missing")
    assert "Pair.__mul__` still raises NotImplementedError" in missing


BUILD = Task(
    "build",
    minutes=5,
    takes="f, x",
    gives=number,
    builds=True,
    properties=[agrees("it is the slope", lambda f, x: f.derivative(x), [(SQUARE, 3.0)])],
)


def swallowing(f: Formula, x: float) -> float:
    try:
        return ad.grad(f)(x)
    except:  # noqa: E722 - this is what the test is about
        return 2 * x


@pytest.mark.parametrize(
    "learner",
    [
        lambda f, x: ad.grad(f)(x),
        lambda f, x: grad_captured_long_ago(f)(x),
        lambda f, x: ad.derivative(f)(x),
        lambda f, x: ad.jvp(f, (x,), (1.0,))[1],
        lambda f, x: ad.vjp(f, x)[1](1.0)[0],
        lambda f, x: ad.value_and_grad(f)(x)[1],
        lambda f, x: ad.forward.grad(f)(x),
        lambda f, x: ad.reverse.grad(f)(x),
        lambda f, x: ad.finite.grad(f)(x),
        lambda f, x: ad.finite.difference(f, x, 1e-6),
        lambda f, x: ad.manual.grad(ad.with_derivative(f, lambda x: 2 * x))(x),
        lambda f, x: ad.finite.grad(f, scheme="complex")(x),
        swallowing,
    ],
)
def test_delegating_to_tinyad_cannot_run(learner: Any) -> None:
    result = BUILD.examine(learner)
    assert result.state == CANNOT_RUN
    assert "This task asks you to build it" in result.text
    assert replace(BUILD, builds=False).examine(learner).state in (PASSED, NOT_YET)


def test_handing_over_a_mode_itself_is_delegating() -> None:
    task = replace(BUILD, takes="f", properties=[agrees("it is it", lambda f: 1.0, [(SQUARE,)])])
    assert "This task asks you to build it" in task.examine(ad.grad).text


def test_modes_are_on_again_afterwards_and_for_the_oracles() -> None:
    oracle = agrees("it is the slope", lambda f, x: ad.grad(f.function)(x), [(SQUARE, 3.0)])
    task = replace(BUILD, properties=[oracle])
    profile = sys.getprofile()
    assert task.examine(lambda f, x: (f(x + 1e-3) - f(x - 1e-3)) / 2e-3).state == PASSED
    assert sys.getprofile() is profile
    assert ad.grad(SQUARE.function)(3.0) == 6.0


@pytest.mark.parametrize("state", STATES)
def test_text_and_html_say_the_same_without_color(state: str) -> None:
    result = Result("slope", state, (("Input", "x = <3>"), ("What happened", "Error\ny = a & b")))
    html = result._repr_html_()
    for said in (state, SIGNS[state], "slope"):
        assert said in result.text
        assert said in html
    assert "x = &lt;3&gt;" in html
    assert "y = a &amp; b" in html
    assert "<script" not in html
    assert "<code>slope(3)</code>" in Result("slope", state, (("", "`slope(3)`"),))._repr_html_()
    # text takes the page's own color, so that it can be read in light and dark themes
    assert "color:" not in html.replace("border-left", "")


def test_importing_tinyad_does_not_load_the_course() -> None:
    import subprocess

    code = "import tinyad, sys; print([m for m in sys.modules if m.startswith('tinyad.course')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_misspelled_task_is_an_attribute_error_with_a_suggestion() -> None:
    with pytest.raises(AttributeError, match="did you mean 'power_term'"):
        check.power_tern  # noqa: B018
    assert "power_term" in dir(check)
    assert "check.power_term(...)" in repr(check.power_term)


def test_each_lesson_module_declares_its_exercise_and_needs_no_later_lesson() -> None:
    modules = sorted(Path(check.__file__).parent.glob("lesson_*.py"))
    assert len(modules) == len(check.exercises())
    for module in modules:
        assert "lesson_" not in module.read_text(encoding="utf-8")
