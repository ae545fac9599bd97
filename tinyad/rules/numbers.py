"""The formulas of the table for single Python floats: the same lines, with `math` for NumPy.

A NumPy function takes a microsecond for one number, one of `math` a tenth of that. So each
formula has a twin: the same code, in which `np` stands for the namespace below. Where `math`
raises (log(0), 1/0, exp(1000)) the caller falls back on NumPy, which has IEEE's answer.
"""

from __future__ import annotations

import builtins
import math
import types
from collections.abc import Callable, Sequence
from typing import Any

Formula = Callable[..., Any]


class Numbers:
    """NumPy's names, for one Python float at a time."""

    pi = math.pi
    sin, cos, sinh, cosh, tanh = math.sin, math.cos, math.sinh, math.cosh, math.tanh
    exp, log, sqrt, hypot, power = math.exp, math.log, math.sqrt, math.hypot, math.pow
    absolute, isnan, ldexp = abs, math.isnan, math.ldexp

    @staticmethod
    def where(condition: bool, x: Any, y: Any) -> Any:
        """`np.where` of one number."""
        return x if condition else y

    @staticmethod
    def sign(x: float) -> float:
        """`np.sign` of one number, NaN included."""
        return float((x > 0) - (x < 0)) if x == x else x

    @staticmethod
    def floor_divide(x: float, y: float) -> float:
        """`np.floor_divide` of one number."""
        return x // y

    @staticmethod
    def trunc(x: float) -> float:
        """`np.trunc` of one number."""
        return float(math.trunc(x))

    @staticmethod
    def rint(x: float) -> float:
        """`np.rint` of one number: to the nearest even one in a tie."""
        return math.copysign(round(x), x)


def on_numbers(formula: Formula, names: Sequence[str]) -> Formula | float:
    """Return the formula's twin, called with the answer and all arguments whatever it names.

    A formula that names nothing is a number.
    """
    twin = _twin(formula)
    if not names:
        return float(twin())
    if tuple(names) == ("ans", "x", "y"):
        return twin
    call = f"lambda ans=None, x=None, y=None: twin({', '.join(names)})"
    uniform: Formula = eval(call, {"twin": twin})  # the names are the formula's own parameters
    return uniform


def _twin(function: Formula) -> Formula:
    """Copy a function, its helpers with it, so that `np` means `Numbers`."""
    scope: dict[str, Any] = {}
    copy = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    for name in function.__code__.co_names:
        known = function.__globals__.get(name)
        if isinstance(known, types.FunctionType):
            scope[name] = SPECIAL.get(name) or _twin(known)
        elif name == "np":
            scope[name] = Numbers
        elif name in function.__globals__:
            scope[name] = known
        elif not hasattr(Numbers, name) and not hasattr(builtins, name):
            raise NameError(f"a formula uses np.{name}: give Numbers its twin")
    return copy


def _sech_squared(x: float) -> float:
    e = math.exp(-2.0 * abs(x))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


# Helpers that are about arrays: for one number there is less to do.
SPECIAL: dict[str, Formula] = {
    "indicator": lambda condition, like: float(condition),
    "sech_squared": _sech_squared,
}
