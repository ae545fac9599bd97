"""A coefficient of a series: a number that knows how far rounding may have moved it.

A quotient cancels zeros, so it matters whether a zero was computed exactly. Each operation passes
the errors of its operands on, to first order, and adds its own rounding, if it rounds.
"""

from __future__ import annotations

from typing import Any

from tinyad.errors import SymbolError
from tinyad.interpretation import Box

ROUNDING = 2.0**-52
TINY = 5e-324  # the rounding error of a product that has vanished


def opened(value: Any) -> Any:
    """The plain value inside the boxes of passes further out."""
    while isinstance(value, Box):
        value = value.value
    return value


def bare(value: Any) -> float:
    """The plain number inside the boxes of passes further out."""
    try:
        return float(opened(value))
    except TypeError:
        raise SymbolError(
            f"A series needs numbers, and {opened(value)!s:.40} has no value.",
            "Give ad.taylor numbers; for a formula use ad.expression(f, 'x').diff('x').",
        ) from None


def short(value: float, limit: float = 1024.0) -> bool:
    """Has this number so few digits that sums and products with it do not round?"""
    return abs(value) <= limit and (value * 65536.0).is_integer()


class Coefficient:
    """A number, or a box of a pass further out, with its estimated rounding error."""

    __slots__ = ("error", "number", "value")

    def __init__(self, value: Any, error: float = 0.0) -> None:
        self.value = value
        self.number = value if type(value) is float else bare(value)
        self.error = error

    @property
    def vanishes(self) -> bool:
        """Is this a zero that no pass further out could vary?"""
        return self.number == 0 and not isinstance(self.value, Box)

    def __add__(self, other: Coefficient) -> Coefficient:
        error = self.error + other.error
        if self.vanishes or other.vanishes:
            return Coefficient(other.value if self.vanishes else self.value, error)
        answer = Coefficient(self.value + other.value, error)
        return answer._rounded(self, other, 0.0)

    def __mul__(self, other: Coefficient) -> Coefficient:
        error = abs(self.number) * other.error + abs(other.number) * self.error
        if self.vanishes or other.vanishes:
            return Coefficient(0.0, error)
        if type(self.value) is float and abs(self.value) == 1.0:
            return Coefficient(other.value if self.value > 0 else -other.value, error)
        return Coefficient(self.value * other.value, error)._rounded(self, other, TINY)

    def __truediv__(self, other: Coefficient) -> Coefficient:
        if self.vanishes:
            return Coefficient(0.0, self.error / abs(other.number))
        answer = Coefficient(self.value / other.value)
        answer.error = (self.error + abs(answer.number) * other.error) / abs(other.number)
        return answer._rounded(self, other, TINY)

    def _rounded(self, one: Coefficient, two: Coefficient, least: float) -> Coefficient:
        """Add the rounding error of an operation on two numbers, unless all three are short."""
        if not (short(self.number) and short(one.number) and short(two.number)):
            self.error += max(ROUNDING * abs(self.number), least)
        return self
