"""The text of a compiled function: arguments, assertions, the body, what it returns."""

from __future__ import annotations

import builtins
import keyword
import math
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinyad.rewrite import Term, in_order
from tinyad.views.compiled.buffers import Buffers
from tinyad.views.compiled.captured import GENERATED
from tinyad.views.compiled.lowering import BROADCAST, Lowering
from tinyad.views.compiled.recording import LITERALS, Point, Recording, quoted, varies
from tinyad.views.compiled.source import LINE, Body, Constants
from tinyad.views.compiled.spelling import ATOM, COMPARE, NOT, Text
from tinyad.views.record import Guard

RESERVED = {"np", "math", *keyword.kwlist, *dir(builtins)}
IMPORTS = {"math.": "import math", "np.": "import numpy as np"}


class Program(NamedTuple):
    """A function compiled for one course through it; `constants` are the arrays in its source."""

    source: str
    constants: dict[str, Any]
    run: Callable[..., Any]


def program(name: str, point: Point, recording: Recording) -> Program:
    """Write the program of a recording, and make it a function."""
    constants = Constants([*RESERVED, *point.names, name])
    lines, inputs = _header(point, constants)
    guards = recording.record.guards
    wanted = [*(guard.position for guard in guards), *recording.outputs]
    lowering = Lowering(recording.record, inputs, wanted)
    images = [lowering.image(w) for w in wanted]
    asserted: dict[int, dict[str, Guard]] = {}
    for image, guard in zip(images, guards, strict=False):
        asserted.setdefault(id(image), {})[guard.how] = guard
    terms = in_order(images)
    body = Body(Buffers(terms, images), constants, lines)
    for term in terms:
        body.add(term)
        for guard in asserted.get(id(term), {}).values():
            lines.append(f"assert {_condition(guard, body.text(term), constants)}")
    outputs = iter(_outputs(images[len(guards) :], body))
    lines += _returned(recording.result, outputs, constants)
    return _built(name, point, lines, constants)


def _header(point: Point, constants: Constants) -> tuple[list[str], list[str]]:
    """Write assertions of what is constant; give names to what varies inside of containers."""
    lines, inputs = [], []
    for path, leaf in point.leaves:
        if not varies(leaf):
            lines.append(f"assert {_is_still(path, leaf, constants)}")
        elif path.isidentifier():
            inputs.append(path)
        else:
            words = re.findall(r"\w+", path)
            inputs.append(constants.named("_".join(words) if words[-1].isdigit() else words[-1]))
            lines.append(f"{inputs[-1]} = {path}")
    return lines, inputs


def _is_still(path: str, leaf: Any, constants: Constants) -> str:
    """Write the condition that a constant argument has the same value."""
    if isinstance(leaf, np.ndarray):
        return f"np.array_equal({path}, {constants(leaf.copy()).text})"
    if leaf is None or isinstance(leaf, bool):
        return f"{path} is {leaf}"
    if isinstance(leaf, (*LITERALS, np.generic)):
        return f"{path} == {constants(leaf).text}"
    return f"{path} is {constants(leaf).text}"


def _condition(guard: Guard, text: Text, constants: Constants) -> str:
    """Write the condition that Python takes the same value here."""
    taken = guard.taken
    if guard.how == "bool":
        return text.text if taken else f"not {text.within(NOT)}"
    if isinstance(taken, np.ndarray):
        same = ", equal_nan=True" if taken.dtype.kind == "f" else ""
        return f"np.array_equal({text.text}, {constants(taken.copy()).text}{same})"
    if isinstance(taken, tuple):
        return f"all(map(np.array_equal, {text.text}, {constants(list(taken)).text}))"
    value = text.within(COMPARE + 1)
    if taken != taken:
        return f"{value} != {value}"
    equal = f"{value} == {constants(taken).text}"
    if isinstance(taken, float) and taken == 0:
        return f"{equal} and math.copysign(1.0, {text.text}) == {math.copysign(1.0, taken)}"
    return equal


def _outputs(images: Sequence[Any], body: Body) -> list[str]:
    """Write each result; an array that somebody else may hold is copied."""
    handed: set[int] = set()
    texts = []
    for image in images:
        if not isinstance(image, Term):
            array = isinstance(image, np.ndarray)
            texts.append(body.constants.array(image) if array else body.constants(image).text)
            continue
        root, text = body.buffers.root(image), body.text(image)
        shared = root is None or root in handed or image.row is BROADCAST
        handed.add(root or 0)
        copied = shared and isinstance(image.example, np.ndarray)
        texts.append(f"{text.within(ATOM)}.copy()" if copied else text.text)
    return texts


def _returned(result: Any, texts: Iterator[str], constants: Constants) -> list[str]:
    """Write the end of the function: one line, or one for each result."""
    if type(result) is not tuple or not result:
        return [f"return {_nested(result, texts, constants)}"]
    items = [_nested(part, texts, constants) for part in result]
    line = f"return {', '.join(items)}{',' if len(items) == 1 else ''}"
    if len(line) <= LINE:
        return [line]
    return ["return (", *(f"    {item}," for item in items), ")"]


def _nested(result: Any, texts: Iterator[str], constants: Constants) -> str:
    """Write the nesting of the results."""
    if not isinstance(result, list | tuple | dict):
        return next(texts)
    if isinstance(result, dict):
        items = [f"{quoted(k)}: {_nested(v, texts, constants)}" for k, v in result.items()]
        return f"{{{', '.join(items)}}}"
    items = [_nested(v, texts, constants) for v in result]
    inner = ", ".join(items)
    if type(result) is list:
        return f"[{inner}]"
    if type(result) is tuple:
        return f"({inner},)" if len(items) == 1 else f"({inner})"
    kind = constants(type(result)).text
    return f"{kind}({inner})" if hasattr(result, "_fields") else f"{kind}([{inner}])"


def _built(name: str, point: Point, lines: list[str], constants: Constants) -> Program:
    """Put the parts together and run the definition."""
    text = "\n".join(lines)
    head = [f"# {key}: {_described(value)}" for key, value in constants.values.items()]
    imports = [line for word, line in IMPORTS.items() if word in text]
    kinds = [f"{n}: {_described(a)}" for n, a in zip(point.names, point.args, strict=True)]
    about = textwrap.wrap(f'"""Made for {", ".join(kinds)}."""', LINE)
    definition = [f"def {name}({', '.join(point.names)}):"]
    definition += [f"    {line}" for line in (*about, *lines)]
    blocks = ["\n".join([*head, *imports]), "\n".join(definition)]
    source = "\n\n\n".join(block for block in blocks if block) + "\n"
    scope: dict[str, Any] = {"np": np, "math": math, **constants.values}
    exec(compile(source, f"{GENERATED}{name}>", "exec", optimize=0), scope)
    return Program(source, constants.values, scope[name])


def _described(value: Any) -> str:
    """Say in a few words what a value is."""
    if isinstance(value, np.ndarray | np.generic):
        return f"{value.dtype} of shape {value.shape}" if value.ndim else str(value.dtype)
    if isinstance(value, float):
        return "float"
    if isinstance(value, list | tuple | dict):
        return f"{type(value).__name__} of {len(value)}"
    return f"{value!r}" if type(value) in LITERALS else type(value).__name__
