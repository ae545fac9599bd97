"""A power series as a box, and what a program may ask of it besides arithmetic: decisions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyad.arguments import promote
from tinyad.arraylike import ArrayBox
from tinyad.errors import SeriesError
from tinyad.interpretation import Box, Interpretation, apply
from tinyad.modes.taylor.powers import singular
from tinyad.modes.taylor.series import ROUNDING, Laurent, Term, bare, series
from tinyad.modes.taylor.sides import COMPARISONS, FINITE, LOGICAL, STEPS, Sides
from tinyad.rules import TABLE
from tinyad.rules.rows import NO_OPTIONS, Constant, Differentiable, Elementwise, Options

SHAPES = (np.shape, np.ndim, np.size, np.zeros_like, np.ones_like)
NOT_EQUAL: Any = TABLE[np.not_equal]


class Jet(ArrayBox):
    """A number that is a series in t; or, with `trouble`, one that has none."""

    __slots__ = ("series", "trouble")

    def __init__(
        self, s: Laurent, owner: Interpretation, trouble: SeriesError | None = None
    ) -> None:
        self.series = s
        self.interpretation = owner
        self.trouble = trouble

    @property
    def value(self) -> Any:
        """The value at the point: the constant term, or infinity."""
        if self.trouble:
            return math.nan
        if self.series.low >= 0 or not self.series.values:
            return self.series[0]
        return math.inf if self.series.values[0] > 0 else -math.inf


class Expanding(Interpretation):
    """Series of `carried` coefficients on the one side or the other of a point."""

    def __init__(self, carried: int, side: int) -> None:
        super().__init__()
        self.carried, self.sides = carried, Sides(side)
        # The series that grow together at the moment, if there are any
        self.growing: list[Laurent] | None = None

    def variable(self, point: Any) -> Jet:
        """The point plus t."""
        return Jet(series([point, 1.0, *[0.0] * self.carried][: self.carried]), self)

    def check(self, operands: Sequence[Any]) -> None:
        """Raise what went wrong before, now that its result is used."""
        for operand in operands:
            if self.owns(operand) and operand.trouble:
                raise operand.trouble

    def series_of(self, operand: Any) -> Laurent:
        """The series of a jet; that of a plain number is known to all orders."""
        if self.owns(operand):
            known: Laurent = operand.series
            return known
        number = float(operand) if isinstance(operand, bool | np.bool_) else promote(operand)
        return series([number if isinstance(number, Box) else float(number)], exact=True)

    def made(self, answer: Laurent, operands: Sequence[Laurent]) -> Jet:
        """Compute a series as far as its operands are known."""
        answer.grow()
        if answer.doubtful:
            self.sides.note(
                "A zero that was computed with rounding errors was canceled, as if exact"
            )
        if self.growing is not None and any(s.rule for s in operands):
            self.growing.append(answer)
        else:
            answer.finish()
        return Jet(answer, self)

    def head(self, row: Differentiable, operands: Sequence[Any], error: float) -> Term:
        """Return the constant term and its error, or raise where the function is singular."""
        heads = self.primals(operands)
        with np.errstate(all="ignore"):
            value = row.value(heads)
        plain, numbers = bare(value), [bare(h) for h in heads]
        if not math.isfinite(plain) and all(map(math.isfinite, numbers)):
            raise singular(row, numbers, f"its value there is {plain}")
        # An integer made of small integers was not rounded: exp(0), log(1), 2 + 3.
        exact = all(abs(n) <= 16 and n.is_integer() for n in (*numbers, plain))
        if not exact or type(row) is not Elementwise:
            error += ROUNDING * abs(plain)
        return value if isinstance(value, Box) else plain, error

    def constant(self, row: Constant, operands: Sequence[Any], options: Options) -> Any:
        """Decide beside the point; where that is no question, take the constant term."""
        if row.function in SHAPES:
            return apply(row, self.primals(operands), options)
        self.check(operands)

        def at_point() -> Any:
            return apply(row, self.primals(operands), options)

        if row.function in COMPARISONS:
            x, y = (self.series_of(o) for o in operands)
            return self.sides.compare(row.function, x, y, at_point)
        if row.function is np.sign:
            return self.sides.sign(operands[0].series, at_point)
        if row.function in LOGICAL:
            return row.value([self.truth(o) for o in operands])
        own = [k for k, o in enumerate(operands) if self.owns(o)]
        x = operands[own[0]].series
        if row.function in FINITE and x.low < 0:
            self.sides.beside = True
            return row.function(1.0)
        if row.function in STEPS and len(own) == 1:
            before, after = operands[: own[0]], operands[own[0] + 1 :]
            return self.sides.step(
                lambda v: row.value([*before, v, *after], options), x, at_point()
            )
        if row.function is np.floor_divide:
            whole = self.whole_part(np.floor, *operands)
            return at_point() if bare(np.remainder(*self.primals(operands))) else whole
        return at_point()

    def whole_part(self, step: Any, x: Any, y: Any) -> Any:
        """Round a quotient whose constant term is a whole number."""
        quotient = x / y
        self.check([quotient])
        s = self.series_of(quotient)
        return self.sides.step(step, s, step(bare(s[0])))

    def decided(self, box: Box, kind: str) -> Any:
        """Decide an `if` beside the point too."""
        return self.truth(box) if kind == "bool" else super().decided(box, kind)

    def truth(self, condition: Any) -> bool:
        """Is this true beside the point?"""
        if self.owns(condition):
            condition = self.constant(NOT_EQUAL, (condition, 0.0), NO_OPTIONS)
        return bool(condition)
