"""Checks of exercise 19: three stories about gradients: predicted, measured, judged, repaired."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

import tinyad as ad
from tinyad.course.ask import Ask, Call
from tinyad.course.formulas import Formula
from tinyad.course.kinds import UnfitError, described, number, pair
from tinyad.course.properties import agrees, computes, holds
from tinyad.course.task import Exercise, Mistake, Property, Task

F = np.float32


def run(f: Callable[[Any], Any], x: float, dtype: type = F) -> tuple[Any, Any]:
    """Return value and slope from the tape, in this precision."""
    with np.errstate(all="ignore"):
        value, slope = ad.value_and_grad(f)(dtype(x))
    return value, slope


# -- the three stories, as programs and in closed form --------------------------------------------


def loss(x: float) -> tuple[float, float]:
    """Return log(1 + exp(-x)) and its slope, without the loss."""
    return float(np.log1p(np.exp(-x))), float(-1 / (1 + np.exp(x)))


def quotient(x: float) -> tuple[float, float]:
    """Return (sqrt(1 + x) - 1) / x and its slope, with the difference cancelled by hand."""
    root = math.sqrt(1 + x)
    return 1 / (root + 1), -1 / (2 * root * (root + 1) ** 2)


def distance(x: float) -> tuple[float, float]:
    """Return |x| and its slope, with 0 at the kink."""
    return abs(x), float(np.sign(x))


TRUTHS = {"A": loss, "B": quotient, "C": distance}
PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "A": lambda x: np.log(1 + np.exp(-x)),
    "B": lambda x: (np.sqrt(1 + x) - 1) / x,
    "C": lambda x: np.sqrt(x * x),
}

# -- silent_loss: value and gradient of story A, by pencil ----------------------------------------


def relatively(got: float, true: float, tolerance: float = 0.02) -> bool:
    """Is `got` the number, up to two percent of it?"""
    return abs(got - true) <= tolerance * abs(true)


def predicted(ask: Ask, _rng: np.random.Generator) -> Iterator[bool]:
    """Compare both numbers with those of the run."""
    value, slope = ask()
    yield value == run(PROGRAMS["A"], 20.0)[0] and relatively(slope, loss(20.0)[1])


def guesses(value: float | None, slope: float | None, says: str) -> Mistake:
    """Recognize one wrong pair; None stands for any number."""

    def matches(calls: Sequence[Call]) -> bool:
        pairs = zip(calls[-1].value, (value, slope), strict=True)
        return all(
            wanted is None or relatively(got, wanted) or (got != got and wanted != wanted)
            for got, wanted in pairs
        )

    return Mistake(matches, says)


silent_loss = Task(
    "silent_loss",
    minutes=6,
    takes="",
    gives=pair,
    properties=[holds("both numbers are those of the run", predicted)],
    mistakes=[
        guesses(
            0.0,
            0.0,
            "The value is what you say. But does the slope of the logarithm, or that of the "
            "exponential, use this value?",
        ),
        guesses(
            loss(20.0)[0],
            None,
            "That is the exact value. In float32, what is left of 1 + exp(-20)?",
        ),
        guesses(
            0.0,
            -loss(20.0)[1],
            "The size is right. Which way does the loss go as x grows?",
        ),
        guesses(
            0.0,
            -1.0,
            "One factor is missing: the logarithm has the slope 1 / (1 + exp(-x)), and inside it "
            "exp(-x) moves, too.",
        ),
        guesses(None, math.nan, "No 0/0 and no infinity occurs on the way. Go step by step."),
    ],
)

# -- right_digits: how many digits of value and gradient are right --------------------------------


def judge(
    f: Formula,
    truth: Formula,
    x: float,
    *,
    dtype: type = F,
    at: type = F,
    compare: type = float,
    relative: bool = True,
    cut: Callable[[float], float] = math.floor,
    low: float = 0,
    high: float = 7,
) -> tuple[float, float]:
    """Count right digits; the options spoil one step each."""

    def digits(got: Any, true: float) -> float:
        if float(got) == true:
            return high
        if not math.isfinite(got) or true == 0:
            return 0
        error = float(abs(compare(got) - compare(true)))
        error /= abs(true) if relative else 1
        return min(high, max(low, cut(-math.log10(error)))) if error else high

    value, slope = run(f.function, x, dtype)
    true_value, true_slope = truth.function(float(at(x)))
    return digits(value, true_value), digits(slope, true_slope)


def absorbed(x: float) -> tuple[float, float]:
    """Return value and slope of the lesson's first program, on fractions."""
    z = (Fraction(x) - 1) * 10**10 + 1
    return float(z * z), float(2 * z * 10**10)


def made(text: str, f: Callable[[Any], Any], true: Callable[[float], Any]) -> tuple[Formula, ...]:
    """Make a program and its truth, ready to be handed over."""
    return Formula(text, f), Formula(f"the truth about {text}", true)


LOSS = made("log(1 + exp(-x))", PROGRAMS["A"], loss)
QUOTIENT = made("(sqrt(1 + x) - 1) / x", PROGRAMS["B"], quotient)
DISTANCE = made("sqrt(x * x)", PROGRAMS["C"], distance)
GAP = made("x - 1", lambda x: x - 1, lambda x: (x - 1, 1.0))
ABSORBED = made("((x * 1e10 + 1) - 1e10)**2", lambda x: ((x * 1e10 + 1) - 1e10) ** 2, absorbed)
NEARLY = made("x", lambda x: x * 1, lambda x: (x * (1 + 0.7e-7), 1.0))


def clear(f: Formula, truth: Formula, x: float) -> bool:
    """Is no error so near to a power of ten that its spelling decides?"""
    counts = judge(f, truth, x, cut=lambda d: d)
    return all(d in (0, 7) or 0.02 < d % 1 < 0.98 for d in counts)


def measured(rng: np.random.Generator) -> Iterator[tuple[Formula, Formula, float]]:
    """Draw points of the quotient and of the absorbing square."""
    found = 0
    while found < 6:
        f, truth = (QUOTIENT, ABSORBED)[found % 2]
        x = float(10 ** rng.uniform(-4.5, -1)) if found % 2 == 0 else float(rng.uniform(1.01, 3))
        if clear(f, truth, x):
            found += 1
            yield f, truth, x


def counts(value: Any) -> tuple[float, float]:
    """Accept two whole numbers."""
    both = pair(value)
    if any(n != int(n) for n in both if math.isfinite(n)) or not all(map(math.isfinite, both)):
        raise UnfitError("Two whole numbers are needed: bring each count to an `int`.")
    return both


right_digits = Task(
    "right_digits",
    minutes=17,
    takes="f, truth, x",
    gives=counts,
    properties=[
        agrees(
            "it is so at the worked example, and at 1.1 for the lesson's first program",
            judge,
            [(*QUOTIENT, 1e-3), (*ABSORBED, 1.1)],
        ),
        agrees("it counts the digits of value and slope", judge, measured),
        agrees("an exact result has all of its digits", judge, [(*GAP, 1.5), (*GAP, 1.0001)]),
        agrees("a slope that is far off has none", judge, [(*QUOTIENT, 1e-5)]),
        agrees(
            "infinity and NaN have none",
            judge,
            [(*DISTANCE, 0.0), (*LOSS, -100.0)],
            diagnosis="An infinite or missing error has no whole number of digits: ask "
            "`np.isfinite` first.",
        ),
        agrees(
            "where the truth is 0, all or nothing is right",
            judge,
            [(*GAP, 1.0), (*ABSORBED, 1.0)],
            diagnosis="A relative error divides by the truth, which is 0 here. Treat that first.",
        ),
        agrees("the comparison itself does not round to float32", judge, [(*NEARLY, 1.0)]),
    ],
    mistakes=[
        *[
            computes(
                lambda f, truth, x, at=at: judge(f, truth, x, dtype=float, at=at),
                "These are the digits of a run in float64. The program decides by the type of x: "
                "hand it np.float32(x).",
            )
            for at in (float, F)
        ],
        computes(
            lambda f, truth, x: judge(f, truth, x, at=float),
            "The program has never seen x, but the float32 nearest to it. Ask the truth at that "
            "number, as a float.",
        ),
        computes(
            lambda f, truth, x: judge(f, truth, x, relative=False),
            "This counts decimals after the point. How large is the error beside the truth?",
        ),
        computes(
            lambda f, truth, x: judge(f, truth, x, cut=round),
            "A digit that is nearly right is not right: round down.",
        ),
        computes(
            lambda f, truth, x: judge(f, truth, x, low=-math.inf),
            "A result that is off by a hundred times the truth has no right digit; a negative "
            "number of digits is no count.",
        ),
        computes(
            lambda f, truth, x: judge(f, truth, x, high=16),
            "A float32 has about seven digits; count no more.",
        ),
        computes(
            lambda f, truth, x: judge(f, truth, x, high=6),
            "One too few where nothing is wrong: a float32 has about seven digits.",
        ),
        computes(
            lambda f, truth, x: judge(f, truth, x, compare=F),
            "The difference was rounded to float32, too. Make a float of the result before you "
            "compare it.",
        ),
        computes(
            lambda f, truth, x: judge(f, truth, x)[::-1],
            "The two counts are in the wrong order: the value's comes first.",
        ),
    ],
)

# -- verdicts: eight claims, each with a word, and a point where two functions differ -------------

WORDS = ("right", "wrong", "another function", "not shown")
CLAIMS = ("A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2")
FIXES: dict[str, Callable[[float], float]] = {
    "A3": lambda x: max(-x, 0.0),
    "C2": lambda x: math.sqrt(x * x + 1e-6),
}
HINTS = {
    "A1": "Set the value at 20 beside the exact one: how many digits are right?",
    "A2": "Your `right_digits` returns two counts at 20. Read the second one.",
    "A3": "Two questions: is it stable, and is it this loss? Compare the two at a few points, 0 "
    "among them, in Python's own floats.",
    "B1": "Measure it: the first count of `right_digits` at 0.001.",
    "B2": "Measure it: the second count of `right_digits` at 0.001. A claim that begins with "
    "“so” can fail there.",
    "B3": "What else could have made the training worse? If the root were as good as here, would "
    "the story read differently?",
    "C1": "Run it at 0. Then work out the two local slopes by pencil, and their product.",
    "C2": "It does give 0 there as a slope. Look at the values: is everything else as before, near "
    "0 too?",
}


def sheet(value: Any) -> dict[str, tuple[str, float | None]]:
    """Accept one verdict a claim; "another function" comes with a counterexample."""
    if not isinstance(value, dict) or set(value) != set(CLAIMS):
        raise UnfitError(
            f"A dict with the keys {', '.join(CLAIMS)} is needed; {described(value)} came back."
        )
    return {claim: entry(claim, value[claim]) for claim in CLAIMS}


def entry(claim: str, value: Any) -> tuple[str, float | None]:
    """Read one verdict."""
    word, x = value if isinstance(value, tuple) and len(value) == 2 else (value, None)
    if not isinstance(word, str) or word not in WORDS:
        words = ", ".join(f'"{w}"' for w in WORDS)
        raise UnfitError(f"For {claim}, one of {words} is needed; {described(word)} came back.")
    if word == "another function" and x is None:
        raise UnfitError(
            f"For {claim}, a counterexample goes with this verdict, as in "
            f'("another function", 0.25).'
        )
    return word, None if x is None else number(x)


def differs(claim: str, x: float) -> bool:
    """Do the function and its "fix" differ by more than a tenth of the larger one?"""
    true, fixed = TRUTHS[claim[0]](x)[0], FIXES[claim](x)
    return abs(true - fixed) > 0.1 * max(abs(true), abs(fixed))


def tenable(claim: str, word: str) -> bool:
    """Judge a verdict by running what the claim speaks of."""
    if claim in FIXES:
        return word == "another function"
    if claim == "B3":
        return word == "not shown"
    return (word == "right") is true_claim(claim) and word in ("right", "wrong")


def true_claim(claim: str) -> bool:
    """Measure a claim that a run decides."""
    formulas = {"A": LOSS, "B": QUOTIENT, "C": DISTANCE}[claim[0]]
    x = {"A": 20.0, "B": 1e-3, "C": 0.0}[claim[0]]
    value, slope = judge(formulas[0], formulas[1], x)
    return {
        "A1": value == 0,
        "A2": slope == 0,
        "B1": value == 4,
        "B2": slope >= 4,
        "C1": bool(np.isnan(run(PROGRAMS[claim[0]], x)[1])),
    }[claim]


def story(letter: str) -> Property:
    """Make the property that the verdicts on one story can stand."""

    def test(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
        answer = ask()
        for claim in CLAIMS:
            if claim.startswith(letter):
                stands = tenable(claim, answer[claim][0])
                yield True if stands else f"{claim} is judged otherwise than its evidence"

    return holds(f"the verdicts on story {letter} stand", test)


def witnesses(ask: Ask, _rng: np.random.Generator) -> Iterator[bool | str]:
    """Try the counterexamples."""
    answer = ask()
    for claim in FIXES:
        x = answer[claim][1]
        yield (
            True
            if x is not None and math.isfinite(x) and abs(x) < 500 and differs(claim, x)
            else f"at the point for {claim} the two functions are nearly the same"
        )


def misjudged(claim: str, says: str) -> Mistake:
    """Recognize a wrong verdict on one claim."""
    return Mistake(lambda calls: not tenable(claim, calls[-1].value[claim][0]), says)


verdicts = Task(
    "verdicts",
    minutes=14,
    takes="",
    gives=sheet,
    properties=[
        story("A"),
        story("B"),
        story("C"),
        holds(
            "each counterexample is one",
            witnesses,
            diagnosis="A counterexample is a point at which the two functions differ, both "
            "computed without rounding. Where do you expect them farthest apart?",
        ),
    ],
    mistakes=[misjudged(claim, says) for claim, says in HINTS.items()],
)

# -- repaired: the same three functions, with their digits ----------------------------------------


def asked(ask: Ask, letter: str, x: float) -> tuple[float, float]:
    """Run the learner's version of one story on the tape."""
    found: tuple[float, float] = ask.use(
        lambda learner: run(lambda t: learner(letter, t), x),
        f"story = '{letter}', x = {float(F(x)):.6g} in float32; value and slope",
        args=(letter, x),
    )
    return found


def near(letter: str, x: float, got: tuple[float, float], value: float, slope: float) -> bool:
    """Compare with the truth at the float32, by relative error."""
    true_value, true_slope = TRUTHS[letter](float(F(x)))
    return relatively(got[0], true_value, value) and relatively(got[1], true_slope, slope)


def same(letter: str, points: Callable[[np.random.Generator], Any]) -> Property:
    """Make the property that the function is still that of the story."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
        for x in points(rng):
            yield near(letter, x, asked(ask, letter, x), 0.01, math.inf)

    return holds(f"{letter} still computes the same function", test)


def accurate(letter: str, points: Sequence[float]) -> Property:
    """Make the property that value and slope keep their digits where the story loses them."""

    def test(ask: Ask, _rng: np.random.Generator) -> Iterator[bool]:
        for x in points:
            yield near(letter, x, asked(ask, letter, x), 1e-6, 1e-5)

    return holds(f"{letter} keeps the digits of value and gradient", test)


def kink(ask: Ask, _rng: np.random.Generator) -> Iterator[bool]:
    """Ask for a slope between those of the two sides."""
    value, slope = asked(ask, "C", 0.0)
    yield value == 0 and -1 <= slope <= 1


def instead(letter: str, wrong: Callable[[Any], Any], says: str) -> Mistake:
    """Recognize another program in place of one story."""

    def alike(call: Call) -> bool:
        expected = run(wrong, call.args[1])
        return all(
            (math.isnan(a) and math.isnan(b)) or a == b or relatively(a, float(b), 1e-4)
            for a, b in zip(call.value, expected, strict=True)
        )

    def matches(calls: Sequence[Call]) -> bool:
        of_story = [call for call in calls if call.args[0] == letter]
        return calls[-1].args[0] == letter and all(map(alike, of_story))

    return Mistake(matches, says)


def everywhere(low: float, high: float) -> Callable[[np.random.Generator], Any]:
    """Draw points on both sides of 0."""
    return lambda rng: [float(x) for x in rng.uniform(low, high, 5)]


UNCHANGED = "This is the program of the story. It is the right function, without its digits."

repaired = Task(
    "repaired",
    minutes=16,
    takes="story, x",
    gives=pair,
    properties=[
        same("A", everywhere(-9.0, 9.0)),
        accurate("A", (10.0, 15.0, 20.0, 30.0, 1.0, -5.0)),
        same("B", lambda rng: [*everywhere(0.5, 8.0)(rng), -0.75, 0.01]),
        accurate("B", (1e-1, 1e-2, 1e-3, -1e-3, 1e-4, 1e-5, 3.0)),
        same("C", lambda rng: [*everywhere(-5.0, 5.0)(rng), 1e-3, -1e-3]),
        accurate("C", (1e-3, -1e-3, 2.0, -2.0)),
        holds("C has the value 0 at 0, and a slope from -1 to 1", kink),
    ],
    mistakes=[
        *[instead(letter, PROGRAMS[letter], UNCHANGED) for letter in "AB"],
        instead(
            "A",
            lambda x: np.maximum(-x, 0),
            "This is the fix of claim A3. You have judged it already.",
        ),
        instead(
            "A",
            lambda x: np.log1p(np.exp(x)),
            "This is the loss of -x. Keep the sign inside.",
        ),
        instead(
            "A",
            lambda x: np.exp(-x),
            "Nearly the same for large x, but only there.",
        ),
        instead(
            "B",
            lambda x: 0.5 - x / 8,
            "This is the function near 0. Farther out it is another one.",
        ),
        instead(
            "B",
            lambda x: (np.sqrt(1 + x) - 1) / (x + 1e-6),
            "A small number in the denominator makes another function, and the digits were lost "
            "above the line.",
        ),
        instead(
            "B",
            lambda x: np.expm1(0.5 * np.log1p(x)) / x,
            "The value has its digits. The slope still loses some, because it divides by x once "
            "more. Get rid of the division by x.",
        ),
        instead(
            "C",
            lambda x: np.sqrt(x * x + 1e-6),
            "This is the fix of claim C2. You have judged it already.",
        ),
        instead(
            "C",
            PROGRAMS["C"],
            "The values are right. But at 0 a root of 0 is still on the way, and its slope is "
            "infinite, in a branch that is not taken as well.",
        ),
        instead("C", lambda x: x * 1, "Right where x is positive. And on the left of 0?"),
    ],
)

EXERCISE = Exercise(
    "19_claims_under_test",
    "Exercise 19 · Be the referee",
    [silent_loss, right_digits, verdicts, repaired],
)
