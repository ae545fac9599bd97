"""The interpretation that carries a power series through a program, on one side of a point.

Put x = x₀ + t and every value becomes a series in t. For an elementwise row φ the chain rule reads
z′ = φ′(x) · x′, and φ′ is a line of the table: run on series it is a series itself, and z follows
term by term. Where φ′ needs z (exp), or functions that need z (sine and cosine), all of them grow
together, a coefficient at a time.

Source: Griewank and Walther, Evaluating Derivatives, 2008, chapter 13.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyad.errors import MissingRuleError, SeriesError
from tinyad.interpretation import Box
from tinyad.modes.taylor.jet import Expanding, Jet
from tinyad.modes.taylor.powers import ROOTS, label, root, singular, whole_power
from tinyad.modes.taylor.series import (
    Laurent,
    Term,
    UnknownZeroError,
    bare,
    combination,
    integral,
    product,
    quotient,
    regular,
    series,
)
from tinyad.rules.attached import Attached
from tinyad.rules.primitives import shape_of
from tinyad.rules.rows import NO_OPTIONS, Differentiable, Elementwise, Options

# f(cx) = c f(x) for c > 0, with plain numbers as slopes: these rows can take infinite values too.
HOMOGENEOUS = (
    *(np.add, np.subtract, np.negative, np.positive, np.absolute, np.fabs),
    *(np.maximum, np.minimum, np.fmax, np.fmin, np.deg2rad, np.radians, np.rad2deg, np.degrees),
)
WHOLE_PARTS = {np.remainder: np.floor, np.fmod: np.trunc}


class Jets(Expanding):
    """Carry series of `carried` coefficients, for the one side or the other of the point."""

    def __init__(self, carried: int, side: int) -> None:
        super().__init__(carried, side)
        self.known: dict[tuple[Any, ...], tuple[Jet, Sequence[Any]]] = {}
        self.slopes: list[tuple[Laurent, Laurent]] = []
        self.depth = 0

    def process(
        self, row: Differentiable, operands: Sequence[Any], options: Options = NO_OPTIONS
    ) -> Any:
        """Run one operation on series. What has no series is an error only if it is used."""
        try:
            return self._jet(row, operands)
        except SeriesError as error:
            if self.growing is not None:
                raise
            return Jet(series([]), self, error)

    def _jet(self, row: Differentiable, operands: Sequence[Any]) -> Any:
        if any(shape_of(o) for o in operands) or not (
            isinstance(row, Elementwise | Attached) or row.function is np.where
        ):
            raise _refusal(row.name)
        if row.function is np.where:
            condition, x, y = operands
            return x if self.truth(condition) else y
        self.check(operands)
        all_series = [self.series_of(o) for o in operands]
        if row.function in (np.multiply, np.square):
            return self.made(product(all_series[0], all_series[-1]), all_series)
        if row.function in (np.divide, np.reciprocal):
            f = all_series[0] if len(operands) == 2 else series([1.0], exact=True)
            return self.made(quotient(f, all_series[-1]), all_series)
        if row.function is np.power:
            return self._power(row, *operands)
        if row.function in ROOTS and all_series[0].low != 0:
            return self._root(row, all_series[0], ROOTS[row.function])
        if row.function in HOMOGENEOUS:
            return self._homogeneous(row, operands, all_series)
        return self._solved(row, operands, all_series)

    # Rows of the table

    def _homogeneous(
        self, row: Differentiable, operands: Sequence[Any], all_series: list[Laurent]
    ) -> Jet:
        """Run a row whose slopes are numbers, the same for all powers of t."""
        assert isinstance(row, Elementwise)
        parts = []
        for k, s in enumerate(all_series):
            slope = row.partial(k)((None, *operands))
            if not (s.exact and slope == 0):  # 0 times infinity is no part of maximum(x, -inf)
                parts.append((slope, s))
        head = None
        if all(s.low >= 0 for s in all_series):
            error = sum(abs(bare(slope)) * s.error(0) for slope, s in parts)
            head = self.head(row, operands, error)
        return self.made(combination(parts, head), all_series)

    def _solved(
        self, row: Differentiable, operands: Sequence[Any], all_series: list[Laurent]
    ) -> Any:
        """Solve z′ = φ′(x) · x′ together with whatever φ′ is made of."""
        if any(s.low < 0 for s in all_series):
            raise SeriesError(
                f"{label(row)} of a value that is infinite at the point has no series.",
                "Expand about another point, or write 1/x as a variable of its own.",
            )
        head = self.head(row, operands, 0.0)
        special = self._special(row, operands, bare(head[0]) == 0)
        if special is not None:
            return special
        outermost = self.growing is None
        if outermost:
            self.growing, self.known, self.slopes, self.depth = [], {}, [], 0
        try:
            jet = self._grown(row, operands, all_series, head)
            if outermost:
                self._finish()
            return jet
        except UnknownZeroError:
            raise
        except SeriesError as error:
            numbers = [bare(s[0]) for s in all_series]
            raise singular(row, numbers, "its slope has none there") from error
        finally:
            if outermost:
                self.growing = None

    def _special(self, row: Differentiable, operands: Sequence[Any], zero: bool) -> Any:
        """Take a function that bends or jumps where it is zero at its definition."""
        if row.function is np.hypot and zero:
            return np.sqrt(operands[0] * operands[0] + operands[1] * operands[1])
        if row.function in WHOLE_PARTS:
            whole = self.whole_part(WHOLE_PARTS[row.function], *operands)
            return operands[0] - operands[1] * whole if zero else None
        return None

    def _grown(
        self, row: Differentiable, operands: Sequence[Any], all_series: list[Laurent], head: Term
    ) -> Jet:
        """Return φ(x), of which one coefficient is known and a rule for all others."""
        key = (row, *(id(o.series) if self.owns(o) else repr(o) for o in operands))
        if key in self.known:
            return self.known[key][0]
        z = Laurent(0, lambda _: None)
        z.values, z.noise = [head[0]], [head[1]]
        jet = Jet(z, self)
        self.known[key] = jet, operands  # whoever holds the operands holds their ids
        assert self.growing is not None
        self.growing.append(z)
        if self.depth < self.carried:  # or no further coefficient will be asked for
            self._connect(jet, row, operands, all_series)
        return jet

    def _connect(
        self, jet: Jet, row: Differentiable, operands: Sequence[Any], all_series: list[Laurent]
    ) -> None:
        """Give z = φ(x) the rule by which its coefficients follow from those of φ′(x) and x."""
        z = jet.series
        self.depth += 1
        slopes = [
            (self._slope(row, k, jet, operands), s)
            for k, s in enumerate(all_series)
            if self.owns(operands[k])
        ]
        self.depth -= 1
        if any(self.owns(p) for p, _ in slopes):
            parts = [(self.series_of(p), s) for p, s in slopes]
            self.slopes += parts
            z.rule = integral(parts).rule
        else:
            z.rule = combination(slopes).rule
        z.noise[0] += sum(abs(bare(self.series_of(p)[0])) * s.error(0) for p, s in slopes)

    def _slope(self, row: Differentiable, k: int, ans: Jet, operands: Sequence[Any]) -> Any:
        if isinstance(row, Elementwise):
            slope = row.partial(k)((ans, *operands))
        else:
            assert isinstance(row, Attached)
            slope = row.partial(k)(*operands)
        if shape_of(slope):
            raise _refusal(row.name)
        return slope

    def _finish(self) -> None:
        """Let all series grow as far as they can."""
        assert self.growing is not None
        while sum(s.grow() for s in self.growing):
            pass
        for s in self.growing:
            s.finish()
        if not all(regular(p, x) for p, x in self.slopes):
            raise SeriesError(
                "A slope is infinite at the point, so the function has no series there.",
                "Expand about another point.",
            )

    # Powers

    def _power(self, row: Differentiable, x: Any, exponent: Any) -> Any:
        """Run x**exponent: products for whole numbers, a recurrence otherwise."""
        if self.owns(exponent):
            if not self.owns(x) and not bare(x) > 0:
                raise singular(row, [bare(x)], "a power needs a positive base")
            answer = np.exp(exponent * np.log(x))
            self.check([answer])
            answer.series.values[0] = self.head(row, (x, exponent), 0.0)[0]
            return answer
        s, r = x.series, bare(exponent)
        if isinstance(exponent, Box) or not r.is_integer() or abs(r) > 1024:
            return self._root(row, s, exponent)
        if r == 0:
            return 1.0
        answer = whole_power(x, int(abs(r)))
        answer = 1.0 / answer if r < 0 else answer
        self.check([answer])
        if answer.series.low == s.low == 0 and r != 1:
            answer.series.values[0] = self.head(row, (x, exponent), 0.0)[0]
        return answer

    def _root(self, row: Differentiable, x: Laurent, exponent: Any) -> Jet:
        made, sided = root(row, x, exponent, self.sides.side)
        self.sides.sided = self.sides.sided or sided
        return self.made(made, [x])


def _refusal(name: str) -> MissingRuleError:
    return MissingRuleError(
        f"np.{name} acts on arrays here; series are for programs of single numbers.",
        "For one derivative of an array program use ad.jvp; ad.compile(ad.grad(f)) is quick.",
    )
