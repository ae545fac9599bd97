"""The labels of the cases against mpmath, which knows nothing of tinyad."""

from __future__ import annotations

import inspect

import mpmath
import numpy as np
import pytest
from hamming_cases import FINE, LOST, WRONG_BRANCHES
from hamming_programs import example_34, expm1_over
from hamming_truth import LIMIT, Finding, find, truth

import tinyad as ad


def names_of(finding: Finding) -> list[str]:
    """The blamed operations as the labels write them: name, and number among its namesakes."""
    found = []
    for blame in finding.blamed:
        same = [o for o in finding.ops[: blame.position + 1] if o.name == blame.op]
        found.append(blame.op if len(same) == 1 else f"{blame.op} {len(same)}")
    return found


@pytest.mark.parametrize("case", LOST, ids=lambda c: c.name)
def test_what_is_blamed_is_to_blame(case):
    finding = find(case.f, *case.args)
    assert not finding.value_ulps <= 2 * LIMIT or not finding.gradient_ulps <= 2 * LIMIT
    derived, loop = names_of(finding), "for " in inspect.getsource(case.f)
    if loop:
        derived = sorted({name.split()[0] for name in derived})
    assert derived, "an error without a culprit"
    assert set(derived) <= set(case.blame), f"mpmath blames {derived}"
    assert case.why or len(case.blame) == 1


@pytest.mark.parametrize("case", FINE, ids=lambda c: c.name)
def test_where_nothing_is_wrong_nothing_is(case):
    finding = find(case.f, *case.args)
    assert finding.value_ulps <= LIMIT / 2
    assert finding.gradient_ulps <= LIMIT / 2
    assert finding.branches == []


@pytest.mark.parametrize("case", LOST + FINE, ids=lambda c: c.name)
def test_the_gradient_that_is_judged_is_the_one_tinyad_computes(case):
    # The backward pass of the referee has formulas of its own; sound or not must not hang on them.
    finding = find(case.f, *case.args)
    if finding.value_ulps > LIMIT:
        return  # then the value decides
    with np.errstate(all="ignore"):
        found = ad.grad(case.f, tuple(range(len(case.args))))(*case.args)
    errors = []
    for g, t in zip(found, finding.gradient_truth, strict=True):
        for a, b in zip(np.ravel(g), np.ravel(np.asarray(t, dtype=object)), strict=True):
            ulp = float(np.spacing(np.asarray(abs(float(b)), dtype=np.asarray(g).dtype)))
            errors.append(float(abs(mpmath.mpf(float(a)) - b)) / ulp)
    assert (max(errors) <= LIMIT) == (finding.gradient_ulps <= LIMIT)


@pytest.mark.parametrize(("f", "x", "decision"), WRONG_BRANCHES)
def test_the_branch_is_wrong(f, x, decision):
    lines, first = inspect.getsourcelines(f)
    finding = find(f, x)
    assert finding.sound
    assert finding.branches
    assert all(decision in lines[line - first] for line in finding.branches)


def test_differences_of_exact_values_are_derivatives():
    # Its differences against mpmath's own, on formulas written down once more, by hand.
    def by_hand(x):
        return (1 - mpmath.cos(x)) / mpmath.sin(x)

    with mpmath.workdps(60):
        _, (slope,) = truth(example_34, 1e-7)
        assert mpmath.almosteq(slope, mpmath.diff(by_hand, 1e-7), 1e-30)
        x = mpmath.mpf(1e-9)
        _, (slope,) = truth(expm1_over, 1e-9)
        exact = (mpmath.exp(x) * (x - 1) + 1) / x**2
        assert mpmath.almosteq(slope, exact, 1e-30)
