"""Where an identity applies: sums and products match in any order, and in parts.

A pattern that is a sum matches some of the summands of a larger sum, up to a factor that they have
in common: exp(u) - 1 is found in 3·y·exp(x) + z - 3·y. What the others are stays as it is. Matching
is by arithmetic, not by spelling: where a variable comes twice, the two must be equal when
multiplied out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from tinyad.accuracy.repair.algebra import MULTIPLY, POWER, QUOTIENTS, SUBTRACT, SUMS, Algebra
from tinyad.accuracy.repair.patterns import (
    Identity,
    Pattern,
    factors_of,
    is_product,
    summands_of,
    variables,
)
from tinyad.accuracy.repair.products import ONE, SHARES, Product, common
from tinyad.rewrite import Term

Binding = Mapping[str, Any]
LONGEST = 6  # summands or factors among which some are chosen


class Matcher:
    """Matches patterns with terms, and builds what an identity says that they are."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra

    def rewritten(self, identity: Identity, term: Term) -> Iterator[Any]:
        """Yield each form that the identity gives to a term."""
        a, row = self.algebra, identity.left[0]
        if row in SUMS and term.row in SUMS:
            for scale, known, rest in self._in_sum(identity.left, a.summands(term), {}):
                for found in self._meets(identity.conditions, known):
                    new = a.times(scale, a.product(self.built(identity.right, found)))
                    yield a.total([new, *rest])
        elif row in QUOTIENTS and term.row in QUOTIENTS:
            for side in (1, -1):
                for others, known in self._in_product(identity.left, a.product(term), side):
                    for found in self._meets(identity.conditions, known):
                        new = a.product(self.built(identity.right, found))
                        yield a.built(a.times(others, new if side > 0 else new.inverse()))
        elif row is term.row:
            for known in self._operands(identity.left[1:], term.operands, {}):
                for found in self._meets(identity.conditions, known):
                    yield self.built(identity.right, found)

    def built(self, pattern: Pattern, known: Binding) -> Any:
        """Build a pattern, in which all variables are known."""
        if isinstance(pattern, str):
            return known[pattern]
        if isinstance(pattern, Fraction):
            return float(pattern)
        a, (row, *inner) = self.algebra, pattern
        parts = [self.built(p, known) for p in inner]
        if row in SUMS:
            signs = (1, -1) if row is SUBTRACT else (1, 1) if len(parts) == 2 else (-1,)
            flat = [
                p.scaled(Fraction(s))
                for s, t in zip(signs, parts, strict=True)
                for p in a.summands(t)
            ]
            return a.tidy(a.total(flat))
        if row in QUOTIENTS or (row is POWER and isinstance(inner[1], Fraction)):
            above, below = a.product(parts[0]), a.product(parts[1])
            if row is POWER:
                return a.built(a.times(*[above] * int(inner[1])))
            return a.built(a.times(above, below if row is MULTIPLY else below.inverse()))
        return a.apply(row, *parts)

    def _meets(self, conditions: Sequence[tuple[Pattern, Pattern]], known: Binding) -> Any:
        """Yield what is known if the conditions hold; they may tell what further variables are."""
        if not conditions:
            yield known
            return
        (left, right), *others = conditions
        for found in self._matched(right, self.built(left, known), known):
            yield from self._meets(others, found)

    # A pattern that is the whole of a term

    def _matched(self, pattern: Pattern, term: Any, known: Binding) -> Iterator[Binding]:
        """Yield each way in which a pattern is the whole of a term."""
        if variables(pattern) <= known.keys():
            if self.algebra.equal(self.built(pattern, known), term):
                yield known
        elif isinstance(pattern, str):
            yield {**known, pattern: term}
        elif pattern[0] in SUMS:
            for _, found, rest in self._in_sum(pattern, self.algebra.summands(term), known, True):
                if not rest:
                    yield found
        elif is_product(pattern):
            yield from self._as_product(pattern, self.algebra.product(term), known)
        elif isinstance(term, Term) and term.row is pattern[0]:
            yield from self._operands(pattern[1:], term.operands, known)

    def _operands(
        self, patterns: Sequence[Pattern], terms: Sequence[Any], known: Binding
    ) -> Iterator[Binding]:
        if not patterns:
            yield known
            return
        for found in self._matched(patterns[0], terms[0], known):
            yield from self._operands(patterns[1:], terms[1:], found)

    # Sums

    def _in_sum(
        self, pattern: Pattern, summands: Sequence[Product], known: Binding, exact: bool = False
    ) -> Iterator[tuple[Product, Binding, list[Product]]]:
        """Yield a common factor, what the variables are, and the summands that take no part."""
        parts = sorted(summands_of(pattern), key=lambda part: isinstance(part[1], str))
        if not len(parts) <= len(summands) <= LONGEST:
            return
        for chosen in itertools.permutations(range(len(summands)), len(parts)):
            if not _may_be(parts, [summands[k] for k in chosen]):
                continue
            others = [p for k, p in enumerate(summands) if k not in chosen]
            groups = [[summands[k]] for k in chosen]
            for rest in (others, []) if others and isinstance(parts[-1][1], str) else (others,):
                taken = groups if rest == others else [*groups[:-1], [*groups[-1], *others]]
                yield from (
                    (scale, found, rest)
                    for scale, found in self._aligned(parts, taken, known, exact)
                )

    def _aligned(
        self, parts: Any, groups: Sequence[Sequence[Product]], known: Binding, exact: bool
    ) -> Iterator[tuple[Product, Binding]]:
        """Match each part of a sum with its summands, up to one factor for all of them."""
        shared = ONE if exact else common([p for group in groups for p in group])
        under = shared.inverse()
        reduced = [[self.algebra.times(p, under) for p in group] for group in groups]
        c = reduced[0][0].coefficient / parts[0][0]
        if exact or isinstance(parts[0][1], str):
            c = Fraction(1)
        found = [known]
        for (sign, part), group in zip(parts, reduced, strict=True):
            term = self.algebra.total(p.scaled(1 / (c * sign)) for p in group)
            found = [new for old in found for new in self._matched(part, term, old)]
        yield from ((shared.scaled(c), new) for new in found)

    # Products

    def _in_product(
        self, pattern: Pattern, product: Product, side: int
    ) -> Iterator[tuple[Product, Binding]]:
        """Yield the factors that take no part, and what the variables are."""
        coefficient, parts = factors_of(pattern)
        parts = sorted(parts, key=lambda part: isinstance(part[0], str))
        found: list[tuple[Product, Binding]] = [(product.scaled(1 / coefficient**side), {})]
        for part, exponent in parts:
            found = [
                new
                for rest, known in found
                for new in self._one_factor(part, exponent * side, rest, known)
            ]
        yield from found

    def _one_factor(
        self, part: Pattern, exponent: int, product: Product, known: Binding
    ) -> Iterator[tuple[Product, Binding]]:
        """Yield the other factors and what the variables are, if this part is one factor."""
        for t, e in list(product.powers.items())[:LONGEST]:
            if e * exponent <= 0 or abs(e) < abs(exponent):
                continue
            left = {**product.powers, t: e - exponent}
            rest = Product(product.coefficient, {t: e for t, e in left.items() if e})
            if not isinstance(part, str) and part[0] in SUMS:
                for scale, new, others in self._in_sum(part, self.algebra.summands(t), known):
                    if not others:
                        powers = [scale if exponent > 0 else scale.inverse()] * abs(exponent)
                        yield self.algebra.times(rest, *powers), new
            else:
                yield from ((rest, new) for new in self._matched(part, t, known))

    def _as_product(self, pattern: Pattern, product: Product, known: Binding) -> Iterator[Binding]:
        """Yield each way in which a pattern is the whole of a product."""
        coefficient, parts = factors_of(pattern)
        product = product.scaled(1 / coefficient)
        exponents = [e for _, e in parts]
        for shares in SHARES[tuple(exponents)](product):
            found = [known]
            for (part, _), share in zip(parts, shares, strict=True):
                term = self.algebra.built(share)
                found = [new for old in found for new in self._matched(part, term, old)]
            yield from found


def _may_be(parts: Sequence[tuple[Fraction, Pattern]], chosen: Sequence[Product]) -> bool:
    """Do the operations that the parts ask for occur in these summands at all?"""
    for (_, part), product in zip(parts, chosen, strict=True):
        called = isinstance(part, tuple) and not is_product(part)
        if called and not any(t.row is part[0] for t in product.powers):
            return False
    return True
