"""Exercise 13 asks for truths: they are found here by other ways than its checks."""

from __future__ import annotations

import re
from typing import Any

import mpmath
import numpy as np
import pytest
from notebook import namespace, read

from tinyad.course.check.lesson_13 import CHAINS, LOST, OPERATIONS, SHOWN, total_error
from tinyad.course.check.lesson_13 import float_verdicts as verdicts_task

LINE = re.compile(r"^    (?:(\w+) =|return) (.+?)  # line (\d+)\b", re.M)


class ManyDigits:
    """What the program's lines see as `np`: the same functions, for numbers of 50 digits."""

    sqrt = staticmethod(mpmath.sqrt)


def program() -> dict[int, tuple[str, str]]:
    """The numbered lines of the range finder: the name that each one sets, and its formula."""
    (source,) = (
        cell.source
        for cell in read("solutions", "13_floating_point").cells
        if cell.id == "range-finder"
    )
    return {int(k): (name or "result", formula) for name, formula, k in LINE.findall(source)}


def run(unrounded: set[int]) -> dict[int, Any]:
    """Run the program; the lines in `unrounded` keep all digits of what they should return."""
    values: dict[str, Any] = {}
    seen = {}
    with mpmath.workdps(50):
        for k, (name, formula) in program().items():
            exact = {key: mpmath.mpf(value) for key, value in values.items()}
            if re.fullmatch(r"[\d_.]+", formula):  # a given number, exact as it stands
                value = float(formula)
            elif k in unrounded:
                value = eval(formula, {"np": ManyDigits}, exact)
            elif all(isinstance(value, float) for value in values.values()):
                value = float(eval(formula, {"np": np}, values))
            else:
                value = float(eval(formula, {"np": ManyDigits}, exact))
            values[name] = seen[k] = value
    return seen


def off(k: int, seen: dict[int, Any], truth: dict[int, Any]) -> float:
    with mpmath.workdps(50):
        return float(abs(seen[k] / truth[k] - 1))


TRUTH = run(set(range(1, 21)))


def test_the_range_finder_has_twenty_lines_and_runs_as_the_cell_does() -> None:
    assert list(program()) == list(range(1, 21))
    reported = namespace("solutions", "13_floating_point")["range_finder"]()
    assert run(set())[20] == reported
    assert float(TRUTH[20]) == pytest.approx(30, rel=1e-9)
    assert reported > 35


def test_the_loss_shows_first_in_line_15() -> None:
    seen = run(set())
    assert all(off(k, seen, TRUTH) < 1e-15 for k in range(1, SHOWN))
    assert all(off(k, seen, TRUTH) > 0.1 for k in range(SHOWN, 21))


@pytest.mark.parametrize("k", range(1, 21))
def test_line_14_alone_loses_the_digits(k: int) -> None:
    # With that one line unrounded the result is right; with any other one it is as wrong as ever.
    error = off(20, run({k}), TRUTH)
    assert error < 1e-8 if k == LOST else error > 0.1


@pytest.mark.parametrize("steps", CHAINS, ids=lambda chain: " then ".join(map(str, chain)))
def test_errors_that_are_really_made_travel_as_the_law_says(steps: Any) -> None:
    exactly = {"sqrt(s)": mpmath.sqrt}
    own = [0.7, -0.4, 0.9][: len(steps)]
    with mpmath.workdps(60):
        unit, x = mpmath.mpf(2) ** -80, mpmath.mpf("2.5")
        true = made = x
        for step, error in zip(steps, own, strict=True):
            f = exactly.get(str(step), step.function)
            true, made = f(true), f(made) * (1 + error * unit)
        measured = float((made / true - 1) / unit)
    assert total_error(steps, 2.5, own) == pytest.approx(measured, rel=1e-12)


def test_verdicts_by_a_longer_format() -> None:
    # Each result fits into a float64 but 1/3, which no binary format holds.
    said = namespace("solutions", "13_floating_point")["float_verdicts"]()
    for word, (left, sign, right) in zip(said, OPERATIONS, strict=True):
        a, b = np.float32(left), np.float32(right)
        short = eval(f"a {sign} b", {"a": a, "b": b})
        long = eval(f"a {sign} b", {"a": float(a), "b": float(b)})
        assert (word == "exact") == (float(short) == long)
        assert (word == "absorbed") == (sign in "+-" and short in (a, b))
    assert verdicts_task.gives(said) == tuple(said)
