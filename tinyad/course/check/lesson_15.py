"""Checks of exercise 15: slopes by region, the ulps of a square, its teeth, a lamp, a law."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call
from tinyad.course.kinds import UnfitError, described, number
from tinyad.course.properties import agrees, close, computes, holds, returns
from tinyad.course.task import Exercise, Mistake, Task

# -- slope_verdicts: which slope comes out, region by region ------------------------------------

VERDICTS = ("NaN", "near 0", "1", "2", "+huge", "-huge")
YELLOW, RED, EDGE, LEFT_RED, LEFT_YELLOW, FAR, THREE = range(7)


def verdict_words(value: Any) -> tuple[str, ...]:
    """Accept a list of seven words."""
    if not isinstance(value, (list, tuple)) or len(value) != 7:
        raise UnfitError(f"A list of seven words is needed; {described(value)} came back.")
    if not all(isinstance(word, str) and word in VERDICTS for word in value):
        raise UnfitError(f"Each word is one of {VERDICTS}; {described(value)} came back.")
    return tuple(value)


def true_verdicts() -> tuple[str, ...]:
    """Run each case op by op in float64, as a sweep does, and name what comes out."""
    slopes = [swept(gamma) for gamma in (1e-12, -1e-17, 2.2e-8)]
    slopes += [swept(gamma, eps=1e-8) for gamma in (-1e-17, -1e-12, 1e-2)]
    return tuple(named(slope) for slope in [*slopes, swept(2.0**-51, a=3.0)])


def swept(gamma: float, eps: float = 0.0, a: float = 2.0) -> float:
    """Return the slope of (x² - a²)/g at a + gamma; nearer than 1e-4 to a, eps is added to g."""
    x = np.float64(a) + gamma
    g = x - a
    if abs(g) < 1e-4:
        g += eps if g >= 0 else -eps
    f = x * x - a * a
    return float(2 * x / g - f / g / g)


def named(slope: float) -> str:
    """Say in a word what a slope is."""
    if math.isnan(slope):
        return "NaN"
    if abs(slope) > 1e6:
        return "+huge" if slope > 0 else "-huge"
    return "near 0" if abs(slope) < 0.5 else f"{slope:.0f}"


def says(place: int, *words: str) -> Callable[[Sequence[str]], bool]:
    """Test for one of these words at a place."""
    return lambda verdicts: verdicts[place] in words


def right_digits(verdicts: Sequence[str]) -> bool:
    """Test for the belief that a slope is right wherever the value is."""
    return verdicts[YELLOW] == "1" and verdicts[EDGE] == "1"


slope_verdicts = Task(
    "slope_verdicts",
    minutes=7,
    takes="",
    gives=verdict_words,
    properties=[agrees("each line has its verdict", true_verdicts, [()])],
    mistakes=[
        returns(
            right_digits,
            "This trusts the slope wherever the value has nine right digits. What does the rule "
            "for the divisor do with the error of the value?",
        ),
        returns(
            lambda v: v[RED] != "NaN",
            "Without an ε, one of the lines divides 0 by 0. To which float is the sum of this γ "
            "and the number it is added to rounded?",
        ),
        returns(
            says(EDGE, "1", "2"),
            "One line lies just beyond the edge of yellow. There something of the square is "
            "kept, but not its right share: rounding goes up before it goes down.",
        ),
        returns(
            lambda v: v[LEFT_RED] == v[LEFT_YELLOW] == "-huge",
            "In one of the two lines with an ε and a γ below 0, the sign of γ is not known to the "
            "program any more. Who decides then?",
        ),
        returns(
            lambda v: v[LEFT_RED] == v[LEFT_YELLOW] == "+huge",
            "Both lines with an ε and a γ below 0 got the same sign. In one of them γ has left a "
            "trace in x, so the program knows on which side it is.",
        ),
        returns(
            lambda v: "NaN" in v[LEFT_RED:],
            "There is a NaN in a line whose denominator is not 0.",
        ),
        returns(
            lambda v: v[FAR] != "1",
            "One line lies beyond δ. Which function is run there?",
        ),
        returns(
            says(THREE, "+huge", "1", "2", "near 0"),
            "Look at the last line again. The law of the lesson has a sign, and there the value "
            "is too large.",
        ),
        returns(
            lambda v: v[YELLOW] != "2",
            "One line lies in the middle of yellow, where nothing of the square is kept.",
        ),
    ],
)

# -- kept_ulps: how many ulps of the square are kept --------------------------------------------


def exactly_kept(x: float) -> float:
    """Take what the stored square is above 4 + 4g, in exact fractions."""
    square, g = Fraction(x * x), Fraction(x) - 2
    return float((square - 4 - 4 * g) / Fraction(float(np.spacing(x * x))))


def share(x: float) -> float:
    """Return s, the exact square of g in ulps of x²."""
    return float((Fraction(x) - 2) ** 2 / Fraction(float(np.spacing(x * x))))


def near_two(low: float, high: float) -> Callable[[np.random.Generator], Iterator[tuple[float]]]:
    """Draw points on both sides of 2, at distances between two powers of ten."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[float]]:
        for side in (1, -1, 1, -1):
            yield (float(2 + side * 10.0 ** rng.uniform(low, high)),)

    return drawn


def half_up(x: float) -> float:
    """Round as in school, halves always up."""
    return math.floor(share(x) + 0.5)


TIES = [(2 - 2.0**-26,), (2 - 3 * 2.0**-26,), (2 - 5 * 2.0**-26,)]

kept_ulps = Task(
    "kept_ulps",
    minutes=7,
    takes="x",
    gives=number,
    properties=[
        agrees("it is what the stored square has kept", exactly_kept, near_two(-7.3, -6.5)),
        agrees("in yellow nothing is kept", exactly_kept, [(2 + 1e-8,), (2 - 1e-8,), (2 + 1e-12,)]),
        agrees("just beyond yellow one ulp is kept", exactly_kept, [(2 + 2.2e-8,), (2 - 1.6e-8,)]),
        agrees(
            "halfway between two floats the even one is taken",
            exactly_kept,
            TIES,
            diagnosis="This x lies so that s is a whole number and a half. Remember which of two "
            "floats is taken then: it is not always the larger.",
        ),
    ],
    mistakes=[
        computes(share, "This is s itself. But only whole ulps can be stored."),
        computes(
            lambda x: math.floor(share(x)),
            "This cuts off. The computer takes the nearest, which may be the larger one.",
        ),
        computes(
            lambda x: math.ceil(share(x)),
            "This always goes up. The computer takes the nearest, which may be the smaller one.",
        ),
        computes(
            lambda x: exactly_kept(x) / share(x),
            "This is α, the share that is kept. Asked is how many ulps are kept.",
        ),
        computes(
            lambda x: share(x) - exactly_kept(x),
            "This is what is lost. Asked is what is kept.",
            tolerance=1e-6,
        ),
        computes(
            half_up,
            "Halves are not always rounded up. Remember which of two floats is taken when a number "
            "lies halfway between them.",
        ),
        returns(lambda got: not math.isfinite(got), "That is no finite number."),
    ],
)

# -- model_slope: the teeth in any format -------------------------------------------------------


def ulp_of_square(g: float, p: int) -> Fraction:
    """Return the ulp of (2 + g)², which is near 4, in a format with p binary digits."""
    return Fraction(2) ** ((3 if g > 0 else 2) - p)


def swept_slope(g: float, p: int) -> float:
    """Round the square to the format, then take the rules of calculus in exact fractions."""
    x, d, ulp = 2 + Fraction(g), Fraction(g), ulp_of_square(g, p)
    square = round(x * x / ulp) * ulp
    return float(2 * x / d - (square - 4) / d**2)


def model(
    g: float,
    p: int,
    rounding: Callable[[Fraction], int] = round,
    ulp: Callable[[float, int], Fraction] = ulp_of_square,
) -> Fraction:
    """Return α, with a rounding or an ulp of choice."""
    s = Fraction(g) ** 2 / ulp(g, p)
    return rounding(s) / s


def beside(gamma: float) -> tuple[float, int]:
    """Return what float64 keeps of a distance from 2."""
    return (2 + gamma) - 2, 53


def distances(p: int, low: float, high: float) -> Callable[[np.random.Generator], Any]:
    """Draw floats of this format whose squares are so many ulps, on both sides of 2."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[float, int]]:
        for side in (1, -1, 1, -1):
            ulp = 2.0 ** (2 - p) if side > 0 else 2.0 ** (1 - p)  # of x itself
            size = math.sqrt(rng.uniform(low, high) * float(ulp_of_square(side, p)))
            yield side * round(size / ulp) * ulp, p

    return drawn


def yellow(rng: np.random.Generator) -> Iterator[tuple[float, int]]:
    """Draw points close to the edge of yellow, and take two far from it."""
    yield from distances(53, 0.27, 0.45)(rng)
    yield beside(1e-10)
    yield beside(-1e-12)


def formats(rng: np.random.Generator) -> Iterator[tuple[float, int]]:
    """Draw from the formats of 32 and of 16 bits."""
    for p in (24, 11, 8):
        yield from distances(p, 0.6, 6.4)(rng)


model_slope = Task(
    "model_slope",
    minutes=14,
    takes="g, p",
    gives=number,
    properties=[
        agrees("in yellow it is the slope of the lesson", swept_slope, yellow, tolerance=1e-6),
        agrees(
            "on the right, it follows the teeth",
            swept_slope,
            [beside(2.2e-8), beside(5e-8)],
            tolerance=1e-6,
        ),
        agrees(
            "on the left, it does so, too",
            swept_slope,
            [beside(-1.6e-8), beside(-2.1e-8), beside(-3.3e-8)],
            tolerance=1e-6,
            diagnosis="On the left the square is below a power of two. What is the ulp there?",
        ),
        agrees("at other points it does", swept_slope, distances(53, 0.6, 6.4), tolerance=1e-6),
        agrees(
            "it is so in formats with fewer digits",
            swept_slope,
            formats,
            tolerance=1e-6,
            diagnosis="It fits float64. Where do the digits p of the format come in?",
        ),
        agrees(
            "a tie goes to the even float",
            swept_slope,
            [(-(2.0**-26), 53), (-3 * 2.0**-26, 53), (-(2.0**-5), 11)],
            tolerance=1e-6,
            diagnosis="At these g a tie has to be decided. It does not always go up.",
        ),
    ],
    mistakes=[
        computes(
            lambda g, p: float(model(g, p)), "This is α. The slope is made from it in one step."
        ),
        computes(
            lambda g, p: 4 + float(model(g, p)) * g,
            "This is the value of the quotient. Asked is its slope.",
        ),
        computes(
            lambda g, p: 1 + float(model(g, p)),
            "Too large a value makes too small a slope: a sign in the law got lost.",
        ),
        computes(
            lambda g, p: 2.0 if model(g, p) == 0 else 1.0,
            "In green this keeps all of the square at once. But only whole ulps can be kept.",
        ),
        computes(
            lambda g, p: float(2 - model(g, p, math.floor)),
            "This cuts the square off. The computer rounds to the nearest, so the slope falls "
            "below what you have just beyond yellow.",
        ),
        computes(
            lambda g, p: float(2 - model(g, 53)),
            "This is the model of float64, whatever p is.",
            tolerance=1e-6,
        ),
        computes(
            lambda g, p: float(2 - model(g, p, ulp=lambda g, p: ulp_of_square(1, p))),
            "This takes the ulp above the power of two on both sides. On the left the square is "
            "below it.",
        ),
        computes(
            lambda g, p: float(2 - model(g, p, ulp=lambda g, p: ulp_of_square(-1, p))),
            "This takes the ulp below the power of two on both sides. On the right the square is "
            "above it.",
        ),
        computes(
            lambda g, p: float(2 - model(g, p, ulp=lambda g, p: ulp_of_square(g, p) / 2)),
            "That ulp belongs to x. What is rounded is its square.",
        ),
        computes(
            lambda g, p: float(2 - model(g, p, lambda s: math.floor(s + Fraction(1, 2)))),
            "Halves are not always rounded up: the even one of the two floats is taken.",
        ),
    ],
)

# -- rescued_slope: the derivative that a training needs ----------------------------------------


def brightness(w: float) -> float:
    """Return (1 - exp(-w))/w, right everywhere."""
    return 1.0 if w == 0 else float(-np.expm1(-w) / w)


def true_slope(w: float) -> float:
    """Sum its series near 0, where no digits are lost; elsewhere take the formula."""
    if abs(w) < 0.3:
        return math.fsum((-1) ** k * k * w ** (k - 1) / math.factorial(k + 1) for k in range(1, 20))
    return math.exp(-w) / w + math.expm1(-w) / w**2


def formula(w: float) -> float:
    """Return what calculus gives, in the numbers of the computer."""
    with np.errstate(all="ignore"):
        z = np.float64(w)
        return float((np.exp(-z) * (1 + z) - 1) / z**2)


def training_arrives(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """Train with the learner's slope attached, as the exercise does."""
    from tinyad.modes.manual import with_derivative
    from tinyad.modes.reverse import grad

    for start in (0.0, 1e-9, 1e-15, 1.0):

        def run(slope: Callable[[float], float], w: float = start) -> float:
            lamp = with_derivative(brightness, slope)
            step = grad(lambda w: (lamp(w) - 0.8) ** 2)
            for _ in range(60):
                w = w - 2.0 * step(w)
            return w

        end = ask.use(run, f"a training from w = {start}", args=(start,))
        seen = f"from w = {start} the training ends at {end:.6g}, where the loss is not 0"
        yield True if abs(brightness(end) - 0.8) < 1e-9 else seen


def only_hole(filler: float) -> Callable[[float], float]:
    """Make the formula with a number in its hole."""
    return lambda w: filler if w == 0 else formula(w)


def only_below_zero(calls: Sequence[Call]) -> bool:
    """Test for slopes that are right for all w that are not negative."""
    return all(call.args[0] < 0 or close(call.value, true_slope(*call.args)) for call in calls)


NEAR = [(1e-9,), (-1e-9,), (1e-12,), (3e-9,), (1e-16,), (1e-300,)]
BETWEEN = [(1e-7,), (1e-5,), (-1e-5,), (1e-4,), (1e-3,), (1e-2,), (0.1,)]
ORDINARY = [(1.0,), (0.5,), (3.0,), (-0.5,), (-2.0,), (20.0,)]

rescued_slope = Task(
    "rescued_slope",
    minutes=18,
    takes="w",
    gives=number,
    properties=[
        agrees(
            "at 0 it is the slope of the curve",
            true_slope,
            [(0.0,)],
            diagnosis="The curve has no corner at 0. What does its slope come close to?",
        ),
        agrees("it is right where w is neither 0 nor small", true_slope, ORDINARY, tolerance=1e-8),
        agrees(
            "it is right beside 0",
            true_slope,
            NEAR,
            tolerance=1e-8,
            diagnosis="Beside 0 the formula subtracts nearly equal numbers, and divides what is "
            "left by something tiny. Do not use it there.",
        ),
        agrees(
            "it is right on the way from small to large, to eight digits",
            true_slope,
            BETWEEN,
            tolerance=1e-8,
            diagnosis="Right at 0 and right far out; but between them digits are missing. How "
            "far does your formula for small w reach, and how close to 0 the other one? Another "
            "term, or another border, helps.",
        ),
        holds("a training with it arrives, wherever it begins", training_arrives),
    ],
    mistakes=[
        computes(
            only_hole(0.0),
            "A number that is no NaN is not yet the slope. With this one the loss looks flat "
            "where the training begins.",
        ),
        returns(math.isnan, "A NaN never leaves a training again. Here 0 was divided by 0."),
        computes(
            lambda w: -true_slope(w), "The sign is turned: does the brightness rise or fall with w?"
        ),
        computes(brightness, "This is the brightness. Asked is how it changes with w."),
        computes(
            only_hole(true_slope(0.0)),
            "The hole is filled, and beside it all is as before: there the formula has lost all "
            "its digits. Where you divide by almost 0, another formula is needed, not only at 0.",
        ),
        Mistake(
            only_below_zero,
            "Wrong only below 0. What is small is the size of w, and a lamp that grows brighter "
            "has a negative w.",
        ),
    ],
)

# -- error_beside: the law, at the float next to a ----------------------------------------------


def next_above(a: float) -> tuple[float, float, float]:
    """Return the float next above a, its distance, and the value of the quotient there."""
    x = math.nextafter(a, math.inf)
    return x, x - a, (x * x - a * a) / (x - a)


def law(a: float) -> float:
    """Take the error of the value in exact fractions, and divide it by the distance."""
    x, g, value = next_above(a)
    return float(-(Fraction(value) - Fraction(x) - Fraction(a)) / Fraction(g))


def rounded_law(a: float) -> float:
    """Return what the law gives if x + a is rounded first."""
    x, g, value = next_above(a)
    return -(value - (x + a)) / g


def places(rng: np.random.Generator) -> Iterator[tuple[float]]:
    """Draw whole numbers that are no powers of two."""
    for k in rng.integers(1, 200, 4):
        yield (float(2 * k + 1),)


error_beside = Task(
    "error_beside",
    minutes=9,
    takes="a",
    gives=number,
    properties=[
        agrees("it is so around 3 and around 4", law, [(3.0,), (4.0,)]),
        agrees("around powers of two it stays small", law, [(8.0,), (1.0,), (0.5,), (1024.0,)]),
        agrees("it is right around other numbers", law, [(5.0,), (0.75,), (6.0,), (10.0,)]),
        agrees("it is so for numbers drawn by lot", law, places),
    ],
    mistakes=[
        computes(
            lambda a: -law(a), "The sign is turned: too large a value makes too small a slope."
        ),
        computes(
            lambda a: law(a) * next_above(a)[1],
            "This is the size of the value's error. The law makes that of the slope from it.",
        ),
        computes(
            lambda a: -law(a) * next_above(a)[1],
            "This is the error of the value. The law makes that of the slope from it.",
        ),
        computes(
            lambda a: 1 + law(a), "This is the slope. Asked is how far it is from the true one."
        ),
        computes(
            rounded_law,
            "Some of these errors come out as 0. The true value x + a is no float; it was rounded "
            "before it was compared, or g was left out. Subtract its parts one after the other.",
        ),
        computes(
            lambda a: abs(law(a)),
            "The size is right. But the error has a sign, and so has the law.",
        ),
    ],
    stretch=True,
)

EXERCISE = Exercise(
    "15_derivative_of_a_division",
    "Exercise 15 · Know the slope before you run",
    [slope_verdicts, kept_ulps, model_slope, rescued_slope, error_beside],
)
