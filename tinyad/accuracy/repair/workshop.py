"""From a program to candidates: record it, measure it, search, patch, check, rank."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.accuracy.repair.algebra import Algebra
from tinyad.accuracy.repair.candidates import Checker, Draft
from tinyad.accuracy.repair.measure import Floats, evaluated, measure, right_digits
from tinyad.accuracy.repair.moves import Moves, size
from tinyad.accuracy.repair.patches import Patches
from tinyad.accuracy.repair.search import ENOUGH, EXPANDED, LONGEST, Form, program, search
from tinyad.modes.symbolic import Expression
from tinyad.rewrite import Term, Terms, in_order, rebuilt

PATCHED = 6  # forms that are patched
TRIED = 6  # drafts that are checked across the domain
SOUND = 13.0  # digits of a value to which it pays to attach a derivative


class Workshop:
    """The repair of one program at one point."""

    def __init__(self, original: Any, names: Sequence[str], point: Sequence[float]) -> None:
        self.names = tuple(names)
        self.moves = Moves(Algebra(Terms()))
        self.patches = Patches(self.moves, names, point)
        (self.start,) = rebuilt([original], self.moves.algebra.terms)
        constants = {o for t in in_order([original]) for o in t.operands if type(o) is float}
        self.found = measure(program(original, names), point, sorted(constants))
        self.checker = Checker(self.found, Draft(original, ()), self.start, self.patches, names)

    def drafts(self) -> list[Draft]:
        """All drafts that are the same function, the best first."""
        forms = self._forms([self.start], self._nearby)
        drafts = [Draft(form.term, form.names) for form in _distinct(forms, sorted)[:TRIED]]
        if forms[0].digits.min() < SOUND:
            drafts += self._attached(forms[:PATCHED])
        if self.found.hole[0] and len(self.names) == 1:
            drafts.append(self._filled())
        good = [d for draft in drafts for d in self.checker.approved(draft)]
        return sorted(good, key=self._rank)

    def _forms(
        self, seeds: Sequence[Any], digits: Callable[..., Floats], expanded: int = EXPANDED
    ) -> list[Form]:
        """Search, and patch the best forms with series if they still lose digits."""
        forms = search(seeds, self.moves, self.names, digits, expanded)
        if not forms[0].enough:
            for form in _distinct(forms, set)[:PATCHED]:
                if not isinstance(form.term, Term):
                    continue
                for name, term in self.patches.of(form.term):
                    new = Form(term, digits(program(term, self.names)), (*form.names, name))
                    forms.append(new)
                    if new.enough:
                        break
        return sorted(forms, key=lambda f: f.loss)

    def _nearby(self, function: Callable[..., Any]) -> Floats:
        return self.found.digits(function, slice(0, self.found.near))

    def _filled(self) -> Draft:
        """The program with its limit put in, and its slope as a formula of its own."""
        place, limit = float(self.found.points[0, 0]), float(self.found.value[0])
        slope = Expression(self.start, self.names).diff(self.names[0]).output
        partial = rebuilt([slope], self.moves.algebra.terms)
        filled = self.patches.hole(self.start, place, limit)
        return Draft(filled, ("limit put in",), tuple(partial))

    def _attached(self, forms: Sequence[Form]) -> Iterator[Draft]:
        """Give a form whose value is sound derivatives that are sound too."""
        near = slice(0, self.found.near)
        for form in forms:
            if form.digits[0].min() < SOUND or size(form.term) > LONGEST // 2:
                continue
            slopes = evaluated(program(form.term, self.names), self.found.points[:, near])[1]
            digits = right_digits(slopes, self.found.slopes[:, near]).min(axis=1)
            partials = [self._partial(form, k, bool(d > ENOUGH)) for k, d in enumerate(digits)]
            if None in partials:
                return
            yield Draft(form.term, (*form.names, "attached derivative"), tuple(partials))
            return

    def _partial(self, form: Form, k: int, sound: bool) -> Any:
        """The best form of a partial derivative, which is sought as a value like any other."""
        seeds: list[Any] = []
        for term in (form.term, self.start):
            slope = Expression(term, self.names).diff(self.names[k]).output
            seeds += rebuilt([slope], self.moves.algebra.terms) if size(slope) <= LONGEST else []
        if sound or not seeds:
            return seeds[0] if seeds else None
        near = slice(0, self.found.near)
        true = self.found.slopes[k][near]

        def digits(function: Callable[..., Any]) -> Floats:
            with np.errstate(all="ignore"):
                value = np.broadcast_to(function(*self.found.points[:, near]), true.shape)
            return np.stack([right_digits(value, true)] * 2)

        return self._forms(seeds, digits, EXPANDED // 3)[0].term

    def _rank(self, draft: Draft) -> tuple[float, ...]:
        """Digits at the point, then around it, then anywhere; then simplicity."""
        missing = np.maximum(ENOUGH - draft.digits, 0.0)
        near = missing[:, : self.found.near].mean()
        return (
            round(float(missing[:, 0].sum())),
            round(float(near), 1),
            round(float(missing.mean()), 1),
            draft.size,
        )


def _distinct(forms: Sequence[Form], kind: Callable[..., Any]) -> list[Form]:
    """The best form of each kind: of the same operations, as a set or as a sorted list."""
    found: dict[str, Form] = {}
    for form in forms:
        operations = [t.name for t in in_order([form.term]) if t.row is not None]
        found.setdefault(str(sorted(kind(o for o in operations if o != "negative"))), form)
    return list(found.values())
