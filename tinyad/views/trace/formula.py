"""The formula of a tangent or of a pullback, found by running the row's rule on named values.

Nothing here knows what a slope is: forward mode or the tape's `pull` runs over a recording of its
own, and what they did to the names is written down, pruned of factors 1 and the like. So beside a
logarithm stands v̄₁ / v₋₁, because that is what its line in the table comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from tinyad.errors import TinyadError
from tinyad.modes.forward import Dual, Forward
from tinyad.modes.symbolic.formula import write
from tinyad.modes.tape import Node, Reverse, pull
from tinyad.rewrite import FOLD, RULES, Terms
from tinyad.rewrite.terms import Term, constant_key, in_order
from tinyad.rules import TABLE
from tinyad.rules.primitives import shape_of
from tinyad.rules.rows import Elementwise
from tinyad.views.record import Record, Recorded, Ref
from tinyad.views.trace.notation import BAR, DOT, Notation
from tinyad.views.trace.operators import style

# These equations would hide what a reader should see: 0·u is NaN where u is infinite, and the
# product rule has two terms even where they are equal.
HIDING = ("0·u = 0", "0/u = 0", "u + u = 2·u", "c·u + d·u = (c + d)·u", "u + c·u = (1 + c)·u")
RULES_USED = [FOLD, *(rule.name for rule in RULES if rule.name not in HIDING)]
# Characters, a name counting as one. What is longer is written as a partial derivative by name.
LONGEST = 40
MULTIPLY = TABLE[np.multiply]

FIRST_PLACE, ANSWER = 0xE000, 0xF8FF
Run = Callable[[Sequence[Recorded], Sequence[Recorded]], list[Any]]
Name = Callable[..., str]  # what the value at a position is called, with a mark on top


class Formulas:
    """Writes the steps of one record, their tangents and their pullbacks."""

    def __init__(self, record: Record, name: Name, notation: Notation) -> None:
        self.record, self.name, self.notation = record, name, notation
        self.style = style(notation)
        self.known: dict[Any, list[str]] = {}  # formulas with places for the names

    def primal(self, position: int) -> str:
        """What a step did to which values."""
        bench = Bench(self, position)
        key = bench.key("")
        if key is None or key not in self.known:
            self.known[key] = [write(bench.term(), self.style)]
        return self.known[key][0].translate(bench.names)

    def tangent(self, position: int, tangents: Sequence[Any]) -> str:
        """What the tangent of a step is, in terms of those of its operands."""
        bench = Bench(self, position)
        moving = [o for o in bench.refs if tangents[o] is not None]
        for o in moving:
            bench.add(self.name(o, DOT), tangents[o])

        def run(boxes: Sequence[Recorded], marked: Sequence[Recorded]) -> list[Any]:
            dots = dict(zip(moving, marked, strict=True))
            with Forward() as forward:
                operands = bench.operands(
                    boxes, lambda o, box: Dual(box, dots[o], forward) if o in dots else box
                )
                answer = forward.process(bench.row, operands, bench.options)
            return [answer.value, answer.tangent]

        formulas = self._formulas(bench, DOT, run)
        if formulas is None:
            return " + ".join(self._unspelled(DOT, o, position, o) for o in moving)
        return formulas[0]

    def pullbacks(self, position: int, adjoint: Any) -> list[str]:
        """What a step adds to the adjoint of each active operand, in the order of `pull`."""
        bench = Bench(self, position)
        bench.add(self.name(position, BAR), adjoint)
        steps = self.record.steps

        def run(boxes: Sequence[Recorded], marked: Sequence[Recorded]) -> list[Any]:
            with Reverse([]) as reverse:
                places = bench.operands(boxes, lambda o, box: box)
                operands = [
                    Node(box, n, reverse) if type(o) is Ref and not steps[o].flat else box
                    for n, (o, box) in enumerate(zip(bench.step.operands, places, strict=True))
                ]
                answer = reverse.process(bench.row, operands, bench.options)
            entry = reverse.tape[-1]
            assert entry is not None
            return [answer.value, *(term for _, term in pull(entry, marked[0]))]

        formulas = self._formulas(bench, BAR, run)
        if formulas is None:
            active = [o for o in bench.step.operands if type(o) is Ref]
            active = [o for o in active if not steps[o].flat]
            return [self._unspelled(BAR, position, position, o) for o in active]
        return formulas

    def _formulas(self, bench: Bench, mark: str, run: Run) -> list[str] | None:
        """Run a rule on names and write what came out; None if that cannot be, or is long."""
        key = bench.key(mark)
        if key is None or key not in self.known:
            results = bench.results(run)
            if results is None:
                return None
            self.known[key] = [write(term, self.style) for term in results]
        templates = self.known.pop(key) if key is None else self.known[key]
        if any(len(t) > LONGEST * (1 + self.notation.tex) for t in templates):
            return None
        return [t.translate(bench.names) for t in templates]

    def _unspelled(self, mark: str, marked: int, of: int, by: int) -> str:
        """A tangent or adjoint times a partial derivative whose formula is too long."""
        factor, above, below = self.name(marked, mark), self.name(of), self.name(by)
        if self.notation.tex:
            return rf"{factor} \times \frac{{\partial {above}}}{{\partial {below}}}"
        return f"{factor} × ∂{above}/∂{below}"


class Bench:
    """One step on the workbench: its operands, each with a place for its name.

    A place is one character of Unicode's private area, so that a formula can be written once and
    used for every step of the same kind. `names` says what goes into which place: the operands,
    then what was added beside them; the answer has the last place.
    """

    def __init__(self, formulas: Formulas, position: int) -> None:
        self.formulas = formulas
        self.step = formulas.record.steps[position]
        assert self.step.row is not None
        self.row: Any = self.step.row
        self.options = self.step.options
        self.refs = list(dict.fromkeys(o for o in self.step.operands if type(o) is Ref))
        self.values = [formulas.record.steps[o].value for o in self.refs]
        self.names = {FIRST_PLACE + k: formulas.name(o) for k, o in enumerate(self.refs)}
        self.names[ANSWER] = formulas.name(position)

    def add(self, name: str, value: Any) -> None:
        """Put a tangent or an adjoint beside the operands."""
        self.names[FIRST_PLACE + len(self.values)] = name
        self.values.append(value)

    def place(self, k: int) -> Term:
        """The term that stands for value k."""
        return Term(None, name=chr(FIRST_PLACE + k), example=self.values[k])

    def operands(self, boxes: Sequence[Any], box: Callable[[Ref, Any], Any]) -> list[Any]:
        """The operands of the step, boxed where they are not constants."""
        return [
            box(o, boxes[self.refs.index(o)]) if type(o) is Ref else o for o in self.step.operands
        ]

    def term(self) -> Term:
        """The step itself, as a term."""
        places = [self.place(k) for k in range(len(self.refs))]
        return Term(self.row, self.operands(places, lambda o, place: place), self.options)

    def key(self, mark: str) -> Any:
        """Equal for steps whose formulas differ in nothing but names; None if that is not sure.

        The formula of an elementwise row does not depend on the values, only on the constants.
        """
        if type(self.row) is not Elementwise or any(map(shape_of, self.values)):
            return None
        operands = self.operands([(k,) for k in range(len(self.refs))], lambda o, place: place)
        keys = [o if isinstance(o, tuple) else constant_key(o) for o in operands]
        kinds = [type(v) for v in self.values]
        flat = [self.formulas.record.steps[o].flat for o in self.refs]
        return mark, self.row, *keys, *kinds, *flat

    def results(self, run: Run) -> list[Any] | None:
        """Run a rule on boxes, and return what came out as terms; None where it will not run.

        `run` takes the boxes of the operands and of what was added; it returns the answer, which
        has a name already, and the results.
        """
        count = len(self.refs)
        with Record(self.values) as record, np.errstate(all="ignore"):
            for k, o in enumerate(self.refs):
                record.steps[k].flat = self.formulas.record.steps[o].flat
            boxes = record.boxes()
            try:
                answer, *results = run(boxes[:count], boxes[count:])
            except (TinyadError, TypeError, ValueError):
                return None  # say, attached partials that want plain numbers
            outputs = [Ref(r.position) if record.owns(r) else r for r in results]
        names = {k: chr(FIRST_PLACE + k) for k in range(len(self.values))}
        made = terms_of(record, {**names, answer.position: chr(ANSWER)})
        marked = {chr(FIRST_PLACE + k) for k in range(count, len(self.values))}
        return [in_front(made[o] if type(o) is Ref else o, marked) for o in outputs]


def terms_of(record: Record, names: Mapping[int, str]) -> list[Any]:
    """The steps of a small record as terms, pruned; those that have names are inputs."""
    terms = Terms(rules=RULES_USED)
    made: list[Any] = []
    for position, step in enumerate(record.steps):
        if position in names:
            made.append(terms.input(names[position], step.value))
        else:
            assert step.row is not None
            operands = [made[o] if type(o) is Ref else o for o in step.operands]
            made.append(terms.apply(step.row, operands, step.options, step.value))
    return made


def in_front(output: Any, names: Collection[str]) -> Any:
    """Put factors with these names to the front of each product, after its numbers."""
    marked: dict[int, bool] = {}
    images: dict[int, Any] = {}
    for term in in_order([output]):
        if term.row is None:
            marked[id(term)], images[id(term)] = term.name in names, term
            continue
        operands = list(term.operands)
        if term.row is MULTIPLY:
            operands.sort(key=lambda o: isinstance(o, Term) and not marked[id(o)])
        marked[id(term)] = any(marked.get(id(o), False) for o in operands)
        parts = [images[id(o)] if isinstance(o, Term) else o for o in operands]
        images[id(term)] = Term(term.row, parts, term.options, example=term.example)
    return images[id(output)] if isinstance(output, Term) else output
