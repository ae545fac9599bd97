"""Eighteen ways to a wrong or useless gradient that are not the fault of a derivative rule.

One test each, in the order of the closing table of lesson 20. Most are named in Hueckelheim et al.,
A taxonomy of automatic differentiation pitfalls, 2024; the numbers are mathematics, or computed
here a second time without automatic differentiation.
"""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import tinyad as ad


# 1. A loop that stops when the value is right
def babylonian(a, start, tolerance):
    x = start
    while abs(x * x - a) > tolerance:
        x = (x + a / x) / 2
    return x


def test_a_loop_stopped_by_the_value():
    truth = 1 / (2 * math.sqrt(2))
    rough = ad.grad(lambda a: babylonian(a, 1.0, 1e-1))(2.0)
    # two steps from 1: a ↦ (1 + a)/2 ↦ ((1 + a)/2 + 2a/(1 + a))/2
    assert rough == pytest.approx(float(Fraction(1, 4) + Fraction(1, 9)), rel=1e-14)
    finer = ad.grad(lambda a: babylonian(a, 1.0, 1e-3))(2.0)
    assert finer == pytest.approx(0.35356594, abs=5e-9)
    assert abs(finer - truth) < abs(rough - truth)
    assert ad.grad(lambda a: babylonian(a, math.sqrt(2), 1e-3))(2.0) == 0


def fixed_point(a, steps, start):
    x = start
    for _ in range(steps):
        x = np.cos(a * x)
    return x


def test_a_fixed_point_started_at_the_answer():
    x = float(mpmath.findroot(lambda t: t - mpmath.cos(t), 0.7))
    implicit = -x * math.sin(x) / (1 + math.sin(x))
    expected = {1: -0.49786, 5: -0.33873, 10: -0.29175, 20: -0.29736, 50: -0.297474341}
    for steps, slope in expected.items():
        value, got = ad.value_and_grad(lambda a, n=steps: fixed_point(a, n, x))(1.0)
        assert value == pytest.approx(x, abs=1e-15)
        assert got == pytest.approx(slope, abs=6e-6)
    assert implicit == pytest.approx(-0.29747434151, abs=1e-11)
    assert got == pytest.approx(implicit, abs=1e-8)


def test_a_linear_solver_started_at_the_answer():
    A, b = np.array([[4.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0])
    E = np.array([[0.0, 0.5], [0.5, 0.0]])
    start = np.linalg.solve(A, b)

    def jacobi(a, sweeps):
        x = start
        for _ in range(sweeps):
            x = (b - (A + a * E - np.diag(np.diag(A))) @ x) / np.diag(A)
        return np.sum(x)

    exact = -np.sum(np.linalg.solve(A, E @ start))
    for sweeps, slope in {1: -0.094697, 3: -0.072285, 10: -0.0702477, 30: -0.07024793388}.items():
        value, got = ad.value_and_grad(lambda a, n=sweeps: jacobi(a, n))(0.0)
        assert value == pytest.approx(8 / 11, abs=1e-15)
        assert got == pytest.approx(slope, abs=6e-7)
    assert exact == pytest.approx(-0.07024793388, abs=1e-11)
    assert got == pytest.approx(exact, abs=1e-11)


# 2. A branch at equality
@pytest.mark.parametrize(
    "f", [lambda x: 4 if x == 2 else x * x, lambda x: np.where(x == 2, 4.0, x * x)]
)
def test_a_branch_at_equality_forgets_the_slope(f):
    assert float(f(2.0)) == 4
    assert ad.grad(f)(2.0) == 0
    assert ad.grad(f)(2.0 + 1e-9) == pytest.approx(4)


# 3. An array overwritten after it was used
def test_overwriting():
    saved = []
    x = np.array([3.0])
    saved.append(x)  # a tape that keeps a reference
    y = x * x
    x += 1
    assert y[0] == 9
    assert 2 * saved[0][0] == 8  # the slope at 4, where 6 was meant

    def f(scale):
        buffer = np.array([3.0])
        product = scale * buffer
        buffer += 1  # tinyad has copied what it needs
        return np.sum(product)

    assert ad.grad(f)(1.0) == 3

    def overwrites(v):
        v[0] = 100.0
        return np.sum(v)

    with pytest.raises(ad.errors.TinyadError, match="changed in place"):
        ad.grad(overwrites)(np.ones(2))


# 4. A value that leaves the recording
def test_a_detached_constant():
    assert ad.grad(lambda x: x * ad.stop_gradient(x))(3.0) == 3
    with pytest.raises(ad.errors.TinyadError):
        ad.grad(lambda x: x * float(x))(3.0)
    with pytest.raises(ad.errors.TinyadError):
        ad.grad(lambda x: x * math.sin(x))(3.0)


# 5. Chaos
def logistic(r, n):
    x = 0.2
    for _ in range(n):
        x = r * x * (1 - x)
    return x


def test_chaos_makes_a_right_gradient_useless():
    slope = ad.grad(logistic)
    expected = {5: 0.3125066, 10: -1.1366956, 20: 726.658}
    for n, value in expected.items():
        with mpmath.workdps(60):
            true = mpmath.diff(lambda r, n=n: exact_logistic(r, n), mpmath.mpf(3.9))
        assert slope(3.9, n) == pytest.approx(value, rel=1e-6)
        assert slope(3.9, n) == pytest.approx(float(true), rel=1e-6)
    assert 1e10 < abs(slope(3.9, 50)) < 1e12
    assert 1e22 < abs(slope(3.9, 100)) < 1e25
    secant = abs(logistic(3.91, 100) - logistic(3.89, 100)) / 0.02
    assert secant <= 1 / 0.02  # no step of 0.02 can change a number between 0 and 1 by more


def exact_logistic(r, n):
    x = mpmath.mpf(0.2)
    for _ in range(n):
        x = r * x * (1 - x)
    return x


# 6. Discretize, then differentiate
def test_the_right_gradient_of_the_discrete_model():
    def euler(k, n):
        y = 1.0
        for _ in range(n):
            y = y - k * y / n
        return y

    for n, value in {10: -0.38742, 1000: -0.368063}.items():
        assert ad.grad(euler)(1.0, n) == pytest.approx(-((1 - 1 / n) ** (n - 1)), rel=1e-12)
        assert ad.grad(euler)(1.0, n) == pytest.approx(value, abs=6e-6)
    assert abs(value + math.exp(-1)) < 2e-4

    def counted(dt):
        steps = int(1.0 / dt)
        return sum(0.1 for _ in range(steps)) + 0 * dt

    with pytest.raises(ad.errors.TinyadError):  # the number of steps hangs on dt: said
        ad.grad(counted)(0.1)


def adaptive(k, held):
    y, t, steps = 1.0, 0.0, 0
    while t < 1:
        dt = 1e-2 / (k * k * y / 2)
        dt = ad.stop_gradient(dt) if held else dt
        if t + dt >= 1:
            dt = 1 - t
        y, t, steps = y - k * y * dt, t + dt, steps + 1
    return y


def test_an_adaptive_step_hangs_on_the_parameter():
    through = ad.grad(lambda k: adaptive(k, False))(1.0)
    held = ad.grad(lambda k: adaptive(k, True))(1.0)
    assert adaptive(1.0, False) == pytest.approx(0.361557, abs=5e-7)
    assert through == pytest.approx(-0.38801, abs=6e-6)
    assert held == pytest.approx(-0.37425, abs=6e-6)
    h = 1e-6
    difference = (adaptive(1 + h, False) - adaptive(1 - h, False)) / (2 * h)
    assert through == pytest.approx(difference, rel=1e-6)


# 7. Randomness
def test_a_sample_has_no_gradient_and_a_shifted_one_has():
    rng = np.random.default_rng(0)
    uniform, normal = rng.random(100_000), rng.standard_normal(100_000)
    assert ad.grad(lambda p: np.mean(np.where(uniform < p, 1.0, 0.0)))(0.3) == 0  # truth: 1
    pathwise = ad.grad(lambda mu: np.mean((mu + normal) ** 2))(1.5)
    assert pathwise == pytest.approx(3, abs=5 * 2 / math.sqrt(len(normal)))
    score = np.mean((1.5 + normal) ** 2 * normal)
    spread = np.std((1.5 + normal) ** 2 * normal) / math.sqrt(len(normal))
    assert score == pytest.approx(3, abs=5 * spread)
    inside = ad.grad(lambda mu: np.mean(np.where(mu + normal > 2, 1.0, 0.0)))(1.5)
    assert inside == 0
    assert float(mpmath.npdf(0.5)) == pytest.approx(0.35207, abs=5e-6)


# 8. Integers, rounding, tables
def test_rounding_has_slope_zero():
    assert ad.grad(np.floor)(2.7) == 0
    assert ad.grad(lambda x: np.round(x) * x)(2.7) == 3
    table = np.array([0.0, 0.5, 1.0])
    with pytest.raises(ad.errors.TinyadError):
        ad.grad(lambda x: table[int(x)])(1.2)
    assert ad.grad(lambda x: np.take(table, np.argmax(np.stack([x, 2 * x]))) + 0 * x)(1.2) == 0


# 9. Exponentials that overflow
@pytest.mark.parametrize(
    ("naive", "better", "x", "value", "slope"),
    [
        (lambda x: np.log(1 + np.exp(x)), lambda x: np.logaddexp(0, x), 1000.0, 1000.0, 1.0),
        (lambda x: np.exp(x) / (1 + np.exp(x)), lambda x: 1 / (1 + np.exp(-x)), 1000.0, 1.0, 0.0),
        (
            lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
            np.tanh,
            800.0,
            1.0,
            0.0,
        ),
    ],
    ids=["softplus", "sigmoid", "tanh"],
)
def test_overflow(naive, better, x, value, slope):
    with np.errstate(all="ignore"):
        assert math.isnan(ad.grad(naive)(x))
    assert ad.value_and_grad(better)(x) == (value, slope)


# 10. Roots and norms at zero
def test_roots_and_norms_at_zero():
    with np.errstate(all="ignore"):
        assert ad.grad(np.sqrt)(0.0) == math.inf
        assert math.isnan(ad.grad(lambda x: np.sqrt(x * x))(0.0))
        assert math.isnan(ad.grad(lambda x: 0 * np.sqrt(x))(0.0))
        assert ad.grad(np.arccos)(1.0) == -math.inf
    assert list(ad.grad(np.linalg.norm)(np.zeros(2))) == [0, 0]
    assert ad.grad(lambda x: np.sqrt(x + np.float32(1e-8)))(np.float32(0)) == pytest.approx(5000)


# 11. The branch not taken
def test_where_does_not_protect_the_branch_not_taken():
    with np.errstate(all="ignore"):
        value, slope = ad.value_and_grad(lambda x: np.where(x > 0, np.log(x), 0.0))(0.0)
        assert value == 0
        assert math.isnan(slope)
        assert math.isnan(ad.grad(lambda x: np.where(x == 0, 1.0, np.sin(x) / x))(0.0))

    def safe(x):
        inside = np.where(x == 0, 1.0, x)
        return np.where(x == 0, 1.0, np.sin(inside) / inside)

    assert ad.value_and_grad(safe)(0.0) == (1, 0)
    assert ad.grad(ad.grad(np.sinc))(0.0) == pytest.approx(-(math.pi**2) / 3)


# 12. Symmetric matrices
def test_a_symmetric_matrix_has_two_gradients():
    def of_b(b):
        return np.linalg.det(np.stack([np.stack([2.0, b]), np.stack([b, 3.0])]))

    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    np.testing.assert_allclose(ad.grad(np.linalg.det)(A), [[3, -1], [-1, 2]], atol=1e-14)
    assert ad.grad(of_b)(1.0) == pytest.approx(-2)


# 13. Too few digits
def test_float32():
    def f(x):
        return (1 - np.cos(x)) / x**2

    with np.errstate(all="ignore"):
        value, slope = ad.value_and_grad(f)(np.float32(1e-4))
    assert value == 0
    assert slope == pytest.approx(1e4, rel=1e-3)
    double = ad.value_and_grad(f)(1e-4)
    assert double[0] == pytest.approx(0.49999999696, abs=1e-11)
    assert double[1] == pytest.approx(4.41e-5, rel=1e-2)  # truth: -8.33e-6
    absorbed = ad.value_and_grad(lambda x: (x + np.float32(1e8)) - np.float32(1e8))
    assert absorbed(np.float32(1)) == (0, 1)


# 14. Gradients that pile up
def test_tinyad_hands_out_a_fresh_gradient_each_time():
    gradients = [ad.grad(lambda w: w * w)(1.0) for _ in range(3)]
    assert gradients == [2, 2, 2]
    assert sum(gradients) == 6  # what a field that is added to would hold


# 15. Perturbation confusion
def test_nested_derivatives_stay_apart():
    assert ad.derivative(lambda x: x * ad.derivative(lambda y: x + y)(1.0))(1.0) == 1
    outer = Untagged(1.0, 1.0)
    inner = (outer + Untagged(1.0, 1.0)).tangent  # d/dy (x + y), which also sees the ε of x
    assert (outer * inner).tangent == 2


class Untagged:
    """A dual number that knows one ε for all derivatives."""

    def __init__(self, value, tangent):
        self.value, self.tangent = value, tangent

    def __add__(self, other):
        return Untagged(self.value + other.value, self.tangent + other.tangent)

    def __mul__(self, factor):
        return Untagged(self.value * factor, self.tangent * factor)


# 16. A good approximation with a bad derivative
def test_near_values_do_not_mean_near_slopes():
    nodes = np.linspace(0, np.pi, 11)
    table = np.sin(nodes)

    def looked_up(x):
        left = np.where(x >= nodes[1], 1, 0)
        share = (x - nodes[left]) / (nodes[1] - nodes[0])
        return table[left] * (1 - share) + table[left + 1] * share

    assert looked_up(0.3) == pytest.approx(math.sin(0.3), abs=5e-3)
    assert ad.grad(looked_up)(0.3) == pytest.approx(0.98363, abs=5e-6)
    assert math.cos(0.3) == pytest.approx(0.95534, abs=5e-6)
    assert ad.grad(lambda x: x + 1e-6 * np.sin(1e8 * x))(0.0) == pytest.approx(101)


# 17. Conventions
def test_conventions_at_kinks():
    assert ad.grad(lambda x: np.maximum(x, 0))(0.0) == 0.5
    assert ad.grad(lambda x: np.where(x > 0, x, 0))(0.0) == 0
    assert ad.grad(lambda x: np.where(x >= 0, x, 0))(0.0) == 1
    assert ad.grad(np.abs)(0.0) == 0
    assert list(ad.grad(np.max)(np.ones(2))) == [0.5, 0.5]


# 18. What recording costs
@pytest.mark.parametrize("n", [10, 100, 1000])
def test_a_tape_grows_with_the_operations(n):
    def f(x):
        for _ in range(n):
            x = np.sin(x)
        return x

    assert len(ad.trace(f, 1.0).record.steps) == n + 1
