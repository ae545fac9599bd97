"""The grid, the functions and the three regions that the tests on h = (x² − 4)/(x − 2) share.

4003 points γ: 2001 of each sign, evenly spread over the decades from 1e-20 to 1, and 0. Their
decimal steps matter: on powers of two the rounding near 2 happens to leave no trace.

The regions are those of the paper's colors. They are defined here by exact rational arithmetic
from what rounding does, not by their edges, so that the edges can be tested against them.
"""

from fractions import Fraction

import numpy as np

SIZES = 10.0 ** np.linspace(-20, 0, 2001)
GAMMAS = np.concatenate([-SIZES[::-1], [0.0], SIZES])
X = 2 + GAMMAS

# Where red and yellow end on each side, the end itself included; 2^-25.5 is no float64, and the one
# next to it is already green.
RED_BELOW, RED_ABOVE = -(2.0**-53), 2.0**-52
YELLOW_BELOW, YELLOW_ABOVE = -(2.0**-26), 2.0**-25.5


def S(z):
    """The sign, with 1 at 0 (NumPy's own has 0 there)."""
    return np.where(z >= 0, 1.0, -1.0)


def h(x):
    """NaN where x is 2: callers switch NumPy's warning off."""
    return (x**2 - 4) / (x - 2)


def h1(x, eps=1e-8, delta=1e-4):
    g, near = x - 2, (2 - delta < x) & (x < 2 + delta)
    return (x**2 - 4) / np.where(near, g + S(g) * eps, g)


def h2(x, eps=1e-4):
    g = x - 2
    return (x**2 - 4) / np.where(np.abs(g) < eps, S(g) * eps, g)


def region(gamma):
    """Return "red", "yellow" or "green": what float64 makes of 2 + γ and of its square.

    Red: 2 + γ is rounded to 2. Yellow: of (2 + g)² = 4 + 4g + g² the computer keeps 4 + 4g exactly,
    where g is what is left of γ. Green: it keeps something of g², too.
    """
    x = 2 + float(gamma)
    g = Fraction(x) - 2
    if g == 0:
        return "red"
    return "yellow" if Fraction(x * x) == 4 + 4 * g else "green"


REGIONS = np.array([region(gamma) for gamma in GAMMAS])
