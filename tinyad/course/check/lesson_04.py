"""Checks of exercise 4: the columns of an evolution trace, tangents down and adjoints up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tinyad.course.ask import Ask
from tinyad.course.kinds import Kind, UnfitError, described, number, pair
from tinyad.course.properties import agrees, close, computes, holds, points
from tinyad.course.task import Exercise, Task

Column = np.ndarray


def column(length: int | None = None) -> Kind:
    """Accept a list (a tuple or an array will do) of so many numbers."""
    needed = "A list of numbers" if length is None else f"A list of {length} numbers"

    def kind(value: Any) -> Column:
        if not isinstance(value, (list, tuple, np.ndarray)):
            raise UnfitError(f"{needed} is needed; {described(value)} came back.")
        if length is not None and len(value) != length:
            raise UnfitError(f"{needed} is needed; {len(value)} came back.")
        return np.array([number(entry) for entry in value])

    return kind


# -- adjoint_column: v1 = x1·x2, v2 = v1·v1, v3 = v2 − x2 at (3, 2), from the top row down ------

ADJOINTS = np.array([24.0, 35.0, 12.0, 1.0, 1.0])

adjoint_column = Task(
    "adjoint_column",
    minutes=8,
    takes="",
    gives=column(5),
    properties=[
        agrees(
            "each number is the derivative of y with respect to the value of its row",
            lambda: ADJOINTS,
            [()],
            diagnosis="Begin at the bottom. Each line hands its own adjoint, times the local "
            "partial, to the values that it used; what arrives at a value is added.",
        )
    ],
    mistakes=[
        computes(
            lambda: np.array([1.0, 0.0, 2.0, 24.0, 24.0]),
            "This is a tangent column: how fast each row moves when the first input moves. The "
            "question was how fast y moves when the row does.",
        ),
        computes(
            lambda: np.array([0.0, 1.0, 3.0, 36.0, 35.0]),
            "This is a tangent column: how fast each row moves when the second input moves. The "
            "question was how fast y moves when the row does.",
        ),
        computes(
            lambda: ADJOINTS[::-1],
            "These are the right numbers in the order in which you found them. The list has the "
            "order of the table, from the top row down.",
        ),
        computes(
            lambda: np.array([12.0, 17.0, 6.0, 1.0, 1.0]),
            "Line 2 uses v₁ twice, so it hands something to v₁ twice. Add both shares.",
        ),
        computes(
            lambda: np.array([24.0, 36.0, 12.0, 1.0, 1.0]),
            "Line 3 uses v₀ as well, and subtracts it. Add its share to that of line 1.",
        ),
        computes(
            lambda: np.array([24.0, 37.0, 12.0, 1.0, 1.0]),
            "Line 3 uses v₀ as well, but it subtracts it: mind the sign of that share.",
        ),
        computes(
            lambda: np.array([24.0, -1.0, 12.0, 1.0, 1.0]),
            "v₀ is used by line 3 and by line 1. Both shares count; the column is not finished "
            "after the first.",
        ),
    ],
)

# -- quotient_tangent: y = sin(x1·x2) / x2 in a direction ---------------------------------------


def direction(x1: float, x2: float, seed1: float, seed2: float) -> float:
    """Differentiate the formula as a whole, in the direction of the seed."""
    s, c = math.sin(x1 * x2), math.cos(x1 * x2)
    return seed1 * c + seed2 * (x1 * c / x2 - s / x2**2)


def along(*seed: float) -> Any:
    """Draw places, all with this seed."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[float, ...]]:
        for place in points(2)(rng):
            yield (*place, *seed)

    return drawn


def parts(x1: float, x2: float, seed1: float, seed2: float) -> tuple[float, float, float, float]:
    """Return what goes into line 3: v2, v0 and their tangents."""
    inner = seed1 * x2 + x1 * seed2
    return math.sin(x1 * x2), x2, math.cos(x1 * x2) * inner, seed2


def line_three(wrong: Any) -> Any:
    """Make the mistake that writes `wrong` in line 3."""
    return lambda *args: wrong(*parts(*args))


quotient_tangent = Task(
    "quotient_tangent",
    minutes=8,
    takes="x1, x2, seed1, seed2",
    gives=number,
    builds=True,
    properties=[
        agrees("with the seed (1, 0) it is the slope along x1", direction, along(1.0, 0.0)),
        agrees("with the seed (0, 1) it is the slope along x2", direction, along(0.0, 1.0)),
        agrees("with any other seed it is the slope in that direction", direction, points(4)),
        agrees("it is so where x1 is zero", direction, [(0.0, 2.0, 1.0, 3.0)]),
    ],
    mistakes=[
        computes(
            line_three(lambda u, v, du, dv: du / v),
            "Line 3 divides by v₀, and v₀ moves as well with this seed. A quotient has two terms "
            "in its derivative.",
        ),
        computes(
            line_three(lambda u, v, du, dv: (du * v + u * dv) / v**2),
            "A sign: a larger denominator makes a quotient smaller.",
        ),
        computes(
            line_three(lambda u, v, du, dv: (u * dv - du * v) / v**2),
            "The two terms are exchanged: the derivative of the numerator comes first.",
        ),
        computes(
            line_three(lambda u, v, du, dv: (du * v - u * dv) / v),
            "The numerator of the quotient rule is there; its denominator is a square.",
        ),
        computes(
            line_three(lambda u, v, du, dv: du * v + u * dv),
            "This is the rule for a product. Line 3 is a quotient.",
        ),
        computes(
            line_three(lambda u, v, du, dv: du),
            "This is the tangent of line 2. What does line 3 make of it?",
        ),
    ],
)

# -- trace_adjoints: y = (x1·x2 + exp(x1·x2))·x2, all adjoints, from v−1 to v4 --------------------

ROWS = (-1, 0, 1, 2, 3, 4)


def all_adjoints(value: Any) -> Column:
    """Accept a dict with an adjoint for each row."""
    if not isinstance(value, dict):
        raise UnfitError(f"The dict `bar` is needed; {described(value)} came back.")
    missing = [row for row in ROWS if row not in value]
    if missing:
        raise UnfitError(f"The dict that came back has no entry for the row {missing[0]}.")
    return np.array([number(value[row]) for row in ROWS])


def adjoints(x1: float, x2: float, shares: str = "both") -> Column:
    """Return all adjoints; `shares` says which of the two shares of v1 are handed on."""
    power = math.exp(x1 * x2)
    complete = x2 * (1 + power)
    at_1 = {"both": complete, "sum": x2, "exp": x2 * power}[shares]
    return np.array([at_1 * x2, x1 * x2 + power + at_1 * x1, at_1, x2, x2, 1.0])


def early(x1: float, x2: float) -> Column:
    """Hand on the adjoint of v1 before the share of line 2 has arrived."""
    found = adjoints(x1, x2, "sum")
    found[2] = adjoints(x1, x2)[2]
    return found


def assigned(x1: float, x2: float, last: str) -> Column:
    """Assign instead of adding: the last share of v1 and that of v0 remain."""
    found = adjoints(x1, x2, last)
    found[1] = found[2] * x1
    return found


def replaced(x1: float, x2: float) -> Column:
    """Add the shares of v1, but lose the share that v0 gets from line 4."""
    found = adjoints(x1, x2)
    found[1] = found[2] * x1
    return found


def of_the_rows(x1: float, x2: float) -> Column:
    """Return the derivatives of each row in the first input instead."""
    power = math.exp(x1 * x2)
    slopes = [1.0, 0.0, x2, x2 * power, x2 * (1 + power), x2 * x2 * (1 + power)]
    return np.array(slopes)


def downward(x1: float, x2: float) -> Column:
    """Hand on from the first line to the last."""
    return np.array([0.0, x1 * x2 + math.exp(x1 * x2), 0.0, 0.0, x2, 1.0])


trace_adjoints = Task(
    "trace_adjoints",
    minutes=15,
    takes="x1, x2",
    gives=all_adjoints,
    builds=True,
    properties=[
        agrees(
            "row 4, which is y, has the adjoint with which all begins", adjoints, points(2), part=5
        ),
        agrees("the adjoint of row 3 is right", adjoints, points(2), part=4),
        agrees("the adjoint of row 2 is right", adjoints, points(2), part=3),
        agrees("the adjoint of row 1, which two lines use, is right", adjoints, points(2), part=2),
        agrees("the adjoint of row 0, which two lines use, is right", adjoints, points(2), part=1),
        agrees("the adjoint of row -1 is right", adjoints, points(2), part=0),
        agrees("all of them are right where x1 is zero", adjoints, [(0.0, 1.5)]),
    ],
    mistakes=[
        computes(
            of_the_rows,
            "These are tangents: the derivative of each row with respect to x₁. The adjoint of a "
            "row is the derivative of y with respect to the row.",
        ),
        computes(
            downward,
            "Zeros were handed on: a line was worked before its own adjoint had arrived. Begin "
            "with line 4 and go up.",
        ),
        computes(
            early,
            "The adjoint of row 1 is right in the end, but line 1 handed it on before line 2 had "
            "added its share.",
        ),
        computes(
            lambda x1, x2: assigned(x1, x2, "exp"),
            "Each row has kept its last share alone. Rows 1 and 0 are used by two lines: add "
            "with +=.",
        ),
        computes(
            lambda x1, x2: assigned(x1, x2, "sum"),
            "Each row has kept its last share alone. Rows 1 and 0 are used by two lines: add "
            "with +=.",
        ),
        computes(
            replaced,
            "Row 0 has lost the share of line 4, which uses it as a factor. Add with +=.",
        ),
        computes(
            lambda x1, x2: adjoints(x1, x2, "sum"),
            "Row 1 has the share of line 3 only. Line 2 uses row 1, too.",
        ),
        computes(
            lambda x1, x2: adjoints(x1, x2, "exp"),
            "Row 1 has the share of line 2 only. Line 3 uses row 1, too.",
        ),
    ],
)

# -- mended_trace: y = ln x1 + x1·x2 − sin(x1·x2), edited carelessly ------------------------------


def edited(x1: float, x2: float, *, adds: bool = True, waits: bool = True) -> tuple[float, float]:
    """Return the gradient with both mistakes, with one of them, or with none."""
    at_1 = 1 - math.cos(x1 * x2) if waits else 1.0
    return at_1 * x2 + (1 / x1 if adds else 0.0), at_1 * x1


def places(rng: np.random.Generator) -> Iterator[tuple[float, float]]:
    """Draw places where the logarithm exists."""
    for x1, x2 in points(2)(rng):
        yield abs(x1), x2


def twice_the_same(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
    """Ask at one place, at another, and at the first one again."""
    (here, there, _) = places(rng)
    first = ask(*here)
    ask(*there)
    yield close(ask(*here), first) or "the same place gave something else the second time"


mended_trace = Task(
    "mended_trace",
    minutes=12,
    takes="x1, x2",
    gives=pair,
    builds=True,
    properties=[
        agrees("the second number is the slope along x2", edited, places, part=1),
        agrees("the first number is the slope along x1", edited, places, part=0),
        agrees("both are right where x2 is zero", edited, [(2.0, 0.0)]),
        holds(
            "a second call at the same place gives the same",
            twice_the_same,
            "The adjoints of the last call are still there. Each sweep starts with zeros of its "
            "own.",
        ),
    ],
    mistakes=[
        computes(
            lambda x1, x2: edited(x1, x2, adds=False, waits=False),
            "These are the locked program's numbers. For each statement ask two things: is "
            "everything there that it hands on, and does it add?",
        ),
        computes(
            lambda x1, x2: edited(x1, x2, waits=False),
            "Now the shares are added. But line 1 still hands on its adjoint before the share of "
            "line 2 has arrived.",
        ),
        computes(
            lambda x1, x2: edited(x1, x2, adds=False),
            "Now the order is right. But one share still wipes out another: who writes to row -1?",
        ),
        computes(
            lambda x1, x2: (1 / x1, 0.0),
            "Lines were worked before anything had arrived at them. Go from the last to the first.",
        ),
        computes(
            lambda x1, x2: (
                (1 + math.cos(x1 * x2)) * x2 + 1 / x1,
                (1 + math.cos(x1 * x2)) * x1,
            ),
            "A sign: the sine is subtracted in line 5.",
        ),
        computes(
            lambda x1, x2: (
                -math.cos(x1 * x2) * x2 + 1 / x1,
                -math.cos(x1 * x2) * x1,
            ),
            "Row 1 has only the share of line 2 now. Line 4 uses it, too.",
        ),
    ],
)

# -- trace_loop: the adjoints of a chain of sines -------------------------------------------------


def sines(x: float, n: int) -> list[float]:
    """Return x, sin x, sin sin x …"""
    values = [x]
    for _ in range(n):
        values.append(math.sin(values[-1]))
    return values


def from_the_end(x: float, n: int) -> Column:
    """Return the adjoint of each value: the product of the cosines that follow."""
    slopes = [math.cos(value) for value in sines(x, n)[:n]]
    return np.array([math.prod(slopes[k:]) for k in range(n + 1)])


def from_the_start(x: float, n: int) -> Column:
    """Return the tangent of each value instead."""
    slopes = [math.cos(value) for value in sines(x, n)[:n]]
    return np.array([math.prod(slopes[:k]) for k in range(n + 1)])


def one_off(x: float, n: int) -> Column:
    """Take each cosine at the value that comes out, not at the one that goes in."""
    slopes = [math.cos(value) for value in sines(x, n)[1:]]
    return np.array([math.prod(slopes[k:]) for k in range(n + 1)])


def chains(*lengths: int) -> Any:
    """Draw a start for each of these numbers of lines."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[float, int]]:
        for n in lengths:
            yield float(np.round(rng.uniform(0.5, 1.4), 2)), n

    return drawn


def first_is_the_slope(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Compare the first adjoint with a central difference of the whole chain."""
    for x, n in chains(4, 7)(rng):
        measured = (sines(x + 1e-5, n)[n] - sines(x - 1e-5, n)[n]) / 2e-5
        yield close(ask(x, n)[0], measured, 1e-7)


trace_loop = Task(
    "trace_loop",
    minutes=12,
    takes="x, n",
    gives=column(),
    builds=True,
    stretch=True,
    properties=[
        agrees("for one line it is right, and for several", from_the_end, chains(1, 2, 3, 6)),
        holds("the first number agrees with a measured slope", first_is_the_slope),
        agrees("without any line, y is x itself", from_the_end, [(0.8, 0)]),
    ],
    mistakes=[
        computes(
            lambda x, n: from_the_end(x, n)[::-1],
            "These numbers are right, but they stand in the order in which you found them: the "
            "adjoint of x comes first.",
        ),
        computes(
            from_the_start,
            "These are tangents: how fast each value moves with x. Adjoints begin with 1 at the "
            "last value.",
        ),
        computes(
            one_off,
            "The cosine belongs at the value that goes into the line, not at the one that comes "
            "out of it.",
        ),
        computes(
            lambda x, n: np.array([math.cos(v) for v in sines(x, n)[:n]] + [1.0]),
            "These are the local partials. Each has to be multiplied by the adjoint of the line.",
        ),
        computes(
            lambda x, n: math.cos(x) ** np.arange(n, -1, -1),
            "All cosines are taken at x. Each line has its own value: keep them on the way down.",
        ),
    ],
)

EXERCISE = Exercise(
    "04_evolution_traces",
    "Exercise 4 · Fill in the columns of a trace",
    [adjoint_column, quotient_tangent, trace_adjoints, mended_trace, trace_loop],
)
