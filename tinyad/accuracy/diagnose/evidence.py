"""What diagnosis goes by: one floating-point run beside its shadow, forward and backward."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tinyad.accuracy.diagnose.measure import LIMIT, Error, allowed, error, excess, finite, unit
from tinyad.accuracy.shadow import adjoints, alone, along, outputs, replayed, settle
from tinyad.accuracy.shadow.shadowing import bare
from tinyad.modes.tape import filled
from tinyad.rules.algebra import Solve
from tinyad.rules.composite import Composite
from tinyad.rules.joint import Product
from tinyad.rules.primitives import shape_of
from tinyad.rules.rows import Elementwise
from tinyad.views.record import Ref, Run, Step
from tinyad.views.trace.replay import Statement, Sweep

REDUCTIONS = ("sum", "mean", "cumsum")
MET = 16  # rounding units, beyond which terms of an adjoint count as having canceled

Judged = tuple[list[Any], list[Error]]


class Evidence:
    """A recorded run, its replay in many digits, and the errors between them.

    Errors are listed by position in the record. Where an array or several numbers come back and
    one of them is off, everything is about the entry that is off the most: `entry` says which.
    """

    def __init__(self, run: Run) -> None:
        self.run, self.steps = run, run.record.steps
        self.replay, self.settled = settle(run)
        self.found = [self.steps[o].value if type(o) is Ref else o for o in run.outputs]
        self.mixed = any(_mixes(step, self.steps) for step in self.steps)
        self.excess, self.value_errors = self._judged(self.found, outputs(run, self.replay))
        self.seeds: list[Any] = [np.ones(shape_of(v))[()] for v in self.found]
        self.entry: tuple[int, tuple[int, ...]] | None = None
        several = sum(np.size(v) for v in self.found) > 1
        if several and not self.value_is_right:
            self.entry = _worst(self.excess)
            self.seeds = _unit_vector(self.found, *self.entry)
            self.replay = replayed(run, self.replay.digits, self.seeds)
        seeds = [_like(seed, v) for seed, v in zip(self.seeds, self.found, strict=True)]
        self.sweep = Sweep(run.record, run.outputs, seeds)
        shadows = adjoints(run, self.replay)
        reached = [self.sweep.adjoints.get(k) for k in range(len(run.record.inputs))]
        self.gradient = filled(reached, run.record.inputs)
        self.gradient_excess, self.gradient_errors = self._judged(self.gradient, shadows)
        self.gradient_shadows = shadows

    def _judged(
        self, found: Sequence[Any], shadows: Sequence[Any]
    ) -> tuple[list[Any], list[Error]]:
        """How many times what is allowed each entry is off, and its error."""
        errors = [error(v, s) for v, s in zip(found, shadows, strict=True)]
        parts = zip(found, errors, allowed(shadows, found, self.mixed), strict=True)
        return [excess(v, off, limit) for v, off, limit in parts], errors

    @property
    def value_is_right(self) -> bool:
        """Is the answer off by no more than what is allowed?"""
        return _greatest(self.excess) <= 1

    @property
    def gradient_is_right(self) -> bool:
        """Is the gradient off by no more than what is allowed?"""
        return _greatest(self.gradient_excess) <= 1

    @property
    def value_error(self) -> float:
        """The greatest relative error of the answer; infinite where it is no finite number."""
        return _relative(self.found, self.excess, self.value_errors, self.mixed)

    @property
    def gradient_error(self) -> float:
        """The greatest relative error of the gradient; infinite where it is no finite number."""
        return _relative(self.gradient, self.gradient_excess, self.gradient_errors, self.mixed)

    @cached_property
    def limit(self) -> float:
        """What the answer that is looked at may be off by."""
        return self._limit(outputs(self.run, self.replay), self.found, self.excess)

    @cached_property
    def gradient_limit(self) -> float:
        """What the entry of the gradient that is off the most may be off by."""
        return self._limit(self.gradient_shadows, self.gradient, self.gradient_excess)

    def _limit(self, shadows: Sequence[Any], found: Sequence[Any], excess: Sequence[Any]) -> float:
        k, place = _worst(excess)
        return float(np.asarray(allowed(shadows, found, self.mixed)[k], dtype=float)[place])

    @cached_property
    def errors(self) -> list[Error]:
        """The error of every recorded value."""
        pairs = zip(self.steps, self.replay.values, strict=True)
        return [error(step.value, shadow) for step, shadow in pairs]

    @cached_property
    def own(self) -> list[Error]:
        """The error that each operation makes of its own, from the operands that it had."""
        pairs = zip(self.steps, self.alone, strict=True)
        return [error(step.value, shadow) for step, shadow in pairs]

    @cached_property
    def alone(self) -> list[Any]:
        """What each operation would give without rounding, from the operands that it had."""
        return alone(self.run, self.replay.digits)

    @cached_property
    def adjoint_errors(self) -> dict[int, Error]:
        """The error of every adjoint, once all has been added up."""
        exact = self.replay.sweep.adjoints
        return {k: error(v, bare(exact.get(k))) for k, v in self.sweep.adjoints.items()}

    @cached_property
    def pullback_errors(self) -> dict[int, float]:
        """The greatest relative error of what each operation hands on to the adjoints.

        Where contributions cancel as they meet, the error is that of what is left of them.
        """
        found: dict[int, float] = {}
        for of, given in self.terms.items():
            for statement, true in given:
                off = error(statement.term, bare(true.term)).worst
                if not statement.first:
                    met = self.adjoint_errors[statement.target].worst
                    off = max(off, met if met > MET * unit(statement.total) else 0.0)
                found[of] = max(off, found.get(of, 0.0))
        return found

    @cached_property
    def terms(self) -> dict[int, list[tuple[Statement, Statement]]]:
        """What each operation contributes to adjoints, with the shadow of that."""
        found: dict[int, list[tuple[Statement, Statement]]] = {}
        exact = self.replay.sweep.statements
        for statement, true in zip(self.sweep.statements, exact, strict=True):
            if statement.of is not None:
                found.setdefault(statement.of, []).append((statement, true))
        return found

    @cached_property
    def received(self) -> dict[int, float]:
        """The largest single contribution to the adjoint of each value."""
        found: dict[int, float] = {}
        for statement in self.replay.sweep.statements:
            size = np.max(np.abs(np.asarray(bare(statement.term), dtype=float)), initial=0.0)
            found[statement.target] = max(float(size), found.get(statement.target, 0.0))
        return found

    @cached_property
    def tangents(self) -> list[Any]:
        """How each value moves with the argument, or its entry, whose derivative is off most."""
        k, place = _worst(self.gradient_excess)
        return along(self.run, self.replay.digits, _unit_vector(self.gradient, k, place))

    def adjoint(self, position: int) -> Any:
        """The shadow of the adjoint of a value; 0 where none arrived."""
        found = bare(self.replay.sweep.adjoints.get(position))
        return 0.0 if found is None else found

    def came(self, step: Step) -> float:
        """The greatest relative error among the operands of a step, at least its rounding unit."""
        found = [self.errors[o].worst for o in step.operands if type(o) is Ref]
        return max([unit(step.value), *found])


def _mixes(step: Step, steps: Sequence[Step]) -> bool:
    """Does each entry of an answer come from many others, so that some are small by chance?"""
    shape = shape_of(step.value)
    if not shape or step.row is None:
        return False
    if isinstance(step.row, Elementwise):
        shapes = [shape_of(steps[o].value) for o in step.operands if type(o) is Ref]
        return any(s and s != shape for s in shapes)
    return isinstance(step.row, Product | Composite | Solve) or step.row.name in REDUCTIONS


def _relative(
    found: Sequence[Any], excess: Sequence[Any], errors: Sequence[Error], mixed: bool
) -> float:
    worst = 0.0
    for value, off, err in zip(found, excess, errors, strict=True):
        if np.any(~np.asarray(finite(value))):
            return math.inf
        # an entry that is as near as can be asked may be off by much of itself, if it is small
        # beside the others or beside the 0 that it should be
        small = (np.asarray(off) <= 1) & (mixed | np.isinf(err.relative))
        counted = np.where(small, np.minimum(err.relative, LIMIT * unit(value)), err.relative)
        worst = max(worst, float(np.max(counted, initial=0.0)))
    return worst


def _greatest(excess: Sequence[Any]) -> float:
    return max((float(np.max(part, initial=0.0)) for part in excess), default=0.0)


def _worst(excess: Sequence[Any]) -> tuple[int, tuple[int, ...]]:
    """Which of several arrays, and where in it, has the greatest excess."""
    k = max(range(len(excess)), key=lambda k: float(np.max(excess[k], initial=0.0)))
    shape = shape_of(excess[k])
    return k, tuple(int(n) for n in np.unravel_index(np.argmax(excess[k]), shape))


def _unit_vector(like: Sequence[Any], k: int, place: tuple[int, ...]) -> list[Any]:
    """Zeros of these shapes, and a one at a place in array k."""
    parts = [np.zeros(shape_of(v)) for v in like]
    parts[k][place] = 1.0
    return [part[()] for part in parts]


def _like(seed: Any, value: Any) -> Any:
    """The seed in the type that reverse mode would begin with."""
    if shape_of(value):
        return np.asarray(seed, dtype=value.dtype)
    return type(value)(seed) if isinstance(value, np.floating) else float(seed)
