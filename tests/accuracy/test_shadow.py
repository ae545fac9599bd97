"""Shadows of whole programs: truth by fractions, by series and by mpmath, never by the tool."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import tinyad as ad
from tinyad.accuracy import shadow
from tinyad.accuracy.shadow import replay, truth
from tinyad.arguments import Call
from tinyad.rules import TABLE
from tinyad.rules.rows import elementwise
from tinyad.views.record import run


def close(found, true, digits=30):
    with mp.workdps(2 * digits):
        if isinstance(true, Fraction):
            true = mpf(true.numerator) / true.denominator
        return abs(found - true) <= mpf(10) ** -digits * abs(true)


def h(x):
    return (x * x - 4) / (x - 2)


@pytest.mark.parametrize("gamma", [2.0**-51, 1e-15, 1e-12, 1e-8, -1e-8, -3e-4, 0.5])
def test_the_quotient_of_the_paper_is_x_plus_2(gamma):
    x = 2 + gamma
    result = truth(h, x)
    assert result.settled
    assert result.same_branches
    assert close(result.value, Fraction(x) + 2)
    assert close(result.gradient[0], Fraction(1))


def test_a_hole_has_no_value():
    result = truth(h, 2.0)
    assert result.settled
    assert mp.isnan(result.value)


@pytest.mark.parametrize("x", [1e-5, 1e-30, 1e-100, 1e-160])
def test_tiny_arguments_are_not_absorbed(x):
    # 1 - cos x = x²/2 - x⁴/24 + …, which for these needs up to 640 digits in between
    result = truth(lambda x: (1 - np.cos(x)) / x**2, x)
    with mp.workdps(400):
        t = mpf(x)
        assert close(result.value, mpf(1) / 2 - t**2 / 24 + t**4 / 720, 18)
        assert close(result.gradient[0], -t / 12 + t**3 / 180, 18)


@pytest.mark.parametrize("tiny", [1e-17, 1e-60, 1e-150, 1e-300])
def test_what_a_sum_absorbs_comes_back(tiny):
    assert close(truth(lambda x: (1 + x) - 1, tiny).value, Fraction(tiny))


def test_a_zero_that_only_precision_approaches_is_settled():
    result = truth(lambda x: np.sin(x) ** 2 + np.cos(x) ** 2 - 1, 0.3)
    assert result.settled
    assert abs(result.value) < mpf(10) ** -80


def test_what_never_stands_still_says_so(monkeypatch):
    monkeypatch.setattr(shadow, "MOST", 90)

    def chaos(x):
        for _ in range(400):
            x = 3.9 * x * (1 - x)
        return x

    assert not truth(chaos, 0.2).settled
    monkeypatch.setattr(shadow, "MOST", 400)
    result = truth(chaos, 0.2)
    assert result.settled
    with mp.workdps(600):
        x = mpf(0.2)
        for _ in range(400):
            x = mpf(3.9) * x * (1 - x)
        assert close(result.value, x, 18)


def test_the_branches_of_the_floats_are_followed_and_the_difference_is_said():
    def f(x):
        return x if x + 1e-20 > x else -x

    result = truth(f, 1.0)
    assert result.value == -1
    assert not result.same_branches
    assert truth(f, 1e-20).same_branches

    def jump(x):
        return x - np.floor(x + 1e-20)

    below = np.nextafter(1.0, 0.0)
    assert truth(jump, below).same_branches
    assert not truth(lambda x: np.floor(1 - x), 1e-20).same_branches


def test_arguments_may_be_nested_and_outputs_several():
    def f(p, x):
        return {"y": p["w"] * x, "z": [p["b"] + x]}

    result = truth(f, {"w": np.array([2.0, 3.0]), "b": 1}, 0.1)
    assert close(result.value["y"][1], 3 * Fraction(0.1))
    assert close(result.value["z"][0], 1 + Fraction(0.1))
    assert close(result.gradient[0]["w"][0], Fraction(0.1))
    assert result.gradient[0]["b"] == 1
    assert result.gradient[1] == 6  # of the sum of all outputs: 2 + 3 + 1


def test_a_constant_output_and_an_argument_without_effect():
    result = truth(lambda x, y: x * 0.1, 3.0, np.ones(2))
    assert close(result.value, 3 * Fraction(0.1))
    assert list(result.gradient[1]) == [0, 0]
    assert truth(lambda x: 2.5, 1.0).value == 2.5


def test_float32_constants_and_arguments_are_taken_as_they_are():
    x = np.float32(0.1)
    assert close(truth(lambda x: x * np.float32(3), x).value, 3 * Fraction(float(x)))


def test_replay_holds_every_step():
    recorded = run(Call(lambda x: (x * x - 4) / (x - 2), (0,), (3.5,), {})).record
    found = replay(recorded, 50)
    assert [float(v) for v in found] == [3.5, 12.25, 8.25, 1.5, 5.5]


# Functions whose derivative is attached: the shadow runs f, the partial is taken at its word


def test_attached_derivatives():
    slow = ad.with_derivative(lambda x: np.log(1 + np.exp(x)), lambda x: 1 / (1 + np.exp(-x)))
    result = truth(lambda x: 2 * slow(x), -50.0)
    with mp.workdps(60):
        assert close(result.value, 2 * mp.log1p(mp.exp(mpf(-50))), 18)
        assert close(result.gradient[0], 2 / (1 + mp.exp(mpf(50))), 18)


def test_the_shadow_of_an_attached_function_takes_its_own_branches():
    guarded = ad.with_derivative(lambda x: h(x) if x != 2 else 4.0, lambda x: 1.0)
    assert truth(guarded, 2.0).value == 4
    assert close(truth(guarded, 2 + 1e-12).value, Fraction(2 + 1e-12) + 2)


def test_a_function_without_a_shadow_is_named(monkeypatch):
    bessel = elementwise(np.i0, lambda x: x / 2)
    monkeypatch.setitem(TABLE, np.i0, bessel)
    recorded = run(Call(lambda x: np.i0(x) * 2, (0,), (0.3,), {}))
    last, _ = shadow.settle(recorded)
    assert last.unknown == ["i0"]
    assert last.values[-1] == 2 * float(np.i0(0.3))


# Enormous arrays


def test_enormous_arrays_are_right_at_the_places_looked_at():
    x = np.linspace(-1.0, 1.0, 50_000)
    result = truth(lambda x: np.exp(1e-9 * x) - 1, x)
    found, at = np.asarray(result.value), shadow.sample.places(x.size)
    with mp.workdps(40):
        for k in at[:40]:
            assert close(mpf(found[k]), mp.expm1(mpf(1e-9) * mpf(float(x[k]))), 15)


def test_an_enormous_sum_in_float32():
    x = np.full(60_000, 0.1, dtype=np.float32)
    x[7] = 1e8
    exact = 59_999 * Fraction(float(x[0])) + Fraction(1e8)
    assert close(truth(lambda x: np.sum(x), x).value, exact, 14)


def test_an_enormous_array_has_a_gradient():
    x = np.linspace(0.5, 2.0, 30_000)
    result = truth(lambda x: np.sum(np.log(x) * 2.0), x)
    slopes = np.asarray(result.gradient[0])
    assert np.allclose(slopes, 2.0 / x, rtol=1e-15)


# Random programs of arithmetic: fractions know their value, dual fractions their slope


class Dual:
    """A fraction with its derivative: the quotient rule, and nothing from tinyad."""

    def __init__(self, value, slope):
        self.value, self.slope = Fraction(value), Fraction(slope)

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other):
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other):
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)

    def __truediv__(self, other):
        slope = (self.slope * other.value - self.value * other.slope) / other.value**2
        return Dual(self.value / other.value, slope)


STEP = st.tuples(st.sampled_from("+-*/"), st.integers(0, 5), st.integers(0, 5))
START = st.floats(-4.0, 4.0, allow_subnormal=False).filter(lambda x: abs(x) > 1e-6)


def play(steps, values):
    """Run a random program: each step takes two of the values so far."""
    values = list(values)
    for sign, i, j in steps:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append(
            a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b
        )
    return values[-1]


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=9), START, START)
def test_random_programs_against_fractions(steps, x, y):
    try:
        exact = play(steps, (Dual(x, 1), Dual(y, 0), Dual(1, 0)))
    except ZeroDivisionError:
        return  # a pole, or a hole: there is no truth
    result = truth(lambda x, y: play(steps, (x, y, 1.0)) + 0 * (x + y), x, y)
    for found, true in ((result.value, exact.value), (result.gradient[0], exact.slope)):
        assert close(found, true, 18) if true else abs(found) < mpf(10) ** -40
