"""Checks of exercise 2: difference quotients, their steps, their cost, and what they are for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tinyad.course.ask import Ask
from tinyad.course.formulas import (
    CUBES,
    EXPONENTIAL,
    FOURTH,
    SINE,
    SQUARE,
    TRAVELING,
    WAVES,
    Formula,
)
from tinyad.course.kinds import number, order_of, truth, vector
from tinyad.course.properties import agrees, computes, holds, returns, unchanged
from tinyad.course.task import Exercise, Task

Vector = np.ndarray

# -- order_of_steps: the forward quotient of x·x·x at 2, from the best step to the worst --------

STEPS = {"a": 1e-2, "b": 1e-5, "c": 1e-8, "d": 1e-12, "e": 1e-16}


def measured_order() -> tuple[str, ...]:
    """Sort the steps by the error that this machine really makes; the true slope is 12."""

    def error(letter: str) -> float:
        x = 2.0 + STEPS[letter]
        return abs((x * x * x - 8.0) / STEPS[letter] - 12.0)

    return tuple(sorted(STEPS, key=error))


order_of_steps = Task(
    "order_of_steps",
    minutes=8,
    takes="",
    gives=order_of(*STEPS),
    properties=[
        agrees(
            "the list has the order of the measured errors, smallest first",
            measured_order,
            [()],
            diagnosis="Two errors add up: the curve between the two points gives about 6ε, the "
            "lost digits about 1e-15/ε. Work out both for each step, and take the larger.",
        )
    ],
    mistakes=[
        returns(
            lambda order: order == tuple("edcba"),
            "Smaller is not always better. A float64 keeps about 16 digits: what is 2 + 1e-16 in "
            "16 digits, and what does the subtraction leave then?",
        ),
        returns(
            lambda order: order == tuple("abcde"),
            "Larger is not always better either: the error of the curve between the two points, "
            "about 6ε here, shrinks together with the step.",
        ),
        returns(
            lambda order: order == measured_order()[::-1],
            "This is the order from the worst step to the best.",
        ),
        returns(
            lambda order: order.index("e") < order.index("a"),
            "Think about step e once more. What is 2 + 1e-16 in 16 digits?",
        ),
    ],
)

# -- central_difference: one function of one number --------------------------------------------


def smooth(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Draw a point for each of some smooth functions."""
    for f in (SINE, EXPONENTIAL, FOURTH):
        yield f, float(np.round(rng.uniform(0.3, 1.4), 2)), 1e-5


def two_calls(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """Count the calls of a central difference."""
    ask(SINE, 1.0, 1e-5)
    yield True if SINE.calls == 2 else f"f was called {SINE.calls} times"


central_difference = Task(
    "central_difference",
    minutes=7,
    takes="f, x, eps",
    gives=number,
    builds=True,
    properties=[
        agrees(
            "on a parabola it is the slope, even for a large step",
            lambda f, x, eps: f.derivative(x),
            [(SQUARE, 3.0, 0.5), (SQUARE, -1.0, 0.25)],
        ),
        agrees(
            "at the lowest point of x**4 the two sides balance",
            lambda *_: 0.0,
            [(FOURTH, 0.0, 0.5)],
        ),
        agrees(
            "it is close to the slope of smooth functions",
            lambda f, x, eps: f.derivative(x),
            smooth,
            tolerance=1e-7,
        ),
        holds("it needs f at two points, no more", two_calls),
    ],
    mistakes=[
        computes(
            lambda f, x, eps: (f(x + eps) - f(x - eps)) / eps,
            "The two points are not ε apart. How far is it from x − ε to x + ε?",
        ),
        computes(
            lambda f, x, eps: (f(x + eps) - f(x - eps)) / 2 * eps,
            "Python reads a / 2 * eps as (a / 2) * eps. Put brackets around the divisor.",
        ),
        computes(
            lambda f, x, eps: (f(x + eps) - f(x)) / eps,
            "This is Newton's quotient, with one point at x. The central one has a point on "
            "either side of x.",
        ),
        computes(
            lambda f, x, eps: (f(x + eps) - f(x)) / (2 * eps),
            "The divisor fits two points on either side of x, but one of your points is x itself.",
        ),
        computes(
            lambda f, x, eps: (f(x - eps) - f(x + eps)) / (2 * eps),
            "The sign is turned round: subtract what is behind from what is ahead.",
        ),
    ],
)

# -- forward_gradient: n parameters, n + 1 evaluations -----------------------------------------


def exact(f: Formula, x: Vector, *_: Any) -> Any:
    """Return the gradient by the rules of calculus."""
    return f.derivative(x)


def places(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Draw a point for each of three functions."""
    for f, n in ((TRAVELING, 2), (CUBES, 4), (WAVES, 3)):
        yield f, np.round(rng.uniform(0.4, 1.9, n), 2)


def calls(expected: Callable[[int], int]) -> Callable[..., Iterator[bool | str]]:
    """Test how often the learner's code calls f, for 2 parameters and for 5."""

    def test(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
        for f, x in ((TRAVELING, np.array([3.0, 4.0])), (CUBES, np.arange(1.0, 6.0))):
            ask(f, x)
            seen = f"f was called {f.calls} times for {len(x)} parameters"
            yield True if f.calls == expected(len(x)) else seen

    return test


forward_gradient = Task(
    "forward_gradient",
    minutes=14,
    takes="f, x",
    gives=vector,
    builds=True,
    properties=[
        agrees(
            "it is close to the gradient at (3, 4)",
            exact,
            [(TRAVELING, np.array([3.0, 4.0]))],
            tolerance=1e-4,
        ),
        agrees("it is so for other functions and points", exact, places, tolerance=1e-4),
        unchanged("x", places),
        holds(
            "it calls f no more often than the lesson counted",
            calls(lambda n: n + 1),
            "The value at x itself is the same for every parameter: one call serves them all.",
        ),
        agrees(
            "it is close where a parameter is very large",
            exact,
            [(TRAVELING, np.array([3e8, 4.0])), (TRAVELING, np.array([-2e9, 0.5]))],
            tolerance=1e-4,
            diagnosis="Near 3e8 a float64 cannot tell a tiny step from none. Let the step of each "
            "parameter grow with the parameter's size, whatever its sign.",
        ),
        agrees(
            "it is close where a parameter is zero",
            exact,
            [(TRAVELING, np.array([0.0, 4.0])), (TRAVELING, np.array([3.0, 0.0]))],
            tolerance=1e-4,
            diagnosis="A step that is only proportional to the parameter vanishes with it. Give "
            "it a smallest size.",
        ),
        agrees(
            "it works for an array of whole numbers",
            exact,
            [(TRAVELING, np.array([3, 4])), (CUBES, np.array([1, 2, 3]))],
            tolerance=1e-4,
            diagnosis="An array of whole numbers cuts off what is added to an entry: 3 + 1e-8 is "
            "stored as 3. Make it an array of floats first.",
        ),
    ],
    mistakes=[
        computes(
            lambda f, x: np.full(len(x), np.sum(f.derivative(x))),
            "Adding a number to x moves all parameters at once, so every entry is the same slope. "
            "Move one at a time.",
            tolerance=1e-4,
        ),
        computes(
            lambda f, x: np.cumsum(f.derivative(x)),
            "A parameter that was moved is not put back before the next one moves.",
            tolerance=1e-4,
        ),
        computes(
            lambda f, x: np.cumsum(f.derivative(x) * np.abs(x)) / np.abs(x),
            "A parameter that was moved is not put back before the next one moves.",
            tolerance=1e-4,
        ),
        computes(
            lambda f, x: np.zeros(len(x)),
            "The entries are as good as zero: divide each difference by its step.",
            tolerance=1e-6,
        ),
        computes(
            lambda f, x: -f.derivative(x),
            "The sign is turned round: subtract the value at x from the value ahead.",
            tolerance=1e-4,
        ),
    ],
)

# -- mended_checker: differences check a gradient written by hand ------------------------------


def accepts(test: Callable[[Vector], Any]) -> Callable[[Any, Any, Vector], bool]:
    """Make a checker that judges by the errors of the partial derivatives."""

    def checker(f: Any, gradient: Any, x: Vector) -> bool:
        return bool(test(gradient(x) - f.derivative(x)))

    return checker


SOUND = accepts(lambda errors: np.all(np.abs(errors) < 1e-3))


def gradients(*spoilings: tuple[str, Callable[[Vector], Vector]]) -> Any:
    """Draw a function and a point, and hand over its gradient with each spoiling."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
        for f, x in places(rng):
            for text, spoil in spoilings:
                yield f, Formula(text, lambda x, f=f, spoil=spoil: spoil(f.derivative(x))), x

    return drawn


def shifted(*shifts: float) -> Callable[[Vector], Vector]:
    """Add these numbers to the first partial derivatives."""
    return lambda g: g + np.array([*shifts, *[0.0] * (len(g) - len(shifts))])


def late(shift: float) -> Callable[[Vector], Vector]:
    """Add a number to the last partial derivative."""
    return lambda g: g + np.array([*[0.0] * (len(g) - 1), shift])


mended_checker = Task(
    "mended_checker",
    minutes=12,
    takes="f, gradient, x",
    gives=truth,
    properties=[
        agrees(
            "a right gradient is accepted",
            SOUND,
            gradients(("the right gradient", lambda g: g)),
        ),
        agrees(
            "a gradient with two partial derivatives exchanged is rejected",
            SOUND,
            [
                (
                    TRAVELING,
                    Formula("the partials exchanged", lambda x: exact(TRAVELING, x)[::-1]),
                    x,
                )
                for x in (np.array([3.0, 4.0]), np.array([1.0, 2.0]))
            ],
        ),
        agrees(
            "two mistakes that cancel in the sum are found",
            SOUND,
            gradients(("0.5 too much, then 0.5 too little", shifted(0.5, -0.5))),
        ),
        agrees(
            "one wrong partial derivative is enough, the first or the last",
            SOUND,
            gradients(("the first partial 0.5 too large", shifted(0.5)), ("the last", late(0.5))),
        ),
        agrees(
            "a partial derivative that is too small is found, too",
            SOUND,
            gradients(("the first partial 0.5 too small", shifted(-0.5)), ("the last", late(-0.5))),
        ),
        unchanged("x", gradients(("the right gradient", lambda g: g))),
    ],
    mistakes=[
        computes(
            accepts(lambda errors: abs(np.sum(errors)) < 1e-3),
            "The verdict is still that on the sum of all partial derivatives: x + eps moves every "
            "parameter at once, and np.sum throws the single partials together.",
        ),
        computes(
            accepts(lambda errors: np.any(np.abs(errors) < 1e-3)),
            "One partial derivative that agrees seems to be enough for your checker. All of them "
            "must agree.",
        ),
        computes(
            accepts(lambda errors: np.all(errors < 1e-3)),
            "A difference can be negative, and then it is smaller than any tolerance. Compare its "
            "absolute value.",
        ),
        computes(
            accepts(lambda errors: np.all(errors > -1e-3)),
            "A difference can be negative, and then it is smaller than any tolerance. Compare its "
            "absolute value.",
        ),
        computes(
            accepts(lambda errors: abs(errors[0]) < 1e-3),
            "Only the first partial derivative seems to be compared.",
        ),
        computes(lambda *_: True, "Your checker accepts everything."),
        computes(lambda *_: False, "Your checker rejects everything."),
    ],
)


# -- complex_gradient: the trick without the subtraction ---------------------------------------

complex_gradient = Task(
    "complex_gradient",
    minutes=14,
    takes="f, x",
    gives=vector,
    builds=True,
    stretch=True,
    properties=[
        agrees(
            "it agrees with the gradient to 12 digits",
            exact,
            places,
            tolerance=1e-12,
            diagnosis="So many digits need a step without a subtraction: a tiny imaginary step, "
            "and the imaginary part of what f returns, divided by the step.",
        ),
        holds(
            "it calls f once for each parameter",
            calls(lambda n: n),
            "There is nothing to subtract, so the value at x itself is not needed.",
        ),
        unchanged("x", places),
        agrees(
            "it works for an array of whole numbers",
            exact,
            [(TRAVELING, np.array([3, 4]))],
            tolerance=1e-12,
        ),
    ],
    mistakes=[
        computes(
            lambda f, x: np.array([f(x + 1e-6j * e).real for e in np.eye(len(x))]),
            "This is the real part, which is the value of f. The slope is in the imaginary part.",
            tolerance=1e-6,
        ),
        computes(
            lambda f, x: np.full(len(x), np.sum(f.derivative(x))),
            "All parameters move at once, so every entry is the same slope. Move one at a time.",
        ),
        computes(
            lambda f, x: np.zeros(len(x)),
            "Nothing imaginary came back: an array of floats drops the imaginary part of what is "
            "put into it. Use an array of complex numbers.",
            tolerance=0.0,
        ),
        computes(
            lambda f, x: np.zeros(len(x)),
            "The entries are as good as zero: divide the imaginary part by the step.",
        ),
    ],
)

EXERCISE = Exercise(
    "02_finite_differences",
    "Exercise 2 · Measure slopes with small steps",
    [order_of_steps, central_difference, forward_gradient, mended_checker, complex_gradient],
)
