"""Plausible wrong answers to the tasks of exercise 13."""

from __future__ import annotations

from wrong import Wrong


def _verdicts(*words: str) -> str:
    return f"def float_verdicts():\n    return {list(words)}"


def _half(ordinary: str, small: str) -> str:
    return (
        "def half_value(bits):\n"
        "    sign, exponent, fraction = bits >> 15, bits >> 10 & 31, bits & 1023\n"
        f"    size = {small} if exponent == 0 else {ordinary}\n"
        "    return -size if sign else size"
    )


def _traveled(*turn: str, start: str = "error = 0.0", result: str = "error") -> str:
    lines = "\n        ".join(turn)
    return (
        "def traveled(steps, x, own):\n"
        f"    {start}\n"
        "    for step, made in zip(steps, own):\n"
        f"        {lines}\n"
        f"    return {result}"
    )


def _lines(first: object, second: object) -> str:
    return f"def lost_and_shown():\n    return {first}, {second}"


def _sum(turn: str, values: str = "values") -> str:
    return (
        "def kept_sum(values):\n"
        "    total = lost = 0.0\n"
        f"    for value in {values}:\n"
        f"{turn}"
        "    return total"
    )


_E, _R, _A = "exact", "rounded", "absorbed"
_KAPPA = "kappa = x * ad.derivative(step)(x) / step(x)"
_ORDINARY, _SMALL = "(1 + fraction / 1024) * 2.0 ** (exponent - 15)", "fraction / 1024 * 2.0**-14"

WRONG = [
    Wrong("float_verdicts", _verdicts(_A, _R, _R, _E, _E, _R), "subtraction of two neighbors"),
    Wrong("float_verdicts", _verdicts(_A, _E, _R, _E, _A, _R), "Below a power of two"),
    Wrong("float_verdicts", _verdicts(_A, _E, _R, _R, _E, _R), "as a factor changes the exponent"),
    Wrong("float_verdicts", _verdicts(_R, _E, _R, _E, _E, _R), "compare half of it"),
    Wrong("float_verdicts", _verdicts(_A, _E, _E, _E, _E, _R), "more binary digits"),
    Wrong("float_verdicts", _verdicts(_A, _E, _A, _E, _E, _R), "Nothing vanishes here"),
    Wrong("float_verdicts", _verdicts(_A, _E, _R, _E, _E, _A), "Only a sum or a difference"),
    Wrong("float_verdicts", _verdicts(_A, _E, _R), "6 words", "cannot run"),
    Wrong("float_verdicts", _verdicts(_A, _E, _R, _E, _E, "lost"), "Each word is", "cannot run"),
    Wrong(
        "half_value",
        _half("(1 + fraction / 1024) * 2.0 ** (exponent - 127)", "fraction / 1024 * 2.0**-126"),
        "bias of a float32",
    ),
    Wrong(
        "half_value",
        _half("fraction / 1024 * 2.0 ** (exponent - 15)", _SMALL),
        "not stored, but it counts",
    ),
    Wrong(
        "half_value",
        _half("(1 + fraction / 2**23) * 2.0 ** (exponent - 15)", "fraction / 2**23 * 2.0**-14"),
        "10 bits here",
    ),
    Wrong(
        "half_value",
        _half("(1 + fraction / 1024) * 2.0 ** (exponent - 16)", "fraction / 1024 * 2.0**-15"),
        "off by one",
    ),
    Wrong("half_value", _half(_ORDINARY, "(1 + fraction / 1024) * 2.0**-15"), "no 1 in front"),
    Wrong("half_value", _half(_ORDINARY, "fraction / 1024 * 2.0**-15"), "gaps go on evenly"),
    Wrong("half_value", _half("(1 + fraction / 1024) * 2.0**exponent", "0.0"), "Take it off again"),
    Wrong("traveled", _traveled("error += made"), "only added up"),
    Wrong(
        "traveled",
        _traveled(_KAPPA, "error = kappa * (error + made)", "x = step(x)"),
        "does not multiply the error that it makes itself",
    ),
    Wrong("traveled", _traveled(_KAPPA, "error = kappa * error + made"), "input of the program"),
    Wrong(
        "traveled",
        _traveled("error = ad.derivative(step)(x) * error + made", "x = step(x)"),
        "multiplies absolute errors",
    ),
    Wrong(
        "traveled",
        _traveled(_KAPPA, "error = abs(kappa) * error + made", "x = step(x)"),
        "sign got lost",
    ),
    Wrong("traveled", _traveled("error = made"), "must be kept along the way"),
    Wrong("lost_and_shown", _lines(15, 15), "subtracts neighbors"),
    Wrong("lost_and_shown", _lines(15, 20), "subtracts neighbors"),
    Wrong("lost_and_shown", _lines(11, 12), "subtracts neighbors"),
    Wrong("lost_and_shown", _lines(15, 14), "order is turned round"),
    Wrong("lost_and_shown", _lines(12, 16), "goes on as a factor"),
    Wrong("lost_and_shown", _lines(6, 20), "small square"),
    Wrong("lost_and_shown", _lines(14, 20), "A later line shows the loss"),
    Wrong("lost_and_shown", _lines(8, 15), "further down"),
    Wrong("lost_and_shown", _lines(18, 20), "further up"),
    Wrong("lost_and_shown", _lines(0, 21), "numbers 1 to 20", "cannot run"),
    Wrong("kept_sum", _sum("        total = total + value\n"), "not handed on"),
    Wrong("kept_sum", _sum("        total = total + value\n", "sorted(values)"), "first is a help"),
    Wrong(
        "kept_sum",
        _sum(
            "        y = value - lost\n"
            "        larger = total + y\n"
            "        lost = y - (larger - total)\n"
            "        total = larger\n"
        ),
        "wrong sign",
    ),
    Wrong(
        "kept_sum",
        "import math\n\ndef kept_sum(values):\n    return math.fsum(values)",
        "Use no library sum",
        "cannot run",
    ),
]
