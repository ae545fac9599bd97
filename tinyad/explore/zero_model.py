"""The numbers behind the explorer of division by almost zero: h, h₁ and h₂ at 2 + γ.

All three stand for (x² − 4)/(x − 2), which is x + 2 with a hole at 2. What float64 makes of them
depends on how much of γ survives in x = 2 + γ, and how much of its square in x².
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

SMALLEST, LARGEST = 1e-20, 1.0  # the sizes of γ that are looked at
NUDGE = 1e-3  # next to a jump: too little to be seen, and enough for 2 + 1e-12 to be another number


def S(z: Any) -> Any:
    """Return the sign, with 1 at 0.

    >>> S(np.array([-2.0, 0.0, 3.0]))
    array([-1.,  1.,  1.])
    """
    return np.where(z >= 0, 1.0, -1.0)


def h(x: Any) -> Any:
    """Return the quotient as it stands; NaN at 2."""
    with np.errstate(invalid="ignore"):
        return (x**2 - 4) / (x - 2)


def h1(x: Any, eps: float, delta: float) -> Any:
    """Return the quotient with ε added to its denominator, away from 0, nearer than δ to 2.

    >>> print(h1(np.float64(2.0), 1e-8, 1e-4))
    0.0
    """
    g, near = x - 2, (2 - delta < x) & (x < 2 + delta)
    return (x**2 - 4) / np.where(near, g + S(g) * eps, g)


def h2(x: Any, eps: float) -> Any:
    """Return the quotient with a denominator that is never smaller than ε.

    >>> print(h2(np.float64(2.0), 1e-4))
    0.0
    """
    g = x - 2
    return (x**2 - 4) / np.where(np.abs(g) < eps, S(g) * eps, g)


def region(gamma: float) -> str:
    """Return what is left of γ: nothing ("red"), γ without its square ("yellow"), or more.

    >>> region(1e-17), region(1e-12), region(1e-4)
    ('red', 'yellow', 'green')
    """
    x = 2 + gamma
    g = x - 2  # exact: only the sum above was rounded
    if g == 0:
        return "red"
    return "yellow" if x * x == 4 + 4 * g else "green"


@dataclass(frozen=True)
class Point:
    """What the three quotients give at x = 2 + γ, where 4 + γ is right."""

    gamma: float
    x: float
    region: str
    near: bool
    h: float
    h1: float
    h2: float

    def error(self, value: float) -> float:
        """Return how far a value is from 4 + γ, which itself may not be a float."""
        return abs((value - 4) - self.gamma)


class ZeroModel:
    """The three quotients, one by one and along the whole axis of γ."""

    def __init__(self) -> None:
        self.gammas = _signed(float(f"{10.0**e:.1e}") for e in np.arange(-100, 1) / 5)
        fine = _signed(10.0 ** (np.arange(-942, 1) / 60))
        self.own_error = fine, np.abs((h(2 + fine) - 4) - fine)

    def point(self, gamma: float, eps: float, delta: float) -> Point:
        """Return what happens at one γ."""
        x = np.float64(2 + gamma)
        values = (float(value) for value in (h(x), h1(x, eps, delta), h2(x, eps)))
        near = bool(2 - delta < x < 2 + delta)
        return Point(gamma, float(x), region(gamma), near, *values)

    def curve(self, eps: float, delta: float) -> tuple[Reals, Reals, Reals]:
        """Return γ, h₁ and its error along the axis, with a point to each side of every jump."""
        jumps = np.array([2.0**-52, 2.0**-53, delta])
        between = 10.0 ** (np.arange(-157, 0) / 10 + 0.05)
        sizes = np.concatenate([between, jumps * (1 - NUDGE), jumps * (1 + NUDGE)])
        gammas = _signed([SMALLEST, *np.unique(sizes[sizes < LARGEST]), LARGEST])
        values = np.asarray(h1(2 + gammas, eps, delta))
        return gammas, values, np.abs((values - 4) - gammas)


def _signed(sizes: Any) -> Reals:
    """Return the sizes with either sign, and 0 between them."""
    upward = np.array(list(sizes))
    return np.concatenate([-upward[::-1], [0.0], upward])


def position(gamma: Any) -> Any:
    """Return where γ stands on an axis that is logarithmic in both directions, 0 in the middle.

    >>> position(np.array([0.0, 1.0, -1e-10]))
    array([  0.,  21., -11.])
    """
    decades = np.log10(np.maximum(np.abs(gamma), SMALLEST)) - math.log10(SMALLEST) + 1
    return np.sign(gamma) * decades


def sized(error: float) -> str:
    """Write the size of an error.

    >>> sized(0.0), sized(2.1e-8), sized(3.6), sized(math.nan)
    ('exactly 0', '2.1e-08', '3.6', 'none to measure')
    """
    if math.isnan(error):
        return "none to measure"
    return f"{error:.{'3g' if error >= 0.001 else '1e'}}" if error else "exactly 0"
