"""The bridge to SymPy, which does the real algebra: there by a name for each row, and back again.

Back, SymPy's tree is run as a NumPy program on symbols: what arrives is an expression like any
other. Neither way recurses, but SymPy itself does; what is too deep for it is refused.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tinyad.errors import ArgumentError, SymbolError
from tinyad.interpretation import Box
from tinyad.rewrite.terms import Term, in_order
from tinyad.rules.attached import Attached
from tinyad.rules.primitives import sech_squared, stop

FINEST = 1024  # a float with at most this denominator becomes a fraction, others a Float

CALCULUS = ("Derivative", "Subs", "Integral", "Limit")
RESERVED = ("rint", "stop_gradient")  # functions that SymPy lacks

# How SymPy writes a row on x and y (and z). These are names and identities, not calculus.
THERE_ROWS: dict[Any, str] = {
    np.add: "x + y", np.subtract: "x - y", np.multiply: "x*y", np.divide: "x/y",
    np.power: "x**y", np.negative: "-x", np.positive: "x", np.reciprocal: "1/x",
    np.square: "x**2", np.sqrt: "sqrt(x)", np.cbrt: "sign(x)*Abs(x)**Rational(1, 3)",
    np.exp: "exp(x)", np.exp2: "2**x", np.expm1: "exp(x) - 1",
    np.log: "log(x)", np.log2: "log(x)/log(2)", np.log10: "log(x)/log(10)", np.log1p: "log(1 + x)",
    np.logaddexp: "log(exp(x) + exp(y))", np.logaddexp2: "log(2**x + 2**y)/log(2)",
    np.sin: "sin(x)", np.cos: "cos(x)", np.tan: "tan(x)",
    np.arcsin: "asin(x)", np.arccos: "acos(x)", np.arctan: "atan(x)", np.arctan2: "atan2(x, y)",
    np.sinh: "sinh(x)", np.cosh: "cosh(x)", np.tanh: "tanh(x)",
    np.arcsinh: "asinh(x)", np.arccosh: "acosh(x)", np.arctanh: "atanh(x)",
    sech_squared: "1/cosh(x)**2", np.sinc: "sinc(pi*x)",
    np.deg2rad: "x*pi/180", np.radians: "x*pi/180", np.rad2deg: "x*180/pi", np.degrees: "x*180/pi",
    np.ldexp: "x*2**y", np.hypot: "sqrt(x**2 + y**2)",
    np.absolute: "Abs(x)", np.fabs: "Abs(x)", np.sign: "sign(x)",
    np.maximum: "Max(x, y)", np.fmax: "Max(x, y)", np.minimum: "Min(x, y)", np.fmin: "Min(x, y)",
    np.remainder: "Mod(x, y)", np.fmod: "sign(x)*Mod(Abs(x), Abs(y))",
    np.floor: "floor(x)", np.ceil: "ceiling(x)", np.floor_divide: "floor(x/y)",
    np.trunc: "sign(x)*floor(Abs(x))", np.fix: "sign(x)*floor(Abs(x))",
    np.rint: "Function('rint')(x)", stop: "Function('stop_gradient')(x)",
    np.equal: "Eq(x, y)", np.not_equal: "Ne(x, y)", np.less: "Lt(x, y)", np.less_equal: "Le(x, y)",
    np.greater: "Gt(x, y)", np.greater_equal: "Ge(x, y)", np.signbit: "Lt(x, 0)",
    np.logical_and: "And(x, y)", np.logical_or: "Or(x, y)", np.logical_xor: "Xor(x, y)",
    np.logical_not: "Not(x)", np.where: "Piecewise((y, x), (z, True))",
}  # fmt: skip

# What SymPy's functions mean in NumPy.
BACK_ROWS: dict[str, Callable[..., Any]] = {
    "Pow": lambda x, y: power(x, y), "exp": np.exp, "log": np.log,
    "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "sec": lambda x: 1.0 / np.cos(x), "csc": lambda x: 1.0 / np.sin(x),
    "cot": lambda x: 1.0 / np.tan(x),
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2,
    "asec": lambda x: np.arccos(1.0 / x), "acsc": lambda x: np.arcsin(1.0 / x),
    "acot": lambda x: np.arctan(1.0 / x),
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "sech": lambda x: 1.0 / np.cosh(x), "csch": lambda x: 1.0 / np.sinh(x),
    "coth": lambda x: 1.0 / np.tanh(x),
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "sinc": lambda x: np.sinc(x / np.pi),
    "Abs": np.absolute, "sign": np.sign, "Mod": np.remainder,
    "Heaviside": lambda x, y=0.5: np.where(x > 0, 1.0, np.where(x < 0, 0.0, y)),
    "floor": np.floor, "ceiling": np.ceil, "frac": lambda x: x - np.floor(x),
    "rint": np.rint, "stop_gradient": stop,
    "Equality": np.equal, "Unequality": np.not_equal,
    "StrictLessThan": np.less, "LessThan": np.less_equal,
    "StrictGreaterThan": np.greater, "GreaterThan": np.greater_equal,
    "Not": np.logical_not, "BooleanTrue": lambda: True, "BooleanFalse": lambda: False,
    "ITE": lambda c, x, y: (c & x) | (np.logical_not(c) & y),
    "ExprCondPair": lambda x, c: (x, c), "Piecewise": lambda *pairs: piecewise(pairs),
}  # fmt: skip
FOLDED_ROWS: dict[str, Callable[..., Any]] = {
    "Max": np.maximum, "Min": np.minimum,
    "And": np.logical_and, "Or": np.logical_or, "Xor": np.logical_xor,
}  # fmt: skip


def to_sympy(output: Any, real: bool = False) -> Any:
    """Build SymPy's form of a term; its symbols are assumed to be real if so asked."""
    import sympy

    results: dict[int, Any] = {}
    names = {id(function): name for name, function in attached(output).items()}

    def converted(operand: Any) -> Any:
        return results[id(operand)] if isinstance(operand, Term) else _exact(operand)

    for term in in_order([output]):
        parts = [converted(o) for o in term.operands]
        if term.row is None:
            results[id(term)] = sympy.Symbol(term.name, real=True if real else None)
        elif isinstance(term.row, Attached):
            results[id(term)] = sympy.Function(names[id(term.row.function)])(*parts)
        elif term.row.function in THERE_ROWS and not term.options:
            formula = THERE_ROWS[term.row.function]
            results[id(term)] = eval(formula, vars(sympy), dict(zip("xyz", parts, strict=False)))
        else:
            raise SymbolError(
                f"SymPy has no counterpart of np.{term.name}.",
                "Work with the expression itself: it has .diff, .evaluate and .latex of its own.",
            )
    return converted(output)


def _exact(value: Any) -> Any:
    """Return a constant as SymPy's number: a fraction where that is simple, else a float."""
    import sympy

    if isinstance(value, Box):
        raise SymbolError(
            "A traced value of an enclosing pass is in the expression; SymPy cannot hold it.",
            "Pass it as a symbol of its own.",
        )
    if isinstance(value, bool):
        return sympy.true if value else sympy.false
    if not math.isfinite(value):
        return sympy.nan if math.isnan(value) else sympy.oo * (1 if value > 0 else -1)
    top, bottom = float(value).as_integer_ratio()
    return sympy.Rational(top, bottom) if bottom <= FINEST else sympy.Float(value)


def run_sympy(formula: Any, values: Mapping[str, Any], functions: Mapping[str, Any]) -> Any:
    """Run a SymPy formula as a NumPy program on values, which may be boxes.

    `functions` are those that SymPy knows by name only.
    """
    results: dict[int, Any] = {}
    negated: dict[int, Any] = {}  # where a product is negative, its magnitude
    for node in _in_order(formula):
        if node.is_Symbol:
            if node.name not in values:
                raise ArgumentError(
                    f"The formula has a symbol {node.name}, which is not among the names "
                    f"({', '.join(values)}).",
                    "Name all its symbols.",
                )
            result = values[node.name]
        elif node.is_Number or node.is_NumberSymbol:
            result = float(node)
            if result < 0.0:
                negated[id(node)] = -result
        elif node.is_Add:
            result = _sum([(results[id(a)], negated.get(id(a))) for a in _ordered(node)])
        elif node.is_Mul:
            result, magnitude = _product(node, results)
            if magnitude is not None:
                negated[id(node)] = magnitude
        else:
            result = _applied(node, [results.get(id(a)) for a in node.args], functions)
        results[id(node)] = result
    return results[id(formula)]


def _in_order(formula: Any) -> Iterator[Any]:
    """Yield all parts of a SymPy formula, arguments first, each once."""
    done: set[int] = set()
    waiting = [(formula, False)]
    while waiting:
        node, expanded = waiting.pop()
        if id(node) in done:
            continue
        if expanded:
            done.add(id(node))
            yield node
        else:
            waiting.append((node, True))
            if type(node).__name__ not in CALCULUS:
                waiting.extend((a, False) for a in reversed(node.args))


def _ordered(node: Any) -> list[Any]:
    """The arguments of a sum or product in the order in which SymPy prints them."""
    ordered = node.as_ordered_terms() if node.is_Add else node.as_ordered_factors()
    numbers = [a for a in node.args if a.is_Number]
    others = [a for a in ordered if not a.is_Number]
    found = [*others, *numbers] if node.is_Add else [*numbers, *others]
    return found if {*map(id, found)} == {*map(id, node.args)} else list(node.args)


def _sum(terms: Sequence[tuple[Any, Any]]) -> Any:
    """Add up (value, magnitude): a term that has a magnitude is subtracted."""
    total = terms[0][0]
    for value, magnitude in terms[1:]:
        total = np.add(total, value) if magnitude is None else np.subtract(total, magnitude)
    return total


def _product(node: Any, results: Mapping[int, Any]) -> tuple[Any, Any]:
    """Return a product as one fraction, and its magnitude if it has a negative coefficient."""
    above, below = [], []
    negative = False
    for factor in _ordered(node):
        if factor.is_Rational:
            negative ^= bool(factor < 0)
            above += [float(abs(factor.p))] if abs(factor.p) != 1 else []
            below += [float(factor.q)] if factor.q != 1 else []
        elif factor.is_Pow and factor.exp.is_Rational and factor.exp < 0:
            below.append(power(results[id(factor.base)], -float(factor.exp)))
        else:
            above.append(results[id(factor)])
    value = functools.reduce(np.multiply, above) if above else 1.0
    if below:
        value = np.divide(value, functools.reduce(np.multiply, below))
    return (np.negative(value), value) if negative else (value, None)


def power(x: Any, y: Any) -> Any:
    """Return x to the y as a person would write it: squares, roots and fractions by their names."""
    if isinstance(y, float) and y < 0:
        return np.divide(1.0, power(x, -y))
    named = {1.0: np.positive, 2.0: np.square, 0.5: np.sqrt}
    return named[y](x) if isinstance(y, float) and y in named else np.power(x, y)


def piecewise(pairs: Sequence[tuple[Any, Any]]) -> Any:
    """Return the value of the first pair (value, condition) whose condition holds; else NaN."""
    chosen: Any = math.nan
    for value, condition in reversed(pairs):
        chosen = value if condition is True else np.where(condition, value, chosen)
    return chosen


def _applied(node: Any, parts: Sequence[Any], functions: Mapping[str, Any]) -> Any:
    """Run one of SymPy's functions on its arguments; AppliedUndef is one known by name only."""
    name = type(node).__name__
    undefined = "AppliedUndef" in [base.__name__ for base in type(node).__bases__]
    function = functions.get(name) if undefined else None
    if function is None and (not undefined or name in RESERVED):
        function = BACK_ROWS.get(name)
    if function is not None:
        return function(*parts)
    if name in FOLDED_ROWS:
        return functools.reduce(FOLDED_ROWS[name], parts)
    if name in ("ImaginaryUnit", "ComplexInfinity"):
        raise SymbolError(
            f"The formula is not real: it contains {node}.", "Expressions are of real numbers."
        )
    remedy = "Rewrite the formula in SymPy, or leave this step out."
    if undefined:
        remedy = "Pass the function itself: functions=[f], made with ad.with_derivative."
    elif name in CALCULUS:
        remedy = "Differentiate in tinyad, with .diff: it knows the attached derivatives."
    raise SymbolError(f"SymPy's {name} has no counterpart in tinyad.", remedy)


def attached(output: Any) -> dict[str, Any]:
    """Return the functions with attached derivatives in an expression, by a name for each."""
    named: dict[str, Any] = dict.fromkeys(RESERVED)
    for term in in_order([output]):
        if isinstance(term.row, Attached) and term.row.function not in named.values():
            name = stem = term.name if term.name.isidentifier() else "f"
            for k in itertools.count(2):
                if name not in named:
                    break
                name = f"{stem}_{k}"
            named[name] = term.row.function
    return {name: function for name, function in named.items() if function is not None}


def guarded(action: Callable[..., Any], *args: Any) -> Any:
    """Run what hands work to SymPy, which recurses: say so where the formula is too deep."""
    try:
        return action(*args)
    except RecursionError:
        raise SymbolError(
            "The expression is nested too deeply for SymPy.",
            "Stay in tinyad: an Expression's .diff, .evaluate and .size need no recursion.",
        ) from None
