"""The verdict on each operation, in a word and in a sentence.

Words are for what spoils the answer: an operation whose loss does not reach it is ok. ∞ - ∞, 0·∞
and ∞/∞ come under "0/0", for they leave as much open; the sentence says which it was.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinyad.accuracy.diagnose.blame import GREW, Blame, reaching
from tinyad.accuracy.diagnose.evidence import Evidence
from tinyad.accuracy.diagnose.kinks import kink
from tinyad.accuracy.diagnose.measure import all_finite, finite, tiniest, unit
from tinyad.accuracy.shadow.shadowing import bare
from tinyad.rules.primitives import shape_of
from tinyad.views.record import values

Verdict = tuple[str, str]
Place = tuple[int, ...]
OK: Verdict = ("ok", "")
SIGNS = {"add": "+", "subtract": "-", "multiply": "·", "divide": "/"}
SUMS = ("add", "subtract", "sum", "mean", "cumsum", "matmul", "einsum", "var", "std")

MANY = "the rounding of many operations adds up"


class Judge:
    """Puts what the evidence says of an operation into words."""

    def __init__(self, evidence: Evidence, blame: Blame) -> None:
        self.evidence, self.blame = evidence, blame

    def value(self, k: int) -> Verdict:
        """The verdict on what an operation did to the value."""
        evidence, step = self.evidence, self.evidence.steps[k]
        if k in evidence.replay.otherwise:
            return "kink", "without rounding the decision would be another, and so the branch"
        if k in self.blame.broken:
            return self._not_finite(k)
        if k not in self.blame.values and k != self.blame.worst:
            return self._kink(k)
        if evidence.value_is_right:
            return OK  # it is to blame for the gradient
        own = evidence.own[k]
        true = at(evidence.alone[k], own.place)
        if own.worst > GREW * unit(step.value) and 0 < abs(true) < tiniest(step.value):
            shown = self._shown(k, own.place)
            return "underflow", f"{shown} is {number(true, 3)}, too small to be kept"
        if evidence.errors[k].worst >= GREW * evidence.came(step):
            return self._grown(k)
        if reaching(own, evidence.adjoint(k), evidence.limit):
            lost = number(abs(at(own.absolute, own.place)), 2)
            return "absorption", f"rounds {lost} away, which the answer would need"
        return ("absorption", MANY) if k == self.blame.worst else OK

    def _grown(self, k: int) -> Verdict:
        """An operation that multiplies the errors of its operands."""
        step, place = self.evidence.steps[k], self.evidence.errors[k].place
        shown = f"{self._shown(k, place)} = {number(at(step.value, place))}"
        true = number(at(self.evidence.replay.values[k], place))
        assert step.row is not None
        if step.row.name in SUMS:
            why = "leading digits cancel, and those that are left had been rounded before"
            return "cancellation", f"{shown}, without rounding {true}: {why}"
        return "ill-conditioned", f"{shown}, without rounding {true}: its operand's error grows"

    def _not_finite(self, k: int) -> Verdict:
        """An operation that gave NaN or infinity: what kind, where one came up first."""
        step = self.evidence.steps[k]
        operands = values(self.evidence.run.record, step.operands)
        if not _broadcasts(operands, step.value):
            made = all(all_finite(o) for o in operands)
            word = "domain" if np.any(np.isnan(step.value)) else "overflow"
            return (word, self._shown(k, ())) if made else OK
        fits = [np.broadcast_to(np.asarray(o, dtype=float), shape_of(step.value)) for o in operands]
        sound = np.all([~np.isnan(o) for o in fits], axis=0)
        fresh = sound & (np.isnan(step.value) | np.all([np.isfinite(o) for o in fits], axis=0))
        fresh = fresh & ~np.asarray(finite(step.value))
        if not np.any(fresh):
            return OK  # it only hands on what it got
        place = tuple(int(n) for n in np.unravel_index(np.argmax(fresh), fresh.shape))
        given = [float(o[place]) for o in fits]
        shown = self._shown(k, place)
        if not math.isnan(at(step.value, place)):
            true = at(self.evidence.alone[k], place)
            if abs(true) < math.inf:
                return "overflow", f"{shown} is {number(true, 3)}, too large to be kept"
            return "domain", f"{shown} is infinite"
        assert step.row is not None
        open_form = step.row.name in ("divide", "remainder", "fmod") or math.inf in map(abs, given)
        return ("0/0", f"{shown} is NaN") if open_form else ("domain", f"{shown} has no real value")

    def _kink(self, k: int) -> Verdict:
        """A kink that the gradient feels; a decision on the border of a branch in any case."""
        step = self.evidence.steps[k]
        assert step.row is not None
        found = kink(
            step.row.function, values(self.evidence.run.record, step.operands), step.options
        )
        if not found or not (step.flat or step.row.name in FLAT or self._felt(k)):
            return OK
        return "kink", found

    def _felt(self, k: int) -> bool:
        """Is the adjoint of this operation more than rounding noise?"""
        adjoint = np.abs(np.asarray(self.evidence.adjoint(k), dtype=float))
        return bool(np.any(adjoint > 1e-15 * self.evidence.received.get(k, 0.0)))

    # The gradient

    def gradient(self, k: int) -> Verdict:
        """The verdict on what the pullback of an operation did to the gradient."""
        if k in self.blame.broken_pullbacks:
            return self._broken_pullback(k)
        suspect = self.blame.pullbacks.get(k)
        if suspect is None or suspect.factor < GREW:
            if k != self.blame.worst or not self.evidence.value_is_right:
                return OK
            why = "the answer does not feel the error of this value, but the slopes made of it do"
            return "ill-conditioned", why
        if suspect.meets:
            why = "its contribution to an adjoint and those of other operations all but cancel"
            return "cancellation", why
        if any(np.any(np.asarray(s.term) == 0) for s, _ in self.evidence.terms[k]):
            return "underflow", "a contribution to an adjoint is too small to be kept"
        return "ill-conditioned", "the slope magnifies the error of the value it is computed from"

    def _broken_pullback(self, k: int) -> Verdict:
        terms = self.evidence.terms[k]
        if any(np.any(np.isnan(s.term)) for s, _ in terms):
            if np.any(np.asarray(self.evidence.sweep.adjoints[k]) == 0):
                return "0/0", f"{self._why_zero(k)} meets an infinite slope: 0·∞ is NaN"
            return "0/0", "the slope is made of infinite numbers, and comes to NaN"
        if all(np.all(np.abs(bare(true.term)) < math.inf) for _, true in terms):
            return "overflow", "the slope is too large to be kept"
        return "domain", "the slope is infinite here"

    def _why_zero(self, k: int) -> str:
        """Is an adjoint 0 by rights, or only because it was too small or divided by infinity?"""
        found = np.asarray(self.evidence.sweep.adjoints[k])
        exact = np.asarray(bare(self.evidence.replay.sweep.adjoints[k]))
        if np.any((found == 0) & np.asarray(exact == 0, dtype=bool)):
            return "the adjoint 0, as on the branch not taken,"
        return "the adjoint, which has become 0 on the way,"

    # How operations are shown

    def _shown(self, k: int, place: Place) -> str:
        """An operation with its operands, or with one entry of each."""
        step = self.evidence.steps[k]
        assert step.row is not None
        name, operands = step.row.name, values(self.evidence.run.record, step.operands)
        if not _broadcasts(operands, step.value):
            return f"{name} of {'an array' if shape_of(operands[0]) else number(operands[0])}"
        entries = [number(at(np.broadcast_to(o, shape_of(step.value)), place)) for o in operands]
        where = f" at {list(place)}" if place else ""
        if name in SIGNS and len(entries) == 2:
            return f"{entries[0]} {SIGNS[name]} {entries[1]}{where}"
        return f"{name}({', '.join(entries)}){where}"


FLAT = ("sign", "floor", "ceil", "trunc", "fix")


def _broadcasts(operands: Any, value: Any) -> bool:
    """Does an operation act entry by entry, on operands that fit its answer?"""
    try:
        return np.broadcast_shapes(*map(shape_of, operands)) == shape_of(value)
    except ValueError:
        return False


def at(value: Any, place: Place) -> Any:
    """An entry of an array; a number as it is."""
    return value[place] if place and shape_of(value) else value


def number(value: Any, digits: int = 0) -> str:
    """A number with all its digits, or so many; a shadow with those of a float."""
    if hasattr(value, "_mpf_"):
        from mpmath import nstr

        return str(nstr(value, digits or 17)).removesuffix(".0")
    return f"{float(value):.{digits}g}" if digits else str(value).removesuffix(".0")
