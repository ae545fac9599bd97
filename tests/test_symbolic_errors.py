"""What symbolic mode refuses, and how it says so."""

import math

import numpy as np
import pytest
import sympy

import tinyad as ad
from tinyad.errors import (
    ArgumentError,
    BranchError,
    ConversionError,
    MissingRuleError,
    OutputError,
    SchemeError,
    SymbolError,
    TinyadError,
)


def test_a_branch_explains_define_and_run_and_define_by_run():
    def f(x):
        if x > 0:
            return x
        return -x

    for build in (
        lambda: ad.expression(f),
        lambda: ad.symbolic.grad(f)(2.0),
        lambda: ad.expression(ad.grad(f), "x"),
        lambda: ad.expression(ad.derivative(f), "x"),
    ):
        with pytest.raises(BranchError) as raised:
            build()
        message = str(raised.value)
        assert "x > 0" in message or "x0 > 0" in message
        assert "if x > 0:" in raised.value.line  # the learner's own line
        assert "define-and-run" in message
        assert "define-by-run" in message
        assert "np.where" in message
    assert ad.grad(f)(-2.0) == -1.0  # which runs on values


@pytest.mark.parametrize(
    "function",
    [
        lambda x: max(x, 0),
        lambda x: x if x else 0,
        lambda x: 0 < x < 1,
        lambda x: x in [1, 2],
        lambda x: not x,
        lambda x: x and 1,
        lambda x: sorted([x, 1.0])[0],
    ],
)
def test_all_that_takes_a_branch(function):
    with pytest.raises(BranchError, match="no value"):
        ad.expression(function, "x")


def test_a_loop_until_something_holds_is_a_branch():
    def newton(x):
        while abs(x * x - 2) > 1e-9:
            x = (x + 2 / x) / 2
        return x

    with pytest.raises(BranchError, match=r"absolute|abs") as raised:
        ad.expression(newton)
    assert "while" in raised.value.line


@pytest.mark.parametrize(
    ("function", "error", "words"),
    [
        (lambda x: math.sin(x), SymbolError, r"np\.sin for math\.sin"),
        (lambda x: float(x), SymbolError, "float needs one"),
        (lambda x: int(x), SymbolError, "int needs one"),
        (lambda x: int(x > 0), SymbolError, "int needs one"),
        (lambda x: [1, 2, 3][x], SymbolError, "an index needs one"),
        (lambda x: sum(1.0 for _ in range(x)), SymbolError, "an index needs one"),
        (lambda x: x.item(), SymbolError, "item"),
        (lambda x: complex(x), ConversionError, "complex"),
        (lambda x: np.array([x, x]), SymbolError, "put into an array"),
        (lambda x: np.array([1.0, 2.0]) * x, SymbolError, r"ad\.compile\(ad\.grad\(f\), x\)"),
        (lambda x: np.ones((2, 2)) @ x, TinyadError, r"ad\.compile|ad\.jvp"),
        (lambda x: [1.0, 2.0] * x, (SymbolError, TypeError), "."),
        (lambda x: x * "a", SymbolError, "single real numbers"),
        (lambda x: x * 1j, SymbolError, "single real numbers"),
        (lambda x: x + None, (SymbolError, TypeError), "."),
        (lambda x: ad.finite.grad(np.sin)(x), SchemeError, "a symbol has no size"),
        (lambda x: np.ldexp(1.0, x), SymbolError, "whole number"),
        (lambda x: ad.hessian(lambda v: v[0])(np.array([x])), SymbolError, "array"),
        (lambda x: np.unwrap(x), MissingRuleError, "unwrap"),
        (lambda x: (x > 0) & 1, MissingRuleError, "masks"),
    ],
)
def test_symbols_where_values_are_needed(function, error, words):
    with pytest.raises(error, match=words):
        ad.expression(function, "x")


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sum(x),
        lambda x: np.mean(x),
        lambda x: np.max(x),
        lambda x: np.prod(x),
        lambda x: np.reshape(x, (1,)),
        lambda x: np.stack([x, 2 * x]),
        lambda x: np.linalg.norm(x),
        lambda x: np.linalg.det(x),
        lambda x: np.matmul(x, x),
        lambda x: np.einsum("i,i->", x, x),
        lambda x: np.cumsum(x),
        lambda x: np.argmax(x),
        lambda x: np.any(x > 0),
    ],
)
def test_functions_of_arrays_point_to_compile_and_jvp(function):
    with pytest.raises((MissingRuleError, SymbolError)) as raised:
        ad.expression(function, "x")
    assert "ad.compile(ad.grad(f), x)" in str(raised.value)
    assert "ad.jvp" in str(raised.value)


def test_symbolic_grad_of_an_array_points_to_compile():
    with pytest.raises(SymbolError, match=r"shape \(2,\).*") as raised:
        ad.symbolic.grad(lambda x: x[0])(np.ones(2))
    assert "ad.compile" in str(raised.value)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: None, "return statement"),
        (lambda x: x > 0, "no single number"),
        (lambda x: np.isnan(x), "no single number"),
        (lambda x: np.ones(2), "no single number"),
        (lambda x: "text", "returned text"),
        (lambda x: [x, None], "returned None"),
    ],
)
def test_results_that_are_no_number(function, words):
    with pytest.raises(OutputError, match=words):
        ad.expression(function, "x")


def test_symbols_do_not_outlive_their_expression():
    kept = []
    ad.expression(lambda x: kept.append(x) or x, "x")
    with pytest.raises(TinyadError, match="pass"):
        kept[0] + 1


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("x",), "was called with 1 argument"),
        (("x", "y", "z"), "was called with 3 argument"),
        (("x", "x"), "not all different"),
        (("x", "2y"), "cannot be the name"),
        (("x", ""), "cannot be the name"),
        (("x", 3), "cannot be the name"),
        ((["x", "y"],), "cannot be the name"),
    ],
)
def test_names_that_do_not_fit(names, words):
    with pytest.raises(ArgumentError, match=words):
        ad.expression(lambda x, y: x * y, *names)


def test_names_that_cannot_be_known():
    with pytest.raises(ArgumentError, match="Name the symbols"):
        ad.expression(ad.grad(np.sin))
    with pytest.raises(ArgumentError, match="is not a function"):
        ad.expression(3.0, "x")


def test_evaluate_with_names_missing_or_unknown():
    e = ad.expression(lambda x, y: x * y)
    with pytest.raises(ArgumentError, match="not told the value of y") as raised:
        e.evaluate(x=1.0)
    assert "evaluate(x=..., y=...)" in str(raised.value)
    with pytest.raises(ArgumentError, match="'z' is no symbol"):
        e.evaluate(x=1.0, y=2.0, z=3.0)
    with pytest.raises(ArgumentError, match="not told the value of x, y"):
        e.evaluate()
    with pytest.raises(ArgumentError, match="x, y"):
        e(1.0)
    assert e.diff("x").evaluate(y=3.0) == 3.0  # what does not occur need not be given
    assert e.diff("x").evaluate(x=1.0, y=3.0) == 3.0
    for bad in ("1", None, True, 1j, e):
        with pytest.raises(ArgumentError, match="The value of x"):
            e.evaluate(x=bad, y=1.0)


def test_diff_of_what_is_no_symbol():
    e = ad.expression(lambda x, y: x * y)
    with pytest.raises(ArgumentError, match="'z' is no symbol"):
        e.diff("z")
    with pytest.raises(ArgumentError, match="needs the name"):
        e.diff()
    with pytest.raises(ArgumentError, match="forward or reverse"):
        e.diff("x", mode="sideways")
    with pytest.raises(ArgumentError, match="0 is no symbol"):
        e.diff(0)


def test_rules_that_do_not_exist():
    for call in (
        lambda: ad.expression(np.sin, "x", prune=["0·u=0"]),
        lambda: ad.expression(np.sin, "x").prune("0*u = 0"),
        lambda: ad.expression(np.sin, "x").diff(prune=["0·v = 0"]),
        lambda: ad.expression(np.sin, "x").pruning([3]),
    ):
        with pytest.raises(ArgumentError, match="no pruning rule"):
            call()


def test_graph_of_a_constant():
    with pytest.raises(SymbolError, match="constant 3"):
        ad.expression(lambda x: 3.0, "x").graph()
    with pytest.raises(SymbolError, match="constant 2"):
        ad.expression(lambda x: 2 * x, "x").diff().graph()
    with pytest.raises(SymbolError, match="constant 3"):
        ad.expression(lambda x: 3.0, "x").graph(shared=False)


def grown(x):
    for _ in range(30):
        x = x * (x + 1)
    return x


def test_trees_and_steps_that_are_too_many():
    e = ad.expression(grown)
    with pytest.raises(SymbolError, match=r"more than 1,000 nodes"):
        e.graph(shared=False)
    with pytest.raises(SymbolError, match="too many steps"):
        ad.expression(lambda x: grown(grown(grown(grown(grown(grown(x)))))), "x").pruning()
    for action in (e.to_sympy, e.simplify, e.cancel):
        with pytest.raises(SymbolError, match="nodes; SymPy works on trees"):
            action()


x = sympy.Symbol("x")


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (sympy.gamma(x), "SymPy's gamma has no counterpart"),
        (sympy.erf(x) + 1, "SymPy's erf"),
        (sympy.besselj(0, x), "SymPy's besselj"),
        (sympy.Function("phi")(x), r"functions=\[f\]"),
        (sympy.Derivative(sympy.Function("phi")(x), x), "with .diff"),
        (sympy.Derivative(sympy.sin(x), x), "with .diff"),
        (sympy.Integral(sympy.sin(x), x), "SymPy's Integral"),
        (sympy.DiracDelta(x), "DiracDelta"),
        (sympy.I * x, "not real"),
        (sympy.zoo + x, "not real"),
        (sympy.re(x), "SymPy's re"),
    ],
)
def test_sympy_formulas_without_a_counterpart(formula, words):
    with pytest.raises(SymbolError, match=words) as raised:
        ad.symbolic.from_sympy(formula, "x")
    assert raised.value.remedy


def test_sympy_symbols_that_are_not_named():
    y = sympy.Symbol("y")
    with pytest.raises(ArgumentError, match="symbol y"):
        ad.symbolic.from_sympy(x * y, "x")
    assert ad.symbolic.from_sympy(y * x).names == ("x", "y")
    for bad in ("x + 1", 3.0, x > 0, sympy.Matrix([x]), None):
        with pytest.raises(ArgumentError, match="no formula of SymPy's"):
            ad.symbolic.from_sympy(bad)


def test_rows_without_a_counterpart_in_sympy():
    for function in (
        lambda x: np.where(np.isnan(x), 0.0, x),
        lambda x: np.round(x, 2),
        lambda x: np.round(x, decimals=2),
    ):
        e = ad.expression(function, "x")
        assert e.evaluate(x=1.234) in (1.234, 1.23)
        with pytest.raises(SymbolError, match="SymPy has no counterpart"):
            e.to_sympy()


def test_traced_values_of_an_enclosing_pass_stay_out_of_sympy():
    def f(a):
        return ad.expression(lambda x: a * x, "x").simplify().evaluate(x=1.0)

    with pytest.raises(SymbolError, match="enclosing pass"):
        ad.grad(f)(2.0)


def test_an_expression_is_no_number():
    e = ad.expression(lambda x: x, "x")
    with pytest.raises(ArgumentError):
        ad.grad(np.sin)(e)
    with pytest.raises(TypeError):
        hash(e)
