"""Functions that the checks hand to a learner's code, with their derivatives by the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class Formula:
    """A function handed to the learner's code: it can be printed, and it counts its calls.

    >>> f = Formula("x**2", lambda x: x**2, lambda x: 2 * x)
    >>> f, f(3.0), f.derivative(3.0), f.calls
    (x**2, 9.0, 6.0, 1)
    """

    def __init__(
        self,
        text: str,
        function: Callable[..., Any],
        derivative: Callable[..., Any] = lambda *_: None,
    ) -> None:
        self.text, self.function, self.derivative = text, function, derivative
        self.calls = 0

    def __call__(self, *args: Any) -> Any:
        self.calls += 1
        return self.function(*args)

    def __repr__(self) -> str:
        return self.text

    def __deepcopy__(self, _memory: dict[int, Any]) -> Formula:
        return self


# Of one number
SQUARE = Formula("x**2", lambda x: x**2, lambda x: 2 * x)
FOURTH = Formula("x**4", lambda x: x**4, lambda x: 4 * x**3)
SINE = Formula("sin(x)", np.sin, np.cos)
EXPONENTIAL = Formula("exp(x)", np.exp, np.exp)

# Of an array of numbers; the derivative is the gradient. The first one travels through the course.
TRAVELING = Formula(
    "x[0]**2 * x[1] + x[1] + 2",
    lambda x: x[0] ** 2 * x[1] + x[1] + 2,
    lambda x: np.array([2 * x[0] * x[1], x[0] ** 2 + 1], dtype=float),
)
CUBES = Formula("sum(x**3)", lambda x: np.sum(x**3), lambda x: 3.0 * x**2)
WAVES = Formula(
    "sin(x[0] * x[1]) + exp(x[2])",
    lambda x: np.sin(x[0] * x[1]) + np.exp(x[2]),
    lambda x: np.array(
        [x[1] * np.cos(x[0] * x[1]), x[0] * np.cos(x[0] * x[1]), np.exp(x[2])], dtype=float
    ),
)
