"""Compiling: a function is recorded once and from then on run as straight-line source.

A program holds for one course through the function: for the types and shapes of the arguments,
the branches that were taken, and the values outside that the function uses. Each of these is
looked at in every call; where one differs, another program is made, and after a number of them the
function is run as it is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol

from tinyad.arguments import check_signature, name_of
from tinyad.errors import ArgumentError
from tinyad.trees import flatten
from tinyad.views.compiled.captured import Captured
from tinyad.views.compiled.entry import ABSENT, MISSED, entry, parameters, title
from tinyad.views.compiled.program import Program, program
from tinyad.views.compiled.recording import (
    Point,
    Recording,
    TooLong,
    UnreliableError,
    agree,
    kind_of,
    plain_floats,
    promoted,
    recorded,
    repeats,
    varies,
)

MAX_PROGRAMS = 8


class Compiled(Protocol):
    """A compiled function."""

    source: str
    programs: list[Program]

    def __call__(self, *args: Any) -> Any:
        """Run it."""


def compile(function: Callable[..., Any], *example_args: Any) -> Compiled:
    """Return the function as straight-line Python, recorded at the example arguments.

    The result is called as the function is, and gives the same. Its `.source` is the program.
    Floats and arrays of floats vary; other arguments are constants, and for other values of
    theirs, other shapes, types or branches another program is made (`.programs` has them all).
    So is one when a variable changes that the function uses without being given it. What ends in
    a ValueError, an OverflowError or a division by zero is run uncompiled, as NumPy has IEEE's
    answer; so are calls with traced values, so a compiled function can be differentiated.

    The function must do nothing but compute: what it prints it prints while it is recorded.
    One that is too long to pay (20,000 operations), that uses random numbers, or that is not
    told apart by its arguments, is run uncompiled, with a warning that says so.
    Raises ArgumentError for arguments that do not fit the function, and whatever the function or
    its derivative raises at the example.

    >>> f = compile(lambda x, y: x * x * y + y + 2, 3.0, 4.0)
    >>> f(3.0, 4.0)
    42.0
    >>> print(f.source)
    def program(x, y):
        \"\"\"Made for x: float, y: float.\"\"\"
        return x * x * y + y + 2
    <BLANKLINE>
    """
    check_signature(function, example_args)
    if not example_args:
        raise ArgumentError(
            f"{name_of(function)} was to be compiled without an example of its arguments.",
            "Pass one, as in ad.compile(f, 3.0): its type and shape are what is compiled for.",
        )
    args = plain_floats(example_args)
    if not any(varies(leaf) for leaf in flatten(args)[0]):
        args = promoted(args)
    return Versions(function).compiled(args)


class Versions:
    """The programs made for a function so far, by the kind of arguments that they are for."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = title(function)
        self.programs: list[Program] = []
        self.captured = Captured()
        self._functions = [function]  # those whose outside variables are watched
        self._fitting: dict[Hashable, list[Program]] = {}
        self._attempts = 0
        self._told: set[str] = set()
        self._names: list[str] = []
        self._scope: dict[str, Any] = {}  # the globals of the entry
        self._entry_kind: Hashable = None

    def compiled(self, args: Sequence[Any]) -> Compiled:
        """Make the program for the example, and the function that the learner receives."""
        self._names = parameters(self.function, len(args))
        try:
            kind = kind_of(tuple(args))
            self._make(kind, args)
        except (TooLong, UnreliableError) as reason:
            self._tell(str(reason), 4)
            result, source = self._uncompiled(), f"# {self.name} is run uncompiled: {reason}.\n"
        else:
            self._entry_kind, source = kind, self.programs[0].source
            changed = self.captured.changed if self.captured else None
            self._scope = {"_run": self.programs[0].run, "_changed": changed, "_otherwise": self}
            result = entry(self.name, self._names, args, self._scope)
        result.source, result.programs, result.__wrapped__ = source, self.programs, self.function
        result.__doc__ = getattr(self.function, "__doc__", None)
        compiled: Compiled = result
        return compiled

    def __call__(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Run the program that fits these arguments; make it if there is none yet."""
        args, options = self._given(args, options)
        if options:
            return self.function(*args, **options)
        if self.captured.changed():
            self._forget()
        try:
            given = plain_floats(args)
            kind: Hashable = kind_of(given)
            if kind not in self._fitting and kind_of(promoted(given)) in self._fitting:
                given = promoted(given)
                kind = kind_of(given)
        except (UnreliableError, OverflowError):
            return self.function(*args)
        for fitting in reversed(self._fitting.get(kind, ())):
            try:
                return fitting.run(*given)
            except AssertionError:
                continue
            except MISSED:
                return self.function(*args)
        check_signature(self.function, args)
        made = self._another(kind, given)
        try:
            return made.run(*given) if made else self.function(*args)
        except MISSED:
            return self.function(*args)

    def _given(
        self, args: tuple[Any, ...], options: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments without those that were left out; what follows one goes by its name."""
        count = next((k for k, a in enumerate(args) if a is ABSENT), len(args))
        named = zip(self._names[count:], args[count:], strict=False)
        return args[:count], {n: a for n, a in named if a is not ABSENT} | options

    def _another(self, kind: Hashable, args: tuple[Any, ...]) -> Program | None:
        """Make a program for another course through the function, unless there were too many."""
        if self._attempts >= MAX_PROGRAMS:
            self._tell(f"{MAX_PROGRAMS} programs were made, and these arguments need another")
            return None
        try:
            return self._make(kind, args)
        except (TooLong, UnreliableError) as reason:
            self._tell(str(reason))
        except Exception:
            pass  # the function's own, which it will raise again; or it cannot be recorded here
        return None

    def _make(self, kind: Hashable, args: Sequence[Any]) -> Program:
        """Record the function and write its program."""
        self._attempts += 1
        leaves = flatten(tuple(args))[0]
        self._functions += [x for x in leaves if callable(x) and x not in self._functions]
        self.captured = Captured(*self._functions)
        if self.captured.too_many:
            raise UnreliableError("it uses too many values besides its arguments")
        point = Point(parameters(self.function, len(args)), args)
        recording = self._recorded(point)
        made = program(self.name, point, recording)
        self.programs.append(made)
        self._fitting.setdefault(kind, []).append(made)
        if self._scope and kind == self._entry_kind:
            self._scope |= {"_run": made.run, "_changed": self.captured.changed}
        return made

    def _recorded(self, point: Point) -> Recording:
        """Record the function, and make sure that it does the same when it runs again."""
        recording = recorded(self.function, point)
        if not repeats(recording, self.function(*point.args)):
            raise UnreliableError(
                "it returned another result when it was run again; it may use random numbers, "
                "or ask for the type of its arguments"
            )
        if self.captured.by_chance and not agree(recording, recorded(self.function, point)):
            raise UnreliableError("it did other operations when it was run again")
        if self.captured.changed():
            raise UnreliableError("it changes values outside")
        return recording

    def _forget(self) -> None:
        """Something outside has changed: no program holds any more."""
        self._fitting.clear()
        self._scope["_run"] = _missed
        self.captured = Captured(*self._functions)

    def _tell(self, reason: str, level: int = 5) -> None:
        """Say once that the function runs uncompiled, and why, in the line that called it."""
        if reason not in self._told:
            self._told.add(reason)
            text = f"{self.name} runs uncompiled: {reason}."
            warnings.warn(text, RuntimeWarning, stacklevel=level)

    def _uncompiled(self) -> Any:
        function = self.function

        def plain(*args: Any, **options: Any) -> Any:
            return function(*args, **options)

        return plain


def _missed(*_: Any) -> Any:
    raise AssertionError
