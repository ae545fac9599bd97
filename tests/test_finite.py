"""Difference quotients: the published digits, the error model, and what the complex step needs."""

import math

import numpy as np
import pytest

import tinyad as ad

ErrorModel, difference = ad.finite.ErrorModel, ad.finite.difference


def f(x, y):
    return x**2 * y + y + 2


# Géron, Appendix B, at (3, 4); reference digits computed independently in Python floats.
FORWARD = {
    1e-2: (24.039999999999395, 9.999999999999432),
    1e-5: (24.000039999805264, 10.000000000331966),
    1e-7: (24.00000035152061, 10.0000000458067),
    1e-8: (23.999999854140697, 10.000000116860974),
    1e-10: (24.000001985768904, 10.000036354540498),
    1e-13: (23.945290195115376, 10.018652574217413),
    1e-15: (21.316282072803006, 7.105427357601001),
    1e-16: (0.0, 0.0),
}

# |difference − e| for exp at 1; three digits hold on every platform.
EXP_AT_1 = {
    1e-1: (1.41e-1, 4.53e-3, 4.53e-3),
    1e-2: (1.36e-2, 4.53e-5, 4.53e-5),
    1e-4: (1.36e-4, 4.53e-9, 4.53e-9),
}


@pytest.mark.parametrize("eps", FORWARD)
def test_newtons_quotient_to_the_digit(eps):
    assert ad.finite.grad(f, (0, 1), eps=eps, scheme="forward")(3, 4) == FORWARD[eps]
    assert difference(lambda x: f(x, 4), 3, eps) == FORWARD[eps][0]


def test_central_and_complex_digits():
    assert difference(lambda x: f(x, 4), 3, 1e-2, "central") == 23.99999999999949
    assert difference(lambda x: f(x, 4), 3, 1e-5, "central") == 24.000000000157225
    assert difference(lambda x: f(x, 4), 3, 1e-20, "complex") == 24.0
    assert ad.finite.grad(f, (0, 1), scheme="complex")(3, 4) == (24.0, 10.0)


@pytest.mark.parametrize("eps", EXP_AT_1)
def test_error_of_exp_at_1(eps):
    schemes = ("forward", "central", "complex")
    found = [abs(difference(np.exp, 1.0, eps, s) - math.e) for s in schemes]
    assert found == pytest.approx(EXP_AT_1[eps], rel=5e-3)


def test_richardson_cancels_the_leading_error():
    # exp at 1: the central error is h²e/6, Richardson's is h⁴e/480 (from the series of sinh)
    error = abs(difference(np.exp, 1.0, 0.1, "richardson") - math.e)
    assert error == pytest.approx(0.1**4 * math.e / 480, rel=0.01)


@pytest.mark.parametrize(
    ("scheme", "best_step", "best_error"),
    # F: h* = 2√(u|f/f″|), error 2√(u|f·f″|); central h* = (3u|f/f‴|)^⅓, error h*²|f‴|/2
    [
        ("forward", 2 * math.sqrt(2.0**-53), 2 * math.e * math.sqrt(2.0**-53)),
        ("central", (3 * 2.0**-53) ** (1 / 3), (3 * 2.0**-53) ** (2 / 3) * math.e / 2),
    ],
)
def test_model_finds_its_own_minimum(scheme, best_step, best_error):
    model = ErrorModel(scheme, math.e, math.e, math.e)
    assert model.best_step == pytest.approx(best_step, rel=1e-12)
    assert model.best_error == pytest.approx(best_error, rel=1e-12)
    for factor in (0.5, 2.0):
        step = factor * model.best_step
        assert model.truncation(step) + model.roundoff(step) > model.best_error


@pytest.mark.parametrize("scheme", ["forward", "central"])
@pytest.mark.parametrize("number", [np.float64, np.float32])
def test_measured_error_stays_below_the_model(scheme, number):
    u = float(np.finfo(number).eps) / 2
    model = ErrorModel(scheme, math.e, math.e, math.e, u=u)
    for exponent in range(3, 26 if number is np.float64 else 11):
        eps = 2.0**-exponent  # x + ε is exact, as the model assumes
        error = abs(float(difference(np.exp, number(1), eps, scheme)) - math.e)
        higher_terms = 1.1
        assert error <= higher_terms * (model.truncation(eps) + 2 * model.roundoff(eps) + 4 * u)


@pytest.mark.parametrize("scheme", ad.finite.SCHEMES)
@pytest.mark.parametrize(
    ("g", "x", "truth"),
    [
        (np.exp, 1.0, math.e),
        (np.sin, 1.0, math.cos(1.0)),
        (lambda x: 1 / x, 0.5, -4.0),
        (lambda x: np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3), math.pi / 4, 3.101766393836051),
        (lambda x: x * abs(x), -3.0, 6.0),
    ],
)
def test_default_steps_are_good(scheme, g, x, truth):
    digits = {"forward": 2e-6, "central": 1e-8, "complex": 1e-14, "richardson": 1e-9}[scheme]
    assert ad.finite.grad(g, scheme=scheme)(x) == pytest.approx(truth, rel=digits)


def test_evaluations_are_counted():
    calls = []

    def counted(x):
        calls.append(1)
        return x[0] * x[1] * x[2] * x[3]

    point = np.array([1.0, 2.0, 3.0, 4.0])
    for scheme, evaluations in {"forward": 5, "central": 8, "richardson": 16}.items():
        calls.clear()
        gradient = ad.finite.grad(counted, scheme=scheme)(point)
        assert len(calls) == evaluations
        np.testing.assert_allclose(gradient, [24.0, 12.0, 8.0, 6.0], rtol=1e-6)


def test_precision_follows_the_point():
    assert type(difference(np.exp, 1.0, 1e-3)) is float
    assert type(difference(np.exp, np.float32(1), 1e-3)) is np.float32
    assert ad.finite.grad(lambda x: x[0] ** 2)(np.ones(2, np.float32)).dtype == np.float32


def test_complex_step_follows_the_real_branch():
    # On bare complex numbers |x|·x at 3 gives 3; the derivative is 2|x| = 6.
    assert difference(lambda x: abs(x) * x, 3.0, 1e-20, "complex") == 6.0
    assert difference(lambda x: x * x if x > 0 else -x, 2.0, 1e-20, "complex") == 4.0
    assert difference(lambda x: np.maximum(x, 2.0) * x, 3.0, 1e-20, "complex") == 6.0
    assert difference(lambda x: np.maximum(x, 0.0), 0.0, 1e-20, "complex") == 0.5
    with np.errstate(invalid="ignore"):
        assert math.isnan(difference(np.log, -1.0, 1e-20, "complex"))


def test_differences_nest_with_the_exact_modes():
    # d/dx of the slope of y³ at x is 6x, whichever mode is inside
    assert ad.grad(lambda x: difference(lambda y: y**3, x, 1e-4, "central"))(2.0) == pytest.approx(
        12.0, rel=1e-7
    )
    assert ad.finite.grad(ad.grad(lambda y: y**3))(2.0) == pytest.approx(12.0, rel=1e-9)


def test_infinite_where_python_would_raise():
    with np.errstate(divide="ignore", invalid="ignore"):
        assert not math.isfinite(ad.finite.grad(lambda x: 1 / x, scheme="forward")(0.0))
