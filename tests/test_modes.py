"""What every mode must do: the same derivative, nested without confusion, types kept."""

import threading

import numpy as np
import pytest

import tinyad as ad


def f(x, y):
    """The function that travels through the course: 42 at (3, 4), gradient (24, 10)."""
    return x**2 * y + y + 2


manual_f = ad.with_derivative(f, lambda x, y: 2 * x * y, lambda x, y: x**2 + 1)

EXACT = {"forward": ad.forward.grad, "reverse": ad.reverse.grad}
NESTINGS = [(a, b) for a in EXACT for b in EXACT]


@pytest.mark.parametrize("mode", [ad.manual, ad.finite, ad.forward, ad.reverse])
def test_the_same_call_in_each_mode(mode):
    assert mode.grad(manual_f, argnums=(0, 1))(3, 4) == pytest.approx((24.0, 10.0), rel=1e-9)
    assert mode.grad(manual_f)(3, 4) == pytest.approx(24.0, rel=1e-9)
    assert mode.grad(manual_f, argnums=-1)(3, 4) == pytest.approx(10.0, rel=1e-9)


@pytest.mark.parametrize(("outer", "inner"), NESTINGS)
def test_hessian_of_f_by_nesting(outer, inner):
    # reference: the Hessian of x²y + y + 2 is ((2y, 2x), (2x, 0)) = ((8, 6), (6, 0)) at (3, 4)
    hessian = [EXACT[outer](EXACT[inner](f, argnums=i), argnums=(0, 1))(3.0, 4.0) for i in (0, 1)]
    assert hessian == [(8.0, 6.0), (6.0, 0.0)]


@pytest.mark.parametrize(("outer", "inner"), NESTINGS)
def test_perturbation_confusion(outer, inner):
    # d/dx [x · d/dy (x + y)] = d/dx [x · 1] = 1; without levels it comes out as 2
    one = EXACT[outer](lambda x: x * EXACT[inner](lambda y: x + y)(2.0))(1.0)
    assert one == 1.0
    # d/dx [x · d/dy (x·y²) at y = 2] = d/dx [x · 4x] = 8x
    eight = EXACT[outer](lambda x: x * EXACT[inner](lambda y: x * y * y)(2.0))(1.0)
    assert eight == 8.0


@pytest.mark.parametrize(("outer", "inner"), NESTINGS)
def test_inner_variable_shadowing_the_outer_one(outer, inner):
    # g(x) = d/dy y³ at y = x, so g' = 6x
    assert EXACT[outer](lambda x: EXACT[inner](lambda y: y**3)(x))(2.0) == 12.0


def test_jvp_and_vjp():
    assert ad.jvp(f, (3, 4), (1, 0)) == (42.0, 24.0)
    assert ad.jvp(f, (3.0, 4.0), (2.0, -1.0)) == (42.0, 38.0)
    value, pullback = ad.vjp(f, 3, 4)
    assert value == 42.0
    assert pullback(1.0) == (24.0, 10.0)
    assert pullback(-0.5) == (-12.0, -5.0)  # again, on the same tape
    assert [type(g) for g in pullback(1)] == [float, float]


def test_value_and_grad():
    value, gradient = ad.value_and_grad(f, argnums=(0, 1))(3, 4)
    assert (value, gradient) == (42.0, (24.0, 10.0))
    assert type(value) is float


@pytest.mark.parametrize("grad", EXACT.values(), ids=EXACT)
def test_result_has_the_type_of_the_argument(grad):
    def cube(x):
        return x * x * x

    assert type(grad(cube)(2)) is float
    assert type(grad(cube)(np.float64(2))) is float
    assert type(grad(cube)(np.int32(2))) is float
    assert type(grad(cube)(np.float32(2))) is np.float32
    zero_dimensional = grad(cube)(np.array(2.0))
    assert isinstance(zero_dimensional, np.ndarray)
    assert zero_dimensional.shape == ()
    assert zero_dimensional == 12.0


@pytest.mark.parametrize("mode", [ad.forward, ad.reverse, ad.finite])
def test_nested_arguments(mode):
    def loss(parameters, scale):
        return parameters["w"][0] * parameters["w"][1] ** 2 * scale + parameters["b"]

    result = mode.grad(loss)({"w": [2.0, 3], "b": 1.0}, 10)
    assert list(result) == ["w", "b"]
    # ∂/∂w₀ = w₁²·10 = 90, ∂/∂w₁ = 2w₀w₁·10 = 120, ∂/∂b = 1
    assert result["w"] == pytest.approx([90.0, 120.0], rel=1e-8)
    assert result["b"] == pytest.approx(1.0, rel=1e-8)


@pytest.mark.parametrize("grad", EXACT.values(), ids=EXACT)
def test_program_with_loop_branch_and_keyword(grad):
    def newton(x, steps=1):
        root = x
        for _ in range(steps):
            root = 0.5 * (root + x / root)
        return root if root > 0 else -root

    # After enough steps this is √x, whose slope is 1/(2√x)
    assert grad(newton)(2.0, steps=8) == pytest.approx(0.5 / np.sqrt(2.0), rel=1e-14)


@pytest.mark.parametrize("grad", EXACT.values(), ids=EXACT)
def test_unused_argument_and_constant_result(grad):
    assert grad(lambda x, y: y * 2.0, argnums=(0, 1))(1.0, 5.0) == (0.0, 2.0)
    assert grad(lambda x: 7)(1.0) == 0.0
    assert grad(lambda x: 4.0 if x == 2 else x * x)(2.0) == 0.0  # the branch taken is constant


@pytest.mark.parametrize("grad", EXACT.values(), ids=EXACT)
def test_nan_and_infinity_pass_through(grad):
    assert np.isnan(grad(lambda x: x * x)(np.nan))
    assert grad(lambda x: 3 * x)(np.inf) == 3.0
    assert grad(lambda x: x * x)(-np.inf) == -np.inf


@pytest.mark.parametrize("grad", EXACT.values(), ids=EXACT)
def test_stop_gradient(grad):
    # G.4: x·stop(x) at 3 has gradient 3, where x·x has 6
    assert grad(lambda x: x * ad.stop_gradient(x))(3.0) == 3.0
    assert grad(grad(lambda x: x * ad.stop_gradient(x) * x))(3.0) == 6.0


def test_reused_value_accumulates():
    def shared(x):
        b = x + x
        return b * b + b  # (2x)² + 2x, slope 8x + 2

    assert ad.grad(shared)(3.0) == 26.0


def test_long_loop_needs_no_recursion():
    def repeated(x):
        for _ in range(20_000):
            x = x + 1e-4 * x
        return x

    assert ad.grad(repeated)(1.0) == pytest.approx((1 + 1e-4) ** 20_000, rel=1e-11)


def test_threads_do_not_disturb_each_other():
    results = {}

    def work(k):
        results[k] = [
            ad.grad(lambda x: ad.derivative(lambda y: x * y**k)(x))(2.0) for _ in range(50)
        ]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(2, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # d/dy x·yᵏ at y = x is k·xᵏ, whose slope is k²·xᵏ⁻¹
    assert results == {k: [float(k * k * 2 ** (k - 1))] * 50 for k in range(2, 6)}


def test_derivative_of_curves_and_of_arrays():
    x = np.linspace(-2.0, 2.0, 5)
    np.testing.assert_allclose(ad.derivative(np.tanh)(x), 1 / np.cosh(x) ** 2, rtol=1e-14)
    second = ad.derivative(ad.derivative(np.sin))(x)
    np.testing.assert_allclose(second, -np.sin(x), rtol=1e-14)
    np.testing.assert_array_equal(ad.derivative(lambda t: t * np.array([1.0, 2.0]))(3.0), [1, 2])
    with pytest.raises(ad.errors.ArgumentError):
        ad.derivative(np.sin)("0")
