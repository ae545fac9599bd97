"""Checks of exercise 5: dual numbers by pencil, passes, tags, and a second tangent."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tinyad.course.ask import Ask
from tinyad.course.formulas import Formula
from tinyad.course.kinds import number, pair, vector
from tinyad.course.properties import agrees, close, computes, holds, points, returns, unchanged
from tinyad.course.task import Exercise, Task

# -- dual_pencil: what stands in front of ε in (3 + 2ε)(5 − ε) + 4 ------------------------------


def pencil_tangent() -> float:
    """Multiply the two lines as polynomials: the tangent is the coefficient of ε."""
    product = np.polynomial.Polynomial([3.0, 2.0]) * np.polynomial.Polynomial([5.0, -1.0])
    return float((product + 4).coef[1])


def is_value(wrong: float) -> Callable[[float], bool]:
    """Test for one wrong value."""
    return lambda tangent: abs(tangent - wrong) < 1e-9


dual_pencil = Task(
    "dual_pencil",
    minutes=6,
    takes="",
    gives=number,
    properties=[agrees("it is what stands in front of ε", pencil_tangent, [()])],
    mistakes=[
        returns(
            is_value(-2.0),
            "This is the product of the two tangents. It stands in front of ε², which is 0. What "
            "stands in front of ε has one tangent and one value in each product.",
        ),
        returns(
            is_value(1.0),
            "This adds the two tangents. That is the rule for a sum; here two numbers are "
            "multiplied.",
        ),
        returns(
            is_value(13.0),
            "A sign got lost: the second factor is 5 − ε, so its tangent is negative.",
        ),
        returns(
            is_value(11.0),
            "The 4 has no ε. It is a constant, and adds to the value only.",
        ),
        returns(
            is_value(5.0),
            "This counts ε² as if it were ε. But ε² is 0, whatever stands in front of it.",
        ),
        returns(is_value(10.0), "Only one of the two cross products is here."),
        returns(is_value(-3.0), "Only one of the two cross products is here."),
        returns(
            is_value(19.0), "This is the value. The question is about what stands in front of ε."
        ),
    ],
)

# -- dual_quotient: (a + ȧε) / (b + ḃε) ---------------------------------------------------------


def quotient(a: float, a_dot: float, b: float, b_dot: float) -> tuple[float, float]:
    """Return value and tangent by the quotient rule."""
    return a / b, (a_dot * b - a * b_dot) / b**2


def multiplied_back(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
    """Multiply the quotient by the divisor: the dividend must come back."""
    for a, a_dot, b, b_dot in points(4)(rng):
        value, tangent = ask(a, a_dot, b, b_dot)
        product = value * b_dot + tangent * b
        seen = "the ε-part of quotient times divisor is not that of the dividend"
        yield True if abs(product - a_dot) < 1e-9 * (1 + abs(a_dot)) else seen


dual_quotient = Task(
    "dual_quotient",
    minutes=8,
    takes="a, a_dot, b, b_dot",
    gives=pair,
    properties=[
        agrees("the value is the quotient of the values", quotient, points(4, 2), part=0),
        agrees(
            "it is right where the divisor is a constant",
            quotient,
            [(6.0, 2.0, 4.0, 0.0), (-3.0, 1.5, 2.5, 0.0)],
            diagnosis="The tangent of a constant is 0. A tangent is never divided by a tangent.",
        ),
        holds("times the divisor, it gives the dividend back", multiplied_back),
        agrees(
            "a number divided by itself is 1, and does not move",
            lambda *_: (1.0, 0.0),
            [(2.5, 3.0, 2.5, 3.0)],
        ),
        agrees("it is right where the dividend is 0", quotient, [(0.0, 2.0, 4.0, 1.5)]),
    ],
    mistakes=[
        computes(
            lambda a, da, b, db: (a / b, (da * b - a * db) / b),
            "Too large by a factor b: two divisions by b are needed.",
        ),
        computes(
            lambda a, da, b, db: (a / b, (da * b + a * db) / b**2),
            "The signs are those of a product. Where the divisor grows, the quotient shrinks.",
        ),
        computes(
            lambda a, da, b, db: (a / b, (a * db - da * b) / b**2),
            "The sign is turned round: where only the dividend grows, the quotient must grow.",
        ),
        computes(
            lambda a, da, b, db: (a / b, da / b),
            "This is right as long as the divisor is a constant. Here the divisor moves, too.",
        ),
        computes(
            lambda a, da, b, db: (a / b, da / b - db),
            "The divisor's tangent needs a factor. Compare the parts with ε on both sides of "
            "quotient times divisor = dividend.",
        ),
        returns(
            lambda got: not np.all(np.isfinite(got)),
            "Two tangents were divided, and one of them may be 0. A tangent is never divided by "
            "a tangent.",
        ),
    ],
)

# -- passes_gradient: one pass for each input ---------------------------------------------------


def slopes(value: Any) -> np.ndarray:
    """Accept an array or a list of real numbers."""
    return vector(np.array([number(v) for v in value]) if isinstance(value, list) else value)


def gradient_formula(text: str, f: Callable[..., Any], g: Callable[..., Any]) -> Formula:
    """Make a function of a list that uses + and * alone, with its gradient."""
    return Formula(text, f, lambda x: np.array(g(x), dtype=float))


SURFACE = gradient_formula(
    "x[0] * x[0] * x[1] + x[1] + 2",
    lambda x: x[0] * x[0] * x[1] + x[1] + 2,
    lambda x: [2 * x[0] * x[1], x[0] ** 2 + 1],
)
THREE = gradient_formula(
    "3 * x[0] * x[1] + x[1] * x[2] * x[2]",
    lambda x: 3 * x[0] * x[1] + x[1] * x[2] * x[2],
    lambda x: [3 * x[1], 3 * x[0] + x[2] ** 2, 2 * x[1] * x[2]],
)
SECOND = gradient_formula(
    "x[1] * x[1] + 5", lambda x: x[1] * x[1] + 5, lambda x: [0, 2 * x[1], 0, 0]
)
CONSTANT = gradient_formula("2.5", lambda x: 2.5, lambda x: [0.0] * len(x))


def exact(f: Formula, x: list[float]) -> Any:
    """Return the gradient by the rules of calculus."""
    return f.derivative(x)


def lists(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Draw a point for each of two functions."""
    for f, n in ((SURFACE, 2), (THREE, 3)):
        yield f, [float(v) for v in np.round(rng.uniform(1.1, 2.9, n), 2)]


def one_pass_each(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """Count the runs of f."""
    for f, x in ((SURFACE, [3.0, 4.0]), (THREE, [1.5, 2.5, 3.5])):
        ask(f, x)
        seen = f"f ran {f.calls} times for {len(x)} inputs"
        yield True if f.calls == len(x) else seen


passes_gradient = Task(
    "passes_gradient",
    minutes=14,
    takes="f, x",
    gives=slopes,
    builds=True,
    properties=[
        agrees("it is the gradient at (3, 4)", exact, [(SURFACE, [3.0, 4.0])], tolerance=1e-13),
        agrees("it is so for other functions and points", exact, lists, tolerance=1e-13),
        agrees(
            "an input that f does not use has slope 0",
            exact,
            [(SECOND, [1.5, 2.6, 0.5, 4.0])],
            tolerance=1e-13,
        ),
        holds("f runs once for each input", one_pass_each),
        unchanged("x", lists),
        agrees(
            "a function that returns a plain number has slope 0 everywhere",
            exact,
            [(CONSTANT, [1.5, 2.0])],
            diagnosis="A constant function returns a plain number, which has no tangent to read. "
            "Turn the result into a dual first: as_dual is there for that.",
        ),
    ],
    mistakes=[
        computes(
            lambda f, x: np.full(len(x), np.sum(f.derivative(x))),
            "Every entry is the same sum: all inputs are seeded in every pass. Seed one, and give "
            "the others tangent 0.",
        ),
        computes(
            lambda f, x: np.cumsum(f.derivative(x)),
            "A seed of an earlier pass is still there: each entry holds the ones before it as "
            "well. Begin each pass with fresh numbers.",
        ),
        computes(
            lambda f, x: np.zeros(len(x)),
            "No seed arrives: with all tangents 0, nothing moves. Give the input of this pass "
            "tangent 1.",
        ),
        computes(
            lambda f, x: np.full(len(x), f.function(x)),
            "These are values. The slope is the other part of the result.",
        ),
        computes(
            lambda f, x: np.array(f.derivative(x)) * np.array(x),
            "The seed is the input itself. A seed of 1 gives the slope.",
        ),
        computes(
            lambda f, x: f.derivative(x),
            "Close, but not to all digits: a step was taken somewhere. Duals need none.",
            tolerance=1e-3,
        ),
    ],
)

# -- tagged_derivative: derivatives inside derivatives ------------------------------------------


class Tagged:
    """A dual number that says to which pass its tangent belongs."""

    def __init__(self, value: Any, tangent: Any, tag: float) -> None:
        self.value, self.tangent, self.tag = value, tangent, tag

    def __add__(self, other: Any) -> Tagged:
        tag = max(self.tag, tag_of(other))
        (a, a_dot), (b, b_dot) = parts(self, tag), parts(other, tag)
        return Tagged(a + b, a_dot + b_dot, tag)

    def __mul__(self, other: Any) -> Tagged:
        tag = max(self.tag, tag_of(other))
        (a, a_dot), (b, b_dot) = parts(self, tag), parts(other, tag)
        return Tagged(a * b, a * b_dot + a_dot * b, tag)

    __radd__, __rmul__ = __add__, __mul__


def tag_of(z: Any) -> float:
    """Return the tag; a plain number belongs to no pass."""
    return z.tag if isinstance(z, Tagged) else -np.inf


def parts(z: Any, tag: float) -> tuple[Any, Any]:
    """Return value and tangent as the pass with this tag sees them."""
    return (z.value, z.tangent) if tag_of(z) == tag else (z, 0)


Differentiate = Callable[[Callable[[Any], Any], Any], Any]


def mistaken(
    tags: Callable[[], int], *, reads_any: bool = False, strips: bool = False
) -> Differentiate:
    """Make a derivative with a mistake in its tags, in its reading, or in its input."""

    def derivative(f: Callable[[Any], Any], x: Any) -> Any:
        tag = tags()
        while strips and isinstance(x, Tagged):
            x = x.value
        result = f(Tagged(x, 1, tag))
        if reads_any:
            return result.tangent if isinstance(result, Tagged) else 0
        return parts(result, tag)[1]

    return derivative


_up, _down = itertools.count(1), itertools.count(0, -1)
ONE_TAG = mistaken(lambda: 1)
READS_ANY = mistaken(lambda: next(_up), reads_any=True)
STRIPS = mistaken(lambda: next(_up), strips=True)
FALLING = mistaken(lambda: next(_down))


class Nested(Formula):
    """A function that may call the learner's derivative: `program` makes it from one."""

    def __init__(
        self,
        text: str,
        program: Callable[[Differentiate], Callable[[Any], Any]],
        derivative: Callable[[float], float],
    ) -> None:
        super().__init__(text, lambda x: program(self.learner)(x), derivative)
        self.program = program
        self.learner: Differentiate = ONE_TAG

    def by(self, derivative: Differentiate, x: float) -> Any:
        """Return what comes out if all derivatives are taken in this way."""
        return derivative(self.program(derivative), x)


PLAIN = [
    Nested("x * x * x + 2 * x", lambda _: lambda x: x * x * x + 2 * x, lambda x: 3 * x * x + 2),
    Nested("x * x + 5", lambda _: lambda x: x * x + 5, lambda x: 2 * x),
]
OUTER_SUM = Nested(
    "x * mended(lambda y: x + y, 1)",
    lambda d: lambda x: x * d(lambda y: x + y, 1.0),
    lambda x: 1.0,
)
OUTER_PRODUCT = Nested(
    "x * mended(lambda y: x * y, 2)",
    lambda d: lambda x: x * d(lambda y: x * y, 2.0),
    lambda x: 2 * x,
)
CURVATURE = Nested(
    "mended(lambda y: y * y * y, x)",
    lambda d: lambda x: d(lambda y: y * y * y, x),
    lambda x: 6 * x,
)
STILL = Nested(
    "x * x + x * mended(lambda y: x, 1)",
    lambda d: lambda x: x * x + x * d(lambda y: x, 1.0),
    lambda x: 2 * x,
)
THREE_DEEP = Nested(
    "x * mended(lambda y: y * mended(lambda z: x * y * z, 3), 2)",
    lambda d: lambda x: x * d(lambda y: y * d(lambda z: x * y * z, 3.0), 2.0),
    lambda x: 8 * x,
)
NOTHING = Nested("7", lambda _: lambda x: 7, lambda x: 0.0)


def applied_to(f: Nested, x: float) -> Callable[[Differentiate], Any]:
    """Make the use of the learner's derivative on f at x."""
    return lambda mended: mended(f, x)


def slopes_of(*functions: Nested) -> Callable[[Ask, np.random.Generator], Iterator[bool]]:
    """Compare the learner's slopes with the true ones, at two points each."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
        for f in functions:
            for x in (1.25, float(np.round(rng.uniform(1.2, 2.9), 2))):
                f.learner = ask.learner  # for the derivatives inside f
                given = f"f = {f}, x = {x:g}"
                slope = ask.use(applied_to(f, x), given, args=(f, x))
                yield close(slope, f.derivative(x))

    return test


tagged_derivative = Task(
    "tagged_derivative",
    minutes=18,
    takes="f, x",
    gives=number,
    builds=True,
    properties=[
        holds("it is the slope where nothing is nested", slopes_of(*PLAIN)),
        holds("an inner derivative does not take the outer seed for its own", slopes_of(OUTER_SUM)),
        holds("the outer seed is not lost on its way through", slopes_of(OUTER_PRODUCT)),
        holds("the derivative of a derivative is the second one", slopes_of(CURVATURE)),
        holds(
            "an inner function that does not use its own input has slope 0",
            slopes_of(STILL),
        ),
        holds("three derivatives deep it is right, too", slopes_of(THREE_DEEP)),
        holds(
            "a function that returns a plain number has slope 0",
            slopes_of(NOTHING),
            "A plain number has no tangent to read. `parts` knows what to do with it.",
        ),
    ],
    mistakes=[
        computes(
            lambda f, x: f.by(ONE_TAG, x),
            "Both passes still have the same tag, so a sum of two numbers from two passes adds "
            "their tangents. A pass needs a tag that no other pass has.",
        ),
        computes(
            lambda f, x: f.by(READS_ANY, x),
            "The tangent is read without a look at its tag. What comes back from f may belong to "
            "another pass, and then it is a constant for this one.",
        ),
        computes(
            lambda f, x: f.by(STRIPS, x),
            "The outer tangent is stripped off. x may itself be a number with a tag, and it must "
            "stay one: the inner pass works on top of it.",
        ),
        computes(
            lambda f, x: f.by(FALLING, x),
            "The tags run the wrong way: where two passes meet, the class takes the larger tag "
            "for that of the inner pass. So later passes need larger tags.",
        ),
        computes(
            lambda f, x: f.program(ONE_TAG)(x),
            "This is the value of f, not its slope.",
        ),
    ],
)

# -- curvature: numbers with a second tangent, ε³ = 0 -------------------------------------------


class Curve(Formula):
    """A polynomial in + and * alone; its `derivative` here is the second one."""

    def __init__(self, text: str, f: Callable[[Any], Any], *coefficients: float) -> None:
        p = np.polynomial.Polynomial(coefficients)
        super().__init__(text, f, lambda x: float(p.deriv(2)(x)))
        self.slope = p.deriv(1)


CUBE = Curve("x * x * x", lambda x: x * x * x, 0.0, 0.0, 0.0, 1.0)
LINE = Curve("3 * x + 4", lambda x: 3 * x + 4, 4.0, 3.0)
PARABOLA = Curve("3 * x * x + 1", lambda x: 3 * x * x + 1, 1.0, 0.0, 3.0)
QUARTIC = Curve(
    "x * x * (2 * x * x + 0.5) + -2 * x",
    lambda x: x * x * (2 * x * x + 0.5) + -2 * x,
    0.0,
    -2.0,
    0.5,
    0.0,
    2.0,
)


def polynomials(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Draw a point for each of two polynomials."""
    for f in (CUBE, QUARTIC):
        yield f, float(np.round(rng.uniform(1.2, 2.9), 2))


def second(f: Formula, x: float) -> Any:
    """Return the second derivative by the rules."""
    return f.derivative(x)


curvature = Task(
    "curvature",
    minutes=12,
    takes="f, x",
    gives=number,
    builds=True,
    stretch=True,
    properties=[
        agrees("it is the second derivative of x * x * x", second, [(CUBE, 2.0), (CUBE, -1.5)]),
        agrees("it is so for a parabola", second, [(PARABOLA, 1.5)]),
        agrees("it is so for other polynomials and points", second, polynomials, tolerance=1e-11),
        agrees("a straight line does not bend", second, [(LINE, 3.0)]),
        agrees("it is right at x = 0", second, [(CUBE, 0.0), (QUARTIC, 0.0)]),
    ],
    mistakes=[
        computes(
            lambda f, x: f.derivative(x) / 2,
            "A factor is missing. In the lesson, look at the third group of digits of 2.00001 to "
            "the third power. What is the second derivative of x * x * x at 2?",
        ),
        computes(
            lambda f, x: float(f.slope(x)),
            "This is the slope, which stands in front of ε. The bend stands in front of ε².",
        ),
        computes(
            lambda f, x: f.function(x),
            "This is the value of f.",
        ),
        computes(
            lambda f, x: 0.0,
            "Nothing arrives in front of ε². In a product, ε times ε is ε², so the two numbers in "
            "front of ε meet there, too.",
        ),
    ],
)

EXERCISE = Exercise(
    "05_forward_mode",
    "Exercise 5 · Let numbers carry their slope",
    [dual_pencil, dual_quotient, passes_gradient, tagged_derivative, curvature],
)
