"""The table of identities: what equals what in exact arithmetic, though not in floats.

Each line is read from left to right. u, v and w stand for anything; sums and products match in
any order, up to a common factor, inside larger ones, and a product also upside down. A line with
`if` holds under that condition alone. Lines may be true on a part of the real line only (log(u)
wants a positive u): whether a whole program stays the same function is decided by measurement.

Sources: Abramowitz and Stegun, chapter 4; Hamming, Numerical Methods for Scientists and Engineers,
chapter 3; Kahan, Branch Cuts for Complex Elementary Functions, 1987.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from tinyad.rules import TABLE, Row

Pattern = Any  # a variable, a Fraction, or (row, pattern, ...)

IDENTITIES_ROWS = (
    # Exponentials
    "exp(u) - 1 = expm1(u)",
    "exp(u) - exp(v) = exp(v)·expm1(u - v)",
    "exp(u) - exp(v) = 2·sinh(u)  if  u = -v",
    "exp(u) + exp(v) = 2·cosh(u)  if  u = -v",
    "exp(u) + exp(v) - 2 = 4·sinh(u/2)^2  if  u = -v",
    "exp(u)/expm1(u) = -1/expm1(-u)",
    "expm1(u)/expm1(v) = exp(v) + 1  if  u = 2·v",
    "exp2(u) - 1 = expm1(u·log(2))",
    "expm1(u) = 2·exp(u/2)·sinh(u/2)",
    # Logarithms
    "log(1 + u) = log1p(u)",
    "log(u) - log(v) = log1p((u - v)/v)",
    "log(u/v) = log1p((u - v)/v)",
    "log(u/v) = log(u) - log(v)",
    "log(u·v) = log(u) + log(v)",
    "log(u^2) = 2·log(abs(u))",
    "log(sqrt(u)) = log(u)/2",
    "log(u) = log1p(u - 1)",
    "log(cosh(u)) = logaddexp(u, -u) - log(2)",
    "log(sinh(u)) = u + log(-expm1(-2·u)/2)",
    "log(exp(u)) = u",
    "log1p(u) - log1p(v) = log1p((u - v)/(1 + v))",
    "log(u/v) = -2·arctanh(w)  if  u = 1 - w, v = 1 + w",
    "log(u/v) = 2·arctanh(w)  if  u = 1 + w, v = 1 - w",
    "log(u + sqrt(v)) = arcsinh(u)  if  v = u^2 + 1",
    "log(u + sqrt(v)) = arccosh(u)  if  v = u^2 - 1",
    # What overflows on the way
    "log(exp(u) + exp(v)) = logaddexp(u, v)",
    "log(exp(u) + v) = logaddexp(u, log(v))",
    "log(exp(u) + v) = u + log1p(v·exp(-u))",
    "log1p(exp(u)) = logaddexp(0, u)",
    "log(expm1(u)) = u + log(-expm1(-u))",
    "1/(1 + exp(u)) = exp(-logaddexp(0, u))",
    "1/(u + v) = (1/u)/(1 + v/u)",
    "sqrt(u^2 + v^2) = hypot(u, v)",
    "sqrt(u^2 + v) = abs(u)·sqrt(1 + v/u^2)",
    "sqrt(u^2·v) = abs(u)·sqrt(v)",
    "sqrt(u^2) = abs(u)",
    # Conjugates
    "sqrt(u) - sqrt(v) = (u - v)/(sqrt(u) + sqrt(v))",
    "sqrt(u) - v = (u - v^2)/(sqrt(u) + v)",
    "cbrt(u) - cbrt(v) = (u - v)/(cbrt(u)^2 + cbrt(u)·cbrt(v) + cbrt(v)^2)",
    "1 - sin(u) = cos(u)^2/(1 + sin(u))",
    "1 + sin(u) = cos(u)^2/(1 - sin(u))",
    # Powers
    "u^w - v^w = v^w·expm1(w·log1p((u - v)/v))",
    "u^w - 1 = expm1(w·log(u))",
    "(1 + u)^w = exp(w·log1p(u))",
    # Half angles
    "1 - cos(u) = 2·sin(u/2)^2",
    "1 + cos(u) = 2·cos(u/2)^2",
    "(1 - cos(u))/sin(u) = tan(u/2)",
    "(1 + cos(u))/sin(u) = 1/tan(u/2)",
    "cosh(u) - 1 = 2·sinh(u/2)^2",
    "arccos(1 - u) = 2·arcsin(sqrt(u/2))",
    # Squares and quotients
    "1 - cos(u)^2 = sin(u)^2",
    "1 - sin(u)^2 = cos(u)^2",
    "sin(u)^2 + cos(u)^2 = 1",
    "cos(u)^2 - sin(u)^2 = cos(2·u)",
    "cosh(u)^2 - 1 = sinh(u)^2",
    "cosh(u)^2 - sinh(u)^2 = 1",
    "1 - tanh(u)^2 = 1/cosh(u)^2",
    "1 - tanh(u) = 2/(1 + exp(2·u))",
    "1 + tanh(u) = 2/(1 + exp(-2·u))",
    "sin(u)/cos(u) = tan(u)",
    "sinh(u)/cosh(u) = tanh(u)",
    # Differences that become products
    "sin(u) - sin(v) = 2·cos((u + v)/2)·sin((u - v)/2)",
    "sin(u) + sin(v) = 2·sin((u + v)/2)·cos((u - v)/2)",
    "cos(u) - cos(v) = -2·sin((u + v)/2)·sin((u - v)/2)",
    "cos(u) + cos(v) = 2·cos((u + v)/2)·cos((u - v)/2)",
    "tan(u) - tan(v) = sin(u - v)/(cos(u)·cos(v))",
    "arctan(u) - arctan(v) = arctan2(u - v, 1 + u·v)",
    "sinh(u) - sinh(v) = 2·cosh((u + v)/2)·sinh((u - v)/2)",
    "cosh(u) - cosh(v) = 2·sinh((u + v)/2)·sinh((u - v)/2)",
    "tanh(u) - tanh(v) = sinh(u - v)/(cosh(u)·cosh(v))",
    "sin(u)·cos(v) - cos(u)·sin(v) = sin(u - v)",
    "cos(u)·cos(v) + sin(u)·sin(v) = cos(u - v)",
)  # fmt: skip

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


IDENTITIES = tuple(map(parsed, IDENTITIES_ROWS))
