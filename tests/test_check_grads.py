"""The check finds wrong derivatives, passes right ones, and says which is which."""

import re

import numpy as np
import pytest

import tinyad as ad
from tinyad.accuracy.report import NOTED, OK
from tinyad.modes import reverse, tape
from tinyad.rules import TABLE
from tinyad.rules.rows import Partial


def failure(f, args, **options):
    with pytest.raises(ad.errors.GradientCheckError) as info:
        ad.check_grads(f, args, **options)
    return info.value


def network(p, x):
    h = np.tanh(p["W"] @ x + p["b"])
    return [np.sum(h**2), (h, 3.0 * x[0])]


RIGHT = {
    "scalars": (lambda x, y: x**2 * y + y + 2, (3.0, 4.0)),
    "integers": (lambda x, y: x**2 * y + y + 2, (3, 4)),
    "one argument, no tuple": (np.sin, 0.3),
    "array to array": (lambda x: np.exp(np.sin(x)), (np.array([[0.1, -2.0], [3.0, 0.0]]),)),
    "straight": (lambda x: 3.0 * x + 1.0, (2.0,)),
    "constant": (lambda x: 5.0, (2.0,)),
    "ignores one": (lambda x, y: y**3, (np.ones(2), 2.0)),
    "nested": (
        network,
        (
            {"W": np.array([[0.5, -0.2], [0.1, 0.9]]), "b": np.array([0.1, 0.2])},
            np.array([1.0, -1]),
        ),
    ),
    "huge": (lambda x: x * x, (1e150,)),
    "tiny": (lambda x: x * x, (1e-150,)),
    "tiny argument": (np.cos, (1e-8,)),
    "huge value": (lambda x: 1e200 * np.sin(x), (1.0,)),
    "tiny value": (lambda x: 1e-200 * np.sin(x), (1.0,)),
    "a large constant beside": (lambda x: 1e6 + np.sin(x), (1.0,)),
    "steep": (lambda x: np.exp(50 * x), (0.4,)),
    "quick": (lambda x: np.sin(1e4 * x), (0.4,)),
    "edge of the domain near": (np.log, (1e-6,)),
    "logistic saturated": (np.tanh, (19.0,)),
    "cubic at zero": (lambda x: x**3, (0.0,)),
    "matrix": (lambda a: np.linalg.inv(a), (np.array([[2.0, 0.3], [0.1, 1.0]]),)),
    "mean of many": (lambda x: np.mean(np.sin(x)), (np.linspace(0.0, 9.0, 500),)),
    "single precision": (lambda x: np.sum(np.sin(x) ** 2), (np.array([0.5, 2.0], np.float32),)),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_derivatives_pass(case):
    report = ad.check_grads(*RIGHT[case])
    assert report.passed
    assert report.verdict == OK, report
    assert [level.order for level in report.levels] == [1, 2, 2]


def test_every_mode_and_order():
    report = ad.check_grads(np.sin, (1.0,), order=3)
    assert [level.order for level in report.levels] == [1, 2, 3, 3, 2, 3, 3]
    # sin' = cos, up to the fixed direction d of orders 2 and 3
    first = report.levels[0].entries[0]
    assert first.derivatives == {"forward": np.cos(1.0), "reverse": np.cos(1.0)}
    assert abs(first.difference - np.cos(1.0)) < first.tolerance < 1e-5
    only = ad.check_grads(np.sin, (1.0,), order=1, modes=("forward",))
    assert list(only.levels[0].entries[0].derivatives) == ["forward"]


@pytest.mark.parametrize("x", [0.0, 1e-9, -1e-9, 1e-13])
@pytest.mark.parametrize("f", [np.abs, lambda x: np.maximum(x, 0.0) + np.sin(x)])
def test_kinks_are_noted(f, x):
    report = ad.check_grads(f, (x,))
    assert report.passed
    if x == 0.0:
        assert report.verdict == NOTED
        assert re.search("kink is here or near: the slope is .* on the left", report.text)


@pytest.mark.parametrize("distance", [0.0, 1e-9, -1e-9])
def test_kinks_away_from_zero_are_noted(distance):
    report = ad.check_grads(lambda x: np.abs(x - 1.0) + x**2, (1.0 + distance,))
    assert report.passed
    assert report.verdict == NOTED


def test_a_wrong_derivative_at_a_kink_is_found():
    f = ad.with_derivative(np.abs, lambda x: 1.5)
    error = failure(f, (0.0,), order=1)
    assert "One-sided slopes: -1 on the left, 1 on the right" in str(error)


def test_jumps_are_noted():
    assert ad.check_grads(np.floor, (2.0,)).verdict == NOTED
    assert ad.check_grads(np.floor, (2.5,)).verdict == OK


def test_a_slope_on_one_side_only():
    f = ad.with_derivative(lambda x: x * np.sqrt(x), lambda x: 1.5 * np.sqrt(x))
    report = ad.check_grads(f, (0.0,), order=1)
    assert "Only the slope on the right could be measured" in report.text


@pytest.mark.parametrize("size", [1.0, 1e-120, 1e120])
def test_finds_a_rule_that_is_wrong_by_a_thousandth(monkeypatch, size):
    wrong = Partial(lambda x: 1.001 * np.cos(x))
    row = TABLE[np.sin]
    monkeypatch.setattr(row, "partials", (wrong,))
    monkeypatch.setattr(row, "slopes", (wrong.on_numbers,))
    for x in (0.5, np.array([0.5, -1.0])):
        error = failure(lambda x, y: size * np.sin(x) + 0.0 * y, (x, 2.0))
        level = error.report.levels[0]
        assert level.entries[0].verdict == "✗"
        assert level.entries[-1].verdict == OK  # y's derivative is right
        assert "order 1, argument 0" in str(error)
        assert ("h to the power 1.0; with the right gradient it would be 2" in str(error)) == (
            np.ndim(x) == 0 or "power 1." in str(error)
        )
        assert "look at the partials" in str(error)


def test_finds_a_sweep_that_assigns_instead_of_accumulating(monkeypatch):
    def assigning(entries, output, adjoint, inputs, free=False):
        # the last term wins: what a sweep does that writes = for +=
        adjoints = [None] * max(output + 1, inputs)
        adjoints[output] = adjoint
        for position in range(output, inputs - 1, -1):
            if adjoints[position] is not None and entries[position] is not None:
                for parent, term in tape.pull(entries[position], adjoints[position]):
                    adjoints[parent] = term
        return adjoints[:inputs]

    def f(x):
        return np.sin(x) * np.exp(x)

    ad.check_grads(f, (0.5,))
    monkeypatch.setattr(reverse, "sweep", assigning)
    error = failure(f, (0.5,))
    entry = error.report.levels[0].entries[0]
    assert entry.derivatives["forward"] == pytest.approx(np.exp(0.5) * (np.cos(0.5) + np.sin(0.5)))
    assert abs(entry.derivatives["reverse"] - entry.difference) > 0.1
    assert "one is not the transpose of the other" in str(error)
    assert "The modes differ" in str(error)
    assert ad.check_grads(f, (0.5,), modes=("forward",)).passed


@pytest.mark.parametrize(
    "partial",
    [
        lambda x: ad.stop_gradient(3 * x**2),
        lambda x: 3 * ad.stop_gradient(x) * x,  # half of it is lost
        lambda x: 3 * x**2 + 0.001 * ad.stop_gradient(x) - 0.001 * x,
    ],
)
def test_finds_a_second_derivative_that_is_lost(partial):
    cube = ad.with_derivative(lambda x: x**3, partial)
    assert ad.check_grads(cube, (2.0,), order=1).passed
    error = failure(lambda x: np.sum(cube(x)), (np.array([2.0, -1.0]),))
    assert "order 2" in str(error)
    assert "does a hand-written partial itself have a derivative?" in str(error)
    assert all(level.order == 1 or "✗" in level.verdicts for level in error.report.levels)


def test_only_one_wrong_entry_is_named():
    weights = np.array([1.0, 1.0, 1.01, 1.0])
    f = ad.with_derivative(lambda x: np.sum(x**2), lambda x: 2 * x * weights)
    error = failure(f, (np.array([1.0, 2.0, 3.0, 4.0]),), order=1)
    wrong = [e.where for e in error.report.levels[0].entries if e.verdict == "✗"]
    assert wrong == ["argument 0[2]"]
    assert "forward mode gives 6.06, reverse mode gives 6.06, differences give 6" in str(error)
    assert error.report.text in repr(error.report)


def test_a_wrong_entry_that_was_not_looked_at_shows_in_the_remainder():
    n = 10_000
    weights = np.ones(n)
    weights[::7] = 1.01
    f = ad.with_derivative(lambda x: np.sum(x**2), lambda x: 2 * x * weights)
    error = failure(f, (np.linspace(1.0, 2.0, n),), order=1)
    assert "with the right gradient it would be 2" in str(error)
    assert "9984 more are checked along a random direction only" in error.report.text


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("f", "x", "says"),
    [
        (np.log, -1.0, "gives nan here: there is nothing to check"),
        (lambda x: np.exp(x), 1e4, "gives inf here"),
        (lambda x: np.sqrt(x), 0.0, "The derivative is not finite, the function is"),
        (lambda x: np.sqrt(x * x), 0.0, "reverse mode gives nan"),
    ],
)
def test_what_is_not_finite_gets_a_clear_report(f, x, says):
    error = failure(f, (x,))
    assert says in str(error)
    assert error.report.passed is False


def test_report_reads_well():
    report = ad.check_grads(network, RIGHT["nested"][1])
    text = report.text
    assert text == ad.check_grads(network, RIGHT["nested"][1]).text
    assert text.startswith("✓ network: derivatives to order 2 agree with differences")
    assert "argument 0['W'][0, 1]" in text
    html = report._repr_html_()
    assert html.count("<table") == html.count("</table>") == 3
    assert "argument 0[&#x27;b&#x27;][1]" in html
    assert "background: #" not in html  # the page's own colors, light or dark
    assert "color: #000" not in html


def test_arguments_are_checked():
    for args, options in [((), {}), (("text",), {}), ((1.0,), {"modes": ("backward",)})]:
        with pytest.raises(ad.errors.ArgumentError):
            ad.check_grads(np.sin, args, **options)


def test_the_learners_arrays_stay_as_they_are():
    x = np.array([0.5, 1.0])
    ad.check_grads(np.sin, (x,))
    assert x.tolist() == [0.5, 1.0]


def test_a_hole_is_reported_even_where_python_would_raise():
    with pytest.raises(ad.errors.GradientCheckError, match="gives nan here"):
        ad.check_grads(lambda x: (x**2 - 4) / (x - 2), (2.0,))
