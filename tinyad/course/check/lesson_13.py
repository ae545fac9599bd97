"""Checks of exercise 13: verdicts on roundings, a small format, errors on their way, a sum."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.course.ask import Ask
from tinyad.course.formulas import SQUARE, Formula
from tinyad.course.kinds import UnfitError, described, number, pair
from tinyad.course.properties import agrees, computes, holds, returns
from tinyad.course.task import Exercise, Task

# -- float_verdicts: exact, rounded or absorbed -------------------------------------------------

VERDICTS = ("exact", "rounded", "absorbed")
SUM, NEIGHBORS, TENTHS, EIGHTFOLD, POWER, THIRD = range(6)
OPERATIONS: tuple[tuple[float, str, float], ...] = (
    (100_000_000, "+", 3),
    (2.0001, "-", 2),
    (0.1, "+", 0.2),
    (0.1, "*", 8),
    (16_777_216, "-", 1),
    (1, "/", 3),
)
BY_SIGN: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


def verdict_words(value: Any) -> tuple[str, ...]:
    """Accept a list of six words."""
    if not isinstance(value, (list, tuple)) or len(value) != len(OPERATIONS):
        raise UnfitError(
            f"A list of {len(OPERATIONS)} words is needed, one a line; {described(value)} came "
            "back."
        )
    if not all(isinstance(word, str) and word in VERDICTS for word in value):
        raise UnfitError(f"Each word is one of {VERDICTS}; {described(value)} came back.")
    return tuple(value)


def true_verdicts() -> tuple[str, ...]:
    """Compute each line in float32 and as a fraction, and compare."""
    return tuple(true_verdict(*operation) for operation in OPERATIONS)


def true_verdict(left: float, sign: str, right: float) -> str:
    """Say what happens in one operation on the float32 next to each number."""
    a, b = np.float32(left), np.float32(right)
    rounded = BY_SIGN[sign](a, b)
    if Fraction(float(rounded)) == BY_SIGN[sign](Fraction(float(a)), Fraction(float(b))):
        return "exact"
    return "absorbed" if sign in "+-" and rounded in (a, b) else "rounded"


def says(place: int, *words: str) -> Callable[[Sequence[str]], bool]:
    """Test for one of these words at a place."""
    return lambda verdicts: verdicts[place] in words


float_verdicts = Task(
    "float_verdicts",
    minutes=7,
    takes="",
    gives=verdict_words,
    properties=[agrees("each line has its verdict", true_verdicts, [()])],
    mistakes=[
        returns(
            says(NEIGHBORS, "rounded", "absorbed"),
            "A subtraction of two neighbors is among the lines that are not yet right. What it "
            "hands on may be off, but ask what this operation itself does to the numbers that it "
            "receives.",
        ),
        returns(
            says(POWER, "rounded", "absorbed"),
            "Below a power of two, the gaps are not the same as above it. Find the gap on that "
            "side, and see whether there is a float for the true result.",
        ),
        returns(
            says(EIGHTFOLD, "rounded", "absorbed"),
            "A power of two as a factor changes the exponent. What does it do to the fraction?",
        ),
        returns(
            says(SUM, "exact", "rounded"),
            "Find the gap at the large number of the first line, and compare half of it with what "
            "is added.",
        ),
        returns(
            says(TENTHS, "absorbed"),
            "Nothing vanishes here: both numbers are about as large as the result.",
        ),
        returns(
            lambda verdicts: "exact" in (verdicts[TENTHS], verdicts[THIRD]),
            "Most results have more binary digits than there is room for. Look again at the lines "
            "that you call exact: write the result in binary, or compare it with a float64.",
        ),
        returns(says(THIRD, "absorbed"), "Only a sum or a difference can absorb a part of itself."),
    ],
)

# -- half_value: a float16 from its bits --------------------------------------------------------


def numpys_half(bits: int) -> float:
    """Return what NumPy reads in these 16 bits."""
    return float(np.uint16(bits).view(np.float16))


def half_bits(*exponents: int) -> Callable[[np.random.Generator], Iterator[tuple[int]]]:
    """Draw both signs and some fractions for each exponent."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[int]]:
        for exponent in exponents:
            for fraction in rng.integers(1, 1024, 3):
                yield (int(rng.integers(2)) << 15 | exponent << 10 | int(fraction),)

    return drawn


def mistaken_half(
    bias: int = 15, lead: int = 1, width: int = 10, lowest: int | None = None
) -> Callable[[int], float]:
    """Make a reading of 16 bits with other constants; `lowest` is the power of exponent 0."""

    def read(bits: int) -> float:
        sign, exponent, fraction = bits >> 15, bits >> 10 & 31, bits & 1023
        small = exponent == 0 and lowest is not None
        power = lowest if small and lowest is not None else exponent - bias
        size = ((0 if small else lead) + fraction / 2**width) * 2.0**power
        return float(-size if sign else size)

    return read


half_value = Task(
    "half_value",
    minutes=8,
    takes="bits",
    gives=number,
    properties=[
        agrees(
            "it is right for ordinary numbers near 1",
            numpys_half,
            half_bits(14, 15, 16),
            tolerance=0.0,
        ),
        agrees(
            "it is so for all ordinary exponents",
            numpys_half,
            half_bits(*range(1, 31)),
            tolerance=0.0,
        ),
        agrees("it is so for exponent 0", numpys_half, half_bits(0, 0), tolerance=0.0),
        agrees("zero is zero", numpys_half, [(0,), (1 << 15,)], tolerance=0.0),
    ],
    mistakes=[
        computes(
            mistaken_half(bias=127, lowest=-126),
            "This is the bias of a float32. Here the exponent has 5 bits, and its bias is smaller.",
            tolerance=0.0,
        ),
        computes(
            mistaken_half(lead=0, lowest=-14),
            "The digit in front of the fraction is missing: it is not stored, but it counts.",
            tolerance=0.0,
        ),
        computes(
            mistaken_half(width=23, lowest=-14),
            "The fraction has 10 bits here, not 23. What is its first bit worth?",
            tolerance=0.0,
        ),
        computes(
            mistaken_half(bias=16, lowest=-15),
            "Every number comes out half as large as it is: the bias is off by one.",
            tolerance=0.0,
        ),
        computes(
            mistaken_half(),
            "With exponent 0 there is no 1 in front any more. And which power belongs to it?",
            tolerance=0.0,
        ),
        computes(
            mistaken_half(lowest=-15),
            "Exponent 0 has the same power as exponent 1, so that the gaps go on evenly down to "
            "zero.",
            tolerance=0.0,
        ),
        computes(
            mistaken_half(bias=0),
            "The exponent is stored with its bias added. Take it off again.",
            tolerance=0.0,
        ),
    ],
)

# -- traveled: the error of a program from the errors of its steps ------------------------------

MINUS_FOUR = Formula("s - 4", lambda s: s - 4, lambda s: 1.0)
ROOT = Formula("sqrt(s)", np.sqrt, lambda s: 0.5 / np.sqrt(s))
RECIPROCAL = Formula("1 / s", lambda s: 1 / s, lambda s: -1 / s**2)
SHIFT = Formula("s + 3", lambda s: s + 3, lambda s: 1.0)
CUBE = Formula("s**3", lambda s: s**3, lambda s: 3 * s**2)
CHAINS = (
    (SQUARE, MINUS_FOUR),
    (SHIFT, ROOT, CUBE),
    (RECIPROCAL, SHIFT),
    (SQUARE, SHIFT, RECIPROCAL),
)

Steps = Sequence[Formula]


def conditions(steps: Steps, x: float) -> list[float]:
    """Return x f'(x) / f(x) for each step, by the rules of calculus."""
    found = []
    for step in steps:
        value = step.function(x)
        found.append(float(x * step.derivative(x) / value))
        x = value
    return found


def total_error(steps: Steps, x: float, own: Sequence[float]) -> float:
    """Add up what becomes of each step's own error on its way through the later ones."""
    kappa = conditions(steps, x)
    return float(sum(error * math.prod(kappa[k + 1 :]) for k, error in enumerate(own)))


def without_own_step(factors: Callable[[Steps, float], list[float]]) -> Callable[..., float]:
    """Make the same sum from other factors in place of the condition numbers."""

    def wrong(steps: Steps, x: float, own: Sequence[float]) -> float:
        found = factors(steps, x)
        return float(sum(error * math.prod(found[k + 1 :]) for k, error in enumerate(own)))

    return wrong


def slopes(steps: Steps, x: float) -> list[float]:
    """Return the derivatives themselves."""
    found = []
    for step in steps:
        found.append(float(step.derivative(x)))
        x = step.function(x)
    return found


def all_at_the_input(steps: Steps, x: float) -> list[float]:
    """Return condition numbers that are all taken at x."""
    return [float(x * step.derivative(x) / step.function(x)) for step in steps]


def own_step_too(steps: Steps, x: float, own: Sequence[float]) -> float:
    """Multiply each step's own error by its own condition number, too."""
    kappa = conditions(steps, x)
    return float(sum(error * math.prod(kappa[k:]) for k, error in enumerate(own)))


def chains(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Draw an input and own errors, in units of u, for each chain of steps."""
    for steps in CHAINS:
        own = [float(v) for v in np.round(rng.uniform(-1, 1, len(steps)), 2)]
        yield list(steps), float(np.round(rng.uniform(2.2, 2.9), 2)), own


traveled = Task(
    "traveled",
    minutes=14,
    takes="steps, x, own",
    gives=number,
    properties=[
        agrees(
            "after a single step there is that step's own error",
            total_error,
            [([SQUARE], 2.6, [0.5]), ([MINUS_FOUR], 6.25, [-0.25])],
        ),
        agrees(
            "an error of the first step is multiplied by the second",
            total_error,
            [([SQUARE, MINUS_FOUR], 2.1, [0.5, 0.0]), ([SQUARE, RECIPROCAL], 2.3, [0.5, 0.0])],
        ),
        agrees("it is so for longer chains and other inputs", total_error, chains),
        agrees(
            "where no step makes an error there is none",
            total_error,
            [([SQUARE, SHIFT, ROOT], 2.6, [0.0, 0.0, 0.0])],
        ),
    ],
    mistakes=[
        computes(
            lambda steps, x, own: sum(own),
            "The errors are only added up. On its way, each is multiplied by the condition number "
            "of every later step.",
        ),
        computes(
            own_step_too,
            "A step does not multiply the error that it makes itself, only what arrives.",
        ),
        computes(
            without_own_step(all_at_the_input),
            "All condition numbers are taken at the input of the program. A step's own input is "
            "the value that the step before it returned.",
        ),
        computes(
            without_own_step(slopes),
            "The derivative alone multiplies absolute errors. These are relative to the value.",
        ),
        computes(
            without_own_step(lambda steps, x: [abs(kappa) for kappa in conditions(steps, x)]),
            "A sign got lost: where a function falls, a value that is too large gives one that is "
            "too small. Leave out the absolute value.",
        ),
        computes(
            lambda steps, x, own: own[-1],
            "Only the last step's own error is here. What has arrived must be kept along the way.",
        ),
        computes(
            lambda steps, x, own: -total_error(steps, x, own),
            "All signs are turned round.",
        ),
    ],
)

# -- lost_and_shown: the killing line, and the line that shows it -------------------------------

LOST, SHOWN = 14, 15
LINES = range(1, 21)


def two_lines(value: Any) -> tuple[float, float]:
    """Accept the numbers of two lines."""
    lines = pair(value)
    if any(line not in LINES for line in lines):
        raise UnfitError(f"Lines have the numbers 1 to 20; {described(value)} came back.")
    return lines


def first_is(*lines: int) -> Callable[[tuple[float, float]], bool]:
    """Test for the line that is said to lose the digits."""
    return lambda answer: answer[0] in lines


lost_and_shown = Task(
    "lost_and_shown",
    minutes=12,
    takes="",
    gives=two_lines,
    properties=[
        agrees(
            "the first line loses the digits, the second shows it",
            lambda: (float(LOST), float(SHOWN)),
            [()],
        )
    ],
    mistakes=[
        returns(
            lambda answer: answer == (SHOWN, LOST),
            "The order is turned round: first the line that loses the digits, then the line that "
            "shows it.",
        ),
        returns(
            first_is(SHOWN, 11),
            "The line that you name first subtracts neighbors. What does it make of the numbers "
            "that it really receives: is that rounded at all?",
        ),
        returns(
            first_is(12),
            "Beside 1, the small number does lose digits there. But count the error relative to "
            "the result, which goes on as a factor: is a part in ten to the sixteenth too much?",
        ),
        returns(
            first_is(6, 19),
            "A small square is added there, or taken away. Compare it with half a gap of its "
            "partner; and if it were lost, what would the result miss?",
        ),
        returns(
            first_is(LOST),
            "A later line shows the loss: the first one whose value is off by percents, not in the "
            "last digits. From there on, every value is as wrong, so that is not the one either.",
        ),
        returns(
            lambda answer: answer[0] > LOST,
            "The value that this line receives is wrong already. Go further up.",
        ),
        returns(
            lambda answer: answer[0] < LOST,
            "The value of this line is right to its last digits. Go further down.",
        ),
    ],
)

# -- kept_sum: a sum that hands on what it loses ------------------------------------------------

UNIT = 2.0**-53


class Plain:
    """A float that can only be added, subtracted and compared: no library can sum it."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __add__(self, other: Any) -> Plain:
        return Plain(self.value + plain_value(other))

    def __sub__(self, other: Any) -> Plain:
        return Plain(self.value - plain_value(other))

    def __rsub__(self, other: Any) -> Plain:
        return Plain(plain_value(other) - self.value)

    def __neg__(self) -> Plain:
        return Plain(-self.value)

    def __abs__(self) -> Plain:
        return Plain(abs(self.value))

    def __lt__(self, other: Any) -> bool:
        return self.value < plain_value(other)

    def __le__(self, other: Any) -> bool:
        return self.value <= plain_value(other)

    def __repr__(self) -> str:
        return repr(self.value)

    __radd__ = __add__


def plain_value(z: Any) -> float:
    """Return the float behind either form."""
    return z.value if isinstance(z, Plain) else z


def sum_of(value: Any) -> float:
    """Accept a number in either form."""
    return number(plain_value(value))


def good_sum(values: Sequence[Any], total: float) -> bool:
    """Is a sum as good as one that hands on its losses must be?"""
    floats = [plain_value(v) for v in values]
    bound = 2 * UNIT + 2 * len(floats) * UNIT**2
    error = abs(Fraction(total) - sum(map(Fraction, floats))) if math.isfinite(total) else math.inf
    return bool(error <= Fraction(bound) * sum(abs(Fraction(v)) for v in floats))


def sums(
    *inputs: list[Any],
) -> Callable[[Ask, np.random.Generator], Iterator[bool]]:
    """Compare the learner's sums with exact ones."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
        for values in inputs or [[float(v) for v in rng.lognormal(0, 3, 500)]]:
            yield good_sum(values, ask(values))

    return test


def one_by_one(values: Sequence[Any], *, gives_back: float) -> float:
    """Add up, and give back a multiple of what got lost in each addition."""
    total = lost = 0.0
    for value in values:
        y = plain_value(value) + gives_back * lost
        larger = total + y
        lost = y - (larger - total)
        total = larger
    return total


LARGE_FIRST = [2.0**54, *[1.0] * 8]

kept_sum = Task(
    "kept_sum",
    minutes=14,
    takes="values",
    gives=sum_of,
    stretch=True,
    properties=[
        holds(
            "small numbers after a large one are kept",
            sums(LARGE_FIRST, [1e3, *(k / 7 for k in range(1, 1000))]),
        ),
        holds("many tenths add up", sums([0.1] * 2000)),
        holds("it is as good on numbers of many sizes", sums()),
        holds("nothing adds up to zero, and one number to itself", sums([], [0.3])),
        holds(
            "+ and − are enough for it",
            sums([Plain(value) for value in LARGE_FIRST]),
            "Here the numbers can only be added, subtracted and compared. Use no library sum, and "
            "do not sort out the sizes beforehand.",
        ),
    ],
    mistakes=[
        computes(
            lambda values: one_by_one(values, gives_back=0.0),
            "This is what a plain loop gives: what an addition loses is not handed on to the next.",
            tolerance=0.0,
        ),
        computes(
            lambda values: one_by_one(values, gives_back=-1.0),
            "What was lost is counted with the wrong sign. If the sum came out too small, the next "
            "number must be made larger.",
            tolerance=0.0,
        ),
        computes(
            lambda values: one_by_one(sorted(values, key=plain_value), gives_back=0.0),
            "Small numbers first is a help, but after many additions the sum is large as well, and "
            "each step rounds.",
            tolerance=0.0,
        ),
    ],
)

EXERCISE = Exercise(
    "13_floating_point",
    "Exercise 13 · Follow an error back to its line",
    [float_verdicts, half_value, traveled, lost_and_shown, kept_sum],
)
