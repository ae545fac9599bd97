"""What must not disturb a derivative: length, overwritten buffers, threads, interrupts, size 0."""

import gc
import threading

import numpy as np
import pytest

import tinyad as ad
from tinyad.interpretation import Box

X = np.array([0.5, -1.2, 2.0])


def test_a_loop_of_a_million_operations():
    def f(x):
        for _ in range(500_000):
            x = 0.5 * x + 1.0
        return x

    assert ad.value_and_grad(f)(3.0) == (2.0, 0.0)
    assert ad.jvp(lambda x: sum([x] * 100_000), (2.0,), (1.0,)) == (200_000.0, 100_000.0)


def test_a_long_loop_over_arrays_needs_no_recursion():
    def f(x):
        for k in range(20_000):
            x = x * (1.0 + 1e-5 * (k % 3 - 1))
        return np.sum(x)

    factor = np.prod([1.0 + 1e-5 * (k % 3 - 1) for k in range(20_000)])
    np.testing.assert_allclose(ad.grad(f)(X), np.full(3, factor), rtol=1e-10)


def test_a_buffer_that_changes_between_two_uses():
    buffer = np.array([1.0, 2.0, 3.0])

    def f(x):
        first = np.sum(x * buffer)
        buffer[:] = 10.0
        second = np.sum(buffer * np.sin(x) + buffer @ (x * x))
        buffer[:] = -1.0
        return first + second

    truth = np.array([1.0, 2.0, 3.0]) + 10 * np.cos(X) * 1 + 60 * X
    np.testing.assert_allclose(ad.grad(f)(X), truth, rtol=1e-14)
    buffer[:] = [1.0, 2.0, 3.0]
    np.testing.assert_allclose(ad.forward.grad(f)(X), truth, rtol=1e-14)


BUFFERS = {
    "where": lambda x, b: np.sum(np.where(b > 1.5, x * x, x)),
    "mask": lambda x, b: np.sum(np.where(_over(b), x * x, x)),
    "matmul": lambda x, b: np.outer(b, b) @ x @ x,
    "einsum": lambda x, b: np.einsum("i,i,i", x, b, x),
    "solve": lambda x, b: np.sum(np.linalg.solve(np.diag(b), x) ** 2),
    "concatenate": lambda x, b: np.sum(np.concatenate([x, b]) ** 2),
    "power": lambda x, b: np.sum((x * x) ** b),
    "list": lambda x, b: np.sum(x * x * list(b)),
    "clip": lambda x, b: np.sum(np.clip(x, -b, b) ** 2),
    "view": lambda x, b: np.sum(x * b[::-1] * x),
}
_MASK = np.zeros(3, bool)


def _over(b):
    np.greater(b, 1.5, out=_MASK)
    return _MASK


@pytest.mark.parametrize("name", BUFFERS)
def test_what_the_learner_overwrites_after_the_pass(name):
    f = BUFFERS[name]
    constant = np.array([1.0, 2.0, 3.0])
    truth = ad.grad(f)(X, constant)
    x, b = X.copy(), constant.copy()
    value, pullback = ad.vjp(lambda x: f(x, b), x)
    x[:] = np.nan
    b[:] = np.nan
    _MASK[:] = ~_MASK
    np.testing.assert_allclose(pullback(1.0)[0], truth, rtol=1e-14)
    np.testing.assert_allclose(pullback(2.0)[0], 2 * truth, rtol=1e-14)  # any number of times
    assert value == pytest.approx(f(X, constant))


@pytest.mark.parametrize(
    "make", [lambda: np.array([2, 0, 2]), lambda: [2, 0, 2], lambda: (slice(None), [0, 0])]
)
def test_an_index_that_is_overwritten_before_the_sweep(make):
    x = np.arange(6.0).reshape(3, 2)
    key = make()
    truth = ad.grad(lambda x: np.sum(x[make()] ** 2))(x)

    def f(x):
        total = np.sum(x[key] ** 2)
        (key[1] if isinstance(key, tuple) else key)[0] = 1
        return total

    np.testing.assert_array_equal(ad.grad(f)(x), truth)


def test_other_keys_and_arguments_that_are_overwritten_before_the_sweep():
    places, mask, axes, shape = np.array([1, 1]), X > 0, [0], [3, 1]

    def f(x):
        total = np.sum(np.take(x, places) ** 2) + np.sum(x[mask] ** 3)
        total = total + np.sum(np.reshape(x, shape) ** 2) + np.sum(np.roll(x, 1, axis=axes) * X)
        places[:], mask[:], shape[:] = 0, False, [1, 3]
        return total

    truth = 2 * X * [0, 2, 0] + 3 * X**2 * (X > 0) + 2 * X + np.roll(X, -1)
    np.testing.assert_allclose(ad.grad(f)(X), truth, rtol=1e-14)


def test_a_value_that_f_hands_out_may_be_overwritten():
    value, pullback = ad.vjp(np.exp, X)
    value[:] = 0.0
    np.testing.assert_allclose(pullback(np.ones(3))[0], np.exp(X), rtol=1e-15)
    kept = []

    def f(x):
        kept.append(ad.stop_gradient(np.exp(x)))
        total = np.sum(np.exp(x) * kept[0])
        kept[0][:] = 0.0
        return total

    np.testing.assert_allclose(ad.grad(f)(X), np.exp(2 * X), rtol=1e-14)


def test_threads_do_not_disturb_each_other():
    weights = np.random.default_rng(0).normal(size=(4, 3))
    truth = [
        ad.hessian(lambda x, k=k: np.sum(np.tanh(weights @ x) ** (k + 2)))(X) for k in range(6)
    ]
    results, errors = {}, []

    def work(k):
        try:
            for _ in range(20):
                f = ad.hessian(lambda x: np.sum(np.tanh(weights @ x) ** (k + 2)))
                results[k] = f(X)
                np.testing.assert_array_equal(results[k], truth[k])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(results) == 6


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError, SystemExit])
@pytest.mark.parametrize("mode", [ad.grad, ad.forward.grad, ad.hessian, ad.jacrev])
def test_an_exception_in_mid_pass_leaves_nothing_behind(mode, error):
    escaped = []

    def broken(x):
        y = np.sum(np.exp(x))
        escaped.append(y)
        raise error("stop")

    truth = mode(lambda x: np.sum(x**3))(X)
    for _ in range(3):
        with pytest.raises(error, match="stop"):
            mode(broken)(X)
    np.testing.assert_array_equal(mode(lambda x: np.sum(x**3))(X), truth)
    with pytest.raises(ad.errors.EscapedValueError, match="after the pass"):
        escaped[0] + 1.0
    with pytest.raises(ad.errors.EscapedValueError, match="after the pass"):
        ad.grad(lambda x: np.sum(x) * escaped[-1])(X)


def test_passes_leave_no_boxes_in_memory():
    def count():
        gc.collect()
        return sum(isinstance(o, Box) for o in gc.get_objects())

    before = count()
    for transform in (ad.grad, ad.hessian, ad.jacfwd, ad.jacrev):
        transform(lambda x: np.sum(np.sort(x) * np.prod(x)) + np.max(np.cumprod(x)))(X)
    _, pullback = ad.vjp(lambda x: np.cumprod(np.exp(x)), X)
    pullback(X)
    del pullback
    assert count() == before


def test_empty_arrays():
    empty = np.zeros((0, 3))

    def f(x):
        return np.sum(np.exp(x) @ np.ones((3, 2))) + np.sum(np.concatenate([x, x * x])) + 1.0

    value, slopes = ad.value_and_grad(f)(empty)
    assert value == 1.0
    assert slopes.shape == (0, 3)
    assert ad.hessian(f)(empty).shape == (0, 3, 0, 3)
    assert ad.hvp(f, empty, empty).shape == (0, 3)
    assert ad.derivative(np.exp)(empty).shape == (0, 3)


def test_zero_dimensional_arrays_stay_arrays():
    x = np.array(2.0)
    slope = ad.grad(lambda x: x**3)(x)
    assert (type(slope), slope.shape, slope) == (np.ndarray, (), 12.0)
    assert ad.jacrev(lambda x: np.stack([x, x * x]))(x).tolist() == [1.0, 4.0]
    assert ad.jacfwd(lambda x: np.stack([x, x * x]))(x).tolist() == [1.0, 4.0]
    assert ad.hessian(lambda x: x**3)(x) == 12.0
    assert ad.grad(lambda x: x[()] * x[None][0])(x) == 4.0
