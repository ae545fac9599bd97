"""What a function uses besides its arguments: variables of outer functions, globals, defaults.

A recorded program holds these values as they were. So it may be used only as long as they have
not changed: each is looked at again before every call, arrays entry by entry.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyad.errors import is_library
from tinyad.rules import Row
from tinyad.rules.attached import Attached

MAX_PLACES = 10_000
# What a program may use that does something else each time, by the words that lead there.
CHANCE = {
    *(
        "random",
        "default_rng",
        "secrets",
        "uuid",
        "time",
        "datetime",
        "os",
        "open",
        "input",
        "next",
    ),
    *("empty", "empty_like"),
}
GENERATED = "<compiled "  # how the file names of generated programs begin
ABSENT: Any = object()
ATOMS = (int, float, complex, str, bytes, type(None), np.generic)
Place = tuple[Any, Any, Any]  # a dict, list or cell; the key in it; what was found there


def same_bits(a: Any, b: Any) -> bool:
    """Are two arrays equal in type, shape and every bit (so that NaN is equal to itself)?"""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return bool(np.array_equal(a, b)) or bool(a.tobytes() == b.tobytes())


def same_value(a: Any, b: Any) -> bool:
    """Are these one object, or equal numbers or strings of the same type?"""
    return a is b or (type(a) is type(b) and isinstance(a, ATOMS) and repr(a) == repr(b))


class Captured:
    """The values that functions reach besides their arguments, and whether they changed since.

    What it does not see: attributes of objects without a `__dict__`, and files. `by_chance` says
    that a clock or random numbers may be among the values.

    >>> box = [2.0]
    >>> captured = Captured(lambda x: box[0] * x)
    >>> captured.changed()
    False
    >>> box[0] = 3.0
    >>> captured.changed()
    True
    """

    def __init__(self, *functions: Any) -> None:
        self.places: list[Place] = []
        self.arrays: list[tuple[Any, Any]] = []
        self.sizes: list[tuple[Any, int]] = []
        self.by_chance = False
        seen, waiting = set(), list(functions)
        while waiting and not self.too_many:
            value = waiting.pop()
            if id(value) in seen or isinstance(value, ATOMS):
                continue
            seen.add(id(value))
            self.by_chance = self.by_chance or not CHANCE.isdisjoint(_words(value))
            if isinstance(value, np.ndarray):
                self.arrays.append((value, value.copy()))
            elif isinstance(value, dict | list | set):
                self.sizes.append((value, len(value)))
            for place in _places(value):
                self.places.append(place)
                waiting.append(place[2])
            waiting.extend(_parts(value))
        self.places = [p for p in self.places if _may_change(p)]

    @property
    def too_many(self) -> bool:
        """Are there more values than it pays to look at before every call?"""
        return len(self.places) > MAX_PLACES

    def __bool__(self) -> bool:
        return bool(self.places or self.arrays)

    def changed(self) -> bool:
        """Is any of these values another one now?"""
        try:
            for holder, key, value in self.places:
                now = holder.cell_contents if key is None else holder[key]
                if now is not value and not same_value(now, value):
                    return True
        except (ValueError, KeyError, IndexError):
            return True  # it is gone
        for array, copy in self.arrays:
            if not same_bits(array, copy):
                return True
        return any(len(c) != n for c, n in self.sizes) if self.sizes else False


def _look(holder: Any, key: Any) -> Any:
    try:
        return holder.cell_contents if key is None else holder[key]
    except (ValueError, KeyError, IndexError):
        return ABSENT


def _may_change(place: Place) -> bool:
    """Leave out what nobody rebinds: the names of modules."""
    return not isinstance(place[2], types.ModuleType)


def _inside(function: types.FunctionType) -> bool:
    """Was this function written by a package, or by `compile`?"""
    name = function.__code__.co_filename
    return name.startswith(GENERATED) or is_library(name)


def _places(value: Any) -> Iterator[Place]:
    """Where this value keeps others."""
    if isinstance(value, types.FunctionType):
        if not _inside(value):
            yield from ((cell, None, _look(cell, None)) for cell in value.__closure__ or ())
            yield from _named(value.__globals__, _names(value.__code__))
            yield from _named(value.__dict__, value.__dict__)
    elif isinstance(value, dict):
        yield from _named(value, value)
    elif isinstance(value, list):
        yield from ((value, k, v) for k, v in enumerate(value))
    elif isinstance(value, type):
        if not _installed(value.__module__):
            yield from ((vars(value), k, v) for k, v in vars(value).items() if k[:2] != "__")
    elif isinstance(value, types.ModuleType):
        if not _installed(value.__name__):
            yield from ((vars(value), k, v) for k, v in vars(value).items() if k[:2] != "__")
    elif not isinstance(value, Row):
        yield from _named(getattr(value, "__dict__", {}), getattr(value, "__dict__", ()))


def _parts(value: Any) -> Iterator[Any]:
    """The values that this one holds for good."""
    if isinstance(value, tuple | frozenset | set):
        yield from value
    elif isinstance(value, types.MethodType):
        yield from (value.__self__, value.__func__)
    elif isinstance(value, types.BuiltinMethodType):
        yield value.__self__
    elif isinstance(value, functools.partial):
        yield from (value.func, value.args, value.keywords)
    elif isinstance(value, types.FunctionType):
        yield from (value.__defaults__ or (), value.__kwdefaults__ or {})
        yield getattr(value, "__wrapped__", None)
        if _inside(value):
            yield from (_look(cell, None) for cell in value.__closure__ or ())
    elif isinstance(value, Attached):
        yield from (value.original, *value.partials)
    elif not isinstance(value, type | types.ModuleType | Row | np.ndarray):
        yield type(value)


def _named(mapping: Mapping[str, Any], names: Any) -> Iterator[Place]:
    return ((mapping, name, mapping[name]) for name in list(names) if name in mapping)


def _words(value: Any) -> Iterator[str]:
    """The names that a function uses; and the modules that a value is from."""
    if isinstance(value, types.FunctionType) and not _inside(value):
        yield from _names(value.__code__)
    home = value if isinstance(value, type | types.ModuleType) else type(value)
    for word in (home.__name__, home.__module__) if isinstance(home, type) else (home.__name__,):
        yield from str(word).split(".")


def _names(code: types.CodeType) -> set[str]:
    """All names that a function and the functions inside it use."""
    names: set[str] = set()
    waiting = [code]
    while waiting:
        code = waiting.pop()
        names.update(code.co_names)
        waiting.extend(c for c in code.co_consts if isinstance(c, types.CodeType))
    return names


def _installed(module: str) -> bool:
    """Is this a module of Python, NumPy, tinyad or another installed package?"""
    found = sys.modules.get(module)
    file = getattr(found, "__file__", None)
    return module in sys.builtin_module_names or (file is not None and is_library(file))
