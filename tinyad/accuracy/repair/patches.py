"""Patches: what helps where no identity does, at a point or on one side of it.

A patch keeps a form where it is good and puts something else where it is not. The part not taken
gets a harmless argument (see series.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.accuracy.repair.algebra import SUMS
from tinyad.accuracy.repair.compensated import difference_of_products
from tinyad.accuracy.repair.moves import Moves
from tinyad.accuracy.repair.products import Product, atom
from tinyad.accuracy.repair.series import WHERE, SeriesPatches
from tinyad.modes.symbolic.symbols import Symbols
from tinyad.rewrite import Term, in_order
from tinyad.rules import TABLE

EQUAL = TABLE[np.equal]


class Patches:
    """Makes patches for the forms of one program at one point."""

    def __init__(self, moves: Moves, names: Sequence[str], point: Sequence[float]) -> None:
        self.moves, self.algebra = moves, moves.algebra
        self.inputs = [self.algebra.terms.input(name) for name in names]
        self.series = SeriesPatches(moves, names, point)

    def of(self, root: Term) -> Iterator[tuple[str, Any]]:
        """Yield the program with a patch in one place, and what it is."""
        yield from self.series.of(root)
        for node in in_order([root]):
            if node.row in SUMS and (new := self._compensated(node)) is not None:
                yield "compensated products", self.moves.replaced(root, node, new)

    def _compensated(self, node: Term) -> Any:
        """Write a difference of two products as one operation, if the node is one."""
        summands = self.algebra.summands(node)
        if len(summands) != 2 or any(e < 0 for p in summands for e in p.powers.values()):
            return None
        first, second = sorted(summands, key=lambda p: p.coefficient < 0)
        halves = [*self._halved(first), *self._halved(second.scaled(Fraction(-1)))]
        with Symbols(self.algebra.terms) as symbols:
            boxes = [symbols.symbol(t) if isinstance(t, Term) else t for t in halves]
            return difference_of_products(*boxes).value

    def _halved(self, product: Product) -> tuple[Any, Any]:
        """Write a product as one of two factors, the number in the first."""
        factors = [t for t, e in product.powers.items() for _ in range(e)]
        last = factors.pop() if factors else 1.0
        number = Product(product.coefficient, {})
        return self.algebra.built(self.algebra.times(number, *map(atom, factors))), last

    def hole(self, root: Term, place: float, limit: float) -> Any:
        """Give a program of one argument its limit at the one place where it has no value."""
        a, (x,) = self.algebra, self.inputs
        there = a.apply(EQUAL, x, place)
        safe = a.apply(WHERE, there, place + 1.0, x)
        return a.apply(WHERE, there, limit, self.moves.replaced(root, x, safe))

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
