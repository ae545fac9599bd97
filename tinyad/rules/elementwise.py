"""The table of elementwise rules: a NumPy function and its partial derivatives, a line each.

In a formula x, y, z are the arguments and ans is the function's own answer. A formula names what
it reads, and nothing else is kept for it. Two demands shape the formulas:

* Digits. A rule is a numerical algorithm too: 1 - tanh(x)**2 is 0 from x = 19 on, so the slope of
  tanh is a function of its own, right to the last digits; -ans/y does not overflow where -x/y**2
  does.
* Smoothness. A formula is the same analytic function wherever the row is smooth, because it is
  differentiated in turn. A `where` chooses only between formulas that agree with all their
  derivatives. So no abs(x) in the rule of tanh: it would give tanh a third derivative of 0 at 0.

Where a function has a kink, the row says which partials it hands out (`kinks`). Ties share evenly.
Source of the formulas: any calculus text; Abramowitz and Stegun, chapter 4, for the inverses.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from tinyad.rules.primitives import indicator, sech_squared
from tinyad.rules.rows import Elementwise, Row, elementwise

LN2, LN10, DEGREE = math.log(2.0), math.log(10.0), math.pi / 180.0
INF = math.inf
ALL, POSITIVE, UNIT = (-INF, INF), (0.0, INF), (-1.0, 1.0)


def logistic(t: Any) -> Any:
    """Return 1/(1 + exp(-t)) to full relative accuracy, without overflow on either side."""
    e = np.exp(np.where(t < 0, t, -t))
    return np.where(t < 0, e, 1.0) / (1.0 + e)


# sinc'(x)/x as a series in x**2, from sin(t)/t = 1 - t**2/3! + t**4/5! - ... with t = pi x.
SINC_SERIES = tuple(
    (-1.0) ** k * 2 * k * math.pi ** (2 * k) / math.factorial(2 * k + 1) for k in range(1, 15)
)


def sinc_slope(ans: Any, x: Any) -> Any:
    """Return (cos(pi x) - sinc(x))/x, by its series where that difference would lose digits."""
    near = np.absolute(x) < 0.5
    apart = np.where(near, 1.0, x)
    inside = np.where(near, x, 0.0)
    series: Any = 0.0
    for coefficient in reversed(SINC_SERIES):
        series = coefficient + inside * inside * series
    return np.where(near, inside * series, (np.cos(np.pi * apart) - ans) / apart)


def share(wins: Any, tie: Any, like: Any) -> Any:
    """Return 1 for the argument that wins, 0 for the one that loses, 1/2 where they tie."""
    return indicator(wins, like) + 0.5 * indicator(tie, like)


def power_base(x: Any, y: Any) -> Any:
    """Return x where 0**0 would meet 0**(-1) in the rule of power; there, return 1."""
    return np.where((x == 0) & (y == 0), 1.0, x)


KINK_0 = {(0.0,): (0.0,)}
TIE = {(1.0, 1.0): (0.5, 0.5), (0.0, 0.0): (0.5, 0.5), (-2.0, -2.0): (0.5, 0.5)}
ORIGIN = {(0.0, 0.0): (0.0, 0.0)}

SMOOTH_ROWS: tuple[Elementwise, ...] = (
    # Arithmetic
    elementwise(np.add,        lambda: 1.0,                      lambda: 1.0,                    numbers=operator.add, domain=(ALL, ALL)),
    elementwise(np.subtract,   lambda: 1.0,                      lambda: -1.0,                   numbers=operator.sub, domain=(ALL, ALL)),
    elementwise(np.multiply,   lambda y: y,                      lambda x: x,                    numbers=operator.mul, domain=(ALL, ALL)),
    elementwise(np.divide,     lambda y: 1.0 / y,                lambda ans, y: -ans / y,        numbers=operator.truediv, domain=(ALL, POSITIVE)),
    elementwise(np.power,      lambda x, y: y * np.power(power_base(x, y), y - 1.0),
                               lambda ans, x: ans * np.log(np.where(x == 0, 1.0, x)),            domain=(POSITIVE, ALL), kinks={(0.0, 0.0): (0.0, 0.0), (0.0, 1.0): (1.0, 0.0), (0.0, 2.0): (0.0, 0.0)}),
    elementwise(np.negative,   lambda: -1.0,                                                     numbers=operator.neg, domain=(ALL,)),
    elementwise(np.positive,   lambda: 1.0,                                                      numbers=operator.pos, domain=(ALL,)),
    elementwise(np.reciprocal, lambda ans: -ans * ans,                                           numbers=lambda x: 1.0 / x, domain=(POSITIVE,)),
    elementwise(np.square,     lambda x: 2.0 * x,                                                numbers=lambda x: x * x, domain=(ALL,)),
    elementwise(np.sqrt,       lambda ans: 0.5 / ans,                                            domain=(POSITIVE,)),
    elementwise(np.cbrt,       lambda ans: 1.0 / (3.0 * ans * ans),                              domain=(POSITIVE,)),
    # Exponentials and logarithms
    elementwise(np.exp,        lambda ans: ans,                                                  domain=(ALL,)),
    elementwise(np.exp2,       lambda ans: LN2 * ans,                                            domain=(ALL,)),
    elementwise(np.expm1,      lambda x: np.exp(x),                                              domain=(ALL,)),
    elementwise(np.log,        lambda x: 1.0 / x,                                                domain=(POSITIVE,)),
    elementwise(np.log2,       lambda x: 1.0 / (LN2 * x),                                        domain=(POSITIVE,)),
    elementwise(np.log10,      lambda x: 1.0 / (LN10 * x),                                       domain=(POSITIVE,)),
    elementwise(np.log1p,      lambda x: 1.0 / (1.0 + x),                                        domain=((-1.0, INF),)),
    elementwise(np.logaddexp,  lambda x, y: logistic(x - y),     lambda x, y: logistic(y - x),   domain=(ALL, ALL)),
    elementwise(np.logaddexp2, lambda x, y: logistic(LN2 * (x - y)), lambda x, y: logistic(LN2 * (y - x)), domain=(ALL, ALL)),
    # Trigonometric functions
    elementwise(np.sin,        lambda x: np.cos(x),                                              numbers=math.sin, domain=(ALL,)),
    elementwise(np.cos,        lambda x: -np.sin(x),                                             numbers=math.cos, domain=(ALL,)),
    elementwise(np.tan,        lambda ans: 1.0 + ans * ans,                                      domain=((-math.pi / 2, math.pi / 2),)),
    elementwise(np.arcsin,     lambda x: 1.0 / np.sqrt((1.0 - x) * (1.0 + x)),                   domain=(UNIT,)),
    elementwise(np.arccos,     lambda x: -1.0 / np.sqrt((1.0 - x) * (1.0 + x)),                  domain=(UNIT,)),
    elementwise(np.arctan,     lambda x: 1.0 / (1.0 + x * x),                                    domain=(ALL,)),
    elementwise(np.arctan2,    lambda x, y: y / np.hypot(x, y) / np.hypot(x, y),
                               lambda x, y: -x / np.hypot(x, y) / np.hypot(x, y),                domain=(ALL, POSITIVE)),
    elementwise(np.sinc,       lambda ans, x: sinc_slope(ans, x),                                domain=(ALL,)),
    elementwise(np.deg2rad,    lambda: DEGREE,                                                   domain=(ALL,)),
    elementwise(np.radians,    lambda: DEGREE,                                                   domain=(ALL,)),
    elementwise(np.rad2deg,    lambda: 1.0 / DEGREE,                                             domain=(ALL,)),
    elementwise(np.degrees,    lambda: 1.0 / DEGREE,                                             domain=(ALL,)),
    # Hyperbolic functions
    elementwise(np.sinh,       lambda x: np.cosh(x),                                             domain=(ALL,)),
    elementwise(np.cosh,       lambda x: np.sinh(x),                                             domain=(ALL,)),
    elementwise(np.tanh,       lambda x: sech_squared(x),                                        domain=(ALL,)),
    elementwise(sech_squared,  lambda ans, x: -2.0 * np.tanh(x) * ans,                           domain=(ALL,)),
    elementwise(np.arcsinh,    lambda x: 1.0 / np.hypot(1.0, x),                                 domain=(ALL,)),
    elementwise(np.arccosh,    lambda x: 1.0 / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0)),            domain=((1.0, INF),)),
    elementwise(np.arctanh,    lambda x: 1.0 / ((1.0 - x) * (1.0 + x)),                          domain=(UNIT,)),
    # Scaling by a power of two; the exponent is an integer and does not vary
    elementwise(np.ldexp,      lambda x, y: np.ldexp(indicator(True, x), y), None,                   domain=(ALL, ALL)),
)

KINKED_ROWS: tuple[Elementwise, ...] = (
    elementwise(np.absolute,   lambda x: np.sign(x),                                             domain=(POSITIVE,), kinks=KINK_0),
    elementwise(np.fabs,       lambda x: np.sign(x),                                             domain=(POSITIVE,), kinks=KINK_0),
    elementwise(np.hypot,      lambda ans, x: np.where(ans == 0, 0.0, x) / np.where(ans == 0, 1.0, ans),
                               lambda ans, y: np.where(ans == 0, 0.0, y) / np.where(ans == 0, 1.0, ans),
                                                                                                 domain=(POSITIVE, ALL), kinks=ORIGIN),
    elementwise(np.maximum,    lambda x, y: share(x > y, x == y, x), lambda x, y: share(y > x, x == y, y), domain=(ALL, ALL), kinks=TIE),
    elementwise(np.minimum,    lambda x, y: share(x < y, x == y, x), lambda x, y: share(y < x, x == y, y), domain=(ALL, ALL), kinks=TIE),
    # fmax and fmin pass over a NaN: then the other argument has won
    elementwise(np.fmax,       lambda x, y: share((x > y) | np.isnan(y), x == y, x),
                               lambda x, y: share((y > x) | np.isnan(x), x == y, y),             domain=(ALL, ALL), kinks=TIE),
    elementwise(np.fmin,       lambda x, y: share((x < y) | np.isnan(y), x == y, x),
                               lambda x, y: share((y < x) | np.isnan(x), x == y, y),             domain=(ALL, ALL), kinks=TIE),
    # Between two multiples of y the quotient's whole part does not vary
    elementwise(np.remainder,  lambda: 1.0,                      lambda x, y: -np.floor_divide(x, y), domain=(ALL, POSITIVE)),
    elementwise(np.fmod,       lambda: 1.0,                      lambda ans, x, y: np.rint((ans - x) / y), domain=(ALL, POSITIVE)),
)

ROWS: tuple[Row, ...] = SMOOTH_ROWS + KINKED_ROWS
