"""The small formats: how many numbers they have, and what rounding to them does."""

from fractions import Fraction

import numpy as np
import pytest
from formats import FORMATS, members, rounded
from hypothesis import given
from hypothesis import strategies as st

SIZES = {"e2m1": 15, "e2m3": 63, "e3m2": 63, "e4m3fn": 253, "e4m3": 239, "e3m4": 223, "e5m2": 247}
# The largest number and the smallest above zero, from the specifications.
ENDS = {
    "e2m1": (6, 2**-1),
    "e2m3": (7.5, 2**-3),
    "e3m2": (28, 2**-4),
    "e4m3fn": (448, 2**-9),
    "e4m3": (240, 2**-9),
    "e3m4": (15.5, 2**-6),
    "e5m2": (57344, 2**-16),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_has_its_numbers(name):
    numbers = members(name)
    largest, smallest = ENDS[name]
    assert len(numbers) == SIZES[name]
    assert max(numbers) == largest
    assert min(n for n in numbers if n > 0) == smallest
    assert numbers == [-n for n in reversed(numbers)]


def test_the_smallest_format_in_full():
    assert members("e2m1")[7:] == [0, 0.5, 1, 1.5, 2, 3, 4, 6]


@pytest.mark.parametrize("name", FORMATS)
@given(number=st.floats(-1e5, 1e5))
def test_rounding_goes_to_the_nearest(name, number):
    got = float(rounded(name, np.array([number]))[0])
    if np.isnan(got):
        assert abs(number) > ENDS[name][0]
        return
    distances = {m: abs(Fraction(m) - Fraction(number)) for m in members(name)}
    assert distances[got] == min(distances.values())


# reference: y = w·1.5 + b over all pairs: pairs, exactly zero, computed zero, overflown, finite
# pairs on the other side of relu's kink
PAIRS = {
    "e2m1": (225, 7, 15, 0, 4),
    "e4m3fn": (64009, 93, 243, 2934, 75),
    "e5m2": (61009, 63, 241, 1574, 89),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_rounded_unit_takes_another_side_than_the_exact_one(name):
    numbers = np.array(members(name))
    w, b = (axis.ravel() for axis in np.meshgrid(numbers, numbers, indexing="ij"))
    exact = w * 1.5 + b
    computed = rounded(name, rounded(name, w * 1.5) + b)
    lost = np.isnan(computed)
    other_side = ((computed > 0) != (exact > 0)) & ~lost
    counts = [len(w), *(int(np.sum(x)) for x in (exact == 0, computed == 0, lost, other_side))]
    assert tuple(counts) == PAIRS[name]
