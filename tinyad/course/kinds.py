"""What a task asks its function to return, and how values are shown to the learner.

A kind takes what came back and returns it in one plain form (a float, an array of floats, a set),
or raises UnfitError with a sentence about what is missing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyad.course.run import Signal

Kind = Callable[[Any], Any]

_LONGEST = 90
_LARGEST = 10**308


class UnfitError(Exception):
    """The value is not of the kind that the task asks for; the message says what it is."""


def number(value: Any) -> float:
    """Accept one real number: a Python or NumPy integer or float, or an array without axes."""
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise UnfitError(f"A single number is needed; {described(value)} came back.")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise UnfitError("The number that came back is too large for a float.")
    return float(value)


def pair(value: Any) -> tuple[float, float]:
    """Accept two real numbers in a tuple, a list or an array."""
    if not isinstance(value, (tuple, list, np.ndarray)) or np.shape(value)[:1] != (2,):
        raise UnfitError(
            f"Two numbers are needed, as in `return a, b`; {described(value)} came back."
        )
    return number(value[0]), number(value[1])


def vector(value: Any) -> np.ndarray:
    """Accept a NumPy array of real numbers with one axis."""
    if not isinstance(value, np.ndarray) or value.ndim != 1 or value.dtype.kind not in "iuf":
        raise UnfitError(
            f"A NumPy array of real numbers with one axis is needed; {described(value)} came back."
        )
    return value.astype(float)


def truth(value: Any) -> bool:
    """Accept True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise UnfitError(f"True or False is needed; {described(value)} came back.")
    return bool(value)


def choice(*options: Any) -> Kind:
    """Accept one of the options."""

    def kind(value: Any) -> Any:
        if not isinstance(value, type(options[0])) or value not in options:
            raise UnfitError(f"One of {shown(options)} is needed; {described(value)} came back.")
        return value

    return kind


def some_of(*options: str) -> Kind:
    """Accept a list of some of the options (a tuple, a set or one string of letters will do)."""

    def kind(value: Any) -> frozenset[str]:
        items = _items(value)
        if any(item not in options for item in items):
            raise UnfitError(
                f"A list of some of {shown(options)} is needed; {described(value)} came."
            )
        return frozenset(items)

    return kind


def order_of(*options: str) -> Kind:
    """Accept a list that holds each option once, in some order."""

    def kind(value: Any) -> tuple[str, ...]:
        items = _items(value)
        if isinstance(value, (set, frozenset)) or sorted(items) != sorted(options):
            raise UnfitError(
                f"A list with each of {shown(options)} once, in your order, is needed; "
                f"{described(value)} came back."
            )
        return tuple(items)

    return kind


def _items(value: Any) -> list[str]:
    if not isinstance(value, (str, list, tuple, set, frozenset)):
        raise UnfitError(f"A list of letters is needed; {described(value)} came back.")
    items = list(value)
    if not all(isinstance(item, str) for item in items):
        raise UnfitError(
            f"A list of letters, each in quotes, is needed; {described(value)} came back."
        )
    return items


def described(value: Any) -> str:
    """Say what a value is, in words, without trusting it.

    >>> described(None), described("24"), described(3 + 4j), described(np.zeros((3, 1)))
    ('nothing (None)', "the text '24'", 'the complex number (3+4j)', 'an array of shape (3, 1)')
    """
    if value is None:
        return "nothing (None)"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, (complex, np.complexfloating)):
        return f"the complex number {complex(value)}"
    if isinstance(value, np.ndarray):
        numbers = "" if value.dtype.kind in "iuf" else f" with entries of type {value.dtype}"
        return f"an array of shape {value.shape}{numbers}"
    if inspect.isroutine(value):
        return f"the function {getattr(value, '__name__', '')} itself, which was not called"
    return f"{shown(value)} (of type {type(value).__name__})"


def shown(value: Any) -> str:
    """Return a short, stable spelling of a value; nothing that it does can raise from here.

    >>> shown(0.1 + 0.2), shown((3.0, np.float64(4)))
    ('0.3', '(3, 4)')
    >>> shown(np.array([1.0, 2.5])), shown(np.array([1, 2]))
    ('array([1., 2.5])', 'array([1, 2])')
    """
    try:
        text = _spelled(value)
    except Signal:
        raise
    except BaseException:
        text = f"<{type(value).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _spelled(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.10g}"
    if isinstance(value, np.generic):
        return _spelled(value.item())
    if isinstance(value, np.ndarray) and value.ndim == 1:
        # A dot tells floats from whole numbers, which matters for arrays: 1. is not 1.
        dot = "." if value.dtype.kind == "f" else ""
        parts = (_spelled(item) for item in value)
        return f"array([{', '.join(p + dot if p.lstrip('-').isdigit() else p for p in parts)}])"
    if isinstance(value, frozenset):
        return f"[{_joined(sorted(value))}]"
    if type(value) is list:
        return f"[{_joined(value)}]"
    if type(value) is tuple:
        return f"({_joined(value)}{',' if len(value) == 1 else ''})"
    return repr(value)


def _joined(values: Sequence[Any]) -> str:
    return ", ".join(_spelled(value) for value in values)
