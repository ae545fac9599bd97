"""Enormous arrays: many digits for some entries, and floating point for the rest.

A sampled array is the floating-point one and what it is off by. An operation that acts entry by
entry is computed in many digits at some places; how the error at all others moves is told by the
row's own tangent rule. So what rounding adds at places not looked at remains unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.rules.linear import Linear
from tinyad.rules.primitives import cast, shape_of
from tinyad.rules.rows import Differentiable, Elementwise, Options

PLACES = 200  # of each array, that are computed in many digits


class Sample:
    """An array in floating point, `base`, and the best guess at its error: `off` is to be added."""

    def __init__(self, base: Any, off: Any) -> None:
        self.base, self.off = base, off
        self.shape, self.dtype = base.shape, base.dtype

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.base + self.off, dtype=dtype)

    def __getitem__(self, place: Any) -> Any:
        return self.base[place] + self.off[place]

    def less(self, value: Any) -> Any:
        """A floating-point array less this one, without rounding the difference away."""
        return (np.asarray(value, dtype=float) - self.base) - self.off


def places(size: int) -> Any:
    """The places to look at: the same ones for all arrays of a size, so that errors join up."""
    chosen = np.random.default_rng(0).choice(size, min(size, PLACES) - 2, replace=False)
    return np.concatenate([[0, size - 1], chosen])


def sampled(
    row: Differentiable,
    operands: Sequence[Any],
    options: Options,
    function: Callable[..., Any] | None,
    mpf: Any,
) -> Sample:
    """Run an operation on operands of which some are enormous; `function` is its mpmath twin."""
    parts = [_parts(o) for o in operands]
    bases = [base for base, _ in parts]
    value = np.asarray(row.value(bases, options))
    off = np.zeros(value.shape)
    if any(d is not None for _, d in parts):
        moved = row.tangent(value[()], bases, [d for _, d in parts], options, False)
        off = np.where(np.isfinite(moved), moved, 0.0) + off
    if isinstance(row, Linear) and row.function is cast:
        off = off + (np.asarray(bases[0], dtype=float) - value)
    elif isinstance(row, Linear):  # sums, whose own rounding more digits of NumPy's show
        fine = row.value([np.asarray(b, dtype=np.longdouble) for b in bases], options)
        off = off + np.asarray(fine - value, dtype=float)
    if isinstance(row, Elementwise) and function is not None:
        at = np.unravel_index(places(value.size), value.shape)
        picked = [_picked(o, value.shape, at, mpf) for o in operands]
        exact = np.frompyfunc(function, len(picked), 1)(*picked)
        off[at] = (exact - np.frompyfunc(mpf, 1, 1)(value[at].astype(float))).astype(float)
    return Sample(value, np.where(np.isfinite(off), off, 0.0))


def _parts(operand: Any) -> tuple[Any, Any]:
    """The floating-point part of an operand, and what is to be added; None if it is exact."""
    if isinstance(operand, Sample):
        return operand.base, operand.off
    if hasattr(operand, "_mpf_"):
        return float(operand), float(operand - float(operand))
    if isinstance(operand, np.ndarray) and operand.dtype.kind == "O":
        base = operand.astype(float)
        return base, (operand - base).astype(float)
    return operand, None


def _picked(operand: Any, shape: Any, at: Any, mpf: Any) -> Any:
    """Some entries of an operand in many digits."""
    exact = np.frompyfunc(lambda v: v if isinstance(v, mpf) else mpf(float(v)), 1, 1)
    if isinstance(operand, Sample):
        base, off = (np.broadcast_to(part, shape)[at] for part in (operand.base, operand.off))
        return exact(base) + exact(off)
    if shape_of(operand):
        return exact(np.broadcast_to(operand, shape)[at])
    return operand if isinstance(operand, mpf) else mpf(float(operand))
