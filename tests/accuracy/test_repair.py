"""ad.repair restores digits and keeps the function; the truth is mpmath's own, or known by hand."""

import ast
import itertools
import re
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mp

import tinyad as ad
from tinyad.accuracy.repair.compensated import difference_of_products
from tinyad.accuracy.repair.identities import IDENTITIES_ROWS


def exact(f, point, sizes=80):
    """Value and partial derivatives of f(m, ...) at floats, by mpmath and central differences."""
    with mpmath.workdps(sizes):
        x = [mpmath.mpf(a) for a in point]
        slopes = []
        for k, a in enumerate(x):
            h = mpmath.mpf(10) ** (-sizes // 3) * (abs(a) or 1)
            right, left = ([*x[:k], a + s * h, *x[k + 1 :]] for s in (1, -1))
            slopes.append((f(mp, *right) - f(mp, *left)) / (2 * h))
        return f(mp, *x), slopes


def on_numpy(f, arguments):
    """f(m, ...) as a function of NumPy's, with so many arguments."""
    return eval(f"lambda {arguments}: f(np, {arguments})", {"f": f, "np": np})


def errors(candidate, point, value, slopes):
    """Relative errors of value and slopes, absolute where the truth is 0 or nearly so."""
    with np.errstate(all="ignore"):
        found = [candidate(*point), *ad.grad(candidate, tuple(range(len(point))))(*point)]
    pairs = zip(found, (value, *slopes), strict=True)
    return [float(abs(mp.mpf(float(a)) - b) / (abs(b) if abs(b) > 1e-300 else 1)) for a, b in pairs]


LOST = {
    # reformulated
    "log1p": ("x", lambda m, x: m.log(1 + x) / x, (1e-12,)),
    "expm1": ("x", lambda m, x: (m.exp(x) - 1) / x, (-3e-9,)),
    "one minus cos": ("x", lambda m, x: (1 - m.cos(x)) / x**2, (1e-4,)),
    "conjugate far out": ("x", lambda m, x: m.sqrt(x**2 + x) - x, (1e9,)),
    "cubic": ("x", lambda m, x: x**3 - 3 * x**2 + 3 * x - 1, (1 + 1e-5,)),
    "two powers": ("x", lambda m, x: (x**3 - 27) / (x - 3), (3 + 1e-12,)),
    "a product of exponentials": ("x", lambda m, x: m.exp(x * x) * m.exp(-x * x) + x, (30.0,)),
    "softplus": ("x", lambda m, x: m.log(1 + m.exp(x)), (-40.0,)),
    "sigmoid": ("x", lambda m, x: m.exp(x) / (1 + m.exp(x)), (800.0,)),
    "tanh": ("x", lambda m, x: (m.exp(x) - m.exp(-x)) / (m.exp(x) + m.exp(-x)), (1e-9,)),
    "log-sum-exp": ("x, y", lambda m, x, y: m.log(m.exp(x) + m.exp(y)), (1000.0, 1001.0)),
    "length": ("x, y", lambda m, x, y: m.sqrt(x * x + y * y), (3e200, 4e200)),
    "growth": ("n", lambda m, n: (1 + 1 / n) ** n, (1e10,)),
    "hidden arcsinh": ("x", lambda m, x: m.log(x + m.sqrt(x * x + 1)), (-1e8,)),
    "relativity": ("v", lambda m, v: 1 / m.sqrt(1 - v * v) - 1, (1e-8,)),
    "two exponentials": (
        "a, b, x", lambda m, a, b, x: (m.exp(a * x) - m.exp(b * x)) / x, (2.0, 1.0, 1e-9)
    ),
    "interest": ("r, n", lambda m, r, n: ((1 + r) ** n - 1) / r, (1e-10, 30.0)),
    # series, because no identity helps
    "x - sin x": ("x", lambda m, x: x - m.sin(x), (1e-5,)),
    "1/x - 1/sin x": ("x", lambda m, x: 1 / x - 1 / m.sin(x), (1e-8,)),
    "a logarithm near 1": ("x", lambda m, x: m.log(x) / (x - 1), (1 + 1e-10,)),
    "inside something else": ("x, y", lambda m, x, y: y * m.exp(x - m.sin(x)) - y, (1e-4, 3.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_value_and_derivatives_are_restored(name):
    arguments, f, point = LOST[name]
    value, slopes = exact(f, point, 900 if "sum" in name or "sig" in name else 80)
    program = on_numpy(f, arguments)
    best = ad.repair(program, *point)[0]
    before, after = (errors(g, point, value, slopes) for g in (program, best.f))
    assert not max(before) <= 1e-12
    assert max(after) <= 1e-12
    digits = [-np.log10(max(e, 1e-16)) for e in (after[0], max(after[1:]))]
    assert best.digits_after == pytest.approx(digits, abs=0.5)


# Limits and slopes at the hole, from the series in any calculus text.
HOLES = {
    "(x² - 4)/(x - 2)": (lambda x: (x * x - 4) / (x - 2), 2.0, 4, 1),
    "(eˣ - 1)/x": (lambda x: (np.exp(x) - 1) / x, 0.0, 1, 1 / 2),
    "(1 - cos x)/x²": (lambda x: (1 - np.cos(x)) / x**2, 0.0, 1 / 2, 0),
    "x/(eˣ - 1)": (lambda x: x / (np.exp(x) - 1), 0.0, 1, -1 / 2),
    "sin(x)/x": (lambda x: np.sin(x) / x, 0.0, 1, 0),
    "(√(1 + x) - 1)/x": (lambda x: (np.sqrt(1 + x) - 1) / x, 0.0, 1 / 2, -1 / 8),
    "coth x - 1/x": (lambda x: 1 / np.tanh(x) - 1 / x, 0.0, 0, 1 / 3),
    "1/x - 1/sin x": (lambda x: 1 / x - 1 / np.sin(x), 0.0, 0, -1 / 6),
    "x·(1/x)": (lambda x: x * (1 / x), 0.0, 1, 0),
    "x²·(1/x)": (lambda x: x**2 * (1 / x), 0.0, 0, 1),
    "exp(x)·exp(-x)": (lambda x: np.exp(x) * np.exp(-x), 800.0, 1, 0),
    "x·log x": (lambda x: x * np.log(x), 0.0, 0, -np.inf),
}


@pytest.mark.parametrize("name", HOLES)
def test_holes_are_filled_and_slopes_with_them(name):
    f, x, value, slope = HOLES[name]
    best = ad.repair(f, x)[0]
    with np.errstate(all="ignore"):
        assert best.f(x) == pytest.approx(value, rel=1e-15, abs=1e-300)
        assert ad.grad(best.f)(x) == pytest.approx(slope, rel=1e-15, abs=1e-300)
    assert min(best.digits_before) == 0


# Each line of the table by itself


class Exactly(ast.NodeTransformer):
    """Numbers become mpf, so that 1/3 is a third."""

    def visit_Constant(self, node):
        return ast.parse(f"mpf({node.value})", mode="eval").body


def in_mpmath(text, values):
    """A side of an identity in mpmath; None where it is not a real number."""
    text = re.sub(r"\barc", "a", text.replace("·", "*").replace("^", "**"))
    tree = ast.fix_missing_locations(Exactly().visit(ast.parse(text.strip(), mode="eval")))
    names = {name: getattr(mp, name) for name in dir(mp) if not name.startswith("_")}
    names |= {"abs": abs, "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y))}
    names |= {"exp2": lambda x: mp.mpf(2) ** x, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x))}
    try:
        value = eval(compile(tree, text, "eval"), names, values)
    except (ValueError, ZeroDivisionError):
        return None
    return value if isinstance(value, mp.mpf) and mp.isfinite(value) else None


def points_for(row):
    """Values of u, v and w at which the conditions of an identity hold."""
    random = np.random.default_rng(3)
    conditions = [c.split(" = ") for c in row.partition("if")[2].split(",") if c.strip()]
    for low, high in itertools.product((-2.0, 0.0), (1.0, 3.0)):
        for _ in range(4):
            values = {k: mp.mpf(float(random.uniform(low, high))) for k in "uvw"}
            for name, side in conditions:
                values[name.strip()] = in_mpmath(side.strip(), values)
            yield values


@pytest.mark.parametrize("row", IDENTITIES_ROWS)
def test_every_identity_is_true_wherever_its_left_side_and_its_right_side_are_real(row):
    left, right = row.partition("if")[0].strip().split(" = ")
    seen = 0
    with mpmath.workdps(40):
        for values in points_for(row):
            a, b = in_mpmath(left, values), in_mpmath(right, values)
            if a is None or b is None:
                continue
            seen += 1
            partly = "abs" not in right and any(f in left for f in ("arc", "^w"))
            assert mp.almosteq(a, b, 1e-30, 1e-30) or partly, values
    assert seen


# The same function


DOMAINS = {
    "log(N + 1) - log(N)": (lambda m, x: m.log(x + 1) - m.log(x), 1e10),
    "√(x + 1) - √x": (lambda m, x: m.sqrt(x + 1) - m.sqrt(x), 1e10),
    "√(x² + x) - x": (lambda m, x: m.sqrt(x * x + x) - x, 1e9),
    "log(x²)": (lambda m, x: m.log(x * x) / 2 + x, 1e170),
    "arcsinh": (lambda m, x: m.log(x + m.sqrt(x * x + 1)), 1e-9),
    "arccosh": (lambda m, x: m.log(x + m.sqrt(x * x - 1)), 1e170),
    "eˣ/(eˣ - 1)": (lambda m, x: m.exp(x) / (m.exp(x) - 1), 1e-9),
    "arctanh": (lambda m, x: m.log((1 + x) / (1 - x)) / 2, 1e-10),
}


@pytest.mark.parametrize("name", DOMAINS)
def test_no_candidate_is_another_function_elsewhere(name):
    f, x = DOMAINS[name]
    program = on_numpy(f, "x")
    candidates = ad.repair(program, x)
    assert candidates
    random = np.random.default_rng(5)
    sizes = 10.0 ** random.uniform(-3, 3, 40) * random.choice([-1.0, 1.0], 40)
    for a in sizes:
        with mpmath.workdps(400):
            try:
                true = f(mp, mp.mpf(a))
            except ZeroDivisionError:
                continue
        real = isinstance(true, mp.mpf)
        with np.errstate(all="ignore"):
            overflows = real and np.isnan(program(np.float64(a)))
        for c in candidates if not overflows else ():
            with np.errstate(all="ignore"):
                found = float(c.f(np.float64(a)))
            if real:
                assert found == pytest.approx(float(true), rel=1e-4, abs=1e-8), (a, c.source)
            else:
                assert np.isnan(found), (a, c.source)


def test_where_the_sign_matters_the_original_stays():
    def root(a, b, c):
        return (-b + np.sqrt(b * b - 4 * (a * c))) / (2 * a)

    best = ad.repair(root, 1e-3, 1e4, 1.0)[0]
    for point in [(1e-3, 1e4, 1.0), (1.0, -1e8, 1.0), (2.0, -5.0, 3.0), (1.0, -2.0, 0.0)]:
        true = exact(lambda m, a, b, c: (-b + m.sqrt(b * b - 4 * (a * c))) / (2 * a), point)
        assert max(errors(best.f, point, *true)) < 1e-12


def test_where_a_candidate_is_worse_its_note_says_so():
    noted = ad.repair(lambda x: np.exp(x) / (1 + np.exp(x)), 900.0)
    overflows = [c for c in noted if "1 / (1 + np.exp(-x))" in c.source]
    assert all("Worse" in c.note for c in overflows)


# What is no longer a sum of two: arithmetic that carries its errors


def test_a_discriminant_whose_two_products_agree_in_all_their_digits():
    point = 94906265.625, 94906267.0, 94906268.375  # Kahan's example
    a, b, c = map(Fraction, point)
    best = ad.repair(lambda a, b, c: b * b - a * c, *point)[0]
    assert best.f(*point) == float(b * b - a * c) == 1.890625
    assert ad.grad(best.f, (0, 1, 2))(*point) == (-point[2], 2 * point[1], -point[0])


# What it says


def test_quiet_where_nothing_is_wrong():
    for f, x in [(np.sinh, 1e-9), (np.expm1, 1e-9), (lambda x: x - 1, 1 + 1e-9), (np.cos, 1.0)]:
        found = ad.repair(f, x)
        assert not found
        assert "Nothing is wrong" in found.note


def test_where_nothing_helps_it_says_so():
    found = ad.repair(lambda e, t: t - e * np.sin(t), 0.9999999, 1e-5)
    assert not found
    assert "Nothing that was tried helps" in found.text


def test_what_cannot_be_written_as_a_formula_is_not_tried():
    def branches(x):
        return np.exp(x) - 1 if x > 0 else x

    for f, x in [(branches, 1e-9), (lambda x: np.sum(np.exp(x) - 1), np.array([1e-9, 1.0]))]:
        assert "Not tried" in ad.repair(f, x).note
    assert "infinity" in ad.repair(lambda x: np.minimum(np.exp(x) - 1, np.inf), 1e-9).note
    assert "no limit" in ad.repair(np.log, -1.0).note


def test_loops_local_variables_and_constants():
    def program(x):
        total, term = 0.0, 1.0
        for k in range(1, 3):
            term = term * x / k
            total = total + term
        rest = np.exp(x) - 1 - total
        return 2.5 * rest

    value, slopes = exact(lambda m, x: m.mpf(2.5) * (m.exp(x) - 1 - x - x * x / 2), (1e-3,))
    assert max(errors(ad.repair(program, 1e-3)[0].f, (1e-3,), value, slopes)) < 1e-12


def test_functions_of_the_learner_and_choices_stay_in_place():
    square = ad.with_derivative(lambda t: t * t, lambda t: 2 * t)
    for f, true in [
        (lambda x: square(x) * (np.exp(x) - 1), lambda m, x: x * x * m.expm1(x)),
        (lambda x: np.where(x > 0, np.exp(x) - 1, x), lambda m, x: m.expm1(x)),
    ]:
        value, slopes = exact(true, (1e-6,))
        assert max(errors(ad.repair(f, 1e-6)[0].f, (1e-6,), value, slopes)) < 1e-12


def test_an_array_program_is_repaired_at_its_worst_entry():
    x = np.array([3.0, 1e-8, -2.0])
    best = ad.repair(lambda x: (1 - np.cos(x)) / x**2, x)[0]
    with mpmath.workdps(60):
        true = [float((1 - mp.cos(mp.mpf(a))) / mp.mpf(a) ** 2) for a in x]
    assert best.f(x) == pytest.approx(true, rel=1e-14)


def test_the_source_stands_by_itself():
    for f, x in [(lambda x: np.sqrt(x + 1) - np.sqrt(x), 1e10), (HOLES["x·log x"][0], 0.0)]:
        for c in ad.repair(f, x):
            scope = {}
            exec(c.source, scope)
            assert scope["repaired"](3.7) == c.f(3.7)
            ast.parse(c.source)


def test_the_same_question_has_the_same_answer():
    def f(x):
        return 1 / np.sqrt(x) - 1 / np.sqrt(x + 1)

    first, second = ([c.source for c in ad.repair(f, 1e10)] for _ in range(2))
    assert first == second
    assert "def f(x):" in first[0]


def test_it_shows_itself():
    found = ad.repair(lambda x: np.exp(x) - 1, 1e-10)
    assert "np.expm1(x)" in found.text
    assert "7 → 16" in found.text
    assert "<pre" in found._repr_html_()
    assert found[0]._repr_html_() in found._repr_html_()


# Bad input


def test_bad_input_is_refused():
    random = np.random.default_rng(1)
    state = []

    def grows(x):
        state.append(x)
        return x * len(state)

    for f in (lambda x: x * random.random(), grows):
        with pytest.raises(ad.errors.OutputError, match="run again"):
            ad.repair(f, 1.0)
    for f, x in [(lambda x: None, 1.0), (np.exp, "1"), (np.exp, True), (np.exp, np.inf)]:
        with pytest.raises(ad.errors.ArgumentError):
            ad.repair(f, x)
    with pytest.raises(ad.errors.ArgumentError, match="argument"):
        ad.repair(lambda x, y: x + y, 1.0)


def test_an_array_that_is_changed_in_place_is_a_copy():
    def overwrites(x):
        x[0] = 1.0
        return x

    x = np.array([1e-9, 2.0])
    assert "Not tried" in ad.repair(overwrites, x).note
    assert x[0] == 1e-9


def test_arguments_of_few_digits_get_no_false_all_clear():
    found = ad.repair(lambda x: (x + 1e8) - 1e8, np.float32(1.0))  # 0 in float32, 1 on paper
    assert "In double precision nothing is wrong" in found.note
    assert "In float32, 0 digits of the value" in found.note
    assert "float64" in found.note
    assert "float32" not in ad.repair(lambda x: (x + 1e8) - 1e8, 1.0).note


def test_a_compensated_product_is_the_plain_one_where_its_error_cannot_be_computed():
    assert difference_of_products(1e305, 1e-10, 1.0, 1.0) == 1e295
    tiny = difference_of_products(1 + 2.0**-52, 1 + 2.0**-52, 1.0, 1 + 2.0**-51)
    assert tiny == 2.0**-104  # (1 + u)² - (1 + 2u) = u²
