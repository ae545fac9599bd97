"""What `ad.compile` promises: right answers on every course, readable source, clear errors."""

import random
import types

import numpy as np
import pytest

import tinyad as ad

UNCOMPILED = pytest.mark.filterwarnings("ignore:.* runs uncompiled:RuntimeWarning")


def body(compiled):
    """The lines of the program, without the definition and its docstring."""
    lines = compiled.source.partition('"""Made for')[2].splitlines()[1:]
    return [line.strip() for line in lines]


def polynomial(x, y):
    return x**2 * y + y + 2


# Source


def test_source_is_what_a_person_would_write():
    assert body(ad.compile(polynomial, 3.0, 4.0)) == ["return x * x * y + y + 2"]
    assert body(ad.compile(ad.grad(polynomial), 3.0, 4.0)) == ["return 2.0 * x * y"]
    both = ad.compile(ad.value_and_grad(polynomial, (0, 1)), 3.0, 4.0)
    # the square is shared, the polynomial needs four operations and its slopes three more
    assert body(both)[0] == "v1 = x * x"
    assert both(3.0, 4.0) == (42.0, (24.0, 10.0))


def test_source_runs_on_its_own():
    f = ad.compile(ad.value_and_grad(lambda x: np.sin(x) * np.log(x)), 2.0)
    scope = {}
    exec(f.source, scope)
    (function,) = [v for v in scope.values() if isinstance(v, types.FunctionType)]
    value, slope = function(2.0)
    assert value == pytest.approx(np.sin(2.0) * np.log(2.0), rel=1e-15)
    assert slope == pytest.approx(np.cos(2.0) * np.log(2.0) + np.sin(2.0) / 2.0, rel=1e-15)
    assert "math.sin(x)" in f.source
    assert "np" not in f.source


def test_source_of_arrays_shares_and_folds():
    def rosenbrock(x):
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    f = ad.compile(ad.value_and_grad(rosenbrock), np.zeros(5))
    assert f.source.count("x[:-1]") == 1  # it stands in the program three times
    assert "broadcast" not in f.source
    assert "ones" not in f.source
    assert f.source.count("np.zeros") == 1  # both slices go into one array
    x = np.array([0.5, -1.0, 2.0, 0.25, 1.5])
    value, gradient = f(x)
    np.testing.assert_allclose(value, rosenbrock(x), rtol=1e-14)
    np.testing.assert_allclose(gradient, ad.grad(rosenbrock)(x), rtol=1e-14)


def test_order_of_operations_is_kept():
    # in floating point the brackets decide: 1e16 + (1 + 1) is not (1e16 + 1) + 1
    f = ad.compile(lambda x, y: (x + (y + y)) - (x - (x - y)) * (x / (y / x)) - -x, 1e16, 1.0)
    x, y = 1e16, 1.0
    assert f(x, y) == (x + (y + y)) - (x - (x - y)) * (x / (y / x)) + x
    assert ad.compile(lambda x: 0.1 + (0.2 + x), 0.3)(0.3) == 0.1 + (0.2 + 0.3)
    assert ad.compile(lambda x: -(x**2) + (-x) ** 2, 3.0)(3.0) == 0.0
    assert ad.compile(lambda x: (x * 3.0) * 5.0, 0.1)(0.1) == (0.1 * 3.0) * 5.0
    assert ad.compile(lambda x: 2.0**-x, 3.0)(3.0) == 0.125


def test_nothing_is_folded_that_ieee_does_not_grant():
    f = ad.compile(lambda x: 0.0 * x, 1.0)
    assert np.isnan(f(np.inf))
    g = ad.compile(lambda x: x - x, 1.0)
    assert np.isnan(g(np.inf))
    h = ad.compile(lambda x: 0.0 + x, 1.0)
    assert np.copysign(1.0, h(-0.0)) == 1.0


# Courses: branches, shapes, types


def test_branches_are_guarded_on_both_sides():
    def f(x):
        return x * x if x > 0 else -3.0 * x

    g = ad.compile(ad.grad(f), 2.0)
    assert "assert x > 0" in g.source
    for x in (2.0, -1.0, 5.0, -0.5, 0.0, 7.0):
        assert g(x) == (2.0 * x if x > 0 else -3.0)
    assert len(g.programs) == 2
    assert np.isnan(ad.compile(f, 2.0)(float("nan")))  # a NaN is not greater: the other branch


def test_every_decision_of_python_is_guarded():
    cases = {
        "while": (lambda x: halved(x), [1.5, 7.0, 100.0, 0.5]),
        "max": (lambda x: max(x, 2.0 - x) ** 2, [0.1, 1.9, -3.0]),
        "sorted": (lambda x: sorted([x, 1.0, x * x])[1] * 2, [0.5, 2.0, -1.0]),
        "and": (lambda x: x if x > 0 and x < 1 else x * x, [0.5, 2.0, -1.0]),
        "round": (lambda x: x ** int(np.rint(x)), [1.2, 2.4, 3.4]),
        "index": (lambda x: np.array([1.0, 2.0, 3.0])[int(np.floor(x))] * x, [0.5, 1.5, 2.5]),
        "truth": (lambda x: x * 2 if x else x + 1, [0.0, 1.0]),
    }
    for name, (f, points) in cases.items():
        compiled = ad.compile(ad.value_and_grad(f), points[0])
        for x in points + points[::-1]:
            assert compiled(x) == ad.value_and_grad(f)(x), (name, x)


def halved(x):
    while x > 1:
        x = x / 2
    return x


def test_masks_and_positions_taken_from_data_are_guarded():
    cases = [
        lambda x: np.sum(x[x > 0] ** 2),
        lambda x: x[np.argmax(x)] ** 3,
        lambda x: np.sum(np.sort(x) * np.arange(3.0)),
        lambda x: np.sum(x[np.nonzero(x > 0)] ** 2),
        lambda x: np.sum(np.where(x > 0, x, 0.1 * x)),
        lambda x: np.sum(x[np.argsort(x)[:2]] ** 2),
        lambda x: np.sum(x * (x > 0)) + np.count_nonzero(x > 0) * x[0],
        lambda x: np.sum(np.take(x, [np.argmin(x)])) * len(x[x < 0]),
    ]
    points = [np.array(p) for p in ([1.0, -2.0, 3.0], [-1.0, 5.0, -3.0], [2.0, 1.0, -0.5])]
    for f in cases:
        compiled = ad.compile(ad.value_and_grad(f), points[0])
        for x in points + points:
            value, gradient = ad.value_and_grad(f)(x)
            assert compiled(x)[0] == pytest.approx(value, rel=1e-14)
            np.testing.assert_allclose(compiled(x)[1], gradient, rtol=1e-14)


def test_where_needs_no_guard():
    f = ad.compile(ad.grad(lambda x: np.sum(np.where(x > 0, x * x, 0.0))), np.ones(3))
    np.testing.assert_array_equal(f(np.array([-1.0, 2.0, 3.0])), [0.0, 4.0, 6.0])
    assert len(f.programs) == 1


def test_other_shapes_and_types_make_other_programs():
    def f(x):
        return np.sum(x * x)

    g = ad.compile(ad.grad(f), np.ones(3))
    for x in (np.arange(3.0), np.arange(5.0), np.ones((2, 3)), np.ones(3, np.float32), 2.0):
        truth = ad.grad(f)(x)
        assert type(g(x)) is type(truth)
        assert np.asarray(g(x)).dtype == np.asarray(truth).dtype
        np.testing.assert_array_equal(g(x), truth)
    assert len(g.programs) == 5


def test_integers_are_real_numbers():
    f = ad.compile(ad.grad(polynomial, (0, 1)), 3, 4)
    assert body(f)[-1].startswith("return")
    assert "x" in body(f)[-1]  # it is not folded to the numbers of the example
    for x, y in ((3, 4), (3.0, 4), (np.float64(3), np.int64(4))):
        assert f(x, y) == (24.0, 10.0)
        assert [type(d) for d in f(x, y)] == [float, float]
    g = ad.compile(ad.grad(lambda x: np.sum(x * x)), np.arange(3))
    np.testing.assert_array_equal(g(np.arange(3)), [0.0, 2.0, 4.0])
    assert len(f.programs) == len(g.programs) == 1


def test_other_integers_beside_numbers_make_other_programs():
    def f(x, n, flag=True, *, scale=2.0):
        for _ in range(n):
            x = x * scale
        return x if flag else -x

    g = ad.compile(f, 1.5, 3)
    assert "assert n == 3" in g.source
    assert [g(1.5, n) for n in (3, 2, 3, 0)] == [12.0, 6.0, 12.0, 1.5]
    assert g(1.5, 3, False) == -12.0
    assert g(1.5, n=1) == 3.0
    assert g(1.5, 3, scale=1.0) == 1.5


def test_too_many_courses_run_uncompiled_and_say_so():
    f = ad.compile(lambda x, n: x * n, 2.0, 0)
    for n in range(1, 8):
        assert f(2.0, n) == 2.0 * n
    with pytest.warns(RuntimeWarning, match="8 programs were made"):
        assert f(2.0, 8) == 16.0
    assert [f(2.0, n) for n in range(20)] == [2.0 * n for n in range(20)]
    assert len(f.programs) == 8


def test_labels_and_functions_are_constants_that_are_looked_at():
    def loss(x, labels, link):
        return np.sum(link(x[np.arange(len(labels)), labels]))

    x = np.arange(6.0).reshape(2, 3)
    f = ad.compile(ad.value_and_grad(loss), x, np.array([0, 2]), np.sin)
    for labels in ([0, 2], [1, 1], [0, 2]):
        for link in (np.sin, np.cos, np.sin):
            value, gradient = ad.value_and_grad(loss)(x, np.array(labels), link)
            assert f(x, np.array(labels), link)[0] == pytest.approx(value, rel=1e-15)
            np.testing.assert_allclose(f(x, np.array(labels), link)[1], gradient, rtol=1e-15)


# IEEE


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_python_refuses_is_answered_by_numpy():
    cases = [
        (lambda x: 1.0 / x, 0.0),
        (lambda x: np.log(x), 0.0),
        (lambda x: np.log(x), -1.0),
        (lambda x: np.sqrt(x), -1.0),
        (lambda x: np.exp(x), 1000.0),
        (lambda x: x**0.5, -1.0),
        (lambda x: x**-2, 0.0),
        (lambda x: x**3, 1e200),
        (lambda x: x**3, -1e200),
        (lambda x: np.sin(x), np.inf),
        (lambda x: np.arcsin(x), 2.0),
        (lambda x: np.fmod(x, 0.0), 1.0),
        (lambda x: x % 0.0, 1.0),
        (lambda x: np.maximum(x, 1.0), np.nan),
        (lambda x: np.minimum(1.0, x), np.nan),
    ]
    for f, x in cases:
        g = ad.value_and_grad(f)
        np.testing.assert_array_equal(ad.compile(g, 0.5)(x), g(x))


def test_what_the_function_itself_refuses_it_refuses_compiled():
    f = ad.compile(lambda x: 1.0 / x, 2.0)
    with pytest.raises(ZeroDivisionError):
        f(0.0)  # Python's own floats, and no NumPy function that would know better
    with pytest.warns(RuntimeWarning, match="divide"):
        assert f(np.float64(0.0)) == np.inf


def test_a_compiled_function_can_be_differentiated():
    f = ad.compile(lambda x, y: np.sin(x * y), 1.0, 2.0)
    assert ad.grad(f)(1.0, 2.0) == ad.grad(lambda x, y: np.sin(x * y))(1.0, 2.0)
    assert ad.jvp(f, (1.0, 2.0), (1.0, 0.0)) == (np.sin(2.0), 2.0 * np.cos(2.0))
    again = ad.compile(ad.grad(f), 1.0, 2.0)
    assert again(1.0, 2.0) == ad.grad(f)(1.0, 2.0)
    nested = ad.compile(ad.grad(lambda p: f(p[0], p[1])), [1.0, 2.0])
    assert nested([1.0, 2.0]) == ad.grad(lambda p: f(p[0], p[1]))([1.0, 2.0])


# Transforms, nesting


def test_transforms_and_their_nestings():
    def f(x):
        return np.sum(np.tanh(x) * x[::-1]) + np.prod(x)

    x, v = np.array([0.3, -0.7, 1.1]), np.array([1.0, 2.0, -1.0])
    derivatives = {
        "grad": ad.grad(f),
        "jvp": lambda x: ad.jvp(f, (x,), (v,)),
        "vjp": lambda x: ad.vjp(lambda x: x * np.sin(x), x)[1](v),
        "hvp": lambda x: ad.hvp(f, x, v),
        "hessian": ad.hessian(f),
        "jacfwd": ad.jacfwd(lambda x: np.exp(x) * x[0]),
        "jacrev": ad.jacrev(lambda x: np.exp(x) * x[0]),
        "grad of a norm of a grad": ad.grad(lambda x: np.sum(ad.grad(f)(x) ** 2)),
        "checkpoint": ad.grad(ad.checkpoint(f)),
        "stop_gradient": ad.grad(lambda x: np.sum(x * ad.stop_gradient(x * x))),
    }
    for name, derivative in derivatives.items():
        truth, result = derivative(x), ad.compile(derivative, x)(x)
        for a, b in zip(flat(result), flat(truth), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, err_msg=name)
    third = ad.compile(ad.derivative(ad.derivative(ad.derivative(np.sin))), 0.5)
    assert third(0.5) == pytest.approx(-np.cos(0.5), rel=1e-15)
    fourth = ad.compile(ad.grad(ad.grad(ad.grad(ad.grad(lambda x: x**5)))), 2.0)
    assert fourth(2.0) == 240.0


def flat(tree):
    return [x for part in tree for x in flat(part)] if isinstance(tree, list | tuple) else [tree]


def test_arguments_and_results_may_be_nested():
    def loss(p, data):
        hidden = np.tanh(data[0] @ p["w"] + p["b"][0])
        return np.mean((hidden - data[1]) ** 2) * p["b"][1]

    random = np.random.default_rng(0)
    p = {"w": random.normal(size=(3, 2)), "b": [random.normal(size=2), 2.0]}
    data = (random.normal(size=(5, 3)), random.normal(size=(5, 2)))
    f = ad.compile(ad.value_and_grad(loss), p, data)
    value, gradient = f(p, data)
    truth, slopes = ad.value_and_grad(loss)(p, data)
    assert value == pytest.approx(truth, rel=1e-14)
    assert list(gradient) == ["w", "b"]
    assert type(gradient["b"]) is list
    np.testing.assert_allclose(gradient["w"], slopes["w"], rtol=1e-13)
    np.testing.assert_allclose(gradient["b"][0], slopes["b"][0], rtol=1e-13)
    assert gradient["b"][1] == pytest.approx(slopes["b"][1], rel=1e-14)
    assert {'w = p["w"]', 'p_b_1 = p["b"][1]', "data_0 = data[0]"} <= set(body(f))
    f({"w": p["w"], "b": [p["b"][0], 3.0]}, data)
    assert len(f.programs) == 1
    several = ad.compile(lambda x: {"twice": [2 * x], "pair": (x, None), "sign": x > 0}, 1.5)
    assert several(-2.0) == {"twice": [-4.0], "pair": (-2.0, None), "sign": False}


def test_results_never_alias():
    constant = np.ones(3)
    f = ad.compile(lambda x: (x, x[1:], constant, 2 * x, constant), np.zeros(3))
    x = np.arange(3.0)
    first = f(x)
    for array in first:
        array += 100.0
    np.testing.assert_array_equal(x, [0.0, 1.0, 2.0])
    np.testing.assert_array_equal(constant, np.ones(3))
    for a, b in zip(f(x), (x, x[1:], np.ones(3), 2 * x, np.ones(3)), strict=True):
        np.testing.assert_array_equal(a, b)
    y = np.arange(4.0)
    g, h = ad.compile(ad.grad(lambda x, y: np.sum(x + y), (0, 1)), y, y)(y, y)
    g += 1.0
    np.testing.assert_array_equal(h, np.ones(4))


def test_long_arrays_are_overwritten_only_when_nobody_needs_them():
    def f(x, y):
        a = np.sin(x) * y
        b = a.reshape(2, -1)
        c = np.exp(-a * a) + b.ravel()[::-1]
        d = c - a
        e = b.T @ b
        return np.sum(d * c) + np.sum(e * e), a, d[1:], b

    x, y = np.random.default_rng(1).normal(size=(2, 2_000))
    copies = x.copy(), y.copy()
    compiled = ad.compile(f, x, y)
    derivative = ad.value_and_grad(lambda x, y: f(x, y)[0], (0, 1))
    slopes = ad.compile(derivative, x, y)
    for _ in range(2):
        for a, b in zip(compiled(x, y), f(x, y), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10)
        for a, b in zip(slopes(x, y)[1], derivative(x, y)[1], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal((x, y), copies)
    assert "out=" in slopes.source or "*=" in slopes.source


# What a function uses besides its arguments


WEIGHT = 2.0


def helper(x):
    return WEIGHT * x


def test_variables_outside_are_looked_at(monkeypatch):
    f = ad.compile(ad.grad(lambda x: helper(x) * x), 3.0)
    assert f(3.0) == 12.0
    monkeypatch.setitem(globals(), "WEIGHT", 5.0)
    assert f(3.0) == 30.0
    monkeypatch.setitem(globals(), "helper", lambda x: 7.0 * x)
    assert f(3.0) == 42.0
    assert f(3.0) == 42.0


def test_arrays_outside_are_looked_at():
    data, settings, model = np.arange(3.0), {"rate": [2.0]}, types.SimpleNamespace(w=np.ones(3))

    def f(x, shift=np.zeros(3)):  # noqa: B008
        return np.sum((x + shift) * data * model.w) * settings["rate"][0]

    x = np.ones(3)
    changes = [
        lambda: data.__iadd__(1.0),
        lambda: settings["rate"].__setitem__(0, 3.0),
        lambda: settings.update(rate=[4.0]),
        lambda: model.w.__setitem__(1, -1.0),
        lambda: setattr(model, "w", np.full(3, 2.0)),
        lambda: f.__defaults__[0].__iadd__(0.5),
    ]
    g = ad.compile(ad.value_and_grad(f), x)
    for change in changes:
        before = g(x)[0]
        change()
        value, gradient = ad.value_and_grad(f)(x)
        assert g(x)[0] == value != before
        np.testing.assert_array_equal(g(x)[1], gradient)
    assert "learner" not in g.source


@UNCOMPILED
def test_an_array_that_changes_in_every_call_is_right_too():
    weights = np.ones(2)
    f = ad.compile(lambda x: np.sum(weights * x), np.ones(2))
    for k in range(12):
        weights += 1.0
        assert f(np.ones(2)) == 2.0 * (k + 2)


def test_the_example_is_not_kept():
    x, labels = np.array([1.0, 2.0]), np.array([0, 1])
    f = ad.compile(lambda x, labels: np.sum(x[labels] * 3.0), x, labels)
    labels[1] = 0  # the learner's own array, changed after it was recorded
    assert f(x, labels) == 6.0
    assert f(x, np.array([0, 1])) == 9.0


@pytest.mark.parametrize(
    "draw",
    [
        lambda: np.random.default_rng().normal(),
        lambda: np.random.random(),
        lambda: random.random(),
        np.random.default_rng(0).normal,
    ],
    ids=["fresh", "global", "python", "captured"],
)
def test_random_numbers_run_uncompiled_and_say_so(draw):
    with pytest.warns(RuntimeWarning, match="runs uncompiled: it"):
        f = ad.compile(lambda x: x * draw(), 0.0)  # at 0 the result does not tell
    assert f(1.0) != f(1.0)
    assert "run uncompiled" in f.source


def test_a_counter_runs_uncompiled_and_says_so():
    calls = []

    def f(x):
        calls.append(1)
        return x * len(calls)

    with pytest.warns(RuntimeWarning, match="uncompiled"):
        g = ad.compile(f, 0.0)
    before = len(calls)
    assert g(1.0) == before + 1
    assert g(1.0) == before + 2


def test_a_function_that_asks_for_types_runs_uncompiled_and_says_so():
    def f(x):
        return x * x if isinstance(x, float) else -x

    with pytest.warns(RuntimeWarning, match="type of its arguments"):
        g = ad.compile(f, 3.0)
    assert g(3.0) == 9.0


def test_attached_derivatives_are_called_as_they_are():
    scale = np.array([2.0])
    square = ad.with_derivative(lambda x: scale[0] * x * x, lambda x: 2.0 * scale[0] * x)
    f = ad.compile(ad.value_and_grad(lambda x: 5.0 * square(x)), 3.0)
    assert f(3.0) == (90.0, 60.0)
    assert f(1.0) == (10.0, 20.0)
    scale[0] = 3.0
    assert f(1.0) == (15.0, 30.0)

    def v1(x):
        return x + 1.0

    shifted = ad.with_derivative(v1, lambda x: 1.0)
    g = ad.compile(lambda x: np.sin(shifted(x * x)) * np.cos(shifted(x * x)), 2.0)
    assert g(2.0) == pytest.approx(np.sin(5.0) * np.cos(5.0), rel=1e-15)


# Size


def test_long_programs_run_uncompiled_and_say_so():
    def f(x):
        for _ in range(30_000):
            x = np.sin(x)
        return x

    with pytest.warns(RuntimeWarning, match="more than 20,000 operations"):
        g = ad.compile(ad.grad(f), 1.0)
    assert g(1.0) == ad.grad(f)(1.0)


def test_a_program_of_a_thousand_operations():
    def f(x):
        v = x
        for _ in range(1_000):
            v = np.sin(v) * 1.0001 + x
        return v

    compiled = ad.compile(ad.value_and_grad(f), 0.5)
    value, slope = ad.value_and_grad(f)(0.5)
    assert compiled(0.5) == (pytest.approx(value, rel=1e-12), pytest.approx(slope, rel=1e-9))


# Bad input


def test_bad_input_to_compile():
    for call, message in {
        lambda: ad.compile(3.0, 1.0): "not a function",
        lambda: ad.compile(lambda x: x): "without an example",
        lambda: ad.compile(lambda x, y: x, 1.0): "1 argument",
        lambda: ad.compile(ad.grad(lambda x: x * x), True): "truth value",
        lambda: ad.compile(ad.grad(lambda x: x * x), np.ones(3)): "shape",
        lambda: ad.compile(lambda x: f"{x}", 1.0): "returned",
        lambda: ad.compile(lambda x: {"label": "a", "value": x}, 1.0): "returned 'a'",
        lambda: ad.compile(lambda x: [object()], 1.0): "returned",
    }.items():
        with pytest.raises(ad.errors.TinyadError, match=message):
            call()


def test_bad_input_to_the_compiled_function():
    f = ad.compile(lambda x, y: x @ y, np.ones((2, 3)), np.ones(3))
    with pytest.raises(ValueError, match="matmul"):
        f(np.ones((2, 3)), np.ones(4))  # NumPy's own words: f itself was run
    for args in [(), (1.0,), (1.0, 2.0, 3.0)]:
        with pytest.raises(ad.errors.ArgumentError, match="argument"):
            f(*args)
    with pytest.raises(TypeError, match="z"):
        f(np.ones((2, 3)), z=np.ones(3))
    with pytest.raises(ad.errors.ArgumentError, match="truth value"):
        ad.compile(ad.grad(polynomial), 1.0, 2.0)(True, 2.0)
    g = ad.compile(ad.grad(lambda x: np.sum(x)), np.ones(2))
    with pytest.raises(ad.errors.ArgumentError, match="object"):
        g(np.array([None, 1.0]))


def test_an_exception_of_the_function_itself_reaches_the_caller():
    def f(x):
        if x < 0:
            raise KeyError("negative")
        return x

    g = ad.compile(f, 1.0)
    with pytest.raises(KeyError, match="negative"):
        g(-1.0)
    assert g(2.0) == 2.0


@UNCOMPILED
def test_arguments_that_compile_knows_nothing_of_run_uncompiled():
    def f(x):
        return np.sum(x.values) if hasattr(x, "values") else np.sum(x)

    holder = types.SimpleNamespace(values=np.ones(3))
    g = ad.compile(f, np.ones(3))
    assert g(holder) == 3.0
    assert g(np.ma.masked_array([1.0, 2.0], [True, False])) == 2.0
    assert ad.compile(f, holder)(holder) == 3.0
    assert ad.compile(ad.grad(lambda x: x * x), np.array(3.0))(np.array(3.0)) == 6.0


def test_names_that_are_taken():
    def math(np, math, abs, _, lambda_):
        return np * math + abs * _ - lambda_

    f = ad.compile(ad.grad(math, (0, 4)), 1.0, 2.0, 3.0, 4.0, 5.0)
    assert f(1.0, 2.0, 3.0, 4.0, 5.0) == (2.0, -1.0)
    v1 = ad.compile(lambda v1, v2: np.sin(v1 * v2) * np.cos(v1 * v2), 1.0, 2.0)
    assert v1(1.0, 2.0) == pytest.approx(np.sin(2.0) * np.cos(2.0), rel=1e-15)

    def _run(x):
        return 2.0 * x

    assert ad.compile(_run, 1.0)(2.0) == 4.0


def test_arguments_by_name():
    def f(x=1.0, y=2.0):
        return x - y

    g = ad.compile(f, 1.0, 2.0)
    assert g(y=5.0) == -4.0  # the first one keeps its default
    assert g(x=5.0) == 3.0
    assert g(5.0, y=1.0) == 4.0
    assert g() == -1.0
    assert ad.compile(ad.grad(lambda more, options: more * options), 3.0, 4.0)(3.0, 4.0) == 4.0
    assert ad.compile(lambda _, __: _ + 2 * __, 1.0, 2.0)(3.0, 4.0) == 11.0
    assert ad.compile(lambda *args: args[0] * args[1], 1.0, 2.0)(3.0, 4.0) == 12.0


def test_lines_stay_short():
    def f(x, y, z):
        terms = [np.sin(k * x) * np.cos(k * y) + np.exp(-k * z) for k in range(1, 9)]
        return sum(terms[1:], terms[0]), {"all": terms}, terms

    compiled = ad.compile(f, 0.1, 0.2, 0.3)
    assert max(map(len, compiled.source.splitlines())) <= 100
    assert compiled(0.3, 0.2, 0.1) == f(0.3, 0.2, 0.1)


def test_plain_values_taken_from_data_are_guarded():
    cases = [
        (lambda x: float(np.floor(x)) * x, [1.5, 2.5, -0.5]),
        (lambda x: np.sign(x).item() * x, [1.5, -2.5, 0.0]),
        (lambda x: x + sum(np.floor(np.stack([x, 2 * x])).tolist()), [1.5, 2.5, -0.6]),
        (
            lambda x: np.array([4.0, 5.0, 6.0])[np.argmax(np.stack([x, -x, 1.0]))] * x,
            [2.0, -3.0, 0.1],
        ),
        (lambda x: np.copysign(1.0, float(np.trunc(x))) * x, [0.5, -0.5]),
    ]
    for f, points in cases:
        compiled = ad.compile(f, points[0])
        for x in points * 2:
            assert compiled(x) == f(x)
        assert len(compiled.programs) == len(points)


def test_scalars_of_other_precision():
    for kind in (np.float32, np.float16, np.longdouble):
        f = ad.grad(lambda x, y: np.sin(x) * x + np.sum(y * x), (0, 1))
        x, y = kind(0.5), np.arange(3, dtype=kind)
        compiled = ad.compile(f, x, y)
        for a, b in zip(compiled(x, y), f(x, y), strict=True):
            assert type(a) is type(b)
            assert a.dtype == b.dtype == kind
            np.testing.assert_allclose(a, b, rtol=4 * np.finfo(kind).eps)
