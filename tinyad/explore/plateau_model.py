"""The numbers behind the plateau explorer: the slope of (xⁿ − aⁿ)/(x − a) beside the truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tinyad as ad
from tinyad.errors import ArgumentError

Reals = NDArray[np.float64]

# Distances from a, ten a decade. Decimal numbers: on powers of two hardly anything is rounded.
GAMMAS: Reals = np.array([float(f"{10.0**e:.3g}") for e in np.arange(-170, 1) / 10])


@dataclass(frozen=True)
class Sample:
    """Value and slope at one point as computed, and what they should be there."""

    value: float
    slope: float
    true_value: float
    true_slope: float

    @property
    def value_error(self) -> float:
        """How far the value is off, relative to the truth."""
        return abs(self.value / self.true_value - 1)

    @property
    def slope_error(self) -> float:
        """How far the slope is off, relative to the truth."""
        return abs(self.slope / self.true_slope - 1)


class PlateauModel:
    """The program (xⁿ − aⁿ)/(x − a) in float64, to the right of a.

    Raises ArgumentError unless a is a positive number and n a whole number, 2 or more.

    >>> near = PlateauModel(2.0, 3).sample(1e-9)
    >>> print(f"{near.slope:.4f}, where {near.true_slope:.4f} is right")
    12.0000, where 6.0000 is right
    """

    def __init__(self, a: float, n: int) -> None:
        if not (math.isfinite(a) and a > 0):
            raise ArgumentError(f"a is {a}.", "Choose a positive number, such as a = 2.")
        if not isinstance(n, Integral) or n < 2:
            raise ArgumentError(f"n is {n}.", "Choose a whole number, 2 or more.")
        self.a: float = float(a)
        self.n: int = int(n)
        self.power: float = self.a**self.n
        self._slope: Callable[[float], Any] = ad.derivative(self.program)

    def program(self, x: Any) -> Any:
        """Return (xⁿ − aⁿ)/(x − a), as the formula says it."""
        return (x**self.n - self.power) / (x - self.a)

    def sample(self, gamma: float) -> Sample:
        """Return value and slope at a + γ; NaN where a + γ rounds to a."""
        x = self.a + float(gamma)
        with np.errstate(all="ignore"):
            value, slope = float(self.program(np.float64(x))), float(self._slope(x))
        return Sample(value, slope, *self._truth(x))

    def _truth(self, x: float) -> tuple[float, float]:
        """Divide first: xⁿ⁻¹ + xⁿ⁻²a + … + aⁿ⁻¹, all of one sign, so that nothing is lost."""
        value = slope = 0.0
        for k in range(self.n):
            value, slope = value * x + self.a**k, slope * x + value
        return value, slope

    @cached_property
    def errors(self) -> Reals:
        """The relative error of the slope at each of GAMMAS; NaN where a + γ rounds to a."""
        return np.array([self.sample(float(gamma)).slope_error for gamma in GAMMAS])

    @property
    def edge(self) -> float:
        """Below this γ, rounding can hide the term n(n − 1)/2 aⁿ⁻² γ² of xⁿ.

        There the term is half a unit in the last place of aⁿ.
        """
        term = self.n * (self.n - 1) / 2 * self.a ** (self.n - 2)
        return math.sqrt(math.ulp(self.power) / 2 / term)

    @property
    def last_term(self) -> float:
        """Below this γ, rounding hides the last term of xⁿ, γⁿ."""
        return float((math.ulp(self.power) / 2) ** (1 / self.n))
