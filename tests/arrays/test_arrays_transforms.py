"""The transforms on arrays and nested arguments: shapes, types, and what never comes back."""

from collections import namedtuple

import numpy as np
import pytest
from array_modes import assert_near, richardson

import tinyad as ad
from tinyad.interpretation import Box

X = np.array([0.5, -1.2, 2.0])
W = np.array([[0.3, -0.7, 1.1], [0.9, 0.2, -0.4]])
Layer = namedtuple("Layer", "weights bias")


def affine(w, x):
    return np.tanh(w @ x)


def energy(w, x):
    return np.sum(affine(w, x) ** 2) * x[0]


@pytest.mark.parametrize("jacobian", [ad.jacfwd, ad.jacrev])
@pytest.mark.parametrize(
    ("f", "args", "out"),
    [
        (lambda x: x * x, (3.0,), ()),
        (lambda x: x * np.ones((2, 3)), (3.0,), (2, 3)),
        (lambda x: x * np.ones((2, 3)), (np.array(3.0),), (2, 3)),
        (lambda x: np.sum(x), (X,), ()),
        (lambda x: x[:2] * x[1:], (X,), (2,)),
        (lambda x: np.reshape(x, (3, 1, 2)) ** 2, (W,), (3, 1, 2)),
        (lambda x: np.outer(x, x), (np.array([1, 2]),), (2, 2)),
        (lambda x: np.ones((2, 2)), (X,), (2, 2)),
        (lambda x: 1.0, (X,), ()),
        (lambda x: x[:0], (X,), (0,)),
        (lambda x: np.sum(x), (np.zeros((0, 2)),), ()),
        (lambda x: 2.0, (3.0,), ()),
    ],
)
def test_shape_of_a_jacobian_is_output_then_argument(jacobian, f, args, out):
    j = jacobian(f)(*args)
    assert np.shape(j) == out + np.shape(args[0])
    assert isinstance(j, np.ndarray | float)
    if out + np.shape(args[0]) == ():
        assert type(j) is float or isinstance(args[0], np.ndarray)
    x = np.array(args[0], float)
    for entry in np.ndindex(x.shape):
        seed = np.zeros(x.shape)
        seed[entry] = 1.0
        assert_near(j[(..., *entry)] if np.shape(j) else j, richardson(f, [x], [seed]), 1e-9, "j")


@pytest.mark.parametrize("jacobian", [ad.jacfwd, ad.jacrev])
def test_jacobian_in_several_and_nested_arguments(jacobian):
    by_w, by_x = jacobian(affine, argnums=(0, 1))(W, X)
    np.testing.assert_allclose(by_w, ad.jacfwd(affine, 0)(W, X), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(by_x, ad.jacfwd(affine, 1)(W, X), rtol=1e-14)
    nested = jacobian(lambda p: affine(p["w"], p["x"][0]))({"w": W, "x": [X, 2.0]})
    assert list(nested) == ["w", "x"]
    np.testing.assert_array_equal(nested["w"], by_w)
    np.testing.assert_array_equal(nested["x"][0], by_x)
    np.testing.assert_array_equal(nested["x"][1], np.zeros(2))


def test_hessian_of_several_arguments_is_a_tuple_of_tuples():
    blocks = ad.hessian(energy, argnums=(0, 1))(W, X)
    assert isinstance(blocks, tuple)
    assert all(isinstance(row, tuple) for row in blocks)
    shapes = [[np.shape(b) for b in row] for row in blocks]
    assert shapes == [[(2, 3, 2, 3), (2, 3, 3)], [(3, 2, 3), (3, 3)]]
    np.testing.assert_allclose(blocks[0][1], np.moveaxis(blocks[1][0], 0, -1), rtol=1e-12)
    for k in (0, 1):
        np.testing.assert_allclose(
            blocks[k][k], ad.jacrev(ad.jacrev(energy, k), k)(W, X), rtol=1e-12, atol=1e-14
        )
    single = ad.hessian(energy, argnums=(1,))(W, X)
    assert len(single) == len(single[0]) == 1
    np.testing.assert_array_equal(single[0][0], ad.hessian(energy, 1)(W, X))
    assert ad.hessian(lambda x: x**3)(2.0) == 12.0
    assert type(ad.hessian(lambda x: x**3)(2.0)) is float


def test_hessian_of_nested_arguments():
    def f(p):
        return np.sum(p["w"] @ p["x"]) * p["c"]

    h = ad.hessian(f)({"w": W, "x": X, "c": 2.0})
    assert list(h) == ["w", "x", "c"]
    np.testing.assert_allclose(h["x"]["c"], W.sum(0), rtol=1e-15)
    np.testing.assert_allclose(h["c"]["x"], W.sum(0), rtol=1e-15)
    np.testing.assert_array_equal(h["x"]["x"], np.zeros((3, 3)))
    np.testing.assert_array_equal(h["w"]["x"], np.broadcast_to(2 * np.eye(3), (2, 3, 3)))
    assert h["c"]["c"] == 0.0


PARAMETERS = [
    {"layers": [Layer(W, np.array([0.1, -0.2])), Layer(W.T, 0.5)], "scale": (2.0, np.float64(3))},
    {"layers": (Layer([0.4], (np.array(1.0),)), Layer(3, np.ones(2))), "scale": []},
]


def total(tree):
    leaves, _ = ad.arguments.flatten(tree)
    return sum((k + 1.0) * np.sum(leaf * leaf) for k, leaf in enumerate(leaves))


@pytest.mark.parametrize("grad", [ad.grad, ad.forward.grad, ad.jacfwd, ad.jacrev])
@pytest.mark.parametrize("tree", PARAMETERS, ids=["arrays", "numbers"])
def test_gradient_of_nested_arguments_is_nested_alike(grad, tree):
    g = grad(total)(tree)
    assert type(g["layers"]) is type(tree["layers"])
    assert [type(layer) for layer in g["layers"]] == [Layer, Layer]
    assert type(g["scale"]) is type(tree["scale"])
    leaves, slopes = (ad.arguments.flatten(t)[0] for t in (tree, g))
    for k, (leaf, slope) in enumerate(zip(leaves, slopes, strict=True)):
        np.testing.assert_allclose(slope, 2 * (k + 1.0) * np.asarray(leaf), rtol=1e-15)
        assert np.shape(slope) == np.shape(leaf)
        assert type(slope) in (float, np.ndarray)


def test_hessian_vector_products():
    v = np.array([1.0, -2.0, 0.5])
    h = ad.hessian(energy, 1)(W, X)
    np.testing.assert_allclose(ad.hvp(lambda x: energy(W, x), X, v), h @ v, rtol=1e-13)
    # of an argument that has its own nesting, the direction has the same
    product = ad.hvp(lambda x: x[0] ** 2 * x[1], np.array([3.0, 4.0]), np.array([1, 0]))
    np.testing.assert_array_equal(product, [8.0, 6.0])
    assert ad.hvp(lambda x: x**3, 2.0, 1.5) == 18.0
    tree = {"w": W, "x": (X, 2.0)}
    along = {"w": -W, "x": (v, 3.0)}
    nested = ad.hvp(lambda p: energy(p["w"], p["x"][0]) * p["x"][1], tree, along)
    h = ad.hessian(lambda p: energy(p["w"], p["x"][0]) * p["x"][1])(tree)
    by_x = np.tensordot(h["x"][0]["w"], -W, 2) + h["x"][0]["x"][0] @ v + 3 * h["x"][0]["x"][1]
    np.testing.assert_allclose(nested["x"][0], by_x, rtol=1e-12)
    assert nested["w"].shape == W.shape
    assert type(nested["x"][1]) is float
    with pytest.raises(ad.errors.ArgumentError, match="vector"):
        ad.hvp(lambda x: np.sum(x), X, v[:2])
    np.testing.assert_array_equal(ad.hvp(lambda x: np.sum(x), X, v), np.zeros(3))


def test_an_ignored_argument_gives_zeros_of_its_shape():
    def f(x, y, z):
        return np.sum(y * y)

    grads = ad.grad(f, (0, 1, 2))(W, X, 3.0)
    np.testing.assert_array_equal(grads[0], np.zeros((2, 3)))
    assert grads[2] == 0.0
    assert type(grads[2]) is float
    forward = ad.forward.grad(f, (0, 1, 2))(W, X, 3.0)
    assert [np.shape(g) for g in forward] == [(2, 3), (3,), ()]
    np.testing.assert_array_equal(ad.hessian(f, 0)(W, X, 3.0), np.zeros((2, 3, 2, 3)))
    hessian = ad.hessian(f, (0, 2))(W, X, 3.0)
    assert [[np.shape(b) for b in r] for r in hessian] == [[(2, 3, 2, 3), (2, 3)], [(2, 3), ()]]
    single = ad.grad(f)(W.astype(np.float32), X, 3.0)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(ad.jvp(lambda x: X, (W,), (W,))[1], np.zeros(3))
    np.testing.assert_array_equal(ad.vjp(lambda x: X, W)[1](X)[0], np.zeros((2, 3)))


def test_results_are_never_boxes_and_never_alias():
    x = X.copy()
    value, pullback = ad.vjp(lambda x: x, x)
    (g,) = pullback(x)
    assert value is not x
    assert g is not x
    value[:] = g[:] = 0.0
    np.testing.assert_array_equal(x, X)
    value, tangent = ad.jvp(lambda x: x, (x,), (x,))
    tangent[:] = value[:] = 0.0
    np.testing.assert_array_equal(x, X)
    for result in (
        *ad.value_and_grad(lambda x: x[0])(x),
        *ad.vjp(np.sort, x)[1](x),
        *ad.jvp(np.linalg.norm, (x,), (x,)),
        *ad.jacfwd(affine, (0, 1))(W, x),
        ad.derivative(np.tanh)(x),
        ad.hessian(np.prod)(x),
    ):
        assert not isinstance(result, Box)
        assert type(result) in (float, np.ndarray)


def test_derivative_of_a_derivative_on_arrays():
    t = np.tanh(X)
    first, second = ad.derivative(np.tanh), ad.derivative(ad.derivative(np.tanh))
    np.testing.assert_allclose(first(X), 1 - t * t, rtol=1e-14)
    np.testing.assert_allclose(second(X), -2 * t * (1 - t * t), rtol=1e-13)
    third = ad.derivative(second)(np.reshape(X, (3, 1)))
    np.testing.assert_allclose(third, np.reshape((6 * t * t - 2) * (1 - t * t), (3, 1)), rtol=1e-12)
    np.testing.assert_array_equal(ad.derivative(lambda x: np.ones(3))(X), np.zeros(3))
    assert ad.derivative(lambda x: x * x)(X.astype(np.float32)).dtype == np.float32
    assert ad.derivative(lambda x: 3 * x)(np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    "f", [np.sum, np.cumsum, np.sort, lambda x: x[::-1] ** 2, lambda x: x[0] * x, np.linalg.norm]
)
def test_derivative_of_what_mixes_entries_names_jacfwd(f):
    with pytest.raises(ad.errors.OutputError, match="jacfwd"):
        ad.derivative(f)(X)
    with pytest.raises(ad.errors.OutputError, match="jacfwd"):
        ad.derivative(ad.derivative(lambda x: f(x * x)))(np.array([0.5, -2.0, 1.2]))
