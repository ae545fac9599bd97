"""The row of a learner's own function, whose partial derivatives were worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinyad.errors import ManualError
from tinyad.rules.primitives import Shape, broadcast_to, shape_of, sum_to
from tinyad.rules.rows import NO_OPTIONS, Differentiable, Formula, Options, Values, scaled


@dataclass(eq=False, kw_only=True)
class Attached(Differentiable):
    """A learner's function with hand-written partials, each a function of all its arguments.

    It is elementwise, or gives one number and each partial has the shape of its argument.
    `function` looks out for boxes first, `original` is the learner's own.
    """

    original: Formula
    partials: tuple[Formula | None, ...]

    def value(self, primals: Sequence[Any], options: Options = NO_OPTIONS) -> Any:
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
        self, answer: Any, primals: Values, tangents: Values, options: Options, batched: bool
    ) -> Any:
        """Sum of partial times tangent over the active arguments."""
        total: Any = 0.0
        for argument, tangent in enumerate(tangents):
            if tangent is not None:
                shape = shape_of(answer) + (shape_of(tangent)[-1:] if batched else ())
                term = scaled(tangent, self.partial(argument)(*primals), batched)
                total = total + (sum_to(term, shape) if shape_of(answer) == () else term)
        return broadcast_to(total, shape)

    def needs(self, active: tuple[bool, ...]) -> set[int]:
        """Hand-written partials may read every argument."""
        for argument in (i for i, on in enumerate(active) if on):
            self.partial(argument)  # raises now rather than in the sweep
        return set(range(1, len(active) + 1))

    def pullback(
        self, adjoint: Any, argument: int, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Adjoint times partial, in the argument's shape."""
        return sum_to(scaled(adjoint, self.partial(argument)(*operands[1:])), shape)
