"""Checks of exercise 1: slopes at a point, and the rules of differentiation by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tinyad.course.ask import Ask
from tinyad.course.kinds import number, pair, some_of
from tinyad.course.properties import agrees, computes, holds, points, returns
from tinyad.course.task import Exercise, Task

# -- same_slope: which graphs rise as fast at x = 3 as that of a(x) = x² ------------------------

SLOPES_AT_3 = {"b": 6.0, "c": 6.0, "d": 3.0, "e": 2.0}
SAME = frozenset(letter for letter, slope in SLOPES_AT_3.items() if slope == 6.0)

same_slope = Task(
    "same_slope",
    minutes=6,
    takes="",
    gives=some_of(*SLOPES_AT_3),
    properties=[
        agrees(
            "the list names all functions with this slope at 3, and no other", lambda: SAME, [()]
        )
    ],
    mistakes=[
        returns(
            lambda letters: "e" in letters,
            "e has the formula 2x, which is the derivative of x² written out: its value at 3 is "
            "the slope of x² there. The question is about the slope of e itself.",
        ),
        returns(
            lambda letters: "d" in letters,
            "d and a meet at x = 3. Meeting is about values: do they also rise equally fast?",
        ),
        returns(
            lambda letters: not letters,
            "No other function has a's formula, that is true. A derivative at a point is a "
            "number, though, and two formulas can give the same number at one point.",
        ),
        returns(
            lambda letters: letters < SAME,
            "Not all of them yet. Work out the slope of each at x = 3: it is a number. What does "
            "an added constant do to it? What is the slope of a straight line?",
        ),
    ],
)

# -- power_term: ∂g/∂x of g(x, y) = x³y + 4x + y² + 7 -----------------------------------------


def g_x(x: float, y: float) -> float:
    """Return the partial derivative of g along x."""
    return 3 * x**2 * y + 4


power_term = Task(
    "power_term",
    minutes=8,
    takes="x, y",
    gives=number,
    properties=[
        agrees("at (2, 5) it is the slope of g along x", g_x, [(2.0, 5.0)]),
        agrees("it is so at other points, on both sides of zero", g_x, points(2)),
        agrees("it is so at x = 0", g_x, [(0.0, 2.5)]),
    ],
    mistakes=[
        computes(
            lambda x, y: 3 * x**3 * y + 4,
            "The exponent stays where it was. The rule for a power also lowers it by one.",
        ),
        computes(
            lambda x, y: x**2 * y + 4,
            "The exponent went down by one, but its old value should come in front as a factor.",
        ),
        computes(
            lambda x, y: 3 * x**2 + 4,
            "y is gone. It is held still, so it is a constant factor, and a constant factor stays.",
        ),
        computes(
            lambda x, y: x**3 + 4,
            "This moves y and holds x still. Along x it is the other way round.",
        ),
        computes(
            lambda x, y: 3 * x**2 * y + x**3 + 4,
            "Here y moves as well. In a partial derivative along x, y is held still.",
        ),
    ],
)

# -- gradient_by_hand: both partials of p(x, y) = x² sin(xy) -----------------------------------


def p_gradient(x: float, y: float) -> tuple[float, float]:
    """Return both partial derivatives of p."""
    s, c = np.sin(x * y), np.cos(x * y)
    return 2 * x * s + x**2 * y * c, x**3 * c


gradient_by_hand = Task(
    "gradient_by_hand",
    minutes=14,
    takes="x, y",
    gives=pair,
    properties=[
        agrees("the first number is the slope of p along x", p_gradient, points(2), part=0),
        agrees("the second number is the slope of p along y", p_gradient, points(2), part=1),
        agrees("both are right where y = 0, and where x = 0", p_gradient, [(1.5, 0.0), (0.0, 2.0)]),
    ],
    mistakes=[
        computes(
            lambda x, y: p_gradient(x, y)[::-1],
            "The two numbers look exchanged: the partial derivative along x comes first.",
        ),
        computes(
            lambda x, y: (2 * x * np.sin(x * y) + x**2 * np.cos(x * y), x**3 * np.cos(x * y)),
            "Along x, the inner derivative is missing: xy inside the sine moves with x, too.",
        ),
        computes(
            lambda x, y: (p_gradient(x, y)[0], x**2 * np.cos(x * y)),
            "Along y, the inner derivative is missing: xy inside the sine moves with y, too.",
        ),
        computes(
            lambda x, y: (2 * x * y * np.cos(x * y), p_gradient(x, y)[1]),
            "Along x, two derivatives are multiplied. The product rule has two terms, and in each "
            "of them only one factor is differentiated.",
        ),
        computes(
            lambda x, y: (2 * x * np.sin(x * y), p_gradient(x, y)[1]),
            "Along x, half of the product rule is missing: the sine depends on x as well.",
        ),
        computes(
            lambda x, y: (
                2 * x * np.sin(x * y) - x**2 * y * np.cos(x * y),
                -(x**3) * np.cos(x * y),
            ),
            "A sign is wrong: the derivative of the sine is the cosine, without a minus.",
        ),
    ],
)

# -- mended_chain: the gradient of q(x, y) = (x² + y)³ + xy, written with a mistake ------------


def q_gradient(x: float, y: float) -> tuple[float, float]:
    """Return both partial derivatives of q."""
    inner = x**2 + y
    return 6 * x * inner**2 + y, 3 * inner**2 + x


mended_chain = Task(
    "mended_chain",
    minutes=12,
    takes="x, y",
    gives=pair,
    properties=[
        agrees("the first number is the slope of q along x", q_gradient, points(2), part=0),
        agrees("the second number is the slope of q along y", q_gradient, points(2), part=1),
        agrees("both are still right at the author's point", q_gradient, [(0.5, 2.0)]),
        agrees("both are right where x = 0", q_gradient, [(0.0, 1.5)]),
    ],
    mistakes=[
        computes(
            lambda x, y: (3 * (x**2 + y) ** 2 + y, 3 * (x**2 + y) ** 2 + x),
            "These are the locked program's numbers. The author's point hides the mistake: "
            "compare with a plain slope somewhere else.",
        ),
        computes(
            lambda x, y: (2 * x * (3 * (x**2 + y) ** 2 + y), q_gradient(x, y)[1]),
            "Along x, the new factor multiplies too much: the chain rule concerns the power only, "
            "and xy is a term of its own.",
        ),
        computes(
            lambda x, y: ((2 * x + 1) * 3 * (x**2 + y) ** 2 + y, q_gradient(x, y)[1]),
            "Along x, the inner derivative lets y move as well. y is held still.",
        ),
        computes(
            lambda x, y: (q_gradient(x, y)[0], 6 * x * (x**2 + y) ** 2 + x),
            "Along x it is mended. Along y it was sound before: what is the slope of x² + y "
            "along y?",
        ),
        computes(
            lambda x, y: (6 * x * (x**2 + y) + y, q_gradient(x, y)[1]),
            "Along x, the square of the inner part got lost.",
        ),
    ],
)

# -- slope_of_product: the product rule for n factors -----------------------------------------


def product_slope(values: list[float], slopes: list[float]) -> float:
    """Multiply the lines u + st as polynomials in t: the slope is the coefficient of t."""
    product = np.polynomial.Polynomial([1.0])
    for u, s in zip(values, slopes, strict=True):
        product *= np.polynomial.Polynomial([u, s])
    return float(product.coef[1])


def factors(count: int) -> Any:
    """Draw values and slopes of so many factors."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[list[float], list[float]]]:
        for values in points(count, 2)(rng):
            yield list(values), list(next(points(count, 1)(rng)))

    return drawn


def power_rule(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Compare a product of n equal factors x with the rule for the power of x."""
    for n in (2, 3, 5):
        x = float(np.round(rng.uniform(1.1, 1.9), 2))
        yield abs(ask([x] * n, [1.0] * n) - n * x ** (n - 1)) < 1e-9 * n * x**n


slope_of_product = Task(
    "slope_of_product",
    minutes=15,
    takes="values, slopes",
    gives=number,
    stretch=True,
    properties=[
        agrees("for two factors it is the product rule", product_slope, factors(2)),
        agrees("it is right for three factors", product_slope, factors(3)),
        agrees("it is right for five factors", product_slope, factors(5)),
        holds("for n equal factors x it is the rule for the power of x", power_rule),
        agrees("one factor alone keeps its slope", product_slope, factors(1)),
        agrees(
            "it is right where one factor is zero, and where two are",
            product_slope,
            [([0.0, 2.0, 3.0], [5.0, 1.0, 1.0]), ([0.0, 2.0, 0.0], [5.0, 1.0, 1.0])],
            diagnosis="Dividing the whole product by one factor fails where that factor is zero: "
            "multiply the other factors instead.",
        ),
    ],
    mistakes=[
        computes(
            lambda values, slopes: float(np.prod(slopes)),
            "This multiplies the slopes. The product rule has one term for each factor, and in "
            "each term only that factor is differentiated.",
        ),
        computes(
            lambda values, slopes: float(np.sum(slopes)),
            "This adds the slopes: it is the rule for a sum, not for a product.",
        ),
        computes(
            lambda values, slopes: slopes[0] * float(np.prod(values[1:])),
            "Only the first factor's term is here. Each factor contributes one.",
        ),
        computes(
            lambda values, slopes: float(np.sum(np.multiply(values, slopes))),
            "Each slope is multiplied by its own value. It should meet the values of all the "
            "other factors.",
        ),
        computes(
            lambda values, slopes: float(np.prod(values)) * float(np.sum(slopes)),
            "Each slope is multiplied by the whole product, its own factor included.",
        ),
    ],
)

EXERCISE = Exercise(
    "01_manual_differentiation",
    "Exercise 1 · Differentiate by hand",
    [same_slope, power_term, gradient_by_hand, mended_chain, slope_of_product],
)
