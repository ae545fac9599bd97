"""Checks of exercise 20: five pitfalls to be named and mended, two of them from the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call
from tinyad.course.formulas import Formula
from tinyad.course.kinds import UnfitError, described, number
from tinyad.course.properties import agrees, close, holds, returns
from tinyad.course.task import Exercise, Mistake, Task

# -- pitfall_kinds: what is wrong with the programs A to E? ---------------------------------------

KINDS = (
    "cut",
    "equality",
    "early stop",
    "branch not taken",
    "two places",
    "overflow",
    "chaos",
    "rounding",
)


def five_kinds(value: Any) -> tuple[str, ...]:
    """Accept a list of five of the words."""
    if not isinstance(value, (list, tuple)) or len(value) != 5:
        raise UnfitError(f"A list of five words is needed; {described(value)} came back.")
    for word in value:
        if not isinstance(word, str) or word not in KINDS:
            raise UnfitError(f"Take words that the task lists; {described(word)} is none.")
    return tuple(value)


def true_kinds() -> tuple[str, ...]:
    """The kinds of A to E, each of which has its own mended program below."""
    return ("cut", "equality", "early stop", "branch not taken", "two places")


def misses(place: int) -> Callable[[tuple[str, ...]], bool]:
    """Test whether the word at this place is not the right one."""
    return lambda got: got[place] != true_kinds()[place]


pitfall_kinds = Task(
    "pitfall_kinds",
    minutes=10,
    takes="",
    gives=five_kinds,
    properties=[agrees("each program has its kind", true_kinds, [()])],
    mistakes=[
        returns(
            lambda got: got[3] == "equality",
            "One program branches by an inequality, and its value is right on both sides. What "
            "does NumPy compute before it chooses?",
        ),
        returns(
            lambda got: got[1] == "branch not taken",
            "In one program you suspect a branch that is not taken. An `if` of Python does not "
            "run that branch at all. What does the branch that is taken have to do with the input?",
        ),
        returns(
            misses(2),
            "One program has a loop. How often does it run at the input that is printed?",
        ),
        returns(
            misses(0),
            "In one program a value is a constant for the record, although it depends on the "
            "input. Follow every route from the input to the result.",
        ),
        returns(
            misses(4),
            "In one program nothing is missing from the record, no loop runs and no digit is "
            "lost. How often does the number that moves stand in the matrix?",
        ),
        returns(
            misses(3),
            "The NaN is in the slope alone. Which operation made it, and did the value need that "
            "operation?",
        ),
        returns(misses(1), "One program knows a special input. What does it do there?"),
    ],
)

# -- mended_sums: A, a share, and B, an order -----------------------------------------------------

PRICES = np.array([3.0, 5.0, 2.0])


def value_and_gradient(value: Any) -> np.ndarray:
    """Accept a number and an array of slopes; return all of them in one array."""
    result, slopes = value
    return np.array([number(result), *(number(slope) for slope in slopes)])


def true_sums(program: str, v: np.ndarray) -> np.ndarray:
    """Value and gradient by the rules of school."""
    if program == "B":
        return np.array([math.fsum(v * PRICES), *PRICES])
    whole = math.fsum(v)
    slopes = -v[0] / whole**2 * np.ones(len(v))
    slopes[0] += 1 / whole
    return np.array([v[0] / whole, *slopes])


def sums(program: str, *listed: Sequence[float]) -> Callable[..., Iterator[bool | str]]:
    """Compare value and gradient at these inputs, and at one that is drawn with zeros likewise."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        import tinyad as ad

        drawn = [np.round(rng.uniform(1, 9, len(row)), 1) * (np.array(row) != 0) for row in listed]
        for v in [*(np.array(row) for row in listed), *drawn]:

            def action(mended: Callable[..., Any], v: np.ndarray = v) -> Any:
                return ad.value_and_grad(lambda v: mended(program, v))(v)

            given = f'program = "{program}", v = {v.tolist()}; value and gradient'
            got, wanted = ask.use(action, given, args=(program, v)), true_sums(program, v)
            yield "the value is another one" if not close(got[0], wanted[0]) else close(got, wanted)

    return test


def slopes_are(wrong: Callable[[str, np.ndarray], Any], says: str) -> Mistake:
    """Recognize a wrong gradient in the last call; its value is right."""

    def matches(calls: Sequence[Call]) -> bool:
        last = calls[-1]
        right = close(last.value[0], true_sums(*last.args)[0])
        return right and close(last.value[1:], wrong(*last.args))

    return Mistake(matches, says)


def cut_whole(program: str, v: np.ndarray) -> np.ndarray:
    """The gradient of program A, in which the whole is a constant."""
    slopes = np.zeros(len(v))
    slopes[0] = 1 / np.sum(v) if program == "A" else 0.0
    return slopes


mended_sums = Task(
    "mended_sums",
    minutes=10,
    takes="program, v",
    gives=value_and_gradient,
    properties=[
        holds("the share of A moves with every part", sums("A", [2.0, 3.0, 5.0], [1.0, 7.0])),
        holds("the order of B is right where everything is ordered", sums("B", [4.0, 2.0, 1.0])),
        holds(
            "it is right where something is not ordered",
            sums("B", [4.0, 0.0, 1.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]),
        ),
    ],
    mistakes=[
        slopes_are(cut_whole, "Here the whole is still a constant for the record."),
        slopes_are(
            lambda program, v: true_sums(program, v)[1:] - cut_whole(program, v),
            "Now the other route is cut: the first part stands above the fraction line, too.",
        ),
        slopes_are(
            lambda program, v: np.where(v == 0, 0.0, PRICES),
            "Where nothing is ordered the slope is 0. But the first piece would cost its price.",
        ),
        Mistake(
            lambda calls: not close(calls[-1].value[0], true_sums(*calls[-1].args)[0]),
            "The value has changed. A mended program computes the same function as before.",
        ),
    ],
)

# -- mended_anomaly: C, a loop that stops by its value --------------------------------------------


def true_anomaly(e: float) -> tuple[float, float]:
    """Solve x = 1 + e sin x by bisection, and take the slope from the equation."""
    low, high = 0.0, 3.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if middle < 1 + e * math.sin(middle) else (low, middle)
    return low, math.sin(low) / (1 - e * math.cos(low))


def value_and_slope(value: Any) -> np.ndarray:
    """Accept two numbers."""
    result, slope = value
    return np.array([number(result), number(slope)])


def by_ad(ask: Ask, x: float, name: str) -> np.ndarray:
    """Ask for the value, and take the slope of the learner's program from the tape."""
    import tinyad as ad

    given = f"{name} = {x:.6g}; value, and slope by ad.grad"
    found: np.ndarray = ask.use(lambda mended: ad.value_and_grad(mended)(x), given, args=(x,))
    return found


def anomalies(
    *points: float, drawn: int = 0, part: int = 0
) -> Callable[[Ask, np.random.Generator], Iterator[bool | str]]:
    """Compare the value (part 0) or the slope (part 1), at these e and at e that are drawn."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        for e in (*points, *(float(e) for e in np.round(rng.uniform(0.05, 0.9, drawn), 3))):
            got, wanted = by_ad(ask, e, "e")[part], true_anomaly(e)[part]
            yield bool(abs(got - wanted) <= (1e-5, 1e-9)[part]) or f"off by {abs(got - wanted):.1e}"

    return test


def slope_is(wrong: Callable[[float, float], float], says: str) -> Mistake:
    """Recognize a slope of the anomaly, as a function of e and x, in every call."""

    def matches(calls: Sequence[Call]) -> bool:
        return all(
            close(call.value[1], wrong(call.args[0], true_anomaly(call.args[0])[0]), 1e-7)
            for call in calls
        )

    return Mistake(matches, says)


mended_anomaly = Task(
    "mended_anomaly",
    minutes=15,
    takes="e",
    gives=value_and_slope,
    properties=[
        holds("the value still solves the equation", anomalies(0.5, 0.2, 0.8, drawn=2)),
        holds("the slope is right at 0.5, where C has none", anomalies(0.5, part=1)),
        holds("it is right elsewhere, to nine digits", anomalies(0.1, 0.8, drawn=4, part=1)),
    ],
    mistakes=[
        Mistake(
            lambda calls: any(call.args[0] == 0.5 and call.value[1] == 0 for call in calls),
            "The slope is still 0 there: the loop has stopped before it began, or its steps are "
            "not on the record.",
        ),
        slope_is(
            lambda e, x: math.sin(x),
            "This is how the right-hand side moves with e while x is held still. But x moves, too.",
        ),
        slope_is(
            lambda e, x: math.sin(x) / (1 + e * math.cos(x)),
            "A sign: bring both terms with the slope of x to the same side once more.",
        ),
        slope_is(
            lambda e, x: x * math.cos(x) / (1 - e * math.cos(x)),
            "The sine multiplies e; e does not stand inside it. Differentiate e·sin(x) once more.",
        ),
        Mistake(
            lambda calls: 1e-9 < abs(calls[-1].value[1] - true_anomaly(calls[-1].args[0])[1]) < 0.3,
            "The slope is near the truth, but it is behind: the loop stops when the value has "
            "settled, and nobody asks whether the slope has.",
        ),
    ],
)

# -- mended_premium: D, the branch not taken ------------------------------------------------------


def true_premium(x: float) -> tuple[float, float]:
    """Value and slope of ln(x)² above 1, of 0 below."""
    return (math.log(x) ** 2, 2 * math.log(x) / x) if x > 1 else (0.0, 0.0)


def premiums(
    *points: float, low: float = 1.1, high: float = 40.0
) -> Callable[[Ask, np.random.Generator], Iterator[bool | str]]:
    """Compare value and slope at these points, and at two that are drawn."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        for x in (*points, *(float(x) for x in np.round(rng.uniform(low, high, 2), 2))):
            got, wanted = by_ad(ask, x, "x"), true_premium(x)
            yield "the value is another one" if not close(got[0], wanted[0]) else close(got, wanted)

    return test


def somewhere(test: Callable[[float, float, float], bool], says: str) -> Mistake:
    """Recognize a mistake by x, value and slope of some call."""
    return Mistake(lambda calls: any(test(c.args[0], *c.value) for c in calls), says)


mended_premium = Task(
    "mended_premium",
    minutes=12,
    takes="x",
    gives=value_and_slope,
    properties=[
        holds("above 1 it is the function it was", premiums(math.e, 7.0)),
        holds("between 0 and 1 nothing moves", premiums(0.5, 1.0, low=0.05, high=0.95)),
        holds("at 0 and below, value and slope are 0", premiums(0.0, -1.0, low=-9.0, high=-0.1)),
    ],
    mistakes=[
        somewhere(
            lambda x, value, slope: value == 0 and math.isnan(slope),
            "The value is right, and the slope is NaN: the logarithm has been taken of this x, "
            "although its result was thrown away.",
        ),
        somewhere(
            lambda x, value, slope: math.isnan(value),
            "Now even the value is NaN: multiplying by 0 does not throw a NaN away.",
        ),
        somewhere(
            lambda x, value, slope: x <= 1 and value != 0,
            "Below 1 the premium is 0. The NaN has gone, and another function has come.",
        ),
        somewhere(
            lambda x, value, slope: x > 1 and slope == 0 != value,
            "Above 1 the slope is gone: a value has left the record.",
        ),
        somewhere(
            lambda x, value, slope: x > 1 and not close(value, true_premium(x)[0]),
            "Above 1 the values have changed. A cure touches only what is ill.",
        ),
    ],
)

# -- pair_slope: E, one number in two places ------------------------------------------------------


def of_weights(weights: Sequence[Sequence[float]]) -> Formula:
    """The sum of all entries, each with a weight."""
    W = np.array(weights)
    return Formula(f"sum({W.tolist()} * A)", lambda A: np.sum(W * A), lambda A: W)


DETERMINANT = Formula("det(A)", np.linalg.det, lambda A: np.linalg.det(A) * np.linalg.inv(A).T)
LOPSIDED = of_weights([[4.0, 1.0, -3.0], [6.0, 5.0, 2.0], [7.0, -1.0, 9.0]])


def true_pair(f: Formula, A: np.ndarray, i: int, j: int) -> float:
    """Add the slopes of the entries that move."""
    slopes = f.derivative(A)
    return float(slopes[i, j] + slopes[j, i]) if i != j else float(slopes[i, i])


def pairs(*places: tuple[int, int]) -> Callable[[np.random.Generator], Iterator[tuple[Any, ...]]]:
    """Draw symmetric matrices, for the determinant and for a function that is not symmetric."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
        for i, j in places:
            for f in (DETERMINANT, LOPSIDED):
                half = np.round(rng.uniform(-1, 1, (3, 3)), 1)
                yield f, half + half.T + 6 * np.eye(3), i, j

    return drawn


def pair_is(wrong: Callable[[np.ndarray, int, int], float], says: str) -> Mistake:
    """Recognize what was made of the full gradient, in every call."""

    def matches(calls: Sequence[Call]) -> bool:
        return all(
            close(call.value, wrong(call.args[0].derivative(call.args[1]), *call.args[2:]))
            for call in calls
        )

    return Mistake(matches, says)


pair_slope = Task(
    "pair_slope",
    minutes=10,
    takes="f, A, i, j",
    gives=number,
    stretch=True,
    properties=[
        agrees(
            "it is right for a matrix of two rows",
            true_pair,
            [
                (DETERMINANT, np.array([[2.0, 1.0], [1.0, 3.0]]), 0, 1),
                (of_weights([[4.0, 1.0], [6.0, 5.0]]), np.array([[2.0, 1.0], [1.0, 3.0]]), 0, 1),
            ],
        ),
        agrees("it is right beside the diagonal", true_pair, pairs((0, 1), (2, 0), (1, 2))),
        agrees("it is right on the diagonal", true_pair, pairs((0, 0), (2, 2))),
    ],
    mistakes=[
        pair_is(
            lambda slopes, i, j: slopes[i, j],
            "One of the two places is left out: the same number stands in both, and both move.",
        ),
        pair_is(
            lambda slopes, i, j: 2 * slopes[i, j],
            "Twice one slope is right only if f treats both places alike, and if there are two.",
        ),
        pair_is(
            lambda slopes, i, j: slopes[i, j] + slopes[j, i],
            "On the diagonal the number stands in one place only.",
        ),
        pair_is(
            lambda slopes, i, j: (slopes[i, j] + slopes[j, i]) / 2,
            "This is the mean of two slopes. Where a number acts by two routes, they are added.",
        ),
    ],
)

EXERCISE = Exercise(
    "20_pitfalls_in_practice",
    "Exercise 20 · A hunt through five programs",
    [pitfall_kinds, mended_sums, mended_anomaly, mended_premium, pair_slope],
)
