"""Random programs, compiled: values and derivatives are those of the uncompiled programs."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent / "arrays"))
sys.path.insert(0, str(Path(__file__).parent / "rows"))

import test_arrays_fuzz as arrays
import test_rows_fuzz as numbers

import tinyad as ad
from tinyad.views.compiled import source

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@seed(1)
@FUZZ
@given(numbers.programs, numbers.numbers, numbers.numbers)
def test_programs_of_numbers(program, x, y):
    for derivative in (
        ad.value_and_grad(program, (0, 1)),
        ad.derivative(lambda x: program(x, 0.3)),
    ):
        args = (x, y)[: 2 if derivative.__name__ == "both" else 1]
        compiled = ad.compile(derivative, *args)
        for point in (args, tuple(0.5 - a for a in args)):
            for a, b in zip(flat(compiled(*point)), flat(derivative(*point)), strict=True):
                assert type(a) is type(b)
                np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("large", [0, source.LARGE], ids=["overwriting", "inline"])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_programs_of_arrays(large, kind, monkeypatch):
    monkeypatch.setattr(source, "LARGE", large)  # 0: every array that may be overwritten is
    rel = 1e-10 if kind is np.float64 else 2e-2

    @seed(2)
    @FUZZ
    @given(arrays.programs)
    def check(case):
        names, choice, shapes = case
        f = arrays.program(names, choice)
        x = [kind(a) for a in map(arrays.Choices(choice).array, shapes)]

        def derivative(x, y):
            value, pullback = ad.vjp(f, x, y)
            shape = np.shape(value)
            weights = np.sin(np.arange(float(np.prod(shape))).reshape(shape))
            return value, pullback(weights if shape else 1.0)

        compiled = ad.compile(derivative, *x)
        copies = [a.copy() for a in x]
        for point in (x, [kind(0.9) * a for a in x], x):
            for a, b in zip(flat(compiled(*point)), flat(derivative(*point)), strict=True):
                assert np.shape(a) == np.shape(b)
                scale = float(np.max(np.abs(b), initial=1.0))
                np.testing.assert_allclose(a, b, rtol=rel, atol=rel * scale)
        for a, b in zip(x, copies, strict=True):
            np.testing.assert_array_equal(a, b)
        assert len(compiled.programs) == 1

    check()


@seed(3)
@settings(FUZZ, max_examples=60)
@given(arrays.programs)
def test_second_derivatives_of_programs_of_arrays(case):
    names, choice, shapes = case
    f = arrays.program(names, choice)
    x = list(map(arrays.Choices(choice).array, shapes))

    def product(x, v):
        return ad.hvp(lambda x: np.sum(np.sin(f(x, x0))), x, v)

    x0 = x[1]
    compiled = ad.compile(product, x[0], np.ones_like(x[0]))
    truth = product(x[0], np.ones_like(x[0]))
    scale = np.max(np.abs(truth), initial=1.0)
    np.testing.assert_allclose(
        compiled(x[0], np.ones_like(x[0])), truth, rtol=1e-8, atol=1e-8 * scale
    )


BRANCHES = st.lists(
    st.tuples(st.sampled_from(["if", "while", "max", "mask", "floor"]), st.integers(-5, 5)),
    min_size=1,
    max_size=4,
)


@seed(4)
@FUZZ
@given(BRANCHES, st.lists(st.integers(-60, 60), min_size=1, max_size=12))
@pytest.mark.filterwarnings("ignore:.* runs uncompiled:RuntimeWarning")
def test_programs_with_branches(branches, points):
    def f(x):
        for kind, n in branches:
            if kind == "if":
                x = x * x / 8 if x > n else 2.0 - x
            elif kind == "while":
                while x > n + 6:
                    x = x / 2 - 0.1
            elif kind == "max":
                x = max(x, n - 0.5 * x)
            elif kind == "mask":
                values = np.stack([x, n - x, x * 0.5])
                x = np.sum(values[values > 0])
            else:
                x = x * (1 + int(np.floor(x)) % 3)
        return x

    derivative = ad.value_and_grad(f)
    compiled = ad.compile(derivative, points[0] / 7 + 0.01)
    for k in points:
        x = k / 7 + 0.01
        np.testing.assert_allclose(compiled(x), derivative(x), rtol=1e-13, atol=1e-13)


def flat(tree):
    return [x for part in tree for x in flat(part)] if isinstance(tree, list | tuple) else [tree]
