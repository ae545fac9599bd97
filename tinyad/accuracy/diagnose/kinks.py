"""Points without a derivative: who stands on one, and what the table hands out there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinyad.rules.composite import euclidean_norm
from tinyad.rules.rows import Options

COMPARISONS = (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
JUMPS = (np.floor, np.ceil, np.trunc, np.fix)


def _any(mask: Any) -> bool:
    return bool(np.any(mask))


def _zero(x: Any, **_: Any) -> bool:
    return _any(np.asarray(x) == 0)


def _tie(x: Any, y: Any) -> bool:
    return x is not y and _any(np.asarray(x) == np.asarray(y))


def _tied(x: Any, axis: Any, **_: Any) -> bool:
    return _any(np.sum(x == np.max(x, axis=axis, keepdims=True), axis=axis) > 1)


def _tied_below(x: Any, axis: Any, **_: Any) -> bool:
    return _tied(-x, axis)


def _whole(x: Any, **_: Any) -> bool:
    return _any(np.rint(x) == x)


def _no_length(x: Any, axis: Any, keepdims: bool) -> bool:
    return _any(np.all(x == 0, axis=axis))


def _no_spread(x: Any, axis: Any, **_: Any) -> bool:
    return _any(np.max(x, axis=axis) == np.min(x, axis=axis))


def _equal_neighbors(x: Any, axis: int, **_: Any) -> bool:
    return _any(np.diff(np.sort(x, axis=axis), axis=axis) == 0)


def _half_way(x: Any, decimals: int = 0, **_: Any) -> bool:
    shifted = np.asarray(x) * 10.0**decimals
    return _any(shifted - np.floor(shifted) == 0.5)


SLOPES = "abs has the slopes -1 and 1 on its two sides; the derivative handed out at 0 is 0, "
SHARES = (
    "the arguments are equal, and share the derivative evenly (1/2 each); any shares from 0 to 1 "
    "would do"
)
TIES = "several entries tie, and share the derivative evenly; any shares that add up to 1 would do"
LENGTH = (
    "a length of 0 has no direction; the derivative handed out is 0, any vector of length up to 1 "
    "would do"
)
BRANCH = (
    "both sides are equal: the program stands on the border of a branch, and the derivative is "
    "that of the side taken"
)
STEP = "the operand is where this function jumps; the derivative handed out is 0"

Test = Callable[..., bool]
KINKS: dict[Any, tuple[Test, str]] = {
    **dict.fromkeys((np.absolute, np.fabs), (_zero, SLOPES + "from the set between them")),
    **dict.fromkeys((np.maximum, np.minimum, np.fmax, np.fmin), (_tie, SHARES)),
    **dict.fromkeys((np.max, np.amax), (_tied, TIES)),
    **dict.fromkeys((np.min, np.amin), (_tied_below, TIES)),
    **dict.fromkeys(JUMPS, (_whole, STEP)),
    **dict.fromkeys(COMPARISONS, (_tie, BRANCH)),
    np.hypot: (lambda x, y: _any(np.hypot(x, y) == 0), LENGTH),
    euclidean_norm: (_no_length, LENGTH),
    np.std: (_no_spread, "all entries are equal; the derivative handed out is 0"),
    np.sign: (_zero, STEP),
    **dict.fromkeys((np.rint, np.round, np.around), (_half_way, STEP)),
    np.sort: (_equal_neighbors, "entries tie; each hands its derivative on to one place alone"),
}


def kink(function: Any, operands: Any, options: Options) -> str:
    """Say that an operation stands on a kink, with the convention; '' if it does not."""
    known = KINKS.get(function)
    return known[1] if known and known[0](*operands, **options) else ""
