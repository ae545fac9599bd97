"""What lesson 20 says and does not assert itself, and the truths of its exercise."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import mpmath
import numpy as np
import pytest

import tinyad as ad
from tinyad.course.check.lesson_20 import true_anomaly, true_kinds, true_premium, true_sums

ROOT = Path(__file__).parents[2]
STORIES = [1, 2, 4, 5, 8]


def cells(folder):
    path = ROOT / folder / "20_pitfalls_in_practice.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}


def test_stories_and_table_make_eighteen_each_with_a_test():
    text = "\n".join(cells("lessons").values())
    rows = re.findall(r"^\| .+ \| \[\d\d?b?\]\(\w+\.ipynb\) \|$", text, re.M)
    tests = (Path(__file__).parent / "test_pitfalls.py").read_text(encoding="utf-8")
    numbers = [int(n) for n in re.findall(r"^# (\d+)\. ", tests, re.M)]
    assert numbers == list(range(1, 19))
    assert len(rows) + len(STORIES) == 18


# -- the record ---------------------------------------------------------------------------------


def rounded(x):
    return np.round(x) * x


def test_only_a_wide_step_suspects_the_stairs():
    ad.check_grads(rounded, (2.7,))
    assert ad.finite.grad(rounded, eps=1e-6)(2.7) == pytest.approx(3)
    assert ad.finite.grad(rounded, eps=0.5)(2.7) == pytest.approx(3 * 3.2 - 2 * 2.2)


@pytest.mark.parametrize(
    ("f", "x"),
    [(lambda x: 4 if x == 2 else x * x, 2.0), (lambda x: x * ad.stop_gradient(x), 3.0)],
)
def test_a_small_step_sees_what_was_cut(f, x):
    with pytest.raises(ad.errors.GradientCheckError):
        ad.check_grads(f, (x,))
    assert ad.diagnose(f, x).worst is None  # digits are all that it judges


def test_diagnose_notes_a_branch_at_equality_and_no_cut():
    (row,) = ad.diagnose(lambda x: 4 if x == 2 else x * x, 2.0).rows
    assert (row.op, row.verdict) == ("equal", "kink")
    rows = ad.diagnose(lambda x: x * ad.stop_gradient(x), 3.0).rows
    assert {row.verdict for row in rows} == {"ok"}


# -- the loop -----------------------------------------------------------------------------------


def errors_of_the_loop(start, steps=60):
    fixed = float(mpmath.findroot(lambda t: t - mpmath.cos(t), 0.7))
    truth = -fixed * math.sin(fixed) / (1 + math.sin(fixed))
    x, slope, found = start, 0.0, []
    for _ in range(steps):
        x, slope = math.cos(x), -math.sin(x) * (x + slope)
        found.append((abs(x - fixed), abs(slope - truth)))
    return np.array(found)


def test_answers_of_the_experiment():
    value, slope = errors_of_the_loop(0.0).T
    assert 5 < slope[4] / value[4] < 20  # one digit at first
    assert 50 < slope[-1] / value[-1] < 200  # two in the end
    assert value[40] / value[39] == pytest.approx(0.6736, abs=1e-3)
    stop = int(np.argmax(value <= 1e-6))
    assert 3e-5 < slope[stop] < 7e-5


def test_a_digit_takes_about_six_steps():
    _, slope = errors_of_the_loop(0.7390851332151607).T
    assert 5 < 10 / math.log10(slope[30] / slope[40]) < 7


def test_a_loop_that_does_nothing_passes_every_check_but_a_wide_one():
    def warm(a):
        x = math.sqrt(2)
        while abs(x * x - a) > 1e-3:
            x = (x + a / x) / 2
        return x

    ad.check_grads(warm, (2.0,))
    assert ad.diagnose(warm, 2.0).worst is None
    assert ad.finite.grad(warm, eps=0.1)(2.0) == pytest.approx(1 / math.sqrt(8), abs=2e-3)


# -- chaos --------------------------------------------------------------------------------------


def mean(r, years, x=0.2):
    total = 0.0
    for _ in range(years):
        x = r * x * (1 - x)
        total = total + x
    return total / years


def secant(years):
    return (mean(3.91, years) - mean(3.89, years)) / 0.02


def test_secants_of_the_mean():
    for years, value in {10: -0.1283, 50: -0.17, 100: -0.72, 20000: -0.80}.items():
        assert secant(years) == pytest.approx(value, abs=6e-3)
    assert all(abs(secant(n)) < 2 for n in range(5, 101, 5))


def exact_slope(years):
    with mpmath.workdps(120):
        r, x, dx, total = mpmath.mpf(3.9), mpmath.mpf(0.2), mpmath.mpf(0), mpmath.mpf(0)
        for _ in range(years):
            x, dx = r * x * (1 - x), x * (1 - x) + r * (1 - 2 * x) * dx
            total += dx
        return total / years


def test_the_slope_is_right_for_fifty_years_and_lost_after_a_hundred():
    assert ad.grad(mean)(3.9, 10) == pytest.approx(-0.1279, abs=6e-5)
    for years, tolerance in {10: 1e-12, 50: 1e-3}.items():
        got, truth = ad.grad(mean)(3.9, years), exact_slope(years)
        assert abs(got / truth - 1) < tolerance
        said = ad.diagnose(lambda r, n=years: mean(r, n), 3.9).gradient_error
        assert said < tolerance
    assert abs(ad.grad(mean)(3.9, 100) / exact_slope(100) - 1) > 1
    assert ad.diagnose(lambda r: mean(r, 100), 3.9).gradient_error > 1
    assert abs(ad.grad(mean)(3.9, 100)) > 1.5**90


# -- the exercise -------------------------------------------------------------------------------


def programs():
    scope = {"np": np, "ad": ad}
    exec(cells("solutions")["programs"], scope)
    return scope


def test_each_program_of_the_hunt_shows_its_pitfall():
    found, v = programs(), np.array([2.0, 3.0, 5.0])
    with np.errstate(all="ignore"):
        assert true_kinds() == ("cut", "equality", "early stop", "branch not taken", "two places")
        assert "stop_gradient" in str(ad.trace(found["program_a"], v))
        order = ad.grad(found["program_b"])
        assert order(np.array([4.0, 0.0, 1.0]))[1] == 0
        assert order(np.array([4.0, 1e-9, 1.0]))[1] == 5
        value, slope = ad.value_and_grad(found["program_c"])(0.5)
        assert value == pytest.approx(true_anomaly(0.5)[0], abs=1e-14)
        assert slope == 0
        value, slope = ad.value_and_grad(found["program_d"])(-1.0)
        assert value == 0
        assert math.isnan(slope)
        assert found["program_e"](np.linalg.det, np.array([[2.0, 1], [1, 3]]), 0, 1) == (
            pytest.approx(-1)
        )


def test_truths_of_the_checks():
    for e in (0.1, 0.5, 0.9):
        solve = lambda e: mpmath.findroot(lambda x: x - 1 - e * mpmath.sin(x), 1.5)  # noqa: E731
        assert true_anomaly(e) == pytest.approx((float(solve(e)), float(mpmath.diff(solve, e))))
    for x in (0.5, 3.0):
        premium = lambda x: mpmath.log(max(x, 1)) ** 2  # noqa: E731
        assert true_premium(x)[1] == pytest.approx(float(mpmath.diff(premium, x)))
    v = np.array([2.0, 3.0, 5.0])
    steps = [(true_sums("A", v + d)[0] - true_sums("A", v - d)[0]) / 2e-5 for d in np.eye(3) * 1e-5]
    assert true_sums("A", v)[1:] == pytest.approx(steps, rel=1e-6)
