"""Nested arguments: lists, tuples and dicts of numbers and arrays, taken apart and put together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

Tree = Any
NESTED = (list, tuple, dict)
Rebuild = Callable[[Sequence[Any]], Tree]


def flatten(tree: Tree) -> tuple[list[Any], Rebuild]:
    """Take nested lists, tuples and dicts apart into leaves, and a function that puts them back.

    >>> leaves, rebuild = flatten({"w": [1.0, 2.0], "b": (3.0,)})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> rebuild([10.0, 20.0, 30.0])
    {'w': [10.0, 20.0], 'b': (30.0,)}
    """
    if not isinstance(tree, NESTED):
        return [tree], lambda leaves: leaves[0]
    children = list(tree.values() if isinstance(tree, dict) else tree)
    if type(tree) is tuple and not [c for c in children if isinstance(c, NESTED)]:
        return children, tuple  # the plain case, quickly
    parts = [flatten(child) for child in children]
    sizes = [len(leaves) for leaves, _ in parts]

    def rebuild(leaves: Sequence[Any]) -> Tree:
        ends = itertools.accumulate(sizes)
        built = [
            part(leaves[end - size : end])
            for (_, part), size, end in zip(parts, sizes, ends, strict=True)
        ]
        if isinstance(tree, dict):
            return dict(zip(tree, built, strict=True))
        return type(tree)(*built) if hasattr(tree, "_fields") else type(tree)(built)

    return [leaf for leaves, _ in parts for leaf in leaves], rebuild
