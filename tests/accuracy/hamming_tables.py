"""NumPy's functions for exact numbers, and textbook partials, as the cases need them.

`EXACT` runs on mpmath's numbers and on object arrays of them, under IEEE's rules for division by
zero. `PULL` is the backward pass: the same formula in float64 and, to check it, in mpmath.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

NAN = mpf("nan")


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """Entry by entry, real: NaN where there is no real value."""

    def one(*numbers: Any) -> Any:
        if any(isinstance(n, mpf) and mpmath.isnan(n) for n in numbers):
            return NAN
        try:
            answer = function(*numbers)
        except (ZeroDivisionError, ValueError):
            return NAN
        return NAN if isinstance(answer, mpmath.mpc) else mpf(answer)

    def every(*operands: Any, **_: Any) -> Any:
        return np.frompyfunc(one, len(operands), 1)(*operands)

    return every


def _divide(x: Any, y: Any) -> Any:
    if y == 0:
        return NAN if x == 0 else mp.sign(x) * mp.inf
    return x / y


def _multiply(x: Any, y: Any) -> Any:
    if (x == 0 and mpmath.isinf(y)) or (y == 0 and mpmath.isinf(x)):
        return NAN
    return x * y


def _tanh(x: Any) -> Any:
    return mp.tanh(x)


def _where(mask: Any, x: Any, y: Any) -> Any:
    found = np.where(mask, np.asarray(x, dtype=object), np.asarray(y, dtype=object))
    return found[()]


def _mean(a: Any, axis: Any = None) -> Any:
    return np.sum(a, axis=axis) / mpf(np.size(a) if axis is None else np.shape(a)[axis])


def _var(a: Any) -> Any:
    return _mean((a - _mean(a)) ** 2)


def _prod(a: Any) -> Any:
    return np.multiply.reduce(np.ravel(a))


EXACT: dict[str, Callable[..., Any]] = {
    "add": _real(lambda x, y: x + y),
    "subtract": _real(lambda x, y: x - y),
    "multiply": _real(_multiply),
    "divide": _real(_divide),
    "power": _real(lambda x, y: mp.power(x, y)),
    "negative": _real(lambda x: -x),
    "difference_of_products": _real(lambda a, b, c, d: a * b - c * d),
    "square": _real(lambda x: x * x),
    "sqrt": _real(mp.sqrt),
    "cbrt": _real(lambda x: mp.sign(x) * mp.cbrt(abs(x))),
    "exp": _real(mp.exp),
    "expm1": _real(mp.expm1),
    "log": _real(mp.log),
    "log1p": _real(mp.log1p),
    "logaddexp": _real(lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y)))),
    "sin": _real(mp.sin),
    "cos": _real(mp.cos),
    "tan": _real(mp.tan),
    "arctan": _real(mp.atan),
    "arccos": _real(mp.acos),
    "arcsin": _real(mp.asin),
    "sinh": _real(mp.sinh),
    "cosh": _real(mp.cosh),
    "tanh": _real(mp.tanh),
    "arcsinh": _real(mp.asinh),
    "hypot": _real(mp.hypot),
    "absolute": _real(abs),
    "abs": _real(abs),
    "arctanh": _real(mp.atanh),
    "arccosh": _real(mp.acosh),
    "arctan2": _real(mp.atan2),
    "reciprocal": _real(lambda x: 1 / x),
    "exp2": _real(lambda x: mpf(2) ** x),
    "positive": _real(lambda x: x),
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "maximum": _real(max),
    "minimum": _real(min),
    "greater": np.greater,
    "less": np.less,
    "greater_equal": np.greater_equal,
    "less_equal": np.less_equal,
    "equal": np.equal,
    "not_equal": np.not_equal,
    "floor": _real(mp.floor),
    "sign": _real(mp.sign),
    "where": _where,
    "sum": lambda a, axis=None: np.sum(a, axis=axis),
    "mean": _mean,
    "var": _var,
    "prod": _prod,
    "dot": np.dot,
    "matmul": np.dot,
    "max": np.max,
    "min": np.min,
    "stack": lambda *parts: np.array(parts, dtype=object),
    "getitem": lambda a, key: a[key],
    "cumsum": np.cumsum,
}

# The partials of entry-by-entry functions: m is NumPy's functions or mpmath's.
PARTIALS: dict[str, tuple[Callable[..., Any], ...]] = {
    "add": (lambda m, ans, x, y: 1.0, lambda m, ans, x, y: 1.0),
    "subtract": (lambda m, ans, x, y: 1.0, lambda m, ans, x, y: -1.0),
    "multiply": (lambda m, ans, x, y: y, lambda m, ans, x, y: x),
    "divide": (
        lambda m, ans, x, y: m("divide")(1.0, y),
        lambda m, ans, x, y: m("divide")(-ans, y),
    ),
    "power": (
        lambda m, ans, x, y: y * m("power")(x, y - 1.0),
        lambda m, ans, x, y: ans * m("log")(x),
    ),
    "negative": (lambda m, ans, x: -1.0,),
    "square": (lambda m, ans, x: 2.0 * x,),
    "sqrt": (lambda m, ans, x: m("divide")(0.5, ans),),
    "cbrt": (lambda m, ans, x: m("divide")(1.0, 3.0 * ans * ans),),
    "exp": (lambda m, ans, x: ans,),
    "expm1": (lambda m, ans, x: m("exp")(x),),
    "log": (lambda m, ans, x: m("divide")(1.0, x),),
    "log1p": (lambda m, ans, x: m("divide")(1.0, 1.0 + x),),
    "logaddexp": (
        lambda m, ans, x, y: m("exp")(x - ans),
        lambda m, ans, x, y: m("exp")(y - ans),
    ),
    "sin": (lambda m, ans, x: m("cos")(x),),
    "cos": (lambda m, ans, x: -m("sin")(x),),
    "tan": (lambda m, ans, x: 1.0 + ans * ans,),
    "arctan": (lambda m, ans, x: m("divide")(1.0, 1.0 + x * x),),
    "arccos": (lambda m, ans, x: m("divide")(-1.0, m("sqrt")((1.0 - x) * (1.0 + x))),),
    "arcsin": (lambda m, ans, x: m("divide")(1.0, m("sqrt")((1.0 - x) * (1.0 + x))),),
    "sinh": (lambda m, ans, x: m("cosh")(x),),
    "cosh": (lambda m, ans, x: m("sinh")(x),),
    "tanh": (lambda m, ans, x: m("divide")(1.0, m("square")(m("cosh")(x))),),
    "arcsinh": (lambda m, ans, x: m("divide")(1.0, m("hypot")(x, 1.0)),),
    "hypot": (lambda m, ans, x, y: m("divide")(x, ans), lambda m, ans, x, y: m("divide")(y, ans)),
    "absolute": (lambda m, ans, x: np.sign(x) if isinstance(x, np.ndarray) else _sign(x),),
}


def _sign(x: Any) -> Any:
    return (x > 0) * 1.0 - (x < 0) * 1.0


def _namespace(kind: Any) -> Callable[[str], Any]:
    return (lambda name: EXACT[name]) if kind is mpf else (lambda name: getattr(np, name))


def _partial(name: str) -> Callable[..., Any]:
    def pull(n: int, adjoint: Any, ans: Any, args: Any, options: Any, kind: Any) -> Any:
        partial = PARTIALS[name][n](_namespace(kind), ans, *args)
        term = _namespace(kind)("multiply")(adjoint, partial)
        missing = np.ndim(term) - np.ndim(args[n])
        return np.sum(term, axis=tuple(range(missing))) if missing else term

    return pull


def _like(a: Any, value: Any) -> Any:
    found = np.empty(np.shape(a), dtype=np.asarray(a).dtype)
    found[...] = value
    return found[()]


def _winner(keep: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def pull(n: int, adjoint: Any, ans: Any, args: Any, options: Any, kind: Any) -> Any:
        mine, other = args[n], args[1 - n]
        share = np.where(mine == other, 0.5, np.where(keep(mine, other), 1.0, 0.0))[()]
        return adjoint * share

    return pull


def _pull_where(n: int, adjoint: Any, ans: Any, args: Any, options: Any, kind: Any) -> Any:
    zero = adjoint * 0
    return np.where(args[0], *((adjoint, zero) if n == 1 else (zero, adjoint)))[()]


def _pull_getitem(n: int, adjoint: Any, ans: Any, args: Any, options: Any, kind: Any) -> Any:
    found = np.array(args[0] * 0)
    found[options["key"]] = adjoint
    return found


def _pull_var(n: int, adjoint: Any, ans: Any, args: Any, options: Any, kind: Any) -> Any:
    a = args[0]
    mean = _mean(a) if kind is mpf else np.mean(a)
    return adjoint * 2.0 * (a - mean) / (mpf(a.size) if kind is mpf else a.size)


def _pull_extreme(n: int, adjoint: Any, ans: Any, args: Any, options: Any, kind: Any) -> Any:
    wins = args[0] == ans
    return np.where(wins, adjoint, adjoint * 0) / int(np.sum(wins))


PULL: dict[str, Callable[..., Any]] = {
    **{name: _partial(name) for name in PARTIALS},
    "maximum": _winner(lambda x, y: x > y),
    "minimum": _winner(lambda x, y: x < y),
    "where": _pull_where,
    "getitem": _pull_getitem,
    "sum": lambda n, adjoint, ans, args, options, kind: _like(args[0], adjoint),
    "mean": lambda n, adjoint, ans, args, options, kind: _like(args[0], adjoint) / args[0].size,
    "var": _pull_var,
    "dot": lambda n, adjoint, ans, args, options, kind: adjoint * args[1 - n],
    "matmul": lambda n, adjoint, ans, args, options, kind: np.dot(args[0].T, adjoint),
    "max": _pull_extreme,
    "min": _pull_extreme,
    "stack": lambda n, adjoint, ans, args, options, kind: adjoint[n],
    "prod": lambda n, adjoint, ans, args, options, kind: adjoint * ans / args[0],
}
