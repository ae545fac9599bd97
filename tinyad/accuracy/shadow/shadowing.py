"""The shadow interpretation: an operation means, compute it with mpmath."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.accuracy.shadow.mpmath_rows import elementwise, on_arrays
from tinyad.accuracy.shadow.sample import Sample, sampled
from tinyad.arraylike import ArrayBox
from tinyad.interpretation import Box, Interpretation
from tinyad.rules.attached import Attached
from tinyad.rules.primitives import shape_of, stop
from tinyad.rules.rows import NO_OPTIONS, Constant, Differentiable, Elementwise, Options, Row

MOST_ENTRIES = 2000  # an array with more is sampled
PRODUCTS = 20  # multiplications in a product of arrays, for one entry elsewhere
GIVE_UP = (TypeError, AttributeError, NotImplementedError, ValueError, ArithmeticError)
NUMBERS = (float, int, np.floating, np.integer)


class Shadow(ArrayBox):
    """A number of mpmath, or an array of them, on its way through a NumPy program."""

    __slots__ = ()

    @property
    def dtype(self) -> np.dtype[Any]:
        """What rules are told when they ask: they make their zeros and ones as floats."""
        return np.dtype(float)


class Shadowing(Interpretation):
    """Compute each operation in many digits; a context in which mpmath has that precision.

    `unknown` names the functions that have no shadow: their floating-point answer is taken. While
    `sweeping`, 0 times infinity is 0: what the answer does not depend on has no slope.
    """

    def __init__(self, digits: int, most: int = MOST_ENTRIES) -> None:
        from mpmath import mp

        super().__init__()
        self.mp, self.digits, self.most = mp, digits, most
        self.unknown: dict[str, None] = {}
        self.sweeping = False
        self._precision = mp.workdps(digits)
        self._functions: dict[Any, Any] = {}

    def __enter__(self) -> Shadowing:
        self._precision.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__()
        self._precision.__exit__(*(error or (None,) * 3))

    def shadow(self, value: Any) -> Any:
        """The shadow of a number or an array of numbers, taken as exact; a mask stays a mask."""
        if isinstance(value, Box | bool | np.bool_):
            return value
        if isinstance(value, np.ndarray):
            if value.dtype.kind not in "fi":
                return value
            if value.size > self.most:
                return Shadow(Sample(value, np.zeros(value.shape)), self)
            return Shadow(self._exact(value), self)
        return Shadow(self._exact(value), self) if isinstance(value, NUMBERS) else value

    def process(
        self, row: Differentiable, operands: Sequence[Any], options: Options = NO_OPTIONS
    ) -> Any:
        """Compute the operation in many digits."""
        if isinstance(row, Attached):
            return self.guarded(row.original, row.name)(*(self.shadow(o) for o in operands))
        return Shadow(self._compute(row, self.primals(operands), options), self)

    def constant(self, row: Constant, operands: Sequence[Any], options: Options) -> Any:
        """Decide by the many digits."""
        if row.function is stop:
            return operands[0]
        values = self.primals(operands)
        if row.static:
            return row.function(*(np.zeros(shape_of(v)) for v in values), **options)
        answer = self._compute(row, values, options)
        if isinstance(answer, np.ndarray) and answer.dtype == object:
            return answer.astype(bool if row.name.startswith("is") else float)
        return float(answer) if isinstance(answer, self.mp.mpf) else answer

    def guarded(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """A learner's own function on shadows; on plain numbers, if it cannot take them."""

        def run(*operands: Any) -> Any:
            try:
                return self.shadow(function(*operands))
            except GIVE_UP:
                self.unknown[name] = None
                return self.shadow(function(*(rounded(o) for o in operands)))

        return run

    def flat(self, box: Box) -> bool:
        """A shadow is never handed to Python as a plain number."""
        return False

    def _compute(self, row: Row, values: Sequence[Any], options: Options) -> Any:
        try:
            if self._enormous(row, values, options):
                return self._sampled(row, values, options)
            function = self._function(row)
            if function is None and not isinstance(row, Elementwise):
                arrays = [self._array(v) for v in values]
                answer = on_arrays(row.function, self.mp, arrays, options)
            elif any(shape_of(v) for v in values):
                answer = np.frompyfunc(function, len(values), 1)(*values)
            else:
                answer = function(*(self._exact(v) for v in values))
        except GIVE_UP:
            self.unknown[row.name] = None
            answer = row.value([rounded(v) for v in values], options)
            return self._exact(answer) if isinstance(row, Differentiable) else answer
        return answer[()] if isinstance(answer, np.ndarray) else answer

    def _function(self, row: Row) -> Any:
        if self.sweeping and row.function is np.multiply:
            return _strong_zero
        if row.function not in self._functions:
            self._functions[row.function] = elementwise(row.function, self.mp)
        return self._functions[row.function]

    def _enormous(self, row: Row, values: Sequence[Any], options: Options) -> bool:
        """Is this more work than can be done in many digits?"""
        shapes = [v.shape for v in values if isinstance(v, np.ndarray | Sample) and v.shape]
        if not shapes and "shape" not in options:
            return False
        sizes = [math.prod(shape) for shape in [*shapes, options.get("shape", ())]]
        if isinstance(row, Elementwise):
            sizes.append(math.prod(np.broadcast_shapes(*shapes)))
        elif len(shapes) > 1:  # a product takes one more turn for each column
            sizes.append(int(sizes[0] * sizes[1] ** 0.5 / PRODUCTS))
        return max(sizes) > self.most or any(isinstance(v, Sample) for v in values)

    def _sampled(self, row: Row, values: Sequence[Any], options: Options) -> Any:
        if not isinstance(row, Differentiable):
            return row.value([rounded(v) for v in values], options)
        answer = sampled(row, values, options, self._function(row), self.mp.mpf)
        if math.prod(answer.shape) > self.most:
            return answer
        return self._exact(answer.base) + self._exact(answer.off)

    def _exact(self, value: Any) -> Any:
        """A number or an array as mpf, digit by digit."""
        if isinstance(value, np.ndarray) and value.ndim:
            return value if value.dtype == object else np.frompyfunc(self._number, 1, 1)(value)
        return self._number(value)

    def _number(self, value: Any) -> Any:
        if isinstance(value, self.mp.mpf):
            return value
        return self.mp.mpf(value if type(value) is int else float(value))

    def _array(self, value: Any) -> Any:
        """What functions of whole arrays get: numbers too as arrays, masks as they are."""
        if isinstance(value, np.ndarray) and value.dtype.kind in "bO":
            return value
        if isinstance(value, bool | np.bool_):
            return value
        made = np.empty(shape_of(value), dtype=object)
        made[...] = self._exact(np.asarray(value) if isinstance(value, list) else value)
        return made


def bare(value: Any) -> Any:
    """What is inside a shadow: an mpf, or an array of them; anything else as it is."""
    return value.value if isinstance(value, Shadow) else value


def _strong_zero(x: Any, y: Any) -> Any:
    """The product of an adjoint and a slope: 0 if one of them is, even if the other is infinite."""
    return x * y if x and y else 0 * (x if x == 0 else y)


def rounded(value: Any) -> Any:
    """An mpf as a float, an array of them as an array of floats."""
    value = bare(value)
    if isinstance(value, Sample):
        return value.base
    if isinstance(value, np.ndarray):
        return value.astype(float) if value.dtype == object else value
    return float(value) if hasattr(value, "_mpf_") else value
