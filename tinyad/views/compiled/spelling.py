"""How each operation is written: with operators, `math` for single floats, NumPy for the rest.

Every text comes with how tightly it binds, so that brackets stand only where Python needs them.
The order of the operations is kept to the bracket: floating-point sums depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinyad.rewrite import Term
from tinyad.rules import TABLE
from tinyad.rules.algebra import logabsdet, sign_of_det
from tinyad.rules.composite import euclidean_norm
from tinyad.rules.joint import concatenate, einsum
from tinyad.rules.primitives import cast, index, shape_of
from tinyad.rules.rows import Options
from tinyad.views.compiled.lowering import seen

CHOICE, NOT, COMPARE, OR, XOR, AND, SUM, PRODUCT, SIGN, POWER, ATOM = range(11)


class Text(NamedTuple):
    """A piece of source and how tightly it binds."""

    text: str
    binding: int = ATOM

    def within(self, binding: int) -> str:
        """This piece where something that binds as tightly as `binding` is wanted."""
        return self.text if self.binding >= binding else f"({self.text})"


Constant = Callable[[Any], Text]  # gives a constant that has no short literal a name
Spelling = Callable[[Term, Sequence[Text], Constant], Text]
OnNumbers = Callable[..., Text]  # called with the term and a text for each operand

OPERATORS: dict[Any, tuple[str, int]] = {
    np.add: ("+", SUM), np.subtract: ("-", SUM), np.multiply: ("*", PRODUCT),
    np.divide: ("/", PRODUCT), np.matmul: ("@", PRODUCT),
    np.equal: ("==", COMPARE), np.not_equal: ("!=", COMPARE), np.less: ("<", COMPARE),
    np.less_equal: ("<=", COMPARE), np.greater: (">", COMPARE), np.greater_equal: (">=", COMPARE),
    np.bitwise_and: ("&", AND), np.bitwise_or: ("|", OR), np.bitwise_xor: ("^", XOR),
}  # fmt: skip
MATH: dict[Any, str] = {
    np.sin: "sin", np.cos: "cos", np.tan: "tan", np.sinh: "sinh", np.cosh: "cosh",
    np.tanh: "tanh", np.exp: "exp", np.log: "log", np.sqrt: "sqrt", np.hypot: "hypot",
    np.arcsin: "asin", np.arccos: "acos", np.arctan: "atan", np.arctan2: "atan2",
    np.arcsinh: "asinh", np.arccosh: "acosh", np.arctanh: "atanh", np.expm1: "expm1",
    np.log1p: "log1p", np.log2: "log2", np.log10: "log10", np.exp2: "exp2", np.cbrt: "cbrt",
    np.fabs: "fabs", np.fmod: "fmod", np.isnan: "isnan", np.isinf: "isinf", np.isfinite: "isfinite",
}  # fmt: skip
# Their text names an operand more than once, so that operand gets a name.
REPEATING = (np.square, np.maximum, np.minimum)
METHODS = (
    np.sum, np.mean, np.max, np.min, np.amax, np.amin, np.prod, np.var, np.std, np.cumsum,
    np.cumprod,
)  # fmt: skip
NUMBER = {float, int}


def spell(term: Term, parts: Sequence[Text], constant: Constant) -> Text:
    """Write one operation, given its operands; a number comes out as a Python float."""
    function = _public(term.row)
    values = [seen(o) for o in term.operands]
    writer = ON_NUMBERS.get(function)
    if writer is not None and {type(v) for v in values} <= NUMBER:
        return writer(term, *parts)
    if function is np.where and type(term.example) is float and _truth(values[0]):
        condition, x, y = parts
        return Text(f"{x.within(NOT)} if {condition.within(NOT)} else {y.within(NOT)}", CHOICE)
    if function is np.invert and _truth(values[0]):
        return Text(f"not {parts[0].within(NOT)}", NOT)
    text = _on_arrays(function, term, parts, values, constant)
    return Text(f"float({text.text})") if type(term.example) is float else text


def _public(row: Any) -> Any:
    """NumPy's own function, where a row runs one of its own."""
    return PUBLIC.get(row.function, row.function)


PUBLIC = {np.add.reduce: np.sum, concatenate: np.concatenate, einsum: np.einsum}


def _truth(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def operator(sign: str, binding: int, x: Text, y: Text) -> Text:
    """Write x (sign) y; comparisons do not chain."""
    left = x.within(binding + 1 if binding == COMPARE else binding)
    if binding == SUM and y.text.startswith("-") and y.binding in (PRODUCT, SIGN):
        sign, y = "-" if sign == "+" else "+", Text(y.text[1:], PRODUCT)  # a + -b is a - b
    return Text(f"{left} {sign} {y.within(binding + 1)}", binding)


def _power(term: Term, x: Text) -> Text | None:
    """Write a power whose exponent is a small count; another one may leave the real numbers."""
    exponent = term.operands[1]
    if type(exponent) in NUMBER and exponent in range(17):
        return Text(f"{x.within(POWER + 1)}**{int(exponent)}", POWER)
    return None


def _extreme(term: Term, x: Text, y: Text) -> Text:
    """Write the larger or smaller of two numbers, NaN if one of them is NaN."""
    larger, other = term.row is TABLE[np.maximum], term.operands[1]
    a, b = x.text, y.text
    if not isinstance(other, Term) and other == other:
        return Text(f"{b} if {a} {'<' if larger else '>'} {b} else {a}", CHOICE)
    return Text(f"{a} if {a} {'>=' if larger else '<='} {b} or {a} != {a} else {b}", CHOICE)


def _signed(sign: str, binding: int) -> OnNumbers:
    return lambda term, x, y: operator(sign, binding, x, y)


def _called(name: str) -> OnNumbers:
    return lambda term, *parts: Text(f"{name}({', '.join([p.text for p in parts])})")


BITS = (np.bitwise_and, np.bitwise_or, np.bitwise_xor)
# How Python itself writes an operation on its own numbers.
ON_NUMBERS: dict[Any, OnNumbers] = {
    **{f: _signed(*sign) for f, sign in OPERATORS.items() if f not in (np.matmul, *BITS)},
    **{f: _called(f"math.{name}") for f, name in MATH.items()},
    np.absolute: _called("abs"),
    np.negative: lambda term, x: Text(f"-{x.within(SIGN)}", SIGN),
    np.square: lambda term, x: Text(f"{x.text} * {x.text}", PRODUCT),
    np.reciprocal: lambda term, x: Text(f"1.0 / {x.within(PRODUCT + 1)}", PRODUCT),
    np.power: lambda term, x, y: _power(term, x) or Text(f"math.pow({x.text}, {y.text})"),
    np.remainder: lambda term, x, y: Text(f"({x.within(PRODUCT)} % {y.within(PRODUCT + 1)})"),
    np.maximum: _extreme,
    np.minimum: _extreme,
}


def _on_arrays(
    function: Any, term: Term, parts: Sequence[Text], values: Sequence[Any], constant: Constant
) -> Text:
    """Write an operation in NumPy, arrays or not."""
    x = parts[0]
    if function in OPERATORS and (function in BITS or not all(map(_truth, values))):
        return operator(*OPERATORS[function], *parts)
    if function is np.negative:
        return Text(f"-{x.within(SIGN)}", SIGN)
    if function is np.invert:
        return Text(f"~{x.within(SIGN)}", SIGN)
    if function is np.square:
        return Text(f"{x.text} * {x.text}", PRODUCT)
    if function is np.power and isinstance(values[0], np.ndarray) and (p := _power(term, x)):
        return p
    if function in METHODS and isinstance(values[0], np.ndarray):
        name = {"amax": "max", "amin": "min"}.get(function.__name__, function.__name__)
        return Text(f"{x.within(ATOM)}.{name}({_reduction(term.options, values[0].ndim)})")
    if function in SPELLINGS:
        return SPELLINGS[function](term, parts, constant)
    options = [f"{name}={constant(value).text}" for name, value in term.options.items()]
    arguments = ", ".join([*(p.text for p in parts), *options])
    return Text(f"{_name(term, function, constant)}({arguments})")


def _name(term: Term, function: Any, constant: Constant) -> str:
    """What to call a function by: under np, under np.linalg, or by a name of its own."""
    name = getattr(function, "__name__", "")
    for prefix, module in (("np.", np), ("np.linalg.", np.linalg)):
        if getattr(module, name, None) is function:
            return prefix + name
    return constant(getattr(term.row, "original", function)).text


def _reduction(options: Options, ndim: int) -> str:
    """Write the options of a reduction, as few as say it."""
    texts = []
    axis = options.get("axis")
    if isinstance(axis, tuple):
        axis = None if len(axis) == ndim else axis[0] if len(axis) == 1 else axis
    if axis is not None:
        texts.append(f"axis={axis}")
    texts += [f"{k}={v!r}" for k, v in options.items() if k != "axis" and v]
    return ", ".join(texts)


def _index(term: Term, parts: Sequence[Text], constant: Constant) -> Text:
    x = parts[0] if shape_of(seen(term.operands[0])) else Text(f"np.asarray({parts[0].text})")
    return Text(f"{x.within(ATOM)}[{key_text(term.options['key'], constant)}]")


def key_text(key: Any, constant: Constant) -> str:
    """Write an index key."""
    if isinstance(key, tuple):
        inner = ", ".join(key_text(k, constant) for k in key)
        return inner + "," if len(key) == 1 else inner or "()"
    if isinstance(key, slice):
        ends = ["" if k is None else str(k) for k in (key.start, key.stop, key.step)]
        return ":".join(ends if ends[2] else ends[:2])
    if key is Ellipsis:
        return "..."
    return constant(key).text


def _reshape(term: Term, parts: Sequence[Text], constant: Constant) -> Text:
    """Write a reshape; as an index with None where it only adds axes of length 1."""
    x, before, after = parts[0], shape_of(seen(term.operands[0])), term.options["shape"]
    if not before:
        return Text(f"np.full({after}, {x.text})")
    if tuple(n for n in after if n != 1) == before and 1 not in before:
        key = ", ".join("None" if n == 1 else ":" for n in after)
        return Text(f"{x.within(ATOM)}[{key}]")
    if len(after) == 1:
        return Text(f"{x.within(ATOM)}.ravel()")
    return Text(f"{x.within(ATOM)}.reshape({after if not after else str(after)[1:-1]})")


def _transpose(term: Term, parts: Sequence[Text], constant: Constant) -> Text:
    axes, x = tuple(map(int, term.options["axes"])), parts[0].within(ATOM)
    return Text(f"{x}.T" if axes == tuple(range(len(axes)))[::-1] else f"{x}.transpose{axes}")


def _concatenate(term: Term, parts: Sequence[Text], constant: Constant) -> Text:
    """Write a join of arrays; of single numbers, the array of them."""
    if all(_one_number(o) for o in term.operands):
        return Text(f"np.array([{', '.join(p.text for p in parts)}])")
    axis = f", axis={term.options['axis']}" if term.options["axis"] else ""
    return Text(f"np.concatenate([{', '.join(p.text for p in parts)}]{axis})")


def _one_number(operand: Any) -> bool:
    """Is this a number, which lowering put where an array of one number was?"""
    return type(seen(operand)) is float


def _norm(term: Term, parts: Sequence[Text], constant: Constant) -> Text:
    axis, x = term.options["axis"], parts[0]
    if len(axis) > 2:
        options = _reduction(term.options, len(shape_of(seen(term.operands[0]))))
        return Text(f"np.sqrt(np.square({x.text}).sum({options}))")
    keep = ", keepdims=True" if term.options["keepdims"] else ""
    return Text(f"np.linalg.norm({x.text}, axis={axis if len(axis) > 1 else axis[0]}{keep})")


def _einsum(term: Term, parts: Sequence[Text], constant: Constant) -> Text:
    script = ",".join(term.options["terms"]) + "->" + term.options["output"]
    optimize = ", optimize=True" if len(parts) > 2 else ""
    return Text(f'np.einsum("{script}", {", ".join(p.text for p in parts)}{optimize})')


def _cast(term: Term, parts: Sequence[Text], constant: Constant) -> Text:
    kind = constant(term.options["dtype"]).text
    if shape_of(term.example):
        return Text(f"{parts[0].within(ATOM)}.astype({kind})")
    return Text(f"{kind}({parts[0].text})")


SPELLINGS: dict[Any, Spelling] = {
    index: _index,
    np.reshape: _reshape,
    np.transpose: _transpose,
    np.broadcast_to: lambda t, p, c: Text(f"np.broadcast_to({p[0].text}, {t.options['shape']})"),
    np.concatenate: _concatenate,
    np.einsum: _einsum,
    cast: _cast,
    euclidean_norm: _norm,
    logabsdet: lambda t, p, c: Text(f"np.linalg.slogdet({p[0].text})[1]"),
    sign_of_det: lambda t, p, c: Text(f"np.linalg.slogdet({p[0].text})[0]"),
}
