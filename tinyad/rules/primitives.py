"""The few operations that rules need and NumPy lacks.

Each first offers the call to its argument through `__array_function__`, as NumPy's own functions
do, so that it can be differentiated in turn without the rules knowing who is watching.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

Shape = tuple[int, ...]
LISTED = (list, np.ndarray)


def shape_of(value: Any) -> Shape:
    """The shape of a number, an array, a list of numbers or a traced value.

    >>> shape_of(2.0), shape_of(np.zeros((2, 3))), shape_of([1, 2])
    ((), (2, 3), (2,))
    """
    if type(value) is np.ndarray:
        return value.shape  # type: ignore[no-any-return]
    if type(value) is float:
        return ()
    return np.shape(value) if isinstance(value, (list, tuple)) else getattr(value, "shape", ())


def offered(function: Callable[..., Any], value: Any, *rest: Any) -> Any:
    """Offer the call to a traced value; NotImplemented if it is a number or a NumPy array."""
    if type(value) is np.ndarray or not hasattr(value, "__array_function__"):
        return NotImplemented
    return value.__array_function__(function, (type(value),), (value, *rest), {})


def stop(value: Any) -> Any:
    """The value itself, as a constant: no derivative passes through.

    An array is copied: whoever receives it may write into it, and a tape may hold the original.
    """
    answer = offered(stop, value)
    if answer is not NotImplemented:
        return answer
    return value.copy() if isinstance(value, np.ndarray) else value


def settled(key: Any) -> Any:
    """An index key whose traced positions and masks have become plain ones.

    Which entries are meant must be known here and now; whoever records the program is told.
    """
    if isinstance(key, tuple):
        return tuple(settled(k) for k in key)
    if isinstance(key, slice):
        ends = (key.start, key.stop, key.step)
        return slice(*(k if k is None else operator.index(k) for k in ends))
    settle = getattr(key, "settled", None)
    return key if settle is None else settle("an index", "value")


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
    new = len(shape_of(value)) - len(shape)
    stretched = [new + axis for axis, n in enumerate(shape) if n == 1]
    summed = np.sum(value, axis=(*range(new), *stretched), keepdims=True)
    return np.reshape(summed, shape)


def broadcast_to(value: Any, shape: Shape) -> Any:
    """Repeat a value along new and stretched axes: `np.broadcast_to`, free where nothing changes.

    >>> broadcast_to(2.0, (3,))
    array([2., 2., 2.])
    """
    if shape_of(value) == shape:
        return value
    if type(value) is float:
        value = np.array(value)
    if type(value) is not np.ndarray or value.ndim:
        return np.broadcast_to(value, shape)
    view: Any = np.ndarray(shape, value.dtype, value, 0, (0,) * len(shape))  # the same, quicker
    view.flags.writeable = False
    return view


def index(value: Any, key: Any) -> Any:
    """`value[key]`, as a function.

    >>> index(np.array([5.0, 6.0, 7.0]), slice(1, None))
    array([6., 7.])
    """
    answer = offered(index, value, key)
    return np.asarray(value)[key] if answer is NotImplemented else answer


def scatter_add(value: Any, key: Any, shape: Shape) -> Any:
    """Zeros of this shape with `value` added at `key`, repeats adding up: the transpose of `index`.

    >>> scatter_add(np.array([1.0, 2.0, 4.0]), np.array([0, 0, 2]), (3,))
    array([3., 0., 4.])
    """
    answer = offered(scatter_add, value, key, shape)
    if answer is not NotImplemented:
        return answer
    total = np.zeros(shape, getattr(value, "dtype", float))
    keys = key if type(key) is tuple else (key,)
    if any(isinstance(k, LISTED) and np.asarray(k).dtype != bool for k in keys):
        np.add.at(total, key, value)
    else:
        total[key] = value  # slices and masks meet each entry once
    return total


def cast(value: Any, dtype: Any) -> Any:
    """`value.astype(dtype)`, as a function."""
    answer = offered(cast, value, dtype)
    return np.asarray(value).astype(dtype)[()] if answer is NotImplemented else answer


def zeros_like(value: Any) -> Any:
    """Zero of the same shape and precision; of a float, the float 0.0."""
    if type(value) is float:
        return 0.0
    if type(value) is np.ndarray:
        return np.zeros(value.shape, value.dtype)
    if isinstance(value, np.floating):
        return type(value)(0)
    return 0.0 if isinstance(value, float | int | np.generic) else np.zeros_like(value)


def ones_like(value: Any) -> Any:
    """One, of the same shape and precision; of a float, the float 1.0."""
    return 1.0 if type(value) in (float, int) else np.ones_like(value)


def sech_squared(value: Any) -> Any:
    """1/cosh(x)², the slope of tanh, with all its digits where 1 - tanh(x)² has lost them.

    >>> float(sech_squared(20.0))
    1.6993417021166355e-17
    """
    answer = offered(sech_squared, value)
    if answer is not NotImplemented:
        return answer
    e = np.exp(-2.0 * np.abs(value))
    return 4.0 * e / np.square(1.0 + e)


def indicator(condition: Any, like: Any) -> Any:
    """1 where the condition holds and 0 elsewhere, in the precision of `like`.

    >>> indicator(np.array([True, False]), like=np.float32(0)).dtype
    dtype('float32')
    """
    number = getattr(like, "dtype", np.dtype(float)).type
    return np.where(condition, number(1), number(0))
