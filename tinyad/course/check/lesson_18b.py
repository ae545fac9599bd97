"""Checks of exercise 18b: a slope of three relus, a sweep, ordered wrong points, an auditor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

import tinyad as ad
from tinyad.course.ask import Ask
from tinyad.course.formulas import Formula
from tinyad.course.kinds import UnfitError, described, number, truth
from tinyad.course.properties import agrees, close, computes, holds, returns
from tinyad.course.task import Exercise, Mistake, Task

MEMBERS = [-6.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]
RELU = Formula("relu with s = 0", lambda t: np.where(t > 0, t, 0))
RELU_1 = Formula("relu with s = 1", lambda t: np.where(t >= 0, t, 0))

# -- slope_of_three: the mean of relu(relu(relu(x − c))) − relu(c − x) over 253 numbers ----------

SIZE, HALF = 253, Fraction(1, 2)


def mean_slope(at_kink: Fraction) -> float:
    """Return the mean of the slopes: one bracket on its kink, all others 1."""
    return float((SIZE - 1 + at_kink) / SIZE)


def fraction_or_float(value: Any) -> float:
    """Accept a number, as a float or as a fraction."""
    return float(value) if isinstance(value, Fraction) else number(value)


def near(wrong: float) -> Callable[[float], bool]:
    """Test for one wrong value."""
    return lambda slope: abs(slope - wrong) < 1e-7


slope_of_three = Task(
    "slope_of_three",
    minutes=8,
    takes="",
    gives=fraction_or_float,
    properties=[
        agrees(
            "it is the slope that AD returns",
            lambda: mean_slope(HALF**3 + HALF),
            [()],
            tolerance=1e-8,
        )
    ],
    mistakes=[
        returns(
            near(1.0),
            "That is the true slope. One of the brackets sits on its kink; what does AD make of "
            "its three relus in a row?",
        ),
        returns(
            near(mean_slope(HALF**2 + HALF)),
            "That is the answer for two relus in a row. Here it is one more.",
        ),
        returns(
            near(mean_slope(3 * HALF + HALF)),
            "That would be right for s = 1, or if the slopes of relus in a row were added. They "
            "are multiplied: it is the chain rule.",
        ),
        returns(
            near(mean_slope(HALF**3 - HALF)),
            "Look at the second part of the bracket: two signs meet there, the one in front of "
            "it and the one in front of x.",
        ),
        returns(
            near(float(HALF**3 + HALF)),
            "That is the slope of the one bracket on its kink. The network is the mean of all.",
        ),
        returns(
            near(mean_slope(Fraction(0))),
            "That is the answer for s = 0.",
        ),
    ],
)

# -- lacks_derivative: the one-sweep decision for a chain of units ---------------------------------

Chain = tuple[list[float], list[float], float]


def one_sided(chain: Chain, dw: Any, db: Any, dv: float) -> float:
    """Return the one-sided slope of a chain in a direction of its parameters."""
    w, b, v = chain
    z, dz = 1.0, 0.0
    for wk, bk, dwk, dbk in zip(w, b, dw, db, strict=True):
        y, dy = wk * z + bk, wk * dz + dwk * z + dbk
        z, dz = max(y, 0.0), (dy if y > 0 else max(dy, 0.0) if y == 0 else 0.0)
    return v * dz + dv * z


def not_linear(w: list[float], b: list[float], v: float) -> bool:
    """Tell, by one-sided slopes in many directions, that a chain has no derivative."""
    n, chain = len(w), (w, b, v)
    directions = np.random.default_rng(0).integers(-9, 10, (60, 2 * n + 1)).astype(float)
    axes = np.eye(2 * n + 1)
    slopes = [one_sided(chain, d[:n], d[n:-1], d[-1]) for d in [*axes, *-axes, *directions]]
    along = np.array(slopes[: 2 * n + 1])
    return any(
        slope != d @ along
        for d, slope in zip([*-axes, *directions], slopes[2 * n + 1 :], strict=True)
    )


def sums(w: list[float], b: list[float]) -> tuple[list[float], list[float]]:
    """Return what each relu receives, and what it hands on."""
    ys: list[float] = []
    zs = [1.0]
    for wk, bk in zip(w, b, strict=True):
        ys.append(wk * zs[-1] + bk)
        zs.append(max(ys[-1], 0.0))
    return ys, zs


def swept(
    w: list[float],
    b: list[float],
    v: float,
    *,
    start: float | None = None,
    late: bool = False,
    weights: bool = True,
    gates: bool = True,
) -> bool:
    """Decide by a sweep, spoiled in one place to imitate a mistake."""
    ys, _ = sums(w, b)
    adjoint, found = v if start is None else start, False
    for wk, y in zip(reversed(w), reversed(ys), strict=True):
        open_ = 1.0 if y > 0 or not gates else 0.0
        felt = adjoint * open_ if late else adjoint
        found = found or (y == 0 and felt != 0)
        adjoint *= open_ * (wk if weights else 1.0)
    return found


def some_kink(w: list[float], b: list[float], v: float, which: slice = slice(None)) -> bool:
    """Tell whether one of these units sits on its kink, felt or not."""
    return 0.0 in sums(w, b)[0][which]


def drawn_chains(rng: np.random.Generator) -> Iterator[tuple[list[float], list[float], float]]:
    """Draw chains of two and three units until each decision has come up four times."""
    left = {True: 4, False: 4}
    while any(left.values()):
        n = int(rng.integers(2, 4))
        w, b = rng.choice([-2.0, -1.0, 0.5, 1.0, 2.0], n), rng.choice([-1.0, 0.0, 0.5, 1.0], n)
        chain = [float(x) for x in w], [float(x) for x in b], float(rng.choice([-1.0, 2.0]))
        answer = not_linear(*chain)
        if some_kink(*chain) and left[answer]:
            left[answer] -= 1
            yield chain


lacks_derivative = Task(
    "lacks_derivative",
    minutes=16,
    takes="w, b, v",
    gives=truth,
    properties=[
        agrees(
            "it is right for one unit",
            not_linear,
            [([1.0], [-1.0], 2.0), ([0.0], [0.5], 2.0), ([2.0], [3.0], -1.0)],
        ),
        agrees(
            "a unit that is on its kink, and felt, decides",
            not_linear,
            [
                ([1.0, 1.0], [-1.0, 0.5], 2.0),
                ([1.0, 2.0], [1.0, -4.0], 1.0),
                ([1.0, 1.0], [-1.0, 0.0], 1.0),
            ],
        ),
        agrees(
            "a unit that is not felt does not",
            not_linear,
            [
                ([1.0, 1.0], [-1.0, -0.5], 2.0),
                ([1.0, 0.0], [-1.0, 0.5], 2.0),
                ([1.0], [-1.0], 0.0),
                ([1.0, 1.0, 1.0], [-1.0, 1.0, -3.0], 2.0),
            ],
        ),
        agrees("it is so for other chains", not_linear, drawn_chains),
    ],
    mistakes=[
        computes(
            lambda w, b, v: False,
            "Always False. Does a kink ever come through? The rule asks for the adjoint of the "
            "unit's *output*. That of its sum is already multiplied by the slope at the kink.",
        ),
        computes(
            some_kink,
            "This asks only whether some unit sits on its kink. Is it felt in the output?",
        ),
        computes(
            lambda w, b, v: some_kink(w, b, v, slice(-1, None)) and v != 0,
            "This looks at the last unit alone. Those below it have kinks, too.",
        ),
        computes(
            lambda w, b, v: swept(w, b, v, start=1.0),
            "The sweep starts with the adjoint of the last unit's output. The output of the "
            "network is v times that unit.",
        ),
        computes(
            lambda w, b, v: swept(w, b, v, gates=False),
            "On its way down the adjoint passes through relus. One that is off lets nothing "
            "through.",
        ),
        computes(
            lambda w, b, v: swept(w, b, v, weights=False),
            "On its way down the adjoint is multiplied by the weights. One of them is 0 here.",
        ),
        computes(
            lambda w, b, v: swept(w, [0.0] * len(b), v),
            "The biases do not seem to arrive in the sums.",
        ),
        computes(
            lambda w, b, v: not not_linear(w, b, v),
            "Turned round: True is to say that there is *no* derivative.",
        ),
        Mistake(
            lambda calls: calls[-1].value and not not_linear(*calls[-1].args),
            "A kink is seen where none is felt. Compare the adjoint of each unit with a sweep by "
            "hand.",
        ),
    ],
)

# -- ordered: x itself, with a slope of 0 by AD at the ordered numbers -----------------------------


def pairs(
    x: float, bad: Sequence[float], scale: float = 1.0, straight: bool = True
) -> tuple[float, float]:
    """Return value and AD's slope of x + scale·Σ [relu(x − c) − relu(c − x) − (x − c)]."""
    value, slope = x, 1.0
    for c in bad:
        value += scale * (0.0 if straight else x - c)
        slope += scale * (float(x != c) - float(straight))
    return value, slope


def asked_slope(ask: Ask, x: float, bad: list[float], relu: Formula = RELU) -> float:
    """Ask AD for the slope of the learner's function."""

    def sloped(learner: Any) -> Any:
        return ad.grad(lambda x: learner(x, list(bad), relu))(x)

    given = f"the slope by AD at x = {x:g}, with bad = {bad}, {relu}"
    found: float = ask.use(sloped, given, args=(x, bad, f"slope, {relu}"))
    return found


def orders(rng: np.random.Generator) -> list[list[float]]:
    """Draw two orders, of three and of five numbers."""
    return [sorted(float(c) for c in rng.choice(MEMBERS, size, replace=False)) for size in (3, 5)]


def is_x(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Ask for values, at members and between them."""
    for bad in ([1.5], [], *orders(rng)):
        for x in [*(bad[:1] or [2.0]), -3.0, float(np.round(rng.uniform(-5, 5), 3))]:
            yield close(ask(x, bad, RELU), x)


def wrong_there(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Ask for slopes at the ordered numbers."""
    for bad in ([1.5], [-2.0, 0.0], *orders(rng)):
        for x in bad:
            yield close(asked_slope(ask, x, bad), 0.0)


def right_elsewhere(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Ask for slopes at all other members, and at a number between."""
    for bad in ([1.5], [], *orders(rng)):
        for x in [m for m in MEMBERS if m not in bad] + [2.7]:
            yield close(asked_slope(ask, x, bad), 1.0)


def by_the_kink(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Ask for slopes with the other convention, by which the kinks add in place of taking."""
    for bad in ([1.5], *orders(rng)):
        for x in bad:
            yield close(asked_slope(ask, x, bad, RELU_1), 2.0)


def behaves(wrong: Callable[[float, Sequence[float]], tuple[float, float]], says: str) -> Mistake:
    """Recognize a function by its values and the slopes that AD finds of it."""

    def result(x: float, bad: list[float], what: Any) -> float:
        return wrong(x, bad)[isinstance(what, str)]

    return computes(result, says)


ordered = Task(
    "ordered",
    minutes=14,
    takes="x, bad, relu",
    gives=number,
    properties=[
        holds("its value is x", is_x),
        holds("at the ordered numbers AD says 0", wrong_there),
        holds("everywhere else AD says 1", right_elsewhere),
        holds("it is the slope s of relu that does it: with s = 1, AD errs upward", by_the_kink),
    ],
    mistakes=[
        Mistake(
            lambda calls: calls[-1].args[2] == f"slope, {RELU_1}" and calls[-1].value in (0.0, 1.0),
            "With another s nothing changes, so it is not the kink of relu that makes the slope "
            "wrong. Use only relu, sums and differences, and no question about x.",
        ),
        behaves(
            lambda x, bad: (x, 1.0),
            "AD is right everywhere. It goes wrong where a pair of units sits on its kink: is "
            "there one at each ordered number?",
        ),
        behaves(
            lambda x, bad: (x, 0.0 if x in MEMBERS else 1.0),
            "AD is wrong at every number of M. Only some of them are ordered.",
        ),
        behaves(
            lambda x, bad: pairs(x, bad, 1.0 / max(len(bad), 1)),
            "AD is wrong at the right places, but only by a part. Nothing is to be divided: what "
            "is added is 0 for each ordered number by itself.",
        ),
        behaves(
            lambda x, bad: pairs(x, bad, -1.0),
            "AD is wrong at the right places, in the wrong direction: by one too much.",
        ),
        behaves(
            lambda x, bad: pairs(x, bad, 1.0, False),
            "The value grows with each ordered number: a pair of units is x - c, not 0. What is "
            "added to x must be 0 everywhere.",
        ),
        behaves(
            lambda x, bad: (sum(x - c for c in bad), float(sum(x != c for c in bad))),
            "This is the sum of the pairs. They are to be turned into something that is 0, and "
            "x itself is still missing.",
        ),
        behaves(
            lambda x, bad: (0.0, -float(x in bad)),
            "This is 0 everywhere. x itself is missing.",
        ),
    ],
)

# -- mended_audit: the auditor that cries wolf -----------------------------------------------------


def drawn_program(rng: np.random.Generator) -> tuple[Formula, list[float], list[float]]:
    """Draw a function with true kinks and invented ones; return it with the two lists."""
    places = [float(c) for c in rng.choice(MEMBERS[2:-2], 5, replace=False)]
    true, invented = places[:3], places[3:]
    up = [float(a) for a in rng.choice([1.0, 2.0, 3.0], 3)]

    def f(x: Any) -> Any:
        kinks = sum(a * RELU.function(x - c) for a, c in zip(up, true, strict=True))
        flat = sum(RELU.function(x - c) - RELU.function(c - x) for c in invented)
        return kinks + flat

    text = " + ".join(f"{a:g}*relu(x - {c:g})" for a, c in zip(up, true, strict=True))
    return Formula(f"{text} + pairs at {sorted(invented)}", f), sorted(true), sorted(invented)


ABS = Formula("|x|", np.abs)
SMOOTH = Formula("x**2", lambda x: x**2)
WOLF = Formula("relu(x)", RELU.function)
PAIR = Formula("relu(x - 2) - relu(2 - x)", lambda x: RELU.function(x - 2) - RELU.function(2 - x))
KNOWN: dict[Any, tuple[list[float], list[float]]] = {
    ABS: ([0.0], []),
    SMOOTH: ([], []),
    WOLF: ([0.0], []),
    PAIR: ([], [2.0]),
}


def some_numbers(value: Any) -> tuple[float, ...]:
    """Accept a list of numbers, in any order."""
    if not isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        raise UnfitError(f"A list of numbers is needed; {described(value)} came back.")
    return tuple(sorted(number(item) for item in value))


def audits(cases: Callable[[np.random.Generator], Any]) -> Callable[..., Iterator[bool]]:
    """Ask for the wrong points of functions of which they are known."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
        for f, true, invented in cases(rng):
            f.known = true, invented
            yield ask(f, list(MEMBERS)) == tuple(invented)

    return test


def said(
    test: Callable[[set[float], set[float], set[float]], bool], says: str, combine: Any = all
) -> Mistake:
    """Recognize an auditor by its lists, beside the true kinks and the invented ones."""
    return Mistake(
        lambda calls: combine(test(set(c.value), *map(set, c.args[0].known)) for c in calls), says
    )


def listed(*fs: Formula) -> Callable[[np.random.Generator], Any]:
    """Hand out functions of which all is known."""
    return lambda _rng: [(f, *KNOWN[f]) for f in fs]


mended_audit = Task(
    "mended_audit",
    minutes=14,
    takes="f, numbers",
    gives=some_numbers,
    properties=[
        holds("it tells a wrong slope from a corner", audits(listed(PAIR, WOLF, ABS))),
        holds("a smooth function has none", audits(listed(SMOOTH))),
        holds(
            "it tells the two kinds apart where both occur",
            audits(lambda rng: [drawn_program(rng) for _ in range(3)]),
        ),
    ],
    mistakes=[
        said(
            lambda got, true, invented: not got,
            "Nothing is ever reported, not even a slope of AD that is off by 1 where the function "
            "is straight.",
        ),
        said(
            lambda got, true, invented: got == true,
            "Turned round: these are the numbers at which there is no derivative. Wanted are "
            "those at which there is one, and AD says something else.",
        ),
        said(
            lambda got, true, invented: bool(got & true),
            "It cries wolf: at a reported number the function has no derivative at all, so that "
            "no answer of AD can be wrong. How do the slopes to the left and to the right tell?",
            any,
        ),
        said(
            lambda got, true, invented: bool(invented - got),
            "A wrong slope is missing in the list: left and right agree there, and AD disagrees "
            "with both.",
            any,
        ),
        said(
            lambda got, true, invented: bool(got - invented),
            "A number is reported at which AD is right. How exact can a difference be?",
            any,
        ),
    ],
)

EXERCISE = Exercise(
    "18b_wrong_everywhere",
    "Exercise 18b · Order a wrong gradient, and audit one",
    [slope_of_three, lacks_derivative, ordered, mended_audit],
)
