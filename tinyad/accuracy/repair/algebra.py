"""Sums and products as a person sees them: flat, in any order, with exact coefficients.

A program adds and multiplies two at a time. An identity asks for more: whether somewhere in a sum
there are an exp(x) and a -1, whatever stands between them. Here a term is taken apart into a sum of
products, and put together again; like terms meet, common factors cancel, exponentials multiply.
Coefficients are fractions, because here nothing may be rounded.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.accuracy.repair.products import ONE, Product, atom, common, like, merged, plain
from tinyad.rewrite import Term, Terms
from tinyad.rules import TABLE, Row

ADD, SUBTRACT, NEGATIVE = TABLE[np.add], TABLE[np.subtract], TABLE[np.negative]
MULTIPLY, DIVIDE, POWER = TABLE[np.multiply], TABLE[np.divide], TABLE[np.power]
SQUARE, SQRT, EXP = TABLE[np.square], TABLE[np.sqrt], TABLE[np.exp]
RECIPROCAL, POSITIVE = TABLE[np.reciprocal], TABLE[np.positive]
SUMS = (ADD, SUBTRACT, NEGATIVE, POSITIVE)
QUOTIENTS = (MULTIPLY, DIVIDE)
PRODUCTS = (MULTIPLY, DIVIDE, SQUARE, RECIPROCAL)
MOST = 32  # products that a sum is multiplied out into
LARGEST = 1 << 20  # numerators and denominators up to here are written as they are
HIGHEST = 12  # the highest power that is multiplied out


class Algebra:
    """Takes terms apart and builds them, within one `Terms`."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._expanded: dict[int, list[Product] | None] = {}

    def apply(self, row: Row, *operands: Any) -> Any:
        """The term of one operation."""
        return self.terms.apply(row, operands)

    # Products

    def product(self, term: Any) -> Product:
        """Take a term apart as a product; a sum in it is one factor."""
        if not isinstance(term, Term):
            return Product(Fraction(term), {})
        if term.row is NEGATIVE or term.row is POSITIVE:
            sign = -1 if term.row is NEGATIVE else 1
            return self.product(term.operands[0]).scaled(Fraction(sign))
        if term.row is MULTIPLY:
            return self.times(*map(self.product, term.operands))
        if term.row is DIVIDE:
            above, below = map(self.product, term.operands)
            return self.times(above, below.inverse()) if below.coefficient else atom(term)
        if term.row is RECIPROCAL:
            return self.product(term.operands[0]).inverse()
        if exponent := whole_exponent(term):
            return self.times(*[self.product(term.operands[0])] * exponent)
        return atom(term)

    def times(self, *products: Product) -> Product:
        """Multiply; exponentials become one, and roots that meet themselves vanish."""
        coefficient, powers = Fraction(1), dict[Term, int]()
        for p in products:
            coefficient *= p.coefficient
            for t, e in p.powers.items():
                powers[t] = powers.get(t, 0) + e
        powers = {t: e for t, e in powers.items() if e}
        roots = [t for t, e in powers.items() if t.row is SQRT and abs(e) > 1]
        exponentials = [t for t in powers if t.row is EXP]
        if not roots and (not exponentials or [powers[t] for t in exponentials] == [1]):
            return Product(coefficient, powers)
        rest = Product(
            coefficient, {t: e for t, e in powers.items() if t not in roots + exponentials}
        )
        extra = [self._root(t, powers[t]) for t in roots]
        if exponentials:
            parts = [(self.product(t.operands[0]), powers[t]) for t in exponentials]
            total = self.tidy(self.total([p.scaled(Fraction(e)) for p, e in parts]))
            extra.append(plain(self.apply(EXP, total)))
        return self.times(rest, *extra) if roots else merged(rest, *extra)

    def _root(self, root: Term, exponent: int) -> Product:
        """sqrt(u) to a power, as a power of u with at most one root left."""
        inside = self.product(root.operands[0])
        half = int(exponent / 2)
        whole = inside if half > 0 else inside.inverse()
        left = {root: exponent - 2 * half} if exponent % 2 else {}
        return self.times(*[whole] * abs(half), Product(Fraction(1), left))

    def built(self, product: Product) -> Any:
        """Write a product as a term: one fraction, its number in front."""
        c = product.coefficient
        p, q = c.numerator, c.denominator
        if max(abs(p), q) > LARGEST:
            p, q = _rounded(c), 1
        if c == 0:
            return 0.0
        above = [self._power(t, e) for t, e in product.powers.items() if e > 0]
        below = [self._power(t, -e) for t, e in product.powers.items() if e < 0]
        if abs(p) != 1 or not above:
            above.insert(0, float(p))
        elif p < 0:
            above[0] = self.apply(NEGATIVE, above[0])
        if q != 1:
            below.insert(0, float(q))
        multiply = functools.partial(self.apply, MULTIPLY)
        value = functools.reduce(multiply, above)
        return self.apply(DIVIDE, value, functools.reduce(multiply, below)) if below else value

    def _power(self, base: Term, exponent: int) -> Any:
        if exponent == 1:
            return base
        if exponent == 2:
            return self.apply(SQUARE, base)
        return self.apply(POWER, base, float(exponent))

    # Sums

    def summands(self, term: Any) -> list[Product]:
        """Take a term apart as a sum of products; a number times a sum is a sum too."""
        if isinstance(term, Term) and term.row in (ADD, SUBTRACT):
            left, right = map(self.summands, term.operands)
            sign = Fraction(-1 if term.row is SUBTRACT else 1)
            return like([*left, *(p.scaled(sign) for p in right)])
        product = self.product(term)
        if list(product.powers.values()) == [1] and product.coefficient:
            (inner,) = product.powers
            if inner.row in SUMS:
                return [p.scaled(product.coefficient) for p in self.summands(inner)]
        return [product] if product.coefficient else []

    def total(self, products: Iterable[Product]) -> Any:
        """Write a sum as a term, beginning with something positive if there is any."""
        ordered = sorted(like(products), key=lambda p: p.coefficient < 0)
        if not ordered:
            return 0.0
        value = self.built(ordered[0])
        for p in ordered[1:]:
            row = SUBTRACT if p.coefficient < 0 else ADD
            value = self.apply(row, value, self.built(p.scaled(Fraction(1 if row is ADD else -1))))
        return value

    def factored(self, term: Any) -> Product:
        """Take a term apart as a product; what the summands of a sum share is a factor."""
        summands = self.summands(term)
        if len(summands) < 2:
            return self.product(term)
        shared = common(summands)
        rest = self.total(self.times(p, shared.inverse()) for p in summands)
        return self.times(shared, self.product(rest))

    def expanded(self, term: Any) -> list[Product] | None:
        """Multiply a term out; None if that is too long."""
        if not isinstance(term, Term):
            return [Product(Fraction(term), {})] if term else []
        if id(term) not in self._expanded:
            self._expanded[id(term)] = self._multiplied_out(term)
        return self._expanded[id(term)]

    def _multiplied_out(self, term: Term) -> list[Product] | None:
        if term.row not in (*SUMS, *PRODUCTS) and not whole_exponent(term):
            return [self.product(term)]
        parts = [self.expanded(o) for o in term.operands[: 1 if whole_exponent(term) else 2]]
        if any(p is None for p in parts):
            return None
        if term.row in SUMS:
            signs = {SUBTRACT: (1, -1), NEGATIVE: (-1,)}.get(term.row, (1, 1))
            pairs = zip(signs, parts, strict=False)
            return like(p.scaled(Fraction(s)) for s, part in pairs for p in part or ())
        if term.row in (DIVIDE, RECIPROCAL):
            below = parts[-1] or []
            if len(below) != 1:
                below = [atom(self.total(below))] if below else [atom(term)]
            parts[-1] = [below[0].inverse()]
        if exponent := whole_exponent(term):
            parts = parts[:1] * exponent
        found = [ONE]
        for part in parts:
            if len(found) * len(part or ()) > MOST:
                return None
            found = like(self.times(a, b) for a in found for b in part or ())
        return found

    def tidy(self, term: Any) -> Any:
        """Multiply a sum out where that makes it shorter, as (x + 1) - x."""
        products = self.expanded(term)
        if products is None or len(products) >= len(self.summands(term)):
            return term
        return self.total(products)

    def equal(self, a: Any, b: Any) -> bool:
        """Are these equal by the rules of arithmetic alone?"""
        if a is b or (not isinstance(a, Term) and not isinstance(b, Term)):
            return bool(a is b or a == b)
        return (
            self.expanded(self.total([self.product(a), self.product(b).scaled(Fraction(-1))])) == []
        )


def whole_exponent(term: Term) -> int:
    """The exponent of a power that can be multiplied out; 0 for all else."""
    if term.row is SQUARE:
        return 2
    if term.row is POWER and not isinstance(term.operands[1], Term):
        exponent = float(term.operands[1])
        return int(exponent) if exponent.is_integer() and 1 <= exponent <= HIGHEST else 0
    return 0


def _rounded(c: Fraction) -> Any:
    return float(c) if abs(c) < Fraction(1 << 1023) else math.copysign(math.inf, c)
