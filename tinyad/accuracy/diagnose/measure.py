"""How far floating point is from the shadow: the measures that diagnosis judges by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyad.accuracy.shadow.sample import Sample
from tinyad.rules.primitives import shape_of

LIMIT = 64  # ulps of the answer: what is off by no more counts as right


@dataclass(frozen=True)
class Error:
    """By how much a number is off, or each entry of an array: in itself, and relative to it."""

    absolute: Any
    relative: Any

    @property
    def worst(self) -> float:
        """The greatest relative error."""
        relative = self.relative
        return relative if type(relative) is float else float(np.max(relative, initial=0.0))

    @property
    def place(self) -> tuple[int, ...]:
        """Where in the array that is; () for a number."""
        shape = shape_of(self.relative)
        if not np.size(self.relative):
            return ()
        return tuple(int(k) for k in np.unravel_index(np.argmax(self.relative), shape))


EXACT = Error(0.0, 0.0)


def error(value: Any, shadow: Any) -> Error:
    """Compare a value (or another shadow) with a shadow; masks and positions have no error."""
    if hasattr(shadow, "_mpf_") and not shape_of(value):
        return Error(*_error(value, shadow))
    if isinstance(shadow, Sample):
        absolute, size = shadow.less(value), np.abs(np.asarray(shadow))
        with np.errstate(all="ignore"):
            relative = np.where(absolute == 0, 0.0, np.abs(absolute) / size)
        return Error(absolute, np.where(np.isfinite(absolute), relative, 0.0))
    if not isinstance(shadow, np.ndarray) or shadow.dtype.kind != "O":
        return EXACT
    absolute, relative = np.frompyfunc(_error, 2, 2)(value, shadow)
    return Error(absolute, np.asarray(relative, dtype=float))


def _error(value: Any, shadow: Any) -> tuple[Any, float]:
    value = value if hasattr(value, "_mpf_") else float(value)
    if shadow == value or (shadow != shadow and value != value):
        return 0.0, 0.0
    off = value - shadow
    if not abs(value) < math.inf or shadow == 0 or off != off:
        return off, math.inf
    return off, float(abs(off / shadow))


def allowed(shadows: Sequence[Any], found: Sequence[Any], mixed: bool) -> list[Any]:
    """For each of some numbers or arrays, the errors that count as right: 64 ulps of the truth.

    Where the truth is 0, the largest of all these numbers sets the measure; where entries are
    `mixed`, as in a matrix product, the largest one of each array.
    """
    sizes = [np.abs(np.asarray(shadow, dtype=float)) for shadow in shadows]
    finite = [size[np.isfinite(size)] for size in sizes]
    largest = max((float(np.max(size, initial=0.0)) for size in finite), default=0.0)
    limits = []
    for size, shadow, value, part in zip(sizes, shadows, found, finite, strict=True):
        size = np.where(np.asarray(shadow) == 0, largest, size)
        size = np.where(mixed & np.isfinite(size), np.max(part, initial=0.0), size)
        with np.errstate(over="ignore"):
            size = size.astype(_floating(value))
        ulps = np.spacing(np.where(np.isfinite(size), size, size.dtype.type(0)))
        limits.append(np.where(np.isfinite(size), LIMIT * ulps.astype(float), 0.0))
    return limits


def excess(value: Any, off: Error, limit: Any) -> Any:
    """How many times what is allowed a result is off, entry by entry; NaN and infinity by far."""
    with np.errstate(all="ignore"):
        times = np.abs(np.asarray(off.absolute, dtype=float)) / np.asarray(limit, dtype=float)
    times = np.where(np.asarray(off.relative) == 0, 0.0, times)
    return np.where(np.isfinite(np.asarray(value, dtype=float)) & (times == times), times, np.inf)


def unit(value: Any) -> float:
    """The unit roundoff of the precision a value has."""
    if type(value) is float:
        return 2.0**-53
    return float(np.finfo(_floating(value)).eps) / 2


def tiniest(value: Any) -> float:
    """The smallest number that has all its digits, in the precision of a value."""
    return float(np.finfo(_floating(value)).tiny)


def _floating(value: Any) -> np.dtype[Any]:
    dtype = np.asarray(value).dtype
    return dtype if dtype.kind == "f" else np.dtype(float)


def finite(value: Any) -> Any:
    """Which entries are finite numbers? All of a mask are."""
    if type(value) is float:
        return math.isfinite(value)
    array = np.asarray(value)
    return np.isfinite(array) if array.dtype.kind == "f" else np.ones(array.shape, bool)


def all_finite(value: Any) -> bool:
    """Are all entries finite?"""
    return isinstance(value, tuple) or bool(np.all(finite(value)))
