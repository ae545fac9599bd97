"""Truncated Laurent series, and their arithmetic: what needs no calculus.

A series is known from its lowest power on, up to some power: c₋₁/t + c₀ + c₁t, and then no more.
Each operation says how one coefficient of its answer follows from those of its operands. So
coefficients may arrive one by one, and an answer may even help to compute itself: as in z′ = z,
where each coefficient gives the next one.

Sources: Knuth, The Art of Computer Programming, volume 2, section 4.7; Griewank and Walther,
Evaluating Derivatives, 2008, chapter 13.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from tinyad.errors import SeriesError
from tinyad.modes.taylor.coefficient import Coefficient

Rule = Callable[[int], Coefficient | None]
ZERO = Coefficient(0.0)
MINUS = Coefficient(-1.0)
SMEARED = "Simplify the quotient, or expand about a point that the program hits exactly."


def no_series(what: str, remedy: str = "Expand about another point.") -> SeriesError:
    """Make the error for what has no series."""
    return SeriesError(what, remedy)


class UnknownZeroError(SeriesError):
    """A series is zero as far as it is known; with more orders it may turn out not to be."""

    def __init__(self, what: str, s: Series) -> None:
        super().__init__(
            f"{what} is zero as far as it is known, below order {s.end}; it may be zero, or "
            "a power of higher order.",
            "Simplify by hand.",
        )


class Series:
    """The sum of terms[k] · t**(low + k), known below the power `end`.

    `rule(k)` computes the coefficient of t**k, or returns None where the operands are not known
    that far yet. Without a rule nothing more will come; of an `exact` series, only zeros.
    """

    __slots__ = ("exact", "low", "rule", "terms")

    def __init__(self, low: int = 0, rule: Rule | None = None, terms: Sequence[Any] = ()) -> None:
        self.low, self.rule, self.exact = low, rule, False
        self.terms: list[Coefficient] = []
        for value in terms:
            self._append(Coefficient(value))

    def _append(self, term: Coefficient) -> None:
        if not self.terms and term.vanishes and not term.error:
            self.low += 1  # exact zeros in front are left out
        else:
            self.terms.append(term)

    def grow(self) -> bool:
        """Compute coefficients as far as the operands reach; say if there was a new one."""
        before = self.last
        while self.rule is not None and (term := self.rule(self.last + 1)) is not None:
            self._append(term)
        return self.last > before

    def __getitem__(self, power: int) -> Coefficient:
        return self.terms[power - self.low] if self.low <= power <= self.last else ZERO

    @property
    def last(self) -> int:
        """The last power that is stored."""
        return self.low + len(self.terms) - 1

    @property
    def end(self) -> float:
        """The first power whose coefficient is not known."""
        return math.inf if self.exact else self.last + 1

    @property
    def valuation(self) -> int:
        """The first power whose coefficient is not zero; past the last one, if all are."""
        for power, term in enumerate(self.terms, self.low):
            if not term.vanishes:
                return power
        return self.last + 1

    @property
    def doubtful(self) -> bool:
        """Does it begin with zeros that were computed with rounding errors?"""
        return any(self[power].error for power in range(self.low, self.valuation))


def constant(value: Any) -> Series:
    """A number as a series: it is known to all orders."""
    made = Series(terms=[value])
    made.exact = True
    return made


def combination(parts: Sequence[tuple[Any, Series]]) -> Series:
    """Return the sum of weight times series."""
    weighted = [(Coefficient(weight), s) for weight, s in parts]

    def rule(power: int) -> Coefficient | None:
        if not all(power < s.end for _, s in parts):
            return None
        return sum((weight * s[power] for weight, s in weighted), ZERO)

    return Series(min(s.low for _, s in parts), rule)


def product(a: Series, b: Series) -> Series:
    """Return a · b, by convolution."""

    def rule(power: int) -> Coefficient | None:
        if not (power < a.end + b.valuation and power < a.valuation + b.end):
            return None
        total = ZERO
        for k in range(max(a.low, power - b.last), min(a.last, power - b.low) + 1):
            total += a[k] * b[power - k]
        return total

    return Series(a.low + b.low, rule)


def quotient(f: Series, g: Series) -> Series:
    """Return f / g by long division; leading zeros that they share cancel.

    This is l'Hôpital's rule to all orders. Raises SeriesError where g is zero, or smeared.
    """
    lead, lowest = divisor(g), g.valuation
    start = f.valuation - lowest

    def rule(power: int) -> Coefficient | None:
        top = power + lowest
        if not (top < f.end and top - start < g.end):
            return None
        total = f[top]
        for k in range(max(q.low, top - g.last), power):
            total += MINUS * q[k] * g[top - k]
        return total / lead

    q = Series(start, rule)
    return q


def divisor(g: Series) -> Coefficient:
    """Return the leading coefficient of a divisor, if one can divide by it."""
    lead = g[g.valuation]
    if lead is ZERO and not (g.exact or g.rule):
        raise UnknownZeroError("A divisor", g)
    if lead is ZERO or (g.rule and g.valuation > 0):
        raise no_series("A division by zero: no series.")
    if bool(lead.value == 0):
        raise no_series(
            "A divisor is zero here, but it varies in a pass further out: the canceled zero "
            "would lose that derivative.",
            "Take higher coefficients of ad.taylor in place of the outer derivative.",
        )
    if abs(lead.number) <= lead.error:
        raise no_series(
            f"A divisor is {lead.number:.3g}, no larger than its rounding error "
            f"({lead.error:.1g}): it may be a zero that rounding has smeared.",
            SMEARED,
        )
    return lead


def integral(parts: Sequence[tuple[Series, Series]]) -> Rule:
    """Return the rule of z with z′ = the sum of p · x′ over pairs (p, x); z₀ is given."""
    rates = [derivative(x) for _, x in parts]
    slopes = [product(p, rate) for (p, _), rate in zip(parts, rates, strict=True)]

    def rule(power: int) -> Coefficient | None:
        for s in (*rates, *slopes):
            s.grow()
            # A negative power of t would give z a pole or a logarithm
            if any(bool(s[k].value != 0) for k in range(s.low, 0)):
                raise no_series("A slope is infinite at the point.")
        if not all(power - 1 < s.end for s in slopes):
            return None
        return sum((s[power - 1] for s in slopes), ZERO) / Coefficient(float(power))

    return rule


def derivative(x: Series) -> Series:
    """Return x′: c₁ + 2c₂t + …"""

    def rule(power: int) -> Coefficient | None:
        return Coefficient(float(power + 1)) * x[power + 1] if power + 1 < x.end else None

    return Series(max(x.low - 1, 0), rule)


def power(x: Series, exponent: Any, low: int, head: Coefficient) -> Series:
    """Return x**exponent; its lowest power and its first coefficient are given.

    From z = x**r follows x z′ = r x′ z, and from that a recurrence for the coefficients.
    """
    lowest = x.valuation

    def rule(place: int) -> Coefficient | None:
        n = place - low
        if n == 0 or not n + lowest < x.end:
            return head if n == 0 else None
        total = ZERO
        for k in range(1, n + 1):
            weight = Coefficient(exponent * k - (n - k))
            total += weight * x[lowest + k] * z[place - k]
        return total / (Coefficient(float(n)) * x[lowest])

    z = Series(low, rule)
    return z
