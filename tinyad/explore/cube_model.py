"""The numbers behind the parameter cube: where a small network has no derivative, point by point.

Nothing of the theory is used. A network of ReLUs has a one-sided derivative in every direction, and
it has a derivative where these make up one linear function of the direction. That is tried along
the axes, against them, and in random directions. All sums and products of these small numbers are
exact in float64.

Source: Lee, Park, Aiken, On the correctness of automatic differentiation for neural networks with
machine-representable parameters, ICML 2023.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tinyad as ad
from tinyad.errors import ArgumentError

Reals = NDArray[np.float64]
Mask = NDArray[np.bool_]
Network = Callable[..., Any]

DIRECTIONS = 24  # random ones, beside the axes
# What differs between three spellings of relu is the derivative at 0 alone: 0, ½ or 1.
RELUS: dict[float, Callable[[Any], Any]] = {
    0: lambda y: np.where(y > 0, y, 0),
    0.5: lambda y: np.maximum(y, 0),
    1: lambda y: np.where(y >= 0, y, 0),
}
# Bits of the exponent and of the fraction.
FORMATS = {"e1m1": (1, 1), "e2m1": (2, 1), "e2m2": (2, 2)}


@dataclass(frozen=True)
class Unit:
    """A network of three parameters: its formula, the third one's name, how many ReLUs it has."""

    formula: str
    third: str
    relus: int
    run: Network


NETWORKS = {
    "one unit": Unit(
        "v·relu(w + b)",
        "v",
        1,
        lambda relu, w, b, v: v * relu(w + b),
    ),
    "its input 1.5": Unit(
        "v·relu(1.5w + b)",
        "v",
        1,
        lambda relu, w, b, v: v * relu(w * 1.5 + b),
    ),
    "two layers": Unit(
        "relu(relu(w + b) + c)",
        "c",
        2,
        lambda relu, w, b, c: relu(relu(w + b) + c),
    ),
    "two units": Unit(
        "relu(w + b) + relu(c − w)",
        "c",
        2,
        lambda relu, w, b, c: relu(w + b) + relu(w * -1.0 + c),
    ),
}


def members(exponent_bits: int, fraction_bits: int) -> Reals:
    """Return all numbers of a small format, in order; no code is kept for infinity or NaN.

    >>> members(2, 1)[7:].tolist()
    [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]
    """
    bias, one = 2 ** (exponent_bits - 1) - 1, 2**fraction_bits
    numbers = {0.0}
    for exponent in range(2**exponent_bits):
        for fraction in range(one):
            lead, power = (1, exponent) if exponent else (0, 1)
            size = (lead + fraction / one) * 2.0 ** (power - bias)
            numbers |= {size, -size}
    return np.array(sorted(numbers))


class OneSided:
    """A value, and its one-sided derivative in a direction."""

    def __init__(self, value: Any, slope: Any) -> None:
        self.value, self.slope = value, slope

    def __add__(self, other: OneSided) -> OneSided:
        return OneSided(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Any) -> OneSided:
        if not isinstance(other, OneSided):
            return OneSided(self.value * other, self.slope * other)
        slope = self.slope * other.value + self.value * other.slope
        return OneSided(self.value * other.value, slope)


def one_sided_relu(y: OneSided) -> OneSided:
    """Return relu, which at 0 goes on in the direction d with the slope max(d, 0)."""
    at_kink = np.where(y.value == 0, np.maximum(y.slope, 0), 0)
    return OneSided(np.maximum(y.value, 0), np.where(y.value > 0, y.slope, at_kink))


def slope(network: Network, points: Sequence[Reals], direction: Reals) -> Any:
    """Return the one-sided derivative in one direction, at every point."""
    inputs = [OneSided(w, d) for w, d in zip(points, direction, strict=True)]
    return network(one_sided_relu, *inputs).slope


def differentiable(network: Network, points: Sequence[Reals]) -> tuple[Mask, list[Reals]]:
    """Return where there is a derivative, and the slopes along the axes."""
    count = len(points)
    along = [slope(network, points, axis) for axis in np.eye(count)]
    straight = np.ones(len(points[0]), bool)
    rng = np.random.default_rng(seed=0)
    random = rng.integers(-9, 10, (DIRECTIONS, count)).astype(float)
    for direction in [*-np.eye(count), *random]:
        linear = sum(d * a for d, a in zip(direction, along, strict=True))
        straight &= slope(network, points, direction) == linear
    return straight, along


class CubeModel:
    """All parameters of one network in one format, and where something fails.

    Raises ArgumentError for a format or a network that is not listed.

    >>> cube = CubeModel("e2m1", "one unit")
    >>> cube.size, cube.failing, cube.wrong(0)
    (3375, 210, 0)
    """

    def __init__(self, form: str, network: str) -> None:
        for name, known in ((form, FORMATS), (network, NETWORKS)):
            if name not in known:
                raise ArgumentError(f"{name!r} is not known.", f"Choose one of {[*known]}.")
        self.form, self.unit = form, NETWORKS[network]
        self.numbers = members(*FORMATS[form])
        grid = np.meshgrid(self.numbers, self.numbers, self.numbers, indexing="ij")
        self.points: list[Reals] = [axis.ravel() for axis in grid]
        self.straight, self._along = differentiable(self.unit.run, self.points)

    @property
    def size(self) -> int:
        """How many points there are."""
        return len(self.straight)

    @property
    def failing(self) -> int:
        """How many of them have no derivative."""
        return int(np.sum(~self.straight))

    @property
    def bound(self) -> float:
        """The largest share that the theorem allows."""
        return self.unit.relus / len(self.numbers)

    def wrong(self, s: float) -> int:
        """Count the points where there is a derivative and AD returns something else."""
        output, pullback = ad.vjp(lambda *w: self.unit.run(RELUS[s], *w), *self.points)
        pairs = zip(pullback(np.ones_like(output)), self._along, strict=True)
        off = np.any([gradient != slopes for gradient, slopes in pairs], axis=0)
        return int(np.sum(off & self.straight))

    def slice(self, third: float) -> tuple[Reals, Reals]:
        """Return first and second parameter of the points without a derivative in a slice."""
        here = ~self.straight & (self.points[2] == third)
        return self.points[0][here], self.points[1][here]
