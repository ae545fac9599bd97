"""The shadow's truth against the referee's, on every case whose truth is a number."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hamming_cases import FINE, LOST
from hamming_truth import truth as referee

from tinyad.accuracy.shadow import truth

# At a hole there is no value, at the end of a domain no slope to compare.
NO_VALUE = {
    "example_34(0)",
    "p42_positive(0, 1, 1)",
    "paper_h(2)",
    "zero_times_infinity(0, 0)",
    "entropy([0.5,0.5,0. ])",
}
NO_SLOPE = {"example_31(0)", "length_by_squares(0, 0)", "norm([0.,0.])"}
NUMBERS = [c for c in LOST + FINE if c.name not in NO_VALUE]
DIGITS = 1500  # 1e200 and its square are among the numbers


def flat(value):
    return np.ravel(np.asarray(value, dtype=object))


def assert_equal(found, exact):
    size = max(abs(e) for e in flat(exact))
    for a, b in zip(flat(found), flat(exact), strict=True):
        assert abs(a - b) <= 1e-18 * abs(b) + 1e-100 * size + mpmath.mpf("1e-450")


def test_the_exceptions_exist():
    assert {c.name for c in LOST + FINE} > NO_VALUE | NO_SLOPE


@pytest.mark.parametrize("case", NUMBERS, ids=lambda c: c.name)
def test_the_shadow_tells_the_truth(case):
    with mpmath.workdps(DIGITS), np.errstate(all="ignore"):
        value, gradient = referee(case.f, *case.args, digits=DIGITS)
        found = truth(case.f, *case.args)
        assert found.same_branches
        assert_equal(found.value, value)
        for part, exact in zip(found.gradient, gradient, strict=True):
            if case.name not in NO_SLOPE:
                assert_equal(part, exact)
