"""Forms as source: a function as a person would write it, in NumPy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.modes.symbolic.formula import (
    ATOM,
    LOGIC,
    POWER,
    PRODUCT,
    SIGN,
    TEXT_FORMS,
    Form,
    Parts,
    number,
    write,
)
from tinyad.rewrite import Term, in_order
from tinyad.rules import TABLE
from tinyad.rules.primitives import sech_squared, stop

WIDTH = 84  # characters of an expression
SIMPLE = 10**6  # the largest denominator of a fraction that is written as one
SPACED_ROWS: dict[Any, Form] = {
    np.multiply: (PRODUCT, "$0 * $1", (SIGN, POWER)),
    np.divide: (PRODUCT, "$0 / $1", (PRODUCT, POWER)),
    np.square: (ATOM, "np.square($0)", (LOGIC,)),
    np.power: (ATOM, "np.power($0, $1)", (LOGIC, LOGIC)),
    np.reciprocal: (PRODUCT, "1 / $0", (POWER,)),
    sech_squared: (PRODUCT, "1 / np.square(np.cosh($0))", (LOGIC,)),
    stop: (ATOM, "ad.stop_gradient($0)", (LOGIC,)),
    np.absolute: (ATOM, "np.absolute($0)", (LOGIC,)),
}
FORMS = dict(TEXT_FORMS) | {TABLE[f]: form for f, form in SPACED_ROWS.items()}
WHERE, ABS, SQUARE = (TABLE[f] for f in (np.where, np.absolute, np.square))
LESS, GREATER, EQUAL = (TABLE[f] for f in (np.less, np.greater, np.equal))


def function_source(
    name: str, names: Sequence[str], term: Any, functions: Mapping[str, Any] | None = None
) -> str:
    """The source of a function that computes a term; `functions` are those with names of their own.

    >>> x = Term(None, name="x")
    >>> print(function_source("f", ["x"], Term(TABLE[np.expm1], (x,))))
    def f(x):
        return np.expm1(x)
    """
    body = _Body(names, term, functions or {})
    lines = [f"def {name}({', '.join(names)}):", *body.lines, f"return {body.text(term)}"]
    return "\n    ".join(lines)


def callable_of(source: str, name: str, scope: dict[str, Any]) -> Callable[..., Any]:
    """Run the source and return the function of that name."""
    exec(compile(source, f"<repair of {name}>", "exec"), scope)
    function: Callable[..., Any] = scope[name]
    return function


class _Body:
    """The lines of a function; what is used twice, or would be too long, gets a name."""

    def __init__(self, names: Sequence[str], output: Any, functions: Mapping[str, Any]) -> None:
        self.called = {id(f): name for name, f in functions.items()}
        self.lines: list[str] = []
        self.named: dict[Term, Term] = {}
        self._taken = {*names, *functions, "np", "ad"}
        terms = in_order([output])
        uses: dict[Any, int] = {}
        for term in terms:
            for o in term.operands:
                if isinstance(o, Term):
                    uses[o] = uses.get(o, 0) + 1
        for term in terms:
            if term.row is None or term is output:
                continue
            if uses[term] > 1:
                self._name(term)
            self._shorten(term)
        if isinstance(output, Term):
            self._shorten(output)

    def text(self, value: Any) -> str:
        """An expression; what has a name stands there by its name."""
        return write(
            self.named.get(value, value) if isinstance(value, Term) else value, self._style
        )

    def _shorten(self, term: Term) -> None:
        """Give names to parts of a term until its text is short enough."""
        while term not in self.named and len(self.text(term)) > WIDTH:
            parts = [o for o in term.operands if isinstance(o, Term) and o not in self.named]
            parts = [o for o in parts if o.row is not None]
            if not parts:
                return
            self._name(max(parts, key=lambda o: len(self.text(o))))

    def _name(self, term: Term) -> None:
        text = self.text(term)
        stem = _stem(term)
        name = stem if stem and stem not in self._taken else ""
        k = 0
        while not name or name in self._taken:
            k += 1
            name = f"{stem or 'v'}{k}"
        self._taken.add(name)
        self.named[term] = Term(None, name=name)
        self.lines.append(f"{name} = {text}")

    def _style(self, value: Any) -> Parts:
        if not isinstance(value, Term):
            return _constant(value)
        value = self.named.get(value, value)
        if value.row is None:
            return ATOM, [value.name]
        if form := FORMS.get(value.row):
            precedence, template, least = form
            base = self.named.get(value.operands[0], value.operands[0])
            if value.row is SQUARE and base.row is None:
                precedence, template, least = PRODUCT, "$0 * $0", (SIGN,)
            parts: list[Any] = re.split(r"\$(\d)", template)
            for k in range(1, len(parts), 2):
                operand = int(parts[k])
                parts[k] = value.operands[operand], least[operand]
            return precedence, parts
        called: list[Any] = [self.called.get(id(value.row.function), f"np.{value.name}")]
        for k, operand in enumerate(value.operands):
            called += [", " if k else "(", (operand, LOGIC)]
        return ATOM, [*called, ")"]


def _constant(value: Any) -> Parts:
    """A number; a fraction where that is shorter than its digits."""
    written = number(value)
    if not np.isfinite(value):
        written = written.replace("inf", "np.inf").replace("nan", "np.nan")
        return (SIGN if value < 0 else ATOM), [written]
    simple = Fraction(value).limit_denominator(SIMPLE)
    if len(written) > 8 and float(simple) == value and simple.denominator > 1:
        return (SIGN if value < 0 else PRODUCT), [f"{simple.numerator} / {simple.denominator}"]
    return (SIGN if written.startswith("-") else ATOM), [written]


def _stem(term: Term) -> str:
    """A name that tells what a term is for, if its form does."""
    if term.row is LESS and isinstance(term.operands[0], Term) and term.operands[0].row is ABS:
        return "near"
    if term.row is EQUAL:
        return "hole"
    if term.row in (LESS, GREATER):
        return "here"
    if term.row is WHERE:
        return "far" if not isinstance(term.operands[1], Term) else "close"
    return ""
