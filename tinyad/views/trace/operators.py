"""How the operations of a trace are written: v₋₁ × v₀, ln v₁, v₀ᵀ @ v₁, sum(v₂, axis=0).

Two styles for the writer of formulas that symbolic mode has; they know arrays and options too.
Operations are looked up as rows, never by name: a learner's own function named `log`, with a
derivative attached, keeps its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.modes.symbolic.formula import ATOM, LOGIC, POWER, PRODUCT, SIGN, SUM, Form, Parts, latex
from tinyad.rewrite.terms import Term
from tinyad.rules import TABLE, Row
from tinyad.rules.composite import euclidean_norm
from tinyad.rules.primitives import index, scatter_add, sech_squared, shape_of, stop
from tinyad.views.trace.notation import Notation, escaped

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
UNICODE_ROWS: dict[Any, Form] = {
    np.add: (SUM, "$0 + $1", (SUM, PRODUCT)),
    np.subtract: (SUM, "$0 − $1", (SUM, PRODUCT)),
    np.multiply: (PRODUCT, "$0 × $1", (SIGN, PRODUCT)),
    np.divide: (PRODUCT, "$0 / $1", (PRODUCT, POWER)),
    np.matmul: (PRODUCT, "$0 @ $1", (PRODUCT, POWER)),
    np.floor_divide: (PRODUCT, "$0 // $1", (PRODUCT, POWER)),
    np.remainder: (PRODUCT, "$0 mod $1", (PRODUCT, POWER)),
    np.reciprocal: (PRODUCT, "1 / $0", (POWER,)),
    np.negative: (SIGN, "−$0", (PRODUCT,)),
    np.square: (POWER, "$0²", (ATOM,)),
    np.power: (POWER, "$0^$1", (ATOM, ATOM)),
    np.sqrt: (ATOM, "√$0", (ATOM,)),
    np.absolute: (ATOM, "|$0|", (LOGIC,)),
    np.equal: (LOGIC, "$0 == $1", (SUM, SUM)),
    np.not_equal: (LOGIC, "$0 ≠ $1", (SUM, SUM)),
    np.less: (LOGIC, "$0 < $1", (SUM, SUM)),
    np.less_equal: (LOGIC, "$0 ≤ $1", (SUM, SUM)),
    np.greater: (LOGIC, "$0 > $1", (SUM, SUM)),
    np.greater_equal: (LOGIC, "$0 ≥ $1", (SUM, SUM)),
    np.logical_and: (LOGIC, "$0 and $1", (SUM, SUM)),
    np.logical_or: (LOGIC, "$0 or $1", (SUM, SUM)),
    np.logical_not: (LOGIC, "not $0", (SUM,)),
}
LATEX_ROWS: dict[Any, Form] = {
    np.multiply: (PRODUCT, r"$0 \times $1", (SIGN, PRODUCT)),
    np.matmul: (PRODUCT, r"$0 \, $1", (PRODUCT, POWER)),
}
NAME_ROWS: dict[Any, str] = {
    np.log: "ln",
    sech_squared: "sech²",
    euclidean_norm: "norm",
    stop: "stop_gradient",
    scatter_add: "scatter",
}
UNICODE_FORMS = {TABLE[f]: form for f, form in UNICODE_ROWS.items()}
LATEX_FORMS = {TABLE[f]: form for f, form in LATEX_ROWS.items()}
NAMES = {TABLE[f]: name for f, name in NAME_ROWS.items()}
# A single name stands after these without brackets: ln v₁.
BARE = [TABLE[f] for f in (np.log, np.exp, np.sin, np.cos, np.tan, sech_squared)]
BARE += [TABLE[f] for f in (np.sinh, np.cosh, np.tanh, np.arcsin, np.arccos, np.arctan)]
FACTORED = [TABLE[f] for f in (np.multiply, np.divide)]


def style(notation: Notation) -> Callable[[Any], Parts]:
    """Return the style of writing terms and constants in this notation."""

    def written(value: Any) -> Parts:
        if not isinstance(value, Term):
            text = notation.constant(value)
            return (SIGN if text.startswith(("−", "-")) else ATOM), [text]
        if value.row is None:
            return ATOM, [value.name]
        if value.row in SPECIAL and (parts := SPECIAL[value.row](value, notation)):
            return parts
        if notation.tex:
            if value.row in LATEX_FORMS:
                return _filled(value, LATEX_FORMS[value.row])
            return latex(value) if not value.options else _called(value, notation)
        if value.row in UNICODE_FORMS:
            return _filled(value, UNICODE_FORMS[value.row])
        if value.row in BARE and _is_name(value.operands[0]):
            return PRODUCT, [f"{NAMES.get(value.row, value.name)} ", (value.operands[0], ATOM)]
        return _called(value, notation)

    return written


def _is_name(operand: Any) -> bool:
    return isinstance(operand, Term) and operand.row is None


def _filled(term: Term, form: Form) -> Parts:
    """Put the operands into a template."""
    precedence, template, least = form
    parts: list[Any] = re.split(r"\$(\d)", template)
    for k in range(1, len(parts), 2):
        operand = term.operands[int(parts[k])]
        parts[k] = operand, least[int(parts[k])]
    first = term.operands[0]
    if term.row in FACTORED and isinstance(first, Term) and first.row in BARE:
        parts[0:2] = ["(", (first, LOGIC), ")"]  # (cos v₀) × v₁ is not cos(v₀ × v₁)
    return precedence, parts


def _called(
    term: Term, notation: Notation, before: Sequence[str] = (), options: Sequence[str] | None = None
) -> Parts:
    """Write a function with its operands, and the options that say something."""
    assert term.row is not None
    name = NAMES.get(term.row, term.name)
    parts: list[Any] = [rf"\operatorname{{{escaped(name)}}}(" if notation.tex else f"{name}("]
    words = [notation.words(w) for w in (_options(term) if options is None else options)]
    for argument in (*map(notation.words, before), *term.operands, *words):
        parts += [argument if isinstance(argument, str) else (argument, LOGIC), ", "]
    return ATOM, [*parts[:-1], ")"]


def _power(term: Term, notation: Notation) -> Parts | None:
    exponent = term.operands[1]
    if notation.tex or type(exponent) not in (float, int) or exponent % 1:
        return None
    return POWER, [(term.operands[0], ATOM), str(int(exponent)).translate(SUPERSCRIPTS)]


def _index(term: Term, notation: Notation) -> Parts:
    return ATOM, [(term.operands[0], ATOM), notation.words(_key(term.options["key"]))]


def _transpose(term: Term, notation: Notation) -> Parts | None:
    axes = list(term.options["axes"])
    if axes != list(range(len(axes)))[::-1]:
        return None
    return POWER, [(term.operands[0], ATOM), r"^{\mathsf{T}}" if notation.tex else "ᵀ"]


def _concatenate(term: Term, notation: Notation) -> Parts:
    axis = term.options["axis"]
    precedence, parts = _called(term, notation, options=[f"axis={axis}"] if axis else [])
    parts.insert(1, "[")
    parts.insert(len(parts) - (3 if axis else 1), "]")
    return precedence, parts


def _einsum(term: Term, notation: Notation) -> Parts:
    subscripts = f"'{','.join(term.options['terms'])}->{term.options['output']}'"
    return _called(term, notation, before=[subscripts], options=[])


Special = Callable[[Term, Notation], Parts | None]
SPECIAL: dict[Row, Special] = {
    TABLE[np.power]: _power,
    TABLE[index]: _index,
    TABLE[np.transpose]: _transpose,
    TABLE[np.concatenate]: _concatenate,
    TABLE[np.einsum]: _einsum,
}


def _options(term: Term) -> list[str]:
    """The options that say something, as one would type them."""
    ndim = len(shape_of(_value(term.operands[0]))) if term.operands else 0
    words = []
    for name, value in term.options.items():
        if isinstance(value, tuple) and name != "key":
            value = tuple(int(k) if isinstance(k, np.integer) else k for k in value)
        if name == "axis":
            axes = value if isinstance(value, tuple) else (value,)
            if len(axes) < ndim:
                words.append(f"axis={axes[0] if len(axes) == 1 else axes}")
        elif name == "key":
            words.append(_key(value))
        elif name == "shape":
            words.append(str(value))
        elif value is not None and value is not False:
            words.append(f"{name}={value}")
    return words


def _value(operand: Any) -> Any:
    return operand.example if isinstance(operand, Term) else operand


def _key(key: Any) -> str:
    keys = key if isinstance(key, tuple) else (key,)
    return f"[{', '.join(map(_subscript, keys))}]"


def _subscript(key: Any) -> str:
    if isinstance(key, slice):
        ends = ["" if k is None else str(k) for k in (key.start, key.stop)]
        return ":".join(ends) + ("" if key.step is None else f":{key.step}")
    if isinstance(key, np.ndarray) and key.ndim:
        return "mask" if key.dtype == bool else str(key.tolist()) if key.size <= 4 else "positions"
    return "..." if key is Ellipsis else str(key)
