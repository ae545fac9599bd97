"""Every row of the table, compiled: values and gradients are those of the uncompiled function."""

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "arrays"))
sys.path.insert(0, str(Path(__file__).parent / "rows"))

from array_samples import COMPOSITE, JOINT, LINEAR
from row_points import ROWS, arguments, ordinary

import tinyad as ad
from tinyad.rules import TABLE
from tinyad.rules.rows import Constant

TABLES = {**LINEAR, **JOINT, **COMPOSITE}
SAMPLES = [
    pytest.param(sample, id=f"{function.__name__}-{k}")
    for function, samples in TABLES.items()
    for k, sample in enumerate(samples)
    if all(np.ndim(o) for o in sample.operands)  # arrays without axes are run uncompiled
]
EXTREMES = (0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 1e-310, 1e308, -1e308, np.inf, -np.inf, np.nan)


def same(compiled, truth, rel=1e-13):
    """Equal in nesting, type, shape and precision, and in value up to rounding."""
    assert type(compiled) is type(truth)
    if isinstance(truth, list | tuple):
        assert len(compiled) == len(truth)
        for a, b in zip(compiled, truth, strict=True):
            same(a, b, rel)
        return
    assert np.shape(compiled) == np.shape(truth)
    assert np.asarray(compiled).dtype == np.asarray(truth).dtype
    if np.size(truth):
        finite = np.abs(truth)[np.isfinite(truth)]
        scale = min(float(np.max(finite, initial=0.0)), 1e300)
        np.testing.assert_allclose(compiled, truth, rtol=rel, atol=rel * scale)


def partials(row):
    """Value and gradient of one row; an integer exponent stays as it is."""
    if row.name == "ldexp":
        return lambda n: ad.value_and_grad(lambda x: np.ldexp(x, n))
    return ad.value_and_grad(row.function, tuple(arguments(row)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rows_of_numbers(row):
    for point in ordinary(row) + list(row.kinks):
        derivative, inputs = partials(row), point
        if row.name == "ldexp":
            derivative, inputs = derivative(point[1]), point[:1]
        compiled = ad.compile(derivative, *inputs)
        same(compiled(*inputs), derivative(*inputs))
        assert len(compiled.programs) == 1


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("row", [r for r in ROWS if r.name != "ldexp"], ids=lambda row: row.name)
def test_rows_of_numbers_follow_ieee(row):
    derivative = partials(row)
    start = ordinary(row)[0]
    compiled = ad.compile(derivative, *start)
    for point in itertools.product(EXTREMES, repeat=len(row.partials)):
        same(compiled(*point), derivative(*point), 1e-12)


@pytest.mark.parametrize("size", [3, 20_000], ids=["short", "long"])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("row", [r for r in ROWS if r.name != "ldexp"], ids=lambda row: row.name)
def test_rows_of_arrays(row, kind, size):
    points = np.array(ordinary(row))
    operands = [kind(np.resize(points[:, k], size)) for k in range(len(row.partials))]
    weights = kind(np.random.default_rng(0).normal(size=size))

    def f(*xs):
        return np.sum(weights * row.function(*xs))

    derivative = ad.value_and_grad(f, tuple(range(len(operands))))
    compiled = ad.compile(derivative, *operands)
    truth = derivative(*operands)
    copies = [o.copy() for o in operands]
    for _ in range(2):  # a program that writes into what it keeps is wrong the second time
        same(compiled(*operands), truth, 1e-12 if kind is np.float64 else 1e-5)
    for operand, copy in zip(operands, copies, strict=True):
        np.testing.assert_array_equal(operand, copy)
    assert len(compiled.programs) == 1


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("sample", SAMPLES)
def test_rows_of_array_functions(sample, kind):
    operands = [np.asarray(o, kind) for o in sample.operands]
    plain = ad.compile(sample.function, *operands)
    value = sample.function(*operands)
    rel = 1e-12 if kind is np.float64 else 2e-4
    np.testing.assert_allclose(plain(*operands), value, rtol=rel, atol=rel)
    weights = kind(np.random.default_rng(1).normal(size=np.shape(value)))

    def f(*xs):
        return np.sum(weights * sample.function(*xs))

    derivative = ad.value_and_grad(f, tuple(range(len(operands))))
    compiled = ad.compile(derivative, *operands)
    truth = derivative(*operands)
    for _ in range(2):
        same(compiled(*operands), truth, rel)
    assert len(compiled.programs) == 1


@pytest.mark.parametrize("sample", SAMPLES)
def test_rows_in_second_order(sample):
    directions = [np.cos(np.arange(o.size).reshape(o.shape)) for o in sample.operands]

    def slope(*xs):
        value, tangent = ad.jvp(sample.function, xs, directions)
        return np.sum(tangent * tangent) + np.sum(value)

    derivative = ad.grad(slope, tuple(range(len(sample.operands))))
    compiled = ad.compile(derivative, *sample.operands)
    same(compiled(*sample.operands), derivative(*sample.operands), 1e-10)


CONSTANT = [
    row
    for row in TABLE.values()
    if isinstance(row, Constant) and not row.static and isinstance(row.function, np.ufunc)
]


@pytest.mark.parametrize("row", CONSTANT, ids=lambda row: row.name)
@pytest.mark.parametrize("shape", [(), (4,)], ids=["number", "array"])
def test_rows_without_a_derivative(row, shape):
    values = np.array([0.5, -1.5, 2.0, -0.25])
    x = values.copy() if shape else 0.5
    y = values[::-1].copy() if shape else -0.25

    def f(x, y):
        operands = (x, y)[: row.function.nin]
        if row.name.startswith(("bitwise", "invert")):
            operands = [o > 0 for o in operands]
        return np.where(row.function(*operands), x, y) * row.function(*operands)

    compiled = ad.compile(f, x, y)
    for sign in (1, -1):
        np.testing.assert_array_equal(compiled(sign * x, y), f(sign * x, y))
    assert len(compiled.programs) == 1
