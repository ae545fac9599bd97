"""The table of derivative rules: the only calculus in the house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinyad.rules import algebra, composite, constant, elementwise, joint, linear, programs
from tinyad.rules.rows import Row

ROOMS = (elementwise, linear, joint, composite, algebra, programs, constant)

# Where a row runs a function of its own, it still stands under NumPy's name.
NUMPY_NAMES: dict[Callable[..., Any], Callable[..., Any]] = {
    np.add.reduce: np.sum,
    joint.concatenate: np.concatenate,
    joint.einsum: np.einsum,
}

TABLE: dict[Callable[..., Any], Row] = {
    NUMPY_NAMES.get(row.function, row.function): row for room in ROOMS for row in room.ROWS
}

# `ufunc.reduce` and `ufunc.accumulate` under the names of the functions that they are.
METHODS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.logaddexp, "reduce"): composite.logsumexp,
    (np.logical_and, "reduce"): np.all,
    (np.logical_or, "reduce"): np.any,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
}

__all__ = ["METHODS", "TABLE", "Row"]
