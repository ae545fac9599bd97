"""Checks of exercise 14: regions, their borders in other formats, a guard, a test that sees."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call
from tinyad.course.kinds import UnfitError, described, number, pair, truth, vector
from tinyad.course.properties import agrees, computes, holds, returns, unchanged
from tinyad.course.task import Exercise, Mistake, Task

# -- gamma_regions: red, yellow or green --------------------------------------------------------

COLORS = ("red", "yellow", "green")
TINY, ABOVE, BELOW, MIDDLE, FAR_ABOVE, FAR_BELOW = range(6)
GAMMAS = (-1e-17, 1.5e-16, -1.5e-16, 1e-10, 1.8e-8, -1.8e-8)


def region_words(value: Any) -> tuple[str, ...]:
    """Accept a list of six colors."""
    if not isinstance(value, (list, tuple)) or len(value) != len(GAMMAS):
        raise UnfitError(
            f"A list of {len(GAMMAS)} words is needed, one for each γ; {described(value)} came "
            "back."
        )
    if not all(isinstance(word, str) and word in COLORS for word in value):
        raise UnfitError(f"Each word is one of {COLORS}; {described(value)} came back.")
    return tuple(value)


def true_regions() -> tuple[str, ...]:
    """Run 2 + γ and its square, and see what is left."""
    return tuple(region_in(np.float64, gamma) for gamma in GAMMAS)


def region_in(kind: type[np.floating[Any]], gamma: float) -> str:
    """Return the region of γ in a format of NumPy."""
    x = kind(2) + kind(gamma)
    g = x - kind(2)
    if g == 0:
        return "red"
    return "yellow" if x * x == kind(4) + kind(4) * g else "green"


gamma_regions = Task(
    "gamma_regions",
    minutes=8,
    takes="",
    gives=region_words,
    properties=[agrees("each γ has its region", true_regions, [()])],
    mistakes=[
        returns(
            lambda c: c[TINY] != "red",
            "The first γ is not where it belongs. Compare it with half a gap around 2.",
        ),
        returns(
            lambda c: c[MIDDLE] != "yellow",
            "The fourth γ is not where it belongs. Is it there in 2 + γ? And is its square there, "
            "beside numbers near 4?",
        ),
        returns(
            lambda c: c[ABOVE] == c[BELOW],
            "The second and the third γ differ in their sign, and you gave them the same region. "
            "Are the gaps above and below 2 equally wide?",
        ),
        returns(
            lambda c: c[FAR_ABOVE] == c[FAR_BELOW],
            "The last two γ differ in their sign, and you gave them the same region. x² is above 4 "
            "for one of them and below 4 for the other: are the gaps there equally wide?",
        ),
        returns(
            lambda c: c[BELOW] == "red" or c[FAR_BELOW] == "yellow",
            "Two sides are mixed up. Below a power of two the gaps are narrower, so less is "
            "absorbed there.",
        ),
    ],
)

# -- yellow_edges: where yellow ends in other formats -------------------------------------------

FORMATS: dict[int, type[np.floating[Any]]] = {11: np.float16, 24: np.float32, 53: np.float64}


def edges(p: int) -> tuple[float, float]:
    """Return the sizes of g, below and above 2, at which g² is half a gap of x²."""
    return 2.0 ** ((1 - p) / 2), 2.0 ** ((2 - p) / 2)


def as_measured(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """Try the last g up to the edge, and the first one beyond it, in NumPy's own format."""
    for p, kind in FORMATS.items():
        found = ask(p)
        for side, name, edge in ((-1, "below", found[0]), (1, "above", found[1])):
            if not 0 < edge < 1:
                yield f"the edge {name} 2 is not a number between 0 and 1"
                return
            gap = float(np.spacing(kind(2))) / (1 if side > 0 else 2)
            last = math.floor(edge / gap * (1 + 1e-12)) * gap
            inside, outside = (region_in(kind, side * g) for g in (last, last + gap))
            where = f"your edge {name} 2 in {kind.__name__}"
            if inside != "yellow":
                yield f"the last g up to {where} is {inside}"
            else:
                yield True if outside == "green" else f"the first g beyond {where} is {outside}"


def as_derived(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Compare with the formula for formats that NumPy lacks."""
    for p in (8, 113, int(rng.integers(30, 50))):
        found = ask(p)
        yield all(abs(a / b - 1) < 1e-9 for a, b in zip(found, edges(p), strict=True))


def related(wrong: Callable[[int], tuple[float, float]], says: str) -> Mistake:
    """Recognize wrong edges of any size."""

    def matches(calls: Sequence[Call]) -> bool:
        return all(np.allclose(call.value, wrong(*call.args), rtol=1e-9, atol=0) for call in calls)

    return Mistake(matches, says)


yellow_edges = Task(
    "yellow_edges",
    minutes=10,
    takes="p",
    gives=pair,
    properties=[
        holds("half, single and double precision change color there", as_measured),
        holds("it is right for other numbers of digits", as_derived),
    ],
    mistakes=[
        related(
            lambda p: edges(p)[::-1],
            "The two sides are exchanged. The gap is narrower below 4, so less is absorbed there.",
        ),
        related(
            lambda p: (edges(p)[1],) * 2,
            "Both sides are equal. x² is above 4 on one side and below 4 on the other: are the "
            "gaps there equally wide?",
        ),
        related(
            lambda p: (edges(p)[0],) * 2,
            "Both sides are equal. x² is above 4 on one side and below 4 on the other: are the "
            "gaps there equally wide?",
        ),
        related(
            lambda p: (edges(p)[1], 2 ** ((3 - p) / 2)),
            "This is where g² is a whole gap. Rounding decides at half of it.",
        ),
        related(
            lambda p: (edges(p)[0] ** 2, edges(p)[1] ** 2),
            "This is the size of g² at the edge. The question is about g.",
        ),
        related(
            lambda p: (2.0**-p, 2.0 ** (1 - p)),
            "Here red ends: γ itself is absorbed in 2 + γ. Yellow goes on until g² is no longer "
            "absorbed in x².",
        ),
        returns(
            lambda found: min(found) < 0,
            "A size is positive, on both sides.",
        ),
    ],
)

# -- guarded_quotient: ε with the right sign, where it is wanted --------------------------------


def toward(g: Any) -> Any:
    """Return the sign, with 1 at 0."""
    return np.where(g >= 0, 1.0, -1.0)


def guarded(f: Any, g: Any, eps: float, delta: float) -> Any:
    """Return f / (g + S(g) ε) where |g| is smaller than δ, f / g elsewhere."""
    return f / np.where(np.abs(g) < delta, g + toward(g) * eps, g)


def divisions(*shares: float) -> Callable[[np.random.Generator], Iterator[tuple[Any, ...]]]:
    """Make inputs whose denominators are these shares of δ, each a bit off."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
        for eps, delta in ((0.02, 0.25), (0.5, 0.1)):
            f = np.round(rng.uniform(1.1, 2.9, len(shares)), 2)
            g = np.array(shares) * delta * np.round(rng.uniform(0.8, 1.2, len(shares)), 3)
            yield f, g, eps, delta

    return drawn


def empty_holes(_rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Make inputs in which 0 is divided by 0."""
    yield np.array([0.0, 6.0]), np.array([0.0, 3.0]), 1e-8, 1e-4


guarded_quotient = Task(
    "guarded_quotient",
    minutes=14,
    takes="f, g, eps, delta",
    gives=vector,
    properties=[
        agrees("far from 0 it is f/g", guarded, divisions(2.0, -3.0, 5.0, -1.5)),
        agrees("near 0, a positive g grows by ε", guarded, divisions(0.5, 0.1, 0.7)),
        agrees("near 0, a negative g moves away from 0", guarded, divisions(-0.5, -0.1, -0.7)),
        agrees("0 divided by 0 is a number", guarded, empty_holes),
        agrees("S(0) is +1", guarded, divisions(0.0, 0.3, 0.0, -3.0)),
        agrees("S is +1 at −0.0, too", guarded, divisions(-0.0, 0.3, -0.0)),
        unchanged("f", divisions(0.5, -0.2, 4.0)),
        unchanged("g", divisions(0.5, -0.2, 4.0)),
    ],
    mistakes=[
        computes(
            lambda f, g, eps, delta: f / np.where(np.abs(g) < delta, g + eps, g),
            "ε is added whatever the sign of g. For a g just below 0 that moves the denominator "
            "toward 0, not away from it.",
        ),
        returns(
            lambda got: not np.all(np.isfinite(got)),
            "Where g is 0, the denominator still is. Which sign does your S give to 0?",
        ),
        computes(
            lambda f, g, eps, delta: f / (g + toward(g) * eps),
            "ε is added everywhere. Beyond δ the quotient should be left alone.",
        ),
        computes(
            lambda f, g, eps, delta: f / np.where(g < delta, g + toward(g) * eps, g),
            "A g far below 0 is smaller than δ as well. What counts is its distance from 0.",
        ),
        computes(
            lambda f, g, eps, delta: f / np.where(np.abs(g) < delta, toward(g) * eps, g),
            "This replaces g by ε near 0, as the third quotient of the lesson does. Here ε is "
            "added to it.",
        ),
        computes(
            lambda f, g, eps, delta: (
                f / np.where(np.abs(g) < delta, g + np.where(g > 0, eps, -eps), g)
            ),
            "At 0 the sign is negative here. The task asks for +1.",
        ),
        computes(
            lambda f, g, eps, delta: f / np.where(np.abs(g) < delta, g + np.copysign(eps, g), g),
            "−0.0 carries a sign bit, and your S looks at it. A comparison does not: −0.0 >= 0 is "
            "true.",
        ),
    ],
)

# -- honest_test: a test that sees what a tolerance hides ---------------------------------------


def honest(values: Any, gammas: Any) -> bool:
    """Return whether 5 digits of each γ are right."""
    return bool(np.all(np.abs((values - 4) - gammas) <= 1e-5 * np.abs(gammas)))


def drawn_gammas(rng: np.random.Generator) -> Any:
    """Draw eight positive γ of different sizes."""
    return np.round(10.0 ** rng.uniform(-6.0, -0.5, 8), 12)


def sound(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Make values that are right, or wrong far behind the fifth digit of γ."""
    for off in (0.0, 2e-7):
        gammas = drawn_gammas(rng)
        yield 4 + gammas * (1 + off), gammas


def sound_below(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Make the same below 2."""
    for gammas in (-drawn_gammas(rng), drawn_gammas(rng) * np.array([1, -1] * 4)):
        yield 4 + gammas, gammas


def flat(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Make values of which nothing but the 4 is right: first for larger γ, then for tiny ones."""
    for low, high in ((-8.0, -6.0), (-12.0, -9.0)):
        gammas = 10.0 ** rng.uniform(low, high, 5)
        yield np.full(5, 4.0), gammas


def holed(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Make values with one that is no number; the last time, another one is wrong as well."""
    for hole, wrong in ((math.nan, 0.0), (math.inf, 0.0), (math.nan, 0.3)):
        gammas = drawn_gammas(rng)
        values = 4 + gammas
        place = int(rng.integers(8))
        values[place], values[place - 1] = hole, values[place - 1] + wrong
        yield values, gammas


def spoiled(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Make values of which one has only two right digits of its γ."""
    for sign in (1.0, -1.0):
        gammas = drawn_gammas(rng) * sign
        values, place = 4 + gammas, int(rng.integers(8))
        values[place] = 4 + gammas[place] * 1.005
        yield values, gammas


def hole_itself(_rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Make values at γ = 0, right and wrong."""
    yield np.array([4.0, 4.25]), np.array([0.0, 0.25])
    yield np.array([0.0, 4.25]), np.array([0.0, 0.25])
    yield np.array([4.0 + 1e-9, 4.25]), np.array([0.0, 0.25])


honest_test = Task(
    "honest_test",
    minutes=14,
    takes="values, gammas",
    gives=truth,
    properties=[
        agrees("right values pass", honest, sound),
        agrees("right values below 2 pass", honest, sound_below),
        agrees("a flat 4 does not pass", honest, flat),
        agrees("NaN and infinity do not pass", honest, holed),
        agrees("one wrong digit in one γ is enough to fail", honest, spoiled),
        agrees("at γ = 0 the value 4 passes, and nothing else does", honest, hole_itself),
    ],
    mistakes=[
        computes(
            lambda v, g: np.all(np.abs((v - 4) - g) <= 1e-5 * g),
            "For a negative γ the allowed error is negative here, and nothing can be as small.",
        ),
        computes(
            lambda v, g: np.all(np.abs((v - 4) - g) < 1e-5 * np.abs(g)),
            "Where γ is 0 the allowed error is 0, and no error is smaller than that. It may be "
            "equal to it.",
        ),
        computes(
            lambda v, g: np.allclose((v - 4)[np.isfinite(v)], g[np.isfinite(v)], atol=0),
            "Values that are no numbers are left out, as in the locked program, so nobody looks at "
            "them.",
        ),
        computes(
            lambda v, g: np.allclose(v - 4, g),
            "The right thing is compared, but the tolerance is absolute as well: for np.allclose, "
            "any error below its `atol` will do.",
        ),
        computes(
            lambda v, g: np.allclose(v, 4 + g),
            "The error is still measured beside the whole value, where a tiny γ cannot be seen.",
        ),
        computes(
            lambda v, g: np.allclose(v, 4 + g, atol=0),
            "The error is still measured beside the whole value, where a tiny γ cannot be seen.",
        ),
        computes(
            lambda v, g: np.any(np.abs((v - 4) - g) <= 1e-5 * np.abs(g)),
            "One right value is enough here. All of them must be right.",
        ),
        computes(
            lambda v, g: np.array_equal(v, 4 + g),
            "This wants every bit to be right. Five digits of γ are enough.",
        ),
    ],
)

# -- widest_hole: how much any number absorbs ---------------------------------------------------


def absorbed_most(ask: Ask, values: Sequence[float], sides: Sequence[int]) -> Iterator[bool | str]:
    """Try the learner's γ, and the float after it."""
    for a in values:
        for side in sides:
            gamma = ask(a, side)
            if not gamma >= 0:
                yield "it is not a size"
            elif a + side * gamma != a:
                yield "it is not absorbed: the sum is another number than a"
            elif a + side * math.nextafter(gamma, math.inf) == a:
                yield "it is absorbed, and so is a larger one"
            else:
                yield True


def hole_at(*values: float, odd: bool = False, draw: bool = True) -> Any:
    """Make the test at these numbers and, where wanted, at others with such a last bit."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        drawn = [last_bit(a, odd) for a in rng.uniform(0.2, 90.0, 3)] if draw else []
        return absorbed_most(ask, [*values, *drawn], (1, -1))

    return test


def last_bit(a: float, odd: bool) -> float:
    """Return the float a, or its neighbor, so that its last bit is as wanted."""
    gap = math.ulp(a)
    return float(a) if (a / gap % 2 == 1) == odd else float(a + gap)


def half_gap(a: float, side: int) -> float:
    """Return half the gap on this side."""
    return abs(math.nextafter(a, math.inf * side) - a) / 2


def exactly(wrong: Callable[[float, int], float], says: str) -> Mistake:
    """Recognize a wrong γ of any size."""
    return Mistake(lambda calls: all(call.value == wrong(*call.args) for call in calls), says)


widest_hole = Task(
    "widest_hole",
    minutes=12,
    takes="a, side",
    gives=number,
    stretch=True,
    properties=[
        holds("it is the most that is absorbed by 3 and by others like it", hole_at(3.0)),
        holds(
            "it is so for numbers whose last bit is 1",
            hole_at(0.3, odd=True),
            "A tie goes to the float whose last bit is 0. That need not be a.",
        ),
        holds(
            "it is so for powers of two, on both sides",
            hole_at(2.0, 0.25, 64.0, draw=False),
            "Below a power of two the gap is narrower than above it.",
        ),
    ],
    mistakes=[
        exactly(
            lambda a, side: 2 * half_gap(a, side),
            "This is the whole gap: the next float is that far away. Rounding decides half-way.",
        ),
        exactly(
            half_gap,
            "Half a gap is right where a wins the tie. Which of two floats wins it?",
        ),
        exactly(
            lambda a, side: math.nextafter(half_gap(a, side), 0.0),
            "This is right where a loses the tie. Which of two floats wins it?",
        ),
        exactly(
            lambda a, side: 2.0**-52 if side > 0 else 2.0**-53,
            "This is so for 2. The gap grows with a, at each power of two.",
        ),
    ],
)

EXERCISE = Exercise(
    "14_dividing_by_almost_zero",
    "Exercise 14 · Guard a division, and test the guard",
    [gamma_regions, yellow_edges, guarded_quotient, honest_test, widest_hole],
)
