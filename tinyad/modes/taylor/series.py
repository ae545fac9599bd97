"""Truncated Laurent series, and their arithmetic: what needs no calculus.

A series is known from its lowest power on, up to some power: c₋₁/t + c₀ + c₁t, and then no more.
Each operation says how one coefficient of its answer follows from those of its operands. So
coefficients may arrive one by one, and an answer may even help to compute itself: as in z′ = z,
where each coefficient gives the next one.

Every coefficient carries an estimate of its rounding error. A zero that was computed exactly and
one that rounding made look alike; this estimate tells them apart.

Sources: Knuth, The Art of Computer Programming, volume 2, section 4.7; Griewank and Walther,
Evaluating Derivatives, 2008, chapter 13.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from tinyad.errors import SeriesError, SymbolError
from tinyad.interpretation import Box

ROUNDING = 2.0**-52
TINY = 5e-324  # the rounding error of a product that has vanished
Term = tuple[Any, float]  # a coefficient, and its estimated rounding error
Weighted = Sequence[tuple[Any, "Laurent"]]


class UnknownZeroError(SeriesError):
    """A series is zero as far as it is known; with more orders it may turn out not to be."""


class Laurent:
    """The sum of values[k] · t**(low + k), known below the power `end`.

    `rule(k)` computes the coefficient of t**k, or returns None where the operands are not known
    that far. `dropped` is the rounding error of the zeros left out below `low`; `doubtful` says
    that such zeros were taken at their word.
    """

    __slots__ = ("doubtful", "dropped", "exact", "low", "noise", "rule", "values")

    def __init__(self, low: int, rule: Callable[[int], Term | None] | None, dropped: float = 0.0):
        self.low = low
        self.rule = rule
        self.values: list[Any] = []
        self.noise: list[float] = []
        self.exact = False  # are all further coefficients zero?
        self.dropped = dropped
        self.doubtful = False

    @property
    def end(self) -> float:
        """The first power whose coefficient is not known."""
        return math.inf if self.exact else self.low + len(self.values)

    @property
    def last(self) -> int:
        """The last power that is stored."""
        return self.low + len(self.values) - 1

    def __getitem__(self, power: int) -> Any:
        return self.values[power - self.low] if self.low <= power <= self.last else 0.0

    def error(self, power: int) -> float:
        """The estimated rounding error of one coefficient."""
        if power < self.low:
            return self.dropped
        return self.noise[power - self.low] if power <= self.last else 0.0

    def grow(self) -> bool:
        """Compute coefficients as far as the operands reach; say if there was a new one."""
        before = len(self.values)
        while self.rule is not None and (term := self.rule(self.low + len(self.values))):
            self.values.append(term[0])
            self.noise.append(term[1])
        return len(self.values) > before

    def finish(self) -> None:
        """Leave out leading zeros; nothing more will come."""
        self.rule = None
        zeros = 0
        while zeros < len(self.values) and is_zero(self.values[zeros]):
            zeros += 1
        self.dropped = max([self.dropped, *self.noise[:zeros]])
        self.low += zeros
        del self.values[:zeros], self.noise[:zeros]


def series(values: Sequence[Any], exact: bool = False) -> Laurent:
    """Make a series from coefficients; a constant or a polynomial is known to all orders."""
    made = Laurent(0, None)
    made.values, made.noise, made.exact = list(values), [0.0] * len(values), exact
    if not exact:
        made.finish()
    return made


def bare(value: Any) -> float:
    """The plain number inside boxes of passes further out."""
    while isinstance(value, Box):
        value = value.value
    try:
        return float(value)
    except TypeError:
        raise SymbolError(
            f"A series needs numbers, and {value!s:.40} has no value.",
            "Give ad.taylor numbers; for a formula use ad.expression(f, 'x').diff('x').",
        ) from None


def is_zero(value: Any) -> bool:
    """Is this a zero that no pass further out could vary?"""
    return not isinstance(value, Box) and bool(value == 0)


def short(value: float) -> bool:
    """Are sums and products with this number free of rounding?"""
    return abs(value) <= 1024.0 and (value * 65536.0).is_integer()


class Sum:
    """A sum of products, with its rounding error; it may begin with a number."""

    def __init__(self, value: Any = 0.0, noise: float = 0.0) -> None:
        self.value, self.noise = value, noise
        self.scale = abs(bare(value))
        self.short = short(bare(value))

    def add(self, a: Term, b: Term) -> None:
        """Add the product of two coefficients."""
        (x, dx), (y, dy) = a, b
        size_x, size_y = abs(bare(x)), abs(bare(y))
        self.noise += size_x * dy + size_y * dx
        if not (is_zero(x) or is_zero(y)):
            self.value = x * y if is_zero(self.value) else self.value + x * y
            self.scale += size_x * size_y
            self.short = self.short and short(size_x) and short(size_y)

    def term(self) -> Term:
        """The sum; exact, if all that went into it was short."""
        rounding = 0.0 if self.short else max(ROUNDING * self.scale, TINY)
        return self.value, self.noise + rounding


def combination(parts: Weighted, head: Term | None = None) -> Laurent:
    """Return the sum of weight times series; `head` is the constant term, if known better."""

    def rule(power: int) -> Term | None:
        if not all(power < s.end for _, s in parts):
            return None
        if power == 0 and head is not None:
            return head
        value: Any = 0.0
        noise, exact = 0.0, True
        for weight, s in parts:
            c, size = s[power], abs(bare(weight))
            term = c if type(weight) is float and weight == 1.0 else weight * c
            value = term if is_zero(value) else value + term
            noise += size * s.error(power)
            exact = exact and short(bare(c)) and short(size)
        return value, noise + (0.0 if exact else ROUNDING * abs(bare(value)))

    low = min(s.low for _, s in parts)
    dropped = max(abs(bare(weight)) * s.dropped for weight, s in parts)
    return Laurent(low if head is None else min(low, 0), rule, dropped)


def product(a: Laurent, b: Laurent) -> Laurent:
    """Return a · b, by convolution."""

    def rule(power: int) -> Term | None:
        if not (power - b.low < a.end and power - a.low < b.end):
            return None
        total = Sum()
        for k in range(max(a.low, power - b.last), min(a.last, power - b.low) + 1):
            total.add((a[k], a.error(k)), (b[power - k], b.error(power - k)))
        return total.term()

    dropped = sum(
        s.dropped * abs(bare(r.values[0])) for s, r in ((a, b), (b, a)) if s.dropped and r.values
    )
    return Laurent(a.low + b.low, rule, dropped)


def quotient(f: Laurent, g: Laurent) -> Laurent:
    """Return f / g by long division; leading zeros that they share cancel.

    This is l'Hôpital's rule to all orders. Raises SeriesError where g is zero, or smeared.
    """
    lead = _divisor(g)

    def rule(power: int) -> Term | None:
        top = power + g.low
        if not (top < f.end and top - q.low < g.end):
            return None
        total = Sum(f[top], f.error(top))
        for k in range(max(q.low, top - g.last), power):
            total.add((-q[k], q.error(k)), (g[top - k], g.error(top - k)))
        value, noise = total.term()
        size = abs(bare(lead))
        answer = value / lead
        exact = total.short and noise == 0 and short(bare(answer)) and short(size)
        noise += abs(bare(answer)) * (g.noise[0] + (0.0 if exact else ROUNDING * size))
        return answer, noise / size

    q = Laurent(f.low - g.low, rule)
    q.doubtful = g.dropped > 0 or (g.low > 0 and f.dropped > 0)
    return q


def _divisor(g: Laurent) -> Any:
    """Return the leading coefficient of a divisor, if one can divide by it."""
    if g.exact and is_zero(g.values[0]):
        raise SeriesError("A division by zero: no series.", "Check the divisor.")
    if g.rule is not None and is_zero(g.values[0]):
        raise SeriesError("A division by zero in a slope: no series.", "Check the point.")
    if not g.values:
        raise UnknownZeroError(
            f"A divisor is zero as far as it is known, below order {g.end}; it may be zero, or "
            "a power of higher order.",
            "Simplify the quotient by hand.",
        )
    lead = g.values[0]
    if bool(lead == 0):
        raise SeriesError(
            "A divisor is zero here, but it varies in a pass further out: the cancelled zero "
            "would lose that derivative.",
            "Take higher coefficients of ad.taylor in place of the outer derivative.",
        )
    if abs(bare(lead)) <= g.noise[0]:
        raise SeriesError(
            f"A divisor is {bare(lead):.3g}, no larger than its rounding error "
            f"({g.noise[0]:.1g}): it may be a zero that rounding has smeared.",
            "Simplify the quotient, or expand about a point that the program hits exactly.",
        )
    return lead


def integral(parts: Sequence[tuple[Laurent, Laurent]]) -> Laurent:
    """Return z with z′ = the sum of p · x′ over pairs (p, x) of series, but for its value."""

    def rule(place: int) -> Term | None:
        total = Sum()
        for p, x in parts:
            start = max(x.low, 1)
            if not (place - start < p.end and place - p.low < x.end):
                return None
            for k in range(max(start, place - p.last), min(x.last, place - p.low) + 1):
                total.add((k * x[k], k * x.error(k)), (p[place - k], p.error(place - k)))
        value, noise = total.term()
        answer = value / place
        exact = total.short and short(bare(answer))
        return answer, noise / place + (0.0 if exact else ROUNDING * abs(bare(answer)))

    return Laurent(1, rule)


def regular(p: Laurent, x: Laurent) -> bool:
    """Is p · x′ free of negative powers, so that its integral has no pole and no logarithm?"""
    start = max(x.low, 1)
    for place in range(p.low + start, 1):
        total = Sum()
        for k in range(start, min(x.last, place - p.low) + 1):
            total.add((k * x[k], 0.0), (p[place - k], 0.0))
        if bool(total.value != 0):
            return False
    return True
