"""The numbers behind the dual-number slider: a value and its tangent, before and after f."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tinyad as ad
from tinyad.arguments import check_signature, promote
from tinyad.errors import ArgumentError, TinyadError

Reals = NDArray[np.float64]

REACH = 3.0  # how far the curve is drawn to each side of the first x
OFFSETS: Reals = np.arange(-25, 26) / 10  # where the slider can go, seen from there
TANGENTS: Reals = np.arange(-20, 21) / 10


@dataclass(frozen=True)
class Image:
    """What f makes of a dual number: value and tangent; `note` says why where there is none."""

    value: float
    tangent: float
    ahead: float  # f itself at value + tangent of the input
    note: str = ""


class DualModel:
    """A function of one number, applied to dual numbers near x.

    Raises ArgumentError unless f is a function that tinyad can differentiate at the number x.
    """

    def __init__(self, f: Callable[[Any], Any], x: Any) -> None:
        if not callable(f):
            raise ArgumentError(
                f"{f!r:.60} is not a function.",
                "Pass the function itself: ad.explore.dual_number(f, 1.0).",
            )
        check_signature(f, (x,))
        self.f, self.x = f, _number(x)
        value, tangent = self._pushed(self.x, 1.0)  # what cannot be differentiated says so at once
        if not (math.isfinite(value) and math.isfinite(tangent)):
            raise ArgumentError(
                f"At x = {self.x} f is {value} with the slope {tangent}; no arrow shows that.",
                "Choose a point where f is smooth.",
            )
        self.positions: Reals = np.round(self.x + OFFSETS, 10)
        self.places: Reals = self.x + np.linspace(-REACH, REACH, 401)
        self.heights: Reals = np.array([self.ahead(place) for place in self.places])
        self.low, self.high = self._window(value, tangent)

    def image(self, x: float, tangent: float) -> Image:
        """Return f(x + tangent ε)."""
        try:
            value, slope = self._pushed(x, tangent)
        except TinyadError as error:
            return Image(math.nan, math.nan, math.nan, error.what)
        except Exception as error:  # f is asked where it may have no value
            return Image(math.nan, math.nan, math.nan, f"f raises {type(error).__name__} here.")
        if not (math.isfinite(value) and math.isfinite(slope)):
            return Image(value, slope, math.nan, "f has no finite value or slope here.")
        return Image(value, slope, self.ahead(x + tangent))

    def ahead(self, x: float) -> float:
        """Return f at a number without a tangent; NaN where it has no finite value."""
        try:
            with np.errstate(all="ignore"):
                value = float(self.f(np.float64(x)))
        except Exception:  # f is asked far from x
            return math.nan
        return value if math.isfinite(value) else math.nan

    def _pushed(self, x: float, tangent: float) -> tuple[float, float]:
        with np.errstate(all="ignore"):
            value, slope = ad.jvp(self.f, (x,), (tangent,))
        if np.shape(value) != ():
            raise ArgumentError(
                f"f returns an array of shape {np.shape(value)}; the explorer needs one number.",
                "Pass a function that returns one number.",
            )
        return float(value), float(slope)

    def _window(self, value: float, tangent: float) -> tuple[float, float]:
        """Return the heights between which the curve is drawn."""
        away = np.abs(self.heights - value)
        away = away[np.isfinite(away)]
        # A pole must not flatten the rest: what is higher than most of the curve is cut off.
        most = min(away.max(), 1.3 * max(abs(tangent), float(np.percentile(away, 95))))
        seen = np.clip(self.heights, value - most, value + most)
        margin = 0.15 * float(np.nanmax(seen) - np.nanmin(seen)) or 1.0
        return float(np.nanmin(seen)) - margin, float(np.nanmax(seen)) + margin


def _number(x: Any) -> float:
    """Return x as a float; refuse what is not one finite number."""
    number = promote(x, "x")
    if np.shape(number) != ():
        raise ArgumentError(
            f"x is an array of shape {np.shape(number)}; the explorer needs one number.",
            "Choose one point: ad.explore.dual_number(f, 1.0).",
        )
    if not math.isfinite(number):
        raise ArgumentError(f"x is {number}; there is nothing to draw.", "Choose a finite x.")
    return float(number)
