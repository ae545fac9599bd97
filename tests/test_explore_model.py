"""The numbers behind the ε slider, against mathematics and high precision."""

import math

import mpmath
import numpy as np
import pytest

from tinyad.errors import ArgumentError, ConversionError, OutputError, TinyadError
from tinyad.explore.difference_model import PLACES, PRECISIONS, SCHEMES, STEPS, DifferenceModel

SMALLER = {0.1: STEPS <= 0.04, 1.0: STEPS <= 0.4}

U = {"float64": 2.0**-53, "float32": 2.0**-24}
SMOOTH = {
    "exp at 1": (np.exp, mpmath.exp, 1.0),
    "sin at 1": (np.sin, mpmath.sin, 1.0),
    "sin 100x at 1": (lambda x: np.sin(100 * x), lambda x: mpmath.sin(100 * x), 1.0),
    "1/x at 0.1": (lambda x: 1 / x, lambda x: 1 / x, 0.1),
}


def quotient(f, x, eps, scheme):
    """The difference quotient in 60 digits: what is left of its error is truncation alone."""
    with mpmath.workdps(60):
        x, eps = mpmath.mpf(x), mpmath.mpf(eps)
        if scheme == "forward":
            return (f(x + eps) - f(x)) / eps
        if scheme == "central":
            return (f(x + eps) - f(x - eps)) / (2 * eps)
        return f(mpmath.mpc(x, eps)).imag / eps


# f(x, 4) of the notes: its partial derivative at x = 3 by forward differences, digit by digit.
NOTES = {
    1e-2: 24.039999999999395,
    1e-5: 24.000039999805264,
    1e-7: 24.00000035152061,
    1e-8: 23.999999854140697,
    1e-10: 24.000001985768904,
    1e-13: 23.945290195115376,
    1e-15: 21.316282072803006,
    1e-16: 0.0,
}


@pytest.mark.parametrize("eps", NOTES)
def test_digits_of_the_notes(eps):
    model = DifferenceModel(lambda x: x**2 * 4 + 4 + 2, 3)
    assert model.difference(eps, "forward", "float64").value == NOTES[eps]
    assert model.error(eps, "forward", "float64") == abs(NOTES[eps] - 24.0)


@pytest.mark.parametrize("name", SMOOTH)
def test_truth(name):
    f, exact, x = SMOOTH[name]
    at = DifferenceModel(f, x).point("float64")
    for order, value in enumerate([at.value, at.slope, at.second, at.third]):
        assert value == pytest.approx(float(mpmath.diff(exact, x, order)), rel=1e-11)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_large_steps_err_by_truncation(name, scheme):
    f, exact, x = SMOOTH[name]
    model = DifferenceModel(f, x)
    expected = model.expected(scheme, "float64")
    checked = 0
    for eps in STEPS[SMALLER[x]]:
        # round-off far below, also where f rounds more than its result (100x does)
        if expected.truncation(eps) > 1e6 * (expected.roundoff(eps) + U["float64"] * 1e2):
            true = float(abs(quotient(exact, x, eps, scheme) - mpmath.diff(exact, x)))
            assert model.error(eps, scheme, "float64") == pytest.approx(true, rel=1e-3)
            checked += 1
    assert checked >= 10


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_error_is_far_above_its_two_lines(scheme, precision):
    model = DifferenceModel(np.exp, 1.0)
    expected = model.expected(scheme, precision)
    errors = model.curve(scheme, precision)
    small = STEPS <= 0.1
    # where x + ε rounds, the step itself is off: as much again as the round-off of the values
    bound = expected.truncation(STEPS) + 2 * expected.roundoff(STEPS) + 8 * U[precision] * math.e
    assert (errors <= 1.2 * bound)[small].all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_best_error_is_near_the_models(precision):
    for scheme in ("forward", "central"):
        model = DifferenceModel(np.exp, 1.0)
        expected = model.expected(scheme, precision)
        measured = np.nanmin(model.curve(scheme, precision))
        # "best" is a lucky point of a noisy curve
        assert expected.best_error / 1000 < measured < 2 * expected.best_error


def test_complex_step_keeps_all_digits():
    for precision, u in U.items():
        errors = DifferenceModel(np.exp, 1.0).curve("complex", precision)
        assert (errors[STEPS <= 1e-9] <= 8 * u * math.e).all()


def test_float32_has_the_truth_of_its_own_point():
    at = DifferenceModel(np.sin, 0.1).point("float32")
    assert at.x == float(np.float32(0.1)) != 0.1
    assert at.slope == pytest.approx(math.cos(float(np.float32(0.1))), rel=1e-15)


def test_float32_is_computed_in_float32():
    model = DifferenceModel(np.exp, 1.0)
    for scheme in SCHEMES:
        assert isinstance(model.difference(1e-2, scheme, "float32").value, np.float32)


def test_a_step_that_rounds_away():
    model = DifferenceModel(np.exp, 1.0)
    assert model.difference(1e-17, "forward", "float64").value == 0.0
    assert model.error(1e-17, "forward", "float64") == pytest.approx(math.e)
    # half a spacing is the border: 2⁻⁵³ above 1, 2⁻²⁴ in float32
    assert model.absorbed(2.0**-53, "float64")
    assert not model.absorbed(2.0**-52, "float64")
    assert model.absorbed(2.0**-24, "float32")
    assert not model.absorbed(2.0**-23, "float32")


def test_gap_to_the_tangent_is_the_next_term_of_the_series():
    # x² at 1 with steps that are powers of two: every operation is exact
    model = DifferenceModel(lambda x: x * x, 1.0)
    eps = 2.0**-10
    assert model.gap(eps, "float64").tolist() == [(t * eps) ** 2 for t in PLACES]


def test_gap_and_quotient_tell_the_same_story():
    model = DifferenceModel(np.exp, 1.0)
    for eps in (1e-3, 1e-9, 1e-12, 1e-15):
        rise = model.gap(eps, "float64")[PLACES == 1.0][0]
        slope = model.difference(eps, "forward", "float64").value - model.point("float64").slope
        assert rise / eps == pytest.approx(slope, rel=1e-9, abs=1e-15)


def test_window_shows_the_curve_and_no_pole():
    window = DifferenceModel(np.exp, 1.0).window("float64")
    assert window.low < math.exp(-0.25)
    assert window.high > math.exp(2.25)
    assert np.allclose(window.heights, np.exp(window.places), rtol=1e-15)
    window = DifferenceModel(lambda x: 1 / x, 0.1).window("float64")
    assert -1000 < window.low < 10 < window.high < 1000


@pytest.mark.parametrize(
    "f",
    [lambda x: 0 * x, lambda x: 5 + 0 * x, lambda x: 2 * x, lambda x: x**2, lambda x: x**1.5],
    ids=["zero", "constant", "linear", "square", "third derivative infinite"],
)
def test_flat_and_strange_functions_can_be_drawn(f):
    model = DifferenceModel(f, 0)
    bottom, top = model.decades
    assert 0 < bottom < top < math.inf
    window = model.window("float64")
    assert -math.inf < window.low < window.high < math.inf
    for scheme in SCHEMES:
        errors = model.curve(scheme, "float64")
        assert ((errors >= 0) | np.isnan(errors)).all()


def test_error_axis_holds_every_error():
    for f, _, x in SMOOTH.values():
        model = DifferenceModel(f, x)
        bottom, top = model.decades
        for scheme in SCHEMES:
            errors = model.curve(scheme, "float64")
            assert (errors[errors > 0] > bottom).all()
        assert (model.curve("forward", "float64")[SMALLER[x]] < top).all()


def test_where_f_has_no_value():
    model = DifferenceModel(np.log, 0.5)
    assert math.isnan(model.difference(1.0, "central", "float64").value)
    assert "no finite value" in model.difference(1.0, "central", "float64").note
    assert math.isnan(model.error(1.0, "central", "float64"))
    assert model.difference(0.1, "central", "float64").note == ""


def test_where_f_raises():
    def f(x):
        if x > 1:
            raise ValueError("too far")
        return x * x

    model = DifferenceModel(f, 0.9)
    assert "ValueError" in model.difference(0.5, "forward", "float64").note
    assert np.isnan(model.window("float64").heights[-1])
    assert model.error(1e-3, "forward", "float64") == pytest.approx(1e-3, rel=1e-6)


def test_without_a_complex_step():
    model = DifferenceModel(np.cbrt, 1.0)
    found = model.difference(1e-8, "complex", "float64")
    assert math.isnan(found.value)
    assert "complex" in found.note


BAD_POINTS = {
    "string": ("1.0", "derivatives need a number"),
    "None": (None, "derivatives need a number"),
    "truth value": (True, "derivatives need a number"),
    "complex": (1j, "derivatives need a number"),
    "array": (np.ones(3), "one number"),
    "NaN": (math.nan, "nothing to draw"),
    "infinity": (math.inf, "nothing to draw"),
}


@pytest.mark.parametrize("name", BAD_POINTS)
def test_bad_points(name):
    x, words = BAD_POINTS[name]
    with pytest.raises(ArgumentError, match=f"(?s){words}.*Remedy"):
        DifferenceModel(np.exp, x)


BAD_FUNCTIONS = {
    "no function": (np.exp(1.0), ArgumentError, "not a function"),
    "two arguments": (lambda x, y: x, ArgumentError, "1 argument"),
    "array": (lambda x: np.stack([x, x]), OutputError, "array of shape"),
    "string": (lambda x: "4", OutputError, "of type str"),
    "None": (lambda x: None, OutputError, "return"),
    "math.sin": (math.sin, ConversionError, "plain number"),
    "infinite value": (lambda x: 1 / (x - 1), ArgumentError, "is inf"),
    "infinite slope": (lambda x: np.sqrt(x - 1), ArgumentError, "slope of f is inf"),
}


@pytest.mark.parametrize("name", BAD_FUNCTIONS)
def test_bad_functions(name):
    f, kind, words = BAD_FUNCTIONS[name]
    with pytest.raises(kind, match=f"(?s){words}.*Remedy"):
        DifferenceModel(f, 1.0)
    assert issubclass(kind, TinyadError)


def test_an_exception_at_x_reaches_the_learner_unchanged():
    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        DifferenceModel(f, 1.0)
