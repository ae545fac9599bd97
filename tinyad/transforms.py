"""What composes out of the modes."""

from __future__ import annotations

from typing import Any

from tinyad.arguments import flatten
from tinyad.rules.primitives import stop


def stop_gradient(x: Any) -> Any:
    """Return x as a constant: its value goes on, no derivative passes through.

    x is a number, an array, or nested lists, tuples and dicts of them.

    >>> from tinyad.modes.reverse import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    leaves, rebuild = flatten(x)
    return rebuild([stop(leaf) for leaf in leaves])
