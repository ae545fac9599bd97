"""Products as a person sees them: a number times whole powers of terms, in any order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tinyad.rewrite import Term


class Product(NamedTuple):
    """A coefficient times whole powers of terms."""

    coefficient: Fraction
    powers: dict[Term, int]

    @property
    def key(self) -> frozenset[tuple[Term, int]]:
        """What two like terms have in common."""
        return frozenset(self.powers.items())

    def scaled(self, c: Fraction) -> Product:
        """The same product with another coefficient in front of its own."""
        return Product(self.coefficient * c, self.powers)

    def inverse(self) -> Product:
        """One over this product."""
        return Product(1 / self.coefficient, {t: -e for t, e in self.powers.items()})


ONE = Product(Fraction(1), {})


def atom(term: Term) -> Product:
    """A term as a product of nothing but itself."""
    return Product(Fraction(1), {term: 1})


def plain(term: Any) -> Product:
    """A term as a product of nothing but itself; a number as a product without powers."""
    return atom(term) if isinstance(term, Term) else Product(Fraction(term), {})


def merged(one: Product, *others: Product) -> Product:
    """Multiply products that share no factors."""
    coefficient, powers = one
    for p in others:
        coefficient, powers = coefficient * p.coefficient, {**powers, **p.powers}
    return Product(coefficient, powers)


def like(products: Iterable[Product]) -> list[Product]:
    """Add up like terms, in the order in which they first came."""
    found: dict[Any, Product] = {}
    for p in (p for p in products if p.coefficient):
        known = found.get(p.key)
        found[p.key] = p if known is None else p.scaled(1 + known.coefficient / p.coefficient)
    return [p for p in found.values() if p.coefficient]


def common(products: Sequence[Product]) -> Product:
    """The factors that all these products have, above or below the line."""
    first, *rest = (p.powers for p in products)
    shared: dict[Term, int] = {}
    for t, e in first.items():
        exponents = [e, *(p.get(t, 0) for p in rest)]
        if all(x > 0 for x in exponents) or all(x < 0 for x in exponents):
            shared[t] = min(exponents, key=abs)
    return Product(Fraction(1), shared)


# How a product is shared out among the factors of a pattern


def _quotient(product: Product) -> Iterator[tuple[Product, Product]]:
    """u/v: what is above the line, and what is below."""
    above = {t: e for t, e in product.powers.items() if e > 0}
    below = {t: -e for t, e in product.powers.items() if e < 0}
    p, q = Fraction(product.coefficient.numerator), Fraction(product.coefficient.denominator)
    if below or q != 1:
        yield Product(p, above), Product(q, below)


def _two_factors(product: Product) -> Iterator[tuple[Product, Product]]:
    """u·v: each factor and the others."""
    if product.coefficient != 1 and product.powers:
        yield Product(product.coefficient, {}), Product(Fraction(1), product.powers)
    for t, e in product.powers.items():
        others = {s: f for s, f in product.powers.items() if s is not t}
        if others:
            yield Product(Fraction(1), {t: e}), Product(product.coefficient, others)


def _square_and_rest(product: Product) -> Iterator[tuple[Product, Product]]:
    """u²·v: as much in the square as there can be."""
    half = {t: int(e / 2) for t, e in product.powers.items() if abs(e) > 1}
    rest = {t: e % 2 if e > 0 else -(-e % 2) for t, e in product.powers.items()}
    if half and any(rest.values()):
        left = Product(product.coefficient, {t: e for t, e in rest.items() if e})
        yield Product(Fraction(1), half), left


def _square(product: Product) -> Iterator[tuple[Product]]:
    """u²: where there is a root without a remainder."""
    c = product.coefficient
    if c > 0 and not any(e % 2 for e in product.powers.values()):
        root = Fraction(math.isqrt(c.numerator), math.isqrt(c.denominator))
        if root * root == c:
            yield (Product(root, {t: e // 2 for t, e in product.powers.items()}),)


def _single(product: Product) -> Iterator[tuple[Product]]:
    yield (product,)


SHARES: dict[tuple[int, ...], Any] = {
    (1,): _single,
    (2,): _square,
    (1, 1): _two_factors,
    (1, -1): _quotient,
    (2, 1): _square_and_rest,
}
