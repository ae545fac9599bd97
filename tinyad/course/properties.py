"""The words in which a lesson states its checks: what must hold, and which mistakes are known.

>>> from tinyad.course.kinds import number
>>> from tinyad.course.task import Task
>>> double = Task(
...     "double",
...     minutes=5,
...     takes="x",
...     gives=number,
...     properties=[agrees("it is twice the number", lambda x: 2 * x, [(3.0,), (2.0,), (0.0,)])],
...     mistakes=[computes(lambda x: x * x, "This is the square.")],
... )
>>> double.examine(lambda x: x * x)
△ double: not yet
  Input: x = 3
  Came back: 9
  Property that fails: it is twice the number
  Diagnosis: This is the square.
>>> double.examine(lambda x: x + x)
✓ double: all visible checks pass
  Holds: it is twice the number
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call
from tinyad.course.task import Mistake, Property, Test

Arguments = tuple[Any, ...]
Inputs = Sequence[Arguments] | Callable[[np.random.Generator], Iterable[Arguments]]


def agrees(
    says: str,
    oracle: Callable[..., Any],
    inputs: Inputs,
    *,
    tolerance: float = 1e-9,
    part: int | None = None,
    diagnosis: str = "",
) -> Property:
    """Make the property that the learner's values agree with the oracle's on all inputs.

    `inputs` is a list of argument tuples or draws one from a random generator. With `part`, only
    that component of the values is compared.
    """

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
        for args in _drawn(inputs, rng):
            got, expected = ask(*args), oracle(*copy.deepcopy(args))
            if np.shape(got) != np.shape(expected):
                needed = f"An array of shape {np.shape(expected)} is needed"
                raise ask.stop("What is missing", f"{needed}; shape {np.shape(got)} came back.")
            if part is not None:
                got, expected = got[part], expected[part]
            yield close(got, expected, tolerance)

    return Property(says, test, diagnosis)


def holds(says: str, test: Test, diagnosis: str = "") -> Property:
    """Make a property out of a generator of verdicts: a law, a count, an edge case."""
    return Property(says, test, diagnosis)


def unchanged(argument: str, inputs: Inputs) -> Property:
    """Make the property that the learner's code leaves this argument as it was."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        for args in _drawn(inputs, rng):
            ask(*args)
            seen = f"{argument} is not what it was before the call"
            yield seen if argument in ask.changed else True

    diagnosis = "An array is handed over, not copied: changing it inside changes it outside."
    return Property(f"the array {argument} is the same before and after", test, diagnosis)


def computes(wrong: Callable[..., Any], says: str, tolerance: float = 1e-9) -> Mistake:
    """Recognize a learner who computes `wrong` instead: it must explain every call so far."""

    def matches(calls: Sequence[Call]) -> bool:
        return all(close(call.value, wrong(*copy.deepcopy(call.args)), tolerance) for call in calls)

    return Mistake(matches, says)


def returns(test: Callable[[Any], bool], says: str) -> Mistake:
    """Recognize a mistake by a test on the last value that came back."""
    return Mistake(lambda calls: bool(test(calls[-1].value)), says)


def points(arguments: int, count: int = 3) -> Callable[[np.random.Generator], Any]:
    """Make inputs of `count` points of so many numbers, away from 0 and 1 where mistakes hide."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[float, ...]]:
        for _ in range(count):
            sizes = np.round(rng.uniform(1.1, 2.9, arguments), 2)
            yield tuple(float(v) for v in sizes * rng.choice([-1.0, 1.0], arguments))

    return drawn


def close(got: Any, expected: Any, tolerance: float = 1e-9) -> bool:
    """Are two values equal, numbers up to a tolerance relative to 1 + |expected|?

    >>> close(3.0, 3.0 + 1e-12), close((1.0, 2.0), (1.0, 3.0)), close(float("nan"), 1.0)
    (True, False, False)
    """
    wanted = np.asarray(expected)
    if wanted.dtype.kind not in "biuf":
        return bool(got == expected)
    wanted = wanted.astype(float)
    if np.shape(got) != wanted.shape:
        return False
    return bool(np.all(np.abs(np.asarray(got) - wanted) <= tolerance * (1 + np.abs(wanted))))


def _drawn(inputs: Inputs, rng: np.random.Generator) -> Iterable[Arguments]:
    return inputs(rng) if callable(inputs) else inputs
