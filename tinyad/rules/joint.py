"""Rows of several operands: linear in them jointly (where, concatenate) or in each (products).

Their transposes take the number of the argument, the adjoint, the argument's shape, all operands
and the options; they may read only operands in which the row is not linear, or, for products,
the other operands.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyad.rules.linear import axes
from tinyad.rules.primitives import Shape, broadcast_to, index, shape_of, sum_to
from tinyad.rules.rows import Bound, Differentiable, Formula, Options, Row, Values


def by_slices(function: Formula, size: int) -> Any:
    """Stack function(k) for each of the tangents of a batch, along a last axis."""
    return np.stack([function(k) for k in range(size)], axis=-1)


@dataclass(eq=False, kw_only=True)
class Joint(Differentiable):
    """Linear in its operands taken together, but for the first `fixed` ones."""

    transpose: Formula
    fixed: int = 0

    def tangent(
        self, answer: Any, primals: Values, tangents: Values, options: Options, batched: bool
    ) -> Any:
        """Apply the function once to the tangents, with zeros for what does not vary."""
        size = next(shape_of(t)[-1:] for t in tangents if t is not None) if batched else ()
        operands = []
        for k, (primal, tangent) in enumerate(zip(primals, tangents, strict=True)):
            if k < self.fixed:
                operands.append(np.expand_dims(primal, -1) if batched else primal)
            elif tangent is None and type(primal) in (float, int):
                operands.append(0.0)  # unlike an array of one, it leaves a float32 its precision
            elif tangent is None:
                dtype = getattr(primal, "dtype", float)
                operands.append(np.zeros(shape_of(primal) + size, dtype=dtype))
            else:
                operands.append(tangent)
        result = self.value(operands, options)
        shape = shape_of(answer) + size
        return result if shape_of(result) == shape else np.broadcast_to(result, shape)

    def needs(self, active: tuple[bool, ...]) -> set[int]:
        """The operands that choose, and nothing that is chosen."""
        return set(range(1, self.fixed + 1))

    def pullback(
        self, adjoint: Any, argument: int, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Apply the transpose in this argument to the adjoint; what only chooses gets zero."""
        if argument < self.fixed:
            return broadcast_to(0.0, shape)
        return sum_to(self.transpose(argument, adjoint, operands[1:], **options), shape)


@dataclass(eq=False, kw_only=True)
class Product(Differentiable):
    """Linear in each operand by itself."""

    transpose: Formula
    batched: Formula

    def tangent(
        self, answer: Any, primals: Values, tangents: Values, options: Options, batched: bool
    ) -> Any:
        """Sum of the products in which one operand is replaced by its tangent."""
        terms = []
        for k, tangent in enumerate(tangents):
            if tangent is not None:
                operands = [*primals[:k], tangent, *primals[k + 1 :]]
                terms.append(
                    self.batched(k, operands, **options)
                    if batched
                    else self.value(operands, options)
                )
        return sum(terms[1:], terms[0])

    def needs(self, active: tuple[bool, ...]) -> set[int]:
        """The other operands of each active one."""
        n = len(active)
        return {j + 1 for i in range(n) if active[i] for j in range(n) if j != i}

    def pullback(
        self, adjoint: Any, argument: int, operands: Sequence[Any], shape: Shape, options: Options
    ) -> Any:
        """Apply the transpose in this argument to the adjoint."""
        return sum_to(self.transpose(argument, adjoint, shape, operands[1:], **options), shape)


# where and concatenate


def where_transpose(argument: int, g: Any, operands: Sequence[Any]) -> Any:
    """Hand the adjoint to the operand that was chosen, entry by entry."""
    chosen = operands[0]
    return np.where(chosen, g, 0.0) if argument == 1 else np.where(chosen, 0.0, g)


def read_where(condition: Any, x: Any, y: Any, /) -> Bound:
    """Read the arguments of where, all three; with the condition alone it would give positions."""
    return (condition, x, y), {}


def read_concatenate(arrays: Any, /, axis: int | None = 0) -> Bound:
    """Read the arguments of concatenate: the arrays of the list are the operands."""
    if axis is None:
        arrays, axis = [np.reshape(a, -1) for a in arrays], 0
    axis = axes(axis, len(shape_of(arrays[0])))[0]
    ends = tuple(itertools.accumulate((shape_of(a)[axis] for a in arrays), initial=0))
    return tuple(arrays), {"axis": axis, "ends": ends}


def concatenate(*arrays: Any, axis: int, ends: tuple[int, ...]) -> Any:
    """`np.concatenate` with its arrays as arguments; `ends` is for the transpose."""
    return np.concatenate(arrays, axis=axis)


def concatenate_transpose(
    argument: int, g: Any, operands: Sequence[Any], axis: int, ends: tuple[int, ...]
) -> Any:
    """Cut the adjoint where the arrays were joined."""
    return index(g, (slice(None),) * axis + (slice(ends[argument], ends[argument + 1]),))


# Matrix products and sums of products


def matmul_transpose(
    argument: int, g: Any, shape: Shape, operands: Sequence[Any]
) -> Any:
    """g Bᵀ for A and Aᵀ g for B; a vector counts as one row on the left, one column on the right."""
    other = operands[1 - argument]
    if len(shape) == 1 and len(shape_of(other)) == 1:
        return g * other
    if argument == 0:
        if len(shape) == 1:  # g lost the row axis
            return index(np.matmul(other, np.expand_dims(g, -1)), (..., 0))
        if len(shape_of(other)) == 1:
            return np.expand_dims(g, -1) * other
        return np.matmul(g, np.swapaxes(other, -1, -2))
    if len(shape_of(other)) == 1:
        return np.expand_dims(other, -1) * np.expand_dims(g, -2)
    if len(shape) == 1:  # g lost the column axis
        return index(np.matmul(np.swapaxes(other, -1, -2), np.expand_dims(g, -1)), (..., 0))
    return np.matmul(np.swapaxes(other, -1, -2), g)


def matmul_batched(argument: int, operands: Sequence[Any]) -> Any:
    """Multiply by a whole batch of tangents: in one product, where they are vectors or matrices."""
    x, y = operands
    ranks = [len(shape_of(o)) - (k == argument) for k, o in enumerate(operands)]
    if max(ranks) > 2:
        return by_slices(
            lambda n: np.matmul(
                *(index(o, (..., n)) if k == argument else o for k, o in enumerate(operands))
            ),
            shape_of(operands[argument])[-1],
        )
    if argument == 1 and ranks[1] == 1:
        return np.matmul(x, y)
    if argument == 1:
        return np.tensordot(x, y, axes=((ranks[0] - 1,), (0,)))
    return np.moveaxis(np.tensordot(x, y, axes=((ranks[0] - 1,), (0,))), ranks[0] - 1, -1)


def spare_letters(terms: Sequence[str]) -> Iterator[str]:
    """Letters that no subscript uses yet."""
    return (c for c in reversed(string.ascii_letters) if c not in "".join(terms))


def read_einsum(subscripts: Any, /, *operands: Any, optimize: Any = True) -> Bound:
    """Read the arguments of einsum; the subscripts are completed to the explicit form.

    `optimize` is about the order of the work, not about what is computed, and may be anything.
    """
    if not isinstance(subscripts, str):
        raise TypeError("subscripts must be a string, as in 'ij,jk->ik'")
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(operands):
        raise TypeError(f"{len(terms)} subscripts for {len(operands)} operands")
    if "..." in subscripts:
        terms, output = _without_ellipsis(terms, output, bool(arrow), operands)
    elif not arrow:
        letters = "".join(terms)
        output = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return operands, {"terms": tuple(terms), "output": output}


def _without_ellipsis(
    terms: list[str], output: str, explicit: bool, operands: Sequence[Any]
) -> tuple[list[str], str]:
    """Write the axes that an ellipsis stands for as letters of their own."""
    spare = list(spare_letters([*terms, output]))
    ranks = [len(shape_of(o)) - len(t.replace("...", "")) for t, o in zip(terms, operands, strict=True)]
    longest = max(r for t, r in zip(terms, ranks, strict=True) if "..." in t)
    letters = "".join(spare[:longest])
    if not explicit:
        named = "".join(t.replace("...", "") for t in terms)
        output = "..." + "".join(sorted(c for c in set(named) if named.count(c) == 1))
    filled = [t.replace("...", letters[longest - r :]) for t, r in zip(terms, ranks, strict=True)]
    return filled, output.replace("...", letters)


def einsum(*operands: Any, terms: Sequence[str], output: str) -> Any:
    """`np.einsum` in its explicit form; more than two operands are taken two at a time."""
    return np.einsum(f"{','.join(terms)}->{output}", *operands, optimize=len(operands) > 2)


def einsum_transpose(
    argument: int,
    g: Any,
    shape: Shape,
    operands: Sequence[Any],
    terms: Sequence[str],
    output: str,
) -> Any:
    """The sum of products with the adjoint in the place of the argument.

    A letter that only the argument has was summed: a vector of ones brings it back. A letter that
    the argument repeats was a diagonal: an identity matrix puts it back. An axis of length 1 may
    have been stretched: whatever it became is summed.
    """
    dtype = getattr(g, "dtype", float)
    others = [(t, o) for k, (t, o) in enumerate(zip(terms, operands, strict=True)) if k != argument]
    present = set(output).union(
        *({c for c, n in zip(t, shape_of(o), strict=True) if n != 1} for t, o in others)
    )
    own = ""
    spare = spare_letters(terms)
    for letter, n in zip(terms[argument], shape, strict=True):
        if n == 1:
            continue
        if letter in own:
            twin = next(spare)
            others.append((letter + twin, np.eye(n, dtype=dtype)))
            own += twin
        else:
            own += letter
            if letter not in present:
                others.append((letter, np.ones(n, dtype=dtype)))
    names = ",".join([output, *(t for t, _ in others)])
    return np.reshape(np.einsum(f"{names}->{own}", g, *(o for _, o in others)), shape)


def einsum_batched(
    argument: int, operands: Sequence[Any], terms: Sequence[str], output: str
) -> Any:
    """Give the argument's tangent one more letter, which passes through to the answer."""
    batch = next(spare_letters(terms))
    longer = [t + batch if k == argument else t for k, t in enumerate(terms)]
    return np.einsum(f"{','.join(longer)}->{output}{batch}", *operands)


ROWS: tuple[Row, ...] = (
    Joint(function=np.where, name="where", read=read_where, fixed=1, transpose=where_transpose),
    Joint(
        function=concatenate,
        name="concatenate",
        read=read_concatenate,
        transpose=concatenate_transpose,
    ),
    Product(
        function=np.matmul, name="matmul", transpose=matmul_transpose, batched=matmul_batched
    ),
    Product(
        function=einsum,
        name="einsum",
        read=read_einsum,
        transpose=einsum_transpose,
        batched=einsum_batched,
    ),
)
