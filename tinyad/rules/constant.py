"""Constant rows: functions whose derivative is zero wherever there is one.

They act on the value alone: what they return is a plain number, mask or position.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinyad.rules.algebra import sign_of_det
from tinyad.rules.primitives import stop
from tinyad.rules.rows import Constant, Row

FUNCTIONS: tuple[Callable[..., Any], ...] = (
    # Steps: flat between their jumps
    np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.fix, np.floor_divide,
    # Comparisons and logic
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.signbit,
    np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.isclose, np.allclose,
    np.array_equal, np.array_equiv, np.any, np.all,
    # Positions and counts
    np.argmax, np.argmin, np.argsort, np.nonzero, np.flatnonzero, np.argwhere, np.searchsorted,
    np.digitize, np.count_nonzero, np.lexsort,
    # The value as a constant
    stop, sign_of_det,
)  # fmt: skip

# They look at shapes and types only.
STATIC_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.result_type,
    np.iscomplexobj, np.isrealobj, np.may_share_memory, np.shares_memory,
)  # fmt: skip

ROWS: tuple[Row, ...] = (
    *(Constant(function=f, name=f.__name__) for f in FUNCTIONS),
    *(Constant(function=f, name=f.__name__, static=True) for f in STATIC_FUNCTIONS),
)
