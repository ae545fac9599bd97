"""The theorems of Lee, Park and Aiken, checked on every vector of parameters of small formats.

Source: Lee, Park, Aiken, On the correctness of automatic differentiation for neural networks with
machine-representable parameters, ICML 2023.
"""

from fractions import Fraction

import networks
import numpy as np
import pytest
from census import RELUS, ad_gradient, all_vectors, at_a_kink, census, differentiable
from formats import members

import tinyad as ad

SETS = {
    "toy5": [-2.0, -1.0, 0.0, 1.0, 2.0],
    "toy7": [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0],
    "e2m1": members("e2m1"),
    "e2m3": members("e2m3"),
}
# network, set, parameters, units: all vectors, a unit at its kink, no derivative, wrong for
# relu'(0) = 0, 1/2, 1
BIASED = [
    ("one_unit", "e2m1", 3, 1, (3375, 225, 210, (0, 0, 0))),
    ("one_unit_elsewhere", "e2m1", 3, 1, (3375, 105, 98, (0, 0, 0))),
    ("one_unit", "e2m3", 3, 1, (250047, 3969, 3906, (0, 0, 0))),
    ("two_layers", "e2m1", 5, 2, (759375, 83565, 54474, (0, 0, 0))),
    ("three_layers", "toy5", 7, 3, (78125, 34455, 15588, (0, 0, 0))),
    ("two_wide", "toy7", 6, 2, (117649, 31213, 27048, (0, 0, 0))),
    ("two_wide_at_zero", "toy7", 6, 2, (117649, 31213, 27048, (0, 0, 0))),
    ("shared_own_biases", "e2m1", 5, 2, (759375, 97875, 91560, (0, 0, 0))),
]
BARE = [
    ("bare_1", "e2m1", 2, 1, (225, 15, 14, (0, 0, 0))),
    ("bare_2", "e2m1", 3, 2, (3375, 1905, 196, (0, 98, 98))),
    ("bare_3", "e2m1", 4, 3, (50625, 40335, 2058, (0, 2744, 2744))),
    ("shared_bare", "e2m1", 3, 2, (3375, 225, 210, (14, 0, 14))),
    ("shared_bias", "e2m1", 4, 2, (50625, 6525, 6104, (0, 0, 0))),
]


@pytest.mark.parametrize(("name", "numbers", "count", "units", "expected"), BIASED + BARE)
def test_counts(name, numbers, count, units, expected):
    found = census(getattr(networks, name), SETS[numbers], count)
    assert tuple(found) == expected
    assert found.ndf + max(found.inc) <= units * found.omega / len(SETS[numbers])


@pytest.mark.parametrize("s", RELUS)
@pytest.mark.parametrize(
    ("name", "numbers", "count", "units"),
    [row[:4] for row in BIASED + BARE if row[4][0] < 200_000],
)
def test_one_sweep_decides_with_biases_and_only_then(name, numbers, count, units, s):
    """With a bias in each unit: no derivative where a unit at its kink has an adjoint."""
    network, vectors = getattr(networks, name), all_vectors(SETS[numbers], count)
    seen = []

    def run(*pushes):
        rest = iter(pushes)

        def relu(y):
            seen.append(y)
            return RELUS[s](y) + next(rest)

        return network(relu, *vectors)

    nothing = [np.zeros_like(vectors[0])] * units
    output = run(*nothing)
    at_kink = [y == 0 for y in seen]
    adjoints = ad.vjp(run, *nothing)[1](np.ones_like(output))
    decided = np.any([k & (a != 0) for k, a in zip(at_kink, adjoints, strict=True)], axis=0)
    assert np.array_equal(np.any(at_kink, axis=0), at_a_kink(network, vectors))
    same = np.array_equal(decided, ~differentiable(network, vectors)[0])
    if name not in ("bare_2", "bare_3", "shared_bare", "shared_bias"):
        assert same
    elif name in ("bare_2", "bare_3") and s > 0:
        assert not same


def test_closed_forms():
    for numbers in ("e2m1", "e2m3"):
        size = len(SETS[numbers])
        assert census(networks.one_unit, SETS[numbers], 3).ndf == size * (size - 1)
    # Without biases, two layers: w1 = 0 and the second unit positive; or the reverse.
    assert census(networks.bare_2, SETS["e2m1"], 3).ndf == 2 * 7 * 14
    fp8 = members("e4m3fn")
    w, b = all_vectors(fp8, 2)
    no_derivative = int(np.sum(w + b == 0)) * (len(fp8) - 1)  # for each v that is not 0
    assert Fraction(no_derivative, len(fp8) ** 3) == Fraction(63756, 16194277)


def test_where_two_layers_without_bias_go_wrong():
    """The function is 0 near w1 = 0, w2 < 0, and AD says relu'(0)² w2 w3."""
    vectors = all_vectors(SETS["e2m1"], 3)
    linear, along = differentiable(networks.bare_2, vectors)
    w1, w2, w3 = vectors
    wrong = linear & (ad_gradient(networks.bare_2, 1, vectors)[0] != along[0])
    assert np.array_equal(wrong, (w1 == 0) & (w2 < 0) & (w3 != 0))
    for s in (0.5, 1):
        gradient = ad_gradient(networks.bare_2, s, vectors)[0]
        assert np.array_equal(gradient[wrong], (s**2 * w2 * w3)[wrong])


# density of no derivative, for a hard tanh in place of the ReLU: two kinks a unit
HARD = {"e2m1": 0.09126, "e2m3": 0.027275, "e4m3fn": 0.0025209}


@pytest.mark.parametrize("name", HARD)
def test_two_kinks_double_the_bound(name):
    numbers = members(name)
    w, b = all_vectors(numbers, 2)
    at_kink = int(np.sum(np.abs(w + b) == 1))  # then v ≠ 0 decides
    density = at_kink * (len(numbers) - 1) / len(numbers) ** 3
    assert density == pytest.approx(HARD[name], rel=1e-4)
    assert density <= 2 / len(numbers)


@pytest.mark.parametrize(
    ("units", "size", "share"), [(1, 15, 0.933), (1, 253, 0.996), (5, 15, 0.824), (253, 253, 0.631)]
)
def test_the_bound_is_tight_up_to_a_constant(units, size, share):
    """Units with input 0 sit at their kink for one bias in |M|, independently."""
    one = Fraction(size - 1, size**2)
    density = 1 - (1 - one) ** units
    assert float(density / Fraction(units, size)) == pytest.approx(share, abs=5e-4)


def test_the_density_of_independent_units_is_the_counted_one():
    counted = census(networks.two_wide_at_zero, SETS["toy7"], 6)
    assert Fraction(counted.ndf, counted.omega) == 1 - (1 - Fraction(6, 49)) ** 2


# Clarke: each unit with a bias of its own can be pushed to either side of its kink.
PUSHED = [("one_unit", "e2m1", 3), ("two_layers", "toy7", 5), ("three_layers", "toy5", 7)]


@pytest.mark.parametrize(("name", "numbers", "count"), PUSHED)
@pytest.mark.parametrize(("s", "side", "tolerance"), [(0, -1, 0.0), (1, 1, 1e-4)])
def test_at_kinks_ad_is_a_limit_of_true_derivatives(name, numbers, count, s, side, tolerance):
    network, vectors = getattr(networks, name), all_vectors(SETS[numbers], count)
    moved, at_kink = list(vectors), []
    network(lambda y: (at_kink.append(y == 0), np.maximum(y, 0))[1], *vectors)
    for layer, hit in enumerate(at_kink):
        bias = 2 * layer + 1
        moved[bias] = vectors[bias] + side * hit * 2.0 ** (12 * layer - 40)
    assert not at_a_kink(network, moved).any()
    nearby = ad_gradient(network, 0.5, moved)  # no unit at a kink: any choice of s says the same
    for here, there in zip(ad_gradient(network, s, vectors), nearby, strict=True):
        np.testing.assert_allclose(here, there, rtol=0, atol=tolerance)
