"""Random array programs over the table: forward against reverse, to second order."""

import numpy as np
from array_modes import assert_near, complex_step, dot, hessian_products, randoms
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import tinyad as ad

# Steps from one array to the next. `d` is the test's source of choices; a step may look at the
# shape, never at the values, and must stay smooth and of moderate size.
SAME_SHAPE = {
    "sin": lambda d, x: np.sin(x),
    "tanh": lambda d, x: np.tanh(x),
    "exp": lambda d, x: np.exp(0.3 * np.sin(x)),
    "log": lambda d, x: np.log(2.0 + np.sin(x)),
    "sqrt": lambda d, x: np.sqrt(1.5 + np.cos(x)),
    "arctan": lambda d, x: np.arctan(x),
    "power": lambda d, x: (1.5 + np.sin(x)) ** (0.5 * np.cos(x)),
    "divide": lambda d, x: x / (2.0 + np.cos(x)),
    "logaddexp": lambda d, x: np.log(np.exp(np.sin(x)) + np.exp(np.cos(x))),
    "square": lambda d, x: 0.3 * x * x - x**3 / 20,
    "cumsum": lambda d, x: np.cumsum(x, axis=d.axis(x)) / 2,
    "cumprod": lambda d, x: np.cumprod(np.sin(x), axis=d.axis(x)),
    "roll": lambda d, x: np.roll(x, d.number(-2, 2), axis=d.choice([None, d.axis(x)])) + x,
    "flip": lambda d, x: np.flip(x, d.axis(x)) * x,
    "center": lambda d, x: x - np.mean(x, axis=d.axis(x), keepdims=True),
    "broadcast": lambda d, x: x + np.sum(x, axis=d.axis(x), keepdims=True) * np.sin(x),
    "where": lambda d, x: np.where(d.mask(x.shape), x * x, np.sin(x)),
    "triu": lambda d, x: x + np.triu(x) if x.ndim >= 2 else x,
    "constant": lambda d, x: x * d.array(x.shape[-1:]) + d.array(()),
}
NEW_SHAPE = {
    "transpose": lambda d, x: np.transpose(x, d.order(x.ndim)),
    "reshape": lambda d, x: np.reshape(x, (-1, x.shape[-1])),
    "ravel": lambda d, x: x.ravel(),
    "newaxis": lambda d, x: x[..., None, :] if x.ndim < 3 else x,
    "sum": lambda d, x: np.sum(x, axis=d.axis(x), keepdims=d.choice([True, False])),
    "mean": lambda d, x: np.mean(x, axis=tuple(range(x.ndim))[: d.number(1, 2)]),
    "prod": lambda d, x: np.prod(np.cos(x), axis=d.axis(x)),
    "slice": lambda d, x: x[..., d.choice([slice(1, None), slice(None, None, -1), slice(None, 2)])],
    "take": lambda d, x: x[np.array([0, -1, 0])],
    "mask": lambda d, x: x[..., np.arange(x.shape[-1]) != 1],
    "repeat": lambda d, x: np.repeat(x, 2, axis=d.axis(x)) if x.size < 30 else x,
    "pad": lambda d, x: np.pad(x, 1, mode=d.choice(["edge", "wrap"])) if x.size < 20 else x,
    "concatenate": lambda d, x: np.concatenate([x, np.sin(x)], d.axis(x)) if x.size < 30 else x,
    "stack": lambda d, x: np.stack([x, x * x], d.number(0, x.ndim)) if x.ndim < 3 else x,
    "matmul": lambda d, x: x @ d.array((x.shape[-1], 2)),
    "gram": lambda d, x: x @ np.swapaxes(x, -1, -2) / 4 if x.ndim >= 2 else x @ x * x,
    "einsum": lambda d, x: np.einsum("...i,...i->...i", x, np.sin(x)),
    "outer": lambda d, x: np.outer(x.ravel()[:3], np.tanh(x).ravel()[-3:]),
    "diagonal": lambda d, x: np.diag(x) if x.ndim in (1, 2) and x.size < 10 else x,
    "solve": lambda d, x: np.linalg.solve(regular(x), np.cos(x[..., :2, :])) if x.ndim > 1 else x,
    "inv": lambda d, x: np.linalg.inv(regular(x)) if x.ndim > 1 else x,
    "det": lambda d, x: x * np.linalg.det(regular(x))[..., None, None] if x.ndim > 1 else x,
}
STEPS = {**SAME_SHAPE, **NEW_SHAPE}


def regular(x):
    """A 2 by 2 matrix, far from singular, out of the first entries of the last two axes."""
    n = min(2, x.shape[-2])
    return 3.0 * np.eye(n) + np.sin(x[..., :n, :1]) * np.cos(x[..., :1, :1]) * np.ones((n, n)) / 2


class Choices:
    """The choices of one program, made once and repeated whenever it runs again."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)

    def number(self, low, high):
        return int(self.random.integers(low, high + 1))

    def choice(self, options):
        return options[self.number(0, len(options) - 1)]

    def axis(self, x):
        return self.number(-x.ndim, x.ndim - 1)

    def order(self, n):
        return tuple(int(k) for k in self.random.permutation(n))

    def mask(self, shape):
        return self.random.random(shape) < 0.5

    def array(self, shape):
        return self.random.normal(size=shape)


def program(names, choice):
    """A function of two arrays that takes these steps; none of them leaves an empty array."""

    def f(x, y):
        d = Choices(choice)
        value = x * np.sin(y) + y[..., :1]
        for name in names:
            if value.ndim:
                following = STEPS[name](d, value)
                value = following if following.size else value
        return value

    return f


SHAPES = [((3,), (3,)), ((2, 3), (3,)), ((2, 1), (2, 3)), ((2, 2, 3), (2, 1)), ((1,), (4, 2))]
programs = st.tuples(
    st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=6),
    st.integers(0, 10**6),
    st.sampled_from(SHAPES),
)
fuzz = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@seed(1)
@fuzz
@given(programs)
def test_forward_reverse_and_complex_step_agree(case):
    names, choice, shapes = case
    f = program(names, choice)
    x = list(map(Choices(choice).array, shapes))
    v = randoms(x, choice)
    value, tangent = ad.jvp(f, x, v)
    assert_near(value, f(*x), 1e-13, "value")
    assert_near(tangent, complex_step(f, x, v), 1e-10, "tangent")
    (w,) = randoms([value], choice + 1)
    adjoints = ad.vjp(f, *x)[1](w)
    left, right = dot([w], [tangent]), dot(adjoints, v)
    assert abs(left - right) <= 1e-10 * (1.0 + np.sum(np.abs(w * tangent)))
    for k in range(2):
        assert_near(ad.jacfwd(f, k)(*x), ad.jacrev(f, k)(*x), 1e-10, "jacobian")


@seed(2)
@settings(fuzz, max_examples=120)
@given(programs)
def test_nestings_agree_in_second_order(case):
    names, choice, shapes = case
    f = program(names, choice)
    x = list(map(Choices(choice).array, shapes))
    v = randoms(x, choice)
    (w,) = randoms([f(*x)], choice + 1)

    def s(x, y):
        return np.sum(w * f(x, y))

    def slope(k):
        return lambda *x: ad.grad(s, (0, 1))(*x)[k]

    products = hessian_products(s, x, v)
    blocks = ad.hessian(s, (0, 1))(*x)
    products["hessian"] = [
        sum(np.tensordot(b, u, np.ndim(u)) for b, u in zip(row, v, strict=True)) for row in blocks
    ]
    truth = products.pop("forward over reverse")
    for nesting, product in products.items():
        for a, b in zip(product, truth, strict=True):
            assert_near(a, b, 1e-9, nesting)
