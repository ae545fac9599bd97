"""The equations by which programs are pruned, each read from left to right.

This is algebra, not calculus: no derivative is taken here. Some equations hold for real numbers
alone: 0·u is NaN where u is infinite. A program that must give the very digits of the original
leaves these out; the others are exact in IEEE arithmetic, the sign of zero included.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyad.rewrite.terms import Term, is_constant, same
from tinyad.rules import TABLE

Pattern = Any  # a number, the name of a variable, or (row, pattern, ...)

# u, v, w are anything, c, d are numbers, t is none. Sums, products, & and | match in either order.
EXACT_RULES = (
    "1·u = u", "u/1 = u", "u^1 = u", "u^0 = 1", "+u = u", "-(-u) = u", "-1·u = -u", "u/-1 = -u",
    "u - 0 = u", "c·-u = -c·u", "-u·-v = u·v", "-u/-v = u/v", "-u·v = -(u·v)", "-u/v = -(u/v)",
    "u/-v = -(u/v)", "-(c·u) = -c·u", "u + -v = u - v", "u - -v = u + v",
    "u & True = u", "u & False = False", "u | False = u", "u | True = True",
    "where(u, v, v) = v", "where(True, u, v) = u", "where(False, u, v) = v",
    "where(w & False, u, v) = v",
)  # fmt: skip
REAL_RULES = (
    "0·u = 0", "0/u = 0", "0 + u = u", "0 - u = -u", "-(u - v) = v - u", "u - u = 0", "u/u = 1",
    "u + u = 2·u", "c·u + d·u = (c + d)·u", "u + c·u = (1 + c)·u", "c·(d·u) = (c·d)·u",
    "t·(c·u) = c·(u·t)",
    "u·u = square(u)", "u^2 = square(u)", "u·(1/v) = u/v", "(u/v)/w = u/(v·w)",
)  # fmt: skip

COMMUTATIVE = tuple(TABLE[f] for f in (np.add, np.multiply, np.logical_and, np.logical_or))
SIGNS: dict[type, Any] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Pow: np.power, ast.USub: np.negative, ast.UAdd: np.positive,
    ast.BitAnd: np.logical_and, ast.BitOr: np.logical_or,
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """An equation, read from left to right: one way to make a program smaller."""

    name: str
    left: Pattern
    right: Pattern
    exact: bool

    @property
    def twins(self) -> bool:
        """Does the left side name the same operand twice, as u - u does?"""
        return isinstance(self.left[1], str) and self.left[1:] == (self.left[1],) * 2

    def orders(self, heads: Sequence[Any]) -> list[int]:
        """In which orders, 1 or -1, operands may match with these heads: rows, 0 for constants."""
        orders = (1, -1) if self.left[0] in COMMUTATIVE and not self.twins else (1,)
        return [step for step in orders if all(map(_may_be, self.left[1:], heads[::step]))]

    def _numbers_differ(self, operands: Sequence[Any]) -> bool:
        """Is there another number than the rule's? Most often that settles it."""
        for pattern, value in zip(self.left[1:], operands, strict=True):
            if type(value) is float and type(pattern) is int and value != pattern:
                return True
        return False

    def match(self, operands: Sequence[Any]) -> dict[str, Any] | None:
        """Find what the variables stand for when these are the operands; None if it cannot be."""
        if self._numbers_differ(operands) or (self.twins and not same(*operands)):
            return None
        return next(_bindings(self.left[1:], operands, {}, self.exact), None)


def _may_be(pattern: Pattern, head: Any) -> bool:
    if isinstance(pattern, tuple):
        return pattern[0] is head
    return may_be(pattern, head != 0) if isinstance(pattern, str) else head == 0


def _bindings(
    patterns: Sequence[Pattern], operands: Sequence[Any], known: Any, exact: bool
) -> Iterator[dict[str, Any]]:
    """Yield each way in which the operands fit the patterns."""
    found = [known]
    for pattern, value in zip(patterns, operands, strict=True):
        found = [new for old in found for new in _binding(pattern, value, old, exact)]
    yield from found


def _binding(pattern: Pattern, value: Any, known: Any, exact: bool) -> Iterator[dict[str, Any]]:
    """Yield what the variables stand for if this value fits the pattern (which is never deep)."""
    if isinstance(pattern, tuple):
        if isinstance(value, Term) and value.row is pattern[0]:
            yield from _bindings(pattern[1:], value.operands, known, exact)
            if value.row in COMMUTATIVE:
                yield from _bindings(pattern[1:], value.operands[::-1], known, exact)
    elif not isinstance(pattern, str):
        if is_constant(value, pattern) and (not exact or _sign(value) == _sign(pattern)):
            yield known
    elif pattern in known:
        if same(known[pattern], value):
            yield known
    elif may_be(pattern, isinstance(value, Term), value):
        yield {**known, pattern: value}


def may_be(variable: str, term: bool, value: Any = 0.0) -> bool:
    """May this variable stand for a term, or for this constant?"""
    if variable in ("c", "d"):
        return not term and type(value) in (float, int)
    return term or variable != "t"


def _sign(number: float) -> float:
    return math.copysign(1.0, number)


def _parsed(node: ast.expr) -> Pattern:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp):
        return TABLE[SIGNS[type(node.op)]], _parsed(node.left), _parsed(node.right)
    if isinstance(node, ast.UnaryOp):
        inner = _parsed(node.operand)
        return -inner if type(inner) is int else (TABLE[SIGNS[type(node.op)]], inner)
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    return TABLE[getattr(np, node.func.id)], *map(_parsed, node.args)


def _rule(equation: str, exact: bool) -> Rule:
    sides = equation.replace("·", "*").replace("^", "**").split(" = ")
    left, right = (_parsed(ast.parse(side, mode="eval").body) for side in sides)
    return Rule(equation, left, right, exact)


RULES = (*(_rule(r, True) for r in EXACT_RULES), *(_rule(r, False) for r in REAL_RULES))
