"""Running a learner's code: quietly, for a limited time, with tinyad's own modes switched off."""

from __future__ import annotations

import contextlib
import io
import linecache
import signal
import sys
import sysconfig
import threading
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import numpy as np

_PACKAGE = Path(__file__).parents[1]
_LIBRARIES = (str(_PACKAGE), sysconfig.get_paths()["stdlib"], "<frozen", "<__array_function__")
_MODES = tuple(
    str(_PACKAGE / part) for part in ("modes", "views", "accuracy", "explore", "transforms.py")
)


class Signal(BaseException):
    """Raised by the checks themselves; no `except Exception` of a learner can swallow it."""


class Delegated(Signal):
    """The learner's code called one of tinyad's own modes where it was to build one."""


class TimeUp(Signal):
    """The learner's code ran longer than any sound solution does."""


@dataclass(frozen=True)
class Heard:
    """What the learner's code said while it ran: what it printed, and what Python warned of."""

    printed: io.StringIO
    warned: list[warnings.WarningMessage]


@contextlib.contextmanager
def quietly() -> Iterator[Heard]:
    """Keep warnings, floating-point flags, both streams and displays away from the page.

    A grader gives no marks to a cell that writes to stderr and misreads one that shows a value,
    so a warning in a sound solution must not reach the cell. What was said is yielded instead.
    """
    printed = io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(np.errstate(all="ignore"))
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("default")
        if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
            from IPython.utils.capture import capture_output

            stack.enter_context(capture_output(stdout=False, stderr=False, display=True))
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(printed))
        yield Heard(printed, warned)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUp after so many seconds, where the system has an alarm clock to spare.

    Windows has none, and threads other than the main one get none; there the stop button ends an
    endless loop, and the check answers just as well.
    """
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
        or signal.getitimer(signal.ITIMER_REAL)[0]
    ):
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeUp

    previous = signal.signal(signal.SIGALRM, ring)
    try:
        # It rings again each second, in case a bare `except:` swallows the first one.
        signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def modes_switched_off(wanted: bool = True) -> Iterator[None]:
    """Raise Delegated as soon as a line of tinyad's own modes runs.

    The interpreter reports each call, so it does not matter under which name, or how long ago, the
    learner's code got hold of a mode.
    """
    called: list[str] = []

    def watch(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(_MODES):
            called.append(frame.f_code.co_name)
            raise Delegated

    if not wanted:
        yield
        return
    previous = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(previous)
    if called:  # the signal was swallowed by a bare `except:`
        raise Delegated


def is_library(filename: str) -> bool:
    """Is this file part of tinyad, of an installed package or of Python itself?"""
    return filename.startswith(_LIBRARIES) or "site-packages" in filename


def learner_line(trail: TracebackType | None) -> str:
    """Return the innermost line of the learner's own code on this traceback, or ''."""
    for frame, number in reversed(list(traceback.walk_tb(trail))):
        name = frame.f_code.co_filename
        if not is_library(name):
            source = linecache.getline(name, number).strip()
            return f"in line {number}:\n{source}" if source else f"in line {number}"
    return ""


def innermost_name(trail: TracebackType | None) -> str:
    """Return the qualified name of the function in which the exception was raised."""
    frames = list(traceback.walk_tb(trail))
    return frames[-1][0].f_code.co_qualname if frames else ""
