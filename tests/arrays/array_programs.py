"""Sample calls of the functions that are small programs of other rows."""

from __future__ import annotations

import numpy as np
from array_samples import COLUMNS, MASK, K, S

# Far from all the places where clip and divmod bend or jump, so that differences do not meet them.
APART = np.array([[0.7, -1.3, 2.4], [-0.3, 1.1, -2.2]])
LIMITS = np.array([0.9, -0.6, 1.7])

PARTS = {
    np.split: [
        S(lambda x: np.concatenate(np.split(x, 2)[::-1]), (4, 2)),
        S(lambda x: np.split(x, [1, 3], axis=1)[1] * np.split(x, [2], 1)[0], (2, 4)),
    ],
    np.array_split: [S(lambda x: np.concatenate(np.array_split(x, 3)[1:]), (5,))],
    np.hsplit: [S(lambda x: np.hsplit(x, 2)[1], (2, 4))],
    np.vsplit: [S(lambda x: np.vsplit(x, 2)[0], (4, 2))],
    np.dsplit: [S(lambda x: np.dsplit(x, 2)[1], (2, 1, 4))],
    np.divmod: [
        K(lambda x, y: np.divmod(x, y)[1] * np.divmod(x, y)[0], APART, LIMITS),
        K(lambda x: divmod(x, 0.9)[1], APART),
    ],
    np.broadcast_arrays: [
        S(lambda x, y: np.broadcast_arrays(x, y)[0] * np.broadcast_arrays(x, y)[1], (2, 1), (3,)),
    ],
}

SHAPES = {
    np.ravel: [S(lambda x: np.ravel(x), (2, 3)), S(lambda x: np.ravel(x), ())],
    np.expand_dims: [
        S(lambda x: np.expand_dims(x, 1), (2, 3)),
        S(lambda x: np.expand_dims(x, axis=(0, -1)), (2, 3)),
    ],
    np.squeeze: [
        S(lambda x: np.squeeze(x), (1, 3, 1)),
        S(lambda x: np.squeeze(x, axis=-1), (1, 3, 1)),
        S(lambda x: np.squeeze(x), (1, 1)),
    ],
    np.atleast_1d: [S(lambda x: np.atleast_1d(x), ()), S(lambda x: np.atleast_1d(x), (2,))],
    np.atleast_2d: [S(lambda x: np.atleast_2d(x), (3,))],
    np.atleast_3d: [S(lambda x: np.atleast_3d(x), (2, 3))],
    np.swapaxes: [S(lambda x: np.swapaxes(x, 0, -1), (2, 3, 4))],
    np.moveaxis: [
        S(lambda x: np.moveaxis(x, 0, -1), (2, 3, 4)),
        S(lambda x: np.moveaxis(x, [0, -1], [-1, 1]), (2, 3, 4)),
    ],
    np.rollaxis: [S(lambda x: np.rollaxis(x, 2), (2, 3, 4))],
}

MOVES = {
    np.flip: [
        S(lambda x: np.flip(x), (2, 3)),
        S(lambda x: np.flip(x, axis=-1), (2, 3)),
        S(lambda x: np.flip(x, (0, 1)), (2, 3)),
    ],
    np.fliplr: [S(lambda x: np.fliplr(x), (2, 3))],
    np.flipud: [S(lambda x: np.flipud(x), (2, 3))],
    np.roll: [
        S(lambda x: np.roll(x, 1), (2, 3)),
        S(lambda x: np.roll(x, -2, axis=1), (2, 3)),
        S(lambda x: np.roll(x, (1, 2), axis=(0, -1)), (2, 3)),
    ],
    np.rot90: [S(lambda x: np.rot90(x), (2, 3)), S(lambda x: np.rot90(x, 2, (1, 2)), (2, 3, 2))],
    np.tile: [
        S(lambda x: np.tile(x, 3), (2,)),
        S(lambda x: np.tile(x, (2, 1, 2)), (2, 3)),
        S(lambda x: np.tile(x, 2), ()),
    ],
    np.repeat: [
        S(lambda x: np.repeat(x, 2), (2, 3)),
        S(lambda x: np.repeat(x, 3, axis=-1), (2, 2)),
        S(lambda x: np.repeat(x, [2, 0, 1], axis=0), (3, 2)),
        S(lambda x: np.repeat(x, 3), ()),
    ],
    np.take: [
        S(lambda x: np.take(x, [1, 1, 5]), (2, 3)),
        S(lambda x: np.take(x, COLUMNS, axis=1), (2, 3)),
        S(lambda x: np.take(x, -1, axis=0), (2, 3)),
        S(lambda x: np.take(x, [0, 7], mode="wrap"), (3,)),
    ],
    np.take_along_axis: [
        S(lambda x: np.take_along_axis(x, np.array([[2, 2], [0, 1]]), axis=1), (2, 3)),
    ],
    np.delete: [
        S(lambda x: np.delete(x, 1, axis=1), (2, 3)),
        S(lambda x: np.delete(x, [0, 2]), (4,)),
    ],
    np.resize: [S(lambda x: np.resize(x, (3, 3)), (2, 2))],
    np.diag: [
        S(lambda x: np.diag(x), (3,)),
        S(lambda x: np.diag(x, -1), (2,)),
        S(lambda x: np.diag(x), (2, 3)),
        S(lambda x: np.diag(x, k=1), (3, 3)),
    ],
    np.diagflat: [S(lambda x: np.diagflat(x), (2, 2))],
    np.diagonal: [
        S(lambda x: np.diagonal(x), (3, 3)),
        S(lambda x: np.diagonal(x, 1, axis1=-2, axis2=-1), (2, 3, 3)),
    ],
    np.triu: [S(lambda x: np.triu(x), (3, 3)), S(lambda x: np.triu(x, 1), (2, 3, 3))],
    np.tril: [S(lambda x: np.tril(x, k=-1), (3, 4))],
    np.pad: [
        S(lambda x: np.pad(x, 1), (2, 3)),
        S(lambda x: np.pad(x, ((1, 0), (0, 2))), (2, 3)),
        S(lambda x: np.pad(x, (2, 1), constant_values=3.0), (3,)),
        S(lambda x: np.pad(x, 1, "constant", constant_values=((1, 2), (3, 4))), (2, 3)),
        S(lambda x: np.pad(x, (2, 1), mode="edge"), (3,)),
        S(lambda x: np.pad(x, (2, 1), mode="reflect"), (3,)),
        S(lambda x: np.pad(x, 1, mode="symmetric"), (2, 3)),
        S(lambda x: np.pad(x, (1, 2), mode="wrap"), (3,)),
    ],
    np.copy: [S(lambda x: np.copy(x), (2, 3)), S(lambda x: np.copy(x), ())],
}

JOINS = {
    np.stack: [
        S(lambda x, y: np.stack([x, y]), (3,), (3,)),
        S(lambda x, y: np.stack([x, y, x], axis=-1), (2, 3), (2, 3)),
        S(lambda x, y: np.stack([x, y, np.float64(2.0)]), (), ()),
    ],
    np.hstack: [
        S(lambda x, y: np.hstack([x, y]), (2, 3), (2, 1)),
        S(lambda x, y: np.hstack([x, y]), (3,), ()),
    ],
    np.vstack: [S(lambda x, y: np.vstack([x, y]), (2, 3), (3,))],
    np.column_stack: [S(lambda x, y: np.column_stack([x, y]), (3, 2), (3,))],
    np.append: [
        S(lambda x, y: np.append(x, y), (2, 3), ()),
        S(lambda x, y: np.append(x, y, axis=0), (2, 3), (1, 3)),
    ],
    np.diff: [
        S(lambda x: np.diff(x), (2, 4)),
        S(lambda x: np.diff(x, 2, axis=0), (4, 2)),
        S(lambda x: np.diff(x, n=0), (3,)),
    ],
    np.full_like: [
        S(lambda x, y: np.full_like(x, y), (2, 3), (3,)),
        S(lambda x: np.full_like(x, 2.0) * x, (3,)),
    ],
}

PRODUCTS = {
    np.dot: [
        S(lambda x, y: np.dot(x, y), (3,), (3,)),
        S(lambda x, y: np.dot(x, y), (2, 3), (3, 2)),
        S(lambda x, y: np.dot(x, y), (2, 3), (3,)),
        S(lambda x, y: np.dot(x, y), (), (2, 3)),
        S(lambda x, y: np.dot(x, y), (2, 2, 3), (3,)),
        S(lambda x, y: np.dot(x, y), (2, 3), (4, 3, 2)),
        S(lambda x, y: np.dot(x, y), (3,), (4, 3, 2)),
    ],
    np.inner: [
        S(lambda x, y: np.inner(x, y), (3,), (3,)),
        S(lambda x, y: np.inner(x, y), (2, 3), (4, 3)),
        S(lambda x, y: np.inner(x, y), (2, 3), ()),
    ],
    np.outer: [
        S(lambda x, y: np.outer(x, y), (2,), (3,)),
        S(lambda x, y: np.outer(x, y), (2, 2), (3,)),
    ],
    np.vdot: [K(lambda x, y: np.vdot(x, y), (2, 3), (2, 3))],
    np.tensordot: [
        S(lambda x, y: np.tensordot(x, y), (2, 3, 4), (3, 4, 2)),
        S(lambda x, y: np.tensordot(x, y, axes=0), (2,), (3,)),
        S(lambda x, y: np.tensordot(x, y, 1), (2, 3), (3, 2)),
        S(lambda x, y: np.tensordot(x, y, axes=([0, -1], [2, 0])), (2, 3, 4), (4, 3, 2)),
        S(lambda x, y: np.tensordot(x, y, (1, 0)), (2, 3), (3,)),
    ],
    np.kron: [
        S(lambda x, y: np.kron(x, y), (2,), (3,)),
        S(lambda x, y: np.kron(x, y), (2, 3), (2, 2)),
        S(lambda x, y: np.kron(x, y), (2,), (2, 2)),
    ],
    np.trace: [
        S(lambda x: np.trace(x), (3, 3)),
        S(lambda x: np.trace(x, 1, axis1=1, axis2=2), (2, 3, 3)),
    ],
    np.average: [
        S(lambda x: np.average(x), (2, 3)),
        S(lambda x: np.average(x, axis=1, weights=[1.0, 2.0, 3.0]), (2, 3)),
        S(
            lambda x, w: np.average(x, 0, weights=w),
            (3, 2),
            np.array([[1.0, 0.5], [2, 1], [0.3, 1]]),
        ),
    ],
    np.ptp: [S(lambda x: np.ptp(x), (2, 3)), S(lambda x: np.ptp(x, axis=1), (2, 3))],
    np.clip: [
        K(lambda x, y: np.clip(x, y, None), APART, LIMITS),
        K(lambda x, y: np.clip(x, None, y), APART[:, :1], LIMITS),
        K(lambda x: np.clip(x, a_min=-1.5, a_max=np.array([0.2, 0.3, 0.4])), APART),
        K(lambda x, y: np.clip(x, min=-1, max=y), APART, np.array(0.2)),
        K(lambda x: np.clip(x, MASK - 1.0, MASK + 0.5), APART),
    ],
}

PROGRAMS = {**PARTS, **SHAPES, **MOVES, **JOINS, **PRODUCTS}
