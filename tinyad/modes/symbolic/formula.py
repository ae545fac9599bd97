"""Formulas: how the terms of an expression are written, as plain text and as LaTeX.

A style takes a term to its precedence and its parts: strings, and operands with the precedence
below which they need brackets. The same parts give the formula, its length (known also where the
formula itself would not fit into memory) and the list of named steps. A stack replaces recursion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinyad.rewrite.terms import Term, in_order
from tinyad.rules import TABLE, Row
from tinyad.rules.primitives import sech_squared, stop

LOGIC, SUM, SIGN, PRODUCT, POWER, ATOM = range(6)
Form = tuple[int, str, tuple[int, ...]]  # precedence, template, least precedence of each operand
Parts = tuple[int, list[Any]]  # precedence, and strings or (operand, least precedence)
Style = Callable[[Any], Parts]

BOTH_ROWS: dict[Any, Form] = {
    np.add: (SUM, "$0 + $1", (SUM, PRODUCT)),
    np.subtract: (SUM, "$0 - $1", (SUM, PRODUCT)),
    np.negative: (SIGN, "-$0", (PRODUCT,)),
    np.positive: (SIGN, "+$0", (PRODUCT,)),
    np.less: (LOGIC, "$0 < $1", (SUM, SUM)),
    np.greater: (LOGIC, "$0 > $1", (SUM, SUM)),
}
TEXT_ROWS: dict[Any, Form] = {
    np.divide: (PRODUCT, "$0/$1", (PRODUCT, POWER)),
    np.floor_divide: (PRODUCT, "$0//$1", (PRODUCT, POWER)),
    np.remainder: (PRODUCT, "$0 % $1", (PRODUCT, POWER)),
    np.power: (POWER, "$0**$1", (ATOM, ATOM)),
    np.square: (POWER, "$0**2", (ATOM,)),
    np.absolute: (ATOM, "abs($0)", (LOGIC,)),
    stop: (ATOM, "stop_gradient($0)", (LOGIC,)),
    np.equal: (LOGIC, "$0 == $1", (SUM, SUM)),
    np.not_equal: (LOGIC, "$0 != $1", (SUM, SUM)),
    np.less_equal: (LOGIC, "$0 <= $1", (SUM, SUM)),
    np.greater_equal: (LOGIC, "$0 >= $1", (SUM, SUM)),
    np.logical_and: (SUM, "$0 & $1", (SUM, PRODUCT)),
    np.logical_or: (SUM, "$0 | $1", (PRODUCT, PRODUCT)),
    np.logical_xor: (SUM, "$0 ^ $1", (PRODUCT, PRODUCT)),
    np.logical_not: (POWER, "~$0", (POWER,)),
}
LATEX_ROWS: dict[Any, Form] = {
    np.divide: (PRODUCT, r"\frac{$0}{$1}", (LOGIC, LOGIC)),
    np.reciprocal: (PRODUCT, r"\frac{1}{$0}", (LOGIC,)),
    np.floor_divide: (ATOM, r"\left\lfloor \frac{$0}{$1} \right\rfloor", (LOGIC, LOGIC)),
    np.remainder: (PRODUCT, r"$0 \bmod $1", (PRODUCT, POWER)),
    np.power: (POWER, "$0^{$1}", (ATOM, LOGIC)),
    np.square: (POWER, "$0^{2}", (ATOM,)),
    np.exp: (POWER, "e^{$0}", (LOGIC,)),
    np.exp2: (POWER, "2^{$0}", (LOGIC,)),
    np.expm1: (SUM, "e^{$0} - 1", (LOGIC,)),
    np.sqrt: (ATOM, r"\sqrt{$0}", (LOGIC,)),
    np.cbrt: (ATOM, r"\sqrt[3]{$0}", (LOGIC,)),
    np.log: (POWER, r"\ln\left($0\right)", (LOGIC,)),
    np.log1p: (POWER, r"\ln\left(1 + $0\right)", (PRODUCT,)),
    np.log2: (POWER, r"\log_{2}\left($0\right)", (LOGIC,)),
    np.log10: (POWER, r"\log_{10}\left($0\right)", (LOGIC,)),
    **{
        f: (POWER, rf"\{f.__name__}\left($0\right)", (LOGIC,))
        for f in (np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh, np.arcsin, np.arccos)
    },
    np.arctan: (POWER, r"\arctan\left($0\right)", (LOGIC,)),
    sech_squared: (POWER, r"\operatorname{sech}^{2}\left($0\right)", (LOGIC,)),
    np.absolute: (ATOM, r"\left|$0\right|", (LOGIC,)),
    np.fabs: (ATOM, r"\left|$0\right|", (LOGIC,)),
    np.hypot: (ATOM, r"\sqrt{$0^{2} + $1^{2}}", (ATOM, ATOM)),
    np.maximum: (POWER, r"\max\left($0, $1\right)", (LOGIC, LOGIC)),
    np.minimum: (POWER, r"\min\left($0, $1\right)", (LOGIC, LOGIC)),
    np.floor: (ATOM, r"\left\lfloor $0 \right\rfloor", (LOGIC,)),
    np.ceil: (ATOM, r"\left\lceil $0 \right\rceil", (LOGIC,)),
    np.where: (
        ATOM,
        r"\begin{cases} $1 & \text{if } $0 \\ $2 & \text{otherwise} \end{cases}",
        (LOGIC, LOGIC, LOGIC),
    ),
    np.equal: (LOGIC, "$0 = $1", (SUM, SUM)),
    np.not_equal: (LOGIC, r"$0 \ne $1", (SUM, SUM)),
    np.less_equal: (LOGIC, r"$0 \le $1", (SUM, SUM)),
    np.greater_equal: (LOGIC, r"$0 \ge $1", (SUM, SUM)),
    np.logical_and: (SUM, r"$0 \land $1", (SUM, PRODUCT)),
    np.logical_or: (SUM, r"$0 \lor $1", (PRODUCT, PRODUCT)),
    np.logical_xor: (SUM, r"$0 \oplus $1", (PRODUCT, PRODUCT)),
    np.logical_not: (POWER, r"\lnot $0", (POWER,)),
}
TEXT_FORMS: Mapping[Row, Form] = {TABLE[f]: form for f, form in (BOTH_ROWS | TEXT_ROWS).items()}
LATEX_FORMS: Mapping[Row, Form] = {TABLE[f]: form for f, form in (BOTH_ROWS | LATEX_ROWS).items()}
PRODUCT_ROW = TABLE[np.multiply]
GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda"),
    *("mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega"),
)


def text(value: Any) -> Parts:
    """Write a term or constant as plain text, close to Python."""
    if not isinstance(value, Term):
        written = number(value)
        return (SIGN if written.startswith("-") else ATOM), [written]
    if value.row is None:
        return ATOM, [value.name]
    value = _without_plus_minus(value)
    if value.row is PRODUCT_ROW:
        return _parts(value, _product(value, "*"))
    called = value.name.strip("<>") + "($)"
    return _parts(value, TEXT_FORMS.get(value.row) or _called(value, ATOM, called))


def latex(value: Any) -> Parts:
    """Write a term or constant as LaTeX."""
    if not isinstance(value, Term):
        written = re.sub(r"(.*)e\+?(-?)0*(\d+)", r"\1 \\cdot 10^{\2\3}", number(value))
        written = written.replace("inf", r"\infty").replace("nan", r"\text{NaN}")
        return (SIGN if written[0] == "-" else PRODUCT if "cdot" in written else ATOM), [written]
    if value.row is None:
        return ATOM, [latex_name(value.name)]
    value = _without_plus_minus(value)
    if value.row is PRODUCT_ROW:
        dot = r" \cdot " if _begins_with_digit(value.operands[1]) else " "
        return _parts(value, _product(value, dot))
    name = value.name.strip("<>").replace("_", r"\_")
    called = rf"\operatorname{{{name}}}\left($\right)"
    return _parts(value, LATEX_FORMS.get(value.row) or _called(value, POWER, called))


def _without_plus_minus(term: Term) -> Term:
    """Return u - 2 for u + (-2), and u - 2·v for u + (-2)·v: nobody writes a plus there."""
    if term.row is TABLE[np.add]:
        left, right = term.operands
        if _is_negative(right):
            return Term(TABLE[np.subtract], (left, -right))
        if isinstance(right, Term) and right.row is PRODUCT_ROW and _is_negative(right.operands[0]):
            c, rest = right.operands
            return Term(TABLE[np.subtract], (left, Term(PRODUCT_ROW, (-c, rest))))
    return term


def _is_negative(value: Any) -> bool:
    return type(value) is float and value < 0


def _product(term: Term, sign: str) -> Form:
    """Brackets in a product show the order; after a number, as in 2·(x·y), nobody writes them."""
    first = term.operands[0]
    if isinstance(first, Term):
        return PRODUCT, f"$0{sign}$1", (PRODUCT, POWER)
    return (SIGN if _is_negative(first) else PRODUCT), f"$0{sign}$1", (SIGN, PRODUCT)


def _called(term: Term, precedence: int, template: str) -> Form:
    """The form of a function called by its name."""
    arguments = [f"${k}" for k in range(len(term.operands))]
    arguments += [f"{name}={value}" for name, value in term.options.items()]
    return precedence, template.replace("$", ", ".join(arguments)), (LOGIC,) * len(term.operands)


def _parts(term: Term, form: Form) -> Parts:
    precedence, template, least = form
    parts: list[Any] = re.split(r"\$(\d)", template)
    for k in range(1, len(parts), 2):
        operand = int(parts[k])
        parts[k] = term.operands[operand], least[operand]
    return precedence, parts


def number(value: Any) -> str:
    """Write a constant; a whole number without a decimal point.

    >>> number(2.0), number(0.1), number(-0.0)
    ('2', '0.1', '-0.0')
    """
    whole = type(value) is float and value.is_integer() and abs(value) < 1e16
    return str(int(value)) if whole and str(value) != "-0.0" else str(value)


def latex_name(name: str) -> str:
    """Write the name of a symbol as LaTeX.

    >>> latex_name("x1"), latex_name("theta_0"), latex_name("speed")
    ('x_{1}', '\\\\theta_{0}', '\\\\mathrm{speed}')
    """
    match = re.fullmatch(r"(.*?[^_\d])_?(\d*)", name)
    letters, digits = match.groups() if match else (name, "")
    if letters in GREEK:
        letters = "\\" + letters
    elif len(letters) > 1:
        letters = rf"\mathrm{{{letters}}}".replace("_", r"\_")
    return f"{letters}_{{{digits}}}" if digits else letters


def _begins_with_digit(operand: Any) -> bool:
    leading = (PRODUCT_ROW, TABLE[np.power], TABLE[np.square])
    while isinstance(operand, Term) and operand.row in leading:
        operand = operand.operands[0]
    return not isinstance(operand, Term) or operand.row is TABLE[np.exp2]


def write(output: Any, style: Style, brackets: tuple[str, str] = ("(", ")")) -> str:
    """Write out a formula, whatever its length."""
    written: list[str] = []
    waiting: list[Any] = [(output, LOGIC)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            written.append(item)
            continue
        precedence, parts = style(item[0])
        if precedence < item[1]:
            parts = [brackets[0], *parts, brackets[1]]
        waiting.extend(reversed(parts))
    return "".join(written)


def length(output: Any) -> int:
    """How many characters the formula has as text, without writing it.

    >>> length(Term(TABLE[np.sin], (Term(None, name="x"),)))
    6
    """
    known: dict[int, tuple[int, int]] = {}

    def measure(value: Any) -> tuple[int, int]:
        precedence, parts = text(value)
        total = 0
        for part in parts:
            if isinstance(part, str):
                total += len(part)
                continue
            inner, size = known.get(id(part[0])) or measure(part[0])
            total += size + 2 * (inner < part[1])
        return precedence, total

    for term in in_order([output]):
        known[id(term)] = measure(term)
    return measure(output)[1]


def listing(output: Any, style: Style = text) -> list[tuple[str, str]]:
    """Write out one named step for each operation: (name, formula)."""
    terms = in_order([output])
    inputs = {term.name for term in terms if term.row is None}
    letter = next(c for c in "vwtsabcd" if not any(re.fullmatch(rf"{c}_?\d+", n) for n in inputs))
    steps: list[tuple[str, str]] = []
    names: dict[int, Term] = {}
    for term in terms:
        if term.row is None:
            names[id(term)] = term
            continue
        operands = [names[id(o)] if isinstance(o, Term) else o for o in term.operands]
        step = Term(None, name=f"{letter}{len(steps) + 1}")
        names[id(term)] = step
        brackets = (r"\left(", r"\right)") if style is latex else ("(", ")")
        formula = write(Term(term.row, operands, term.options), style, brackets)
        steps.append((write(step, style), formula))
    return steps


def text_of(output: Any, most: int) -> str:
    """Write a formula as text; of one that is too long, only say how long it is."""
    size = length(output)
    return write(output, text) if size <= most else f"a formula of {size:,} characters"
