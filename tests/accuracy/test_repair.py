"""ad.repair: candidates keep the function and restore its digits; the truth is mpmath's own."""

import mpmath
import numpy as np
import pytest

import tinyad as ad


def derivative(function, x):
    """The value and the derivative of a function of mpmath at a float, to 60 digits."""
    with mpmath.workdps(60):
        x = mpmath.mpf(x)
        h = mpmath.mpf(10) ** -20 * max(1, abs(x))
        return function(x), (function(x + h) - function(x - h)) / (2 * h)


def agrees(candidate, function, x, tolerance=1e-12):
    value, slope = derivative(function, x)
    with np.errstate(all="ignore"):
        found = candidate.f(x), ad.grad(candidate.f)(x)
    return all(
        abs(mpmath.mpf(float(a)) - b) <= tolerance * abs(b)
        for a, b in zip(found, (value, slope), strict=True)
    )


CASES = {
    "exp(x) - 1": (lambda x: np.exp(x) - 1, lambda x: mpmath.exp(x) - 1, 1e-10),
    "conjugate": (
        lambda x: np.sqrt(x + 1) - np.sqrt(x),
        lambda x: mpmath.sqrt(x + 1) - mpmath.sqrt(x),
        1e10,
    ),
    "cancel": (lambda x: (x**2 - 4) / (x - 2), lambda x: x + 2, 2 + 1e-9),
}


@pytest.mark.parametrize("name", CASES)
def test_value_and_derivative_are_restored(name):
    f, true, x = CASES[name]
    best = ad.repair(f, x)[0]
    assert agrees(best, true, x)
    assert min(best.digits_after) > 12 > min(best.digits_before)
