"""Linear rows: a function that is its own tangent, and its transpose.

A transpose takes the adjoint g, the shape of the argument, then the function's arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinyad.rules.primitives import broadcast_to, stop, sum_to
from tinyad.rules.rows import Constant, Linear, Program, Row

LINEAR_ROWS: tuple[Linear, ...] = (
    Linear(
        function=np.where,
        name="where",
        transpose={
            1: lambda g, shape, chosen, x, y: np.where(chosen, g, 0.0),
            2: lambda g, shape, chosen, x, y: np.where(chosen, 0.0, g),
        },
    ),
    Linear(
        function=sum_to,
        name="sum_to",
        transpose={0: lambda g, shape, x, to: broadcast_to(g, shape)},
    ),
    Linear(
        function=np.broadcast_to,
        name="broadcast_to",
        transpose={0: lambda g, shape, x, *to: g},
    ),
)


def clip(
    a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Any:
    """`np.clip` as what it means, so that its ties share evenly like those of max and min."""
    lower = a_min if min is None else min
    upper = a_max if max is None else max
    if lower is not None:
        a = np.maximum(a, lower)
    return a if upper is None else np.minimum(a, upper)


CONSTANT: tuple[Callable[..., Any], ...] = (
    stop, np.zeros_like, np.ones_like, np.shape, np.ndim, np.size,
)  # fmt: skip

ROWS: dict[Callable[..., Any], Row] = {
    **{row.function: row for row in LINEAR_ROWS},
    **{function: Constant(function=function, name=function.__name__) for function in CONSTANT},
    np.clip: Program(function=np.clip, name="clip", program=clip),
    np.divmod: Program(function=np.divmod, name="divmod", program=lambda x, y: (x // y, x % y)),
}

