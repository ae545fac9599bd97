"""NumPy's functions in many digits: each row of the table, computed by mpmath.

The real numbers of this table know neither rounding nor overflow nor negative zero. IEEE's
exceptions remain where they are mathematics: 1/0 is infinite, 0/0 and log(-1) are NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.rules.algebra import logabsdet, sign_of_det
from tinyad.rules.composite import euclidean_norm
from tinyad.rules.primitives import cast, sech_squared, stop

Function = Callable[..., Any]
FARTHEST = 2.0**40  # an exponent beyond this is infinite, or zero; its digits would fill memory
WIDEST = 20_000  # bits before the point, beyond which sin(x) would take too long


def divide(mp: Any, x: Any, y: Any) -> Any:
    """x/y, with IEEE's answers where y is 0."""
    if y == 0:
        return mp.nan if x == 0 or x != x else mp.sign(x) * mp.inf
    return x / y


def power(mp: Any, x: Any, y: Any) -> Any:
    """x**y for real numbers."""
    if y == 0 or x == 1:
        return mp.one
    if x == 0 or mp.isinf(x) or mp.isinf(y):
        return mp.mpf(float(np.power(np.float64(x), np.float64(y))))
    if x < 0 and y != mp.floor(y):
        return mp.nan
    size = y * mp.log(abs(x), 2)
    if abs(size) > FARTHEST:
        answer = mp.inf if size > 0 else mp.zero
    else:
        answer = abs(x) ** (int(y) if y == mp.floor(y) and abs(y) < FARTHEST else y)
    return -answer if x < 0 and int(y) % 2 else answer


def logaddexp(mp: Any, x: Any, y: Any) -> Any:
    """log(exp(x) + exp(y))."""
    low, high = min(x, y), max(x, y)
    return high if mp.isinf(high) else high + mp.log1p(bounded(mp, mp.exp, low - high))


def bounded(mp: Any, function: Function, x: Any) -> Any:
    """An exponential function, which is infinite or constant where its exponent runs away."""
    if mp.isfinite(x) and abs(x) > FARTHEST:
        x = mp.inf if x > 0 else -mp.inf
    return function(x)


def whole(mp: Any, x: Any, decimals: Any = 0) -> Any:
    """x rounded to a number of decimals, ties to even."""
    scale = mp.mpf(10) ** int(decimals)
    return mp.nint(x * scale) / scale


# mpmath has them under these names, and they are safe for any real number.
NAMES = {
    np.sqrt: "sqrt", np.log: "log", np.log10: "log10", np.log1p: "log1p", np.hypot: "hypot",
    np.arcsin: "asin", np.arccos: "acos", np.arctan: "atan", np.arctan2: "atan2",
    np.arcsinh: "asinh", np.arccosh: "acosh", np.arctanh: "atanh", np.tanh: "tanh",
    np.deg2rad: "radians", np.radians: "radians", np.rad2deg: "degrees", np.degrees: "degrees",
    np.floor: "floor", np.ceil: "ceil", np.rint: "nint", np.sign: "sign",
    np.isnan: "isnan", np.isinf: "isinf", np.isfinite: "isfinite",
}  # fmt: skip
EXPONENTIAL = {np.exp: "exp", np.expm1: "expm1", np.sinh: "sinh", np.cosh: "cosh"}
PERIODIC = {np.sin: "sin", np.cos: "cos", np.tan: "tan", np.sinc: "sincpi"}

FUNCTIONS: dict[Any, Function] = {
    np.add: lambda mp, x, y: x + y,
    np.subtract: lambda mp, x, y: x - y,
    np.multiply: lambda mp, x, y: x * y,
    np.divide: divide,
    np.power: power,
    np.negative: lambda mp, x: -x,
    np.positive: lambda mp, x: +x,
    np.absolute: lambda mp, x: abs(x),
    np.fabs: lambda mp, x: abs(x),
    np.square: lambda mp, x: x * x,
    np.reciprocal: lambda mp, x: divide(mp, mp.one, x),
    np.cbrt: lambda mp, x: mp.sign(x) * mp.cbrt(abs(x)),
    np.exp2: lambda mp, x: bounded(mp, lambda t: mp.power(2, t), x),
    np.log2: lambda mp, x: mp.log(x) / mp.ln2,
    np.logaddexp: logaddexp,
    np.logaddexp2: lambda mp, x, y: logaddexp(mp, x * mp.ln2, y * mp.ln2) / mp.ln2,
    np.ldexp: lambda mp, x, n: mp.ldexp(x, int(n)),
    np.maximum: lambda mp, x, y: x if x >= y or x != x else y,
    np.minimum: lambda mp, x, y: x if x <= y or x != x else y,
    np.fmax: lambda mp, x, y: x if x >= y or y != y else y,
    np.fmin: lambda mp, x, y: x if x <= y or y != y else y,
    np.remainder: lambda mp, x, y: x - y * mp.floor(divide(mp, x, y)),
    np.fmod: lambda mp, x, y: x - y * mp.sign(x / y) * mp.floor(abs(x / y)),
    np.floor_divide: lambda mp, x, y: mp.floor(divide(mp, x, y)),
    np.trunc: lambda mp, x: mp.sign(x) * mp.floor(abs(x)),
    np.fix: lambda mp, x: mp.sign(x) * mp.floor(abs(x)),
    np.round: whole,
    np.around: whole,
    sech_squared: lambda mp, x: 1 / bounded(mp, mp.cosh, x) ** 2,
}


def elementwise(function: Any, mp: Any) -> Function | None:
    """A NumPy function that acts entry by entry, for numbers of mpmath; None if it has no twin."""
    if function in FUNCTIONS:
        own = FUNCTIONS[function]
        return _real(mp, lambda *x: own(mp, *x))
    if function in NAMES:
        return _real(mp, getattr(mp, NAMES[function]))
    if function in EXPONENTIAL:
        growing = getattr(mp, EXPONENTIAL[function])
        return _real(mp, lambda x: bounded(mp, growing, x))
    if function in PERIODIC:
        wave = getattr(mp, PERIODIC[function])
        return _real(mp, lambda x: wave(x) if mp.mag(x) < WIDEST else mp.nan)
    return None


def _real(mp: Any, function: Function) -> Function:
    """The function on real numbers: NaN where its value is complex or there is none."""

    def on_reals(*x: Any) -> Any:
        try:
            answer = function(*x)
        except (ValueError, ArithmeticError):
            return mp.nan
        return mp.nan if isinstance(answer, mp.mpc) else answer

    return on_reals


# Functions of whole arrays, of which NumPy has no version for objects: arrays of mpf in and out.


def _matrices(name: str) -> Function:
    """A function of one matrix, for stacks of matrices."""

    def run(mp: Any, a: Any, *rest: Any) -> Any:
        answers = []
        for place in np.ndindex(a.shape[:-2]):
            parts = [x[place] if x.ndim > 1 else x for x in (a, *rest)]
            answers.append(_plain(getattr(mp, name)(*(mp.matrix(p.tolist()) for p in parts))))
        shape = answers[0].shape if answers else ()
        return np.array(answers, dtype=object).reshape(a.shape[:-2] + shape)

    return run


def _plain(answer: Any) -> Any:
    return np.array(answer.tolist() if hasattr(answer, "tolist") else answer, dtype=object)


def _solve(mp: Any, a: Any, b: Any) -> Any:
    columns = b[..., None] if b.ndim == 1 else b
    answer = np.matmul(_matrices("inverse")(mp, a), columns)
    return answer[..., 0] if b.ndim == 1 else answer


def _variance(mp: Any, x: Any, axis: Any, keepdims: bool, ddof: float = 0) -> Any:
    apart = x - np.mean(x, axis=axis, keepdims=True)
    free = np.prod([x.shape[k] for k in axis]) - ddof
    return np.sum(apart * apart, axis=axis, keepdims=keepdims) / float(free)


def _roots(mp: Any, x: Any) -> Any:
    return np.frompyfunc(mp.sqrt, 1, 1)(x)


def _norm(mp: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return _roots(mp, np.sum(x * x, axis=axis, keepdims=keepdims))


def _log_of_det(mp: Any, a: Any) -> Any:
    det = _matrices("det")(mp, a)
    return np.frompyfunc(lambda d: mp.log(abs(d)), 1, 1)(det)


ARRAYS: dict[Any, Function] = {
    stop: lambda mp, x: x,
    cast: lambda mp, x, dtype: x,
    np.var: _variance,
    np.std: lambda mp, x, **options: _roots(mp, _variance(mp, x, **options)),
    euclidean_norm: _norm,
    np.linalg.inv: _matrices("inverse"),
    np.linalg.det: _matrices("det"),
    np.linalg.cholesky: _matrices("cholesky"),
    np.linalg.solve: _solve,
    logabsdet: _log_of_det,
    sign_of_det: lambda mp, a: np.frompyfunc(mp.sign, 1, 1)(_matrices("det")(mp, a)),
}


def on_arrays(function: Any, mp: Any, operands: Sequence[Any], options: Any) -> Any:
    """Run a function of whole arrays on arrays of mpf."""
    own = ARRAYS.get(function)
    return function(*operands, **options) if own is None else own(mp, *operands, **options)
