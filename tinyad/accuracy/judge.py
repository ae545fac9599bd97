"""Hold a derivative against slopes that were measured, and say what the difference means."""

from __future__ import annotations

import math
from functools import partial

from tinyad.accuracy.quotients import Estimate, Line, central, jumps, one_sided, remainder_slope
from tinyad.accuracy.report import NOTED, OK, WRONG, Entry


def entry_verdict(where: str, found: dict[str, float], line: Line) -> Entry:
    """Compare the derivatives of one entry with difference quotients."""
    best = central(line)
    values = list(found.values())
    size, relative = max(map(abs, values)), line.u**0.4
    sound = best.sound(max(size, line.size))
    tolerance = relative * max(size, abs(best.value)) + 10 * best.error if sound else math.nan
    entry = partial(Entry, where, found, best.value, tolerance)
    if not all(map(math.isfinite, values)):
        return entry(WRONG, f"The derivative is not finite, the function is. {_sides(line)}")
    if max(values) - min(values) > relative * size:
        return entry(WRONG, _sides(line))
    if not sound and jumps(line):
        return entry(NOTED, "The function jumps here; it has no derivative to compare with.")
    if note := _kink(values[0], line):
        return entry(NOTED, note)
    if not sound:
        return entry(NOTED, "Differences have no digits here; the Taylor remainder must tell.")
    if all(abs(v - best.value) <= tolerance for v in values):
        return entry(OK)
    return entry(WRONG, _sides(line))


def _kink(value: float, line: Line) -> str:
    """Say so if one-sided slopes differ and the derivative is between, or one of them; else ''."""
    right, left = one_sided(line, 1.0), one_sided(line, -1.0)
    sound = [e.sound(max(abs(value), line.size)) for e in (right, left)]
    near = [
        ok and abs(value - e.value) <= line.u**0.4 * abs(value) + 10 * e.error
        for e, ok in zip((right, left), sound, strict=True)
    ]
    if all(sound) and not _same(right, left):
        low, high = sorted((right.value, left.value))
        if any(near) or low <= value <= high:
            return (
                f"A kink is here or near: the slope is {left.value:.4g} on the left and "
                f"{right.value:.4g} on the right, the derivative between them."
            )
    elif sound[0] != sound[1] and any(near) and not central(line).sound(line.size):
        side = "right" if near[0] else "left"
        return f"Only the slope on the {side} could be measured; the derivative is that one."
    return ""


def _same(a: Estimate, b: Estimate) -> bool:
    return abs(a.value - b.value) <= 10 * (a.error + b.error) + 1e-6 * (abs(a.value) + abs(b.value))


def _sides(line: Line) -> str:
    right, left = one_sided(line, 1.0), one_sided(line, -1.0)
    sound = [e.sound(line.size) for e in (left, right)]
    if all(sound) and _same(right, left):
        return ""
    names = [
        f"{e.value:.4g}" if ok else "not to be measured"
        for e, ok in zip((left, right), sound, strict=True)
    ]
    return f"One-sided slopes: {names[0]} on the left, {names[1]} on the right."


def remainder_verdict(line: Line, mode: str, slope: float) -> tuple[str, str]:
    """Judge a directional derivative by the power with which the remainder falls."""
    of = f" ({mode} mode)" if mode else ""
    if not math.isfinite(slope):
        return WRONG, f"The derivative along a random direction{of} is {slope}."
    fall = remainder_slope(line, slope)
    if jumps(line):
        return NOTED, f"The function jumps here, so there is no Taylor remainder{of} to look at."
    if fall is None:
        return OK, f"The Taylor remainder{of} is round-off: the function is straight here."
    sentence = f"The Taylor remainder{of} falls like h to the power {fall:.1f}; "
    if fall > 1.5:
        return OK, sentence + "from 2 on the gradient is right."
    best = central(line)
    near = (
        best.sound(line.size)
        and abs(best.value - slope) <= line.u**0.4 * abs(slope) + 10 * best.error
    )
    if near or _kink(slope, line):
        return NOTED, sentence + "a kink lies near in this direction."
    return WRONG, sentence + "with the right gradient it would be 2."
