"""A difference of two products without cancellation: the rounding errors are carried along.

Where b·b - 4·a·c cancels, the digits are lost before the subtraction, in the roundings of the two
products. These errors are floats themselves and can be computed.

Source: Dekker, A floating-point technique for extending the available precision, 1971; Kahan, On
the cost of floating-point computation without extra-precise arithmetic, 2004.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyad.modes.manual import with_derivative

COMPENSATED = "difference_of_products"
SPLITTER = 2.0**27 + 1.0


def _halves(x: Any) -> tuple[Any, Any]:
    """Write a float as the sum of two with half of the digits each."""
    shifted = SPLITTER * x
    high = shifted - (shifted - x)
    return high, x - high


def product_error(x: Any, y: Any) -> Any:
    """The rounding error of x * y, exactly, unless something overflows or underflows.

    >>> product_error(1 + 2.0**-52, 1 + 2.0**-52) == 2.0**-104
    True
    """
    (a, b), (c, d) = _halves(x), _halves(y)
    return ((a * c - x * y) + a * d + b * c) + b * d


def _difference_of_products(a: Any, b: Any, c: Any, d: Any) -> Any:
    """a * b - c * d with all its digits; its derivatives are attached."""
    error = product_error(a, b) - product_error(c, d)
    return (a * b - c * d) + np.where(np.isfinite(error), error, 0.0)


_difference_of_products.__name__ = COMPENSATED
difference_of_products: Any = with_derivative(
    _difference_of_products,
    lambda a, b, c, d: b,
    lambda a, b, c, d: a,
    lambda a, b, c, d: -d,
    lambda a, b, c, d: -c,
)
