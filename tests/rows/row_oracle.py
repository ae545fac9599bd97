"""An independent truth for every row: mpmath's functions, differentiated by mpmath.

Nothing here knows tinyad's table. A derivative is a high-precision difference of values computed
with 60 digits and more, so an error in a rule cannot hide behind the same error in its test.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import mpmath
from mpmath import mp, mpf

# A difference needs more digits where the point or the slope is extreme.
DIGITS, EXTREME_DIGITS = 60, 800


def _remainder(x: mpf, y: mpf) -> mpf:
    return x - y * mp.floor(x / y)


def _fmod(x: mpf, y: mpf) -> mpf:
    quotient = x / y
    return x - y * (mp.floor(quotient) if quotient >= 0 else mp.ceil(quotient))


def _logaddexp(x: mpf, y: mpf) -> mpf:
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


def _logaddexp2(x: mpf, y: mpf) -> mpf:
    return max(x, y) + mp.log1p(mpf(2) ** -abs(x - y)) / mp.ln2


# NumPy's name of a function, and the same function in mpmath.
ORACLES: dict[str, Callable[..., mpf]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": mp.power,
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x * x,
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "exp": mp.exp,
    "exp2": lambda x: mpf(2) ** x,
    "expm1": mp.expm1,
    "log": mp.log,
    "log2": lambda x: mp.log(x) / mp.ln2,
    "log10": lambda x: mp.log(x) / mp.ln10,
    "log1p": mp.log1p,
    "logaddexp": _logaddexp,
    "logaddexp2": _logaddexp2,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "arcsin": mp.asin,
    "arccos": mp.acos,
    "arctan": mp.atan,
    "arctan2": mp.atan2,
    "sinc": mp.sincpi,
    "deg2rad": mp.radians,
    "radians": mp.radians,
    "rad2deg": mp.degrees,
    "degrees": mp.degrees,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "sech_squared": lambda x: mp.sech(x) ** 2,
    "arcsinh": mp.asinh,
    "arccosh": mp.acosh,
    "arctanh": mp.atanh,
    "ldexp": lambda x, y: x * mpf(2) ** int(y),
    "absolute": abs,
    "fabs": abs,
    "hypot": mp.hypot,
    "maximum": max,
    "minimum": min,
    "fmax": max,
    "fmin": min,
    "remainder": _remainder,
    "fmod": _fmod,
}


@functools.cache
def truth(name: str, point: tuple[float, ...], orders: tuple[int, ...]) -> float:
    """The mixed partial derivative of these orders at a point, rounded to a float."""
    far = any(c and not 1e-3 < abs(c) < 30 for c in point)
    digits = EXTREME_DIGITS if far else DIGITS
    with mpmath.workdps(digits):
        derivative = mp.diff(ORACLES[name], tuple(map(mpf, point)), orders)
        # the last digits of a difference are noise
        return float(derivative) if abs(derivative) > mpf(10) ** (20 - digits) else 0.0


def one_sided(name: str, point: tuple[float, ...], argument: int, side: int) -> float:
    """The derivative in one argument from the right (side 1) or from the left (side -1)."""

    def line(t: mpf) -> mpf:
        return ORACLES[name](*[t if k == argument else mpf(c) for k, c in enumerate(point)])

    with mpmath.workdps(DIGITS):
        return float(mp.diff(line, point[argument], direction=side))
