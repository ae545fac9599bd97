"""Checks of exercise 16b: which points a cure heals, series division, a repair, orders, poles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from math import factorial
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call
from tinyad.course.formulas import Formula
from tinyad.course.kinds import UnfitError, described, number, pair, some_of
from tinyad.course.properties import agrees, close, computes, holds, returns
from tinyad.course.task import Exercise, Mistake, Task

Numbers = list[float]


def coefficients(value: Any) -> np.ndarray:
    """Accept a list (a tuple, an array with one axis) of real numbers."""
    if not isinstance(value, (list, tuple, np.ndarray)) or np.ndim(value) != 1:
        raise UnfitError(f"A list of numbers is needed; {described(value)} came back.")
    return np.array([number(v) for v in value], dtype=float)


def exact_quotient(f: Sequence[Any], g: Sequence[Any]) -> np.ndarray:
    """Divide two series, the divisor's first coefficient not 0, as one triangular system."""
    n = len(f)
    matrix = np.array([[g[i - j] if i >= j else 0 for j in range(n)] for i in range(n)], float)
    return np.asarray(np.linalg.solve(matrix, np.array(f, float)))


# -- cured_regions: where does which way give the slope of (x² − 4)/(x − 2)? --------------------


def jet_slope(x: float) -> float:
    """Divide the series of x² − 4 and x − 2 at x, after the zeros that they share."""
    f, g = [x * x - 4, 2 * x, 1.0], [x - 2, 1.0, 0.0]
    if f[0] == 0 and g[0] == 0:
        f, g = f[1:], g[1:]
    return (f[1] - f[0] / g[0] * g[1]) / g[0]


def digits_slope(gamma: str, digits: int) -> float:
    """Follow the chain rule at 2 + gamma with so many digits."""
    with localcontext() as context:
        context.prec = digits
        x = 2 + Decimal(gamma)
        f, g = x * x - 4, x - 2
        return float(2 * x / g - f / g / g)


def central_slope(x: float, step: float) -> float:
    """Take the central difference."""
    high, low = (((x + s) ** 2 - 4) / ((x + s) - 2) for s in (step, -step))
    return (high - low) / (2 * step)


def right_ones() -> frozenset[str]:
    """Do what each letter says, and keep those whose slope is 1."""
    slopes = {
        "a": jet_slope(2.0),
        "b": jet_slope(2 + 1e-12),
        "c": 1.0,  # the series about 2 is 4 + t, so its slope is 1 at any t
        "d": digits_slope("1e-12", 32),
        "e": digits_slope("1e-20", 32),
        "f": central_slope(2 + 1e-12, 1e-3),
    }
    return frozenset(letter for letter, slope in slopes.items() if abs(slope - 1) < 1e-6)


cured_regions = Task(
    "cured_regions",
    minutes=8,
    takes="",
    gives=some_of(*"abcdef"),
    properties=[agrees("these are the ways that give the slope 1", right_ones, [()])],
    mistakes=[
        returns(
            lambda got: "b" in got,
            "Have another look at b. At this point neither series begins with 0, so nothing "
            "cancels: what rounding has lost before the division stays lost.",
        ),
        returns(
            lambda got: "e" in got,
            "Have another look at e. How large is γ² here, and does it survive beside 4 if you "
            "have that many digits?",
        ),
        returns(
            lambda got: "a" not in got,
            "Have another look at a. Both series begin with 0 there, exactly.",
        ),
        returns(
            lambda got: "c" not in got,
            "Have another look at c. This series was made at another point than b's, and x − 2 "
            "is exact.",
        ),
        returns(
            lambda got: "d" not in got,
            "Have another look at d. How large is γ² here, and does it survive beside 4 if you "
            "have that many digits?",
        ),
        returns(
            lambda got: "f" not in got,
            "Have another look at f. The difference does not look at x itself. In which region "
            "do the two points lie at which it does look?",
        ),
    ],
)

# -- next_coefficient: one step of the long division --------------------------------------------


def following(f: Numbers, g: Numbers, q: Numbers) -> float:
    """Return the coefficient after those in q."""
    return float(exact_quotient(f, g)[len(q)])


def started(f: Numbers, g: Numbers, done: int) -> tuple[Numbers, Numbers, Numbers]:
    """Make the arguments for a division of which so many coefficients are known."""
    return f, g, exact_quotient(f, g)[:done].tolist()


def divisions(rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Draw divisions that have come to different places."""
    for done in (2, 3, 1):
        f, g = (np.round(rng.uniform(1.1, 2.9, 4) * [1, -1, 1, 1], 1).tolist() for _ in range(2))
        yield started(f, g, done)


def taken_away(f: Numbers, g: Numbers, q: Numbers) -> float:
    """Return what earlier steps have taken from f at this place."""
    n = len(q)
    return sum(q[j] * g[n - j] for j in range(n))


next_coefficient = Task(
    "next_coefficient",
    minutes=7,
    takes="f, g, q",
    gives=number,
    properties=[
        agrees(
            "it is the next coefficient of 1 / (1 − t)",
            following,
            [started([1.0, 0.0, 0.0, 0.0], [1.0, -1.0, 0.0, 0.0], n) for n in (1, 2, 3)],
        ),
        agrees("it is so for other divisions", following, divisions),
        agrees(
            "the first one is right, too",
            following,
            [started([3.0, 1.0], [2.0, 5.0], 0)],
            diagnosis="Before the first step q is empty, and nothing has been taken away.",
        ),
    ],
    mistakes=[
        computes(
            lambda f, g, q: f[len(q)] / g[0],
            "The earlier steps have taken something away from f at this place. It is not "
            "subtracted yet.",
        ),
        computes(
            lambda f, g, q: f[len(q)] - taken_away(f, g, q),
            "This is the remainder. How often does the divisor's first coefficient go into it?",
        ),
        computes(
            lambda f, g, q: (f[len(q)] + taken_away(f, g, q)) / g[0],
            "What earlier steps have used up is taken away, not added.",
        ),
        computes(
            lambda f, g, q: (f[len(q)] - sum(q[j] * g[j] for j in range(len(q)))) / g[0],
            "The powers do not match: the coefficients of tʲ and of tʲ meet at t²ʲ. Which two "
            "powers meet at tⁿ?",
        ),
    ],
)

# -- series_repair: (eˣ − 1 − x)/x² without its hole, and without a change ----------------------


@cache
def truth(x: float) -> tuple[float, float]:
    """Sum the series of value and slope in fractions, which lose nothing, far enough."""
    t = Fraction(x)
    value = sum((t**k / factorial(k + 2) for k in range(100)), Fraction(0))
    slope = sum((k * t ** (k - 1) / factorial(k + 2) for k in range(1, 100)), Fraction(0))
    return float(value), float(slope)


def at_points(*points: float) -> Callable[[Ask, np.random.Generator], Iterator[bool | str]]:
    """Compare value and slope with the truth, at these points and at neighbors drawn."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        for x in (*points, *(float(p * rng.uniform(0.7, 1.4)) for p in points)):
            yield judged(both(ask, x), truth(x))

    return test


def both(ask: Ask, x: float) -> Any:
    """Ask for the value, and take the slope of the learner's program by tinyad."""
    import tinyad as ad

    def action(repaired: Callable[[Any], Any]) -> tuple[Any, Any]:
        return repaired(x), ad.derivative(repaired)(x)

    return ask.use(action, f"x = {x:.6g}; value, and slope by ad.derivative", args=(x,))


def judged(got: tuple[float, float], wanted: tuple[float, float]) -> bool | str:
    """Say which of value and slope is not right to nine digits."""
    right = [abs(g - w) <= 1e-9 * abs(w) for g, w in zip(got, wanted, strict=True)]
    if all(right):
        return True
    if right[0]:
        return "the value is right to nine digits, the slope is not"
    return "the slope is right to nine digits, the value is not" if right[1] else "both are off"


def flat_at_zero(calls: Sequence[Call]) -> bool:
    """Is the only slope at 0 that came back 0, beside the right value?"""
    last = calls[-1]
    return bool(last.args == (0.0,) and last.value == (0.5, 0.0))


def nearly_right(calls: Sequence[Call]) -> bool:
    """Is the slope close to the hole right to a few digits, as it is without the quotient?"""
    ((x,), (_, slope)) = calls[-1].args, calls[-1].value
    return bool(0 < abs(x) < 2e-5 and abs(slope / truth(x)[1] - 1) < 1e-2)


series_repair = Task(
    "series_repair",
    minutes=18,
    takes="x",
    gives=pair,
    properties=[
        holds("at 0 it has the value and the slope that the hole hides", at_points(0.0)),
        holds(
            "it has the right value and slope close to the hole",
            at_points(1e-12, -1e-9, 1e-6, -1e-5),
            "The point 0 itself is mended. But its neighbors still get their slope from the "
            "quotient, which has lost their digits.",
        ),
        holds(
            "it is right where series and quotient change places",
            at_points(1e-4, -1e-3, 1e-2, -0.1, 0.3, -0.6),
            "Here either the quotient has lost too many digits, or the series ends too early. "
            "With more terms you can change places further out.",
        ),
        holds(
            "it is right far away from the hole",
            at_points(1.5, -3.0, 8.0, -15.0),
            "So far out the terms that were cut off matter. The quotient has no trouble here.",
        ),
    ],
    mistakes=[
        Mistake(
            flat_at_zero,
            "The NaN is gone, and so is the slope: a branch that returns a constant has slope 0. "
            "Return something that moves with x.",
        ),
        Mistake(
            nearly_right,
            "The series ends too early: a straight line has the same slope everywhere, and even "
            "here the true slope moves with x.",
        ),
        returns(
            lambda got: not np.all(np.isfinite(got)),
            "The hole is still there. At 0 the quotient must not be asked at all.",
        ),
        returns(
            lambda got: got[0] == 0.0,
            "The value is 0 at the hole: a number that was added to the divisor? That makes "
            "another function of it.",
        ),
    ],
)

# -- orders_paid: canceled zeros cost orders, which somebody must pay ---------------------------


def series(text: str, coefficient: Callable[[int], float]) -> Formula:
    """Make a function of n that returns the first n coefficients of a series."""
    return Formula(text, lambda n: [float(coefficient(k)) for k in range(n)])


def exponential(k: int) -> float:
    """Give the coefficients of the exponential."""
    return 1 / factorial(k)


ONE = series("1", lambda k: k == 0)
T = series("t", lambda k: k == 1)
T2 = series("t²", lambda k: k == 2)
ONE_LESS_T = series("1 - t", lambda k: [1, -1][k] if k < 2 else 0)
EXP = series("exp(t)", exponential)
EXP_1 = series("exp(t) - 1", lambda k: exponential(k) if k > 0 else 0)
EXP_2 = series("exp(t) - 1 - t", lambda k: exponential(k) if k > 1 else 0)
SINE = series("sin(t)", lambda k: k % 2 * (-1) ** (k // 2) * exponential(k))
COSINE = series(
    "1 - cos(t)", lambda k: 0 if k == 0 or k % 2 else -((-1) ** (k // 2)) * exponential(k)
)
SMALL = series("1e-9 + t", lambda k: [1e-9, 1][k] if k < 2 else 0)
SMALL_EXP = series("1e-9 * exp(t)", lambda k: 1e-9 * exponential(k))


def paid(f: Formula, g: Formula, count: int) -> np.ndarray:
    """Return so many coefficients of f/g: enough are asked for, none is made up."""
    zeros = next(k for k in range(99) if g.function(k + 1)[k] != 0)
    a, b = (s.function(count + zeros)[zeros:] for s in (f, g))
    return exact_quotient(a, b)


def padded(f: Formula, g: Formula, count: int, more: int = 0) -> np.ndarray:
    """Return them as the locked program does: what is missing is filled up with zeros."""
    a, b = f.function(count + more), g.function(count + more)
    while a[0] == 0 and b[0] == 0 and any(b):
        a, b = [*a[1:], 0.0], [*b[1:], 0.0]
    return exact_quotient(a, b)[:count]


def all_of(*cases: tuple[Any, ...]) -> Callable[[Ask, np.random.Generator], Iterator[bool | str]]:
    """Compare the coefficients with the true ones; say so if there are too few or too many."""

    def test(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
        for f, g, count in cases:
            got = ask(f, g, count)
            if len(got) != count:
                yield f"{len(got)} coefficients came back, asked for were {count}"
            else:
                yield close(got, paid(f, g, count), 1e-10)

    return test


orders_paid = Task(
    "orders_paid",
    minutes=14,
    takes="f, g, count",
    gives=coefficients,
    properties=[
        holds(
            "it is right where no zero is canceled",
            all_of((ONE, ONE_LESS_T, 5), (EXP, ONE_LESS_T, 4), (SINE, EXP, 3)),
        ),
        holds(
            "it is right where one zero is canceled",
            all_of((EXP_1, T, 4), (EXP_1, SINE, 5), (T, EXP_1, 3), (T2, SINE, 4)),
        ),
        holds(
            "it is right where two zeros are canceled",
            all_of((EXP_2, T2, 4), (EXP_2, COSINE, 5), (COSINE, EXP_2, 3)),
        ),
        holds(
            "it is right if fewer coefficients are wanted than zeros are canceled",
            all_of((EXP_1, SINE, 1), (COSINE, T2, 1), (EXP_2, T2, 2)),
        ),
        holds(
            "a small number is no zero",
            all_of((SMALL_EXP, SMALL, 1), (SMALL, SMALL_EXP, 1)),
            "Something small was canceled as if it were 0. It is the first coefficient of a "
            "sound series.",
        ),
    ],
    mistakes=[
        Mistake(
            lambda calls: len(calls[-1].value) < calls[-1].args[2],
            "Nothing is made up any more, but the canceled zeros have cost orders, and these "
            "coefficients are missing now. Where could you get more of them?",
        ),
        computes(
            padded,
            "The end of the list is still made up: a 0 stands for a coefficient that nobody "
            "has asked f or g for.",
        ),
        computes(
            lambda f, g, count: padded(f, g, count, more=1),
            "One order is paid back. How many zeros are canceled here?",
        ),
    ],
    seconds=5.0,
)

# -- laurent_quotient: if zeros are left in the divisor, there is a pole ------------------------


def laurent(value: Any) -> np.ndarray:
    """Accept (start, coefficients), with a whole number in front."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise UnfitError("A pair is needed: a power, and a list of coefficients.")
    start = number(value[0])
    if not start.is_integer():
        raise UnfitError(f"The first power is a whole number; {described(value[0])} came back.")
    return np.concatenate([[start], coefficients(value[1])])


def leading_zeros(f: Numbers) -> int:
    """Count the zeros at the beginning."""
    return next(k for k, c in enumerate(f) if c != 0)


def true_laurent(f: Numbers, g: Numbers) -> np.ndarray:
    """Return the first power and the coefficients that follow from those given."""
    above, below = leading_zeros(f), leading_zeros(g)
    known = len(f) - max(above, below)
    q = exact_quotient(f[above : above + known], g[below : below + known])
    return np.array([above - below, *q])


def of_length(n: int, *pairs: tuple[Formula, Formula]) -> list[tuple[Numbers, Numbers]]:
    """Hand over the first n coefficients of each."""
    return [(f.function(n), g.function(n)) for f, g in pairs]


def laurent_cases(
    *cases: tuple[Numbers, Numbers],
) -> Callable[[Ask, np.random.Generator], Iterator[bool | str]]:
    """Compare first powers, then lengths, then coefficients."""

    def test(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
        for f, g in cases:
            got, wanted = ask(f, g), true_laurent(f, g)
            if got[0] != wanted[0]:
                yield "the first power is another one"
            elif len(got) != len(wanted):
                fewer = "fewer" if len(got) < len(wanted) else "more"
                yield f"{len(got) - 1} coefficients came back; {fewer} than f and g determine"
            else:
                yield close(got, wanted, 1e-10)

    return test


laurent_quotient = Task(
    "laurent_quotient",
    minutes=13,
    takes="f, g",
    gives=laurent,
    stretch=True,
    properties=[
        holds(
            "it is right where there is no zero",
            laurent_cases(*of_length(4, (EXP, ONE_LESS_T), (ONE_LESS_T, EXP))),
        ),
        holds(
            "it is right where all zeros cancel",
            laurent_cases(*of_length(5, (EXP_1, SINE), (COSINE, T2))),
        ),
        holds(
            "it is right at a pole",
            laurent_cases(*of_length(5, (ONE, SINE), (EXP, COSINE), (SINE, T2))),
        ),
        holds(
            "it is right where f has more zeros than g",
            laurent_cases(*of_length(5, (T2, EXP), (COSINE, SINE))),
        ),
    ],
    mistakes=[
        Mistake(
            lambda calls: calls[-1].value[0] == -true_laurent(*calls[-1].args)[0] != 0,
            "The sign of the first power is turned round: 1/t is the power −1.",
        ),
        Mistake(
            lambda calls: calls[-1].value[0] == 0 != true_laurent(*calls[-1].args)[0],
            "Only zeros that both lists share cancel. What is left over of them, above or below, "
            "says where the quotient begins.",
        ),
        Mistake(
            lambda calls: len(calls[-1].value) > len(true_laurent(*calls[-1].args)),
            "More coefficients came back than can be known. Each zero that is dropped shortens a "
            "list.",
        ),
    ],
)

EXERCISE = Exercise(
    name="16b_series_and_digits",
    title="Exercise 16b · Divide series, and pay for the zeros",
    tasks=[cured_regions, next_coefficient, series_repair, orders_paid, laurent_quotient],
)
