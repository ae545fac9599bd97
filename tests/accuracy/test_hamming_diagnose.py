"""Does `diagnose` name the operation that mpmath blames, and keep quiet where nothing is wrong?"""

from __future__ import annotations

import functools
import inspect
import re
from typing import Any, NamedTuple

import numpy as np
import pytest
from hamming_cases import (
    FURTHER_FINE,
    FURTHER_LOST,
    HAMMING_FINE,
    HAMMING_LOST,
    KINKS,
    WRONG_BRANCHES,
    Case,
)
from hamming_reader import read
from hamming_truth import find

import tinyad as ad

WORDS = {
    "ok",
    "cancellation",
    "absorption",
    "overflow",
    "underflow",
    "0/0",
    "domain",
    "kink",
    "ill-conditioned",
}
SETS = {
    "Hamming": (HAMMING_LOST, HAMMING_FINE),
    "further": (FURTHER_LOST, FURTHER_FINE),
}
# Code that looks dangerous and is accurate: no row of it gets another verdict than "ok".
LOOKS_DANGEROUS = {
    "sinh", "difference", "length_by_hypot", "half_angle", "circle_factored", "fraction_part",
    "factored", "horner", "heron_kahan", "haversine", "kinetic_energy_stable", "square_root",
    "tanh", "softplus_stable", "square_minus_one", "through_large", "variance_two_passes",
    "small_root_stable", "newton_root", "integral_recurrence", "cross_entropy_stable",
    "p42_positive", "p42_negative", "example_34", "archimedes_stable", "determinant",
}  # fmt: skip
each_set = pytest.mark.parametrize("name", SETS)
SHARE = 0.95
ONE_ROW = {"matmul": "dot"}  # the table has one row for both


class Answer(NamedTuple):
    """What diagnosis said of a case: the operation it blames as the labels name it, if any."""

    case: Case
    diagnosis: Any
    blamed: str
    line: int


@functools.cache
def answers(name: str, kind: int) -> list[Answer]:
    return [answer(case) for case in SETS[name][kind]]


def answer(case: Case) -> Answer:
    diagnosis = ad.diagnose(case.f, *case.args)
    worst = diagnosis.worst
    if worst is None:
        return Answer(case, diagnosis, "", 0)
    (position,) = [k for k, row in enumerate(diagnosis.rows) if row is worst]
    same = [row for row in diagnosis.rows[: position + 1] if row.op == worst.op]
    loop = "for " in inspect.getsource(case.f)
    op = ONE_ROW.get(worst.op, worst.op)
    blamed = op if loop or len(same) == 1 else f"{op} {len(same)}"
    found = re.search(r"line (\d+)", worst.line)
    return Answer(case, diagnosis, blamed, int(found[1]) if found else 0)


def lines_of(case: Case, blamed: str) -> set[int]:
    """The lines of the source on which this operation stands."""
    op, _, number = blamed.partition(" ")
    with np.errstate(all="ignore"):
        lines = [o.line for o in read(case.f, case.args)[0] if o.name == op]
    loop = "for " in inspect.getsource(case.f)
    return set(lines) if loop else {lines[int(number or 1) - 1]}


@each_set
def test_the_right_operation_is_blamed(name):
    found = answers(name, 0)
    misses = [f"{a.case.name}: {a.blamed or None}, not {a.case.blame}" for a in found]
    misses = [m for m, a in zip(misses, found, strict=True) if a.blamed not in a.case.blame]
    assert len(misses) <= (1 - SHARE) * len(found), "\n".join(misses)


@each_set
def test_the_line_is_that_of_the_operation(name):
    for a in answers(name, 0):
        if a.blamed in a.case.blame:
            assert a.line in lines_of(a.case, a.blamed), a.case.name


@each_set
def test_no_false_alarm(name):
    alarms = [f"{a.case.name}: {a.blamed}" for a in answers(name, 1) if a.blamed]
    assert not alarms, "\n".join(alarms)


@each_set
def test_what_only_looks_dangerous_is_ok(name):
    for a in answers(name, 1):
        if a.case.f.__name__ in LOOKS_DANGEROUS:
            for row in a.diagnosis.rows:
                assert (row.verdict, row.gradient_verdict) == ("ok", "ok"), a.case.name


@each_set
def test_the_verdict_names_the_way_digits_die(name):
    found = [a for a in answers(name, 0) if a.case.verdicts and a.blamed in a.case.blame]
    misses = [
        f"{a.case.name}: {a.diagnosis.worst.verdict}, not {a.case.verdicts}"
        for a in found
        if a.diagnosis.worst.verdict not in a.case.verdicts
    ]
    assert len(misses) <= (1 - SHARE) * len(found), "\n".join(misses)


@each_set
def test_verdicts_are_words_of_the_list(name):
    for a in answers(name, 0) + answers(name, 1):
        for row in a.diagnosis.rows:
            assert {row.verdict, row.gradient_verdict} <= WORDS, a.case.name


@each_set
def test_the_errors_are_those_of_the_referee(name):
    for a in answers(name, 0) + answers(name, 1):
        finding = find(a.case.f, *a.case.args)
        with np.errstate(all="ignore"):
            exact = float(np.max(np.abs(np.asarray(finding.truth, dtype=object))))
            eps = float(np.finfo(np.asarray(finding.value).dtype).eps)
        if not np.isfinite(finding.value_ulps) or not np.isfinite(exact) or exact < 1e-300:
            continue
        error = float(abs(float(finding.value) - finding.truth) / abs(finding.truth))
        assert a.diagnosis.value_error == pytest.approx(error, rel=0.01, abs=eps), a.case.name


@pytest.mark.parametrize(("f", "x", "op"), KINKS)
def test_a_kink_that_is_touched_is_said(f, x, op):
    diagnosis = ad.diagnose(f, x)
    (row,) = [row for row in diagnosis.rows if row.op == op]
    assert "kink" in (row.verdict, row.gradient_verdict)
    assert "kink" in str(diagnosis)


@pytest.mark.parametrize(("f", "x", "decision"), WRONG_BRANCHES)
def test_a_branch_that_exact_numbers_take_otherwise_is_said(f, x, decision):
    text = str(ad.diagnose(f, x))
    assert "branch" in text
    assert decision in text


# The derivative of a constant, written with x: it is 0, and 0.0 is what reverse mode gives.
CONSTANTS = [
    (lambda x: (x / 7.3) * (1.1 / x), 0.3),
    (lambda x: (x / 2 / 1e-8) / (x / 2), 2.04722),
    (lambda x: (x * 3) / x, 0.7),
]


@pytest.mark.parametrize(("f", "x"), CONSTANTS)
def test_a_gradient_that_is_rightly_zero_is_no_alarm(f, x):
    assert ad.grad(f)(x) == 0.0
    diagnosis = ad.diagnose(f, x)
    assert diagnosis.worst is None
    assert diagnosis.gradient_error == 0.0


def test_an_underflow_to_zero_is_an_error_of_the_whole_value():
    # x/3 is less than half the smallest double: no operation is to blame by ulps, but 0 is not x.
    assert ad.diagnose(lambda x: x / 3 * 3, 5e-324).value_error == 1.0


def test_a_matrix_function_that_gives_a_number():
    diagnosis = ad.diagnose(lambda a: np.linalg.det(a), np.array([[1.0, 2.0], [3.0, 4.0]]))
    exact = -2
    assert diagnosis.value_error == abs(float(np.linalg.det([[1.0, 2.0], [3.0, 4.0]])) - exact) / 2
    assert diagnosis.worst is None


@pytest.mark.parametrize("case", HAMMING_LOST[:3] + FURTHER_LOST[:3], ids=lambda c: c.name)
def test_the_same_question_gets_the_same_answer(case):
    assert str(ad.diagnose(case.f, *case.args)) == str(ad.diagnose(case.f, *case.args))
