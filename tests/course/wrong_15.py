"""Plausible wrong answers to the tasks of exercise 15."""

from __future__ import annotations

from wrong import Wrong


def _verdicts(*words: str) -> str:
    return f"def slope_verdicts():\n    return {list(words)}"


def _kept(result: str) -> str:
    return (
        "import math\n"
        "def kept_ulps(x):\n"
        "    g = x - 2\n"
        "    s = g**2 / np.spacing(x**2)\n"
        f"    return {result}"
    )


def _model(result: str, ulp: str = "2.0 ** (3 - p) if g > 0 else 2.0 ** (2 - p)") -> str:
    return (
        "import math\n"
        "def model_slope(g, p):\n"
        f"    ulp = {ulp}\n"
        "    s = g**2 / ulp\n"
        f"    alpha = round(s) / s\n"
        f"    return {result}"
    )


_FORMULA = "(np.exp(-w) * (1 + w) - 1) / w**2"
_SERIES = "-1 / 2 + w / 3 - w**2 / 8 + w**3 / 30 - w**4 / 144"


def _slope(*lines: str) -> str:
    return "def mended(w):\n    " + "\n    ".join(lines)


def _beside(result: str) -> str:
    return (
        "def error_beside(a):\n"
        "    x = np.nextafter(a, np.inf)\n"
        "    g = x - a\n"
        "    value = (x * x - a * a) / g\n"
        f"    return {result}"
    )


_SMALL = "near 0"

WRONG = [
    Wrong(
        "slope_verdicts",
        _verdicts("1", "NaN", "1", "+huge", "-huge", "1", "-huge"),
        "trusts the slope wherever the value",
    ),
    Wrong(
        "slope_verdicts",
        _verdicts("2", "2", _SMALL, "+huge", "-huge", "1", "-huge"),
        "divides 0 by 0",
    ),
    Wrong(
        "slope_verdicts",
        _verdicts("2", "NaN", "1", "+huge", "-huge", "1", "-huge"),
        "rounding goes up before it goes down",
    ),
    Wrong(
        "slope_verdicts",
        _verdicts("2", "NaN", _SMALL, "-huge", "-huge", "1", "-huge"),
        "Who decides then?",
    ),
    Wrong(
        "slope_verdicts",
        _verdicts("2", "NaN", _SMALL, "+huge", "+huge", "1", "-huge"),
        "the program knows on which side it is",
    ),
    Wrong(
        "slope_verdicts",
        _verdicts("2", "NaN", _SMALL, "NaN", "-huge", "1", "-huge"),
        "whose denominator is not 0",
    ),
    Wrong(
        "slope_verdicts",
        _verdicts("2", "NaN", _SMALL, "+huge", "-huge", "+huge", "-huge"),
        "beyond δ",
    ),
    Wrong(
        "slope_verdicts",
        _verdicts("2", "NaN", _SMALL, "+huge", "-huge", "1", "+huge"),
        "The law of the lesson has a sign",
    ),
    Wrong(
        "slope_verdicts",
        _verdicts("1", "NaN", _SMALL, "+huge", "-huge", "1", "-huge"),
        "in the middle of yellow",
    ),
    Wrong("slope_verdicts", _verdicts("2", "NaN"), "list of seven words", "cannot run"),
    Wrong(
        "slope_verdicts",
        _verdicts("2", "NaN", "0", "+huge", "-huge", "1", "-huge"),
        "Each word is one of",
        "cannot run",
    ),
    Wrong("kept_ulps", _kept("s"), "This is s itself"),
    Wrong("kept_ulps", _kept("int(s)"), "This cuts off"),
    Wrong("kept_ulps", _kept("math.ceil(s)"), "always goes up"),
    Wrong("kept_ulps", _kept("np.round(s) / s"), "This is α"),
    Wrong("kept_ulps", _kept("s - np.round(s)"), "what is lost"),
    Wrong("kept_ulps", _kept("math.floor(s + 0.5)"), "Halves are not always rounded up"),
    Wrong("kept_ulps", _kept("s / 0 if s else s"), "no finite number"),
    Wrong("model_slope", _model("alpha"), "This is α"),
    Wrong("model_slope", _model("4 + alpha * g"), "This is the value of the quotient"),
    Wrong("model_slope", _model("1 + alpha"), "a sign in the law got lost"),
    Wrong("model_slope", _model("2.0 if round(s) == 0 else 1.0"), "all of the square at once"),
    Wrong("model_slope", _model("2 - math.floor(s) / s"), "cuts the square off"),
    Wrong(
        "model_slope",
        _model("2 - alpha", "2.0 ** -50 if g > 0 else 2.0 ** -51"),
        "the model of float64",
    ),
    Wrong("model_slope", _model("2 - alpha", "2.0 ** (3 - p)"), "ulp above the power of two"),
    Wrong("model_slope", _model("2 - alpha", "2.0 ** (2 - p)"), "ulp below the power of two"),
    Wrong(
        "model_slope",
        _model("2 - alpha", "2.0 ** (2 - p) if g > 0 else 2.0 ** (1 - p)"),
        "That ulp belongs to x",
    ),
    Wrong("model_slope", _model("2 - math.floor(s + 0.5) / s"), "Halves are not always"),
    Wrong(
        "model_slope",
        "def model_slope(g, p):\n    x = 2 + g\n    return 2 * x / g - (x * x - 4) / g / g",
        "whatever p is",
    ),
    Wrong("rescued_slope", _slope(f"return 0.0 if w == 0 else {_FORMULA}"), "looks flat"),
    Wrong("rescued_slope", _slope(f"return -0.5 if w == 0 else {_FORMULA}"), "The hole is filled"),
    Wrong(
        "rescued_slope",
        _slope("if abs(w) < 0.01:", f"    return -({_SERIES})", f"return -{_FORMULA}"),
        "The sign is turned",
    ),
    Wrong("rescued_slope", _slope("return brightness(w)"), "This is the brightness"),
    Wrong(
        "rescued_slope",
        _slope("if w < 0.01:", f"    return {_SERIES}", f"return {_FORMULA}"),
        "Wrong only below 0",
    ),
    Wrong(
        "rescued_slope",
        _slope(f"return -0.5 if abs(w) < 1e-3 else {_FORMULA}"),
        "digits are missing",
    ),
    Wrong(
        "rescued_slope",
        _slope("return -0.5 if w == 0 else (np.exp(-w) - brightness(w)) / w"),
        "subtracts nearly equal numbers",
    ),
    Wrong("rescued_slope", _slope(f"return {_FORMULA}"), "0 was divided by 0"),
    Wrong("rescued_slope", _slope(f"return 1 / 0 if w == 0 else {_FORMULA}"), "Zero", "cannot run"),
    Wrong("error_beside", _beside("(value - 2 * a - g) / g"), "The sign is turned"),
    Wrong("error_beside", _beside("-(value - 2 * a - g)"), "the size of the value's error"),
    Wrong("error_beside", _beside("value - 2 * a - g"), "This is the error of the value"),
    Wrong("error_beside", _beside("1 - (value - 2 * a - g) / g"), "This is the slope"),
    Wrong("error_beside", _beside("-(value - (x + a)) / g"), "x + a is no float"),
    Wrong("error_beside", _beside("abs(value - 2 * a - g) / g"), "the error has a sign"),
    Wrong("error_beside", _beside("-(value - 2 * a) / g"), "or g was left out"),
]
