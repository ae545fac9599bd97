"""Every linear, joint, product, composite and program row: value, slopes, second order, batches."""

import numpy as np
import pytest
from array_modes import (
    assert_near,
    complex_step,
    dot,
    hessian_products,
    randoms,
    richardson,
)
from array_programs import PROGRAMS
from array_samples import COMPOSITE, JOINT, LINEAR

import tinyad as ad
from tinyad.rules import TABLE
from tinyad.rules.rows import Constant, Elementwise

SAMPLES = {**LINEAR, **JOINT, **COMPOSITE, **PROGRAMS}
ROWS = [f for f, row in TABLE.items() if not isinstance(row, Constant | Elementwise)]
each_sample = pytest.mark.parametrize(
    "sample",
    [
        pytest.param(sample, id=f"{TABLE[f].name}-{k}")
        for f, samples in SAMPLES.items()
        for k, sample in enumerate(samples)
    ],
)


@pytest.mark.parametrize("function", ROWS, ids=lambda f: TABLE[f].name)
def test_row_has_sample_calls(function):
    assert SAMPLES.get(function), (
        f"np.{TABLE[function].name} has no sample calls: add some to array_samples.py (to "
        "array_programs.py, if it is a program), with each option that it takes"
    )


@each_sample
def test_value_is_numpys(sample):
    f, x, _ = sample
    truth = f(*x)
    for value in (ad.vjp(f, *x)[0], ad.jvp(f, x, x)[0]):
        assert isinstance(value, np.ndarray | float)
        assert np.asarray(value).dtype == np.asarray(truth).dtype
        assert_near(value, truth, 1e-15, "value")


@each_sample
def test_forward_against_an_independent_derivative_and_reverse_against_forward(sample):
    f, x, analytic = sample
    v = randoms(x, 1)
    tangent = ad.jvp(f, x, v)[1]
    truth, accuracy = (complex_step(f, x, v), 1e-12) if analytic else (richardson(f, x, v), 1e-9)
    assert_near(tangent, truth, accuracy, "tangent")
    value, pullback = ad.vjp(f, *x)
    (w,) = randoms([value], 2)
    adjoints = pullback(w)
    assert [np.shape(g) for g in adjoints] == [np.shape(a) for a in x]
    # <w, J v> = <Jᵀ w, v>
    assert dot([w], [tangent]) == pytest.approx(dot(adjoints, v), rel=1e-12, abs=1e-12)


@each_sample
def test_second_order_in_all_nestings(sample):
    f, x, _ = sample
    (w,) = randoms([f(*x)], 3)
    v = randoms(x, 4)

    def s(*x):
        return np.sum(w * np.sin(f(*x)))  # a linear row has a second derivative too, then

    gradients = tuple(range(len(x)))
    for k, a in enumerate(x):
        truth = richardson(lambda *x, k=k: ad.grad(s, gradients)(*x)[k], x, v)
        for nesting, products in hessian_products(s, x, v).items():
            assert_near(products[k], truth, 1e-8, nesting)
            assert np.shape(products[k]) == np.shape(a)


@each_sample
def test_batched_tangents_against_one_at_a_time(sample):
    f, x, _ = sample
    zeros = [np.zeros(np.shape(a)) for a in x]
    for k, a in enumerate(x):
        size = np.shape(f(*x)) + np.shape(a)
        columns = np.zeros(size)
        for entry in np.ndindex(np.shape(a)):
            seed = np.zeros(np.shape(a))
            seed[entry] = 1.0
            columns[(..., *entry)] = ad.jvp(f, x, [*zeros[:k], seed, *zeros[k + 1 :]])[1]
        for name, jacobian in {"jacfwd": ad.jacfwd, "jacrev": ad.jacrev}.items():
            assert_near(jacobian(f, k)(*x), columns, 1e-12, name)


@each_sample
def test_hessian_against_one_row_at_a_time(sample):
    f, x, _ = sample
    (w,) = randoms([f(*x)], 5)

    def s(a):
        return np.sum(w * np.sin(f(a, *x[1:])))

    a = x[0]
    rows = np.zeros(np.shape(a) * 2)
    for entry in np.ndindex(np.shape(a)):
        seed = np.zeros(np.shape(a))
        seed[entry] = 1.0
        rows[entry] = ad.hvp(s, a, seed)
    assert_near(ad.hessian(s)(a), rows, 1e-11, "hessian")
    assert_near(ad.jacrev(ad.jacfwd(s))(a), rows, 1e-11, "reverse over batched forward")
    assert_near(ad.jacfwd(ad.jacfwd(s))(a), rows, 1e-11, "batched forward twice")


@each_sample
def test_single_precision_stays_single(sample):
    f, x, _ = sample
    x = [np.asarray(a, np.float32) for a in x]
    truth = f(*x)
    value, tangent = ad.jvp(f, x, x)
    if not hasattr(truth, "dtype") or truth.dtype != np.float32:
        pytest.skip("the sample itself brings in double precision")
    assert (value.dtype, tangent.dtype) == (np.float32, np.float32)
    assert np.shape(tangent) == np.shape(value)
    assert ad.vjp(f, *x)[0].dtype == np.float32
    for k in range(len(x)):  # a gradient is cast at the end, but not one that is watched
        adjoint = ad.jvp(lambda *x, k=k: ad.vjp(f, *x)[1](truth)[k], x, x)[0]
        assert adjoint.dtype == np.float32


@each_sample
def test_layout_and_flags_of_arrays_do_not_matter(sample):
    f, x, _ = sample
    (w,) = randoms([f(*x)], 6)
    truth = ad.vjp(f, *x)[1](w)
    for layout in (_strided, np.asfortranarray, _read_only):
        arrays = [layout(a).reshape(np.shape(a)) for a in x]
        value, pullback = ad.vjp(f, *arrays)
        for g, t in zip(pullback(layout(w).reshape(np.shape(w))), truth, strict=True):
            assert_near(g, t, 1e-13, layout.__name__)
        assert_near(ad.jvp(f, arrays, arrays)[0], value, 1e-13, layout.__name__)


def _strided(a):
    wide = np.full((*np.shape(a), 2), np.nan)
    wide[..., 0] = a
    return wide[..., 0]


def _read_only(a):
    a = np.array(a)
    a.flags.writeable = False
    return a
