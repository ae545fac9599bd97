"""The numbers behind the cost slider: operations, counted while forward and reverse mode run.

The count is an interpretation of its own, below the mode: whatever the mode asks of a number, be it
for a value or for a derivative, is one operation more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from tinyad.arraylike import ArrayBox
from tinyad.interpretation import Interpretation
from tinyad.modes.forward import Dual, Forward
from tinyad.modes.tape import Reverse, sweep
from tinyad.rules.rows import NO_OPTIONS, Differentiable, Options

SIZES = (1, 3, 10, 30, 100, 300, 1000)
SHARED = 100  # operations that all inputs enter and all outputs come from


def funnel(x: Sequence[Any], m: int) -> list[Any]:
    """Run the program that is counted: many inputs, a stretch that all share, m outputs.

    >>> len(funnel([1.0, 2.0], 3))
    3
    """
    s = x[0] * x[0]
    for u in x[1:]:
        s = s + u * u
    for _ in range(SHARED):
        s = np.sin(s)
    return [k * s for k in range(1, m + 1)]


class Counted(ArrayBox):
    """A number whose operations are counted."""

    __slots__ = ()


class Count(Interpretation):
    """Compute each operation's value, and count it."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0

    def boxes(self, *numbers: float) -> list[Counted]:
        """Return numbers whose operations are counted from now on."""
        return [Counted(number, self) for number in numbers]

    def process(
        self, row: Differentiable, operands: Sequence[Any], options: Options = NO_OPTIONS
    ) -> Counted:
        """Run one operation."""
        self.operations += 1
        return Counted(row.value(self.primals(operands), options), self)


class CostModel:
    """How many operations all m × n partial derivatives of the funnel take, in either mode.

    One forward pass is run and counted for n inputs and m outputs, and one sweep: the others do
    the same with another seed. Values and derivatives both count.

    >>> model = CostModel()
    >>> model.program(10, 1), model.forward(10, 1), model.reverse(10, 1)
    (120, 3600, 351)
    """

    def __init__(self) -> None:
        self.forward_pass: Callable[[int, int], int] = cache(self._forward_pass)
        self.recorded: Callable[[int, int], tuple[int, int]] = cache(self._recorded)

    def program(self, n: int, m: int) -> int:
        """Return the operations of the program itself."""
        return self.recorded(n, m)[0]

    def sweep(self, n: int, m: int) -> int:
        """Return the operations of one sweep."""
        return self.recorded(n, m)[1]

    def forward(self, n: int, m: int) -> int:
        """Return the operations of n forward passes, one per input."""
        return n * self.forward_pass(n, m)

    def reverse(self, n: int, m: int) -> int:
        """Return the operations of one recorded run and m sweeps, one per output."""
        return self.program(n, m) + m * self.sweep(n, m)

    def _forward_pass(self, n: int, m: int, seeded: int = 0) -> int:
        with Count() as count, Forward() as forward:
            seeds = count.boxes(*(float(k == seeded) for k in range(n)))
            pairs = zip(count.boxes(*_point(n)), seeds, strict=True)
            funnel([Dual(value, tangent, forward) for value, tangent in pairs], m)
        return count.operations

    def _recorded(self, n: int, m: int, output: int = 0) -> tuple[int, int]:
        """Return the operations of the run that writes the tape, and of a sweep over it."""
        with Count() as count:
            with Reverse(count.boxes(*_point(n))) as reverse:
                result = funnel(reverse.inputs(), m)[output]
            run = count.operations
            (seed,) = count.boxes(1.0)
            sweep(reverse.tape, reverse.position(result), seed, n)
        return run, count.operations - run


def _point(n: int) -> list[float]:
    return [1.0 / (k + 1) for k in range(n)]
