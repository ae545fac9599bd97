"""Patches: what helps at a point where no identity does, or on one side of it only.

A patch keeps a form where it is good and puts something else where it is not: a short series
around the point where a quotient is 0/0, another form where a variable has the other sign. The
part not taken gets a harmless argument, because its NaN would come back through the derivative
(0 times NaN is NaN): where, twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.accuracy.repair.algebra import ADD, MULTIPLY, PRODUCTS, SQUARE, SUBTRACT, SUMS
from tinyad.accuracy.repair.measure import Floats, evaluated, right_digits
from tinyad.accuracy.repair.moves import Moves
from tinyad.accuracy.shadow import truth
from tinyad.errors import TinyadError
from tinyad.modes.symbolic.symbols import run
from tinyad.modes.taylor import taylor
from tinyad.rewrite import Term, in_order
from tinyad.rules import TABLE

WHERE, ABS = TABLE[np.where], TABLE[np.absolute]
LESS, GREATER = TABLE[np.less], TABLE[np.greater]
LENGTHS = (4, 8, 12, 16, 24)  # coefficients of a series
RADII = 2.0 ** -np.arange(32)
CLOSE = 0.5  # how far from a center a series is tried
SOUND = 14.0  # digits with which a shorter series is good enough
SIMPLE = 10**6  # the largest denominator of a coefficient that is taken for a fraction


class Patches:
    """Makes patches for the forms of one program at one point."""

    def __init__(self, moves: Moves, names: Sequence[str], point: Sequence[float]) -> None:
        self.moves, self.algebra = moves, moves.algebra
        self.inputs = [self.algebra.terms.input(name) for name in names]
        self.values = dict(zip(names, point, strict=True))

    # Series

    def series(self, root: Term) -> Iterator[tuple[str, Any]]:
        """Yield the program with a part replaced by a series near a point, large parts first."""
        for node in reversed(in_order([root])):
            if node.row not in (*SUMS, *PRODUCTS):
                continue
            inner = _only_variable(node)
            if inner is None:
                continue
            with np.errstate(all="ignore"):
                at = float(run(inner, self.values))
            for center in _centers(node, at):
                new = self._with_series(node, inner, center)
                if new is not None:
                    yield f"series around {center:g}", self.moves.replaced(root, node, new)

    def _with_series(self, node: Term, inner: Term, center: float) -> Any:
        """Replace a term by its series where that has more digits; None if there is none."""
        z = self.algebra.terms.input("z")
        alone = self.moves.replaced(node, inner, z)
        program = _function(alone)
        try:
            coefficients = _coefficients(program, center)
        except (TinyadError, ArithmeticError):
            return None
        steps = np.concatenate([RADII, -RADII])
        points = center + steps
        with np.errstate(all="ignore"):
            found = truth(program, points)
            true = np.stack([found.value, found.gradient[0]]).astype(float)
            old = _digits(
                np.stack(
                    [evaluated(program, points[None])[0], evaluated(program, points[None])[1][0]]
                ),
                true,
            )
        best: tuple[float, int, int] = (0.0, 0, 0)
        for n in LENGTHS:
            new = _digits(np.stack(_summed(coefficients[:n], points - center)), true)
            inside = np.minimum.accumulate(new[::-1])[::-1]  # the worst up to each radius
            outside = np.append(np.inf, np.minimum.accumulate(old)[:-1])  # the worst beyond it
            k = int(np.argmax(np.minimum(inside, outside)))
            worst = float(min(inside[k], outside[k]))
            if worst > best[0] + 0.5 and best[0] < SOUND:
                best = worst, n, k
        worst, n, k = best
        if worst <= min(old.min(), SOUND) + 1.0:
            return None
        return self._joined(alone, inner, center, coefficients[:n], float(RADII[k]))

    def _joined(
        self, alone: Term, inner: Term, center: float, coefficients: Sequence[float], radius: float
    ) -> Any:
        """Series near the center, the term itself elsewhere."""
        a = self.algebra
        gap = a.apply(SUBTRACT, inner, center) if center else inner
        near = a.apply(LESS, a.apply(ABS, gap), radius)
        t = a.apply(WHERE, near, gap, 0.0)
        far = a.apply(WHERE, near, center + radius, inner)
        elsewhere = self.moves.replaced(alone, a.terms.input("z"), far)
        return a.apply(WHERE, near, self._horner(coefficients, t), elsewhere)

    def _horner(self, coefficients: Sequence[float], t: Any) -> Any:
        """Write a sum of powers by Horner's rule, in powers of t² where every other one is 0."""
        a = self.algebra
        if not any(coefficients[0::2]):
            return a.apply(MULTIPLY, t, self._horner(coefficients[1:], t))
        if not any(coefficients[1::2]) and len(coefficients) > 2:
            return self._horner(coefficients[0::2], a.apply(SQUARE, t))
        total: Any = 0.0
        for c in reversed(coefficients):
            total = a.apply(ADD, c, a.apply(MULTIPLY, t, total))
        return total

    # One form here, another one there

    def guarded(self, condition: Any, here: Any, there: Any, swap: Sequence[Any]) -> Any:
        """`here` where the condition holds, `there` where not.

        `swap` has the variable, and harmless values of it for the one and for the other; None
        where none is needed, NaN where nothing is defined.
        """
        a, (variable, inside, outside) = self.algebra, swap
        if inside is not None:
            here = self._with(here, variable, a.apply(WHERE, condition, variable, inside))
        if outside is not None:
            safe = a.apply(WHERE, condition, outside, variable)
            there = self._with(there, variable, safe) if outside == outside else np.nan
        return a.apply(WHERE, condition, here, there)

    def _with(self, term: Any, old: Term, new: Any) -> Any:
        return self.moves.replaced(term, old, new) if isinstance(term, Term) else term


def _only_variable(node: Term) -> Term | None:
    """The input or the smallest part through which alone a term depends on its inputs."""
    terms = in_order([node])
    inputs = [t for t in terms if t.row is None]
    if len(inputs) == 1:
        return inputs[0]
    for part in terms[:-1]:
        if part.row is not None and not _reached(node, part):
            return part
    return None


def _reached(node: Term, cut: Term) -> bool:
    """Does a term reach an input without passing through the cut?"""
    waiting, seen = [node], {cut}
    while waiting:
        term = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        if term.row is None:
            return True
        waiting += [o for o in term.operands if isinstance(o, Term)]
    return False


def _centers(node: Term, at: float) -> list[float]:
    """Numbers near which something may vanish: 0, whole numbers, those that the program names."""
    constants = {abs(o) for t in in_order([node]) for o in t.operands if type(o) is float}
    near = {0.0, float(np.round(at)) if abs(at) < 1e6 else 0.0}
    near |= {s * c for c in constants for s in (1.0, -1.0)}
    return sorted((c for c in near if abs(at - c) <= CLOSE), key=lambda c: abs(at - c))


def _function(term: Term) -> Callable[[Any], Any]:
    return lambda z: run(term, {"z": z})


def _coefficients(program: Callable[[Any], Any], center: float) -> list[float]:
    """The Taylor coefficients, as simple fractions where that is what they are up to rounding."""
    expansion = taylor(program, center, LENGTHS[-1])
    return [_cleaned(c, e) for c, e in zip(expansion, expansion.rounding, strict=True)]


def _cleaned(c: float, error: float) -> float:
    if abs(c) <= error:
        return 0.0
    simple = Fraction(c).limit_denominator(SIMPLE)
    return float(simple) if abs(float(simple) - c) <= 2 * error else c


def _summed(coefficients: Sequence[float], t: Floats) -> tuple[Floats, Floats]:
    """The sum of a series and its slope."""
    value, slope = np.zeros_like(t), np.zeros_like(t)
    for c in reversed(coefficients):
        slope = slope * t + value
        value = value * t + c
    return value, slope


def _digits(found: Floats, true: Floats) -> Floats:
    """The worse digits of value and slope at each radius, on both sides."""
    digits: Floats = right_digits(found, true).min(axis=0).reshape(2, -1).min(axis=0)
    return digits
