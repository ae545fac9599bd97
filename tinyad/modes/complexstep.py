"""The complex step's interpretation: a real program run with a tiny imaginary part.

For an analytic f, f(x + iε) = f(x) + iε f'(x) - ..., so the imaginary part over ε is the slope,
and nothing is subtracted. A program may hold more than analytic functions: its branches must
follow the real part, and abs, maximum and minimum must select by it. On bare complex numbers
they do not (|x|·x at 3 would get the slope 3, not 6), so the program runs on boxes.

Source: Squire and Trapp, SIAM Review 40, 1998; Martins, Sturdza and Alonso, 2003, section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tinyad.arraylike import ArrayBox
from tinyad.errors import SchemeError
from tinyad.interpretation import Box, Interpretation
from tinyad.rules.algebra import logabsdet
from tinyad.rules.attached import Attached
from tinyad.rules.composite import euclidean_norm
from tinyad.rules.primitives import sech_squared
from tinyad.rules.rows import NO_OPTIONS, Differentiable, Options


class Perturbed(ArrayBox):
    """A real value with the imaginary part that travels with it."""

    __slots__ = ("imaginary",)

    def __init__(self, value: Any, imaginary: Any, interpretation: Interpretation) -> None:
        self.value = value
        self.imaginary = imaginary
        self.interpretation = interpretation


def _larger(x: Any, y: Any) -> Any:
    return np.where(x.real > y.real, x, np.where(x.real == y.real, 0.5 * (x + y), y))


def _smaller(x: Any, y: Any) -> Any:
    return np.where(x.real < y.real, x, np.where(x.real == y.real, 0.5 * (x + y), y))


def _upright(z: Any) -> Any:
    return np.sign(z.real) * z


def _power(x: Any, y: Any) -> Any:
    # x to a whole power y, from |x|: through log(x) = log|x| + iπ the tiny imaginary part is lost
    negative = x.real < 0
    answer = np.power(np.where(negative, -x, x), y)
    answer = np.where(negative & (y.real % 2 == 1), -answer, answer)
    return np.where(negative & (y.imag != 0), complex(np.nan, np.nan), answer)


def _extreme(x: Any, real: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    ties = x.real == real(x.real, axis=axis, keepdims=True)
    total = np.sum(np.where(ties, x, 0), axis=axis, keepdims=keepdims)
    return total / np.sum(ties, axis=axis, keepdims=keepdims)


def _refused(*_: Any, **__: Any) -> Any:
    raise TypeError  # NumPy's complex version measures with absolute values: it is not analytic


def _hypot(x: Any, y: Any) -> Any:
    size = np.maximum(np.absolute(x.real), np.absolute(y.real))
    scale = np.where(size == 0, 1.0, size)
    return np.where(size == 0, 0.0, scale * np.sqrt((x / scale) ** 2 + (y / scale) ** 2))


# What selects by the real part, and what NumPy has for real numbers only though it is analytic.
COMPLEX: dict[Callable[..., Any], Callable[..., Any]] = {
    np.absolute: _upright,
    np.fabs: _upright,
    np.maximum: _larger,
    np.minimum: _smaller,
    np.fmax: lambda x, y: np.where(np.isnan(x), y, np.where(np.isnan(y), x, _larger(x, y))),
    np.fmin: lambda x, y: np.where(np.isnan(x), y, np.where(np.isnan(y), x, _smaller(x, y))),
    np.deg2rad: lambda z: z * (np.pi / 180),
    np.radians: lambda z: z * (np.pi / 180),
    np.rad2deg: lambda z: z * (180 / np.pi),
    np.degrees: lambda z: z * (180 / np.pi),
    np.logaddexp: lambda x, y: (
        np.log(np.exp(x - _larger(x, y)) + np.exp(y - _larger(x, y))) + _larger(x, y)
    ),
    np.hypot: _hypot,
    sech_squared: lambda z: (1.0 / np.cosh(z)) ** 2,
    np.power: _power,
    np.where: lambda chosen, x, y: np.where(np.real(chosen), x, y),
    **{f: partial(_extreme, real=np.max) for f in (np.max, np.amax)},
    **{f: partial(_extreme, real=np.min) for f in (np.min, np.amin)},
    **dict.fromkeys((np.var, np.std, euclidean_norm, logabsdet, np.linalg.cholesky), _refused),
}


class ComplexStep(Interpretation):
    """Compute each operation on real numbers, and its imaginary part on complex ones."""

    def process(
        self, row: Differentiable, operands: Sequence[Any], options: Options = NO_OPTIONS
    ) -> Any:
        """Run one operation: the value is the real program's own, bit for bit."""
        if isinstance(row, Attached):
            return row.original(*operands)  # differences measure the function, not its derivative
        primals = self.primals(operands)
        if any(isinstance(p, Box) for p in primals):
            raise SchemeError(
                "The complex step works on plain numbers, and another mode is watching here.",
                'Use scheme="central" where differences are differentiated in turn.',
            )
        value = row.value(primals, options)
        function = COMPLEX.get(row.function, row.function)
        try:
            with np.errstate(all="ignore"):  # the line above has warned already
                imaginary = function(*map(self._complex, operands), **options).imag
        except TypeError:
            raise SchemeError(
                f"np.{row.name} does not take complex numbers, so it has no complex step.",
                'Use scheme="central" for this function.',
            ) from None
        # Where the real function has no value, its complex continuation is no derivative of it.
        return Perturbed(value, np.where(np.isnan(value), np.nan, imaginary)[()], self)

    def _complex(self, operand: Any) -> Any:
        if self.owns(operand):
            return np.add(operand.value, 1j * operand.imaginary)
        if isinstance(operand, float | np.floating):
            return np.add(operand, 0j)
        return operand


def imaginary_part(function: Callable[[Any], Any], value: Any, imaginary: Any) -> Any:
    """Return the imaginary part of function(value + i imaginary), along the real program."""
    with ComplexStep() as step:
        result = function(Perturbed(value, imaginary, step))
    return result.imaginary if step.owns(result) else 0.0 * imaginary
