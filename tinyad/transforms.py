"""What composes out of the modes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyad.arguments import flatten
from tinyad.modes.forward import jacfwd, jvp
from tinyad.modes.reverse import grad, jacrev
from tinyad.rules.primitives import stop

__all__ = ["hessian", "hvp", "jacfwd", "jacrev", "stop_gradient"]


def stop_gradient(x: Any) -> Any:
    """Return x as a constant: its value goes on, no derivative passes through.

    x is a number, an array, or nested lists, tuples and dicts of them.

    >>> from tinyad.modes.reverse import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    leaves, rebuild = flatten(x)
    return rebuild([stop(leaf) for leaf in leaves])


def hessian(function: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """Return the matrix of second derivatives of a scalar function: forward over reverse.

    All directions travel at once, so it is one pass. Its shape is the argument's twice; with a
    tuple of argnums it is a tuple of tuples.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1] + x[1] + 2)(np.array([3.0, 4.0]))
    array([[8., 6.],
           [6., 0.]])
    """
    return jacfwd(grad(function, argnums), argnums)


def hvp(function: Callable[..., Any], x: Any, v: Any) -> Any:
    """Return the Hessian of a scalar function at x times the vector v, without the Hessian.

    It costs about as much as two gradients (Pearlmutter, 1994).

    >>> import numpy as np
    >>> hvp(lambda x: x[0] ** 2 * x[1], np.array([3.0, 4.0]), np.array([1.0, 0.0]))
    array([8., 6.])
    """
    return jvp(grad(function), (x,), (v,))[1]
