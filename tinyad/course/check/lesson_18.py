"""Checks of exercise 18: counts by reasoning, small formats, a counter, a network to order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

import tinyad as ad
from tinyad.course.ask import Ask
from tinyad.course.formulas import Formula
from tinyad.course.kinds import UnfitError, described, number
from tinyad.course.properties import agrees, computes, holds, returns
from tinyad.course.task import Exercise, Task, Test

Numbers = np.ndarray[Any, np.dtype[np.float64]]

# -- one-sided slopes, over all vectors of parameters ---------------------------------------------


class OneSided:
    """A value and its one-sided slope in a direction, for whole arrays of points."""

    def __init__(self, value: Any, slope: Any) -> None:
        self.value, self.slope = value, slope

    def _of(self, other: Any) -> OneSided:
        return other if isinstance(other, OneSided) else OneSided(other, 0.0)

    def __add__(self, other: Any) -> OneSided:
        z = self._of(other)
        return OneSided(self.value + z.value, self.slope + z.slope)

    def __mul__(self, other: Any) -> OneSided:
        z = self._of(other)
        return OneSided(self.value * z.value, self.slope * z.value + self.value * z.slope)

    def __neg__(self) -> OneSided:
        return self * -1.0

    def __sub__(self, other: Any) -> OneSided:
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> OneSided:
        return self._of(other) - self

    def __truediv__(self, other: float) -> OneSided:
        return OneSided(self.value / other, self.slope / other)

    __radd__, __rmul__ = __add__, __mul__


def one_sided_relu(y: OneSided) -> OneSided:
    """Return relu, which turns a slope d into max(d, 0) at its kink."""
    rising = np.where(y.value > 0, y.slope, np.where(y.value == 0, np.maximum(y.slope, 0), 0.0))
    return OneSided(np.maximum(y.value, 0), rising)


def all_points(numbers: Sequence[float], n: int) -> list[Numbers]:
    """Return all vectors of n of these numbers, one array a parameter."""
    return [axis.ravel() for axis in np.meshgrid(*[np.array(numbers)] * n, indexing="ij")]


def slopes(network: Any, points: Sequence[Numbers], direction: Any) -> Numbers:
    """Return the one-sided slope at each point."""
    inputs = [OneSided(p, float(d)) for p, d in zip(points, direction, strict=True)]
    out = network(one_sided_relu, *inputs)
    slope = out.slope if isinstance(out, OneSided) else 0.0
    return np.broadcast_to(np.asarray(slope, float), points[0].shape)


def fails(network: Any, points: Sequence[Numbers], random: int = 24) -> np.ndarray[Any, Any]:
    """Return at which points the slopes are not linear in the direction."""
    axes = np.eye(len(points))
    along = [slopes(network, points, axis) for axis in axes]
    others = np.random.default_rng(0).integers(-9, 10, (random, len(points)))
    broken = np.zeros(len(points[0]), bool)
    for d in [*-axes, *others]:
        broken |= slopes(network, points, d) != sum(map(np.multiply, d, along))
    return broken


# -- failing_counts: five counts by reasoning -----------------------------------------------------

SEVEN = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
PLAIN, WEIGHTED, DOUBLED, WRONG, WIDE = range(5)


def five_counts(value: Any) -> tuple[float, ...]:
    """Accept a list of five numbers."""
    if not isinstance(value, (list, tuple, np.ndarray)) or len(value) != 5:
        raise UnfitError(f"A list of 5 counts is needed; {described(value)} came back.")
    return tuple(number(v) for v in value)


def true_counts() -> tuple[float, ...]:
    """Try every vector."""
    networks: list[tuple[int, Callable[..., Any]]] = [
        (2, lambda relu, w, b: relu(w + b)),
        (3, lambda relu, w, b, v: v * relu(w + b)),
        (3, lambda relu, w, b, v: v * relu(w * 2.0 + b)),
        (3, lambda relu, w, b, c: relu(w + b) + relu(w + c)),
    ]
    one, weighted, doubled, wide = (
        float(fails(network, all_points(SEVEN, n)).sum()) for n, network in networks
    )
    wrong = wrong_for(lambda relu, w, b, v: v * relu(w + b), all_points(SEVEN, 3), 1)
    return one, weighted, doubled, float(wrong), wide


def says(place: int, *counts: float) -> Callable[[Sequence[float]], bool]:
    """Test for one of these counts at a place."""
    return lambda answer: answer[place] in counts


failing_counts = Task(
    "failing_counts",
    minutes=8,
    takes="",
    gives=five_counts,
    properties=[agrees("each line has its count", true_counts, [()], tolerance=0.0)],
    mistakes=[
        returns(
            says(PLAIN, 0),
            "A line without area is hit all the same: how many pairs of these numbers add up to "
            "zero?",
        ),
        returns(
            says(PLAIN, 1),
            "w = b = 0 is one pair. Which other pairs add up to zero?",
        ),
        returns(
            says(WEIGHTED, 49),
            "A unit at its kink is counted even where v = 0. Is there a corner then?",
        ),
        returns(
            says(DOUBLED, 21),
            "In the third line v = 0 is still among them. What does the unit contribute then?",
        ),
        returns(
            says(DOUBLED, 42, 49),
            "2w + b = 0 is harder to meet than w + b = 0. For which w is −2w one of the seven "
            "numbers?",
        ),
        returns(
            lambda answer: answer[WRONG] != 0,
            "In the fourth line look for points where a derivative exists *and* AD is wrong. At "
            "the kink with v ≠ 0 none exists; at the kink with v = 0, by what is s multiplied?",
        ),
        returns(
            says(WIDE, 98),
            "Vectors at which both units are at their kink are counted twice in the last line.",
        ),
        returns(
            says(WIDE, 84, 7, 14),
            "In the last line one kink is enough. Count the vectors for each of the two, over all "
            "values of the third parameter, then take off what is counted twice.",
        ),
        returns(
            lambda answer: any(count != int(count) or count < 0 for count in answer),
            "Counts of vectors are asked for, not shares.",
        ),
    ],
)

# -- format_members: the numbers of a format, some codes at the top left out ----------------------


def sorted_numbers(value: Any) -> Numbers:
    """Accept a list or an array of numbers."""
    if not isinstance(value, (list, tuple, np.ndarray)) or np.ndim(value) != 1:
        raise UnfitError(f"A list of numbers is needed; {described(value)} came back.")
    return np.array([number(v) for v in value])


def decoded(
    exponent_bits: int,
    fraction_bits: int,
    reserved: int,
    *,
    bias: int = 0,
    lead: bool = False,
    low: int = 1,
    signs: bool = True,
    twice: bool = False,
) -> Numbers:
    """Return the numbers of a format; the keywords are mistakes."""
    step, found = 2.0**-fraction_bits, []
    shift = 2 ** (exponent_bits - 1) - 1 + bias
    for code in range(2 ** (exponent_bits + fraction_bits) - reserved):
        exponent = code >> fraction_bits
        fraction = code - (exponent << fraction_bits)
        whole = 1.0 if exponent or lead else 0.0
        found.append((whole + fraction * step) * 2.0 ** ((exponent or low) - shift))
    every = found + [-size for size in found] if signs else found
    return np.array(sorted(every if twice else {0.0, *every}))


def mistaken(**spoiled: Any) -> Callable[..., Numbers]:
    """Make a decoder with a mistake in it."""
    return lambda e, f, r: decoded(e, f, r, **spoiled)


def never_left_out(wrong: Callable[..., Numbers]) -> Callable[..., Numbers]:
    """Hand on a decoder that forgets about the codes left out."""
    return lambda e, f, r: wrong(e, f, 0)


def in_order(*formats: tuple[int, int, int]) -> Test:
    """Make a test of all numbers of these formats."""

    def test(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
        for form in formats:
            yield np.array_equal(ask(*form), decoded(*form))

    return test


format_members = Task(
    "format_members",
    minutes=11,
    takes="exponent_bits, fraction_bits, reserved",
    gives=sorted_numbers,
    properties=[
        holds("the worked example comes out", in_order((1, 1, 0))),
        holds("so do e2m1, e2m3 and e3m2", in_order((2, 1, 0), (2, 3, 0), (3, 2, 0))),
        holds(
            "codes at the top are left out, with both signs",
            in_order((1, 1, 1), (4, 3, 1), (3, 4, 16), (5, 2, 4)),
        ),
    ],
    mistakes=[
        computes(
            mistaken(twice=True),
            "Zero is there twice, once with a minus. They are one number.",
            tolerance=0.0,
        ),
        computes(
            mistaken(lead=True),
            "Exponent 0 has no 1 in front: its numbers go down to zero in even steps.",
            tolerance=0.0,
        ),
        computes(
            mistaken(low=0),
            "Exponent 0 has the power of exponent 1, so that the gaps go on evenly.",
            tolerance=0.0,
        ),
        computes(
            mistaken(bias=1),
            "Every number comes out half as large as it is: the bias is off by one.",
            tolerance=0.0,
        ),
        computes(
            mistaken(signs=False),
            "Every number occurs with both signs.",
            tolerance=0.0,
        ),
        computes(
            never_left_out(decoded),
            "The last codes are still there. How many codes are read, when some are left out?",
            tolerance=0.0,
        ),
        returns(
            lambda found: bool(np.any(np.diff(found) < 0)),
            "The numbers are not in order.",
        ),
    ],
)

# -- mended_counter: a counter that misses corners ------------------------------------------------


def size(relu: Any, y: Any) -> Any:
    """Return |y|, made of two relus."""
    return relu(y) + relu(y * -1.0)


UNIT = Formula("v * relu(w + b)", lambda relu, w, b, v: v * relu(w + b))
SIZE = Formula("|p + q|", lambda relu, p, q: size(relu, p + q))
CROSSED = Formula(
    "|p + q| - |p - q|",
    lambda relu, p, q: size(relu, p + q) + size(relu, p + q * -1.0) * -1.0,
)
DEEP = Formula("relu(relu(w + b) + c)", lambda relu, w, b, c: relu(relu(w + b) + c))
ELSEWHERE = Formula("v * relu(1.5 * w + b)", lambda relu, w, b, v: v * relu(w * 1.5 + b))
NET = Formula(
    "v * relu(u * relu(w + b) + c)",
    lambda relu, w, b, u, c, v: v * relu(u * relu(w + b) + c),
)
SMOOTH = Formula("p * q + p", lambda relu, p, q: p * q + p)
ABOUT = [-2.0, -1.0, 0.0, 1.0, 2.0]


def counted(network: Any, numbers: Sequence[float], n: int) -> float:
    """Count the vectors without a derivative."""
    return float(fails(network, all_points(numbers, n)).sum())


def along_axes(
    disagree: Callable[[Numbers, Numbers], Any],
) -> Callable[[Any, Sequence[float], int], float]:
    """Make a counter that compares the slopes forward and backward along each axis."""

    def count(network: Any, numbers: Sequence[float], n: int) -> float:
        points = all_points(numbers, n)
        broken = np.zeros(len(points[0]), bool)
        for axis in np.eye(n):
            broken |= disagree(slopes(network, points, axis), slopes(network, points, -axis))
        return float(broken.sum())

    return count


def locked_counter(network: Any, numbers: Sequence[float], n: int) -> float:
    """Count as the program of the exercise does."""
    return along_axes(lambda there, back: abs(there) != abs(back))(network, numbers, n)


def at_a_kink(network: Any, numbers: Sequence[float], n: int) -> float:
    """Count the vectors at which some unit is at its kink."""
    hits: list[Any] = []

    def relu(y: Any) -> Any:
        hits.append(y == 0)
        return np.maximum(y, 0)

    network(relu, *all_points(numbers, n))
    return float(np.any(hits, axis=0).sum()) if hits else 0.0


def random_but_abs(network: Any, numbers: Sequence[float], n: int) -> float:
    """Try random directions, and compare sizes all the same."""
    points = all_points(numbers, n)
    axes = np.eye(n)
    along = [slopes(network, points, axis) for axis in axes]
    broken = np.zeros(len(points[0]), bool)
    for d in [*-axes, *np.random.default_rng(0).integers(-9, 10, (24, n))]:
        linear = sum(map(np.multiply, d, along))
        broken |= abs(slopes(network, points, d)) != abs(linear)
    return float(broken.sum())


mended_counter = Task(
    "mended_counter",
    minutes=15,
    takes="network, numbers, n",
    gives=number,
    properties=[
        agrees(
            "what was counted right stays right",
            counted,
            [(UNIT, ABOUT, 3), (ELSEWHERE, SEVEN, 3), (SMOOTH, ABOUT, 2)],
            tolerance=0.0,
        ),
        agrees(
            "corners that rise to both sides, and those that no axis sees, are found",
            counted,
            [(SIZE, ABOUT, 2), (CROSSED, ABOUT, 2), (SIZE, SEVEN, 2), (CROSSED, SEVEN, 2)],
            tolerance=0.0,
        ),
        agrees(
            "layers are counted right", counted, [(DEEP, ABOUT, 3), (NET, ABOUT, 5)], tolerance=0.0
        ),
    ],
    mistakes=[
        computes(locked_counter, "These are the locked program's numbers.", tolerance=0.0),
        computes(
            along_axes(lambda there, back: back != -there),
            "Forward and backward along the axes is right now. But a function can be straight "
            "along each axis, and have a corner in a direction between them.",
            tolerance=0.0,
        ),
        computes(
            along_axes(lambda there, back: back != there),
            "Of a straight line, the slopes forward and backward are not equal: they are each "
            "other's negative, as one goes up and the other down.",
            tolerance=0.0,
        ),
        computes(
            random_but_abs,
            "More directions, but their slopes are still compared without their signs.",
            tolerance=0.0,
        ),
        computes(
            at_a_kink,
            "This counts where a unit is at its kink. The network need not have a corner there.",
            tolerance=0.0,
        ),
        computes(
            lambda network, numbers, n: len(numbers) ** n - counted(network, numbers, n),
            "Turned round: these are the points that have a derivative.",
            tolerance=0.0,
        ),
    ],
)

# -- forty_two: a network with a given number of failing points -----------------------------------

FIFTEEN = decoded(2, 1, 0).tolist()
RELUS: dict[float, Callable[[Any], Any]] = {
    0: lambda y: np.where(y > 0, y, 0),
    0.5: lambda y: np.maximum(y, 0),
    1: lambda y: np.where(y >= 0, y, 0),
}


def wrong_for(network: Any, points: Sequence[Numbers], s: float) -> int:
    """Count the points where a derivative exists and AD says something else."""
    along = [slopes(network, points, axis) for axis in np.eye(len(points))]
    value, pullback = ad.vjp(lambda *w: network(RELUS[s], *w), *points)
    off = np.any(np.not_equal(pullback(np.ones_like(value)), along), axis=0)
    return int(np.sum(off & ~fails(network, points)))


def value_at(relu: Any, point: Sequence[float], network: Any) -> Any:
    """Ask the network for its value at a point."""
    return network(relu, *point)


def ordinary_value(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Ask for a plain value, and for a network that depends on its three parameters."""
    uses = []

    def relu(y: Any) -> Any:
        uses.append(y)
        return np.maximum(y, 0)

    seen = set()
    for w in (1.0, -2.0):
        for b in (3.0, 2.0):
            for v in (1.0, -1.5):
                given = f"w = {w:g}, b = {b:g}, v = {v:g}"
                seen.add(ask.use(partial(value_at, relu, (w, b, v)), given, args=("value",)))
    if len(uses) != 8:
        raise ask.stop("What is missing", "One unit is wanted: call relu exactly once.")
    yield len(seen) > 2


def has_forty_two(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Count the failing points of the learner's network on e2m1."""
    points = all_points(FIFTEEN, 3)
    given = "all 3375 vectors of e2m1; what comes back is the number without a derivative"
    yield ask.use(lambda net: int(fails(net, points).sum()), given, args=("count",)) == 42


def right_elsewhere(ask: Ask, rng: np.random.Generator) -> Iterator[bool]:
    """Count the points where AD is wrong, for each choice at the kink."""
    points = all_points(FIFTEEN, 3)
    for s in RELUS:
        given = f"all 3375 vectors, s = {s}; what comes back is how often AD is wrong"
        count = partial(wrong_for, points=points, s=s)
        yield ask.use(count, given, args=("wrong",)) == 0


forty_two = Task(
    "forty_two",
    minutes=12,
    takes="relu, w, b, v",
    gives=number,
    properties=[
        holds(
            "it is one unit, and its value depends on the parameters",
            ordinary_value,
            "The value hardly changes with w, b and v.",
        ),
        holds("42 of its 3375 points have no derivative", has_forty_two),
        holds("at the others AD is right, whatever relu′(0) is", right_elsewhere),
    ],
    mistakes=[
        returns(
            lambda count: count == 0,
            "No point fails. Does the kink ever come through to the output?",
        ),
        returns(
            lambda count: count == 210,
            "This is the lesson's unit, with 15 pairs at the kink. Each pair counts for every v "
            "but one; how many pairs are wanted?",
        ),
        returns(
            lambda count: count in (45, 225),
            "All v count here, v = 0 too. Is v a factor of the output?",
        ),
        returns(
            lambda count: count == 14,
            "Only w = b = 0 is left. The factor is such that no other pair of the format meets "
            "the kink.",
        ),
        returns(
            lambda count: count % 14 == 0,
            "Each pair (w, b) at the kink gives 14 points, one for each v but 0. List the pairs "
            "that your factor leaves.",
        ),
    ],
)

EXERCISE = Exercise(
    "18_machine_parameters",
    "Exercise 18 · Count what fails",
    [failing_counts, format_members, mended_counter, forty_two],
)
