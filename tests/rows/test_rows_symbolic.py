"""Every elementwise row in symbolic mode: its formula, derivatives, and SymPy's."""

import pytest
from row_modes import assert_close
from row_oracle import truth
from row_points import ROWS, arguments, orders, ordinary

import tinyad as ad
from tinyad.modes.symbolic.sympy_bridge import THERE_ROWS

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def formula(row, point, **options):
    """The row as an expression, and the values of its symbols; ldexp keeps its whole exponent."""
    if row.name == "ldexp":
        return ad.expression(lambda x: row.function(x, point[1]), **options), {"x": point[0]}
    names = ("x", "y")[: len(point)]
    expression = ad.expression(row.function, *names, **options)
    return expression, dict(zip(names, point, strict=True))


@each_row
@pytest.mark.parametrize("prune", [True, False])
def test_value_is_numpys_own(row, prune):
    for point in ordinary(row):
        expression, values = formula(row, point, prune=prune)
        assert expression.evaluate(**values) == row.function(*point)


@each_row
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_first_and_second_derivative(row, mode):
    for point in ordinary(row):
        expression, values = formula(row, point)
        for order in orders(row, 1) + orders(row, 2):
            names = ["x"] * order[0] + ["y"] * (sum(order) - order[0])
            value = expression.diff(*names, mode=mode).evaluate(**values)
            assert_close(value, truth(row.name, point, order), 1e-13, 1e-13, (point, order))


@each_row
def test_unpruned_derivative(row):
    for point in ordinary(row)[::3]:
        expression, values = formula(row, point, prune=False)
        for order in orders(row, 1):
            value = expression.diff("x" if order[0] else "y").evaluate(**values)
            assert_close(value, truth(row.name, point, order), 1e-13, 1e-13, point)


@each_row
def test_gradient_of_symbolic_mode(row):
    for point in ordinary(row):
        for argument in arguments(row):
            order = tuple(int(k == argument) for k in range(len(point)))
            value = ad.symbolic.grad(row.function, argument)(*point)
            assert_close(value, truth(row.name, point, order), 1e-14, 0.0, point)


@each_row
def test_through_sympy_and_back(row):
    assert row.function in THERE_ROWS
    for point in ordinary(row):
        expression, values = formula(row, point)
        back = ad.symbolic.from_sympy(expression.to_sympy(), *expression.names)
        value, plain = back.evaluate(**values), float(row.function(*point))
        assert_close(value, plain, 1e-13, 1e-15, point)


@each_row
def test_sympy_finds_the_same_derivative(row):
    """SymPy has its own table of derivatives; this test holds the two together."""
    import sympy

    for point in ordinary(row)[:4]:
        expression, values = formula(row, point)
        symbol = sympy.Symbol("x", real=True)
        slope = sympy.diff(expression.to_sympy(real=True), symbol)
        if slope.has(sympy.Derivative, sympy.Subs):
            assert row.name in ("remainder", "fmod")  # of these SymPy knows no derivative
            continue
        value = slope.subs({sympy.Symbol(k, real=True): v for k, v in values.items()})
        ours = expression.diff("x").evaluate(**values)
        assert_close(ours, float(value.evalf(30)), 1e-12, 1e-13, point)


@each_row
def test_formulas_can_be_read(row):
    expression, _ = formula(row, ordinary(row)[0])
    for e in (expression, expression.diff("x")):
        assert str(e)
        latex = e.latex()
        assert latex.count("{") == latex.count("}")
        assert latex.count(r"\left") == latex.count(r"\right")
    assert "<svg" in expression.graph().svg()
