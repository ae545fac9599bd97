"""The few operations that rules need and NumPy lacks.

Each first offers the call to its argument through `__array_function__`, as NumPy's own functions
do, so that it can be differentiated in turn without the rules knowing who is watching.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Shape = tuple[int, ...]


def shape_of(value: Any) -> Shape:
    """The shape of a number, an array or a traced value.

    >>> shape_of(2.0), shape_of(np.zeros((2, 3)))
    ((), (2, 3))
    """
    return getattr(value, "shape", ())


def offered(function: Callable[..., Any], value: Any, *rest: Any) -> Any:
    """Offer the call to a traced value; NotImplemented if it is a number or a NumPy array."""
    if not hasattr(value, "__array_function__") or isinstance(value, np.ndarray):
        return NotImplemented
    return value.__array_function__(function, (type(value),), (value, *rest), {})


def sum_to(value: Any, shape: Shape) -> Any:
    """Sum over the axes along which `shape` was broadcast: the transpose of `broadcast_to`.

    >>> sum_to(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    >>> sum_to(np.ones((2, 3)), (2, 1))
    array([[3.],
           [3.]])
    """
    if shape_of(value) == shape:
        return value
    answer = offered(sum_to, value, shape)
    if answer is not NotImplemented:
        return answer
    new = value.ndim - len(shape)
    stretched = tuple(
        new + axis for axis, n in enumerate(shape) if n == 1 and value.shape[new + axis] != 1
    )
    summed = value.sum(axis=tuple(range(new)) + stretched, keepdims=True)
    return summed.reshape(shape) if shape else summed.item()


def broadcast_to(value: Any, shape: Shape) -> Any:
    """Repeat a value along new and stretched axes: `np.broadcast_to`, free where nothing changes.

    >>> broadcast_to(2.0, (3,))
    array([2., 2., 2.])
    """
    if shape_of(value) == shape:
        return value
    return np.broadcast_to(value, shape)


def stop(value: Any) -> Any:
    """The value itself, as a constant: no derivative passes through.

    An array is copied: whoever receives it may write into it, and a tape may hold the original.
    """
    answer = offered(stop, value)
    if answer is not NotImplemented:
        return answer
    return value.copy() if isinstance(value, np.ndarray) else value


def zeros_like(value: Any) -> Any:
    """Zero of the same shape and precision; of a float, the float 0.0."""
    if isinstance(value, np.floating):
        return type(value)(0)
    return 0.0 if isinstance(value, float | int | np.generic) else np.zeros_like(value)


def indicator(condition: Any, like: Any) -> Any:
    """1 where the condition holds and 0 elsewhere, in the precision of `like`.

    >>> indicator(np.array([True, False]), like=np.float32(0)).dtype
    dtype('float32')
    """
    number = getattr(like, "dtype", np.dtype(float)).type
    return np.where(condition, number(1), number(0))
