"""What lesson 18b says of its networks, beside the counts: mixtures of slopes, rounded branches."""

from itertools import product

import networks
import numpy as np
import pytest
from census import RELUS, ad_gradient, all_vectors, at_a_kink, differentiable
from formats import members, rounded

import tinyad as ad

TOY = [-2.0, -1.0, 0.0, 1.0, 2.0]


def at_kinks(network, vectors):
    """For each unit, where it sits on its kink."""
    hits = []
    network(lambda y: (hits.append(y == 0), np.maximum(y, 0))[1], *vectors)
    return hits


@pytest.mark.parametrize(("name", "units"), [("one_unit", 1), ("two_layers", 2)])
@pytest.mark.parametrize("s", RELUS)
def test_ad_is_the_mean_over_units_switched_on_with_chance_s(name, units, s):
    """Each unit on its kink is pushed to either side by its own bias; AD is the weighted mean."""
    network, vectors = getattr(networks, name), all_vectors(TOY, 2 * units + 1)
    hits = at_kinks(network, vectors)
    mean = np.zeros((2 * units + 1, len(vectors[0])))
    for sides in product((0, 1), repeat=units):
        moved = list(vectors)
        for layer, (side, hit) in enumerate(zip(sides, hits, strict=True)):
            bias = 2 * layer + 1
            moved[bias] = vectors[bias] + (2 * side - 1) * hit * 2.0 ** (12 * layer - 40)
        assert not at_a_kink(network, moved).any()
        chance = np.prod([s if side else 1 - s for side in sides])
        mean += chance * np.array(ad_gradient(network, 0.5, moved))
    np.testing.assert_allclose(mean, ad_gradient(network, s, vectors), rtol=0, atol=1e-7)


def test_a_random_step_aside_finds_what_one_sided_slopes_find():
    """The lesson's way to the truth, against the census, wherever it is used there."""
    pushes = 2.0**-40 * np.random.default_rng(0).normal(size=(64, 5))
    for name, numbers, count in (
        ("two_layers", members("e2m1")[4:11], 5),
        ("bare_2", members("e2m1"), 3),
        ("shared_bare", members("e2m1"), 3),
    ):
        network, vectors = getattr(networks, name), all_vectors(numbers, count)
        beside = [
            np.array(
                ad_gradient(network, 0.5, [w + p for w, p in zip(vectors, push, strict=False)])
            )
            for push in pushes
        ]
        differs = np.any(np.ptp(beside, axis=0) > 1e-6, axis=0)
        linear, along = differentiable(network, vectors)
        assert np.array_equal(differs, ~linear)
        np.testing.assert_allclose(beside[0][:, linear], np.array(along)[:, linear], atol=1e-6)


@pytest.mark.parametrize("s", RELUS)
def test_where_rounding_takes_the_other_branch_ad_follows_it(s):
    """With s = 0 the slope of a rounded unit is 0 where that of the exact one is 1.5."""
    w, b = all_vectors(members("e2m1"), 2)
    exact, computed = w * 1.5 + b, rounded("e2m1", rounded("e2m1", w * 1.5) + b)
    other = (exact > 0) != (computed > 0)
    assert (computed[other] == 0).all()
    assert (exact[other] > 0).all()

    def unit(w):
        y = w * 1.5 + b
        return RELUS[s](y + ad.stop_gradient(computed - y))  # the rounded sum, exact slopes

    slope = ad.grad(lambda w: np.sum(unit(w)))(w)
    assert set(slope[other]) == {1.5 * s}


@pytest.mark.parametrize("name", ["e2m1", "e2m3", "e4m3fn", "e5m2"])
@pytest.mark.parametrize("s", RELUS)
def test_relus_in_a_row_go_wrong_for_the_half_at_every_number(name, s):
    """The mean of relu(relu(x − c)) − relu(c − x) is x; AD says (|M| − 1 + s² + s)/|M|."""
    numbers = np.array(members(name))

    def mean(x):
        first = RELUS[s](RELUS[s](x - numbers))
        return np.sum(first - RELUS[s](numbers - x)) / len(numbers)

    few = numbers[:: max(1, len(numbers) // 15)]
    np.testing.assert_allclose([mean(x) for x in few], few, rtol=1e-12)
    expected = (len(numbers) - 1 + s**2 + s) / len(numbers)
    np.testing.assert_allclose([ad.grad(mean)(x) for x in few], expected, rtol=1e-12)
    assert expected != 1
