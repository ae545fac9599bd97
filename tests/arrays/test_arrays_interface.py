"""Traced arrays pass for arrays: methods, operators, protocols; and what they refuse, in words."""

import numpy as np
import pytest
from array_modes import assert_near, dot, randoms, richardson

import tinyad as ad
from tinyad.errors import ArgumentError, ConversionError, InPlaceError, MissingRuleError
from tinyad.rules import TABLE
from tinyad.rules.rows import Constant

X = np.array([[0.7, -1.3, 2.4], [-0.3, 1.1, -2.2]])


METHODS = [
    lambda x: x.sum(),
    lambda x: x.sum(0),
    lambda x: x.sum(axis=-1, keepdims=True),
    lambda x: x.mean(axis=(0, 1)),
    lambda x: x.prod(1),
    lambda x: x.max(),
    lambda x: x.min(axis=1, keepdims=True),
    lambda x: x.var(0, ddof=1),
    lambda x: x.std(),
    lambda x: x.cumsum(),
    lambda x: x.cumprod(axis=1),
    lambda x: x.T,
    lambda x: x.transpose(),
    lambda x: x.transpose(1, 0),
    lambda x: x.transpose((1, 0)),
    lambda x: x.reshape(3, 2),
    lambda x: x.reshape((6,)),
    lambda x: x.reshape(-1),
    lambda x: x.ravel(),
    lambda x: x.flatten(),
    lambda x: x[None].squeeze(),
    lambda x: x.swapaxes(0, 1),
    lambda x: x.repeat(2, axis=0),
    lambda x: x.take([0, 5]),
    lambda x: x.diagonal(),
    lambda x: x.trace(),
    lambda x: x.copy(),
    lambda x: x.clip(-1, 1),
    lambda x: x.clip(min=0),
    lambda x: x.dot(np.ones((3, 2))),
    lambda x: x.astype(float),
    lambda x: x.round() + x,
    lambda x: x @ np.ones(3),
    lambda x: np.ones(2) @ x,
    lambda x: [1.0, 2.0] @ x,
    lambda x: x * [1, 2, 3],
    lambda x: (1.0, 2.0, 3.0) / (x * x + 1),
    lambda x: np.dot(x, [[1.0], [2.0], [3.0]]),
    lambda x: np.stack([row * k for k, row in enumerate(x)]),
    lambda x: len(x) * x,
    lambda x: x * x.shape[1] + x.size + x.ndim,
    lambda x: sum(x),
    lambda x: np.stack([*x[0], *x[1]]),
    lambda x: abs(x) ** 2 - -x + +x,
    lambda x: 2.0**x - x**3 + x**2.0,
    lambda x: np.stack(list(map(np.sum, x))),
]


@pytest.mark.parametrize("f", METHODS, ids=range(len(METHODS)))
def test_methods_and_operators_of_arrays(f):
    (v,) = randoms([X])
    value, tangent = ad.jvp(f, (X,), (v,))
    assert_near(value, f(X), 1e-15, "value")
    assert_near(tangent, richardson(f, [X], [v]), 1e-9, "tangent")
    value, pullback = ad.vjp(f, X)
    (w,) = randoms([value], 1)
    assert dot(pullback(w), [v]) == pytest.approx(dot([w], [tangent]), rel=1e-12)
    jacobian = ad.jacfwd(f)(X)
    assert_near(jacobian, ad.jacrev(f)(X), 1e-13, "jacobian")


# Constant rows: sample calls, each with a value that differentiation must not touch.
B = X[:, ::-1].copy()
UNARY = (
    np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.fix,
    np.logical_not, np.signbit, np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf,
    np.any, np.all, np.argmax, np.argmin, np.argsort, np.nonzero, np.flatnonzero, np.argwhere,
    np.count_nonzero, np.lexsort, np.shape, np.ndim, np.size, np.zeros_like, np.ones_like,
    np.result_type, np.iscomplexobj, np.isrealobj,
)  # fmt: skip
BINARY = (
    np.floor_divide, np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.isclose, np.allclose, np.array_equal,
    np.array_equiv, np.may_share_memory, np.shares_memory,
)  # fmt: skip
CONSTANT = {
    **{f: [lambda x, f=f: f(x)] for f in UNARY},
    **{f: [lambda x, f=f: f(x, B), lambda x, f=f: f(B, x)] for f in BINARY},
    np.round: [lambda x: np.round(x, 1), lambda x: np.round(x, decimals=1)],
    np.argmax: [lambda x: np.argmax(x, axis=1), lambda x: x.argmax(0)],
    np.argsort: [lambda x: np.argsort(x, axis=0), lambda x: x.argsort()],
    np.any: [lambda x: np.any(x > 0, axis=0), lambda x: np.any(x, axis=1), lambda x: x.any()],
    np.searchsorted: [lambda x: np.searchsorted(np.sort(x[0]), 1.0)],
    np.digitize: [lambda x: np.digitize(x, np.array([0.0, 1.0]))],
    np.empty_like: [lambda x: np.empty_like(x).shape],
    ad.rules.primitives.stop: [lambda x: ad.stop_gradient(x)],
    ad.rules.algebra.sign_of_det: [lambda x: np.linalg.slogdet(x[:, :2])[0]],
}


@pytest.mark.parametrize(
    "row", [r for r in TABLE.values() if isinstance(r, Constant)], ids=lambda r: r.name
)
def test_constant_rows_return_plain_values(row):
    assert row.function in CONSTANT, (
        f"np.{row.name} has no sample call: add one to UNARY, BINARY or CONSTANT here"
    )
    for f in CONSTANT[row.function]:
        seen = []

        def program(x, f=f, seen=seen):
            seen.append(f(x))
            return np.sum(x * x)

        gradient = [ad.grad(program)(X), ad.forward.grad(program)(X), ad.hessian(program)(X)]
        np.testing.assert_array_equal(gradient[0], 2 * X)
        for value in seen:
            np.testing.assert_array_equal(value, f(X))
            assert type(value) is type(f(X)) or isinstance(value, float)


REFUSED = {
    "x += 1": lambda x: x.__iadd__(1),
    "x @= a": lambda x: x.__imatmul__(np.ones((3, 3))),
    "x //= 2": lambda x: x.__ifloordiv__(2),
    "x[0] = 1": lambda x: x.__setitem__(0, 1.0),
    "a[0] = x": lambda x: np.zeros((2, 3)).__setitem__(0, x[0]),
    "a[0, 0] = x": lambda x: np.zeros((2, 3)).__setitem__((0, 0), x[0, 0]),
    "a += x": lambda x: np.zeros((2, 3)).__iadd__(x),
    "out=": lambda x: np.add(x, 1, out=np.zeros((2, 3))),
    "add.at": lambda x: np.add.at(np.zeros((2, 3)), 0, x[0]),
    "np.full": lambda x: np.full((2, 3), x[0, 0]),
    "np.copyto": lambda x: np.copyto(np.zeros((2, 3)), x),
    "np.array": lambda x: np.array([x[0], x[1]]),
    "np.asarray": lambda x: np.asarray(x),
    "float": lambda x: float(x[0, 0]),
    "item": lambda x: x[0, 0].item(),
    "tolist": lambda x: x.tolist(),
    "index": lambda x: [1, 2, 3][x[0, 0]],
    "astype(int)": lambda x: x.astype(int),
    "ufunc where=": lambda x: np.sin(x, where=x > 0),
    "ufunc dtype=": lambda x: np.sin(x, dtype=np.float32),
    "sum where=": lambda x: np.sum(x, where=X > 0),
    "sum dtype=": lambda x: np.sum(x, dtype=np.float32),
    "sum out=": lambda x: np.sum(x, out=np.zeros(())),
    "sum initial=": lambda x: np.sum(x, initial=3.0),
    "max initial=": lambda x: np.max(x, initial=3.0),
    "max where=": lambda x: x.max(where=X > 0, initial=0),
    "mean where=": lambda x: np.mean(x, where=X > 0),
    "var mean=": lambda x: np.var(x, mean=0.0),
    "std correction=": lambda x: np.std(x, correction=1),
    "prod dtype=": lambda x: np.prod(x, dtype=np.float32),
    "cumsum out=": lambda x: np.cumsum(x, out=np.zeros(6)),
    "reshape order": lambda x: np.reshape(x, -1, order="F"),
    "method reshape order": lambda x: x.reshape(-1, order="F"),
    "ravel order": lambda x: np.ravel(x, order="F"),
    "method ravel order": lambda x: x.ravel("F"),
    "flatten order": lambda x: x.flatten("F"),
    "norm nuc": lambda x: np.linalg.norm(x, "nuc"),
    "norm 2 of a matrix": lambda x: np.linalg.norm(x, 2),
    "norm 3": lambda x: np.linalg.norm(x[0], 3),
    "norm of 1 matrix": lambda x: np.linalg.norm(x, 1),
    "matmul axes": lambda x: np.matmul(x, x.T, axes=[(0, 1), (0, 1), (0, 1)]),
    "concatenate dtype": lambda x: np.concatenate([x, x], dtype=np.float32),
    "concatenate out": lambda x: np.concatenate([x, x], out=np.zeros((4, 3))),
    "stack out": lambda x: np.stack([x, x], out=np.zeros((2, 2, 3))),
    "einsum out": lambda x: np.einsum("ij->ji", x, out=np.zeros((3, 2))),
    "einsum dtype": lambda x: np.einsum("ij->ji", x, dtype=np.float32),
    "pad mode": lambda x: np.pad(x, 1, mode="mean"),
    "clip out": lambda x: np.clip(x, 0, 1, out=np.zeros((2, 3))),
    "sort stable": lambda x: np.sort(x, order="f"),
    "subtract.reduce": lambda x: np.subtract.reduce(x),
    "add.outer": lambda x: np.add.outer(x, x),
    "reduceat": lambda x: np.add.reduceat(x, [0, 1]),
    "interp": lambda x: np.interp(x, [0.0, 1], [0.0, 1]),
    "fft": lambda x: np.fft.fft(x),
    "median": lambda x: np.median(x),
    "svd": lambda x: np.linalg.svd(x),
    "complex": lambda x: x * 1j,
    "masked": lambda x: x * np.ma.array(X, mask=X > 0),
    "matrix": lambda x: x * X.view(np.matrix),
    "objects": lambda x: x * X.astype(object),
    "positions": lambda x: x[np.where(x)],
    "cholesky upper": lambda x: np.linalg.cholesky(x @ x.T, upper=True),
    "take out": lambda x: np.take(x, [0, 1], out=np.zeros(2)),
    "average returned": lambda x: np.average(x, returned=True),
    "trace dtype": lambda x: np.trace(x, dtype=np.float32),
    "diff prepend": lambda x: np.diff(x, prepend=0.0),
}
KINDS = (InPlaceError, MissingRuleError, ConversionError)


@pytest.mark.parametrize("mode", [ad.grad, ad.forward.grad], ids=["reverse", "forward"])
@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_remedy(name, mode):
    with pytest.raises(ad.errors.TinyadError, match="Remedy") as caught:
        mode(lambda x: np.sum(REFUSED[name](x)))(X)
    assert isinstance(caught.value, KINDS), type(caught.value)


@pytest.mark.parametrize(
    "x",
    [
        X + 0j,
        X.astype(object),
        X > 0,
        np.array(["a"]),
        [X, "b"],
        {"w": None},
        1j,
        np.ma.array(X, mask=X > 0),
        X.view(np.matrix),
        X.astype("M8[s]"),
    ],
    ids=lambda x: f"{getattr(x, 'dtype', x)}",
)
@pytest.mark.parametrize("mode", [ad.grad, ad.jacfwd, ad.jacrev, ad.hessian, ad.forward.grad])
def test_arguments_that_are_no_real_numbers(mode, x):
    with pytest.raises(ArgumentError, match="Remedy"):
        mode(lambda x: 1.0)(x)


def test_in_place_operators_of_a_traced_number_rebind_it():
    def f(x):
        total = x[0]
        total += x[1] * x[0]
        total *= 2.0
        return total

    np.testing.assert_array_equal(ad.grad(f)(np.array([3.0, 5.0])), [12.0, 6.0])
