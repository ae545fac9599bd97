"""The learner's object as a property asks it: on copies, guarded, remembering its calls."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyad.course.formulas import Formula
from tinyad.course.kinds import Kind, UnfitError, described, shown
from tinyad.course.result import CANNOT_RUN, NOT_STARTED, Lines
from tinyad.course.run import (
    Delegated,
    Heard,
    Signal,
    TimeUp,
    innermost_name,
    learner_line,
    modes_switched_off,
)

MISSING = object()


@dataclass(frozen=True)
class Call:
    """One call of the learner's object: pristine copies of the arguments, and what came back."""

    args: tuple[Any, ...]
    value: Any
    given: str
    came_back: str


class Stop(Signal):
    """The examination ends here, with this state; `raised` if the learner's code raised."""

    def __init__(self, state: str, lines: Lines, raised: bool = False) -> None:
        super().__init__(state)
        self.state, self.lines, self.raised = state, lines, raised


class Ask:
    """Calls the learner's object for the properties of a task."""

    def __init__(
        self,
        learner: Any,
        name: str,
        takes: str,
        gives: Kind,
        builds: bool,
        heard: Heard,
    ) -> None:
        self.learner, self.name, self.gives = learner, name, gives
        self.arguments = [word.strip() for word in takes.split(",") if word.strip()]
        self._builds, self.heard = builds, heard
        self.calls: list[Call] = []
        self.changed: list[str] = []
        self._refuse_other_objects()

    def __call__(self, *args: Any) -> Any:
        """Call the learner's function on copies of these arguments, and remember the call.

        `changed` then names the arguments that the learner's code has altered.
        """
        given = ", ".join(
            f"{name} = {shown(value)}" for name, value in zip(self.arguments, args, strict=True)
        )
        kept, handed = copy.deepcopy(args), copy.deepcopy(args)
        for value in args:
            if isinstance(value, Formula):
                value.calls = 0
        value = self.use(lambda learner: learner(*handed), given, args=kept)
        self.changed = [
            name
            for name, before, after in zip(self.arguments, kept, handed, strict=True)
            if isinstance(before, (list, np.ndarray)) and not np.array_equal(before, after)
        ]
        return value

    def use(self, action: Callable[[Any], Any], given: str, *, args: tuple[Any, ...] = ()) -> Any:
        """Do something with the learner's object, such as `lambda Dual: Dual(3, 1).tangent`."""
        before = self.heard.printed.tell()
        try:
            with modes_switched_off(self._builds):
                came_back = action(self.learner)
        except BaseException as error:
            stop = stop_of(error, self.name, given, self.learner)
            if stop.state == NOT_STARTED and self.calls:  # of several stubs some are answered
                text = f"`{innermost_name(error.__traceback__)}` still raises NotImplementedError."
                raise self.stop("What is missing", text, given) from None
            raise stop from None
        if came_back is None:
            spoke = self.heard.printed.tell() > before
            hint = " `print` shows a value; `return` hands it back." if spoke else ""
            text = f"Nothing (None) came back: did you forget `return`?{hint}"
            raise self.stop("What is missing", text, given)
        try:
            value = self.gives(came_back)
        except Exception as unfit:
            text = f"Something of another kind is needed; {described(came_back)} came back."
            text = str(unfit) if isinstance(unfit, UnfitError) else text
            raise self.stop("What is missing", text, given) from None
        self.calls.append(Call(args, value, given, shown(came_back)))
        return value

    def stop(self, label: str, text: str, given: str | None = None) -> Stop:
        """Make the signal that ends the examination with "cannot run"."""
        if given is None:
            given = self.calls[-1].given if self.calls else ""
        return Stop(CANNOT_RUN, (*_input(given), (label, text)))

    def _refuse_other_objects(self) -> None:
        example = f"`check.{self.name}(your_function)`"
        if self.learner is MISSING:
            raise self.stop("What is missing", f"Hand your function to the check: {example}.")
        if not callable(self.learner):
            raise self.stop(
                "What is missing",
                f"The check needs the function itself; {described(self.learner)} was handed to "
                f"it. Write {example}, with no parentheses after the function's name.",
            )
        try:
            signature = inspect.signature(self.learner)
        except (TypeError, ValueError):
            return  # some built-in functions have none
        try:
            signature.bind(*self.arguments)
        except TypeError:
            wanted = (
                f"with ({', '.join(self.arguments)})" if self.arguments else "without arguments"
            )
            raise self.stop(
                "What is missing",
                f"The function is called {wanted}; yours is written with {signature}.",
            ) from None


def stop_of(error: BaseException, name: str, given: str = "", learner: Any = None) -> Stop:
    """Turn whatever the learner's code raised into the state and the lines that explain it."""
    if isinstance(error, Stop):
        return error
    if type(error) is NotImplementedError:
        return _unwritten(error, name, given, learner)
    where = learner_line(error.__traceback__)
    advice = ""
    if isinstance(error, Delegated):
        text = "This task asks you to build it, and your code calls one of tinyad's own modes."
        advice = "Write the steps yourself. While your code is checked, these modes are off."
    elif isinstance(error, TimeUp):
        text = f"It was stopped because it ran too long, {where}"
        advice = "See whether every loop comes to an end."
    elif isinstance(error, KeyboardInterrupt):
        text = f"It was stopped by hand, {where}"
    elif isinstance(error, RecursionError):
        text = f"A function calls itself without end, {where}"
    elif learner is None:
        text = f"The check itself stumbled, which is not your fault. {_summary(error)}"
    else:
        text = f"{_summary(error)} {where}"
    lines = (*_input(given), ("What happened", text.strip(" ,")))
    return Stop(CANNOT_RUN, (*lines, ("What to do", advice)) if advice else lines, raised=True)


def _unwritten(error: BaseException, name: str, given: str, learner: Any) -> Stop:
    """Tell the stub of this task from the stub of another one that it calls."""
    place = innermost_name(error.__traceback__)
    own = getattr(learner, "__qualname__", place)
    if learner is not None and place != own and not place.startswith(f"{own}."):
        text = f"It calls `{place}`, which still raises NotImplementedError."
        return Stop(CANNOT_RUN, (*_input(given), ("What is missing", text)))
    advice = "Replace the line `raise NotImplementedError()` by your answer, and run the cell."
    return Stop(NOT_STARTED, (("What to do", advice),))


def _summary(error: BaseException) -> str:
    kind = type(error).__name__
    try:
        message = str(error).strip()
    except Exception:
        message = ""
    if len(message) > 300:
        message = message[:299] + "…"
    return f"{kind}: {message}" if message else kind


def _input(given: str) -> Lines:
    return (("Input", given),) if given else ()
