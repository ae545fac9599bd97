"""Random programs over the whole table: every mode against mpmath, and the modes nested."""

import itertools
import random

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from row_modes import GRAD, NESTINGS
from row_oracle import DIGITS, ORACLES
from row_points import ROWS

import tinyad as ad

PROGRAMS = settings(max_examples=120, deadline=None, derandomize=True, print_blob=True)
FUZZED = [row for row in ROWS if row.name != "ldexp"]


def squeezed(value, interval, sin):
    """Bring any number smoothly into the interval in which a row is smooth."""
    lower, upper = interval
    wave = sin(value)  # so that no program overflows
    if lower == -np.inf:
        return 2 * wave
    return lower + (upper - lower if upper < np.inf else 2) * (wave * 3 + 5) / 10


class Program:
    """A straight line of random operations on two numbers; the last value is the result."""

    def __init__(self, seed, length):
        draw = random.Random(seed)
        self.lines = []
        for k in range(length):
            row = draw.choice(FUZZED)
            operands = [draw.randrange(k + 2) for _ in row.partials]
            self.lines.append((row, operands))

    def __repr__(self):
        return "; ".join(f"v{k + 2} = {r.name}{o}" for k, (r, o) in enumerate(self.lines))

    def __call__(self, *xs):
        return self.run(xs, lambda row: row.function, np.sin)

    def in_mpmath(self, *xs):
        return self.run(xs, lambda row: ORACLES[row.name], mp.sin)

    def run(self, xs, function, sin):
        values = list(xs)
        for row, operands in self.lines:
            inputs = zip(operands, row.domain, strict=True)
            # a shift per argument, or x % x and max(x, x) would sit on their jumps and kinks
            squeeze = [squeezed(values[k] + 0.3 * n, i, sin) for n, (k, i) in enumerate(inputs)]
            values.append(function(row)(*squeeze) * 0.5 + values[-1] * 0.25)
        return values[-1]


# Untidy numbers: a tie would be a matter of convention, and no truth for mpmath.
numbers = st.integers(-40, 40).map(lambda k: k / 17 + 0.0123)
programs = st.builds(Program, st.integers(0, 2**32), st.integers(1, 8))


@PROGRAMS
@given(programs, numbers, numbers)
def test_first_derivatives_of_random_programs(program, x, y):
    with mpmath.workdps(DIGITS):
        point = (mpf(x), mpf(y))
        truth = [float(mp.diff(program.in_mpmath, point, n)) for n in ((1, 0), (0, 1))]
    for mode in GRAD.values():
        assert mode(program, (0, 1))(x, y) == pytest.approx(truth, rel=1e-10, abs=1e-10)


@settings(PROGRAMS, max_examples=60)
@given(programs, numbers, numbers)
def test_second_derivatives_of_random_programs(program, x, y):
    with mpmath.workdps(DIGITS):
        point = (mpf(x), mpf(y))
        truth = [float(mp.diff(program.in_mpmath, point, n)) for n in ((2, 0), (1, 1))]
    for outer, inner in NESTINGS:
        gradient = GRAD[outer](GRAD[inner](program), (0, 1))(x, y)
        assert gradient == pytest.approx(truth, rel=1e-8, abs=1e-8)


@PROGRAMS
@given(programs, numbers, numbers)
def test_value_of_random_programs_is_numpys(program, x, y):
    plain = program(x, y)
    assert ad.value_and_grad(program)(x, y)[0] == plain
    assert ad.jvp(program, (x, y), (1.0, 1.0))[0] == plain


@PROGRAMS
@given(st.lists(st.integers(0, 4), min_size=3, max_size=3), numbers)
def test_no_perturbation_confusion(exponents, x):
    # d/dx [xᵃ · d/dy (xᵇ yᶜ) at y = x] = d/dx [c xⁿ], n = a + b + c - 1
    a, b, c = exponents
    n = a + b + c - 1
    for outer, inner in NESTINGS:

        def f(u, inner=inner):
            return u**a * GRAD[inner](lambda v: u**b * v**c)(u)

        slope = GRAD[outer](f)(x)
        assert slope == pytest.approx(c * n * x ** (n - 1) if c and n else 0.0, rel=1e-12)


@pytest.mark.parametrize("modes", list(itertools.product(GRAD, repeat=3)), ids="-".join)
def test_three_levels(modes):
    # d/dx [x · d/dy (y · d/dz (x y z²) at z = y) at y = x] = d/dx [x · d/dy (2 x y³)] = 24 x³
    d1, d2, d3 = (GRAD[mode] for mode in modes)

    def f(x):
        return x * d2(lambda y: y * d3(lambda z: x * y * z * z)(y))(x)

    assert d1(f)(1.0) == 24.0
    assert d1(f)(2.0) == 192.0
    # closures over two outer variables at once: d/dx d/dy d/dz (x y² z³) = 6 y z²
    g = d1(lambda x: d2(lambda y: d3(lambda z: x * y * y * z**3)(3.0))(2.0))
    assert g(1.0) == 2 * 2 * 3 * 9
