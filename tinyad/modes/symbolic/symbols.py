"""Symbols: an interpretation under which a NumPy program computes its own formula.

A symbol has no value, so every operation becomes a term of a shared graph. Nothing here knows a
derivative: run forward or reverse mode on symbols, and the rules of the one table, which are NumPy
programs too, write down the formula of the derivative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from tinyad.arraylike import ArrayBox
from tinyad.errors import BranchError, MissingRuleError, SymbolError, learner_line
from tinyad.interpretation import Box, Interpretation, apply
from tinyad.modes.symbolic.formula import text_of
from tinyad.rewrite import Terms
from tinyad.rewrite.terms import Term, in_order
from tinyad.rules import TABLE, Row
from tinyad.rules.attached import Attached
from tinyad.rules.primitives import stop
from tinyad.rules.rows import NO_OPTIONS, Constant, Elementwise, Options

WHERE = TABLE[np.where]
LOGIC = tuple(TABLE[f] for f in (np.logical_and, np.logical_or, np.logical_xor, np.logical_not))
TRUTHS = (
    *(TABLE[f] for f in (np.equal, np.not_equal, np.less, np.less_equal)),
    *(TABLE[f] for f in (np.greater, np.greater_equal, np.signbit)),
    *(TABLE[f] for f in (np.isnan, np.isinf, np.isfinite)),
    *LOGIC,
)  # their answer is true or false
STEPS = (np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.fix)
FLAT = (*TRUTHS, *(TABLE[f] for f in (*STEPS, np.floor_divide, stop)))
WHOLE = tuple(TABLE[f] for f in (np.ldexp, np.round, np.around))

NO_VALUE = (
    "An expression is built before any value is known (define-and-run). What runs on values and "
    "follows the path taken (define-by-run): ad.grad(f), ad.derivative(f), ad.trace(f, x)."
)


class Symbol(ArrayBox):
    """A term of an expression, on its way through a program."""

    __slots__ = ()

    @property
    def dtype(self) -> np.dtype[Any]:
        """Numbers are floats; a comparison is a truth value."""
        return np.dtype(bool if is_truth(self.value) else float)

    def __repr__(self) -> str:
        return text_of(self.value, most=80)

    def __format__(self, spec: str) -> str:
        return repr(self)  # there are no digits to format

    def settled(self, target: str, kind: str | None = None) -> Any:
        """Refuse: there is no value to be had."""
        function = re.search(r"\bmath\.(\w+)\(", learner_line())
        raise SymbolError(
            f"{self} is a symbol without a value; {target} needs one.",
            f"Write np.{function[1]} for math.{function[1]}." if function else NO_VALUE,
        )

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise SymbolError(
            f"{self} was to be put into an array; an expression is made of single numbers.",
            "Give each number a symbol of its own. For arrays, ad.compile(ad.grad(f), x) writes "
            "out the derivative as a program, and ad.jvp computes it.",
        )


class Symbols(Interpretation):
    """Turn each operation into a term."""

    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self.terms = terms

    def symbol(self, value: Any) -> Symbol:
        """Return a term, or a constant that is to be kept as it is, as a box."""
        return Symbol(value, self)

    def inputs(self, names: Sequence[str]) -> list[Symbol]:
        """Return a symbol for each name."""
        return [self.symbol(self.terms.input(name)) for name in names]

    def process(self, row: Row, operands: Sequence[Any], options: Options = NO_OPTIONS) -> Any:
        """Build the term of one operation on numbers."""
        if not (isinstance(row, Elementwise | Attached) or row is WHERE):
            raise _about_arrays(row)
        parts = [self._opened(o) for o in operands]
        if row is WHERE:
            parts = [as_truth(self, parts[0]), *(as_number(self, p) for p in parts[1:])]
        else:
            parts = [as_number(self, p) for p in parts]
        return self._made(row, parts, options)

    def constant(self, row: Constant, operands: Sequence[Any], options: Options) -> Any:
        """Build the term of an operation without a derivative: a comparison, a step."""
        if row.static:
            return apply(row, [0.0 if self.owns(o) else o for o in operands], options)
        if row not in FLAT:
            raise _about_arrays(row)
        parts = [self._opened(o) for o in operands]
        meant = as_truth if row in LOGIC else as_number
        parts = [meant(self, part) for part in parts]
        return self._made(row, parts, options)

    def decided(self, box: Box, kind: str) -> NoReturn:
        """Refuse: Python asks for a value."""
        raise BranchError(
            f"The program branches on {box!r}, but a symbol has no value: which branch to take is "
            "not known yet.",
            "np.where(condition, a, b) keeps both branches; np.maximum and np.minimum choose "
            f"without an if. {NO_VALUE}",
        )

    def _opened(self, operand: Any) -> Any:
        """Return an operand as a term or a plain number."""
        if self.owns(operand):
            return operand.value
        if isinstance(operand, Box) or type(operand) in (float, bool):
            return operand
        if isinstance(operand, np.ndarray) and operand.ndim == 0:
            operand = operand[()]
        if isinstance(operand, bool | np.bool_):
            return bool(operand)
        if isinstance(operand, int | float | np.integer | np.floating):
            return float(operand)
        raise SymbolError(
            f"{operand!r:.60} meets a symbol; an expression is made of single real numbers.",
            "Give each number a symbol of its own. For arrays, ad.compile(ad.grad(f), x) writes "
            "out the derivative as a program, and ad.jvp computes it.",
        )

    def _made(self, row: Row, parts: list[Any], options: Options) -> Any:
        if row in WHOLE and len(parts) > 1:
            if isinstance(parts[1], Term):
                raise SymbolError(
                    f"np.{row.name} needs a whole number as its second argument, not a symbol.",
                    "Pass a plain int there.",
                )
            parts[1] = int(parts[1])
        term = self.terms.apply(row, parts, options)
        return self.symbol(term) if isinstance(term, Term) else term


def is_truth(part: Any) -> bool:
    """Is this true or false, rather than a number?"""
    return isinstance(part, bool) or (isinstance(part, Term) and part.row in TRUTHS)


def as_number(symbols: Symbols, part: Any) -> Any:
    """Return 1 for true and 0 for false, as NumPy's arithmetic does; a number as it is."""
    return symbols.terms.apply(WHERE, (part, 1.0, 0.0)) if is_truth(part) else part


def as_truth(symbols: Symbols, part: Any) -> Any:
    """Return whether a number is not 0, as NumPy's logic does; true or false as it is."""
    return part if is_truth(part) else symbols.terms.apply(TABLE[np.not_equal], (part, 0.0))


def run(output: Any, values: Mapping[str, Any], step: Callable[..., Any] | None = None) -> Any:
    """Run the program that a term stands for, on numbers, arrays or boxes of any interpretation.

    `step` may say in another way what an operation does: from its term and its operands.
    """
    results: dict[int, Any] = {}
    for term in in_order([output]):
        if term.row is None:
            results[id(term)] = values[term.name]
            continue
        operands = [results[id(o)] if isinstance(o, Term) else o for o in term.operands]
        results[id(term)] = (
            apply(term.row, operands, term.options) if step is None else step(term, operands)
        )
    return results[id(output)] if isinstance(output, Term) else output


def _about_arrays(row: Row) -> MissingRuleError:
    return MissingRuleError(
        f"np.{row.name} is about arrays; an expression is made of single numbers.",
        "ad.compile(ad.grad(f), x) writes out the derivative as a program on arrays, and "
        "ad.jvp(f, (x,), (v,)) computes it in one direction.",
    )
