"""Sample calls of the functions that are small programs of other rows."""

from __future__ import annotations

import numpy as np
from array_samples import COLUMNS, MASK, call, real

# Far from all the places where clip and divmod bend or jump, so that differences do not meet them.
APART = np.array([[0.7, -1.3, 2.4], [-0.3, 1.1, -2.2]])
LIMITS = np.array([0.9, -0.6, 1.7])

PARTS = {
    np.split: [
        call(lambda x: np.concatenate(np.split(x, 2)[::-1]), (4, 2)),
        call(lambda x: np.split(x, [1, 3], axis=1)[1] * np.split(x, [2], 1)[0], (2, 4)),
    ],
    np.array_split: [call(lambda x: np.concatenate(np.array_split(x, 3)[1:]), (5,))],
    np.hsplit: [call(lambda x: np.hsplit(x, 2)[1], (2, 4))],
    np.vsplit: [call(lambda x: np.vsplit(x, 2)[0], (4, 2))],
    np.dsplit: [call(lambda x: np.dsplit(x, 2)[1], (2, 1, 4))],
    np.divmod: [
        real(lambda x, y: np.divmod(x, y)[1] * np.divmod(x, y)[0], APART, LIMITS),
        real(lambda x: divmod(x, 0.9)[1], APART),
    ],
    np.broadcast_arrays: [
        call(
            lambda x, y: np.broadcast_arrays(x, y)[0] * np.broadcast_arrays(x, y)[1], (2, 1), (3,)
        ),
    ],
}

SHAPES = {
    np.ravel: [call(lambda x: np.ravel(x), (2, 3)), call(lambda x: np.ravel(x), ())],
    np.expand_dims: [
        call(lambda x: np.expand_dims(x, 1), (2, 3)),
        call(lambda x: np.expand_dims(x, axis=(0, -1)), (2, 3)),
    ],
    np.squeeze: [
        call(lambda x: np.squeeze(x), (1, 3, 1)),
        call(lambda x: np.squeeze(x, axis=-1), (1, 3, 1)),
        call(lambda x: np.squeeze(x), (1, 1)),
    ],
    np.atleast_1d: [call(lambda x: np.atleast_1d(x), ()), call(lambda x: np.atleast_1d(x), (2,))],
    np.atleast_2d: [call(lambda x: np.atleast_2d(x), (3,))],
    np.atleast_3d: [call(lambda x: np.atleast_3d(x), (2, 3))],
    np.swapaxes: [call(lambda x: np.swapaxes(x, 0, -1), (2, 3, 4))],
    np.moveaxis: [
        call(lambda x: np.moveaxis(x, 0, -1), (2, 3, 4)),
        call(lambda x: np.moveaxis(x, [0, -1], [-1, 1]), (2, 3, 4)),
    ],
    np.rollaxis: [call(lambda x: np.rollaxis(x, 2), (2, 3, 4))],
}

MOVES = {
    np.flip: [
        call(lambda x: np.flip(x), (2, 3)),
        call(lambda x: np.flip(x, axis=-1), (2, 3)),
        call(lambda x: np.flip(x, (0, 1)), (2, 3)),
    ],
    np.fliplr: [call(lambda x: np.fliplr(x), (2, 3))],
    np.flipud: [call(lambda x: np.flipud(x), (2, 3))],
    np.roll: [
        call(lambda x: np.roll(x, 1), (2, 3)),
        call(lambda x: np.roll(x, -2, axis=1), (2, 3)),
        call(lambda x: np.roll(x, (1, 2), axis=(0, -1)), (2, 3)),
    ],
    np.rot90: [
        call(lambda x: np.rot90(x), (2, 3)),
        call(lambda x: np.rot90(x, 2, (1, 2)), (2, 3, 2)),
    ],
    np.tile: [
        call(lambda x: np.tile(x, 3), (2,)),
        call(lambda x: np.tile(x, (2, 1, 2)), (2, 3)),
        call(lambda x: np.tile(x, 2), ()),
    ],
    np.repeat: [
        call(lambda x: np.repeat(x, 2), (2, 3)),
        call(lambda x: np.repeat(x, 3, axis=-1), (2, 2)),
        call(lambda x: np.repeat(x, [2, 0, 1], axis=0), (3, 2)),
        call(lambda x: np.repeat(x, 3), ()),
    ],
    np.take: [
        call(lambda x: np.take(x, [1, 1, 5]), (2, 3)),
        call(lambda x: np.take(x, COLUMNS, axis=1), (2, 3)),
        call(lambda x: np.take(x, -1, axis=0), (2, 3)),
        call(lambda x: np.take(x, [0, 7], mode="wrap"), (3,)),
    ],
    np.take_along_axis: [
        call(lambda x: np.take_along_axis(x, np.array([[2, 2], [0, 1]]), axis=1), (2, 3)),
    ],
    np.delete: [
        call(lambda x: np.delete(x, 1, axis=1), (2, 3)),
        call(lambda x: np.delete(x, [0, 2]), (4,)),
    ],
    np.resize: [call(lambda x: np.resize(x, (3, 3)), (2, 2))],
    np.diag: [
        call(lambda x: np.diag(x), (3,)),
        call(lambda x: np.diag(x, -1), (2,)),
        call(lambda x: np.diag(x), (2, 3)),
        call(lambda x: np.diag(x, k=1), (3, 3)),
    ],
    np.diagflat: [call(lambda x: np.diagflat(x), (2, 2))],
    np.diagonal: [
        call(lambda x: np.diagonal(x), (3, 3)),
        call(lambda x: np.diagonal(x, 1, axis1=-2, axis2=-1), (2, 3, 3)),
    ],
    np.triu: [call(lambda x: np.triu(x), (3, 3)), call(lambda x: np.triu(x, 1), (2, 3, 3))],
    np.tril: [call(lambda x: np.tril(x, k=-1), (3, 4))],
    np.pad: [
        call(lambda x: np.pad(x, 1), (2, 3)),
        call(lambda x: np.pad(x, ((1, 0), (0, 2))), (2, 3)),
        call(lambda x: np.pad(x, (2, 1), constant_values=3.0), (3,)),
        call(lambda x: np.pad(x, 1, "constant", constant_values=((1, 2), (3, 4))), (2, 3)),
        call(lambda x: np.pad(x, (2, 1), mode="edge"), (3,)),
        call(lambda x: np.pad(x, (2, 1), mode="reflect"), (3,)),
        call(lambda x: np.pad(x, 1, mode="symmetric"), (2, 3)),
        call(lambda x: np.pad(x, (1, 2), mode="wrap"), (3,)),
    ],
    np.copy: [call(lambda x: np.copy(x), (2, 3)), call(lambda x: np.copy(x), ())],
}

JOINS = {
    np.stack: [
        call(lambda x, y: np.stack([x, y]), (3,), (3,)),
        call(lambda x, y: np.stack([x, y, x], axis=-1), (2, 3), (2, 3)),
        call(lambda x, y: np.stack([x, y, np.float64(2.0)]), (), ()),
    ],
    np.hstack: [
        call(lambda x, y: np.hstack([x, y]), (2, 3), (2, 1)),
        call(lambda x, y: np.hstack([x, y]), (3,), ()),
    ],
    np.vstack: [call(lambda x, y: np.vstack([x, y]), (2, 3), (3,))],
    np.column_stack: [call(lambda x, y: np.column_stack([x, y]), (3, 2), (3,))],
    np.append: [
        call(lambda x, y: np.append(x, y), (2, 3), ()),
        call(lambda x, y: np.append(x, y, axis=0), (2, 3), (1, 3)),
    ],
    np.diff: [
        call(lambda x: np.diff(x), (2, 4)),
        call(lambda x: np.diff(x, 2, axis=0), (4, 2)),
        call(lambda x: np.diff(x, n=0), (3,)),
    ],
    np.full_like: [
        call(lambda x: np.full_like(x, x[0]) + x, (2, 3)),
        call(lambda x: np.full_like(x, 2.0) * x, (3,)),
    ],
}

PRODUCTS = {
    np.dot: [
        call(lambda x, y: np.dot(x, y), (3,), (3,)),
        call(lambda x, y: np.dot(x, y), (2, 3), (3, 2)),
        call(lambda x, y: np.dot(x, y), (2, 3), (3,)),
        call(lambda x, y: np.dot(x, y), (), (2, 3)),
        call(lambda x, y: np.dot(x, y), (2, 2, 3), (3,)),
        call(lambda x, y: np.dot(x, y), (2, 3), (4, 3, 2)),
        call(lambda x, y: np.dot(x, y), (3,), (4, 3, 2)),
    ],
    np.inner: [
        call(lambda x, y: np.inner(x, y), (3,), (3,)),
        call(lambda x, y: np.inner(x, y), (2, 3), (4, 3)),
        call(lambda x, y: np.inner(x, y), (2, 3), ()),
    ],
    np.outer: [
        call(lambda x, y: np.outer(x, y), (2,), (3,)),
        call(lambda x, y: np.outer(x, y), (2, 2), (3,)),
    ],
    np.vdot: [real(lambda x, y: np.vdot(x, y), (2, 3), (2, 3))],
    np.tensordot: [
        call(lambda x, y: np.tensordot(x, y), (2, 3, 4), (3, 4, 2)),
        call(lambda x, y: np.tensordot(x, y, axes=0), (2,), (3,)),
        call(lambda x, y: np.tensordot(x, y, 1), (2, 3), (3, 2)),
        call(lambda x, y: np.tensordot(x, y, axes=([0, -1], [2, 0])), (2, 3, 4), (4, 3, 2)),
        call(lambda x, y: np.tensordot(x, y, (1, 0)), (2, 3), (3,)),
    ],
    np.kron: [
        call(lambda x, y: np.kron(x, y), (2,), (3,)),
        call(lambda x, y: np.kron(x, y), (2, 3), (2, 2)),
        call(lambda x, y: np.kron(x, y), (2,), (2, 2)),
    ],
    np.trace: [
        call(lambda x: np.trace(x), (3, 3)),
        call(lambda x: np.trace(x, 1, axis1=1, axis2=2), (2, 3, 3)),
    ],
    np.average: [
        call(lambda x: np.average(x), (2, 3)),
        call(lambda x: np.average(x, axis=1, weights=[1.0, 2.0, 3.0]), (2, 3)),
        call(
            lambda x, w: np.average(x, 0, weights=w),
            (3, 2),
            np.array([[1.0, 0.5], [2, 1], [0.3, 1]]),
        ),
    ],
    np.ptp: [call(lambda x: np.ptp(x), (2, 3)), call(lambda x: np.ptp(x, axis=1), (2, 3))],
    np.clip: [
        real(lambda x, y: np.clip(x, y, None), APART, LIMITS),
        real(lambda x, y: np.clip(x, None, y), APART[:, :1], LIMITS),
        real(lambda x: np.clip(x, a_min=-1.5, a_max=np.array([0.2, 0.3, 0.4])), APART),
        real(lambda x, y: np.clip(x, min=-1, max=y), APART, np.array(0.2)),
        real(lambda x: np.clip(x, MASK - 1.0, MASK + 0.5), APART),
    ],
}

# Of masks, which are plain here; tests of traces have them recorded.
MASKS = {
    **{
        f: [real(lambda x, f=f: np.where(f(x > 0, x < 2), x, 0.5 * x), APART)]
        for f in (np.bitwise_and, np.bitwise_or, np.bitwise_xor)
    },
    np.invert: [real(lambda x: np.where(np.invert(x > 0), x, 0.5 * x), APART)],
}

PROGRAMS = {**PARTS, **MASKS, **SHAPES, **MOVES, **JOINS, **PRODUCTS}
