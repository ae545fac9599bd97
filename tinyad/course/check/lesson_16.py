"""Checks of exercise 16: verdicts, killing lines, a repair, a guard without a slope, a NaN loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.course.ask import Ask, Call
from tinyad.course.kinds import UnfitError, described, number, vector
from tinyad.course.properties import agrees, close, holds, returns
from tinyad.course.task import Exercise, Mistake, Task


def words_of(count: int, options: Sequence[str]) -> Callable[[Any], tuple[str, ...]]:
    """Accept a list of so many words, each one of the options."""

    def kind(value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or len(value) != count:
            raise UnfitError(f"A list of {count} words is needed; {described(value)} came back.")
        for word in value:
            if not isinstance(word, str) or word not in options:
                raise UnfitError(f"Take words that the task lists; {described(word)} is none.")
        return tuple(value)

    return kind


def at(place: int, *wrong: str) -> Callable[[Sequence[str]], bool]:
    """Test for one of these words at a place."""
    return lambda got: got[place] in wrong


# -- named_verdicts: what does ad.diagnose say? -------------------------------------------------

VERDICTS = ("ok", "cancellation", "overflow", "underflow", "0/0", "domain")
COSINE, ROOT, SINE, RATIO, FADING, BELOW, SIGMOID = range(7)


def true_verdicts() -> tuple[str, ...]:
    """The verdicts; tests/course/test_exercise_16.py finds each by many digits."""
    return ("cancellation", "overflow", "0/0", "ok", "underflow", "domain", "overflow")


named_verdicts = Task(
    "named_verdicts",
    minutes=7,
    takes="",
    gives=words_of(7, VERDICTS),
    properties=[agrees("each line has its verdict", true_verdicts, [()])],
    mistakes=[
        returns(
            at(RATIO, *VERDICTS[1:]),
            "One line looks dangerous and is not: it subtracts nearly equal numbers, but has "
            "either of them been rounded before?",
        ),
        returns(
            at(SIGMOID, "0/0", "domain", "ok"),
            "In one line NaN comes out of ∞/∞. Which operation made an infinity first, out of "
            "finite numbers?",
        ),
        returns(
            at(COSINE, "0/0", "ok", "underflow"),
            "In the first line, neither numerator nor denominator should be 0. What is the cosine "
            "rounded to, and what is left after the subtraction?",
        ),
        returns(
            at(FADING, *{*VERDICTS} - {"underflow"}),
            "In one line a factor is far too small for a float, although the product is not.",
        ),
        returns(
            at(ROOT, *{*VERDICTS} - {"overflow"}),
            "In one line the result is an ordinary number, but something on the way is far too "
            "large for a float.",
        ),
        returns(
            at(BELOW, *{*VERDICTS} - {"domain"}),
            "In one line a function is asked for a number that it does not have.",
        ),
        returns(
            at(SINE, *{*VERDICTS} - {"0/0"}),
            "In one line numerator and denominator are both exactly 0.",
        ),
        returns(
            at(SIGMOID, *{*VERDICTS} - {"overflow"}),
            "Look at the last line again. How large is the exponential?",
        ),
        returns(
            at(COSINE, *{*VERDICTS} - {"cancellation"}),
            "Look at the first line again. How many digits of the difference are left?",
        ),
    ],
)

# -- killing_lines: one program, four inputs ----------------------------------------------------

EARLY = ["warm", "root", "gap", "tilt", "pull", "bend", "square", "fade", "lost", "share", "twice"]
LATE = ["grown", "crowd", "size", "depth", "both", "level", "price", "bonus", "result"]


def true_killers() -> tuple[str, ...]:
    """The lines; tests/course/test_exercise_16.py finds them by the swap test."""
    return ("gap", "lost", "nobody", "grown")


killing_lines = Task(
    "killing_lines",
    minutes=9,
    takes="",
    gives=words_of(4, [*EARLY, *LATE, "nobody"]),
    properties=[agrees("each input has its killing line", true_killers, [()])],
    mistakes=[
        returns(
            at(0, "bend", "tilt", "pull", "square"),
            "For one of the inputs you name a line to which the error only travels, or one that "
            "is exact. Let `.worst.line` speak.",
        ),
        returns(
            at(1, "share", "twice", "fade"),
            "For one of the inputs you name the line beside the killing one. It was handed few "
            "digits, or rounds as every operation does. Let `.worst.line` speak.",
        ),
        returns(
            at(3, "crowd", "size", "depth", "level", "price", "result"),
            "For the largest input the infinity is older than the line that you name.",
        ),
        returns(
            lambda got: got[2] != "nobody",
            "For one of the inputs nothing is lost that counts. What is `.worst` then?",
        ),
        returns(
            lambda got: "nobody" in (got[0], got[1], got[3]),
            "An input that you acquit does lose its digits. Look at the gradient, too, not only "
            "at the value.",
        ),
    ],
)

# -- repaired_chance: ln(1 − exp(−x)) without a change ------------------------------------------


def true_chance(x: float) -> tuple[float, float]:
    """Value and slope, each by the formula that keeps its digits on this side of ln 2."""
    value = math.log(-math.expm1(-x)) if x < math.log(2) else math.log1p(-math.exp(-x))
    return value, math.exp(-x) / -math.expm1(-x)


def value_and_slope(value: Any) -> np.ndarray:
    """Accept two numbers, or two arrays of numbers, of the same shape."""
    parts = [np.asarray(part) for part in value]
    if any(part.dtype.kind not in "iuf" for part in parts):
        raise UnfitError(f"Real numbers are needed; {described(value[0])} came back.")
    if parts[0].shape != parts[1].shape:
        raise UnfitError("The value has another shape than the array that was handed over.")
    return np.array(parts, dtype=float)


def both(ask: Ask, x: Any, given: str) -> np.ndarray:
    """Ask for the value, and take the slope of the learner's program from the tape."""
    import tinyad as ad

    def action(repaired: Callable[[Any], Any]) -> tuple[Any, Any]:
        return repaired(x), ad.grad(lambda x: np.sum(repaired(x)))(x)

    given = f"{given}; value, and slope by ad.grad"
    found: np.ndarray = ask.use(action, given, args=(x,))
    if found.shape[1:] != np.shape(x):
        text = f"For an x of shape {np.shape(x)}, the shape {found.shape[1:]} came back."
        raise ask.stop("What is missing", text)
    return found


def relative(got: Any, wanted: Any, tolerance: float) -> np.ndarray:
    """Compare without mercy for small numbers; NaN is never right."""
    wanted = np.asarray(wanted)
    return np.asarray(np.abs(got - wanted) <= tolerance * np.abs(wanted))


def chances(*points: float) -> Callable[[Ask, np.random.Generator], Iterator[bool | str]]:
    """Compare value and slope at these points, and at neighbors that are drawn."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        for x in (*points, *(float(p * rng.uniform(0.8, 1.01)) for p in points)):
            right = relative(both(ask, x, f"x = {x:.6g}"), true_chance(x), 1e-10)
            yield True if right.all() else off(right)

    return test


def off(right: np.ndarray) -> str:
    """Say which of value and slope is not right to ten digits."""
    if right[0]:
        return "the value is right to ten digits, the slope is not"
    return "the slope is right to ten digits, the value is not" if right[1] else "both are off"


def whole_array(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
    """Hand over all sizes at once."""
    x = np.concatenate([10.0 ** rng.uniform(-18, -1, 6), rng.uniform(0.1, 50, 6), [1e-300, 600.0]])
    wanted = np.array([true_chance(v) for v in x.tolist()]).T
    got = both(ask, x, "x = an array with 14 numbers of all sizes")
    yield bool(relative(got, wanted, 1e-10).all()) or "some entries are off"


def somewhere(test: Callable[[float, float, float], bool]) -> Callable[[Sequence[Call]], bool]:
    """Test whether some call with one number has such an x, value and slope."""

    def matches(calls: Sequence[Call]) -> bool:
        return any(np.ndim(c.args[0]) == 0 and test(c.args[0], *c.value) for c in calls)

    return matches


repaired_chance = Task(
    "repaired_chance",
    minutes=17,
    takes="x",
    gives=value_and_slope,
    properties=[
        holds("it is right where nothing is small", chances(0.3, 0.7, 1.0, 2.5)),
        holds(
            "it is right close to 0",
            chances(1e-3, 1e-9, 1e-17, 1e-300),
            "Close to 0 the exponential is nearly 1, and 1 is taken away from it.",
        ),
        holds(
            "it is right far out",
            chances(12.0, 20.0, 40.0, 300.0, 600.0),
            "Far out the exponential is tiny beside the 1. Which of NumPy's functions is made for "
            "that?",
        ),
        holds("it takes a whole array, with numbers of all sizes", whole_array),
    ],
    mistakes=[
        Mistake(
            somewhere(
                lambda x, value, slope: math.isnan(slope) and x < 1e-12 and math.isfinite(value)
            ),
            "The value is right, and the slope is NaN: np.where has chosen, but the formula that "
            "was not chosen has been computed for this x as well. Give it another number.",
        ),
        Mistake(
            somewhere(lambda x, value, slope: x < 1e-12 and not math.isfinite(value)),
            "Here a logarithm of 0 is still taken, or something has passed a NaN on. The true "
            "value is an ordinary number.",
        ),
        Mistake(
            somewhere(lambda x, value, slope: x < 1e-12 and value > true_chance(x)[0] + 0.5),
            "The infinity is gone, and another function has come: an ε in the logarithm, or a "
            "bound on x, changes the value and makes the slope wrong.",
        ),
        Mistake(
            somewhere(lambda x, value, slope: x > 30 and value == 0.0 != slope),
            "Far out the value is 0 and should be tiny: beside the 1 the exponential was absorbed, "
            "and the logarithm saw only the 1.",
        ),
        Mistake(
            somewhere(lambda x, value, slope: x > 10 and value == slope == 0.0),
            "Far out value and slope are 0 and should be tiny: they are not nothing.",
        ),
    ],
)

# -- mended_mean: the logarithmic mean, and a fallback without the right slope ------------------


def true_mean(a: float, b: float) -> tuple[float, float, float]:
    """The logarithmic mean and its partials, from the series of artanh(u)/u, all terms positive."""
    u = (b - a) / (b + a)
    terms = range(150)
    s = math.fsum(u ** (2 * k) / (2 * k + 1) for k in terms)
    ds = math.fsum(2 * k * u ** (2 * k - 1) / (2 * k + 1) for k in terms if k)
    mean = (a + b) / 2 / s
    du_da, du_db = -2 * b / (a + b) ** 2, 2 * a / (a + b) ** 2
    return mean, 1 / (2 * s) - mean / s * ds * du_da, 1 / (2 * s) - mean / s * ds * du_db


def value_and_partials(value: Any) -> np.ndarray:
    """Accept a number and its two partial derivatives."""
    mean, (first, second) = value
    return np.array([number(mean), number(first), number(second)])


def means(ask: Ask, a: float, b: float) -> bool | str:
    """Compare the mean to seven digits, and its gradient to four."""
    import tinyad as ad

    def action(mended: Callable[..., Any]) -> Any:
        return ad.value_and_grad(mended, argnums=(0, 1))(a, b)

    given = f"a = {a:.10g}, b = {b:.10g}; value, and gradient by ad.value_and_grad"
    got, wanted = ask.use(action, given, args=(a, b)), true_mean(a, b)
    if not relative(got[:1], wanted[:1], 1e-7).all():
        return "the value is not right to seven digits"
    return bool(relative(got[1:], wanted[1:], 1e-4).all()) or "the gradient is off"


def apart(*shares: float) -> Callable[[Ask, np.random.Generator], Iterator[bool | str]]:
    """Compare where a and b differ by such a share, on either side."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        for share in shares:
            a = float(np.round(rng.uniform(11, 79), 1))
            yield means(ask, a, a * (1 + share))
            yield means(ask, a * (1 + share), a)

    return test


def partials_at_equality(first: float, second: float) -> Mistake:
    """Recognize a gradient by what stands in it where both arguments agree."""
    says = (
        "There the fallback moves with one of the two alone, or with none. The mean does not care "
        "which of them is which: what does that say about its two slopes?"
    )
    return Mistake(
        lambda calls: (
            calls[-1].args[0] == calls[-1].args[1] and tuple(calls[-1].value[1:]) == (first, second)
        ),
        says,
    )


mended_mean = Task(
    "mended_mean",
    minutes=15,
    takes="a, b",
    gives=value_and_partials,
    properties=[
        holds("it is right where a and b are far apart", apart(0.3, 1.5, 3.0)),
        holds("it is right where a and b are equal", apart(0.0)),
        holds(
            "it is right where they are nearly equal",
            apart(1e-12, 1e-9, 3e-8, 1e-7, 1e-6, 3e-6),
            "Where a and b agree it is mended. Beside that, the quotient is still asked, with a "
            "numerator and a denominator that have lost their digits.",
        ),
        holds(
            "it is right where they differ a little",
            apart(1e-4, 1e-3, 1e-2, 0.05),
            "So far apart the fallback is too coarse, and the quotient is healthy. The guard is "
            "too wide.",
        ),
    ],
    mistakes=[
        partials_at_equality(1.0, 0.0),
        partials_at_equality(0.0, 1.0),
        partials_at_equality(0.0, 0.0),
        Mistake(
            lambda calls: calls[-1].args[0] == calls[-1].args[1] and np.isnan(calls[-1].value[0]),
            "Where a and b are equal, 0 is divided by 0.",
        ),
        returns(
            lambda got: np.isfinite(got[0]) and np.isnan(got[1:]).any(),
            "The value is a number, but there is a NaN in the gradient. It comes from a branch "
            "that was not chosen, and was computed all the same.",
        ),
    ],
)

# -- nan_loss: the distance of two distributions ------------------------------------------------


def true_loss(scores: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The distance Σ t ln(t/p) and its gradient p·Σt − t, with the largest score shifted to 0."""
    shifted = [s - float(np.max(scores)) for s in scores.tolist()]
    total = math.fsum(math.exp(s) for s in shifted)
    logs = [s - math.log(total) for s in shifted]
    pairs = list(zip(target.tolist(), logs, strict=True))
    value = math.fsum(t * (math.log(t) - log) for t, log in pairs if t > 0)
    weight = math.fsum(target.tolist())
    return np.array([value, *(weight * math.exp(log) - t for t, log in pairs)])


def value_and_gradient(value: Any) -> np.ndarray:
    """Accept a number, and an array with its gradient."""
    loss, gradient = value
    return np.concatenate([[number(loss)], vector(gradient)])


def losses(
    *cases: tuple[Sequence[float], Sequence[float]],
) -> Callable[[Ask, np.random.Generator], Iterator[bool | str]]:
    """Compare the loss and its gradient, at these scores and at scores drawn beside them."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool | str]:
        import tinyad as ad

        for listed, shares in (case for case in cases for _ in range(2)):
            scores, target = np.array(listed, float), np.array(shares, float)
            listed = (scores + rng.uniform(-0.5, 0.5, len(scores))).tolist()

            def action(
                mended: Callable[..., Any], scores: Any = scores, target: Any = target
            ) -> Any:
                return ad.value_and_grad(mended)(scores, target)

            given = f"scores = {np.round(scores, 2).tolist()}, target = {target.tolist()}"
            got = ask.use(action, f"{given}; value and gradient", args=(scores, target))
            wanted = true_loss(scores, target)
            if np.isnan(got).any():
                yield "there is a NaN in it"
            else:
                yield close(got, wanted, 1e-9) or "a number, but not the right one"

    return test


nan_loss = Task(
    "nan_loss",
    minutes=12,
    takes="scores, target",
    gives=value_and_gradient,
    stretch=True,
    properties=[
        holds("it is the same loss where nothing is wrong", losses(([1, 2, 0], [0.2, 0.5, 0.3]))),
        holds(
            "it stands large scores",
            losses(([1000, 999, 1001], [0.2, 0.5, 0.3]), ([-900, -901, -899], [0.2, 0.5, 0.3])),
            "The exponentials leave the range of floats. The probabilities stay the same if all "
            "scores are shifted by the same number.",
        ),
        holds(
            "it stands a target of 0",
            losses(([1, 2, 0], [0.0, 0.5, 0.5]), ([0, 1, 1], [1.0, 0.0, 0.0])),
            "0 times the logarithm of 0 is NaN for a computer. What is the limit, and how do you "
            "keep the 0 away from the logarithm?",
        ),
        holds(
            "it stands a probability that is far too small for a float",
            losses(([-1000, -1000, 5], [0.5, 0.5, 0.0]), ([0, 2000, 1], [1.0, 0.0, 0.0])),
            "The probability itself is 0 as a float; its logarithm is an ordinary number. Do not "
            "take the logarithm of the one: compute the other.",
        ),
    ],
    mistakes=[],
)

EXERCISE = Exercise(
    name="16_cures_by_hand",
    title="Exercise 16 · Find the line, and save the function",
    tasks=[named_verdicts, killing_lines, repaired_chance, mended_mean, nan_loss],
)
