"""Evolution traces: the published tables to the digit, every printed formula held to its number."""

import re
import unicodedata

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import tinyad as ad
from tinyad.errors import ArgumentError, ManualError, OutputError
from tinyad.views.trace.notation import Notation


def notes(x1, x2):
    v1 = np.log(x1)
    v2 = x1 * x2
    v3 = np.sin(x2)
    v4 = v1 + v2
    return v4 - v3


def column(trace, name):
    return {row.name: getattr(row, name) for row in trace.rows}


# The example of the notes at (2, 5), and the one of the textbook's appendix at (3, 4)


def test_primal_trace_of_the_notes():
    trace = ad.trace(notes, 2, 5)
    assert column(trace, "value") == {
        "v₋₁": 2.0,
        "v₀": 5.0,
        "v₁": 0.6931471805599453,
        "v₂": 10.0,
        "v₃": -0.9589242746631385,
        "v₄": 10.693147180559945,
        "v₅": 11.652071455223084,
        "y": 11.652071455223084,
    }
    assert [row.op for row in trace.rows] == [
        *("input", "input", "log", "multiply", "sin", "add", "subtract", "output")
    ]
    assert [row.operands for row in trace.rows][2:] == [
        ("v₋₁",), ("v₋₁", "v₀"), ("v₀",), ("v₁", "v₂"), ("v₄", "v₃"), ("v₅",)
    ]  # fmt: skip
    assert trace.value == 11.652071455223084


@pytest.mark.parametrize(
    ("seeds", "dots"),
    [
        ((1, 0), (1.0, 0.0, 0.5, 5.0, 0.0, 5.5, 5.5, 5.5)),
        ((0, 1), (0.0, 1.0, 0.0, 2.0, 0.28366218546322625, 2.0, *[1.7163378145367738] * 2)),
    ],
)
def test_tangent_traces_of_the_notes(seeds, dots):
    trace = ad.trace(notes, 2, 5).forward(*seeds)
    assert tuple(column(trace, "tangent").values()) == dots
    assert trace.tangent == dots[-1]


def test_adjoint_trace_of_the_notes_in_order_of_execution():
    trace = ad.trace(notes, 2, 5).reverse()
    cos = 0.28366218546322625
    assert [(r.name, r.op, r.value, r.of.name) for r in trace.adjoint_rows] == [
        ("v̄₅", "=", 1.0, "y"),
        ("v̄₄", "=", 1.0, "v₅"),
        ("v̄₃", "=", -1.0, "v₅"),
        ("v̄₁", "=", 1.0, "v₄"),
        ("v̄₂", "=", 1.0, "v₄"),
        ("v̄₀", "=", -cos, "v₃"),
        ("v̄₋₁", "=", 5.0, "v₂"),
        ("v̄₀", "+=", 1.7163378145367738, "v₂"),
        ("v̄₋₁", "+=", 5.5, "v₁"),
        ("x̄₂", "=", 1.7163378145367738, "v₀"),
        ("x̄₁", "=", 5.5, "v₋₁"),
    ]
    adjoints = column(trace, "adjoint")
    assert adjoints == {
        "v₋₁": 5.5, "v₀": 1.7163378145367738, "v₁": 1.0, "v₂": 1.0, "v₃": -1.0, "v₄": 1.0,
        "v₅": 1.0, "y": 1.0,
    }  # fmt: skip
    assert trace.gradient == (5.5, 1.7163378145367738) == ad.grad(notes, (0, 1))(2, 5)


def test_statements_are_those_printed_in_the_notes():
    text = ad.trace(notes, 2, 5).forward(1, 0).reverse().table(digits=4).text()
    printed = [
        "v₋₁ = x₁", "v₀ = x₂", "v₁ = ln v₋₁", "v₂ = v₋₁ × v₀", "v₃ = sin v₀", "v₄ = v₁ + v₂",
        "v₅ = v₄ − v₃", "y = v₅",
        "v̇₋₁ = ẋ₁", "v̇₁ = v̇₋₁ / v₋₁", "v̇₂ = v̇₋₁ × v₀ + v̇₀ × v₋₁", "v̇₃ = v̇₀ × cos v₀",
        "v̇₄ = v̇₁ + v̇₂", "v̇₅ = v̇₄ − v̇₃", "ẏ = v̇₅",
        "v̄₅ = ȳ", "v̄₄ = v̄₅", "v̄₃ = −v̄₅", "v̄₁ = v̄₄", "v̄₂ = v̄₄", "v̄₀ = v̄₃ × cos v₀",
        "v̄₋₁ = v̄₂ × v₀", "v̄₀ += v̄₂ × v₋₁", "v̄₋₁ += v̄₁ / v₋₁", "x̄₁ = v̄₋₁", "x̄₂ = v̄₀",
    ]  # fmt: skip
    for statement in printed:
        assert statement in text


def test_each_adjoint_statement_stands_beside_the_row_it_comes_from():
    # the correct pairing of the two columns, read from the bottom up
    blocks = ad.trace(notes, 2, 5).reverse().table().blocks(Notation())
    assert {b.primal[0]: [text for _, (text, _) in b.adjoints[::-1]] for b in blocks} == {
        "y = v₅": ["v̄₅ = ȳ"],
        "v₅ = v₄ − v₃": ["v̄₃ = −v̄₅", "v̄₄ = v̄₅"],
        "v₄ = v₁ + v₂": ["v̄₂ = v̄₄", "v̄₁ = v̄₄"],
        "v₃ = sin v₀": ["v̄₀ = v̄₃ × cos v₀"],
        "v₂ = v₋₁ × v₀": ["v̄₀ += v̄₂ × v₋₁", "v̄₋₁ = v̄₂ × v₀"],
        "v₁ = ln v₋₁": ["v̄₋₁ += v̄₁ / v₋₁"],
        "v₀ = x₂": ["x̄₂ = v̄₀"],
        "v₋₁ = x₁": ["x̄₁ = v̄₋₁"],
    }


def test_adjoints_of_the_textbook_add_up_two_uses_of_one_value():
    # n1 = 3 is used twice by one product and gets 12 + 12; n2 = 4 by two operations: 9 + 1
    trace = ad.trace(lambda x, y: x * x * y + (y + 2), 3, 4, names=("n1", "n2")).reverse()
    assert trace.value == 42.0
    assert column(trace, "adjoint") == {
        "v₋₁": 24.0, "v₀": 10.0, "v₁": 4.0, "v₂": 1.0, "v₃": 1.0, "v₄": 1.0, "y": 1.0,
    }  # fmt: skip
    arrived = [(r.op, r.value) for r in trace.adjoint_rows if r.name in ("v̄₋₁", "v̄₀")]
    assert arrived == [("=", 1.0), ("+=", 10.0), ("=", 12.0), ("+=", 24.0)]


def test_trace_of_a_gradient_is_the_adjoint_program():
    trace = ad.trace(ad.grad(notes, argnums=(0, 1)), 2, 5)
    assert trace.value == (5.5, 1.7163378145367738)
    backward = [row for row in trace.rows if not row.line and row.op not in ("input", "output")]
    assert {row.op for row in backward} >= {"multiply", "divide", "cos", "add"}
    assert [row.op for row in trace.rows if row.line] == [
        "log",
        "multiply",
        "sin",
        "add",
        "subtract",
    ]
    # and it can be differentiated in turn: the Hessian, row by row
    first, second = trace.reverse(1, 0).gradient, trace.reverse(0, 1).gradient
    np.testing.assert_array_equal([first, second], [[-0.25, 1.0], [1.0, np.sin(5.0)]])
    assert trace.forward(1, 0).tangent == (-0.25, 1.0)


# Random programs: derivatives against SymPy, and every formula against the number beside it

X, Y = sympy.symbols("x y", positive=True)
UNARY = {
    "sin": (np.sin, sympy.sin), "cos": (np.cos, sympy.cos), "exp": (np.exp, sympy.exp),
    "tanh": (np.tanh, sympy.tanh),
    "log": (lambda v: np.log(v * v + 2), lambda v: sympy.log(v**2 + 2)),
    "sqrt": (lambda v: np.sqrt(v * v + 1), lambda v: sympy.sqrt(v**2 + 1)),
    "arctan": (np.arctan, sympy.atan), "negative": (lambda v: -v, lambda v: -v),
    "cube": (lambda v: v**3, lambda v: v**3), "scale": (lambda v: -1.5 * v, lambda v: -1.5 * v),
    "reciprocal": (lambda v: 2 / (v * v + 1), lambda v: 2 / (v**2 + 1)),
}  # fmt: skip
BINARY = {
    "+": lambda u, v: u + v, "-": lambda u, v: u - v, "*": lambda u, v: u * v,
    "/": lambda u, v: u / (v * v + 1),
}  # fmt: skip
steps = st.tuples(st.sampled_from([*UNARY, *BINARY]), st.integers(0, 9), st.integers(0, 9))
programs = st.lists(steps, min_size=1, max_size=7)
numbers = st.floats(0.3, 1.7).map(lambda v: round(v, 3))


def run(program, which, *inputs):
    values = list(inputs)
    for name, i, j in program:
        u, v = values[i % len(values)], values[j % len(values)]
        values.append(UNARY[name][which](u) if name in UNARY else BINARY[name](u, v))
    return values[-1]


@given(programs, numbers, numbers)
@settings(max_examples=40, deadline=None)
def test_derivatives_are_sympys(program, x, y):
    truth = run(program, 1, X, Y)
    slopes = [float(sympy.diff(truth, s).evalf(25, subs={X: x, Y: y})) for s in (X, Y)]
    trace = ad.trace(lambda x, y: run(program, 0, x, y), x, y)
    assert trace.value == pytest.approx(float(truth.evalf(25, subs={X: x, Y: y})), rel=1e-11)
    assert trace.reverse().gradient == pytest.approx(slopes, rel=1e-9, abs=1e-9)
    assert trace.forward(1, 0).tangent == pytest.approx(slopes[0], rel=1e-9, abs=1e-9)


@given(programs, numbers, numbers)
@settings(max_examples=40, deadline=None)
def test_digits_are_those_of_the_modes(program, x, y):
    def f(x, y):
        return run(program, 0, x, y)

    trace = ad.trace(f, x, y)
    value, tangent = ad.jvp(f, (x, y), (0.7, -1.3))
    assert (trace.value, trace.forward(0.7, -1.3).tangent) == (value, tangent)
    assert trace.reverse(0.3).gradient == ad.vjp(f, x, y)[1](0.3)


NAMES = re.compile("(v)([\u0307\u0304]?)([₋₀₁₂₃₄₅₆₇₈₉]+)")
FUNCTIONS = {
    "ln": np.log, "exp": np.exp, "sin": np.sin, "cos": np.cos, "tanh": np.tanh,
    "sech2": lambda v: 1 / np.cosh(v) ** 2, "arctan": np.arctan, "sqrt": np.sqrt, "sign": np.sign,
}  # fmt: skip


def evaluated(formula, values):
    """Compute a printed formula, with the printed names standing for these values."""
    text = unicodedata.normalize("NFD", formula).replace("sech²", "sech2")
    scope = dict(FUNCTIONS)

    def name(match):
        place = f"n{len(scope)}"
        scope[place] = values[unicodedata.normalize("NFD", match[0])]
        return place

    text = NAMES.sub(name, text)
    text = re.sub(r"\b([a-z]+2?) (n\d+)", r"\1(\2)", text)
    text = re.sub(r"√(n\d+)", r"sqrt(\1)", text)
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "**" + unicodedata.normalize("NFKC", m[0]), text)
    text = text.replace("−", "-").replace("×", "*").replace("^", "**")
    return eval(text, scope)


@given(programs, numbers, numbers)
@settings(max_examples=60, deadline=None)
def test_every_formula_gives_the_number_beside_it(program, x, y):
    trace = ad.trace(lambda x, y: run(program, 0, x, y), x, y).forward(0.7, -1.3).reverse()
    values, adjoints = {}, {}
    for row in trace.rows[:-1]:
        base, index = row.name[0], row.name[1:]
        values[base + index] = row.value
        values[base + "\u0307" + index] = row.tangent
        values[base + "\u0304" + index] = row.adjoint
    checked = 0
    for block in trace.table().blocks(Notation()):
        for text, shown in (block.primal, block.tangent):
            name, formula = text.split(" = ")
            if name.startswith("v") and "v" in formula:
                assert evaluated(formula, values) == pytest.approx(float(shown), rel=1e-12)
                checked += 1
    for block in trace.table().blocks(Notation())[::-1]:
        for _, (text, shown) in block.adjoints:
            name, sign, formula = text.split(" ", 2)
            if "v" not in name or "v" not in formula:
                continue
            before = adjoints.get(name)
            assert sign == ("=" if before is None else "+=")
            adjoints[name] = evaluated(formula, values) + (before or 0.0)
            assert adjoints[name] == pytest.approx(float(shown), rel=1e-11, abs=1e-11)
            checked += 1
    assert checked >= 3


@given(programs, numbers, numbers)
@settings(max_examples=30, deadline=None)
def test_each_adjoint_is_the_slope_of_the_rest_of_the_program(program, x, y):
    # y as a function of one intermediate value alone: run what follows it on a complex number
    trace = ad.trace(lambda x, y: run(program, 0, x, y), x, y).reverse()
    record = trace.record
    for k, row in enumerate(trace.rows[:-1]):
        values = [step.value for step in record.steps]
        values[k] = values[k] + 1e-30j
        for j in range(max(k + 1, 2), len(values)):
            step = record.steps[j]
            operands = [values[o] if type(o).__name__ == "Ref" else o for o in step.operands]
            values[j] = step.row.function(*operands)
        slope = np.imag(values[trace.rows[-1].position]) / 1e-30
        assert row.adjoint == pytest.approx(slope, rel=1e-10, abs=1e-10)


# Names and lines


def test_names_of_arguments():
    def labels(f, *args, **options):
        return [row.operands[0] for row in ad.trace(f, *args, **options).rows if row.op == "input"]

    assert labels(lambda x, width: x * width, 1, 2) == ["x", "width"]
    assert labels(lambda x, y: x * y, 1, 2, names=("a1", "b_2")) == ["a₁", "b₂"]
    assert labels(lambda *xs: xs[0] * xs[1], 1, 2) == ["x₁", "x₂"]
    assert labels(lambda p: p["w"][0] * p["b"], {"w": [1, 2], "b": 3}) == [
        *("p['w'][0]", "p['w'][1]", "p['b']")
    ]
    assert labels(np.sin, 1) in (["x"], ["x₁"])


def test_output_is_called_y_unless_an_argument_is():
    assert ad.trace(lambda x: 2 * x, 1).rows[-1].name == "y"
    assert ad.trace(lambda x, y: x * y, 1, 2).rows[-1].name == "z"
    two = ad.trace(lambda x: (2 * x, [3 * x, 4.0]), 1)
    assert [row.name for row in two.rows[-3:]] == ["y₁", "y₂", "y₃"]
    assert two.value == (2.0, [3.0, 4.0])


def test_rows_are_found_by_name():
    trace = ad.trace(notes, 2, 5).reverse()
    assert trace["v-1"] is trace["v₋₁"] is trace["x1"] is trace.rows[0]
    assert trace["v4"].op == "add"
    assert trace["y"] is trace.rows[-1]
    with pytest.raises(ArgumentError, match="no value 'v9'"):
        trace["v9"]


def test_rows_know_the_learners_line():
    trace = ad.trace(notes, 2, 5).reverse()
    assert trace["v1"].line.endswith("v1 = np.log(x1)")
    assert trace["v5"].line.endswith("return v4 - v3")
    assert trace["x1"].line == trace["y"].line == ""
    (statement,) = [r for r in trace.adjoint_rows if r.of is trace["v1"]]
    assert (statement.name, statement.line) == ("v̄₋₁", trace["v1"].line)


def test_line_of_an_operation_inside_a_helper_is_the_helpers():
    def helper(x):
        return np.tanh(x)

    trace = ad.trace(lambda x: np.mean(helper(x)), np.ones(3))
    assert trace["v1"].line.endswith("return np.tanh(x)")


# Arrays


def layer(w, x):
    return np.sum(np.tanh(w @ x) ** 2)


W, V = np.arange(6.0).reshape(2, 3) / 7, np.array([1.0, -1.0, 0.5])


def test_arrays_have_one_row_each_and_show_shape_and_summary():
    trace = ad.trace(layer, W, V).reverse()
    assert [row.op for row in trace.rows] == [
        *("input", "input", "matmul", "tanh", "square", "sum", "output")
    ]
    for found, truth in zip(trace.gradient, ad.grad(layer, (0, 1))(W, V), strict=True):
        np.testing.assert_array_equal(found, truth)
    text = repr(trace)
    assert "v₁ = v₋₁ @ v₀" in text
    assert "(2, 3): from 0 to 0.71429" in text
    assert "(3,): [1, -1, 0.5]" in text
    assert "v̄₃ = broadcast_to(v̄₄, (2,))" in text


def test_summaries_tell_what_is_not_finite():
    trace = ad.trace(lambda x: np.sum(x), np.array([1.0, np.nan, 2.0, np.inf, -3.0]))
    assert "(5,): from -3 to 2, 2 not finite" in repr(trace)
    assert "(6,): all 1" in repr(ad.trace(np.sum, np.ones(6)))
    assert "(5,): 3 of 5 true" in repr(ad.trace(lambda x: np.sum(x[x > 1]), np.arange(5.0)))


def test_precision_is_kept():
    x = np.float32(1.5)
    trace = ad.trace(lambda x: np.sin(x) * x, x).forward(x).reverse()
    assert {type(row.value) for row in trace.rows} == {np.float32}
    assert {type(row.adjoint) for row in trace.rows[:-1]} == {np.float32}
    assert type(trace.tangent) is type(trace.gradient) is np.float32


def test_several_outputs_and_array_outputs():
    def f(x, y):
        return x * y, [np.sin(x), x]

    trace = ad.trace(f, 2.0, 3.0)
    assert trace.forward(1, 0).tangent == (3.0, [np.cos(2.0), 1.0])
    assert trace.reverse(1, 0, 0).gradient == (3.0, 2.0)
    assert trace.reverse(1.0, [10.0, 100.0]).gradient == (3.0 + 10 * np.cos(2.0) + 100.0, 2.0)
    u = np.array([1.0, 10.0, 100.0])
    np.testing.assert_array_equal(ad.trace(np.square, V).reverse(u).gradient, 2 * V * u)


def test_output_returned_twice_gets_both_adjoints():
    def f(x):
        y = np.exp(x)
        return y, y

    trace = ad.trace(f, 0.0).reverse(2.0, 3.0)
    assert trace.gradient == 5.0
    assert [(r.name, r.op, r.value) for r in trace.adjoint_rows[:2]] == [
        ("v̄₁", "=", 3.0), ("v̄₁", "+=", 5.0)
    ]  # fmt: skip


def test_values_without_a_derivative_have_rows_and_no_adjoint():
    def f(x):
        return np.where(x > 1, x * x, 5.0) if x < 4 else x

    trace = ad.trace(f, 3.0).forward(1).reverse()
    flat = [row for row in trace.rows if row.op in ("less", "greater")]
    assert [row.value for row in flat] == [True, True]
    assert all(row.tangent is row.adjoint is None for row in flat)
    assert trace.tangent == trace.gradient == 6.0
    assert "v₁ = v₀ < 4" in repr(trace)


def test_what_the_output_does_not_use_has_adjoint_zero():
    def f(x, y):
        np.exp(x)
        return 3 * x

    trace = ad.trace(f, 1.0, 2.0).reverse()
    assert (trace["v1"].adjoint, trace["z"].value, trace["y"].adjoint) == (0.0, 3.0, 0.0)
    assert trace.gradient == (3.0, 0.0)


def test_constant_output():
    trace = ad.trace(lambda x: 4.0, 1.0).forward(1).reverse()
    assert (trace.value, trace.tangent, trace.gradient) == (4.0, 0.0, 0.0)
    assert "y" in repr(trace)
    with pytest.raises(ArgumentError, match="returned a constant"):
        trace.graph()


def test_argument_returned_as_it_is():
    trace = ad.trace(lambda x: x, 2.0).reverse()
    assert (trace.value, trace.gradient) == (2.0, 1.0)
    assert [row.name for row in trace.rows] == ["v₀", "y"]
    assert len(trace.graph().nodes) == 1


def test_traces_nest_in_other_modes():
    def f(x):
        return ad.trace(lambda x: x * np.sin(x), x).value

    assert ad.grad(f)(2.0) == ad.grad(lambda x: x * np.sin(x))(2.0)
    inner = ad.trace(lambda x: ad.trace(np.exp, x).reverse().gradient, 1.5)
    assert inner.value == np.exp(1.5)
    assert inner.reverse().gradient == np.exp(1.5)
    assert ad.trace(lambda x: ad.hvp(lambda x: x**3, x, 1.0), 2.0).value == 12.0
    assert ad.trace(ad.derivative(np.tanh), 0.3).value == ad.derivative(np.tanh)(0.3)


def test_attached_derivative_is_one_row_under_its_own_name():
    log = ad.with_derivative(lambda x: x**3, lambda x: 3 * x**2)
    log.function.__name__ = "log"
    trace = ad.trace(lambda x: 2 * log(x), 2.0).reverse()
    assert trace.gradient == 24.0
    assert [row.op for row in trace.rows][1:3] == ["<lambda>", "multiply"]
    plain = ad.with_derivative(lambda x: x + 1.0, None)
    with pytest.raises(ManualError):
        ad.trace(lambda x: plain(x), 2.0).reverse()


# Bad input


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ad.trace(3.0, 1.0), ArgumentError, "not a function"),
        (lambda: ad.trace(notes, 1.0), ArgumentError, "1 argument"),
        (lambda: ad.trace(np.sin, "two"), ArgumentError, "'two'"),
        (lambda: ad.trace(np.sin, None), ArgumentError, "None"),
        (lambda: ad.trace(np.sin, True), ArgumentError, "truth value"),
        (lambda: ad.trace(np.sin, np.array([None])), ArgumentError, "object"),
        (lambda: ad.trace(lambda x: None, 1.0), OutputError, "None"),
        (lambda: ad.trace(lambda x: "one", 1.0), OutputError, "one"),
        (lambda: ad.trace(lambda x: x > 1, 1.0), OutputError, "bool"),
        (lambda: ad.trace(notes, 2, 5, names=("a",)), ArgumentError, "1 entries"),
        (lambda: ad.trace(notes, 2, 5, names=("a", "a")), ArgumentError, "1 of them different"),
        (lambda: ad.trace(notes, 2, 5, names="ab"), ArgumentError, "not a list of names"),
        (lambda: ad.trace(notes, 2, 5, names=("a", "")), ArgumentError, "not a list of names"),
        (lambda: ad.trace(notes, 2, 5, names=(1, 2)), ArgumentError, "not a list of names"),
        (lambda: ad.trace(notes, 2, 5).forward(), ArgumentError, "no seeds, for 2 arguments"),
        (lambda: ad.trace(notes, 2, 5).forward(1), ArgumentError, "1 seed, for 2 arguments"),
        (lambda: ad.trace(notes, 2, 5).forward(V, 0), ArgumentError, r"of shapes \(3,\), \(\)"),
        (lambda: ad.trace(notes, 2, 5).forward("a", 0), ArgumentError, "'a'"),
        (lambda: ad.trace(notes, 2, 5).reverse(1, 2), ArgumentError, "2 adjoints, for 1 output"),
        (lambda: ad.trace(np.sin, V).reverse(), ArgumentError, r"for 1 output of shape \(3,\)"),
        (lambda: ad.trace(notes, 2, 5).gradient, OutputError, r"\.reverse"),
        (lambda: ad.trace(notes, 2, 5).tangent, OutputError, r"\.forward"),
    ],
)
def test_bad_input(call, error, words):
    with pytest.raises(error, match=words):
        call()
