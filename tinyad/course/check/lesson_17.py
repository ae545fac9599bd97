"""Checks of exercise 17: slopes at kinks, sets of slopes, one-sided numbers, a length, a switch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call
from tinyad.course.formulas import Formula
from tinyad.course.kinds import UnfitError, described, number, pair
from tinyad.course.properties import agrees, close, computes, holds, returns
from tinyad.course.task import Exercise, Mistake, Task

Pair = tuple[float, float]
Points = tuple[np.ndarray, np.ndarray]

# -- kink_slopes: what tinyad returns at 0, for six programs ------------------------------------

PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "a": lambda x: np.abs(x) + x,
    "b": lambda x: np.maximum(3 * x, x),
    "c": lambda x: np.where(x >= 0, 5 * x, -x),
    "d": lambda x: np.maximum(x, 0) ** 2,
    "e": lambda x: np.maximum(np.maximum(4 * x, 0), 0),
    "f": lambda x: np.where(x > 0, np.sqrt(x), 0.0),
}
LOOK = "Have another look at "


def six_numbers(value: Any) -> tuple[float, ...]:
    """Accept six real numbers in a list, a tuple or an array; NaN is one of them here."""
    if not isinstance(value, (list, tuple, np.ndarray)) or len(value) != len(PROGRAMS):
        raise UnfitError(f"A list of six numbers is needed; {described(value)} came back.")
    return tuple(number(v) for v in value)


def true_slopes() -> tuple[float, ...]:
    """Run tinyad, whose conventions are asked for."""
    import tinyad as ad

    return tuple(float(ad.grad(f)(0.0)) for f in PROGRAMS.values())


def all_six(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """Compare with the six slopes; NaN equals NaN."""
    got, wanted = np.array(ask()), np.array(true_slopes())
    right = np.isclose(got, wanted, rtol=1e-9, atol=1e-9, equal_nan=True)
    yield True if right.all() else f"{right.sum()} of 6 are right"


def wrong_at(letter: str, *values: float) -> Callable[[Any], bool]:
    """Recognize an answer that is wrong at this letter: one of these values, or any other."""
    place = "abcdef".index(letter)

    def test(got: Any) -> bool:
        if values:
            return any(np.isclose(got[place], v, equal_nan=True) for v in values)
        wanted = true_slopes()[place]
        return not np.isclose(got[place], wanted, rtol=1e-9, atol=1e-9, equal_nan=True)

    return test


kink_slopes = Task(
    "kink_slopes",
    minutes=8,
    takes="",
    gives=six_numbers,
    properties=[holds("these are the slopes that tinyad returns at 0", all_six)],
    mistakes=[
        returns(
            wrong_at("c", 2.0),
            LOOK + "c. A middle is what `maximum` takes where it meets a tie. Does `where` know "
            "that there is a kink?",
        ),
        returns(wrong_at("c", -1.0), LOOK + "c. Does the condition hold at 0?"),
        returns(
            wrong_at("f", 0.0),
            LOOK + "f. Which number does the sweep carry into the branch that was not taken, and "
            "by what does the root multiply it?",
        ),
        returns(
            wrong_at("f", math.inf),
            LOOK + "f. The root has an infinite slope there, but its branch is not the one taken. "
            "What comes out of the product?",
        ),
        returns(
            wrong_at("e", 2.0),
            LOOK + "e. There are two ties, one after the other, and slopes in a row multiply.",
        ),
        returns(wrong_at("d"), LOOK + "d. The chain rule multiplies by 2u, and what is u at 0?"),
        returns(
            wrong_at("b"),
            LOOK + "b. Both arguments are 0 there, so each has a share. Which slope does each "
            "bring with it?",
        ),
        returns(wrong_at("a"), LOOK + "a. The slope of a sum is the sum of the slopes."),
        returns(wrong_at("c"), LOOK + "c. Which branch does the condition pick at 0?"),
        returns(wrong_at("e"), LOOK + "e. Go from the inside to the outside, one tie at a time."),
        returns(wrong_at("f"), LOOK + "f. Is the slope finite on the way into the root?"),
    ],
)

# -- slope_set: the generalized derivative, measured --------------------------------------------


def relu(x: Any) -> Any:
    """The larger of x and 0."""
    return np.maximum(x, 0.0)


# Each with the one-sided slopes, left and right, at a point: by the rules, on either side.
KINKED: tuple[tuple[Formula, float, Pair], ...] = (
    (Formula("abs(x)", np.abs), 0.0, (-1.0, 1.0)),
    (Formula("max(x, -2 * x)", lambda x: np.maximum(x, -2 * x)), 0.0, (-2.0, 1.0)),
    (Formula("3 * abs(x - 1) + x**2", lambda x: 3 * np.abs(x - 1) + x**2), 1.0, (-1.0, 5.0)),
)
FALLING: tuple[tuple[Formula, float, Pair], ...] = (
    (Formula("min(x, 2 * x)", lambda x: np.minimum(x, 2 * x)), 0.0, (2.0, 1.0)),
    (Formula("-abs(x - 2)", lambda x: -np.abs(x - 2)), 2.0, (1.0, -1.0)),
    (Formula("exp(-abs(x))", lambda x: np.exp(-np.abs(x))), 0.0, (1.0, -1.0)),
)
SMOOTH: tuple[tuple[Formula, float, Pair], ...] = (
    (Formula("sin(x)", np.sin), 1.0, (math.cos(1.0), math.cos(1.0))),
    (Formula("abs(x) * x", lambda x: np.abs(x) * x), 0.0, (0.0, 0.0)),
    (Formula("relu(-x) + x - relu(x)", lambda x: relu(-x) + x - relu(x)), 0.0, (0.0, 0.0)),
    (Formula("abs(x)", np.abs), -2.0, (-1.0, -1.0)),
)
SIDES = {(f.text, x): sides for f, x, sides in (*KINKED, *FALLING, *SMOOTH)}


def set_of(f: Formula, x: float) -> Pair:
    """Return the ends of the set, the smaller first."""
    low, high = sorted(SIDES[f.text, x])
    return low, high


def cases(listed: Sequence[tuple[Formula, float, Pair]]) -> list[tuple[Formula, float]]:
    """Keep what the learner's function is called with."""
    return [(f, x) for f, x, _ in listed]


def same_for_both(calls: Sequence[Call]) -> bool:
    """Did one slope come back twice, where there are two?"""
    return all(c.value[0] == c.value[1] for c in calls) and len(
        [c for c in calls if SIDES[c.args[0].text, c.args[1]][0] != c.value[0]]
    ) == len(calls)


slope_set = Task(
    "slope_set",
    minutes=10,
    takes="f, x",
    gives=pair,
    properties=[
        agrees("it is the set of a kink that points down", set_of, cases(KINKED), tolerance=1e-4),
        agrees(
            "it is the set of a kink that points up",
            set_of,
            cases(FALLING),
            tolerance=1e-4,
            diagnosis="Here the slope from the left is the greater one. Which end comes first?",
        ),
        agrees(
            "where f is smooth, both ends are the derivative",
            set_of,
            cases(SMOOTH),
            tolerance=1e-4,
        ),
    ],
    mistakes=[
        computes(
            lambda f, x: SIDES[f.text, x],
            "These are the slopes from the left and from the right, in this order. The smaller "
            "end comes first.",
            1e-4,
        ),
        computes(
            lambda f, x: (-SIDES[f.text, x][0], SIDES[f.text, x][1]),
            "The slope from the left has the wrong sign: a step to the left is a negative step.",
            1e-4,
        ),
        computes(
            lambda f, x: tuple(sorted((-SIDES[f.text, x][0], SIDES[f.text, x][1]))),
            "The slope from the left has the wrong sign: a step to the left is a negative step.",
            1e-4,
        ),
        Mistake(
            same_for_both,
            "One number came back twice. A central difference, or AD, gives a single slope; the "
            "set has two ends.",
        ),
        returns(
            lambda got: not np.all(np.isfinite(got)) or abs(got[0]) > 1e3 or got == (0.0, 0.0),
            "Is your step so small that x + step is x, or that round-off is all that is left?",
        ),
    ],
)

# -- sided_maximum: a number that carries its slope in one direction ----------------------------


def sided(a: Pair, b: Pair) -> Pair:
    """Return value and one-sided slope of the maximum."""
    if a[0] != b[0]:
        return a if a[0] > b[0] else b
    return a[0], max(a[1], b[1])


def untied(rng: np.random.Generator) -> Iterator[tuple[Pair, Pair]]:
    """Draw pairs with different values; the greater slope is not always with the greater value."""
    for lead in (1.0, -1.0, 1.0, -1.0):
        low, gap, s, t = np.round(rng.uniform(0.5, 2.5, 4), 2)
        small, large = (-low, s * lead), (gap - low, -t * lead)
        yield (small, large) if s > t else (large, small)


def tied(rng: np.random.Generator) -> Iterator[tuple[Pair, Pair]]:
    """Draw pairs with the same value."""
    for _ in range(4):
        value, s, t = np.round(rng.uniform(-2.5, 2.5, 3), 2)
        yield (value, s), (value, t)


def through(ask: Ask, direction: float) -> float:
    """Follow relu(−t) + t − relu(t) from 0 in this direction; return its slope there."""
    zero = (0.0, 0.0)
    first = ask((0.0, -direction), zero)
    last = ask((0.0, direction), zero)
    return float(first[1]) + direction - float(last[1])


def zero_function(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """The slopes of the zero function are 0 in both directions."""
    for name, direction in (("to the right", 1.0), ("to the left", -1.0)):
        slope = through(ask, direction)
        yield slope == 0 or f"{name} the program gets the slope {slope:g}"


sided_maximum = Task(
    "sided_maximum",
    minutes=10,
    takes="a, b",
    gives=pair,
    properties=[
        agrees("where the values differ, the greater one brings its slope", sided, untied),
        agrees(
            "at a tie the slope is the one that will be on top a step later",
            sided,
            [
                ((0.0, 1.0), (0.0, 0.0)),
                ((0.0, -1.0), (0.0, 0.0)),
                ((2.0, -3.0), (2.0, -1.0)),
                ((1.0, 0.5), (1.0, 2.0)),
            ],
        ),
        agrees("it is so for other ties", sided, tied),
        holds("relu(−t) + t − relu(t) has slope 0 in both directions", zero_function),
    ],
    mistakes=[
        computes(
            lambda a, b: sided(a, b) if a[0] != b[0] else (a[0], (a[1] + b[1]) / 2),
            "An even share is tinyad's convention. But a step in this direction decides the tie: "
            "who is ahead after it?",
        ),
        computes(
            lambda a, b: a if a[0] >= b[0] else b,
            "At a tie the first argument always wins. Who is ahead a small step later?",
        ),
        computes(
            lambda a, b: b if b[0] >= a[0] else a,
            "At a tie the second argument always wins. Who is ahead a small step later?",
        ),
        computes(
            lambda a, b: sided(a, b) if a[0] != b[0] else (a[0], min(a[1], b[1])),
            "This is the smaller slope: the one that falls behind.",
        ),
        computes(
            lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
            "The greater slope need not belong to the greater value. Only a tie asks the slopes.",
        ),
        computes(
            lambda a, b: max(a, b) if a[0] != b[0] else max(a, b, key=lambda p: abs(p[1])),
            "The size of a slope does not say who is ahead; its sign counts.",
        ),
    ],
)

# -- unbroken_length: a double where that comes too late, twice ----------------------------------


def measured(value: Any) -> tuple[float, np.ndarray, np.ndarray]:
    """Accept a length and its gradients in x and y."""
    length, gx, gy = value
    return number(length), np.asarray(gx, float), np.asarray(gy, float)


def true_length(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Add the segments one by one; one of length 0 has the gradient 0."""
    total, gx, gy = 0.0, np.zeros(len(x)), np.zeros(len(x))
    for i in range(len(x) - 1):
        dx, dy = float(x[i + 1] - x[i]), float(y[i + 1] - y[i])
        size = math.hypot(dx, dy)
        total += size
        if size:
            for g, d in ((gx, dx), (gy, dy)):
                g[i + 1] += d / size
                g[i] -= d / size
    return total, gx, gy


def path(*points: Pair) -> Points:
    """Make the two arrays of a path."""
    x, y = np.array(points, dtype=float).T
    return x, y


def drawn_path(rng: np.random.Generator, rests: Sequence[int], scale: float = 1.0) -> Points:
    """Draw a path that stays where it is before each of these points."""
    x, y = (np.round(rng.uniform(-2, 2, 6), 2) * scale for _ in range(2))
    for i in rests:
        x[i], y[i] = x[i - 1], y[i - 1]
    return x, y


def lengths(
    paths: Callable[[np.random.Generator], Sequence[Points]],
) -> Callable[[Ask, np.random.Generator], Iterator[bool | str]]:
    """Compare the length, and the gradient by ad.grad, with the truth."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        for x, y in paths(rng):
            yield judged(length_of(ask, x, y), true_length(x, y))

    return test


def length_of(ask: Ask, x: np.ndarray, y: np.ndarray) -> Any:
    """Ask for the length, and take the gradient of the learner's program by tinyad."""
    import tinyad as ad

    def action(mended: Callable[..., Any]) -> Any:
        return (mended(x.copy(), y.copy()), *ad.grad(mended, argnums=(0, 1))(x.copy(), y.copy()))

    given = f"x = {np.array2string(x, precision=4)}, y = {np.array2string(y, precision=4)}"
    return ask.use(action, f"{given}; length, and gradient by ad.grad", args=(x, y))


def judged(got: Any, wanted: Any) -> bool | str:
    """Say which of length and gradient is wrong."""
    size = max(wanted[0], 1e-300)
    right = abs(got[0] - wanted[0]) <= 1e-9 * size
    slopes = np.concatenate(got[1:])
    if not right:
        return "the length is another one"
    if np.isnan(slopes).any():
        return f"the length is right, {np.isnan(slopes).sum()} slopes are NaN"
    return close(slopes, np.concatenate(wanted[1:]), 1e-7) or "the length is right, a slope is not"


def resting(calls: Sequence[Call]) -> bool:
    """Does the last path rest somewhere?"""
    x, y = calls[-1].args
    return bool(np.any((np.diff(x) == 0) & (np.diff(y) == 0)))


def off_by(calls: Sequence[Call], factor: float) -> bool:
    """Is the last length too great by this much for each rest?"""
    x, y = calls[-1].args
    rests = np.sum((np.diff(x) == 0) & (np.diff(y) == 0))
    return bool(rests and close(calls[-1].value[0], true_length(x, y)[0] + factor * rests))


unbroken_length = Task(
    "unbroken_length",
    minutes=15,
    takes="x, y",
    gives=measured,
    properties=[
        holds(
            "length and gradient are right for a path that never rests",
            lengths(lambda rng: [path((0, 0), (3, 4), (3, 16)), drawn_path(rng, [])]),
        ),
        holds(
            "length and gradient are right for a path that rests",
            lengths(
                lambda rng: [
                    path((0, 0), (3, 4), (3, 4), (3, 16)),
                    drawn_path(rng, [1, 4]),
                    drawn_path(rng, [2, 3, 4]),
                ]
            ),
        ),
        holds(
            "a path that does nothing but rest has length 0 and gradient 0",
            lengths(lambda rng: [path((1, 2), (1, 2), (1, 2)), path((0, 0), (0, 0))]),
        ),
        holds(
            "it is the same function for very short steps, too",
            lengths(
                lambda rng: [
                    drawn_path(rng, [], 1e-5),
                    drawn_path(rng, [3], 1e-9),
                    drawn_path(rng, [2], 1e-60),
                ]
            ),
            "A short step is not a rest. Only 0 needs protection, and nothing may be added.",
        ),
    ],
    mistakes=[
        Mistake(
            lambda calls: resting(calls) and bool(np.isnan(calls[-1].value[1]).any()),
            "The root still meets a number at which its slope is infinite, and the sweep carries "
            "0 into it. A `where` behind the root comes too late.",
        ),
        Mistake(
            lambda calls: off_by(calls, 1.0),
            "The harmless number has found its way into the length: each rest counts as 1.",
        ),
        Mistake(
            lambda calls: (
                resting(calls)
                and float(np.ptp(calls[-1].args[0])) > 0.1
                and not np.any(np.concatenate(calls[-1].value[1:]))
            ),
            "All slopes are 0. The other steps of the path still move its length.",
        ),
        Mistake(
            lambda calls: any(0 < c.value[0] - true_length(*c.args)[0] < 1e-2 for c in calls),
            "Something small was added. That is another function, with another length.",
        ),
    ],
)

# -- soft_relu: a soft switch that keeps its promise --------------------------------------------


def soft_at(ask: Ask, x: float, error: float) -> Any:
    """Ask for the value, and take the slope of the learner's program by tinyad."""
    import tinyad as ad

    def action(soft: Callable[..., Any]) -> tuple[Any, Any]:
        return soft(x, error), ad.derivative(lambda t: soft(t, error))(x)

    given = f"x = {x:.6g}, error = {error:g}; value, and slope by ad.derivative"
    return ask.use(action, given, args=(x, error))


def promise(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
    """Nowhere farther from relu than promised."""
    for error in (0.1, 0.5, 1e-3):
        for x in (0.0, *(error * rng.uniform(-3, 3, 3)), 2.0, -2.0):
            off = abs(soft_at(ask, float(x), error)[0] - max(float(x), 0.0))
            yield off <= error * (1 + 1e-9) or f"it is off by {off:.3g}, promised were {error:g}"


def no_corner(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """The slope turns from 0 to 1 by small steps, and is a half in the middle."""
    for error in (0.1, 1e-3):
        slopes = [soft_at(ask, x * error, error)[1] for x in np.linspace(-20, 20, 161).tolist()]
        steps = np.diff(slopes)
        yield abs(slopes[80] - 0.5) < 1e-9 or "the slope at 0 is not a half"
        yield bool(np.all(steps >= -1e-12)) or "the slope falls somewhere"
        yield bool(np.all(steps < 0.2)) or "the slope jumps"
        yield (slopes[0] < 1e-3 and slopes[-1] > 1 - 1e-3) or "far out it is not relu's slope"


def far_out(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """No overflow for large numbers and small errors."""
    for x, error in ((1000.0, 0.1), (-1000.0, 0.1), (1.0, 1e-4), (-1.0, 1e-4)):
        value, slope = soft_at(ask, x, error)
        right = close(value, max(x, 0.0), 1e-9) and close(slope, float(x > 0), 1e-9)
        yield right or f"value {value:.4g}, slope {slope:.4g}"


soft_relu = Task(
    "soft_relu",
    minutes=12,
    takes="x, error",
    gives=pair,
    stretch=True,
    properties=[
        holds(
            "it is nowhere farther from relu than promised",
            promise,
            "The promise is broken. By how much is your function off at 0, and how does that "
            "depend on its steepness k?",
        ),
        holds("it has no kink, and the slope ½ at 0", no_corner),
        holds(
            "it is relu far out, without an overflow",
            far_out,
            "The exponential of a large number is infinite. NumPy has a function for ln(eᵃ + eᵇ).",
        ),
    ],
    mistakes=[
        Mistake(
            lambda calls: all(c.value[0] == max(c.args[0], 0.0) for c in calls),
            "This is relu itself, with its kink.",
        ),
        Mistake(
            lambda calls: not all(np.all(np.isfinite(c.value)) for c in calls),
            "The exponential of a large number is infinite. NumPy has a function for ln(eᵃ + eᵇ).",
        ),
    ],
)

EXERCISE = Exercise(
    name="17_kinks",
    title="Exercise 17 · Slopes at kinks, and a length without NaN",
    tasks=[kink_slopes, slope_set, sided_maximum, unbroken_length, soft_relu],
)
