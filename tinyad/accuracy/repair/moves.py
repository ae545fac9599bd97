"""Moves: what a program may be rewritten to in one step, by an identity, by arithmetic, by SymPy.

SymPy finds common denominators and common factors, which no local identity sees. It gets the
outermost arithmetic of the program and of each function's argument; floats that are no simple
fractions travel as symbols, so that it computes with exact numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tinyad.accuracy.repair.algebra import PRODUCTS, SUMS, Algebra, whole_exponent
from tinyad.accuracy.repair.matching import Matcher
from tinyad.accuracy.repair.patterns import IDENTITIES, Identity
from tinyad.errors import TinyadError
from tinyad.modes.symbolic.symbols import Symbols
from tinyad.modes.symbolic.sympy_bridge import guarded, run_sympy, to_sympy
from tinyad.rewrite import Term, in_order

SYMPY = ("cancel", "factor", "together")
SENT = 24  # terms that are sent to SymPy, which is slow
DECIDED = 30  # operations of two programs that SymPy is asked to compare


class Moves:
    """The moves within one algebra."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self.matcher = Matcher(algebra)
        self._local: dict[Term, list[tuple[str, Any]]] = {}
        self._sympy: dict[Term, list[tuple[str, Any]]] = {}

    def of(self, root: Term) -> Iterator[tuple[str, Any]]:
        """Yield what a program may become, with the name of the move."""
        inner = {
            o
            for t in in_order([root])
            if is_arithmetic(t)
            for o in t.operands
            if isinstance(o, Term)
        }
        places: dict[str, set[Term]] = {}
        for term in in_order([root]):
            if term.row is None:
                continue
            for name, new in self._at(term):
                yield name, self.replaced(root, term, new)
                places.setdefault(name, set()).add(term)
            if is_arithmetic(term) and (term is root or term not in inner):
                for name, new in self._by_sympy(term):
                    yield name, self.replaced(root, term, new)

        for name, terms in places.items():
            if len(terms) > 1:
                yield name, self._everywhere(root, name)

    def _everywhere(self, root: Any, name: str) -> Any:
        """Apply one identity wherever it applies, the first way that it does."""
        for term in in_order([root]):
            if term.row is not None and (new := dict(self._at(term)).get(name)) is not None:
                root = self.replaced(root, term, new)
        return root

    def replaced(self, root: Any, old: Term, new: Any) -> Any:
        """Put a new term in the place of an old one; products and sums around it are tidied."""
        images: dict[Any, Any] = {old: new}
        for term in in_order([root]):
            if term in images or term.row is None:
                continue
            operands = [images.get(o, o) if isinstance(o, Term) else o for o in term.operands]
            if any(a is not b for a, b in zip(operands, term.operands, strict=True)):
                made = self.algebra.terms.apply(term.row, operands, term.options)
                images[term] = self._tidied(made)
        return images.get(root, root)

    def _tidied(self, term: Any) -> Any:
        if not isinstance(term, Term):
            return term
        if term.row in SUMS:
            return self.algebra.total(self.algebra.summands(term))
        return self.algebra.built(self.algebra.product(term)) if term.row in PRODUCTS else term

    def _at(self, term: Term) -> list[tuple[str, Any]]:
        """The identities that apply to a term, and the term multiplied out."""
        if term not in self._local:
            found: dict[Any, str] = {}
            present = {t.row for t in in_order([term])}
            for identity in IDENTITIES:
                if identity.functions <= present:
                    self._note(found, identity, term)
            if term.row in SUMS and (products := self.algebra.expanded(term)):
                found.setdefault(self.algebra.total(products), "multiply out")
            self._local[term] = [(name, new) for new, name in found.items()]
        return self._local[term]

    def _note(self, found: dict[Any, str], identity: Identity, term: Term) -> None:
        try:
            for new in self.matcher.rewritten(identity, term):
                if new is not term:
                    found.setdefault(new, identity.text)
        except ArithmeticError:
            pass  # a constant that no float holds, or a division by 0

    def _by_sympy(self, term: Term) -> list[tuple[str, Any]]:
        import sympy

        if term not in self._sympy:
            if len(self._sympy) >= SENT:
                return []
            found: dict[Any, str] = {}
            for action in SYMPY:
                try:
                    new = self._through(term, getattr(sympy, action))
                except (TinyadError, sympy.SympifyError, ArithmeticError, ValueError, TypeError):
                    continue  # SymPy cannot do it, or not within the real numbers
                found.setdefault(new, f"SymPy's {action}")
            self._sympy[term] = [(name, new) for new, name in found.items() if new is not term]
        return self._sympy[term]

    def apart(self, a: Any, b: Any) -> float | None:
        """What SymPy says that a - b comes to, if it finds it to be a number; else None."""
        import sympy

        if size(a) + size(b) > DECIDED:
            return None
        try:
            gap = guarded(to_sympy, a, True) - guarded(to_sympy, b, True)
            for form in (gap, gap.rewrite(sympy.exp)):
                done = guarded(sympy.cancel, form)
                if done.is_Number and not done.has(sympy.Float):
                    return float(done)
        except (TinyadError, ArithmeticError, ValueError, TypeError, AttributeError):
            pass  # it cannot decide
        return None

    def _through(self, term: Term, action: Callable[[Any], Any]) -> Any:
        """Send a term to SymPy and bring the result back."""
        import sympy

        formula = guarded(to_sympy, term, True)
        floats = sorted(formula.atoms(sympy.Float))
        dummies = {f: sympy.Symbol(f"float{k}", real=True) for k, f in enumerate(floats)}
        done = guarded(action, formula.xreplace(dummies))
        names = [t.name for t in in_order([term]) if t.row is None]
        with Symbols(self.algebra.terms) as symbols, np.errstate(all="ignore"):
            values: dict[str, Any] = dict(zip(names, symbols.inputs(names), strict=True))
            values |= {s.name: float(f) for f, s in dummies.items()}
            result = guarded(run_sympy, done, values, {})
            return result.value if symbols.owns(result) else float(result)


def size(term: Any) -> int:
    """The number of operations of a form."""
    return sum(t.row is not None for t in in_order([term]))


def is_arithmetic(term: Term) -> bool:
    """Is this a sum, a product, a quotient or a whole power?"""
    return term.row in (*SUMS, *PRODUCTS) or whole_exponent(term) > 0
