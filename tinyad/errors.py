"""Errors that teach: what happened, in which line of the learner's own code, and what to do.

Every error of tinyad is a `TinyadError`. Most are a `TypeError` or a `ValueError` too, so code
that knows nothing of tinyad can still catch them.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
from collections.abc import Callable
from traceback import extract_tb
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_PACKAGE = os.path.dirname(__file__)
_STDLIB = os.path.dirname(os.__file__)


class TinyadError(Exception):
    """The base of all errors that tinyad raises on purpose.

    `what` says what happened, `remedy` what to do. The learner's line is looked up when the error
    is raised: it is the first line outside tinyad, NumPy and the standard library.

    >>> print(TinyadError("This went wrong.", "Do that instead.", line="y = g(x)"))
    This went wrong.
      Where: y = g(x)
      Remedy: Do that instead.
    """

    def __init__(self, what: str, remedy: str, line: str | None = None) -> None:
        self.what = what
        self.remedy = remedy
        self.line = learner_line() if line is None else line
        where = f"\n  Where: {self.line}" if self.line else ""
        super().__init__(f"{what}{where}\n  Remedy: {remedy}")

    def _render_traceback_(self) -> list[str]:
        # Jupyter shows this in place of a wall of frames from inside this package.
        frames = [f for f in extract_tb(self.__traceback__) if not is_library(f.filename)]
        calls = [f"  Called by line {f.lineno}: {f.line}" for f in reversed(frames[:-1])]
        return ["\n".join([f"{type(self).__name__}: {self}", *calls])]


class ArgumentError(TinyadError, TypeError, ValueError):
    """An argument cannot be differentiated, or there are too many or too few of them."""


class OutputError(TinyadError, TypeError):
    """The function returned something that has no derivative, or not the shape that was asked."""


class MissingRuleError(TinyadError, NotImplementedError):
    """The table has no rule for this NumPy function, or not for this way of calling it."""


class InPlaceError(TinyadError, TypeError):
    """A traced value was to be changed, or put into an array: its history would be lost."""


class ConversionError(TinyadError, TypeError):
    """A traced value was to become a plain number, which would lose its derivative silently."""


class EscapedValueError(TinyadError, ValueError):
    """A traced value was used after the pass that made it had ended."""


class SymbolError(TinyadError, TypeError, ValueError):
    """A symbol or expression was used where it has no meaning: it has no value, or no formula."""


class BranchError(SymbolError):
    """The program branches on a symbol: it has no value, so no branch can be chosen."""


class ManualError(TinyadError, ValueError):
    """A hand-written derivative is missing or does not fit its function."""


class SchemeError(TinyadError, ValueError):
    """A difference scheme or its step cannot be used here."""


class SeriesError(TinyadError, ValueError):
    """A function has no power series at a point: a pole, a branch point, a kink; or none found."""


class GradientCheckError(TinyadError, AssertionError):
    """A derivative disagrees with what differences, Taylor's theorem or another mode say.

    `report` holds every number that was compared.
    """

    def __init__(self, what: str, remedy: str, report: Any, line: str | None = None) -> None:
        super().__init__(what, remedy, line)
        self.report = report


def learner_line() -> str:
    """Return the innermost line of the learner's own code, as `place: source`, or ''.

    The place is a line number of a notebook cell, or a file name and a line number.
    """
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not is_library(name):
            source = linecache.getline(name, frame.f_lineno).strip()
            place = f"line {frame.f_lineno}"
            if not name.startswith("<") and "ipykernel_" not in name:
                place = f"{os.path.basename(name)}, {place}"
            return f"{place}: {source}" if source else place
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def is_library(filename: str) -> bool:
    """Is this file part of tinyad, of an installed package or of Python itself?"""
    return (
        filename.startswith((_PACKAGE, _STDLIB, "<frozen", "<__array_function__"))
        or "site-packages" in filename
    )


def unwrapped(call: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `call`; where NumPy has wrapped an error of ours, raise ours.

    NumPy hides an error raised by an element, as in `a[0] = x`, behind one of its own. Any other
    exception of the learner's code passes through unchanged.
    """
    try:
        return call(*args, **kwargs)
    except TinyadError:
        raise
    except (TypeError, ValueError) as error:
        if isinstance(error.__cause__, TinyadError):
            raise error.__cause__ from None
        raise


# Functions of Python's math with a namesake in NumPy
MATH = {"sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "expm1", "log", "log1p", "log2"}
MATH |= {"log10", "sqrt", "cbrt", "hypot", "fabs", "floor", "ceil", "degrees", "radians"}


def no_conversion(target: str) -> ConversionError:
    """Make the error for a box that was to become a plain number; the line tells what for."""
    line = learner_line()
    called = re.findall(r"(?<![\w.])(?:math\.)?(\w+)\(", line)
    if name := next((c for c in called if c in MATH), None):
        what = f"math.{name} wants a plain number, which has no derivative."
        remedy = f"Write np.{name}: NumPy's functions can be differentiated."
    elif re.search(r"\]\s*=[^=]", line):
        what = "A traced value was put into an array of plain numbers, which has no derivative."
        remedy = "Collect the values in a list and join them with np.stack."
    else:
        what = f"A traced value was to become a plain number ({target}) without a derivative."
        remedy = (
            "Leave the conversion out; where the derivative is meant to stop here, "
            "say ad.stop_gradient(x)."
        )
    return ConversionError(what, remedy, line)
