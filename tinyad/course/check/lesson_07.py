"""Checks of exercise 7: formulas, their derivatives and steps, and two pieces of a bug museum."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call
from tinyad.course.formulas import CUBES, TRAVELING, WAVES, Formula
from tinyad.course.kinds import UnfitError, described, number, pair, shown, some_of
from tinyad.course.properties import agrees, close, computes, holds, returns, unchanged
from tinyad.course.task import Exercise, Mistake, Task

Vector = np.ndarray
Random = np.random.Generator

# -- runs_on_names: which programs leave a formula ---------------------------------------------


def squared(x: Any) -> Any:
    """Program a."""
    for _ in range(5):
        x = x * x
    return x


def folded(x: Any) -> Any:
    """Program b."""
    if x > 0:
        return x
    return -x


def clipped(x: Any) -> Any:
    """Program c."""
    return np.maximum(x, 0)


def grown(x: Any) -> Any:
    """Program d."""
    while x < 100:
        x = 2 * x
    return x


def moved(x: Any) -> Any:
    """Program e."""
    n = 3
    if n > 2:
        x = x + n
    return x


def pieced(x: Any) -> Any:
    """Program f."""
    return np.where(x < 1, x * x, np.sin(x))


PROGRAMS = {"a": squared, "b": folded, "c": clipped, "d": grown, "e": moved, "f": pieced}


def leaves_a_formula() -> frozenset[str]:
    """Run each program on a symbol, and see."""
    from tinyad.errors import BranchError
    from tinyad.modes.symbolic import expression

    found = set()
    for letter, program in PROGRAMS.items():
        try:
            expression(program, "x")
        except BranchError:
            continue
        found.add(letter)
    return frozenset(found)


runs_on_names = Task(
    "runs_on_names",
    minutes=6,
    takes="",
    gives=some_of(*PROGRAMS),
    properties=[
        agrees(
            "the list holds the programs that run on a name, and no others",
            leaves_a_formula,
            [()],
            diagnosis="For each program, look for the places where Python must decide whether to "
            "go on, or which way. What does it have to know there?",
        )
    ],
    mistakes=[
        returns(
            lambda chosen: bool(chosen & {"b", "d"}),
            "At least one of them asks whether x is larger or smaller than a number, before it "
            "goes on. A name cannot answer.",
        ),
        returns(
            lambda chosen: "a" not in chosen,
            "A loop alone is no obstacle. Does anybody ask x how often it is to turn?",
        ),
        returns(
            lambda chosen: "e" not in chosen,
            "Not every `if` asks a name. Look at what stands behind this one.",
        ),
        returns(
            lambda chosen: not {"c", "f"} <= chosen,
            "To choose is not yet to ask: NumPy's functions that choose can be operations in a "
            "formula, like any other.",
        ),
    ],
)

# -- steady_slopes: rules that keep their digits -----------------------------------------------


def steady(x: float) -> tuple[float, float]:
    """Return both slopes, with fifty digits on the way."""
    import mpmath

    with mpmath.workdps(50):
        return float(mpmath.exp(x)), float(mpmath.sech(x) ** 2)


def right_digits(got: float, truth: float) -> bool:
    """Do eleven digits agree? Relative to the slope itself, however small it is."""
    return bool(abs(got - truth) <= 1e-11 * abs(truth))


def far(part: int, name: str, places: Callable[[Random], Iterable[float]]) -> Any:
    """Compare one of the slopes by its digits."""

    def test(ask: Ask, rng: Random) -> Iterator[bool | str]:
        for x in places(rng):
            got, truth = ask(x)[part], steady(x)[part]
            size = f"the true one is of the order 1e{math.floor(math.log10(truth))}"
            seen = f"the slope of {name} is {shown(got)}; {size}"
            yield True if right_digits(got, truth) else seen

    return test


def same_digits(wrong: Callable[[float], tuple[float, float]], part: int, says: str) -> Mistake:
    """Recognize a rule by the digits it gives far out, where they are few."""

    def matches(calls: Sequence[Call]) -> bool:
        pairs = [(call.value[part], wrong(*call.args)[part]) for call in calls]
        far_out = any(abs(call.args[0]) > 10 for call in calls)
        return far_out and all(g == w or right_digits(g, w) for g, w in pairs)

    return Mistake(matches, says)


def on_paper(x: float) -> tuple[float, float]:
    """Return both slopes by the rules that reuse the value."""
    return float(np.expm1(x)) + 1, 1 - float(np.tanh(x)) ** 2


def by_exponential(e: Any, power: int) -> float:
    """Return the slope of tanh from an exponential, rightly with the power 2."""
    return float(4 * e / (1 + e) ** power)


steady_slopes = Task(
    "steady_slopes",
    minutes=9,
    takes="x",
    gives=pair,
    properties=[
        agrees(
            "near 0, where no digits are lost, both are slopes",
            steady,
            [(0.5,), (-1.0,), (0.0,), (1.5,)],
        ),
        holds(
            "far to the left the slope of expm1 has its digits",
            far(0, "expm1", lambda rng: [-20.0, -40.0, -300.0, float(rng.uniform(-200, -50))]),
            "It is a slope of eˣ − 1. Find its derivative without a detour over the value.",
        ),
        holds(
            "far out on both sides the slope of tanh has its digits",
            far(1, "tanh", lambda rng: [15.0, -20.0, 40.0, -300.0, float(rng.uniform(50, 300))]),
            "Write tanh x with e⁻²ˣ, put it into 1 − tanh² x, and simplify on paper until nothing "
            "is subtracted any more.",
        ),
    ],
    mistakes=[
        same_digits(
            on_paper,
            0,
            "The slope of expm1 is still value + 1. Where the value is −1 up to its last digit, "
            "the sum has lost all of them.",
        ),
        same_digits(
            on_paper,
            1,
            "The slope of tanh is still 1 − tanh². Where tanh is 1 up to its last digit, the "
            "difference has lost all of them.",
        ),
        computes(
            lambda x: (steady(x)[0], by_exponential(np.exp(-2 * abs(x)), 1)),
            "Nearly: the denominator of 1 − tanh² is a square.",
        ),
        same_digits(
            lambda x: (math.nan, by_exponential(np.exp(np.float64(-2 * x)), 2)),
            1,
            "On one side of 0 your exponential grows without bound. The slope is the same at x "
            "and −x, so take the side on which it shrinks.",
        ),
        computes(
            lambda x: (steady(x)[0], steady(x)[1] / 4),
            "The slope of tanh is a quarter of what it should be.",
        ),
        computes(lambda x: steady(x)[::-1], "The two slopes look exchanged."),
    ],
)

# -- derive_formula: nested tuples in, nested tuples out ---------------------------------------

OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "*": np.multiply,
    "sin": np.sin,
    "cos": np.cos,
}
POINTS = (
    {"x": 0.73, "y": -1.31, "z": 2.17},
    {"x": -2.41, "y": 0.59, "z": 1.23},
    {"x": 1.87, "y": 1.13, "z": -0.67},
)


def evaluated(formula: Any, names: dict[str, Any]) -> Any:
    """Return the value of a formula, or say what is wrong with it."""
    if isinstance(formula, str):
        if formula not in names:
            raise UnfitError(f"The formula holds {formula!r}, which is not the name of anything.")
        return names[formula]
    if not isinstance(formula, tuple):
        return number(formula)
    if not formula or not isinstance(formula[0], str) or formula[0] not in OPERATIONS:
        raise UnfitError(f"A tuple begins with one of {shown(tuple(OPERATIONS))}.")
    operation, *parts = formula
    if len(parts) != (2 if operation in ("+", "*") else 1):
        raise UnfitError(f"{operation!r} stands with {len(parts)} formula(s) in one tuple.")
    return OPERATIONS[operation](*[evaluated(part, names) for part in parts])


def formula(value: Any) -> Vector:
    """Accept a formula of nested tuples; what counts are its values at three points."""
    if not isinstance(value, tuple | str):
        try:
            number(value)
        except UnfitError:
            needed = "A formula is needed: a number, a name, or a tuple such as ('+', 'x', 1)"
            raise UnfitError(f"{needed}; {described(value)} came back.") from None
    return np.array([evaluated(value, point) for point in POINTS], float)


def true_slopes(given: Any, name: str) -> Vector:
    """Differentiate by the complex step."""
    tiny = 1e-20
    values = [evaluated(given, {**p, name: p[name] + tiny * 1j}) for p in POINTS]
    return np.array([np.imag(v) / tiny for v in values])


Rules = dict[str, Callable[..., float]]
SOUND: Rules = {
    "+": lambda u, v, du, dv: du + dv,
    "*": lambda u, v, du, dv: du * v + u * dv,
    "sin": lambda u, du: np.cos(u) * du,
    "cos": lambda u, du: -np.sin(u) * du,
}


def slopes_by(
    rules: Rules, own: float = 1.0, other: float = 0.0, plain: float = 0.0
) -> Callable[..., Vector]:
    """Return what a learner with these rules gets, wrong ones included."""

    def walk(given: Any, name: str, point: dict[str, float]) -> tuple[float, float]:
        if isinstance(given, str):
            return point[given], own if given == name else other
        if not isinstance(given, tuple):
            return given, plain
        values, slopes = zip(*[walk(part, name, point) for part in given[1:]], strict=True)
        return OPERATIONS[given[0]](*values), rules[given[0]](*values, *slopes)

    return lambda given, name: np.array([walk(given, name, point)[1] for point in POINTS])


def nested(rng: Random) -> Iterator[tuple[Any, ...]]:
    """Draw formulas three operations deep."""

    def drawn(depth: int) -> Any:
        if depth == 0:
            return ("x", "y", float(rng.integers(2, 6)) + 0.5)[int(rng.integers(3))]
        operation = str(rng.choice(list(OPERATIONS)))
        parts = 2 if operation in ("+", "*") else 1
        return (operation, *(drawn(depth - 1) for _ in range(parts)))

    for name in ("x", "y", "x"):
        yield ("*", ("+", drawn(3), "x"), ("+", "y", drawn(2))), name


def second_derivative(given: Any, derive: Callable[..., Any]) -> Any:
    """Let the learner's function derive its own result."""
    return derive(derive(given, "x"), "x")


def twice(ask: Ask, _rng: Random) -> Iterator[bool | str]:
    """Derive what came back once more."""
    for given, truth in (
        (("*", "x", ("*", "x", "x")), [6 * p["x"] for p in POINTS]),
        (("sin", ("*", 2, "x")), [-4 * np.sin(2 * p["x"]) for p in POINTS]),
    ):
        derived_twice = functools.partial(second_derivative, given)
        got = ask.use(derived_twice, f"formula = {shown(given)}, derived in x twice")
        yield bool(np.allclose(got, truth, rtol=1e-9, atol=1e-9))


derive_formula = Task(
    "derive_formula",
    minutes=17,
    takes="formula, name",
    gives=formula,
    builds=True,
    properties=[
        agrees(
            "numbers and names have the derivatives 0 and 1",
            true_slopes,
            [("x", "x"), ("y", "x"), (7, "x"), ("y", "y")],
        ),
        agrees(
            "sums and products follow their rules",
            true_slopes,
            [
                (("+", ("*", 2.5, "x"), "y"), "x"),
                (("*", "x", "x"), "x"),
                (("*", "x", "y"), "y"),
                (("+", ("*", ("*", "x", "x"), "y"), ("+", "y", 2)), "x"),
                (("+", ("*", ("*", "x", "x"), "y"), ("+", "y", 2)), "y"),
            ],
        ),
        agrees(
            "so do sin and cos, whatever stands inside",
            true_slopes,
            [
                (("sin", "x"), "x"),
                (("cos", "x"), "x"),
                (("sin", ("*", "x", "x")), "x"),
                (("cos", ("sin", ("*", "x", "y"))), "y"),
            ],
        ),
        agrees("all of them may stand inside each other", true_slopes, nested),
        holds("what comes back can be derived again", twice),
    ],
    mistakes=[
        computes(
            slopes_by({**SOUND, "*": lambda u, v, du, dv: du * dv}),
            "The derivative of a product is not the product of the derivatives. One factor moves "
            "while the other waits; then they change places.",
        ),
        computes(
            slopes_by({**SOUND, "sin": lambda u, du: np.cos(u), "cos": lambda u, du: -np.sin(u)}),
            "The inner derivative is missing: what stands inside the sine moves at its own rate.",
        ),
        computes(
            slopes_by({**SOUND, "sin": lambda u, du: np.cos(du), "cos": lambda u, du: -np.sin(du)}),
            "The outer slope is taken at the derivative of the inside. It belongs to the inside "
            "itself; the derivative stands beside it as a factor.",
        ),
        computes(
            slopes_by({**SOUND, "cos": lambda u, du: np.sin(u) * du}),
            "The sign of one rule is wrong. Where cos has just left its top, does it rise or fall?",
        ),
        computes(
            slopes_by(SOUND, other=1.0),
            "Every name has the derivative 1. Which one is moving, and which are held still?",
        ),
        computes(slopes_by(SOUND, plain=1.0), "A number never moves. What is its derivative?"),
        computes(
            lambda given, name: formula(given),
            "The formula comes back as it was, or with the same values.",
        ),
    ],
)

# -- sound_complaints: a gradient check that checks ---------------------------------------------

MOST = 8


def positions(value: Any) -> Vector:
    """Accept a list of positions in an array; they come as a row of zeros and ones."""
    if not isinstance(value, list | tuple | np.ndarray) or np.ndim(value) != 1:
        raise UnfitError(f"A list of positions is needed, maybe []; {described(value)} came back.")
    marks = np.zeros(MOST)
    for item in value:
        if number(item) not in range(MOST):
            raise UnfitError(f"{shown(item)} is no position in the array.")
        marks[int(item)] = 1.0
    return marks


def complaints(test: Callable[[Vector], Any]) -> Callable[[Any, Any, Vector], Vector]:
    """Make a check that complains where the test of the errors says so."""

    def judge(f: Any, gradient: Any, x: Vector) -> Vector:
        marks = np.zeros(MOST)
        marks[: len(x)] = test(gradient(x) - f.derivative(x))
        return marks

    return judge


def first_only(errors: Vector) -> Vector:
    """Complain once."""
    bad = ~(np.abs(errors) <= 1e-4)
    return np.where(np.cumsum(bad) == 1, bad, False)


FAITHFUL = complaints(lambda errors: ~(np.abs(errors) <= 1e-4))


def spoiled(**spoilings: Callable[[Vector], Vector]) -> Callable[[Random], Any]:
    """Draw a function and a point, and hand over its gradient with each spoiling."""

    def drawn(rng: Random) -> Iterator[tuple[Any, ...]]:
        for f, n in ((TRAVELING, 2), (CUBES, 4), (WAVES, 3)):
            x = np.round(rng.uniform(0.4, 1.9, n), 2)
            for text, spoil in spoilings.items():
                claimed = Formula(
                    text.replace("_", " "), lambda x, f=f, spoil=spoil: spoil(f.derivative(x))
                )
                yield f, claimed, x

    return drawn


def added(at: int, amount: float) -> Callable[[Vector], Vector]:
    """Add a number to one entry."""
    return lambda g: g + amount * (np.arange(len(g)) == at % len(g))


sound_complaints = Task(
    "sound_complaints",
    minutes=12,
    takes="f, gradient, x",
    gives=positions,
    properties=[
        agrees(
            "a wrong entry is named, and no other",
            FAITHFUL,
            spoiled(
                first_too_large=added(0, 0.5),
                last_too_small=added(-1, -0.5),
                first_too_small=added(0, -0.5),
                last_too_large=added(-1, 0.5),
            ),
        ),
        agrees("a right gradient gives no complaints", FAITHFUL, spoiled(right=lambda g: +g)),
        agrees(
            "several wrong entries are all named",
            FAITHFUL,
            spoiled(all_zero=lambda g: 0 * g, sign_turned=lambda g: -g),
        ),
        agrees(
            "an entry that is NaN is named",
            FAITHFUL,
            spoiled(first_is_NaN=added(0, np.nan), last_is_NaN=added(-1, np.nan)),
            diagnosis="Every comparison with NaN is False, `nan > 1e-4` as well as `nan <= 1e-4`. "
            "Ask in such a way that False is the bad news.",
        ),
        unchanged("x", spoiled(right=lambda g: +g)),
    ],
    mistakes=[
        computes(
            lambda f, gradient, x: np.zeros(MOST),
            "Your check complains about nothing. Which quantity is compared with 1e-4, and has it "
            "anything to do with the gradient?",
        ),
        computes(
            complaints(lambda errors: np.ones(len(errors))),
            "Your check complains about everything.",
        ),
        computes(
            complaints(lambda errors: np.abs(errors) <= 1e-4),
            "Turned round: it names the entries that agree.",
        ),
        computes(
            complaints(lambda errors: errors > 1e-4),
            "A difference can be negative, and then it is smaller than any tolerance. Compare its "
            "absolute value.",
        ),
        computes(
            complaints(lambda errors: -errors > 1e-4),
            "A difference can be negative, and then it is smaller than any tolerance. Compare its "
            "absolute value.",
        ),
        computes(
            complaints(
                lambda errors: (np.arange(len(errors)) == len(errors) - 1) & (np.abs(errors) > 1e-4)
            ),
            "Only the last entry seems to be judged: does the comparison stand inside the loop?",
        ),
        computes(
            complaints(first_only),
            "It stops at the first complaint. The others may be wrong as well.",
        ),
        computes(
            complaints(lambda errors: np.full(len(errors), bool(np.any(np.abs(errors) > 1e-4)))),
            "One wrong entry, and all are named. Which one is it?",
        ),
    ],
)

# -- named_steps: a formula as a program, each part once ---------------------------------------


def program(value: Any) -> Vector:
    """Accept a list of named steps; what counts are its values and its length, in thousandths."""
    if not isinstance(value, list | tuple) or not value:
        raise UnfitError(f"A list of pairs (name, operation) is needed; {described(value)} came.")
    rooms = [dict(point) for point in POINTS]
    for step in value:
        if not isinstance(step, tuple) or len(step) != 2 or not isinstance(step[0], str):
            raise UnfitError(f"A step is a pair such as ('v1', ('+', 'x', 1)), not {shown(step)}.")
        name, operation = step
        if name in rooms[0]:
            raise UnfitError(f"The name {name!r} is given to two things.")
        if not isinstance(operation, tuple) or any(isinstance(p, tuple) for p in operation):
            raise UnfitError(
                f"A step does one operation, on numbers and names; {shown(operation)} came back."
            )
        for room in rooms:
            room[name] = evaluated(operation, room)
    return np.array([*(room[value[-1][0]] for room in rooms), len(value) / 1000], float)


def tuples(given: Any) -> list[Any]:
    """Return all operations of a formula, each as often as it is written."""
    found = [given]
    for item in found:
        found += [part for part in item[1:] if isinstance(part, tuple)]
    return found


def shortest(given: Any) -> Vector:
    """Return the values of the formula, and how many different operations it holds."""
    return np.array([*formula(given), len(set(tuples(given))) / 1000])


def unshared(given: Any) -> Vector:
    """Return its values, and how many operations are written."""
    return np.array([*formula(given), len(tuples(given)) / 1000])


def rounds(count: int, name: str = "x") -> Any:
    """Return the formula of x ← 4x(1 − x), repeated."""
    given: Any = name
    for _ in range(count):
        given = ("*", ("*", 4, given), ("+", 1, ("*", -1, given)))
    return given


def apart(rng: Random) -> Iterator[tuple[Any]]:
    """Draw formulas whose equal parts were built separately."""
    for size in rng.integers(2, 4, 2):
        twins = [("sin", rounds(int(size), "y")) for _ in range(2)]
        yield (("+", ("cos", twins[0]), ("*", twins[1], twins[0])),)


def last_value(ask: Ask, _rng: Random) -> Iterator[bool | str]:
    """Look at the values alone."""
    for given in (("+", "x", 1), ("*", ("+", "x", "y"), ("sin", "x")), rounds(2)):
        yield close(ask(given)[:-1], formula(given))


named_steps = Task(
    "named_steps",
    minutes=11,
    takes="formula",
    gives=program,
    stretch=True,
    properties=[
        holds("the last step has the value of the formula", last_value),
        agrees(
            "a part that is written several times is computed once",
            shortest,
            [(("*", ("+", "x", 1), ("+", "x", 1)),), (rounds(2),), (rounds(5),)],
        ),
        agrees(
            "parts count as equal even if they were built separately",
            shortest,
            apart,
            diagnosis="Two tuples can be equal without being the same object. A dict looks for "
            "equal keys.",
        ),
    ],
    mistakes=[
        computes(
            unshared,
            "Every part becomes a step as often as the formula writes it: this is the swell. "
            "Remember which parts have a name already.",
        ),
        computes(
            lambda given: np.array([*formula(given), len(set(tuples(given))) / 1000 + 0.001]),
            "There is one step too many. Does every step do an operation that the formula holds?",
        ),
    ],
)

EXERCISE = Exercise(
    "07_symbolic_mode",
    "Exercise 7 · Compute with names, and check the checkers",
    [runs_on_names, steady_slopes, derive_formula, sound_complaints, named_steps],
)
