"""Rewriting: terms that are made smaller while they are built.

`Terms` shares what is computed twice, folds what is constant, and prunes by the equations of
equations.py. Symbolic mode and generated source both build their programs with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from tinyad.rewrite.equations import COMMUTATIVE, RULES, Pattern, Rule
from tinyad.rewrite.terms import Term, constant_key, in_order, key_of
from tinyad.rules import TABLE, Row
from tinyad.rules.attached import Attached
from tinyad.rules.primitives import shape_of
from tinyad.rules.rows import NO_OPTIONS, Options

__all__ = [
    "FOLD",
    "RULES",
    "Rule",
    "Term",
    "Terms",
    "constant_key",
    "in_order",
    "rebuilt",
    "shrunk",
]

Build = Callable[..., Any]
FOLD = "fold constants"


class Terms:
    """Builds terms, and shares those that are the same.

    Sharing is of one `Terms` object, and ends with it. With `algebraic` all rules are used,
    without it the exact ones; `rules` names those to use instead (`FOLD` is one of the names), and
    an empty one leaves every operation as it is.

    >>> from tinyad.rules import TABLE
    >>> terms = Terms()
    >>> x = terms.input("x")
    >>> terms.apply(TABLE[np.multiply], (1.0, x)) is x
    True
    """

    def __init__(self, algebraic: bool = True, rules: Collection[str] | None = None) -> None:
        self._shared: dict[Any, Term] = {}
        self._folds = rules is None or FOLD in rules
        self._rules: dict[Row, list[Rule]] = {}
        for rule in RULES:
            if (rule.exact or algebraic) if rules is None else rule.name in rules:
                self._rules.setdefault(rule.left[0], []).append(rule)
        self._candidates: dict[Any, list[tuple[Rule, int]]] = {}

    def input(self, name: str, example: Any = None) -> Term:
        """Return the input of this name."""
        return self._shared.setdefault((None, name), Term(None, name=name, example=example))

    def apply(
        self, row: Row, operands: Sequence[Any], options: Options = NO_OPTIONS, example: Any = None
    ) -> Any:
        """Return the term of this operation, or what it comes to: a simpler term or a constant.

        Arrays among the operands are kept, not copied.
        """
        simpler = self.rewrite(row, operands, options, example, self.apply)
        if simpler is not None:
            return simpler[1]
        keys = [key_of(o) for o in operands]
        if row in COMMUTATIVE and hash(keys[0]) > hash(keys[-1]):
            keys.reverse()  # either order will do, if it is always the same one
        key = (id(row), *keys, constant_key(options) if options else None)
        known = self._shared.get(key)
        if known is None:
            known = self._shared[key] = Term(row, operands, options, example=example)
        return known

    def rewrite(
        self, row: Row, operands: Sequence[Any], options: Options, example: Any, build: Build
    ) -> tuple[str, Any] | None:
        """Return the name of the first rule that applies and what it gives; None if none does."""
        if Term not in map(type, operands):
            folded = _folded(row, operands, options) if self._folds else None
            return None if folded is None else (FOLD, folded)
        for rule, order in self._possible(row, operands) if row in self._rules else ():
            known = rule.match(operands[::order])
            if known is not None:
                simpler = _instance(rule.right, known, build, example)
                if simpler is not None and _fits(simpler, example):
                    return rule.name, simpler
        return None

    def _possible(self, row: Row, operands: Sequence[Any]) -> list[tuple[Rule, int]]:
        """The rules that may match operations and numbers in these places, with the order."""
        heads = tuple([o.row if isinstance(o, Term) else 0 for o in operands])
        found = self._candidates.get((row, heads))
        if found is None:
            found = [(rule, order) for rule in self._rules[row] for order in rule.orders(heads)]
            self._candidates[row, heads] = found
        return found


def _instance(pattern: Pattern, known: Mapping[str, Any], build: Build, example: Any) -> Any:
    """Build the right side of a rule; what is new inside it gets an example of its own.

    Its constants are computed; None says that one of them is out of the range of floats.
    """
    if isinstance(pattern, str):
        return known[pattern]
    if not isinstance(pattern, tuple):
        return pattern if isinstance(pattern, bool) else float(pattern)
    parts = [
        _instance(part, known, build, None if example is None else _seen(part, known))
        for part in pattern[1:]
    ]
    if any(part is None for part in parts):
        return None
    if not any(isinstance(part, Term) for part in parts):
        return _in_range(pattern[0], parts)
    return build(pattern[0], parts, example=example)


def _in_range(row: Row, constants: Sequence[Any]) -> Any:
    """Compute a constant; None if it overflows, or underflows where the original would not."""
    with np.errstate(all="ignore"):
        value = float(row.value(constants))
    tiny = float(np.finfo(float).tiny)
    exact = row is TABLE[np.add] or 0.0 in constants  # then a tiny value has all its digits
    return value if math.isfinite(value) and (exact or abs(value) >= tiny) else None


def _seen(pattern: Pattern, known: Mapping[str, Any]) -> Any:
    """Compute what a pattern is worth when its variables are worth their examples."""
    if isinstance(pattern, tuple):
        with np.errstate(all="ignore"):
            return pattern[0].value([_seen(part, known) for part in pattern[1:]])
    value = known[pattern] if isinstance(pattern, str) else pattern
    return value.example if isinstance(value, Term) else value


def _fits(simpler: Any, example: Any) -> bool:
    """Has the simpler form the shape and type of what it replaces, as far as these are known?"""
    if example is None:
        return True
    value = simpler.example if isinstance(simpler, Term) else simpler
    types = [getattr(v, "dtype", np.dtype(type(v))) for v in (value, example)]
    return shape_of(value) == shape_of(example) and types[0] == types[1]


def _folded(row: Row, operands: Sequence[Any], options: Options) -> Any:
    """Compute an operation on constants; None where it is better left to be seen."""
    if isinstance(row, Attached):
        return None  # the learner's own function runs when the program runs
    with np.errstate(all="ignore"):
        value = row.value(operands, options)
    if isinstance(value, np.bool_):
        return bool(value)
    finite = not isinstance(value, float | np.ndarray) or np.all(np.isfinite(value))
    return value if finite else None  # 1/0 warns when the program runs, not before


def rebuilt(outputs: Sequence[Any], terms: Terms) -> list[Any]:
    """Build these outputs again with other rules: prune what was left as it is."""
    images: dict[int, Any] = {}
    for term in in_order(outputs):
        if term.row is None:
            images[id(term)] = terms.input(term.name, term.example)
        else:
            operands = [images[id(o)] if isinstance(o, Term) else o for o in term.operands]
            images[id(term)] = terms.apply(term.row, operands, term.options, term.example)
    return [images[id(o)] if isinstance(o, Term) else o for o in outputs]


def shrunk(output: Any, rules: Terms) -> tuple[str, Any] | None:
    """Apply one rule in one place, the first in program order; None if no rule applies.

    Returns the rule's name and the smaller graph.
    """
    plain, images, used = Terms(rules=()), {}, ""
    for term in in_order([output]):
        if term.row is None:
            images[id(term)] = plain.input(term.name, term.example)
            continue
        operands = [images[id(o)] if isinstance(o, Term) else o for o in term.operands]
        found = None
        if not used:
            found = rules.rewrite(term.row, operands, term.options, term.example, plain.apply)
        used, images[id(term)] = found or (
            used,
            plain.apply(term.row, operands, term.options, term.example),
        )
    return (used, images[id(output)]) if used else None
