"""Elementwise rows on arrays: broadcasting and its transpose, precision, batches."""

import numpy as np
import pytest
from array_modes import assert_near, dot, hessian_products, randoms

import tinyad as ad
from tinyad.rules.elementwise import KINKED_ROWS, SMOOTH_ROWS

ROWS = SMOOTH_ROWS + KINKED_ROWS
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
BROADCASTS = [((2, 3), (3,)), ((3,), (2, 1)), ((), (2, 3)), ((2, 1, 3), (4, 1)), ((0, 3), (1, 3))]


def point(row, shapes, seed=0):
    """Arrays of these shapes inside the row's domain, none of their entries equal or near 0."""
    random = np.random.default_rng(seed)
    arrays = []
    for k, (shape, (lower, upper)) in enumerate(zip(shapes, row.domain, strict=False)):
        size = random.uniform(0.15, 0.85, shape)
        if row.name == "ldexp" and k == 1:
            arrays.append(np.full(shape, 3))
        elif np.isinf(lower):
            arrays.append(np.array((2.2 + k + size) * random.choice([-1, 1], shape)))
        else:
            arrays.append(np.array(lower + size * (upper - lower if np.isfinite(upper) else 2.0)))
    return arrays


def varying(row):
    return [k for k, partial in enumerate(row.partials) if partial is not None]


def cases(row):
    return BROADCASTS if len(row.partials) == 2 else [((2, 3),), ((),), ((0, 2),)]


@each_row
def test_against_the_scalar_row_entry_by_entry(row):
    for shapes in cases(row):
        x = point(row, shapes)
        full = np.broadcast_shapes(*shapes)
        entries = [np.broadcast_to(a, full) for a in x]
        pullback = ad.vjp(row.function, *x)[1] if None not in row.partials else None
        for k in varying(row):
            slope = ad.grad(row.function, k)
            slopes = np.array(
                [slope(*[e[i].item() for e in entries]) for i in np.ndindex(full)]
            ).reshape(full)
            (w,) = randoms([slopes], 1)

            def program(a, k=k, x=x):
                return row.function(*x[:k], a, *x[k + 1 :])

            out, tangent = ad.jvp(program, (x[k],), (np.ones(np.shape(x[k])),))
            assert_near(out, row.function(*x), 1e-15, "value")
            assert_near(tangent, slopes, 1e-13, "tangent")
            (adjoint,) = ad.vjp(program, x[k])[1](w)
            summed = np.zeros(np.shape(x[k]))
            own = np.broadcast_to(np.arange(summed.size).reshape(summed.shape), full)
            np.add.at(summed.reshape(-1), own.ravel(), (w * slopes).ravel())
            assert_near(adjoint, summed, 1e-13, "adjoint")
            if pullback is not None:
                assert_near(pullback(w)[k], summed, 1e-13, "adjoints together")


@each_row
def test_batches_and_second_order(row):
    x = point(row, cases(row)[0], seed=2)
    free = varying(row)

    def f(*a):
        return row.function(*a, *x[len(a) :])

    x = x[: len(free)] + x[len(free) :]
    arrays = [x[k] for k in free]
    for k in free:
        assert_near(ad.jacfwd(f, k)(*arrays), ad.jacrev(f, k)(*arrays), 1e-13, "jacobian")
    (w,) = randoms([f(*arrays)], 3)
    v = randoms(arrays, 4)
    products = hessian_products(lambda *a: np.sum(w * f(*a) ** 2), arrays, v)
    truth = products.pop("forward over reverse")
    for nesting, product in products.items():
        for a, b in zip(product, truth, strict=True):
            assert_near(a, b, 1e-11, nesting)


@each_row
def test_single_precision_stays_single(row):
    x = [a if a.dtype.kind == "i" else a.astype(np.float32) for a in point(row, cases(row)[0])]
    for k in varying(row):

        def program(a, k=k):
            return row.function(*x[:k], a, *x[k + 1 :])

        value, tangent = ad.jvp(program, (x[k],), (x[k],))
        assert (value.dtype, tangent.dtype) == (np.float32, np.float32)

        def adjoint_of(a, program=program):
            value, pullback = ad.vjp(program, a)
            return pullback(np.ones(value.shape, np.float32))[0]

        adjoint, second = ad.jvp(adjoint_of, (x[k],), (x[k],))
        assert (adjoint.dtype, second.dtype) == (np.float32, np.float32)
        batched = ad.jacfwd(program)(x[k])
        assert batched.dtype == np.float32
        # a Python number beside it leaves the precision alone
        mixed = ad.jvp(lambda a: 2.5 * program(a) / 3 + 1, (x[k],), (x[k],))
        assert [m.dtype for m in mixed] == [np.float32, np.float32]
        number = np.float32(np.ravel(x[k])[0])

        def scalar(a, k=k):
            others = [np.ravel(b)[0] for b in x]
            return row.function(*others[:k], a, *others[k + 1 :])

        assert type(ad.grad(scalar)(number)) is np.float32
        assert ad.jvp(scalar, (number,), (number,))[1].dtype == np.float32


@pytest.mark.parametrize("shapes", BROADCASTS)
def test_dot_product_test_of_broadcast_products(shapes):
    x = [np.random.default_rng(5).normal(size=s) for s in shapes]
    v = randoms(x, 6)

    def f(x, y):
        return (x * y + x) / (2.0 + np.cos(y)) - y

    value, tangent = ad.jvp(f, x, v)
    (w,) = randoms([value], 7)
    adjoints = ad.vjp(f, *x)[1](w)
    assert dot([w], [tangent]) == pytest.approx(dot(adjoints, v), rel=1e-12, abs=1e-15)
    assert [np.shape(a) for a in adjoints] == list(shapes)


def test_nan_and_infinity_travel_as_in_numpy():
    x = np.array([np.nan, np.inf, -np.inf, 0.0, 2.0])
    with np.errstate(all="ignore"):
        value, slopes = ad.vjp(lambda x: np.sqrt(x * x), x)[0], ad.derivative(np.exp)(x)
        np.testing.assert_array_equal(value, np.sqrt(x * x))
        np.testing.assert_array_equal(slopes, np.exp(x))
        np.testing.assert_array_equal(ad.derivative(np.log)(x), 1 / x)
        (g,) = ad.vjp(lambda x: 0.0 * x, x)[1](x)
        np.testing.assert_array_equal(g, 0.0 * x)
        (g,) = ad.vjp(np.sqrt, np.zeros(2))[1](np.array([0.0, 1.0]))
        np.testing.assert_array_equal(g, [np.nan, np.inf])  # 0 times infinity is not hidden
        # an entry that is NaN spoils its own slope only
        spoiled = ad.grad(lambda x: np.sum(np.sin(x)))(np.array([1.0, np.nan, 2.0]))
        np.testing.assert_array_equal(np.isnan(spoiled), [False, True, False])
        assert np.isnan(ad.grad(lambda x: np.max(x))(np.array([1.0, np.nan]))).any()
        assert np.isinf(ad.value_and_grad(lambda x: np.sum(np.exp(x)))(np.array([800.0]))[0])
