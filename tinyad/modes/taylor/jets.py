"""The interpretation that carries a power series through a program, on one side of a point.

Put x = x₀ + t and every value becomes a series in t. For an elementwise row φ the chain rule reads
z′ = φ′(x) · x′, and φ′ is a line of the table: run on series it is a series itself, and z follows
term by term. Where φ′ needs z (exp), or functions that need z (sine and cosine), all of them grow
together, a coefficient at a time.

Source: Griewank and Walther, Evaluating Derivatives, 2008, chapter 13.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from tinyad.errors import MissingRuleError, SeriesError
from tinyad.interpretation import Box
from tinyad.modes.taylor import series
from tinyad.modes.taylor.coefficient import ROUNDING, Coefficient, bare, short
from tinyad.modes.taylor.decisions import Deciding, Jet
from tinyad.modes.taylor.series import Series, UnknownZeroError, constant, no_series
from tinyad.rules.attached import Attached
from tinyad.rules.primitives import shape_of
from tinyad.rules.rows import NO_OPTIONS, Differentiable, Elementwise, Options

# f(cx) = c f(x) for c > 0, with plain numbers as slopes: these rows can take infinite values too.
HOMOGENEOUS = (
    *(np.add, np.subtract, np.negative, np.positive, np.absolute, np.fabs),
    *(np.maximum, np.minimum, np.fmax, np.fmin, np.deg2rad, np.radians, np.rad2deg, np.degrees),
)
ROOTS = {np.sqrt: Fraction(1, 2), np.cbrt: Fraction(1, 3)}
CANCELED = "A zero that was computed with rounding errors was canceled, as if exact"
WHOLE_PARTS = {np.remainder: np.floor, np.fmod: np.trunc}


class Jets(Deciding):
    """Carry series of `carried` coefficients, for the one side or the other of the point."""

    def __init__(self, carried: int, side: int) -> None:
        super().__init__(side)
        self.carried = carried
        # The series that grow together at the moment, if there are any, and what they belong to
        self.growing: list[Series] | None = None
        self.known: dict[tuple[Any, ...], tuple[Jet, Sequence[Any]]] = {}
        self.depth = 0

    def variable(self, point: Any) -> Jet:
        """The point plus t."""
        return Jet(Series(terms=[point, 1.0, *[0.0] * self.carried][: self.carried]), self)

    def process(
        self, row: Differentiable, operands: Sequence[Any], options: Options = NO_OPTIONS
    ) -> Any:
        """Run one operation on series. What has no series is an error only if it is used."""
        if any(shape_of(o) for o in operands) or not (
            isinstance(row, Elementwise | Attached) or row.function is np.where
        ):
            raise _refusal(row.name)
        try:
            return self._jet(row, operands)
        except SeriesError as error:
            if self.growing is not None:
                raise
            return Jet(error, self)

    def _jet(self, row: Differentiable, operands: Sequence[Any]) -> Any:
        function = row.function
        if function is np.where:
            condition, x, y = operands
            return x if self.truth(condition) else y
        all_series = [self.series_of(o) for o in operands]
        x, y = all_series[0], all_series[-1]
        if function in (np.multiply, np.square):
            return self._made(series.product(x, y), x, y)
        if function in (np.divide, np.reciprocal):
            f = x if function is np.divide else constant(1.0)
            if y.doubtful or (y.valuation > 0 and f.doubtful):
                self.note(CANCELED)
            return self._made(series.quotient(f, y), f, y)
        if function is np.power:
            return self._power(row, *operands)
        if function in ROOTS:
            return self._root(row, x, ROOTS[function])
        if function in HOMOGENEOUS:
            slopes = [self._slope(row, k, None, operands) for k in range(len(operands))]
            # 0 times infinity is no part of maximum(x, -inf)
            parts = [
                (p, s)
                for p, s in zip(slopes, all_series, strict=True)
                if not (s.exact and Coefficient(p).vanishes)
            ]
            return self._made(series.combination(parts), x, y)
        return self._function(row, operands)

    def _made(self, answer: Series, *operands: Series) -> Jet:
        """Compute a series as far as its operands are known."""
        answer.grow()
        if self.growing is not None and any(s.rule for s in operands):
            self.growing.append(answer)
        else:
            answer.rule = None  # nothing more will come
        return Jet(answer, self)

    def _head(self, row: Differentiable, operands: Sequence[Any]) -> Coefficient:
        """Return the constant term, or raise where the function is singular."""
        heads = self.primals(operands)
        with np.errstate(all="ignore"):
            value = row.value(heads)
        number, numbers = bare(value), [bare(h) for h in heads]
        if not math.isfinite(number) and all(map(math.isfinite, numbers)):
            raise _singular(row, numbers, f"its value there is {number}")
        # An integer made of small integers was not rounded: exp(0), log(1), 2**3
        exact = all(short(n, 16.0) and n.is_integer() for n in (*numbers, number))
        rounding = 0.0 if exact and isinstance(row, Elementwise) else ROUNDING * abs(number)
        return Coefficient(value if isinstance(value, Box) else number, rounding)

    # Functions: z′ = φ′(x) · x′

    def _function(self, row: Differentiable, operands: Sequence[Any]) -> Any:
        """Solve z′ = φ′(x) · x′ together with whatever φ′ is made of."""
        if any(self.series_of(o).valuation < 0 for o in operands):
            raise no_series(
                f"{_label(row)} of a value that is infinite at the point has no series.",
                "Expand about another point, or write 1/x as a variable of its own.",
            )
        head = self._head(row, operands)
        # A function that bends or jumps where it is zero is taken at its definition
        if row.function is np.hypot and head.number == 0:
            return np.sqrt(operands[0] * operands[0] + operands[1] * operands[1])
        if row.function in WHOLE_PARTS:
            whole = self.whole_part(WHOLE_PARTS[row.function], *operands)
            if head.number == 0:
                return operands[0] - operands[1] * whole
        if self.growing is not None:
            return self._grown(row, operands, head)
        self.growing, self.known, self.depth = [], {}, 0
        try:
            jet = self._grown(row, operands, head)
            while sum(s.grow() for s in self.growing):
                pass
            for s in self.growing:
                s.rule = None
            return jet
        except UnknownZeroError:
            raise
        except SeriesError as error:
            heads = [bare(h) for h in self.primals(operands)]
            raise _singular(row, heads, "its slope has none there") from error
        finally:
            self.growing = None

    def _grown(self, row: Differentiable, operands: Sequence[Any], head: Coefficient) -> Jet:
        """Return φ(x), of which one coefficient is known and a rule for all others."""
        key = (row, *(id(o.series) if self.owns(o) else repr(o) for o in operands))
        if key in self.known:
            return self.known[key][0]
        z = Series(rule=lambda _: None)  # so far
        z.terms = [head]
        jet = Jet(z, self)
        self.known[key] = jet, operands  # whoever holds the operands holds their ids
        assert self.growing is not None
        self.growing.append(z)
        if self.depth == self.carried:
            return jet  # no further coefficient will be asked for
        self.depth += 1
        own = [(k, o.series) for k, o in enumerate(operands) if self.owns(o)]
        slopes = [(self._slope(row, k, jet, operands), s) for k, s in own]
        self.depth -= 1
        if any(self.owns(p) for p, _ in slopes):
            z.rule = series.integral([(self.series_of(p), s) for p, s in slopes])
        else:
            z.rule = series.combination(slopes).rule
        head.error += sum(abs(self.series_of(p)[0].number) * s[0].error for p, s in slopes)
        return jet

    def _slope(self, row: Differentiable, k: int, ans: Any, operands: Sequence[Any]) -> Any:
        """Run a line of the table, or of the learner's, on series."""
        assert isinstance(row, Elementwise | Attached)
        partial: Any = row.partial(k)
        elementwise = isinstance(row, Elementwise)
        slope = partial((ans, *operands)) if elementwise else partial(*operands)
        if shape_of(slope):
            raise _refusal(row.name)
        return slope if isinstance(slope, Box) else float(slope)

    # Powers

    def _power(self, row: Differentiable, x: Any, exponent: Any) -> Any:
        """Run x**exponent: products for whole numbers, a recurrence otherwise."""
        r = bare(exponent)
        if self.owns(exponent):
            if not self.owns(x) and not bare(x) > 0:
                raise _singular(row, [bare(x)], "a power needs a positive base")
            answer = np.exp(exponent * np.log(x))
        elif isinstance(exponent, Box) or not r.is_integer() or abs(r) > 1024:
            return self._root(row, x.series, exponent)
        elif r in (0, 1):
            return x if r else 1.0
        else:  # products are exact where they can be, whatever x is
            answer = x
            for digit in bin(int(abs(r)))[3:]:
                answer = answer * answer
                answer = answer * x if digit == "1" else answer
            answer = 1.0 / answer if r < 0 else answer
        if answer.series.valuation == self.series_of(x).valuation == 0:
            value = self._head(row, (x, exponent)).value
            answer.series.terms[0] = Coefficient(value, answer.series[0].error)
        return answer

    def _root(self, row: Differentiable, x: Series, exponent: Any) -> Jet:
        """Run a power that is no whole number by its recurrence.

        With x = tᵐ·u the power of t must be whole again, and even roots want m to be even: then
        the root is that of |t|ᵐ, and odd powers of |t| change sign with t.
        """
        m, lead, odd = x.valuation, x[x.valuation], row.function is np.cbrt
        if m == x.end:
            raise UnknownZeroError(f"The operand of np.{row.name}", x)
        varies = m and isinstance(exponent, Box)
        low = m * Fraction(exponent) if m and not varies else Fraction(0)
        if varies or low.denominator > 1 or not (odd or (m % 2 == 0 and not lead.number <= 0)):
            place = lead.number if m == 0 else 0.0 if m > 0 else math.inf
            raise _singular(row, [place], "a branch point, or no real value beside it")
        head = self._head(row, (lead.value,) if row.function in ROOTS else (lead.value, exponent))
        exponent = float(exponent) if isinstance(exponent, Fraction) else exponent
        head.error += abs(head.number * bare(exponent) / lead.number) * lead.error
        if low % 2 and not odd:
            self.sided = True
            head = head * Coefficient(float(self.side))
        if x.doubtful:
            self.note(CANCELED)
        return self._made(series.power(x, exponent, int(low), head), x)


def _label(row: Differentiable) -> str:
    """What messages call a function: NumPy's name, or the learner's."""
    return row.name if isinstance(row, Attached) else f"np.{row.name}"


def _singular(row: Differentiable, point: Sequence[float], why: str) -> SeriesError:
    place = ", ".join(f"{c:.6g}" for c in point)
    return no_series(
        f"{_label(row)} has no series at {place}: {why}.",
        "Expand about a point where the function is smooth.",
    )


def _refusal(name: str) -> MissingRuleError:
    return MissingRuleError(
        f"np.{name} acts on arrays here; series are for programs of single numbers.",
        "For one derivative of an array program use ad.jvp; ad.compile(ad.grad(f)) is quick.",
    )
