"""Exercise 16 asks for truths: they are found here by other ways than its checks."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import numpy as np
import pytest
from mpmath import mp, mpf

import tinyad as ad
from tinyad.course.check.lesson_16 import (
    EARLY,
    LATE,
    true_chance,
    true_killers,
    true_loss,
    true_mean,
    true_verdicts,
)

NOTEBOOK = Path(__file__).parents[2] / "solutions" / "16_cures_by_hand.ipynb"
CELLS = {
    cell["id"]: "".join(cell["source"])
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
}
INPUTS = (1 + 4e-10, 1e-9, 30.0, 800.0)


class InMpmath:
    """The NumPy functions of a program, computed by mpmath."""

    exp, log, sqrt = staticmethod(mp.exp), staticmethod(mp.log), staticmethod(mp.sqrt)


def price_lines() -> list[tuple[str, str]]:
    """The locked program as pairs of a name and a formula."""
    program = CELLS["price-program"].split("\n\n\n")[0]
    body = ast.parse(program).body[0].body
    return [(ast.unparse(a.targets[0]), ast.unparse(a.value)) for a in body[:-1]]


def run(x, numpy, **swap):
    names = {"x": x, "np": numpy}
    for name, formula in price_lines():
        # a swapped value keeps the slope of its line, as in the swap test of lesson 15b
        names[name] = eval(formula, {}, dict(names))
        if name in swap:
            names[name] = names[name] + (swap[name] - ad.stop_gradient(names[name]))
    return names


def test_the_program_has_the_lines_that_the_check_accepts():
    assert [name for name, _ in price_lines()] == [*EARLY, *LATE]


@pytest.mark.parametrize("place", range(4))
def test_killing_lines_by_the_swap_test(place):
    x = INPUTS[place]
    with mp.workdps(60):
        exact = run(mpf(x), InMpmath)
        step = mpf(10) ** -25
        rise = run(mpf(x) + step, InMpmath)["result"] - run(mpf(x) - step, InMpmath)["result"]
        slope = float(rise / (2 * step))

    def slope_with(**swap):
        with np.errstate(all="ignore"):
            return ad.derivative(lambda x: run(x, np, **swap)["result"])(x)

    if abs(slope_with() / slope - 1) < 1e-9:
        killer = "nobody"
    elif not np.isfinite(slope_with()):
        with np.errstate(all="ignore"):
            values = run(np.float64(x), np)
        killer = next(name for name, _ in price_lines() if not np.isfinite(values[name]))
    else:
        killer = next(
            name
            for name, _ in price_lines()
            if abs(slope_with(**{name: float(exact[name])}) / slope - 1) < 1e-3
        )
    assert killer == true_killers()[place]


@pytest.mark.parametrize("place", range(4))
def test_the_diagnosis_names_the_killing_line(place):
    namespace = {"np": np, "ad": ad}
    exec(CELLS["price-program"].split("\n\n\n")[0], namespace)
    worst = ad.diagnose(namespace["price_of"], INPUTS[place]).worst
    assert (worst is None) == (true_killers()[place] == "nobody")
    if worst is not None:
        assert (
            worst.op
            == {"gap": "subtract", "lost": "subtract", "grown": "exp"}[true_killers()[place]]
        )


PROGRAMS = (
    (lambda x: (1 - np.cos(x)) / x**2, 1e-8),
    (lambda x: np.sqrt(x**2 + 1), 1e200),
    (lambda x: np.sin(x) / x, 0.0),
    (lambda x: (x - 1) / (x + 1), 1 + 1e-10),
    (lambda x: 1e300 * np.exp(-x), 800.0),
    (lambda x: np.sqrt(x - 1), 0.5),
    (lambda x: np.exp(x) / (1 + np.exp(x)), 1000.0),
)


@pytest.mark.parametrize("place", range(7))
def test_the_diagnosis_says_the_verdicts(place):
    f, x = PROGRAMS[place]
    worst = ad.diagnose(f, x).worst
    assert ("ok" if worst is None else worst.verdict) == true_verdicts()[place]


def test_the_verdicts_are_what_happens_in_floats():
    with np.errstate(all="ignore"):
        x = np.float64(1e-8)
        assert np.cos(x) == 1  # all that is left of x²/2 is lost, though the limit is 1/2
        assert np.float64(1e200) ** 2 == np.inf
        assert np.sin(0.0) == 0
        with mp.workdps(40):
            t = mpf(1 + 1e-10)
            assert float((t - 1) / (t + 1)) == pytest.approx(PROGRAMS[3][0](1 + 1e-10), rel=2e-16)
            assert float(mpf(10) ** 300 * mp.exp(-800)) == pytest.approx(3.67e-48, rel=1e-2)
        assert np.exp(-800.0) == 0
        assert np.exp(1000.0) == np.inf


@pytest.mark.parametrize("x", [1e-300, 1e-17, 1e-3, 0.69, 0.7, 3.0, 40.0, 600.0])
def test_the_chance_in_many_digits(x):
    with mp.workdps(400):
        value = mp.log(1 - mp.exp(-mpf(x)))
        slope = 1 / (mp.exp(mpf(x)) - 1)
    assert true_chance(x) == pytest.approx((float(value), float(slope)), rel=1e-14)


@pytest.mark.parametrize("share", [0.0, 1e-12, 1e-6, 1e-2, 0.3, 3.0])
def test_the_logarithmic_mean_in_many_digits(share):
    a = 40.0
    b = a * (1 + share)
    with mp.workdps(60):

        def mean(a, b):
            return a if a == b else (b - a) / (mp.log(b) - mp.log(a))

        h = mpf(10) ** -20
        da = (mean(mpf(a) + h, mpf(b)) - mean(mpf(a) - h, mpf(b))) / (2 * h)
        db = (mean(mpf(a), mpf(b) + h) - mean(mpf(a), mpf(b) - h)) / (2 * h)
        wanted = [float(v) for v in (mean(mpf(a), mpf(b)), da, db)]
    assert true_mean(a, b) == pytest.approx(wanted, rel=1e-13)


def test_the_museum_piece_is_ill_as_the_exercise_says():
    namespace = {"np": np, "ad": ad}
    exec(CELLS["mean-program"].split("\n\n\n")[0], namespace)
    log_mean = namespace["log_mean"]
    gradient = ad.grad(log_mean, argnums=(0, 1))
    assert gradient(40.0, 40.0) == (1.0, 0.0)
    assert true_mean(40.0, 40.0) == (40.0, 0.5, 0.5)
    assert max(map(abs, gradient(40.0, 40.0000001))) > 10
    assert ad.diagnose(log_mean, 40.0, 40.0).worst is None
    with pytest.raises(ad.errors.GradientCheckError):
        ad.check_grads(log_mean, (40.0, 40.0))


@pytest.mark.parametrize(
    ("scores", "target"),
    [
        ([1.0, 2.0, 0.0], [0.2, 0.5, 0.3]),
        ([1000.0, 0.0, 1.0], [0.2, 0.5, 0.3]),
        ([-1000.0, -1000.0, 5.0], [0.5, 0.5, 0.0]),
    ],
)
def test_the_loss_in_many_digits(scores, target):
    with mp.workdps(1200):

        def loss(s):
            total = mp.fsum(mp.exp(v) for v in s)
            pairs = [(mpf(t), mp.exp(v) / total) for t, v in zip(target, s, strict=True)]
            return mp.fsum(t * mp.log(t / p) for t, p in pairs if t)

        s = [mpf(v) for v in scores]
        h = mpf(10) ** -400
        rises = [
            loss([v + h * (j == k) for j, v in enumerate(s)])
            - loss([v - h * (j == k) for j, v in enumerate(s)])
            for k in range(3)
        ]
        wanted = [float(loss(s)), *(float(rise / (2 * h)) for rise in rises)]
    found = true_loss(np.array(scores), np.array(target))
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-15)
