"""A bounded best-first search: the form with the most digits is rewritten first.

An identity may have to follow another one before anything is gained, so forms that are no better
are kept, and looked at later. Nothing depends on the clock: the bounds are counts, and the same
program at the same point always gets the same answer.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyad.accuracy.repair.measure import FULL, Floats
from tinyad.accuracy.repair.moves import Moves, size
from tinyad.modes.symbolic.symbols import run
from tinyad.rewrite import Term

EXPANDED = 24  # forms that are rewritten
FURTHER = 4  # of these, after one has all the digits: a simpler or a safer one may follow
MEASURED = 20  # forms that are measured, for each that is rewritten
LONGEST = 60  # operations of a program
ROOM = 24  # operations of a form beyond those that there were
ENOUGH = 14.5  # digits that leave nothing to be wished for
SIMPLE = 0.03  # digits that an operation less is worth


@dataclass(eq=False)
class Form:
    """A form of the program, with its digits at the points nearby and how it came about."""

    term: Any
    digits: Floats
    names: tuple[str, ...]

    @property
    def loss(self) -> float:
        """The digits that are missing, the point itself counting as much as all around it."""
        missing = FULL - np.minimum(self.digits, FULL - 1.0)
        return float(missing[:, 0].sum() + missing.mean(axis=1).sum()) + SIMPLE * size(self.term)

    @property
    def enough(self) -> bool:
        """Is nothing left to be wished for?"""
        return bool((self.digits >= ENOUGH).all())


def program(term: Any, names: Sequence[str]) -> Callable[..., Any]:
    """A form as a function of its arguments, on numbers, arrays or boxes."""
    if not isinstance(term, Term):
        return lambda *values: term + 0.0 * values[0]
    return lambda *values: run(term, dict(zip(names, values, strict=True)))


def search(
    seeds: Sequence[Any],
    moves: Moves,
    names: Sequence[str],
    digits: Callable[..., Floats],
    expanded: int = EXPANDED,
) -> list[Form]:
    """Return the forms found, the best first; `digits` measures a function nearby."""
    found: dict[Any, Form] = {}
    queue: list[tuple[float, int, Form]] = []
    count = itertools.count()
    longest = max(map(size, seeds)) + ROOM

    def add(term: Any, history: tuple[str, ...]) -> None:
        if term in found or size(term) > longest or len(found) >= MEASURED * expanded:
            return
        form = found[term] = Form(term, digits(program(term, names)), history)
        if isinstance(term, Term):
            heapq.heappush(queue, (form.loss, next(count), form))

    for seed in seeds:
        add(seed, ())
    left = expanded
    while queue and left > 0:
        if left > FURTHER and min(found.values(), key=lambda f: f.loss).enough:
            left = FURTHER
        left -= 1
        form = heapq.heappop(queue)[2]
        for name, term in moves.of(form.term):
            add(term, (*form.names, name))
    return sorted(found.values(), key=lambda f: f.loss)
