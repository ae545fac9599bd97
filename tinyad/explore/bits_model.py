"""The numbers behind the slider through the bits of a float32: three fields, and what they mean.

A float32 is a sign, an exponent of 8 bits and a fraction of 23 bits. Its value is worked out here
from these fields by arithmetic alone; all of it is exact in Python's float, which has 52 bits for
the fraction.

Source: IEEE 754-2019, section 3.4.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

from tinyad.arguments import promote
from tinyad.errors import ArgumentError

SIGNS = ("+", "-")
FRACTION_BITS = 23
LAST_FRACTION = 2**FRACTION_BITS - 1
LAST_EXPONENT = 255  # all ones: infinity and NaN
BIAS = 127
LOWEST_POWER = 1 - BIAS  # of the smallest normal number, and of all subnormal ones


def decode(sign: str, exponent: int, fraction: int) -> float:
    """Return the number that the three fields of a float32 stand for."""
    part = fraction / 2**FRACTION_BITS
    if exponent == LAST_EXPONENT:  # no numbers here
        size = math.nan if fraction else math.inf
    elif exponent == 0:  # no leading 1: zero and the subnormal numbers
        size = part * 2.0**LOWEST_POWER
    else:
        size = (1 + part) * 2.0 ** (exponent - BIAS)
    return -size if sign == "-" else size


def fields_of(x: Any) -> tuple[str, int, int]:
    """Return sign, exponent and fraction of the float32 next to x.

    >>> fields_of(-1.5)
    ('-', 127, 4194304)
    """
    number = promote(x, "x")
    if getattr(number, "shape", ()) != ():
        raise ArgumentError(
            f"x is an array of shape {number.shape}; the explorer shows one number.",
            "Choose one number: ad.explore.float_bits(0.1).",
        )
    try:
        packed = struct.pack(">f", float(number))
    except OverflowError:  # finite, but nearer to infinity than to any float32
        packed = struct.pack(">f", math.copysign(math.inf, number))
    (bits,) = struct.unpack(">I", packed)
    return SIGNS[bits >> 31], bits >> FRACTION_BITS & LAST_EXPONENT, bits & LAST_FRACTION


@dataclass(frozen=True)
class Float32:
    """A float32 by its fields."""

    sign: str
    exponent: int
    fraction: int

    @property
    def value(self) -> float:
        """The number that the bits stand for."""
        return decode(self.sign, self.exponent, self.fraction)

    @property
    def bits(self) -> str:
        """All 32 bits, the sign first.

        >>> Float32("+", 127, 1).bits
        '00111111100000000000000000000001'
        """
        return f"{SIGNS.index(self.sign)}{self.exponent:08b}{self.fraction:0{FRACTION_BITS}b}"

    @property
    def kind(self) -> str:
        """One of "zero", "subnormal", "normal", "infinity" and "NaN"."""
        if self.exponent == LAST_EXPONENT:
            return "NaN" if self.fraction else "infinity"
        if self.exponent == 0:
            return "subnormal" if self.fraction else "zero"
        return "normal"

    @property
    def gap(self) -> float:
        """The distance to the next float32 away from zero: the unit in the last place."""
        if self.exponent == LAST_EXPONENT:
            return math.nan
        return 2.0 ** (max(self.exponent, 1) - BIAS - FRACTION_BITS)

    def neighbor(self, steps: int) -> float:
        """Return the float32 that is so many places further up; NaN beyond the last one.

        >>> Float32("+", 0, 0).neighbor(-1)
        -1.401298464324817e-45
        """
        place = (self.exponent << FRACTION_BITS) + self.fraction
        place = (-place if self.sign == "-" else place) + steps
        exponent, fraction = divmod(abs(place), 2**FRACTION_BITS)
        if exponent >= LAST_EXPONENT:
            return math.nan
        return decode("-" if place < 0 else "+", exponent, fraction)
