"""A program's source, read with `ast` and run in float64, as a flat list of operations.

This is a small interpreter for the Python that the cases are written in: assignments, loops over
a range, branches, calls of NumPy and of helper functions of the same module. Constants are
computed as Python computes them; whatever depends on an argument becomes an operation.
"""

from __future__ import annotations

import ast
import functools
import inspect
import operator
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

BINARY = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("subtract", operator.sub),
    ast.Mult: ("multiply", operator.mul),
    ast.Div: ("divide", operator.truediv),
    ast.Pow: ("power", np.power),
    ast.MatMult: ("matmul", operator.matmul),
    ast.Mod: ("remainder", np.remainder),
}
COMPARE = {
    ast.Gt: ("greater", operator.gt),
    ast.Lt: ("less", operator.lt),
    ast.GtE: ("greater_equal", operator.ge),
    ast.LtE: ("less_equal", operator.le),
    ast.Eq: ("equal", operator.eq),
    ast.NotEq: ("not_equal", operator.ne),
}
FLAT = {
    "floor",
    "logical_and",
    "logical_or",
    "round",
    "sign",
    "isnan",
    "argmax",
    *(name for name, _ in COMPARE.values()),
}
PLAIN = {"range": range, "len": len, "enumerate": enumerate, "float": float}


@dataclass(frozen=True)
class Slot:
    """The value that the operation at this position made."""

    position: int


@dataclass
class Op:
    """One operation: its NumPy name, its operands, its line, its float64 value."""

    name: str
    args: list[Any]
    options: dict[str, Any]
    line: int
    value: Any
    flat: bool = False
    slots: list[Slot] = field(default_factory=list)


class _Returned(Exception):  # noqa: N818 - a way out of nested statements, no error
    pass


def read(f: Callable[..., Any], args: Sequence[Any]) -> tuple[list[Op], Slot]:
    """Run f on args; return its operations and where the answer stands."""
    reader = _Reader()
    slots = [reader.note("input", [], {}, 0, _ieee(a)) for a in args]
    answer = reader.call(f, slots)
    assert isinstance(answer, Slot), "the answer does not depend on the arguments"
    return reader.ops, answer


def read_text(source: str, name: str, args: Sequence[Any]) -> tuple[list[Op], Slot]:
    """The same for a function of this name, defined in a text."""
    kept = (ast.FunctionDef, ast.Import, ast.ImportFrom)
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if isinstance(node, kept)]
    names: dict[str, Any] = {}
    exec(compile(tree, "<text>", "exec"), names)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            _TEXTS[names[node.name]] = node
    return read(names[name], args)


_TEXTS: dict[Any, ast.FunctionDef] = {}  # of functions that inspect cannot find


def _ieee(value: Any) -> Any:
    return np.float64(value) if isinstance(value, float | int) else value


@functools.cache
def _parsed(f: Callable[..., Any]) -> tuple[ast.FunctionDef, int]:
    if f in _TEXTS:
        return _TEXTS[f], 0
    lines, first = inspect.getsourcelines(f)
    tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree, first - 1


class _Reader:
    def __init__(self) -> None:
        self.ops: list[Op] = []

    def note(self, name: str, args: list[Any], options: Any, line: int, value: Any) -> Slot:
        slots = [a for a in args if isinstance(a, Slot)]
        flat = name in FLAT or (name != "input" and all(self.ops[s.position].flat for s in slots))
        self.ops.append(Op(name, args, options, line, value, flat, slots))
        return Slot(len(self.ops) - 1)

    def call(self, f: Callable[..., Any], args: Sequence[Any]) -> Any:
        tree, offset = _parsed(f)
        names = [a.arg for a in tree.args.args]
        scope = _Scope(self, f, offset, dict(zip(names, args, strict=True)))
        try:
            for statement in tree.body:
                scope.run(statement)
        except _Returned as way_out:
            return way_out.args[0]
        raise AssertionError("no return")


class _Scope:
    """The names of one call, and the statements and expressions that run in it."""

    def __init__(self, reader: _Reader, f: Any, offset: int, names: dict[str, Any]) -> None:
        self.reader, self.offset, self.names = reader, offset, names
        self.globals = f.__globals__

    def run(self, node: ast.stmt) -> None:
        match node:
            case ast.Return(value=ast.expr() as value):
                raise _Returned(self.value(value))
            case ast.Assign(targets=[target]):
                self.assign(target, self.value(node.value))
            case ast.AugAssign(target=ast.Name(id=name)):
                binary = ast.BinOp(ast.Name(name, ast.Load()), node.op, node.value)
                self.names[name] = self.value(ast.copy_location(binary, node))
            case ast.For():
                for item in self.items(self.value(node.iter)):
                    self.assign(node.target, item)
                    self.block(node.body)
            case ast.If():
                self.block(node.body if self.plain(self.value(node.test)) else node.orelse)
            case ast.While():
                while self.plain(self.value(node.test)):
                    self.block(node.body)
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise NotImplementedError(ast.dump(node))

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.run(statement)

    def items(self, thing: Any) -> Iterator[Any]:
        if not isinstance(thing, Slot):
            return iter(thing)
        size = len(self.plain(thing))
        return (self.index(thing, k, 0) for k in range(size))

    def assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Tuple):
            for part, item in zip(target.elts, value, strict=True):
                self.assign(part, item)
        else:
            assert isinstance(target, ast.Name)
            self.names[target.id] = value

    def plain(self, value: Any) -> Any:
        return self.reader.ops[value.position].value if isinstance(value, Slot) else value

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self.names[node.id] if node.id in self.names else self.outer(node.id)
            case ast.BinOp():
                name, function = BINARY[type(node.op)]
                return self.apply(node, name, function, [node.left, node.right])
            case ast.UnaryOp(op=ast.USub()):
                return self.apply(node, "negative", operator.neg, [node.operand])
            case ast.Compare(ops=[op], comparators=[right]):
                name, function = COMPARE[type(op)]
                return self.apply(node, name, function, [node.left, right])
            case ast.IfExp():
                return self.value(node.body if self.plain(self.value(node.test)) else node.orelse)
            case ast.Tuple() | ast.List():
                return [self.value(e) for e in node.elts]
            case ast.Subscript():
                return self.subscript(node)
            case ast.Attribute():
                return getattr(self.plain(self.value(node.value)), node.attr)
            case ast.Call():
                return self.called(node)
        raise NotImplementedError(ast.dump(node))

    def outer(self, name: str) -> Any:
        return PLAIN[name] if name in PLAIN else self.globals.get(name, name)

    def subscript(self, node: ast.Subscript) -> Any:
        thing = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            parts = [node.slice.lower, node.slice.upper, node.slice.step]
            key: Any = slice(*(None if p is None else self.value(p) for p in parts))
        else:
            key = self.value(node.slice)
        return self.index(thing, key, node.lineno) if isinstance(thing, Slot) else thing[key]

    def index(self, thing: Slot, key: Any, line: int) -> Slot:
        picked = self.plain(thing)[key]
        return self.reader.note("getitem", [thing], {"key": key}, line + self.offset, picked)

    def called(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            assert self.value(node.func.value) is np, ast.dump(node)
            options = {k.arg: self.value(k.value) for k in node.keywords}
            return self.apply(node, name, getattr(np, name), node.args, options)
        assert isinstance(node.func, ast.Name), ast.dump(node)
        if node.func.id == "abs":
            return self.apply(node, "absolute", np.absolute, node.args)
        function, args = self.outer(node.func.id), [self.value(a) for a in node.args]
        if node.func.id in PLAIN:
            return function(*(self.plain(a) for a in args))
        if node.func.id == "difference_of_products":  # compensated: exact but for the last digit
            value = function(*(self.plain(a) for a in args))
            return self.reader.note(node.func.id, args, {}, node.lineno + self.offset, value)
        return self.reader.call(function, args)

    def apply(
        self, node: ast.expr, name: str, function: Any, operands: Sequence[ast.expr], options=None
    ) -> Any:
        """Compute an operation; note it if it depends on an argument."""
        args = [self.value(o) for o in operands]
        if len(args) == 1 and isinstance(args[0], list):
            args = args[0]  # np.stack([a, b])
            values: list[Any] = [[self.plain(a) for a in args]]
        else:
            values = [self.plain(a) for a in args]
        answer = function(*values, **(options or {}))
        if not any(isinstance(a, Slot) for a in args):
            return answer
        return self.reader.note(name, args, options or {}, node.lineno + self.offset, answer)
