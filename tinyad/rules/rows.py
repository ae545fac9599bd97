"""What a row of the table is, and how it turns into a tangent or an adjoint.

There are four kinds of row:

* `Elementwise` acts entry by entry and gives one partial derivative per argument;
* `Linear` is its own tangent, and gives its transpose;
* `Constant` has derivative zero wherever it has one (comparisons, floor, sign);
* `Program` is short for an ordinary NumPy program made of other rows.

A row knows nothing of modes. Its formulas are plain NumPy, so they run on whatever they are given:
numbers, dual numbers, entries of a tape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinyad.errors import ManualError, MissingRuleError
from tinyad.rules.primitives import Shape, broadcast_to, shape_of, sum_to, zeros_like

Formula = Callable[..., Any]
Point = tuple[float, ...]
Options = Mapping[str, Any]

NUMPY = (np.ndarray, np.generic)  # arrays and scalars

# The names a formula may ask for: its position in (answer, first argument, second argument, ...).
OPERANDS = {"ans": 0, "x": 1, "y": 2, "z": 3}


def evaluate(function: Formula, operands: Sequence[Any]) -> Any:
    """Run a NumPy function or a formula under IEEE rules; a float64 comes back as a float.

    Python's own floats raise where IEEE 754 has an infinity or a NaN; then NumPy's floats take
    over. Python's floats are wanted otherwise: they are quick, and unlike NumPy's they leave a
    float32 neighbor its precision.
    """
    try:
        answer = function(*operands)
    except (ZeroDivisionError, OverflowError):
        answer = function(*[np.float64(o) if type(o) in (float, int) else o for o in operands])
    if type(answer) is np.float64:
        return float(answer)
    if isinstance(answer, NUMPY) and answer.dtype.kind == "c":
        raise MissingRuleError(
            "A complex number came up; the rules of this table are those of real numbers.",
            "Write the real and the imaginary part as two real numbers.",
        )
    if type(answer) is np.ndarray and answer.ndim == 0:
        return answer.item() if answer.dtype == np.float64 else answer[()]
    return answer


@dataclass(frozen=True, slots=True)
class Partial:
    """One partial derivative: a formula and the operands it names (0 is the answer)."""

    formula: Formula
    needs: tuple[int, ...]

    @classmethod
    def of(cls, formula: Formula) -> Partial:
        """Read the operands' names off the formula's parameters, once, at import."""
        code = formula.__code__
        return cls(formula, tuple(OPERANDS[name] for name in code.co_varnames[: code.co_argcount]))

    def __call__(self, operands: Sequence[Any]) -> Any:
        return evaluate(self.formula, [operands[k] for k in self.needs])


@dataclass(eq=False, kw_only=True)
class Row:
    """What all rows share: the NumPy function and its name."""

    function: Callable[..., Any]
    name: str

    def value(self, primals: Sequence[Any], options: Options) -> Any:
        """Run the function itself."""
        if options:
            return evaluate(lambda *args: self.function(*args, **options), primals)
        return evaluate(self.function, primals)


@dataclass(eq=False, kw_only=True)
class Constant(Row):
    """Derivative zero wherever there is one: acts on the primal and is not recorded."""


@dataclass(eq=False, kw_only=True)
class Program(Row):
    """A function that is only a name for a program of other rows."""

    program: Formula


@dataclass(eq=False, kw_only=True)
class Differentiable(Row):
    """A row with a derivative: how it carries a tangent forward and an adjoint backward."""

    def tangent(
        self, answer: Any, primals: Sequence[Any], tangents: Sequence[Any], options: Options
    ) -> Any:
        """Return the answer's tangent; an argument that does not vary has tangent None."""
        raise NotImplementedError

    def needs(self, active: Sequence[bool]) -> set[int]:
        """Which operands (0 is the answer) the pullbacks of the active arguments read."""
        raise NotImplementedError

    def pullback(
        self, argument: int, adjoint: Any, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Return what the answer's adjoint adds to that of an argument of this shape."""
        raise NotImplementedError


@dataclass(eq=False, kw_only=True)
class Elementwise(Differentiable):
    """Entry by entry, with one partial derivative per argument (None where there is none).

    `kinks` maps points without a derivative to the partials this table hands out there; `domain`
    holds, per argument, the open interval in which the row is smooth; `scalar` is a Python
    function that gives the same value for Python floats, only faster.
    """

    partials: tuple[Partial | None, ...]
    kinks: Mapping[Point, Point] = field(default_factory=dict)
    domain: tuple[tuple[float, float], ...] = ()
    scalar: Callable[..., Any] | None = None

    def value(self, primals: Sequence[Any], options: Options) -> Any:
        """Run the function, through Python's own arithmetic where all operands are floats."""
        if self.scalar is not None and all(type(p) in (float, int) for p in primals):
            return evaluate(self.scalar, primals)
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
        self, answer: Any, primals: Sequence[Any], tangents: Sequence[Any], options: Options
    ) -> Any:
        """Sum of partial times tangent over the active arguments (tangent not None)."""
        operands = (answer, *primals)
        total = None
        for argument, tangent in enumerate(tangents):
            if tangent is not None:
                term = self.partial(argument)(operands) * tangent
                total = term if total is None else total + term
        return broadcast_to(total, shape_of(answer))

    def needs(self, active: Sequence[bool]) -> set[int]:
        """What the formulas of the active arguments name."""
        return {k for i, on in enumerate(active) if on for k in self.partial(i).needs}

    def pullback(
        self, argument: int, adjoint: Any, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Adjoint times partial, summed over the axes along which the argument was broadcast."""
        return sum_to(adjoint * self.partial(argument)(operands), shape)


@dataclass(eq=False, kw_only=True)
class Linear(Differentiable):
    """Jointly linear in the arguments named: its tangent is the function itself.

    `transpose[i]` takes the adjoint, the shape of argument i and all arguments, and gives the
    adjoint of argument i. It may not read the arguments in which the row is linear. Any other
    argument, such as the condition of where, only decides: nothing flows through it.
    """

    transpose: Mapping[int, Formula]

    def tangent(
        self,
        answer: Any,
        primals: Sequence[Any],
        tangents: Sequence[Any],
        options: Options,
    ) -> Any:
        """Apply the function once to the tangents, with zeros for what does not vary."""
        operands = [
            p if i not in self.transpose else zeros_like(p) if tangent is None else tangent
            for i, (p, tangent) in enumerate(zip(primals, tangents, strict=True))
        ]
        return broadcast_to(self.value(operands, options), shape_of(answer))

    def needs(self, active: Sequence[bool]) -> set[int]:
        """Everything but the arguments it is linear in: a transpose never reads those."""
        return {i + 1 for i in range(len(active)) if i not in self.transpose}

    def pullback(
        self,
        argument: int,
        adjoint: Any,
        operands: Sequence[Any],
        shape: Shape,
        options: Options,
    ) -> Any:
        """Apply the transpose of the function in this argument to the adjoint."""
        if argument not in self.transpose:
            return broadcast_to(0.0, shape)
        term = evaluate(self.transpose[argument], [adjoint, shape, *operands[1:]])
        return sum_to(term, shape)


@dataclass(eq=False, kw_only=True)
class Attached(Differentiable):
    """A learner's function with hand-written partials, each a function of all its arguments.

    It is elementwise, or gives one number and each partial has the shape of its argument.
    `function` looks out for boxes first, `original` is the learner's own.
    """

    original: Formula
    partials: tuple[Formula | None, ...]

    def value(self, primals: Sequence[Any], options: Options) -> Any:
        """Run the learner's function as it is: its own exceptions reach the learner."""
        return self.function(*primals)

    def partial(self, argument: int) -> Formula:
        """Return the partial in this argument, or raise if the learner gave none."""
        partial = self.partials[argument]
        if partial is None:
            raise ManualError(
                f"{self.name} has no derivative with respect to its argument {argument + 1}: "
                "None was attached there.",
                "Attach a function in its place, or pass a plain number as that argument.",
            )
        return partial

    def tangent(
        self, answer: Any, primals: Sequence[Any], tangents: Sequence[Any], options: Options
    ) -> Any:
        """Sum of partial times tangent over the active arguments."""
        terms = [
            self.partial(argument)(*primals) * tangent
            for argument, tangent in enumerate(tangents)
            if tangent is not None
        ]
        shape = shape_of(answer)
        return sum(broadcast_to(sum_to(t, shape) if shape == () else t, shape) for t in terms)

    def needs(self, active: Sequence[bool]) -> set[int]:
        """Hand-written partials may read every argument."""
        for argument in (i for i, on in enumerate(active) if on):
            self.partial(argument)  # raises now rather than in the sweep
        return set(range(1, len(active) + 1))

    def pullback(
        self, argument: int, adjoint: Any, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Adjoint times partial, in the argument's shape."""
        return sum_to(adjoint * self.partial(argument)(*operands[1:]), shape)


def elementwise(function: Any, *partials: Formula | None, **fields: Any) -> Elementwise:
    """Write one elementwise row: the NumPy function and a formula per argument."""
    name = fields.pop("name", function.__name__)
    parts = tuple(None if p is None else Partial.of(p) for p in partials)
    return Elementwise(function=function, name=name, partials=parts, **fields)
