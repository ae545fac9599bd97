"""What a row of the table is, and how it turns into a tangent or an adjoint.

There are five kinds of row:

* `Elementwise` acts entry by entry and gives one partial derivative per argument;
* `Linear` (in linear.py) is its own tangent, and gives its transpose;
* `Composite` (in composite.py) gives its tangent as a NumPy program;
* `Constant` has derivative zero wherever it has one (comparisons, floor, sign);
* `Program` is short for an ordinary NumPy program made of other rows.

A row knows nothing of modes. Its formulas are plain NumPy, so they run on whatever they are given:
numbers, dual numbers, entries of a tape.

Forward mode may carry n tangents at once. A batched tangent has one more axis, the last one, so
that broadcasting, axis numbers and index keys mean the same as for the primal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NoReturn

import numpy as np

from tinyad.errors import MissingRuleError
from tinyad.rules.numbers import on_numbers
from tinyad.rules.primitives import Shape, broadcast_to, shape_of

Formula = Callable[..., Any]
Point = tuple[float, ...]
Options = Mapping[str, Any]
Values = Sequence[Any]
Bound = tuple[Sequence[Any], Options]

# The names a formula may ask for: its position in (answer, first argument, second argument).
OPERANDS = {"ans": 0, "x": 1, "y": 2}
NO_OPTIONS: Options = {}
FLOAT64 = np.dtype(float)


def evaluate(function: Formula, operands: Sequence[Any], options: Options = NO_OPTIONS) -> Any:
    """Run a NumPy function or a formula under IEEE rules; a float64 comes back as a float.

    Python's own floats raise where IEEE 754 has an infinity or a NaN; then NumPy's floats take
    over. Python's floats are wanted otherwise: they are quick, and unlike NumPy's they leave a
    float32 neighbor its precision.
    """
    try:
        answer = function(*operands, **options)
    except (ZeroDivisionError, OverflowError):
        operands = [np.float64(o) if type(o) in (float, int) else o for o in operands]
        answer = function(*operands, **options)
    kind = type(answer)
    if kind is np.ndarray and answer.dtype is FLOAT64 and answer.ndim:
        return answer  # most often
    if kind is np.float64:
        return float(answer)
    if kind is np.ndarray or isinstance(answer, np.generic):
        if answer.dtype.kind in "cO":
            _refuse(answer.dtype.kind)
        if answer.ndim == 0:
            return answer.item() if answer.dtype == np.float64 else answer.dtype.type(answer)
    elif isinstance(answer, np.ndarray):
        _refuse(kind.__name__)  # a masked array or a matrix has another arithmetic
    return answer


def _refuse(kind: str) -> NoReturn:
    if kind == "c":
        raise MissingRuleError(
            "A complex number came up; the rules of this table are those of real numbers.",
            "Write the real and the imaginary part as two real numbers.",
        )
    raise MissingRuleError(
        f"An array of {'objects' if kind == 'O' else kind} came up; the rules of this table are "
        "those of plain arrays of numbers.",
        "Convert it with np.asarray(a, dtype=float); where entries were masked, use np.where.",
    )


class Partial:
    """One partial derivative: a formula, and the operands it names (0 is the answer)."""

    def __init__(self, formula: Formula) -> None:
        code = formula.__code__
        names = code.co_varnames[: code.co_argcount]
        self.formula = formula
        self.needs = needs = tuple(OPERANDS[name] for name in names)
        # from (answer, x, y) to what the formula is called with, quicker than a comprehension
        one = slice(needs[0], needs[0] + 1) if needs else slice(0)
        self.pick = itemgetter(*needs) if len(needs) > 1 else itemgetter(one)
        self.on_numbers = on_numbers(formula, names)

    def __call__(self, operands: Sequence[Any]) -> Any:
        """The partial at (answer, x, y); what the formula does not name may be None."""
        return self.slope(self.pick(operands))

    def slope(self, named: Sequence[Any]) -> Any:
        """The partial, given what the formula names."""
        return evaluate(self.formula, named) if named else self.on_numbers


@dataclass(eq=False, kw_only=True)
class Row:
    """What all rows share: the NumPy function, its name, and how its arguments are read.

    `read` takes a call's arguments to (operands, options): what may vary, and what may not.
    """

    function: Callable[..., Any]
    name: str
    read: Callable[..., Bound] | None = None
    _reads: dict[tuple[int, int], Sequence[int]] = field(default_factory=dict, init=False)

    def bind(self, args: Sequence[Any], kwargs: Options) -> Bound:
        """Sort a call's arguments into operands and options; refuse options without a rule."""
        if self.read is None:
            return args, kwargs
        try:
            return self.read(*args, **kwargs)
        except TypeError as error:
            raise self.refusal(error) from error

    def refusal(self, error: TypeError) -> MissingRuleError:
        """Make the error for a way of calling the function that the table does not know."""
        return MissingRuleError(
            f"np.{self.name} was called in a way that has no derivative rule: {error}.",
            "Leave that option out, or write the call with functions that have a rule.",
        )

    def value(self, primals: Sequence[Any], options: Options = NO_OPTIONS) -> Any:
        """Run the function itself."""
        return evaluate(self.function, primals, options)


@dataclass(eq=False, kw_only=True)
class Constant(Row):
    """Derivative zero wherever there is one: acts on the primal and is not recorded.

    A `static` one looks at shapes and types alone.
    """

    static: bool = False


@dataclass(eq=False, kw_only=True)
class Program(Row):
    """A function that is only a name for a program of other rows."""

    program: Formula


class Differentiable(Row):
    """A row with a derivative: how it carries a tangent forward and an adjoint backward."""

    def bind(self, args: Sequence[Any], kwargs: Options) -> Bound:
        """Sort a call's arguments; a row that does not read its options has none."""
        if kwargs and self.read is None:
            raise self.refusal(TypeError(f"it got the option {next(iter(kwargs))!r}"))
        return super().bind(args, kwargs)

    def reads(self, active: int, count: int) -> Sequence[int]:
        """`needs` for operands whose activity is given by bits, remembered."""
        reads = self._reads.get((active, count))
        if reads is None:
            reads = sorted(self.needs(tuple(bool(active >> k & 1) for k in range(count))))
            self._reads[active, count] = reads
        return reads

    def tangent(
        self, answer: Any, primals: Values, tangents: Values, options: Options, batched: bool
    ) -> Any:
        """Return the answer's tangent; an argument that does not vary has tangent None."""
        raise NotImplementedError

    def needs(self, active: tuple[bool, ...]) -> set[int]:
        """Which operands (0 is the answer) the pullbacks of the active arguments read."""
        raise NotImplementedError

    def pullback(
        self, adjoint: Any, argument: int, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Return what the answer's adjoint adds to that of an argument of this shape."""
        raise NotImplementedError


@dataclass(eq=False, kw_only=True)
class Elementwise(Differentiable):
    """Entry by entry, with one partial derivative per argument (None where there is none).

    `kinks` maps points without a derivative to the partials this table hands out there; `domain`
    holds, per argument, the open interval in which the row is smooth; `numbers` gives the same
    value for Python floats, only faster.
    """

    partials: tuple[Partial | None, ...]
    kinks: Mapping[Point, Point] = field(default_factory=dict)
    domain: tuple[tuple[float, float], ...] = ()
    numbers: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        self.slopes = [_no_slope if p is None else p.on_numbers for p in self.partials]

    def value(self, primals: Sequence[Any], options: Options = NO_OPTIONS) -> Any:
        """Run the function, through Python's own arithmetic where all operands are numbers."""
        if (
            self.numbers is not None
            and type(primals[0]) in (float, int)
            and type(primals[-1]) in (float, int)
        ):
            try:
                return self.numbers(*primals)
            except (ArithmeticError, ValueError):
                pass  # NumPy has IEEE's answer
        return evaluate(self.function, primals)

    def partial(self, argument: int) -> Partial:
        """Return the partial derivative in this argument, or raise if the row has none."""
        partial = self.partials[argument]
        if partial is None:
            raise MissingRuleError(
                f"np.{self.name} has no derivative with respect to its argument {argument + 1}.",
                "Pass a plain number there; ad.stop_gradient(x) makes one of a traced value.",
            )
        return partial

    def tangent(
        self, answer: Any, primals: Values, tangents: Values, options: Options, batched: bool
    ) -> Any:
        """Sum of partial times tangent over the active arguments."""
        operands, total = (answer, *primals), None
        for argument, tangent in enumerate(tangents):
            if tangent is not None:
                term = scaled(tangent, self.partial(argument)(operands), batched)
                total = term if total is None else total + term
        if len(primals) == 1:
            return total
        shape = shape_of(answer)
        return broadcast_to(total, (*shape, shape_of(total)[-1]) if batched else shape)

    def needs(self, active: tuple[bool, ...]) -> set[int]:
        """What the formulas of the active arguments name."""
        return {k for i, on in enumerate(active) if on for k in self.partial(i).needs}


def _no_slope(*_: Any) -> Any:
    raise TypeError  # the general way says what is missing


def scaled(tangent: Any, partial: Any, batched: bool = False) -> Any:
    """Return partial times tangent; along a batch axis the partial is the same."""
    if type(partial) is float:
        return tangent if partial == 1.0 else -tangent if partial == -1.0 else partial * tangent
    if batched and shape_of(partial):
        partial = partial[..., None]
    return partial * tangent


def elementwise(function: Any, *partials: Formula | None, **fields: Any) -> Elementwise:
    """Write one elementwise row: the NumPy function and a formula per argument."""
    name = fields.pop("name", function.__name__)
    parts = tuple(None if p is None else Partial(p) for p in partials)
    return Elementwise(function=function, name=name, partials=parts, **fields)
