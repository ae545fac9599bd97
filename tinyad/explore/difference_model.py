"""The numbers behind the ε slider: difference quotients of one function, and their errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tinyad as ad
from tinyad.arguments import check_signature, name_of, promote, scalar_output
from tinyad.errors import ArgumentError, TinyadError, unwrapped

Reals = NDArray[np.float64]

SCHEMES = ("forward", "central", "complex")
PRECISIONS: dict[str, type[np.floating[Any]]] = {"float64": np.float64, "float32": np.float32}
EXPONENTS: Reals = np.arange(-170, 1) / 10
# Round numbers, so that 10⁻⁵ is exactly the 1e-5 that a learner types.
STEPS: Reals = np.array([float(f"{10.0**e:.3g}") for e in EXPONENTS])
REACH = 1.25  # how far the curve is drawn to each side of x: a bit more than the largest step
# Where the magnified gap between curve and tangent is sampled, in units of ε.
PLACES: Reals = np.linspace(-1.5, 1.5, 49)


@dataclass(frozen=True)
class Point:
    """The truth at one point: f(x), f′(x), f″(x), f‴(x), computed in float64."""

    x: float
    value: float
    slope: float
    second: float
    third: float


@dataclass(frozen=True)
class Window:
    """The stretch of the curve that is drawn, and the heights between which it is."""

    places: Reals
    heights: Reals
    low: float
    high: float


@dataclass(frozen=True)
class Quotient:
    """A difference quotient in its own precision; `note` says why where it is not a number."""

    value: Any
    note: str = ""


class DifferenceModel:
    """Difference quotients of f at x, by scheme and precision, and how far off they are.

    Raises ArgumentError unless f is a function that tinyad can differentiate at the number x.
    """

    def __init__(self, f: Callable[[Any], Any], x: Any) -> None:
        if not callable(f):
            raise ArgumentError(
                f"{f!r:.60} is not a function.",
                "Pass the function itself: ad.explore.finite_difference(f, 1.0).",
            )
        check_signature(f, (x,))
        self.f = f
        self.x = _number(x)
        self.point("float64")  # what cannot be differentiated says so at once
        self.curve = cache(self._curve)
        self.window = cache(self._window)

    def point(self, precision: str) -> Point:
        """Return the truth at x as this precision rounds it."""
        return self._points[precision]

    @cached_property
    def _points(self) -> dict[str, Point]:
        rounded = {name: float(kind(self.x)) for name, kind in PRECISIONS.items()}
        return {name: _point(self.f, x) for name, x in rounded.items()}

    def difference(self, eps: float, scheme: str, precision: str) -> Quotient:
        """Return the difference quotient, computed in this precision throughout."""
        x = PRECISIONS[precision](self.x)
        try:
            with np.errstate(all="ignore"):
                value = ad.finite.difference(self.f, x, eps, scheme)
        except TinyadError as error:
            return Quotient(math.nan, error.what)
        except Exception as error:  # f is asked far from x, where it may have no value
            return Quotient(math.nan, f"f raises {type(error).__name__} here.")
        if not math.isfinite(value):
            return Quotient(value, "f has no finite value at one of the two points.")
        return Quotient(value)

    def error(self, eps: float, scheme: str, precision: str) -> float:
        """Return |difference − truth|; NaN where there is no difference."""
        quotient = self.difference(eps, scheme, precision).value
        return abs(float(quotient) - self.point(precision).slope)

    def _curve(self, scheme: str, precision: str) -> Reals:
        """Return the error at each of STEPS."""
        return np.array([self.error(float(eps), scheme, precision) for eps in STEPS])

    def expected(self, scheme: str, precision: str) -> ad.finite.ErrorModel:
        """Return the model of truncation and round-off for this scheme and precision."""
        at = self.point(precision)
        u = float(np.finfo(PRECISIONS[precision]).eps) / 2
        return ad.finite.ErrorModel(scheme, at.value, at.second, at.third, u)

    def absorbed(self, eps: float, precision: str) -> bool:
        """Is the step so small that x + ε rounds to x?"""
        kind = PRECISIONS[precision]
        return bool(kind(self.x) + kind(eps) == kind(self.x))

    def _window(self, precision: str) -> Window:
        """Return the curve around x, a bit beyond the largest step."""
        at = self.point(precision)
        places = at.x + np.linspace(-REACH, REACH, 401)
        heights = self.values(places, precision)
        rise = abs(at.slope) * REACH
        away = np.abs(heights - at.value)
        away = away[np.isfinite(away)]
        # A pole must not flatten the rest: at most four times what tangent or curve need.
        most = min(away.max(), 4 * max(rise, float(np.median(away))))
        seen = np.clip(heights, at.value - most, at.value + most)
        low = float(np.nanmin([*seen, at.value - rise]))
        high = float(np.nanmax([*seen, at.value + rise]))
        margin = 0.05 * (high - low) or 1.0
        return Window(places, heights, low - margin, high + margin)

    @cached_property
    def decades(self) -> tuple[float, float]:
        """The bottom and the top of the error axis, for every scheme; the bottom stands for 0."""
        steps = [float(eps) for eps in STEPS[::5]]
        errors = np.array(
            [self.error(eps, s, p) for eps in steps for s, p in product(SCHEMES, PRECISIONS)]
        )
        errors = errors[np.isfinite(errors) & (errors > 0)]
        low = errors.min() if errors.size else 1e-16
        # A pole within reach of a large step must not flatten the rest.
        most = max(1e4, 1e4 * abs(self.point("float64").slope))
        high = min(errors.max(), most) if errors.size else 1.0
        return 10.0 ** (math.floor(math.log10(low)) - 1), 10.0 ** (math.ceil(math.log10(high)) + 2)

    def values(self, places: Reals, precision: str) -> Reals:
        """Return f at each place, computed in this precision; NaN where it has no finite value."""
        return np.array([self._value(PRECISIONS[precision](u)) for u in places])

    def gap(self, eps: float, precision: str) -> Reals:
        """Return curve minus tangent at x + t ε for t in PLACES, as the computer sees the curve."""
        at, kind = self.point(precision), PRECISIONS[precision]
        x, here = kind(self.x), float(self._value(kind(self.x)))
        computed = np.array([self._value(x + kind(t * eps)) for t in PLACES])
        gap: Reals = computed - here - at.slope * PLACES * eps
        return gap

    def _value(self, u: Any) -> float:
        try:
            with np.errstate(all="ignore"):
                value = float(self.f(u))
        except Exception:  # f is asked far from x, where it may have no value
            return math.nan
        return value if math.isfinite(value) else math.nan


def _number(x: Any) -> float:
    """Return x as a float; refuse what is not one finite number."""
    number = promote(x, "x")
    if np.shape(number) != ():
        raise ArgumentError(
            f"x is an array of shape {np.shape(number)}; the explorer needs one number.",
            "Choose one point: ad.explore.finite_difference(f, 1.0).",
        )
    if not math.isfinite(number):
        raise ArgumentError(f"x is {number}; there is nothing to draw.", "Choose a finite x.")
    return float(number)


def _point(f: Callable[[Any], Any], x: float) -> Point:
    with np.errstate(all="ignore"):
        value = scalar_output(unwrapped(f, np.float64(x)), name_of(f))
        first = ad.derivative(f)
        second = ad.derivative(first)
        derivatives = [float(d(x)) for d in (first, second, ad.derivative(second))]
    for name, number in (("f(x)", value), ("the slope of f", derivatives[0])):
        if not math.isfinite(number):
            raise ArgumentError(
                f"At x = {x} {name} is {number}; no secant slides toward that.",
                "Choose a point where f is smooth.",
            )
    return Point(x, float(value), *derivatives)
