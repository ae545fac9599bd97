"""Count, over all vectors of parameters, where a network has no derivative and where AD is wrong.

Nothing of the theory is used. A network of ReLUs has one-sided derivatives in every direction, and
is Lipschitz near each point; so it is differentiable exactly where they are linear in the
direction. That is tried on both sides of each axis and on random directions. Products and sums of
these small numbers are exact in float64.
"""

from typing import NamedTuple

import numpy as np

import tinyad as ad

DIRECTIONS = 48
# relu as three people write it: what its derivative at 0 is, 0, 1/2 or 1, is all that differs
RELUS = {
    0: lambda x: np.where(x > 0, x, 0),
    0.5: lambda x: np.maximum(x, 0),
    1: lambda x: np.where(x >= 0, x, 0),
}


class Census(NamedTuple):
    """How many vectors: in all, with a unit at its kink, not differentiable, and wrong by s."""

    omega: int
    kink_hit: int
    ndf: int
    inc: tuple[int, int, int]


class OneSided:
    """A value and its one-sided derivative in a direction."""

    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = other if isinstance(other, OneSided) else OneSided(other, 0.0)
        return OneSided(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        other = other if isinstance(other, OneSided) else OneSided(other, 0.0)
        slope = self.slope * other.value + self.value * other.slope
        return OneSided(self.value * other.value, slope)


def one_sided_relu(y):
    """relu, whose derivative at 0 in the direction d is max(d, 0)."""
    positive = np.maximum(y.value, 0.0)
    slope = np.where(y.value > 0, y.slope, np.where(y.value == 0, np.maximum(y.slope, 0), 0.0))
    return OneSided(positive, slope)


def all_vectors(numbers, count):
    """Every vector of `count` of these numbers, one array for each coordinate."""
    grid = np.meshgrid(*[np.array(numbers)] * count, indexing="ij")
    return [axis.ravel() for axis in grid]


def slope(network, vectors, direction):
    """The one-sided derivative at every vector, in one direction."""
    inputs = [OneSided(w, d) for w, d in zip(vectors, direction, strict=True)]
    return network(one_sided_relu, *inputs).slope


def differentiable(network, vectors):
    """Where the one-sided derivatives are linear; and the derivatives along the axes."""
    count = len(vectors)
    axes = np.eye(count)
    along = [slope(network, vectors, axis) for axis in axes]
    linear = np.ones(len(vectors[0]), bool)
    for axis, forward in zip(axes, along, strict=True):
        linear &= slope(network, vectors, -axis) == -forward
    rng = np.random.default_rng(0)
    for direction in rng.integers(-9, 10, (DIRECTIONS, count)).astype(float):
        sum_along = sum(d * a for d, a in zip(direction, along, strict=True))
        linear &= slope(network, vectors, direction) == sum_along
    return linear, along


def at_a_kink(network, vectors):
    """Where some unit gets exactly 0."""
    hit = np.zeros(len(vectors[0]), bool)

    def relu(y):
        hit[...] |= y == 0
        return np.maximum(y, 0.0)

    network(relu, *vectors)
    return hit


def ad_gradient(network, s, vectors):
    """What tinyad says, for one choice of relu'(0) = s: all partial derivatives, everywhere."""
    output = network(RELUS[s], *vectors)
    _, pullback = ad.vjp(lambda *w: network(RELUS[s], *w), *vectors)
    return pullback(np.ones_like(output))


def census(network, numbers, count):
    """Count over all vectors of `count` parameters."""
    vectors = all_vectors(numbers, count)
    linear, along = differentiable(network, vectors)
    wrong = []
    for s in RELUS:
        gradient = ad_gradient(network, s, vectors)
        off = np.any([g != a for g, a in zip(gradient, along, strict=True)], axis=0)
        wrong.append(int(np.sum(linear & off)))
    hit = at_a_kink(network, vectors)
    return Census(len(vectors[0]), int(hit.sum()), int(np.sum(~linear)), tuple(wrong))
