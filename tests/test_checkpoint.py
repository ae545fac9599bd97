"""Checkpointing: the same derivatives in every mode, from less memory."""

import tracemalloc

import numpy as np
import pytest

import tinyad as ad


def stage(x):
    return np.sin(x * x) + 0.5 * np.exp(-x) * x


def chained(one, n=3):
    def f(x):
        for _ in range(n):
            x = one(x)
        return np.sum(x)

    return f


PLAIN, CHECKED = chained(stage), chained(ad.checkpoint(stage))
POINTS = [0.7, np.array([0.3, -1.2, 0.9]), np.array([[0.4, 1.1]])]


@pytest.mark.parametrize("x", POINTS, ids=["number", "vector", "matrix"])
@pytest.mark.parametrize(
    "transform",
    [
        lambda f: f,
        ad.grad,
        ad.reverse.grad,
        ad.forward.grad,
        ad.hessian,
        ad.jacrev,
        ad.jacfwd,
        lambda f: ad.jacrev(ad.grad(f)),
        lambda f: ad.jacrev(ad.forward.grad(f)),
        lambda f: ad.forward.grad(lambda x: np.sum(ad.forward.grad(f)(x) ** 2)),
        lambda f: ad.reverse.grad(lambda x: np.sum(ad.forward.grad(f)(x) ** 2)),
        lambda f: lambda x: ad.hvp(f, x, np.ones_like(x) if np.ndim(x) else 1.0),
        lambda f: ad.finite.grad(f, scheme="complex"),
        lambda f: ad.jacfwd(ad.hessian(f)),
        lambda f: ad.jacrev(ad.hessian(f)),
    ],
)
def test_same_derivatives_in_every_mode_and_nesting(transform, x):
    plain, checked = transform(PLAIN)(x), transform(CHECKED)(x)
    assert type(checked) is type(plain)
    np.testing.assert_allclose(checked, plain, rtol=1e-13, atol=1e-13)


def test_the_whole_function_may_be_one_checkpoint():
    f = ad.checkpoint(lambda x, y: x**2 * y + y + 2)
    assert ad.value_and_grad(f, argnums=(0, 1))(3, 4) == (42.0, (24.0, 10.0))
    value, pullback = ad.vjp(f, 3.0, 4.0)
    assert (value, pullback(1.0), pullback(-0.5)) == (42.0, (24.0, 10.0), (-12.0, -5.0))


def test_nested_arguments_and_results():
    def layer(state, p, scale=1.0):
        h = np.tanh(p["W"] @ state[0] + p["b"]) * scale
        return [h, state[1] + np.sum(h**2)], {"n": (h[0],)}

    def loss(one):
        def f(p, x):
            state = (x, 0.0)
            for _ in range(3):
                state, extra = one(state, p, scale=0.9)
            return state[1] * extra["n"][0]

        return f

    random = np.random.default_rng(0)
    p = {"W": random.normal(size=(3, 3)), "b": random.normal(size=3)}
    x = random.normal(size=3)
    plain = ad.grad(loss(layer), argnums=(0, 1))(p, x)
    checked = ad.grad(loss(ad.checkpoint(layer)), argnums=(0, 1))(p, x)
    for a, b in [
        (plain[0]["W"], checked[0]["W"]),
        (plain[0]["b"], checked[0]["b"]),
        (plain[1], checked[1]),
    ]:
        np.testing.assert_allclose(b, a, rtol=1e-13)


def test_checkpoints_inside_checkpoints():
    inner = ad.checkpoint(stage)
    outer = ad.checkpoint(lambda x: inner(inner(x)))
    x = np.array([0.3, -1.2, 0.9])
    np.testing.assert_allclose(
        ad.grad(lambda x: np.sum(inner(outer(x))))(x), ad.grad(PLAIN)(x), rtol=1e-13
    )


def test_runs_once_forward_and_once_more_in_the_sweep_for_all_arguments():
    calls = []

    @ad.checkpoint
    def f(x, y, z):
        calls.append(1)
        return x * y * z

    assert ad.grad(f, argnums=(0, 1, 2))(2.0, 3.0, 5.0) == (15.0, 10.0, 6.0)
    assert len(calls) == 2
    assert f(2.0, 3.0, 5.0) == 30.0
    assert ad.jvp(f, (2.0, 3.0, 5.0), (1.0, 0.0, 0.0)) == (30.0, 15.0)
    assert len(calls) == 4


def test_precision_and_constants():
    x = np.array([0.5, 2.0], dtype=np.float32)
    g = ad.grad(lambda x: np.sum(ad.checkpoint(lambda x, n: (x**n, x))(x, 3)[0]))(x)
    assert g.dtype == np.float32
    np.testing.assert_allclose(g, 3 * x**2)
    assert ad.grad(ad.checkpoint(lambda x: 3.0))(1.0) == 0.0
    assert (
        ad.jacfwd(ad.grad(ad.checkpoint(lambda x: np.sum(x))))(np.ones(2)).tolist() == [[0, 0]] * 2
    )


def test_an_array_that_changes_after_the_call():
    buffer = np.array([1.0, 2.0])

    def f(x):
        total = 0.0
        for k in range(3):
            buffer[:] = k
            total = total + np.sum(ad.checkpoint(lambda x, b: x * x * b)(x, buffer))
        return total

    # d/dx Σ k x² over k = 0, 1, 2 in each of two entries is 2x (0 + 1 + 2)
    np.testing.assert_allclose(ad.grad(f)(np.array([1.0, 5.0])), [6.0, 30.0])


def test_a_traced_value_that_is_no_argument_is_refused():
    def f(w):
        return ad.checkpoint(lambda x: w * x)(w + 1.0)

    with pytest.raises(ad.errors.ArgumentError, match="not among its arguments"):
        ad.grad(f)(2.0)
    # a value of an earlier, still open pass is none of this pass's business
    assert ad.grad(lambda w: ad.grad(ad.checkpoint(lambda x: w * w * x * x))(1.0))(3.0) == 12.0


def peak(f, x):
    tracemalloc.start()
    ad.grad(f)(x)
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size / x.nbytes


def test_memory_falls_to_the_square_root():
    def run(one):
        def f(x):
            for _ in range(20):
                x = one(x)
            return np.sum(x)

        return f

    def twenty(x):
        for _ in range(20):
            x = np.sin(x)
        return x

    x = np.linspace(0.1, 1.0, 20_000)
    # 400 sines save 400 arrays; with checkpoints 20 inputs, and 20 while one stage is swept
    assert peak(run(twenty), x) > 400
    assert peak(run(ad.checkpoint(twenty)), x) < 60

    def twice(f):  # reverse over reverse
        return lambda x: np.sum(ad.grad(f)(x) * x)

    assert peak(twice(run(ad.checkpoint(twenty))), x) < 0.25 * peak(twice(run(twenty)), x)
