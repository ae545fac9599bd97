"""How a row is differentiated in the tests: the exact modes, and their nestings."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import tinyad as ad

GRAD = {"forward": ad.forward.grad, "reverse": ad.reverse.grad}
NESTINGS = list(itertools.product(GRAD, repeat=2))

each_mode = pytest.mark.parametrize("grad", GRAD.values(), ids=GRAD)
each_nesting = pytest.mark.parametrize("modes", NESTINGS, ids=lambda m: f"{m[0]} over {m[1]}")


def nested(function: Callable[..., Any], orders: Sequence[int], modes: Sequence[str]) -> Any:
    """Differentiate orders[k] times in argument k; the modes alternate, from the outside in."""
    argnums = [k for k, order in enumerate(orders) for _ in range(order)]
    for step, argnum in enumerate(argnums):
        function = GRAD[modes[(len(argnums) - 1 - step) % len(modes)]](function, argnum)
    return function


def assert_close(value: float, truth: float, rel: float, absolute: float, where: object) -> None:
    """Compare with a relative and an absolute bound, and name the place where they differ."""
    assert abs(value - truth) <= max(rel * abs(truth), absolute), (
        f"at {where}: {value!r}, but the truth is {truth!r}"
    )
