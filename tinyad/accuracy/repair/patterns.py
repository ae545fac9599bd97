"""Patterns: the identities of the table, read and taken apart.

A pattern is a variable, a fraction, or (row, pattern, ...); as a sum or a product it is looked at
flat, like the terms that it is held against.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from tinyad.accuracy.repair.algebra import DIVIDE, POWER, QUOTIENTS, SUBTRACT, SUMS
from tinyad.accuracy.repair.identities import IDENTITIES_ROWS
from tinyad.rules import TABLE, Row

Pattern = Any

SIGNS: dict[type, Any] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Pow: np.power, ast.USub: np.negative,
}  # fmt: skip

ARITHMETIC = [TABLE[f] for f in SIGNS.values()]


class Identity(NamedTuple):
    """One line of the table; `conditions` are pairs of patterns that must be equal."""

    text: str
    left: Pattern
    right: Pattern
    conditions: tuple[tuple[Pattern, Pattern], ...]

    functions: frozenset[Row]  # those that its left side asks for


def parsed(text: str) -> Identity:
    """Read one line of the table.

    >>> parsed("exp(u) - 1 = expm1(u)").right[0].name
    'expm1'
    """
    equation, _, wanted = text.replace("·", "*").replace("^", "**").partition("if")
    left, right = map(_pattern, equation.split(" = "))
    sides = [condition.split(" = ") for condition in wanted.split(",") if condition.strip()]
    conditions = tuple((_pattern(a), _pattern(b)) for a, b in sides)
    return Identity(text, left, right, conditions, frozenset(_functions(left)))


def _functions(pattern: Pattern) -> Iterator[Row]:
    """The functions in a pattern, sums, products and powers apart."""
    if isinstance(pattern, tuple):
        if pattern[0] not in ARITHMETIC:
            yield pattern[0]
        for part in pattern[1:]:
            yield from _functions(part)


def _pattern(text: str) -> Pattern:
    return _read(ast.parse(text.strip(), mode="eval").body)


def _read(node: ast.expr) -> Pattern:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant):
        return Fraction(str(node.value))
    if isinstance(node, ast.BinOp):
        return TABLE[SIGNS[type(node.op)]], _read(node.left), _read(node.right)
    if isinstance(node, ast.UnaryOp):
        return TABLE[SIGNS[type(node.op)]], _read(node.operand)
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    return TABLE[getattr(np, node.func.id)], *map(_read, node.args)


@functools.cache
def variables(pattern: Pattern) -> frozenset[str]:
    """The variables in a pattern."""
    if isinstance(pattern, str):
        return frozenset([pattern])
    inner = pattern[1:] if isinstance(pattern, tuple) else ()
    return frozenset().union(*map(variables, inner))


def is_product(pattern: Pattern) -> bool:
    """Is this a product, a quotient or a power with a number as exponent?"""
    return pattern[0] in QUOTIENTS or (pattern[0] is POWER and isinstance(pattern[2], Fraction))


def summands_of(pattern: Pattern) -> list[tuple[Fraction, Pattern]]:
    """A pattern as a sum: (coefficient, pattern), the constant being a pattern too."""
    if isinstance(pattern, tuple) and pattern[0] in SUMS:
        signs = (1, -1) if pattern[0] is SUBTRACT else (1, 1) if len(pattern) == 3 else (-1,)
        pairs = zip(signs, pattern[1:], strict=True)
        return [(sign * c, p) for sign, part in pairs for c, p in summands_of(part)]
    if isinstance(pattern, Fraction):
        return [(pattern, Fraction(1))]
    return [(Fraction(1), pattern)]


def factors_of(pattern: Pattern) -> tuple[Fraction, list[tuple[Pattern, int]]]:
    """A pattern as a product: its number, and (pattern, exponent)."""
    if isinstance(pattern, Fraction):
        return pattern, []
    if isinstance(pattern, tuple) and pattern[0] in QUOTIENTS:
        (c, above), (d, below) = map(factors_of, pattern[1:])
        if pattern[0] is DIVIDE:
            d, below = 1 / d, [(p, -e) for p, e in below]
        return c * d, above + below
    if isinstance(pattern, tuple) and is_product(pattern):
        return Fraction(1), [(pattern[1], int(pattern[2]))]
    return Fraction(1), [(pattern, 1)]


IDENTITIES = tuple(map(parsed, IDENTITIES_ROWS))
