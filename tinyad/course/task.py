"""A task as a short list of properties and known mistakes, and the examination of an answer.

A lesson's checks are data: each `Task` lists what must hold, in the order in which a learner
should hear about it, and the mistakes that it recognizes. `properties.py` makes both.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call, Stop, stop_of
from tinyad.course.kinds import Kind
from tinyad.course.result import NOT_YET, PASSED, Lines, Result
from tinyad.course.run import quietly, time_limit

Verdicts = Iterable[bool | str]
Test = Callable[[Ask, np.random.Generator], Verdicts]

# How many further verdicts of a failing property are heard, so that a diagnosis rests on more
# than one input.
_EVIDENCE = 4


@dataclass(frozen=True)
class Property:
    """Something that must hold, the test of it, and what its failure most often means.

    The test is a generator: it asks the learner's object and yields True where all is well, and
    False or a sentence about what was seen where it is not. It never tells the answer.
    """

    says: str
    test: Test
    diagnosis: str = ""


@dataclass(frozen=True)
class Mistake:
    """A known mistake: how to recognize it in the calls made so far, and what to say about it."""

    matches: Callable[[Sequence[Call]], bool]
    says: str


@dataclass(frozen=True)
class Task:
    """One task of an exercise.

    `takes` names the arguments, `gives` is the kind of value that must come back. Where `builds`
    is true, the task is to build a mode of differentiation, and tinyad's own are switched off
    while the learner's object runs. A stretch task (`stretch=True`) carries no points.
    """

    name: str
    minutes: int
    takes: str
    gives: Kind
    properties: Sequence[Property]
    mistakes: Sequence[Mistake] = ()
    builds: bool = False
    stretch: bool = False
    seconds: float = 10.0

    def examine(self, learner: Any, seed: int = 0) -> Result:
        """Check the learner's object; whatever it does, a Result comes back."""
        try:
            with quietly() as heard, time_limit(self.seconds):
                ask = Ask(learner, self.name, self.takes, self.gives, self.builds, heard)
                return self._examined(ask, seed)
        except BaseException as error:
            # Before or between two calls: a refusal, the stop button, the clock, a slip of ours.
            stop = stop_of(error, self.name)
            return Result(self.name, stop.state, stop.lines)

    def _examined(self, ask: Ask, seed: int) -> Result:
        for index, prop in enumerate(self.properties):
            verdicts = iter(prop.test(ask, np.random.default_rng([seed, index])))
            try:
                failure = next((v for v in verdicts if v is not True), True)
            except Stop as stop:
                known = prop.diagnosis if stop.raised else ""
                more = (*_warning(ask), *_labeled("Diagnosis", known))
                return Result(self.name, stop.state, stop.lines + more)
            if failure is not True:
                call = ask.calls[-1]
                seen = failure if isinstance(failure, str) else ""
                lines = (
                    *_labeled("Input", call.given),
                    ("Came back", call.came_back),
                    *_labeled("Seen", seen),
                    *_warning(ask),
                    ("Property that fails", prop.says),
                    *_labeled("Diagnosis", self._diagnosis(ask, verdicts) or prop.diagnosis),
                    *_labeled("So far", self._so_far(index)),
                )
                return Result(self.name, NOT_YET, lines)
        return Result(self.name, PASSED, tuple(("Holds", prop.says) for prop in self.properties))

    def _so_far(self, held: int) -> str:
        count = len(self.properties)
        return f"{held} of {count} properties hold" if count > 1 else ""

    def _diagnosis(self, ask: Ask, verdicts: Iterator[bool | str]) -> str:
        """Hear a few more verdicts, then name the first known mistake that explains every call."""
        with contextlib.suppress(Stop):
            for _, _ in zip(range(_EVIDENCE), verdicts, strict=False):
                pass
        for mistake in self.mistakes:
            with contextlib.suppress(Exception):
                if mistake.matches(ask.calls):
                    return mistake.says
        return ""


@dataclass(frozen=True)
class Exercise:
    """The tasks of one notebook, whose file name (without ending) is `name`."""

    name: str
    title: str
    tasks: Sequence[Task]
    explain_minutes: int = 5

    @property
    def minutes(self) -> int:
        """The planned minutes of all tasks and of the written explanation."""
        return sum(task.minutes for task in self.tasks) + self.explain_minutes


def _warning(ask: Ask) -> Lines:
    """Hand on the first warning, which may well name the cause."""
    with contextlib.suppress(Exception):
        first = ask.heard.warned[0]
        return (("Python warned", f"{first.category.__name__}: {first.message}"),)
    return ()


def _labeled(label: str, text: str) -> Lines:
    return ((label, text),) if text else ()
