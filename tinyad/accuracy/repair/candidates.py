"""From forms to candidates: checked across the domain, guarded where they fail, with a note."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinyad.accuracy.repair.measure import Digits, Floats, Measure, evaluated
from tinyad.accuracy.repair.moves import size
from tinyad.accuracy.repair.patches import Patches
from tinyad.accuracy.repair.search import program
from tinyad.modes.manual import with_derivative
from tinyad.rewrite import Term
from tinyad.rules import TABLE

ABS, LESS, GREATER = (TABLE[f] for f in (np.absolute, np.less, np.greater))
THRESHOLDS = (0.0, *(s * 10.0**k for k in range(-6, 7) for s in (1.0, -1.0)))
HARMLESS = (1.0, -1.0, 2.0, 0.5, -2.0, -0.5, 10.0, -10.0, 0.0)
WORSE = 2.0  # digits less than the original, from which on a note is due


@dataclass(eq=False)
class Draft:
    """A form, perhaps with partial derivatives of its own, and what was measured of it."""

    term: Any
    names: tuple[str, ...]
    partials: tuple[Any, ...] | None = None
    digits: Floats = field(default_factory=lambda: np.zeros((2, 0)))
    wrong: Floats = field(default_factory=lambda: np.zeros(0, bool))
    proved: bool = False  # by SymPy

    def function(self, inputs: Sequence[str]) -> Callable[..., Any]:
        """The draft as a function on numbers, arrays or boxes."""
        value = program(self.term, inputs)
        if self.partials is None:
            return value
        return with_derivative(value, *(program(p, inputs) for p in self.partials))

    @property
    def size(self) -> int:
        """Its number of operations."""
        return size(self.term) + sum(size(p) + 3 for p in self.partials or ())


class Checker:
    """Measures drafts at all points, and guards those that are not good everywhere."""

    def __init__(
        self, found: Measure, base: Draft, start: Any, patches: Patches, inputs: Sequence[str]
    ) -> None:
        self.found, self.base, self.start = found, base, start
        self.patches, self.inputs = patches, inputs
        self.measured(base)

    def measured(self, draft: Draft) -> Draft:
        """Fill in the digits of a draft, and where it is another function."""
        function = draft.function(self.inputs)
        draft.digits = self.found.digits(function)
        draft.wrong = self.found.wrong(program(draft.term, self.inputs))
        for k, partial in enumerate(draft.partials or ()):
            draft.wrong |= self.found.wrong(program(partial, self.inputs), k)
        if draft is not self.base:
            draft.wrong &= ~self.base.wrong
        return draft

    def approved(self, draft: Draft) -> Iterator[Draft]:
        """Yield the draft if it is the same function everywhere; perhaps a guarded one."""
        gap = self.patches.moves.apart(self.start, draft.term)
        if gap:
            return
        draft.proved = gap == 0.0
        self.measured(draft)
        worse = draft.wrong | (draft.digits.min(axis=0) < self.base.digits.min(axis=0) - WORSE)
        if not draft.wrong.any():
            yield draft
        if worse.any() and draft.partials is None and not draft.wrong[: self.found.near].any():
            guarded = self._guarded(draft)
            if guarded is not None and not self.measured(guarded).wrong.any():
                yield guarded

    def _guarded(self, draft: Draft) -> Draft | None:
        """Restrict a draft to where one variable says that it is good; elsewhere, the original."""
        here, there = draft.digits.min(axis=0), self.base.digits.min(axis=0)
        best: tuple[float, Any] = (there.sum(), None)
        for k, (row, reach, threshold) in self._conditions():
            x = np.abs(self.found.points[k]) if reach else self.found.points[k]
            holds = x < threshold if row is LESS else x > threshold
            if not holds[: self.found.near].all() or (holds & draft.wrong).any():
                continue
            total = np.where(holds, here, there).sum() + 4.0 * (threshold == 0.0)
            if total > best[0] + 1e-9:
                best = total, (k, row, reach, threshold, holds)
        return None if best[1] is None else self._joined(draft, *best[1])

    def _conditions(self) -> Iterator[tuple[int, tuple[Any, bool, float]]]:
        for k in range(len(self.found.points)):
            for row, threshold in itertools.product((GREATER, LESS), THRESHOLDS):
                yield k, (row, False, threshold)
                if threshold > 0:
                    yield k, (row, True, threshold)

    def _joined(
        self, draft: Draft, k: int, row: Any, reach: bool, threshold: float, holds: Floats
    ) -> Draft:
        a, x = self.patches.algebra, self.patches.inputs[k]
        condition = a.apply(row, a.apply(ABS, x) if reach else x, threshold)
        inside = self._harmless(draft.term, k, holds, True, self.found.points[k][0])
        outside = self._harmless(self.start, k, holds, False, -self.found.points[k][0])
        term = self.patches.guarded(condition, draft.term, self.start, (x, inside, outside))
        return Draft(term, (*draft.names, "guard"))

    def _harmless(self, term: Any, k: int, holds: Floats, wanted: bool, first: float) -> Any:
        """A value of a variable with which the part not taken is finite; None if all are.

        NaN if that part is finite nowhere on its own side.
        """
        if not isinstance(term, Term):
            return None
        function, points = program(term, self.inputs), self.found.points
        away, own = points[:, holds != wanted], points[:, holds == wanted]
        if not away.shape[1] or _finite(function, away).all():
            return None
        allowed = own[k]
        for value in (*HARMLESS, first):
            inside = allowed.size and allowed.min() <= value <= allowed.max()
            replaced = away.copy()
            replaced[k] = value
            if inside and _finite(function, replaced).all():
                return float(value)
        return None if _finite(function, own).any() else np.nan

    def note(self, draft: Draft) -> str:
        """What should be known of a draft: around the point, and where it is worse."""
        near = slice(0, self.found.near)
        before, after = (d.digits[:, near].min(axis=1) for d in (self.base, draft))
        parts = [
            f"Around the point at least {after[0]:.0f} digits of the value and {after[1]:.0f} of "
            f"the derivative (before: {before[0]:.0f} and {before[1]:.0f})."
        ]
        if draft.proved:
            parts.append("SymPy finds it equal to the original.")
        lost = (self.base.digits - draft.digits).max(axis=0)
        if lost.max() > WORSE:
            k = int(np.argmax(lost))
            which = int(np.argmax(self.base.digits[:, k] - draft.digits[:, k]))
            where = ", ".join(
                f"{n} = {v:.3g}" for n, v in zip(self.inputs, self.found.points[:, k], strict=True)
            )
            parts.append(
                f"Worse than the original at {(lost > WORSE).sum()} of {lost.size} points, such as "
                f"{where}: {draft.digits[which, k]:.0f} digits of the "
                f"{Digits._fields[which]} (before: {self.base.digits[which, k]:.0f})."
            )
        return " ".join(parts)


def _finite(function: Callable[..., Any], points: Floats) -> Floats:
    value, slopes = evaluated(function, points)
    finite: Floats = np.isfinite(value) & np.isfinite(slopes).all(axis=0)
    return finite
