"""Diagnosis: errors against fractions and mpmath, verdicts on programs whose fault is known."""

from __future__ import annotations

import math
import operator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

import tinyad as ad
from tinyad.accuracy import shadow
from tinyad.rules import TABLE
from tinyad.rules.rows import elementwise

U = 2.0**-53


def h(x):
    f = x**2 - 4
    g = x - 2
    return f / g


def by_op(diagnosis, op):
    (row,) = [row for row in diagnosis.rows if row.op == op]
    return row


# The quotient of "Software-based Automatic Differentiation is Flawed"


@pytest.mark.parametrize("gamma", [1e-12, -1e-10, 3e-8, 1e-6])
def test_the_subtraction_is_to_blame_and_the_square_is_said_to_have_absorbed(gamma):
    x = 2 + gamma
    d = ad.diagnose(h, x)
    assert d.worst is d.rows[1]
    assert (d.worst.op, d.worst.verdict) == ("subtract", "cancellation")
    assert d.rows[0].op == "square"
    assert d.rows[0].verdict == "absorption"
    assert "f = x**2 - 4" in d.worst.line
    assert "square, absorption: rounds" in d.advice
    assert d.rows[3].verdict == "ok"  # the division only shows it
    exact = Fraction(x) ** 2 - 4
    error = abs(Fraction(x * x - 4) - exact) / exact
    assert d.worst.relative_error == pytest.approx(abs(float(error)), rel=1e-12)
    assert d.worst.own_error == 0  # of the operands it had, the difference is exact
    condition = x * x / abs(x * x - 4)
    assert d.worst.amplification == pytest.approx(condition, rel=1e-6)
    assert d.value_error == pytest.approx(abs(h(x) - x - 2) / 4, rel=1e-4)
    assert d.gradient_error == pytest.approx(abs(ad.grad(h)(x) - 1), rel=1e-9)


def test_in_the_hole_the_division_is_to_blame():
    d = ad.diagnose(h, 2.0)
    assert (d.worst.op, d.worst.verdict) == ("divide", "0/0")
    assert "0 / 0" in d.worst.note
    assert d.value_error == d.gradient_error == math.inf


def test_far_from_it_nothing_is():
    d = ad.diagnose(h, 3.0)
    assert d.worst is None
    assert {row.verdict for row in d.rows} == {"ok"}
    assert "Nothing is wrong" in d.advice


# NaN and infinity: which operation, which word, which form


@pytest.mark.parametrize(
    ("f", "args", "op", "verdict", "said"),
    [
        (lambda x: np.exp(x) - np.exp(x - 1), (1000.0,), "exp", "overflow", "1.97e+434"),
        (lambda x: np.exp(x) * np.exp(-x), (800.0,), "exp", "overflow", "exp(800)"),
        (lambda x: x / np.sqrt(x * x + 1), (1e200,), "multiply", "overflow", "1.0e+400"),
        (lambda x: np.log(1 + np.exp(x)), (710.0,), "exp", "overflow", "exp(710)"),
        (lambda x: np.log(np.exp(x)), (-800.0,), "log", "domain", "log(0) is infinite"),
        (lambda x: np.sqrt(x * x), (1e-200,), "multiply", "underflow", "1.0e-400"),
        (lambda x: np.log(x), (-1.0,), "log", "domain", "no real value"),
        (lambda x: np.sqrt(x - 3), (1.0,), "sqrt", "domain", "sqrt(-2)"),
        (lambda x: np.arccos(x), (1.5,), "arccos", "domain", "arccos(1.5)"),
        (lambda x: 1 / x, (0.0,), "divide", "domain", "infinite"),
        (lambda x: np.log(x), (0.0,), "log", "domain", "infinite"),
        (lambda x: x * (1 / x), (0.0,), "divide", "domain", "infinite"),
        (lambda x: np.sin(x) / x, (0.0,), "divide", "0/0", "0 / 0"),
        (lambda x: np.prod(x) ** 0.5, (np.array([1e200, 1e200, 1.0]),), "prod", "overflow", "prod"),
    ],
)
def test_what_makes_nan_or_infinity(f, args, op, verdict, said):
    d = ad.diagnose(f, *args)
    assert (d.worst.op, d.worst.verdict) == (op, verdict)
    assert said in d.worst.note
    assert d.worst.note in d.advice


@pytest.mark.parametrize(
    ("f", "x", "op", "form"),
    [
        (lambda x: np.exp(x) - np.exp(x + 1), 1000.0, "subtract", "inf - inf"),
        (lambda x: np.exp(x) / np.exp(x + 1), 1000.0, "divide", "inf / inf"),
        (lambda x: x * (1 / x), 0.0, "multiply", "0 · inf"),
    ],
)
def test_the_open_forms_are_named(f, x, op, form):
    row = by_op(ad.diagnose(f, x), op)
    assert row.verdict == "0/0"
    assert form in row.note


def test_what_came_before_an_infinity_is_said():
    d = ad.diagnose(lambda x: np.log(np.exp(x)), -800.0)
    row = by_op(d, "exp")
    assert row.verdict == "underflow"
    assert "exp(-800)" in row.note
    assert row.note in d.advice


def test_infinities_that_the_answer_does_not_feel_are_quiet():
    for f, x in ((lambda x: 1 / (1 + np.exp(-x)), 800.0), (lambda x: np.exp(-(x**2)) + 1, 40.0)):
        d = ad.diagnose(f, x)
        assert d.worst is None
        assert {row.verdict for row in d.rows} == {"ok"}


def test_an_argument_that_is_nan_blames_nobody():
    d = ad.diagnose(lambda x: x * 2 + 1, math.nan)
    assert d.worst is None
    assert d.value_error == math.inf


# Digits


@pytest.mark.parametrize(
    ("f", "args", "op", "verdict"),
    [
        (lambda x: (1 + x) - 1, (1e-10,), "subtract", "cancellation"),
        (lambda x: (1 - np.cos(x)) / x**2, (1e-6,), "subtract", "cancellation"),
        (lambda x: np.sqrt(x + 1) - np.sqrt(x), (1e12,), "subtract", "cancellation"),
        (lambda x: np.log(1 + x) / x, (1e-10,), "log", "ill-conditioned"),
        (lambda x: np.sin(x * 1.1), (1e12,), "sin", "ill-conditioned"),
        (lambda x: (1 + 1 / x) ** x, (1e12,), "power", "ill-conditioned"),
        (lambda x: np.sum(x), (np.array([1e16, 1.0, -1e16]),), "sum", "cancellation"),
        (lambda x: x @ np.array([1.0, 1.0, -1.0]), (np.array([1e16, 1.0, 1e16]),), "matmul",
         "cancellation"),
    ],
)  # fmt: skip
def test_what_loses_digits(f, args, op, verdict):
    d = ad.diagnose(f, *args)
    assert (d.worst.op, d.worst.verdict) == (op, verdict)
    assert d.value_error > 64 * U


def test_many_small_roundings_add_up():
    def total(x):
        s = 0.0
        for _ in range(5000):
            s = s + x
        return s

    d = ad.diagnose(total, 0.1)
    exact = 5000 * Fraction(0.1)
    assert d.value_error == pytest.approx(
        float(abs(Fraction(total(0.1)) - exact) / exact), rel=1e-9
    )
    assert (d.worst.op, d.worst.verdict) == ("add", "absorption")
    assert "s = s + x" in d.worst.line


@pytest.mark.parametrize("x", [0.3, 7.1])
def test_float32(x):
    f = lambda x: (x + np.float32(1e4)) - np.float32(1e4)  # noqa: E731
    d = ad.diagnose(f, np.float32(x))
    exact = Fraction(float(np.float32(x)))
    error = abs(Fraction(float(f(np.float32(x)))) - exact) / exact
    assert d.worst.op == "subtract"
    assert d.value_error == pytest.approx(float(error), rel=1e-9)
    assert d.digits == pytest.approx(7.2, abs=0.1)
    assert ad.diagnose(lambda x: x * x + 1, np.float32(0.3)).worst is None


# Quiet where nothing is wrong

ORDINARY = st.floats(1e-12, 1e6) | st.floats(-1e6, -1e-12)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([
        lambda x: np.sinh(1e-6 * x),
        lambda x: np.expm1(1e-7 * x),
        lambda x: np.log1p(x * x),
        lambda x: np.hypot(x, 3.0),
        lambda x: np.logaddexp(x, 0.0),
        lambda x: np.tanh(x),
        lambda x: np.arctan(x),
        lambda x: (x - 1) * (x - 1),  # of exact arguments: nothing was absorbed
    ]),
    ORDINARY,
)  # fmt: skip
def test_accurate_code_is_ok(f, x):
    d = ad.diagnose(f, x)
    assert d.worst is None
    assert {(row.verdict, row.gradient_verdict) for row in d.rows} == {("ok", "ok")}


@settings(max_examples=40, deadline=None)
@given(st.floats(1.0, 1e10), st.floats(0.5, 2.0))
def test_exact_differences_are_ok(y, ratio):
    x = y * ratio  # within a factor of 2 the difference has no rounding error (Sterbenz)
    d = ad.diagnose(lambda x, y: x - y, x, y)
    assert d.worst is None
    assert d.rows[0].verdict == "ok"
    assert d.rows[0].relative_error == 0


# Every row's errors against fractions

ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
STEP = st.tuples(st.sampled_from("+-*/"), st.integers(0, 4), st.integers(0, 4))
START = st.floats(-3.0, 3.0).filter(lambda x: abs(x) > 1e-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEP, min_size=2, max_size=8), START, START)
def test_the_errors_of_all_rows_against_fractions(steps, x, y):
    def play(values):
        values, made = list(values), []
        for sign, i, j in steps:
            a, b = values[i % len(values)], values[j % len(values)]
            new = ARITHMETIC[sign](a, b)
            values.append(new)
            made.append(new)
        return made

    try:
        exact = play((Fraction(x), Fraction(y)))
        floats = play((x, y))
    except ZeroDivisionError:
        return
    if not all(map(math.isfinite, floats)):
        return
    d = ad.diagnose(lambda x, y: play((x, y))[-1], x, y)
    assert len(d.rows) == len(steps)
    for row, true, found in zip(d.rows, exact, floats, strict=True):
        assert row.value == found
        if true:
            error = abs(float((Fraction(found) - true) / true))
            assert row.relative_error == pytest.approx(error, rel=1e-9, abs=1e-30)
        else:
            assert row.relative_error in (0.0, math.inf)
        assert row.own_error <= U  # IEEE: each operation of its own is off by half an ulp at most
    off = abs(floats[-1] - exact[-1])
    wrong = off > 64 * Fraction(float(np.spacing(abs(float(exact[-1])))))
    if wrong:
        assert d.worst is not None
    elif d.worst is not None:
        assert d.worst.gradient_verdict != "ok"


@pytest.mark.parametrize("x", [1.9, 2 + 1e-7])
def test_adjoints_are_those_of_reverse_mode(x):
    d = ad.diagnose(h, x)
    bars = ad.trace(h, x).reverse()
    assert [row.adjoint for row in d.rows] == [bars[f"v{k}"].adjoint for k in range(1, 5)]


# The gradient where the value is right


def test_terms_that_cancel_where_they_meet():
    d = ad.diagnose(lambda x: np.sin(x) / x, 1e-8)
    assert d.value_error <= U
    with mp.workdps(50):
        t = mpf(1e-8)
        slope = mp.cos(t) / t - mp.sin(t) / t**2
        found = ad.grad(lambda x: np.sin(x) / x)(1e-8)
        assert d.gradient_error == pytest.approx(float(abs((found - slope) / slope)))
    assert d.worst.op in ("sin", "divide")
    assert (d.worst.verdict, d.worst.gradient_verdict) == ("ok", "cancellation")
    assert "The value is right, the gradient is not" in d.advice
    assert "ad.taylor" in d.advice


def test_the_branch_not_taken():
    d = ad.diagnose(lambda x: np.where(x > 0, np.log(x), 0.0), 0.0)
    assert (d.worst.op, d.worst.gradient_verdict) == ("log", "0/0")
    assert "branch not taken" in d.worst.gradient_note
    assert "operand as well" in d.advice
    safe = ad.diagnose(lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0), -1.0)
    assert safe.worst is None
    x = np.linspace(-1.0, 1.0, 5001)  # sampled; the entry at 0 is among them all the same
    d = ad.diagnose(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), x)
    assert (d.worst.op, d.worst.gradient_verdict) == ("sqrt", "0/0")


def test_roots_and_lengths_at_0():
    d = ad.diagnose(lambda x: np.sqrt(x), 0.0)
    assert (d.worst.op, d.worst.gradient_verdict) == ("sqrt", "domain")
    assert "infinite" in d.worst.gradient_note
    d = ad.diagnose(lambda x: np.sqrt(np.sum(x * x)), np.zeros(3))
    assert (d.worst.op, d.worst.verdict, d.worst.gradient_verdict) == ("sqrt", "ok", "domain")
    for f in (np.linalg.norm, lambda x: np.hypot(x[0], x[1])):
        d = ad.diagnose(f, np.zeros(2))
        assert d.worst is None
        (row,) = [row for row in d.rows if row.verdict == "kink"]
        assert "length" in row.note


def test_a_value_that_only_the_gradient_feels():
    # u is small and has lost its digits: 1 + u² does not feel it, 2u·u′ does
    d = ad.diagnose(lambda x: 1 + ((x + 1e3) - 1e3) ** 2, 1e-9)
    assert d.value_error <= 64 * U
    assert d.gradient_error > 1e-6
    assert d.worst.op == "subtract"
    assert "slopes" in d.worst.gradient_note


def test_overflow_on_the_way_back():
    d = ad.diagnose(lambda x: np.sqrt(x) * 1e-300, 5e-324)
    assert d.worst is None or d.worst.gradient_verdict != "ok"
    d = ad.diagnose(lambda x: 1 / (1 + np.exp(-x)), -800.0)
    assert d.worst.op in ("exp", "divide")
    assert d.worst.gradient_verdict == "0/0"


# Kinks and branches


@pytest.mark.parametrize(
    ("f", "x", "op", "said"),
    [
        (lambda x: np.abs(x), 0.0, "absolute", "-1 and 1"),
        (lambda x: np.maximum(x, 0), 0.0, "maximum", "1/2 each"),
        (lambda x: np.minimum(x, 3), 3.0, "minimum", "1/2 each"),
        (lambda x: np.max(x), np.array([1.0, 2.0, 2.0]), "max", "tie"),
        (lambda x: np.min(x), np.array([2.0, 2.0]), "min", "tie"),
        (lambda x: np.std(x), np.ones(3), "std", "equal"),
        (lambda x: np.floor(x) * x, 2.0, "floor", "jumps"),
        (lambda x: np.where(x > 1, x, 1.0), 1.0, "greater", "border"),
        (lambda x: 4.0 * x if x == 2 else x * x, 2.0, "equal", "border"),
    ],
)
def test_kinks_are_said_with_their_convention(f, x, op, said):
    d = ad.diagnose(f, x)
    row = by_op(d, op)
    assert row.verdict == "kink"
    assert said in row.note
    assert row.note in d.advice
    assert d.worst is None


def test_a_kink_that_the_gradient_does_not_feel_is_quiet():
    def logsumexp(x):  # the maximum cancels out of it
        m = np.max(x)
        return m + np.log(np.sum(np.exp(x - m)))

    d = ad.diagnose(logsumexp, np.array([1.0, 1.0]))
    assert by_op(d, "max").verdict == "ok"
    assert ad.diagnose(lambda x: np.maximum(x, x), 1.0).rows[0].verdict == "ok"


def test_a_branch_that_exact_numbers_would_not_take():
    def f(x):
        return x if x + 1e-20 > x else -x

    d = ad.diagnose(f, 1.0)
    row = by_op(d, "greater")
    assert row.verdict == "kink"
    assert "branch" in row.note
    assert "branch" in d.advice


# Arrays


def test_the_worst_entry_is_named():
    x = np.array([1.0, 1e-5, 1e-9, 2.0])
    d = ad.diagnose(lambda x: np.exp(x) - 1, x)
    assert (d.worst.op, d.worst.place) == ("subtract", (2,))
    assert "at [2]" in d.worst.note
    assert "entry [2]" in d.advice
    with mp.workdps(40):
        true = mp.expm1(mpf(1e-9))
        assert d.value_error == pytest.approx(float(abs((np.exp(1e-9) - 1 - true) / true)))


def test_entries_that_are_small_by_chance_raise_no_alarm():
    random = np.random.default_rng(3)
    W, x = random.normal(size=(12, 12)), random.normal(size=12)
    assert ad.diagnose(lambda W, x: np.sum(np.tanh(W @ np.tanh(W @ x))), W, x).worst is None
    assert ad.diagnose(lambda W, x: np.linalg.solve(W, x), W + 12 * np.eye(12), x).worst is None


def test_a_matrix_that_is_almost_singular():
    n = np.arange(1, 9)
    d = ad.diagnose(lambda a: np.linalg.solve(a, np.ones(8)), 1.0 / (n[:, None] + n - 1.0))
    assert (d.worst.op, d.worst.verdict) == ("solve", "ill-conditioned")


def test_enormous_arrays_are_sampled_and_said_so():
    x = np.linspace(0.1, 1.0, 200_000)
    d = ad.diagnose(lambda x: np.mean((1 - np.cos(1e-6 * x)) / x**2), x)
    assert (d.worst.op, d.worst.verdict) == ("subtract", "cancellation")
    assert "200 entries" in d.advice
    assert ad.diagnose(lambda x: np.sum(np.tanh(x)), x).worst is None


# Bad input


def test_random_programs_and_state_are_said():
    random = np.random.default_rng(0)
    d = ad.diagnose(lambda x: x * random.uniform(), 0.3)
    assert "Two runs" in d.advice
    calls = []

    def counts(x):
        calls.append(x)
        return x * len(calls)

    assert "Two runs" in ad.diagnose(counts, 0.3).advice
    assert "Two runs" not in ad.diagnose(lambda x: x * 2, 0.3).advice


def test_writing_into_the_argument_is_refused_with_a_remedy():
    def spoil(x):
        x[0] = 0.0
        return np.sum(x)

    x = np.ones(3)
    with pytest.raises(ad.errors.InPlaceError, match=r"np\.where"):
        ad.diagnose(spoil, x)
    assert list(x) == [1, 1, 1]


def test_functions_without_a_shadow_are_named(monkeypatch):
    monkeypatch.setitem(TABLE, np.i0, elementwise(np.i0, lambda x: x / 2))
    d = ad.diagnose(lambda x: np.i0(x) * 2, 0.3)
    assert "i0: not known" in d.advice
    assert "taken as exact" in d.advice


def test_a_precision_that_never_settles_is_said(monkeypatch):
    monkeypatch.setattr(shadow, "MOST", 90)

    def chaos(x):
        for _ in range(400):
            x = 3.9 * x * (1 - x)
        return x

    assert "do not settle" in ad.diagnose(chaos, 0.2).advice


def test_attached_derivatives_are_taken_at_their_word():
    def g(x):
        return x + 2 if abs(x - 2) < 1e-3 else h(x)

    mended = ad.with_derivative(g, lambda x: 1.0)
    d = ad.diagnose(lambda x: mended(x) * 1.5, 2 + 1e-12)
    assert d.worst is None
    assert d.rows[0].op == "g"


@pytest.mark.parametrize(
    ("f", "args", "kind"),
    [
        (3.0, (1.0,), "ArgumentError"),
        (np.sin, (), "ArgumentError"),
        (np.sin, ("1",), "ArgumentError"),
        (np.sin, (True,), "ArgumentError"),
        (np.sin, (np.longdouble(1) / 3,), "ArgumentError"),
        (lambda x: None, (1.0,), "OutputError"),
        (lambda x: x > 0, (1.0,), "OutputError"),
        (lambda x: math.sin(x), (1.0,), "ConversionError"),
    ],
)
def test_bad_input(f, args, kind):
    with pytest.raises(getattr(ad.errors, kind)):
        ad.diagnose(f, *args)


def test_what_only_stop_gradient_passes_on():
    d = ad.diagnose(lambda x: x * 0.1 + ad.stop_gradient((1 + x) - 1), 1e-10)
    assert d.worst.op == "subtract"  # though no derivative leads there


def test_empty_arrays():
    d = ad.diagnose(lambda x: x * np.zeros(0), 1.0)
    assert d.worst is None


def test_an_attached_function_that_takes_plain_numbers_only():
    sine = ad.with_derivative(lambda x: math.sin(x), lambda x: math.cos(x))
    d = ad.diagnose(lambda x: sine(x) * 2, 0.3)
    assert d.worst is None
    assert "taken as exact" in d.advice


def test_derivatives_have_diagnoses_too():
    d = ad.diagnose(ad.grad(h), 2 + 1e-9)
    assert d.worst.verdict == "cancellation"
    assert d.value_error > 0.5


def test_constants_and_several_outputs():
    assert ad.diagnose(lambda x: 2.0, 1.0).worst is None
    d = ad.diagnose(lambda x: (x * 2, {"a": (1 + x) - 1}), 1e-10)
    assert d.worst.op == "subtract"
    assert "entry [1]" in d.advice


def test_a_loop_of_10000_operations():
    def loop(x):
        for _ in range(5000):
            x = x + 0.25 * (x - x)
        return x - 0.5

    d = ad.diagnose(loop, 0.75)
    assert len(d.rows) == 15_001
    assert d.worst is None


def test_a_determinant_is_a_number():
    assert ad.diagnose(np.linalg.det, np.array([[1.0, 2.0], [3.0, 4.0]])).worst is None


def test_few_digits_among_the_smallest_numbers_are_said():
    d = ad.diagnose(lambda x: x / 3 * 3, 5e-324)
    assert d.worst is None
    assert d.value_error == 1  # 0 where 5e-324 is true
    assert "few digits" in d.advice


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_an_argument_that_is_no_number_is_said(broken):
    d = ad.diagnose(lambda x: x, broken)
    assert "among the arguments" in d.advice
    assert "Nothing is wrong" not in d.advice


@pytest.mark.parametrize(
    ("f", "x"),
    [(lambda v: np.sort(v)[0], np.array([2.0, 1.0, 1.0])), (lambda x: np.round(x) * x, 2.5)],
)
def test_ties_in_sort_and_half_way_points_of_round_are_kinks(f, x):
    assert "kink" in [row.verdict for row in ad.diagnose(f, x).rows]
