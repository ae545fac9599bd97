"""Checks of exercise 6: tapes, sweeps back over them, and a network without one."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.course.ask import Ask
from tinyad.course.formulas import Formula
from tinyad.course.kinds import Kind, UnfitError, described, number, shown
from tinyad.course.properties import agrees, computes, holds, returns
from tinyad.course.task import Exercise, Property, Task

Entry = tuple[tuple[int, float], ...]
Tape = list[Entry]
Random = np.random.Generator


def numbers(count: int | None = None, needed: str = "numbers") -> Kind:
    """Accept so many real numbers in a list, a tuple or an array; any number of them for None."""

    def kind(value: Any) -> np.ndarray:
        fits = isinstance(value, list | tuple | np.ndarray) and np.shape(value)[1:] == ()
        if not fits or (count is not None and len(value) != count):
            raise UnfitError(f"A list of {needed} is needed; {described(value)} came back.")
        return np.array([number(item) for item in value])

    return kind


# -- pencil_sweep: a = x * x, b = a + x, c = a * b at x = 2 ------------------------------------


def pencil_truth() -> np.ndarray:
    """Return the slopes of c along x, a, b and c: differentiate c = x⁴ + x³, a² + ax, ab, c."""
    x, a = 2.0, 4.0
    return np.array([4 * x**3 + 3 * x**2, 2 * a + x, a, 1.0])


def is_list(*wrong: float) -> Callable[[Any], bool]:
    """Recognize one wrong list."""
    return lambda value: bool(np.array_equal(value, wrong))


pencil_sweep = Task(
    "pencil_sweep",
    minutes=8,
    takes="",
    gives=numbers(4, "four numbers"),
    properties=[
        agrees(
            "each number is how fast c moves with x, with a, with b and with c itself",
            pencil_truth,
            [()],
            diagnosis="Begin at the last line and go up. Write beside each name what is handed "
            "back to it, line by line, and add up only when no line is left that uses it.",
        )
    ],
    mistakes=[
        returns(
            is_list(8, 4, 4, 1),
            "Here a later share replaces an earlier one. x and a are used more than once: add "
            "what their uses hand back.",
        ),
        returns(
            is_list(40, 10, 4, 1),
            "x gets its shares from a = x * x. But b = a + x uses it, too.",
        ),
        returns(
            is_list(24, 10, 4, 1),
            "a = x * x uses x twice: once as the first factor, once as the second. Each of them "
            "hands something back.",
        ),
        returns(
            lambda value: is_list(28, 10, 4, 1)(value) or is_list(28, 6, 4, 1)(value),
            "a hands back to x before it has received everything. The line b = a + x comes later "
            "in the program, so on the way back it comes first.",
        ),
        returns(
            is_list(2, 4, 6, 24),
            "These are the values of the run. The adjoints say how fast the result moves with "
            "each of them.",
        ),
        returns(
            lambda value: np.array_equal(value, 24 * pencil_truth()),
            "The way back begins with 1, not with the value of the result: c moves as fast as "
            "itself.",
        ),
        returns(
            lambda value: np.array_equal(value, pencil_truth()[::-1]),
            "The right numbers in the wrong order: x comes first, c last.",
        ),
    ],
)

# -- tapes that are handed to the learner's code ------------------------------------------------

# x²y + y + 2 at (3, 4), as in the lesson
TRAVELING: Tape = [
    (),
    (),
    (),
    ((0, 3.0), (0, 3.0)),
    ((3, 4.0), (1, 9.0)),
    ((1, 1.0), (2, 1.0)),
    ((4, 1.0), (5, 1.0)),
]
DOUBLINGS: Tape = [(), *(((k, 1.0), (k, 1.0)) for k in range(15))]
CHAIN: Tape = [(), ((0, 2.0),), ((1, -3.0),), ((2, 0.5),)]


def drawn_tape(rng: Random, size: int = 8) -> Tape:
    """Draw a tape of two inputs and operations with one or two parents, partials apart from 1."""
    tape: Tape = [(), ()]
    for position in range(2, size):
        parents = rng.integers(0, position, rng.integers(1, 3))
        sizes = np.round(rng.uniform(1.1, 2.9, len(parents)), 2) * rng.choice([-1, 1], len(parents))
        tape.append(tuple((int(i), float(p)) for i, p in zip(parents, sizes, strict=True)))
    tape[-1] = ((size - 2, 1.5), (size - 2, -0.4), (0, 2.5))  # used twice, and again
    return tape


def slopes_of(tape: Sequence[Entry], output: int) -> np.ndarray:
    """Return the slopes of an output along every node, forward: one node moves at a time."""
    slopes = np.zeros(len(tape))
    for moved in range(len(tape)):
        tangents = np.zeros(len(tape))
        tangents[moved] = 1.0
        for k in range(moved + 1, len(tape)):
            tangents[k] = sum(partial * tangents[i] for i, partial in tape[k])
        slopes[moved] = tangents[output]
    return slopes


def swept(
    tape: Sequence[Entry], output: int, step: Callable[[list[float], int, int, float], None]
) -> np.ndarray:
    """Sweep with this step for each arrow, which a learner may have written."""
    adjoints = [0.0] * len(tape)
    adjoints[output] = 1.0
    for position in reversed(range(len(tape))):
        for parent, partial in tape[position]:
            step(adjoints, position, parent, partial)
    return np.array(adjoints)


# -- hand_back: the one line inside the sweep ---------------------------------------------------


def assign(adjoints: list[float], position: int, parent: int, partial: float) -> None:
    """Do as somebody who assigns."""
    adjoints[parent] = adjoints[position] * partial


def partial_alone(adjoints: list[float], position: int, parent: int, partial: float) -> None:
    """Do as somebody who forgets the adjoint."""
    adjoints[parent] += partial


def adjoint_alone(adjoints: list[float], position: int, parent: int, partial: float) -> None:
    """Do as somebody who forgets the local partial."""
    adjoints[parent] += adjoints[position]


def stay(adjoints: list[float], position: int, parent: int, partial: float) -> None:
    """Do as somebody who multiplies into zero, or hands from the parent to the node."""


def by_step(step: Callable[[list[float], int, int, float], None]) -> Callable[..., np.ndarray]:
    """Return the whole sweep with a step."""
    return lambda tape, output: swept(tape, output, step)


hand_back = Task(
    "hand_back",
    minutes=7,
    takes="tape, output",
    gives=numbers(),
    builds=True,
    properties=[
        agrees("along a chain the local partials are multiplied", slopes_of, [(CHAIN, 3)]),
        agrees("on the tape of the lesson they are its adjoints", slopes_of, [(TRAVELING, 6)]),
        agrees(
            "on other tapes, too, each adjoint is how fast the output moves with that node",
            slopes_of,
            lambda rng: [(drawn_tape(rng), 7) for _ in range(3)],
        ),
        agrees(
            "nodes that come after the output get nothing",
            slopes_of,
            lambda rng: [(TRAVELING, 4), (drawn_tape(rng), 5)],
        ),
        agrees("each doubling doubles the adjoint", slopes_of, [(DOUBLINGS, 15)]),
    ],
    mistakes=[
        computes(
            by_step(assign),
            "A later share replaces the earlier ones. A node that is used more than once gets a "
            "share from every use: add it.",
        ),
        computes(
            by_step(partial_alone),
            "The local partial arrives alone. It says how fast this node moves with its parent; "
            "how fast does the output move with this node?",
        ),
        computes(
            by_step(adjoint_alone),
            "The adjoint arrives as it is. On the arrow to the parent stands a local partial.",
        ),
        computes(
            by_step(stay),
            "Nothing arrives anywhere. The parent receives, the node at this position gives; and "
            "what it gives is added, for zero times anything stays zero.",
        ),
    ],
)

# -- tape_number: a number that writes the tape -------------------------------------------------


class Outcome:
    """What a learner's numbers make of a program: the value that came out, and the tape."""

    def __init__(self, kind: Any, f: Formula, point: Sequence[float]) -> None:
        self.count, self.tape = len(point), []  # type: ignore[var-annotated]
        result = f(*[kind(value, self.tape) for value in point])
        self.value = getattr(result, "value", None)
        self.position = getattr(result, "position", None)

    def __repr__(self) -> str:
        return f"the value {shown(self.value)}, the tape {self.tape}"


def value_and_slopes(outcome: Any) -> np.ndarray:
    """Sweep the learner's tape; return the value, then the slopes along the inputs."""
    if not isinstance(outcome, Outcome) or outcome.position is None:
        raise UnfitError(
            "The program's result is no number of your class: it has no value and no position."
        )
    tape, value = outcome.tape, number(outcome.value)
    adjoints = [0.0] * len(tape)
    if not isinstance(outcome.position, int) or not 0 <= outcome.position < len(tape):
        raise UnfitError(f"The result stands at position {shown(outcome.position)} of the tape.")
    adjoints[outcome.position] = 1.0
    for position in reversed(range(len(tape))):
        for parent, partial in _pairs(tape[position], position):
            adjoints[parent] += adjoints[position] * partial
    return np.array([value, *adjoints[: outcome.count]])


def _pairs(entry: Any, position: int) -> list[tuple[int, float]]:
    """Return the pairs of an entry, or say what is wrong with it."""
    try:
        pairs = [(parent, number(partial)) for parent, partial in entry]
    except Exception:
        raise UnfitError(
            f"Entry {position} of the tape is {shown(entry)}; a tuple of pairs (position of a "
            "parent, local partial) is needed, with a plain number as local partial."
        ) from None
    for parent, _ in pairs:
        if not isinstance(parent, int) or not 0 <= parent < position:
            raise UnfitError(
                f"Entry {position} of the tape names the parent {shown(parent)}; a parent is the "
                "position of an earlier entry."
            )
    return pairs


class Sound:
    """A number as it should be; what learners get wrong is changed in copies of it."""

    def __init__(self, value: float, tape: list[Any], *entry: tuple[int, float]) -> None:
        self.value, self.tape, self.position = value, tape, len(tape)
        tape.append(entry)

    def made(self, value: float, *shares: tuple[Any, float]) -> Any:
        return type(self)(value, self.tape, *((u.position, slope) for u, slope in shares))

    def taped(self, other: Any) -> Any:
        return other if isinstance(other, Sound) else type(self)(other, self.tape)

    def __add__(self, other: Any) -> Any:
        v = self.taped(other)
        return self.made(self.value + v.value, (self, 1.0), (v, 1.0))

    def __mul__(self, other: Any) -> Any:
        v = self.taped(other)
        return self.made(self.value * v.value, (self, v.value), (v, self.value))

    def __sub__(self, other: Any) -> Any:
        v = self.taped(other)
        return self.made(self.value - v.value, (self, 1.0), (v, -1.0))

    def __truediv__(self, other: Any) -> Any:
        v = self.taped(other)
        ratio = self.value / v.value
        return self.made(ratio, (self, 1 / v.value), (v, -ratio / v.value))

    def exp(self) -> Any:
        value = math.exp(self.value)
        return self.made(value, (self, value))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Any:
        return self.taped(other) - self

    def __rtruediv__(self, other: Any) -> Any:
        return self.taped(other) / self


class OwnFactor(Sound):
    """Each factor gets its own value."""

    def __mul__(self, other: Any) -> Any:
        v = self.taped(other)
        return self.made(self.value * v.value, (self, self.value), (v, v.value))

    __rmul__ = __mul__


class PlusBothWays(Sound):
    """A difference hands back like a sum."""

    def __sub__(self, other: Any) -> Any:
        v = self.taped(other)
        return self.made(self.value - v.value, (self, 1.0), (v, 1.0))


class PlusDivision(Sound):
    """A quotient without the minus."""

    def __truediv__(self, other: Any) -> Any:
        v = self.taped(other)
        ratio = self.value / v.value
        return self.made(ratio, (self, 1 / v.value), (v, ratio / v.value))


class UnsquaredDivision(Sound):
    """A quotient whose denominator is not squared."""

    def __truediv__(self, other: Any) -> Any:
        v = self.taped(other)
        ratio = self.value / v.value
        return self.made(ratio, (self, 1 / v.value), (v, -ratio))


class MinusExchanged(Sound):
    """`2 - x` is taken for `x - 2`."""

    def __rsub__(self, other: Any) -> Any:
        return self - other


class OverExchanged(Sound):
    """`3 / x` is taken for `x / 3`."""

    def __rtruediv__(self, other: Any) -> Any:
        return self / other


class BothExchanged(MinusExchanged, OverExchanged):
    """Both are."""


class PlainExp(Sound):
    """The slope of exp is 1, or its argument."""

    slope = staticmethod(lambda x: 1.0)

    def exp(self) -> Any:
        return self.made(math.exp(self.value), (self, self.slope(self.value)))


class ArgumentExp(PlainExp):
    """The slope of exp is taken to be its argument."""

    slope = staticmethod(lambda x: x)


def by_numbers(kind: Any) -> Callable[..., np.ndarray]:
    """Return what numbers of this kind make of a program."""
    return lambda f, point: value_and_slopes(Outcome(kind, f, point))


PRODUCT = Formula("x * y", lambda x, y: x * y, lambda x, y: (y, x))
TRAVELER = Formula(
    "x * x * y + y + 2",
    lambda x, y: x * x * y + y + 2,
    lambda x, y: (2 * x * y, x * x + 1),
)
DIFFERENCE = Formula("x - y", lambda x, y: x - y, lambda x, y: (1, -1))
QUOTIENT = Formula("x / y", lambda x, y: x / y, lambda x, y: (1 / y, -x / (y * y)))
RIGHT = Formula("(x - 3) / 2 * 5", lambda x: (x - 3) / 2 * 5, lambda x: (2.5,))
FROM_TWO = Formula("2 - x", lambda x: 2 - x, lambda x: (-1,))
OVER = Formula("3 / x", lambda x: 3 / x, lambda x: (-3 / (x * x),))
WAVE = Formula("exp(x)", np.exp, lambda x: (math.exp(x),))
ALL = Formula(
    "exp(x / y) * (x - y) - y / x",
    lambda x, y: np.exp(x / y) * (x - y) - y / x,
    lambda x, y: (
        math.exp(x / y) * ((x - y) / y + 1) + y / x**2,
        math.exp(x / y) * (-x * (x - y) / y**2 - 1) - 1 / x,
    ),
)


def _doubled(x: Any) -> Any:
    for _ in range(15):
        x = x + x
    return x


DOUBLED = Formula("x + x, fifteen times over", _doubled, lambda x: (2.0**15,))


def programs(says: str, count: int, *formulas: Formula, diagnosis: str = "") -> Property:
    """Make the property that value and slopes of these programs of `count` inputs are right."""
    names = "x, y"[: 3 * count - 2]

    def test(ask: Ask, rng: Random) -> Iterator[bool | str]:
        for f in formulas:
            point = [float(v) for v in np.round(rng.uniform(1.1, 2.9, count), 2)]
            got = ask.use(
                functools.partial(Outcome, f=f, point=point),
                f"f({names}) = {f}, at {names} = {', '.join(map(shown, point))}",
                args=(f, point),
            )
            if abs(got[0] - f(*point)) > 1e-9 * (1 + abs(got[0])):
                yield "the value is not that of the program"
            else:
                yield bool(np.allclose(got[1:], f.derivative(*point), rtol=1e-9, atol=1e-9))

    return holds(says, test, diagnosis)


tape_number = Task(
    "tape_number",
    minutes=16,
    takes="value, tape",
    gives=value_and_slopes,
    builds=True,
    properties=[
        programs("a product hands back the right shares", 2, PRODUCT),
        programs("sums and products together do, and values used twice", 2, TRAVELER),
        programs("a difference does", 2, DIFFERENCE),
        programs("a quotient does", 2, QUOTIENT),
        programs("plain numbers may stand on the right", 1, RIGHT),
        programs("plain numbers may stand on the left", 1, FROM_TWO, OVER),
        programs("the exponential function does", 1, WAVE),
        programs("all of them do in one program", 2, ALL),
        programs("each doubling leaves one entry to sweep", 1, DOUBLED),
    ],
    mistakes=[
        computes(
            by_numbers(OwnFactor),
            "The two factors of a product are exchanged: how fast does x * y move with x, while y "
            "is held still?",
        ),
        computes(
            by_numbers(PlusBothWays),
            "A difference hands back the same to both. What does x - y do when y grows?",
        ),
        computes(
            by_numbers(PlusDivision),
            "The sign of the share for the denominator: what does x / y do when y grows?",
        ),
        computes(
            by_numbers(UnsquaredDivision),
            "The share for the denominator has the right sign, but not the right size. How fast "
            "does 1 / y move with y?",
        ),
        *(
            computes(
                by_numbers(kind),
                "For 2 - x Python calls x.__rsub__(2), and for 3 / x it calls x.__rtruediv__(3): "
                "the argument comes first there.",
            )
            for kind in (MinusExchanged, OverExchanged, BothExchanged)
        ),
        computes(
            by_numbers(PlainExp),
            "The slope of the exponential function is taken to be 1. What is its derivative?",
        ),
        computes(
            by_numbers(ArgumentExp),
            "The slope of the exponential function is taken to be its argument. It is a value that "
            "you have just computed.",
        ),
    ],
)

# -- fresh_sweeps: one tape, many outputs -------------------------------------------------------


def rows(value: Any) -> np.ndarray:
    """Accept a list of lists of numbers, all of one length, or an array with two axes."""
    if not isinstance(value, list | tuple | np.ndarray) or len(value) == 0:
        raise UnfitError(
            f"A list with a row for each output is needed; {described(value)} came back."
        )
    found = [numbers()(row) for row in value]
    if len({len(row) for row in found}) > 1:
        raise UnfitError("All rows need the same length, that of the tape.")
    return np.array(found)


def every_row(tape: Sequence[Entry], outputs: Sequence[int]) -> np.ndarray:
    """Return the slopes of each output along every node."""
    return np.array([slopes_of(tape, output) for output in outputs])


def left_over(tape: Sequence[Entry], outputs: Sequence[int], reset: bool = False) -> np.ndarray:
    """Sweep as the locked program does; with `reset` only the place of the last output is reset."""
    found, adjoints = [], [0.0] * len(tape)
    for output in outputs:
        adjoints[output] = 1.0
        for position in reversed(range(len(tape))):
            for parent, partial in tape[position]:
                adjoints[parent] += adjoints[position] * partial
        found.append(adjoints[:])
        if reset:
            adjoints[output] = 0.0
    return np.array(found)


def one_list(tape: Sequence[Entry], outputs: Sequence[int]) -> np.ndarray:
    """Return the last row in place of each, as a list does that stands in all places."""
    return np.array([left_over(tape, outputs)[-1]] * len(outputs))


def fresh_assigned(tape: Sequence[Entry], outputs: Sequence[int]) -> np.ndarray:
    """Assign in fresh sweeps."""
    return np.array([swept(tape, output, assign) for output in outputs])


def many_outputs(rng: Random) -> Iterator[tuple[Any, ...]]:
    """Draw tapes with two and three outputs."""
    for outputs in ([7, 6], [4, 7, 5]):
        yield drawn_tape(rng), outputs


fresh_sweeps = Task(
    "fresh_sweeps",
    minutes=12,
    takes="tape, outputs",
    gives=rows,
    builds=True,
    properties=[
        agrees("one output gets its adjoints", every_row, [(TRAVELING, [6]), (CHAIN, [3])]),
        agrees("two outputs of the lesson's tape get theirs", every_row, [(TRAVELING, [4, 5])]),
        agrees("so do the outputs of other tapes", every_row, many_outputs),
        agrees(
            "the same output gets the same row as often as one asks",
            every_row,
            [(TRAVELING, [6, 6]), (CHAIN, [2, 3, 2])],
        ),
        agrees("an input may be an output, too", every_row, [(TRAVELING, [1, 6])]),
    ],
    mistakes=[
        computes(
            left_over,
            "These are the locked program's rows. What does the list of adjoints hold when the "
            "second sweep begins?",
        ),
        computes(
            lambda tape, outputs: left_over(tape, outputs, reset=True),
            "The place of the output is cleared after its sweep. All other places still hold what "
            "the sweep has left there.",
        ),
        computes(
            one_list,
            "All rows are equal. If one list is appended again and again and changed in between, "
            "every row is that list.",
        ),
        computes(
            lambda tape, outputs: np.zeros((len(outputs), len(tape))),
            "All rows are zero. If a list is appended and cleared afterward, the row is cleared "
            "with it, because it is the same list.",
        ),
        computes(
            fresh_assigned,
            "Nothing is left over now, but shares replace each other: within a sweep they must be "
            "added. Where does a sweep begin?",
        ),
    ],
)

# -- units_in_a_row: backpropagation without a tape ---------------------------------------------


def network_error(weights: Sequence[Any], x: float, target: float) -> Any:
    """Return the error of a row of units."""
    h: Any = x
    for w in weights:
        h = np.tanh(w * h)
    return (h - target) ** 2


def network_slopes(weights: Sequence[float], x: float, target: float) -> np.ndarray:
    """Return the slopes of the error along the weights, by the complex step."""
    step = 1e-30
    moved = np.asarray(weights, complex) + 1j * step * np.eye(len(weights))
    return np.array([network_error(list(row), x, target).imag / step for row in moved])


def network_slips(weights: Sequence[float], x: float, target: float, **slip: Any) -> np.ndarray:
    """Go back through the network with a slip: a factor left out, a value one unit too late."""
    h = [x]
    for w in weights:
        h.append(float(np.tanh(w * h[-1])))
    delta, slopes = slip.get("start", 2.0) * (h[-1] - target), [0.0] * len(weights)
    for k in reversed(range(len(weights))):
        delta *= 1.0 if slip.get("straight") else 1 - h[k + 1] ** 2
        slopes[k] = delta * h[k + 1 if slip.get("late") else k]
        delta *= 1.0 if slip.get("unweighted") else weights[k]
    return np.array(slopes)


def slipped(**slip: Any) -> Callable[..., np.ndarray]:
    """Return the slopes with a slip."""
    return lambda weights, x, target: network_slips(weights, x, target, **slip)


def networks(*sizes: int) -> Callable[[Random], Iterator[tuple[Any, ...]]]:
    """Draw networks of so many units."""

    def drawn(rng: Random) -> Iterator[tuple[Any, ...]]:
        for size in sizes:
            weights = np.round(rng.uniform(0.6, 1.6, size) * rng.choice([-1, 1], size), 2)
            yield weights.tolist(), float(np.round(rng.uniform(0.5, 1.5), 2)), 0.25

    return drawn


units_in_a_row = Task(
    "units_in_a_row",
    minutes=14,
    takes="weights, x, target",
    gives=numbers(),
    builds=True,
    stretch=True,
    properties=[
        agrees("for one unit it is the slope of the error", network_slopes, networks(1, 1)),
        agrees("two units get theirs, the first one first", network_slopes, networks(2, 2)),
        agrees("so do seven", network_slopes, networks(7)),
        agrees(
            "a weight that is zero lets nothing through to the units before it",
            network_slopes,
            [([0.7, 0.0, 1.2], 0.9, 0.5)],
        ),
    ],
    mistakes=[
        computes(
            slipped(straight=True),
            "The tanh hands back as if its slope were 1. Its slope is 1 - h*h, with its own value.",
        ),
        computes(
            slipped(unweighted=True),
            "From one unit to the one before it, the weight between them is missing.",
        ),
        computes(
            slipped(late=True),
            "A weight is multiplied with what goes into its unit, not with what comes out.",
        ),
        computes(
            slipped(start=1.0),
            "Every slope is half of what it should be. What is the derivative of the square at "
            "the very end?",
        ),
        computes(
            slipped(start=-2.0),
            "The signs are all reversed: is it h - target, or target - h?",
        ),
        computes(
            lambda *args: network_slopes(*args)[::-1],
            "The right slopes in the wrong order: the sweep finds the last weight's slope first.",
        ),
    ],
)

EXERCISE = Exercise(
    "06_reverse_mode",
    "Exercise 6 · Sweep back for every slope",
    [pencil_sweep, hand_back, tape_number, fresh_sweeps, units_in_a_row],
)
