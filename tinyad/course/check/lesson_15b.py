"""Checks of exercise 15b: a plateau, what rounding took, exact duals, a killing line, an edge."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.course.ask import Ask
from tinyad.course.formulas import Formula
from tinyad.course.kinds import UnfitError, described, number
from tinyad.course.properties import agrees, close, computes, holds, returns
from tinyad.course.task import Exercise, Mistake, Property, Task

# -- cubic_plateau: the slope of (x³ − 64)/(x − 4) at 4 + 1e-9 ------------------------------------

CUBIC = np.polynomial.Polynomial([-64.0, 0.0, 0.0, 1.0])


def second_derivative() -> float:
    """Return what the plateau law says: the second derivative of the numerator at 4."""
    return float(CUBIC.deriv(2)(4.0))


def near(wrong: float) -> Callable[[float], bool]:
    """Test for one wrong value."""
    return lambda slope: abs(slope - wrong) < 1e-6


cubic_plateau = Task(
    "cubic_plateau",
    minutes=6,
    takes="",
    gives=number,
    properties=[agrees("it is the slope that comes out", second_derivative, [()], tolerance=1e-6)],
    mistakes=[
        returns(
            near(float(CUBIC.deriv(2)(4.0)) / 2),
            "That is the true slope. The program is asked near 4, where rounding has taken γ².",
        ),
        returns(
            near(float(CUBIC.deriv(1)(4.0))),
            "That is the value that the quotient has near 4. The question is how steep it is.",
        ),
        returns(
            near(2.0),
            "The 2 belongs to the square and to the place 2. The law is about the second "
            "derivative of the numerator.",
        ),
        returns(
            near(float(CUBIC.deriv(3)(4.0))),
            "That is the third derivative. Write the numerator as a series in g, and see which "
            "term is lost.",
        ),
        returns(
            near(2 * float(CUBIC.deriv(2)(4.0))),
            "Doubled once too often: the law gives the wrong slope itself, not half of it.",
        ),
    ],
)

# -- rounded_away: what the floats of x² − 4 have lost --------------------------------------------


def rational(value: Any) -> Fraction:
    """Accept a Fraction, or a whole number."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (Fraction, int)):
        is_float = isinstance(value, (float, np.floating))
        what = "a float, which has been rounded," if is_float else described(value)
        raise UnfitError(f"A Fraction is needed; {what} came back.")
    return Fraction(value)


def lost(x: float) -> Fraction:
    """Subtract what the program computes from what it should."""
    return Fraction(x) ** 2 - 4 - Fraction(x**2 - 4)


def places_near_two(rng: np.random.Generator) -> Iterator[tuple[float]]:
    """Draw points at which something is lost, on both sides of 2."""
    for low, high in ((-9.0, -8.0), (-7.0, -4.0)):
        for sign in (1.0, -1.0):
            yield (2 + sign * float(10 ** rng.uniform(low, high)),)


rounded_away = Task(
    "rounded_away",
    minutes=8,
    takes="x",
    gives=rational,
    properties=[
        agrees("it is so at the worked example", lost, [(2 + 2.0**-30,)]),
        agrees("it is what is lost, to the last digit", lost, places_near_two),
        agrees("where nothing is lost it is 0", lost, [(3.0,), (2.0,), (2.5,)]),
    ],
    mistakes=[
        computes(
            lambda x: Fraction(0),
            "Zero everywhere: the square was rounded before it became a Fraction, so both sides "
            "have lost the same. Convert x itself.",
        ),
        computes(
            lambda x: -lost(x),
            "The sign is turned round: what is asked for is the exact value minus the computed.",
        ),
        computes(
            lambda x: Fraction(str(x)) ** 2 - 4 - Fraction(x**2 - 4),
            "The decimals that Python prints are not the number that it computes with. "
            "`Fraction(x)` takes the float as it is.",
        ),
        computes(
            lambda x: Fraction(x) ** 2 - 4,
            "This is the exact value. What has the program lost of it?",
        ),
        computes(
            lambda x: (Fraction(x) - 2) ** 2,
            "In yellow it is all of g². Further out a part of it is kept: subtract what the "
            "program has.",
        ),
    ],
)

# -- exact_forward: dual numbers that never round -------------------------------------------------


class Rational:
    """A value and a slope in fractions; its rules can be spoiled to imitate a mistake."""

    def __init__(self, value: Any, slope: Any = 0, spoiled: str = "") -> None:
        self.value, self.slope, self.spoiled = Fraction(value), Fraction(slope), spoiled

    def _of(self, other: Any) -> Rational:
        return other if isinstance(other, Rational) else Rational(other, 0, self.spoiled)

    def _made(self, value: Fraction, slope: Fraction) -> Rational:
        return Rational(value, slope, self.spoiled)

    def __add__(self, other: Any) -> Rational:
        z = self._of(other)
        return self._made(self.value + z.value, self.slope + z.slope)

    def __sub__(self, other: Any) -> Rational:
        z = self._of(other)
        return self._made(self.value - z.value, self.slope - z.slope)

    def __mul__(self, other: Any) -> Rational:
        z = self._of(other)
        return self._made(self.value * z.value, self.slope * z.value + self.value * z.slope)

    def __truediv__(self, other: Any) -> Rational:
        z = self._of(other)
        q = self.value / z.value
        slope = {
            "dividend": self.slope / z.value,
            "plus": (self.slope + q * z.slope) / z.value,
            "once": self.slope - q * z.slope,
        }.get(self.spoiled, (self.slope - q * z.slope) / z.value)
        return self._made(q, slope)

    def __rsub__(self, other: Any) -> Rational:
        left, right = self._of(other), self
        if self.spoiled == "minus":
            left, right = right, left
        return left - right

    def __rtruediv__(self, other: Any) -> Rational:
        left, right = self._of(other), self
        if self.spoiled == "over":
            left, right = right, left
        return left / right

    __radd__, __rmul__ = __add__, __mul__


def spoiled(how: str, seed: int = 1) -> Callable[..., tuple[Fraction, Fraction]]:
    """Return what comes out of f if the rules are spoiled in this way."""

    def result(f: Formula, x: float) -> tuple[Fraction, Fraction]:
        z = f.function(Rational(Fraction(x), seed, how))
        return (z.value, z.slope) if isinstance(z, Rational) else (Fraction(z), Fraction(0))

    return result


def rational_pair(value: Any) -> tuple[Fraction, Fraction]:
    """Accept a value and a slope that are Fractions."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise UnfitError(
            f"Two Fractions are needed, as in `return value, slope`; {described(value)} came back."
        )
    return rational(value[0]), rational(value[1])


def exactly(
    text: str, f: Callable[[Any], Any], value: Callable[[Any], Any], slope: Callable[[Any], Any]
) -> Formula:
    """Make a program with its value and its slope in closed form, simplified by hand."""
    return Formula(text, f, lambda x: (Fraction(value(x)), Fraction(slope(x))))


HOLE = exactly(
    "(x * x - 4) / (x - 2)", lambda x: (x * x - 4) / (x - 2), lambda x: x + 2, lambda x: 1
)
CUBES = exactly(
    "(x * x * x - 27) / (x - 3)",
    lambda x: (x * x * x - 27) / (x - 3),
    lambda x: x * x + 3 * x + 9,
    lambda x: 2 * x + 3,
)
FLIPPED = exactly("(8 - x) * 3", lambda x: (8 - x) * 3, lambda x: 24 - 3 * x, lambda x: -3)
HARMONIC = exactly(
    "1 / (x * x + 1)",
    lambda x: 1 / (x * x + 1),
    lambda x: 1 / (x * x + 1),
    lambda x: -2 * x / (x * x + 1) ** 2,
)
BOTH = exactly(
    "2 / (5 - x) + x",
    lambda x: 2 / (5 - x) + x,
    lambda x: 2 / (5 - x) + x,
    lambda x: 2 / (5 - x) ** 2 + 1,
)
TENTH = exactly("0.1 * x", lambda x: 0.1 * x, lambda x: Fraction(0.1) * x, lambda x: Fraction(0.1))
SEVEN = exactly("7", lambda x: 7, lambda x: 7, lambda x: 0)


def simplified(f: Formula, x: float) -> Any:
    """Return value and slope by the closed form."""
    return f.derivative(Fraction(x))


def exact_points(*programs: Formula) -> Callable[[np.random.Generator], Iterator[tuple[Any, ...]]]:
    """Draw two points for each program, with as many digits as a float has."""

    def drawn(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
        for f in programs:
            for _ in range(2):
                yield f, float(rng.uniform(1.1, 1.9))

    return drawn


def one_run(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """Count the runs of f."""
    ask(CUBES, 3.5)
    yield True if CUBES.calls == 1 else f"f ran {CUBES.calls} times"


exact_forward = Task(
    "exact_forward",
    minutes=16,
    takes="f, x",
    gives=rational_pair,
    builds=True,
    properties=[
        agrees("near the hole of h the slope is exactly 1", simplified, [(HOLE, 2 + 1e-8)]),
        agrees(
            "it is exact for other divisions",
            simplified,
            [(CUBES, 3 + 1e-9), (HOLE, 2 - 1e-13), (CUBES, 3.5), (HOLE, 7.25)],
        ),
        agrees("it is so with a number on the left of a minus", simplified, exact_points(FLIPPED)),
        agrees(
            "it is so with a number on the left of a division",
            simplified,
            exact_points(HARMONIC, BOTH),
        ),
        agrees("a float among the constants is taken as it is", simplified, exact_points(TENTH)),
        holds("f runs once", one_run),
        agrees(
            "a program that returns a plain number has slope 0",
            simplified,
            [(SEVEN, 1.5)],
            diagnosis="A constant program returns a plain number. `as_exact` makes a number with "
            "a slope of it.",
        ),
    ],
    mistakes=[
        computes(
            lambda f, x: (Fraction(f.function(x)), _float_slope(f, x)),
            "The digits were lost before the fractions began: x was still a float when f ran. "
            "Convert x, not the result.",
        ),
        computes(spoiled("", seed=0), "No seed arrives: x moves as fast as itself, with slope 1."),
        computes(
            spoiled("dividend"),
            "Right as long as the divisor is a constant. Here the divisor moves, too.",
        ),
        computes(
            spoiled("plus"),
            "A sign in the quotient: where only the divisor grows, the quotient must shrink.",
        ),
        computes(
            spoiled("once"),
            "A factor in the quotient: compare with quotient times divisor = dividend, and its "
            "slope by the product rule.",
        ),
        computes(
            spoiled("minus"),
            "8 - x is not x - 8: with the plain number on the left, `__rsub__` has to turn the "
            "order round.",
        ),
        computes(
            spoiled("over"),
            "1 / x is not x / 1: with the plain number on the left, `__rtruediv__` has to turn "
            "the order round.",
        ),
    ],
)


class Float:
    """The same as Rational, in floats: for learners who convert too late."""

    def __init__(self, value: float, slope: float = 0.0) -> None:
        self.value, self.slope = value, slope

    def _of(self, other: Any) -> Float:
        return other if isinstance(other, Float) else Float(float(other))

    def __add__(self, other: Any) -> Float:
        z = self._of(other)
        return Float(self.value + z.value, self.slope + z.slope)

    def __sub__(self, other: Any) -> Float:
        z = self._of(other)
        return Float(self.value - z.value, self.slope - z.slope)

    def __mul__(self, other: Any) -> Float:
        z = self._of(other)
        return Float(self.value * z.value, self.slope * z.value + self.value * z.slope)

    def __truediv__(self, other: Any) -> Float:
        z = self._of(other)
        q = self.value / z.value
        return Float(q, (self.slope - q * z.slope) / z.value)

    def __rsub__(self, other: Any) -> Float:
        return self._of(other) - self

    def __rtruediv__(self, other: Any) -> Float:
        return self._of(other) / self

    __radd__, __rmul__ = __add__, __mul__


def _float_slope(f: Formula, x: float) -> Fraction:
    result = f.function(Float(x, 1.0))
    return Fraction(result.slope if isinstance(result, Float) else 0)


# -- killing_line: the swap test, on any program of lines ------------------------------------------

RIGHT = 1e-3  # a slope is right if it is off by no more than this, relative to the exact one
NOBODY, SEVERAL = "nobody", "several"

SAVINGS = """
q2 = x * x
q4 = q2 * q2
q8 = q4 * q4
q12 = q8 * q4
step = x - 1
gain = q12 - 1
cents = 100 * gain
payments = cents / step
saved = payments / 2
grown = 20 * q12
before = saved + grown
fee = 24 / q12
after = before - fee
half = q2 * q4
bonus = 700 / half
gap = q12 - q8
tilt = gap - 4 * step
drift = step * step
inflation = 5 + drift
worth = (after + bonus + tilt) / inflation
"""
FACTORED = """
sum = x + 2
gap = x - 2
product = sum * gap
ratio = product / gap
"""
HOLES = """
gap = x - 2
square = x * x
rest = square - 4
ratio = rest / gap
"""
TWO_AT_ONCE = """
square = x * x
cube = square * x
gap = x - 2
first = square - 4
second = cube - 8
left = first / gap
right = second / gap
total = left + right
"""

Line = tuple[str, Any]  # the name of a line and what is in it


def run(program: str, x: float, fractions: bool, swap: dict[str, Any]) -> tuple[list[Line], Any]:
    """Run a program of lines in forward mode; return the lines' values, and the last slope."""
    kind: Any = Rational if fractions else Float
    names: dict[str, Any] = {"x": kind(Fraction(x) if fractions else x, 1)}
    values: list[Line] = []
    for line in program.strip().splitlines():
        name, _, formula = line.partition(" = ")
        result = names["x"]._of(eval(formula, {}, dict(names)))
        names[name] = kind(swap.get(name, result.value), result.slope)
        values.append((name, names[name].value))
    return values, names[name].slope


def is_right(slope: float, true: Fraction) -> bool:
    """Is the slope within the tolerance of the exact one?"""
    return math.isfinite(slope) and abs(Fraction(slope) - true) <= RIGHT * abs(true)


def cures(program: str, x: float) -> tuple[bool, list[str]]:
    """Return whether the slope is right as it is, and the lines that restore it."""
    exact, true = run(program, x, True, {})
    _, slope = run(program, x, False, {})
    found = [
        name
        for name, value in exact
        if is_right(run(program, x, False, {name: float(value)})[1], true)
    ]
    return is_right(slope, true), found


def culprit(program: str, x: float) -> str:
    """Return the first line that restores the slope."""
    sound, found = cures(program, x)
    return NOBODY if sound else [*found, SEVERAL][0]


def errors(program: str, x: float) -> list[tuple[str, Fraction]]:
    """Return the relative error of each line's value."""
    exact, _ = run(program, x, True, {})
    computed, _ = run(program, x, False, {})
    return [
        (name, abs(Fraction(value) / true - 1) if true else Fraction(0))
        for (name, value), (_, true) in zip(computed, exact, strict=True)
    ]


def powers(rng: np.random.Generator) -> tuple[str, float]:
    """Draw a program for (xⁿ − aⁿ)/(x − a), with names that say nothing, and a place near a."""
    a, n = int(rng.choice([2, 3, 5])), int(rng.integers(2, 5))
    letters = [str(letter) for letter in rng.permutation(list("bcdfghjkmnp"))]
    lines, last = [], "x"
    for _ in range(n - 1):
        lines.append(f"{letters[0]} = {last} * x")
        last = letters.pop(0)
    top, copy, bottom, ratio, decoy, end = letters[:6]
    lines += [
        f"{bottom} = x - {a}",
        f"{top} = {last} - {a**n}",
        f"{copy} = {top} * 2",
        f"{decoy} = x * x - {2 * a} * x + {a * a}",
        f"{ratio} = {copy} / {bottom}",
        f"{end} = {ratio} + {decoy}",
    ]
    return "\n".join(lines), a + float(rng.uniform(2, 9)) * 1e-10


def drawn_programs(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Draw three programs."""
    for _ in range(3):
        yield powers(rng)


def word(value: Any) -> str:
    """Accept a line's name."""
    if not isinstance(value, str):
        raise UnfitError(f"A line's name, in quotes, is needed; {described(value)} came back.")
    return str(value)


killing_line = Task(
    "killing_line",
    minutes=18,
    takes="program, x",
    gives=word,
    properties=[
        agrees(
            "it finds the line in the savings plan, and in h",
            culprit,
            [(SAVINGS, 1 + 1e-10), (HOLES, 2 + 1e-9)],
        ),
        agrees("it is so for other programs, places and names", culprit, drawn_programs),
        agrees(
            "where the slope is right as it is, it says so",
            culprit,
            [(FACTORED, 2 + 1e-9), (SAVINGS, 1.25)],
        ),
        agrees("where no single line is enough, it says so", culprit, [(TWO_AT_ONCE, 2 + 1e-9)]),
    ],
    mistakes=[
        computes(
            lambda program, x: max(errors(program, x), key=lambda pair: pair[1])[0],
            "This is the line whose value has the largest relative error. A large error may never "
            "reach the slope: give the line its exact value, and see.",
        ),
        computes(
            lambda program, x: [*(n for n, e in errors(program, x) if e), NOBODY][0],
            "This is the first line that is rounded at all. Nearly every line is, and most do no "
            "harm.",
        ),
        computes(
            lambda program, x: run(program, x, False, {})[0][-1][0],
            "This is the last line. It shows the damage; was it done there?",
        ),
        computes(
            lambda program, x: run(program, x, False, {})[0][0][0],
            "Always the first line: is it the slope that you compare with the exact one, after "
            "the swap? The value is nearly right, whatever you swap.",
        ),
        computes(
            lambda program, x: (
                [SEVERAL, *cures(program, x)[1]][-1] if not cures(program, x)[0] else NOBODY
            ),
            "This line restores the slope, but an earlier one does, too. Which comes first?",
        ),
        computes(
            lambda program, x: [*cures(program, x)[1], SEVERAL][0],
            "Here the slope is right from the start, so every swap seems to cure it. Look at the "
            "slope before you swap anything.",
        ),
        computes(
            lambda program, x: (
                NOBODY if cures(program, x)[0] else [*cures(program, x)[1], NOBODY][0]
            ),
            "The slope is wrong, and no line restores it alone. That is another finding than "
            "that nothing is wrong.",
        ),
        computes(
            lambda program, x: SEVERAL if not cures(program, x)[0] else NOBODY,
            "No line seems to help. Is the swapped value the exact one, as a float, and does its "
            "name reach `run`?",
        ),
    ],
)

# -- plateau_edge: up to which γ rounding hides γ² ------------------------------------------------


def half_ulp_edge(a: float, n: int, bits: int) -> float:
    """Halve an interval until its end is the γ at which the term of γ² is half an ulp of aⁿ."""
    half_ulp = Fraction(a) ** n * Fraction(2) ** -bits  # aⁿ is a power of two
    low, high = Fraction(0), Fraction(a)
    for _ in range(80):
        middle = (low + high) / 2
        term = Fraction(n * (n - 1), 2) * Fraction(a) ** (n - 2) * middle**2
        low, high = (middle, high) if term <= half_ulp else (low, middle)
    return float(low)


def closed(a: float, n: int, bits: int, factor: float = 1.0) -> float:
    """Return the edge as a formula, times a factor that a mistake brings in."""
    return factor * a * math.sqrt(2.0 ** (1 - bits) / (n * (n - 1)))


def edges(rng: np.random.Generator) -> Iterator[tuple[float, int, int]]:
    """Draw places, powers and formats."""
    for bits in (53, 24, 11):
        for _ in range(2):
            yield float(2.0 ** rng.integers(-3, 6)), int(rng.integers(2, 15)), bits


def scales(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Compare two places and two formats."""
    n = int(rng.integers(2, 9))
    at_one = ask(1.0, n, 53)
    yield close(ask(8.0, n, 53) / at_one, 8.0)
    yield close(ask(1.0, n, 51) / at_one, 2.0)


def positive(gamma: Any) -> float:
    """Accept a positive number."""
    found = number(gamma)
    if not (math.isfinite(found) and found > 0):
        raise UnfitError(f"A positive number is needed; {described(gamma)} came back.")
    return found


def right_edge(says: str, inputs: Any) -> Property:
    """Make the property that γ is right, by ratio."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
        for args in inputs(rng) if callable(inputs) else inputs:
            yield close(ask(*args) / half_ulp_edge(*args), 1.0)

    return holds(says, test)


def ratio_to(wrong: Callable[..., float], says: str) -> Mistake:
    """Recognize a mistake by its ratio to what came back."""
    return Mistake(lambda calls: all(close(c.value / wrong(*c.args), 1.0) for c in calls), says)


plateau_edge = Task(
    "plateau_edge",
    minutes=12,
    takes="a, n, bits",
    gives=positive,
    stretch=True,
    properties=[
        right_edge("it is right for the square at 2, in float64", [(2.0, 2, 53)]),
        right_edge("it is so for other powers at 2", [(2.0, 3, 53), (2.0, 5, 53), (2.0, 20, 53)]),
        right_edge("it is so for other places and formats", edges),
        holds("it grows with a, and by a factor of 2 for two bits less", scales),
    ],
    mistakes=[
        ratio_to(
            lambda a, n, bits: closed(a, n, bits, math.sqrt(2.0)),
            "Too far out by a factor of about 1.4. What is lost is up to *half* a unit in the "
            "last place, and the factor of γ² has a half in it, too.",
        ),
        ratio_to(
            lambda a, n, bits: closed(a, n, bits, math.sqrt(0.5)),
            "Too near by a factor of about 1.4: there is a half too many, or one is missing.",
        ),
        ratio_to(
            lambda a, n, bits: closed(2.0, n, bits),
            "This is right for a = 2. Both the unit in the last place and the factor of γ² "
            "change with a.",
        ),
        ratio_to(
            lambda a, n, bits: closed(a, n, 53),
            "This is right for 53 bits. With `bits` bits, the unit in the last place of 1 is "
            "2**(1 - bits).",
        ),
        ratio_to(
            lambda a, n, bits: (a**n * 2.0**-bits) ** (1 / n),
            "This is where γⁿ is lost. The slope hangs on the term of γ².",
        ),
        ratio_to(
            lambda a, n, bits: closed(a, 2, bits),
            "The factor of γ² in (a + γ)ⁿ grows with n.",
        ),
        ratio_to(
            lambda a, n, bits: closed(a, n, bits) ** 2,
            "This is γ². Its root is asked for.",
        ),
    ],
)

EXERCISE = Exercise(
    "15b_who_is_to_blame",
    "Exercise 15b · Catch the line that did it",
    [cubic_plateau, rounded_away, exact_forward, killing_line, plateau_edge],
)
