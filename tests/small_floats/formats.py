"""Small floating-point formats, built from their definition: sign, exponent bits, mantissa bits.

Sources: IEEE 754-2019, section 3.4, for e3m4, e4m3 and e5m2; the OCP specifications for 8-bit
floats (2023) and for microscaling formats (2023) for e4m3fn, e2m1, e2m3 and e3m2.
"""

from fractions import Fraction

import numpy as np

# name: exponent bits, mantissa bits, codes at the top of the exponents that are no numbers
FORMATS = {
    "e2m1": (2, 1, 0),
    "e2m3": (2, 3, 0),
    "e3m2": (3, 2, 0),
    "e4m3fn": (4, 3, 1),  # one NaN, no infinity
    "e4m3": (4, 3, 8),  # the last exponent is for infinity and NaN, as in IEEE 754
    "e3m4": (3, 4, 16),
    "e5m2": (5, 2, 4),
}


def members(name):
    """All finite numbers of a format, in order; minus zero is zero."""
    exponent_bits, mantissa_bits, reserved = FORMATS[name]
    bias, one = 2 ** (exponent_bits - 1) - 1, 2**mantissa_bits
    positive = []
    for code in range(2 ** (exponent_bits + mantissa_bits) - reserved):
        exponent, mantissa = divmod(code, one)
        if exponent == 0:  # subnormal
            positive.append(Fraction(mantissa, one) * Fraction(2) ** (1 - bias))
        else:
            positive.append((1 + Fraction(mantissa, one)) * Fraction(2) ** (exponent - bias))
    return sorted({float(sign * number) for number in positive for sign in (1, -1)})


def rounded(name, numbers):
    """The nearest member of a format, ties to the even code; NaN beyond the largest.

    A format without NaN and infinity (e2m1 and the 6-bit ones) keeps its largest number there.
    """
    finite = np.array([m for m in members(name) if m >= 0])
    step = finite[-1] - finite[-2]
    sizes = np.abs(numbers)
    above = np.clip(np.searchsorted(finite, sizes), 1, len(finite) - 1)
    low, high = finite[above - 1], finite[above]
    up = sizes - low > high - sizes
    tie = sizes - low == high - sizes
    nearest = np.where(up | (tie & (above % 2 == 0)), high, low)
    if FORMATS[name][2]:
        half_way = finite[-1] + step / 2  # a tie there goes to the code that is no number
        last_is_even = len(finite) % 2 == 1
        beyond = sizes > half_way if last_is_even else sizes >= half_way
        nearest = np.where(beyond, np.nan, nearest)
    return np.copysign(np.where(np.isnan(numbers), np.nan, nearest), numbers)
