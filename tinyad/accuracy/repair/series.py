"""Series: what a part of a program is near the point where it loses its digits.

The coefficients come from `ad.taylor`, which fills the hole of a quotient 0/0. How many are wanted,
and up to which radius, is measured: at each of a ladder of radii the truth is known, and the digits
of the series and of the form that it replaces. The form keeps what is outside; there it gets a
harmless argument inside the radius, because its NaN would come back through the derivative (0 times
NaN is NaN): where, twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.accuracy.repair.algebra import ADD, DIVIDE, MULTIPLY, PRODUCTS, SQUARE, SUBTRACT, SUMS
from tinyad.accuracy.repair.measure import Floats, evaluated, right_digits
from tinyad.accuracy.repair.moves import Moves
from tinyad.accuracy.repair.products import ONE, Product, atom
from tinyad.accuracy.shadow import truth
from tinyad.errors import TinyadError
from tinyad.modes.symbolic.symbols import run
from tinyad.modes.taylor import taylor
from tinyad.rewrite import Term, in_order
from tinyad.rules import TABLE

WHERE, ABS, LESS = (TABLE[f] for f in (np.where, np.absolute, np.less))
LENGTHS = (4, 8, 12, 16, 24)  # coefficients of a series
RADII = 2.0 ** -np.array([*range(8), *range(8, 32, 4)])
EXPANDED = 40  # terms whose series is looked at
BEYOND = 5  # radii outside of a series at which the old form is looked at
CLOSE = 0.5  # how far from a center a series is tried
SOUND = 14.0  # digits with which a shorter series is good enough
SIMPLE = 10**6  # the largest denominator of a coefficient that is taken for a fraction
ALONE = "<z>"  # no name of an argument


class SeriesPatches:
    """Replaces parts of the forms of one program by series near one point."""

    def __init__(self, moves: Moves, names: Sequence[str], point: Sequence[float]) -> None:
        self.moves, self.algebra = moves, moves.algebra
        self.z = moves.algebra.terms.input(ALONE)
        self.values = dict(zip(names, point, strict=True))
        self._known: dict[Any, Any] = {}

    def of(self, root: Term) -> Iterator[tuple[str, Any]]:
        """Yield the program with a part replaced by a series near a point, large parts first."""
        for node in reversed(in_order([root])):
            if node.row not in (*SUMS, *PRODUCTS):
                continue
            if node.row in PRODUCTS and (new := self._zeros_apart(node)) is not None:
                yield "series around 0", self.moves.replaced(root, node, new)
            inner = _only_variable(node)
            if inner is None:
                continue
            with np.errstate(all="ignore"):
                at = float(run(inner, self.values))
            for center in _centers(node, at):
                alone = self.moves.replaced(node, inner, self.z)
                new = self._with_series(alone, inner, center)
                if new is not None:
                    yield f"series around {center:g}", self.moves.replaced(root, node, new)

    def _zeros_apart(self, node: Term) -> Any:
        """Write f(w), where f(0) = 0, as w·(f(w)/w) if the w cancels; the quotient is a series."""
        product = self.algebra.product(node)
        made = [self._apart(t, e) for t, e in product.powers.items()]
        before = sum(abs(e) for part in made for e in part.powers.values())
        total = self.algebra.times(ONE.scaled(product.coefficient), *made)
        after = sum(map(abs, total.powers.values()))
        return self.algebra.built(total) if after < before else None

    def _apart(self, t: Term, exponent: int) -> Product:
        """One factor: itself, or w and the series of f(w)/w, where w may be of that kind too."""
        a, factor = self.algebra, atom(t)
        if t.row is not None and len(t.operands) == 1 and t.row.value([0.0]) == 0.0:
            alone = a.apply(DIVIDE, a.apply(t.row, self.z), self.z)
            quotient = self._with_series(alone, t.operands[0], 0.0)
            if quotient is not None:
                w = a.factored(t.operands[0])
                inner = [self._apart(s, x) for s, x in w.powers.items()]
                factor = a.times(ONE.scaled(w.coefficient), *inner, atom(quotient))
        return a.times(*[factor if exponent > 0 else factor.inverse()] * abs(exponent))

    def _with_series(self, alone: Term, inner: Term, center: float) -> Any:
        """A term in z, where `inner` stands for z, with a series near the center.

        None if there is no series, or if it has no more digits than the term itself.
        """
        key = alone, center
        if key not in self._known:
            self._known[key] = self._series(alone, center) if len(self._known) < EXPANDED else None
        known = self._known[key]
        return known and self._joined(alone, inner, center, *known)

    def _series(self, alone: Term, center: float) -> tuple[Sequence[float], float] | None:
        """The coefficients of a term in z that are wanted, and up to which radius."""
        program = _function(alone)
        points = center + np.concatenate([RADII, -RADII])
        try:
            coefficients = _coefficients(program, center)
            found = truth(program, points)
        except (TinyadError, ArithmeticError):
            return None
        true = np.stack([found.value, found.gradient[0]]).astype(float)
        value, slopes = evaluated(program, points[None])
        old = _digits(np.stack([value, slopes[0]]), true)
        n, k = _cut(coefficients, points - center, true, old) if old.min() < SOUND else (0, 0)
        return (coefficients[:n], float(RADII[k])) if n else None

    def _joined(
        self, alone: Term, inner: Term, center: float, coefficients: Sequence[float], radius: float
    ) -> Any:
        """Series near the center, the term itself elsewhere."""
        a = self.algebra
        gap = a.apply(SUBTRACT, inner, center) if center else inner
        near = a.apply(LESS, a.apply(ABS, gap), radius)
        t = a.apply(WHERE, near, gap, 0.0)
        far = a.apply(WHERE, near, center + radius, inner)
        elsewhere = self.moves.replaced(alone, self.z, far)
        return a.apply(WHERE, near, self._horner(coefficients, t), elsewhere)

    def _horner(self, coefficients: Sequence[float], t: Any) -> Any:
        """Write a sum of powers by Horner's rule, in powers of t² where every other one is 0."""
        a = self.algebra
        if len(coefficients) < 2 or not any(coefficients):
            return coefficients[0] if coefficients else 0.0
        if not any(coefficients[0::2]):
            return a.apply(MULTIPLY, t, self._horner(coefficients[1:], t))
        if not any(coefficients[1::2]) and len(coefficients) > 2:
            return self._horner(coefficients[0::2], a.apply(SQUARE, t))
        total: Any = 0.0
        for c in reversed(coefficients):
            total = a.apply(ADD, c, a.apply(MULTIPLY, t, total))
        return total


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
    return lambda z: run(term, {ALONE: z})


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


def _cut(coefficients: Sequence[float], t: Floats, true: Floats, old: Floats) -> tuple[int, int]:
    """How many coefficients to take, and up to which radius; none if nothing is gained.

    The radius is where the digits that the series loses inside and those that the old form loses
    just outside are fewest.
    """
    best, chosen = old.min() + 1.0, (0, 0)
    outside = np.array(
        [np.append(old[max(0, k - BEYOND) : k], np.inf).min() for k in range(len(old))]
    )
    for n in LENGTHS:
        new = _digits(np.stack(_summed(coefficients[:n], t)), true)
        inside = np.minimum.accumulate(new[::-1])[::-1]  # the worst up to each radius
        worst = np.minimum(inside, outside)
        if worst.max() > best:
            best, chosen = worst.max() + 0.5, (n, int(np.argmax(worst)))
        if best > SOUND:
            break
    return chosen


def _digits(found: Floats, true: Floats) -> Floats:
    """The worse digits of value and slope at each radius, on both sides."""
    digits: Floats = right_digits(found, true).min(axis=0).reshape(2, -1).min(axis=0)
    return digits
