"""The function that the learner receives: it looks at its arguments and runs the program.

It is written for the example, because it runs in every call: with the same parameters as the
function, and one comparison for each type and shape.
"""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinyad.errors import is_library
from tinyad.views.compiled.captured import GENERATED
from tinyad.views.compiled.program import RESERVED

MISSED = (AssertionError, ArithmeticError, ValueError)  # another course, or IEEE's answer is needed
ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "<absent>"})()
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
TITLES = {"both": "value_and_gradient"}


def entry(name: str, names: Sequence[str], args: Sequence[Any], scope: dict[str, Any]) -> Any:
    """Write the entry, with these globals; `_run`, `_changed` and `_otherwise` are among them.

    Where `_run` does not apply, `_otherwise` is called with all arguments.
    """
    scope |= {"_ndarray": np.ndarray, "_ABSENT": ABSENT, "_MISSED": MISSED}
    pairs = zip(names, args, strict=True)
    checks = [check for name, arg in pairs for check in _checks(name, arg, scope)]
    checks += ["not _more", "not _options", *(["not _changed()"] if scope["_changed"] else [])]
    given = ", ".join(names)
    lines = [
        f"def {name}({', '.join(f'{n}=_ABSENT' for n in names)}, *_more, **_options):",
        f"    if {' and '.join(checks)}:",
        f"        try: return _run({given})",
        "        except _MISSED: pass",
        f"    return _otherwise(({given}, *_more), _options)",
    ]
    exec(builtins.compile("\n".join(lines), f"{GENERATED}{name}>", "exec"), scope)
    return scope[name]


def _checks(path: str, arg: Any, scope: dict[str, Any]) -> Iterator[str]:
    """Write the conditions that an argument is of the kind that the program is for."""
    kind = f"_type{len(scope)}"
    scope[kind] = type(arg)
    yield f"type({path}) is {kind}"
    if isinstance(arg, np.ndarray):
        scope[f"{kind}_dtype"] = arg.dtype
        yield f"{path}.shape == {arg.shape} and {path}.dtype is {kind}_dtype"
    if isinstance(arg, list | tuple | dict):
        keys = tuple(arg) if isinstance(arg, dict) else range(len(arg))
        yield f"tuple({path}) == {keys}" if isinstance(arg, dict) else f"len({path}) == {len(arg)}"
        for key in keys:
            yield from _checks(f"{path}[{key!r}]", arg[key], scope)


def title(function: Any) -> str:
    """What to call the program of a function.

    >>> from tinyad.modes.reverse import grad
    >>> def cost(x): ...
    >>> title(cost), title(grad(cost)), title(lambda x: x)
    ('cost', 'gradient_of_cost', 'program')
    """
    name = getattr(function, "__name__", "")
    name = TITLES.get(name, name)
    inner = function
    while (next_one := differentiated(inner)) is not None:
        inner = next_one
    of = getattr(inner, "__name__", "")
    if inner is not function and of.isidentifier():
        name = f"{name}_of_{of}"
    return name if name.isidentifier() and name[0] != "_" and name not in RESERVED else "program"


def parameters(function: Callable[..., Any], count: int) -> list[str]:
    """The names of the first parameters of a function, or of the one that it differentiates."""
    found: list[str] = []
    inner: Any = function
    while inner is not None and not found:
        try:
            signature = inspect.signature(inner)
        except (TypeError, ValueError):
            break
        found = [p.name for p in signature.parameters.values() if p.kind in POSITIONAL]
        inner = differentiated(inner)
    names: list[str] = []
    for k in range(count):
        name = found[k].lstrip("_") if k < len(found) else f"x{k}"
        while not name.isidentifier() or name in (*RESERVED, *names):
            name = f"{name}_" if name.isidentifier() else f"x{k}"
        names.append(name)
    return names


def differentiated(function: Any) -> Any:
    """The function inside of one that `ad.grad` and its like have made; None if it is none."""
    if not inspect.isfunction(function):
        return None
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    inner = cells.get("both") or cells.get("function")
    if inner is None or not is_library(function.__code__.co_filename):
        return None
    return inner.cell_contents
