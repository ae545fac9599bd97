"""Plausible wrong answers to exercise 17: slopes at kinks, sets, one-sided numbers, a length."""

from __future__ import annotations

from wrong import Wrong

SIDES = """\
    left = (f(x) - f(x - step)) / step
    right = (f(x + step) - f(x)) / step
"""
SQUARE = "    square = (x[1:] - x[:-1]) ** 2 + (y[1:] - y[:-1]) ** 2\n"


def measured(result: str, step: str = "2.0**-20") -> str:
    return f"def slope_set(f, x):\n    step = {step}\n{SIDES}    return {result}"


def maximum(tie: str) -> str:
    return (
        "def sided_maximum(a, b):\n"
        "    if a[0] == b[0]:\n"
        f"        return {tie}\n"
        "    return a if a[0] > b[0] else b"
    )


def of_path(lines: str) -> str:
    return f"def mended(x, y):\n{SQUARE}    {lines}"


def softened(result: str, k: str = "np.log(2) / error") -> str:
    return f"def soft_relu(x, error):\n    k = {k}\n    return {result}"


WRONG = [
    *[
        Wrong("kink_slopes", f"def kink_slopes():\n    return {numbers}", hears, state)
        for numbers, hears, state in (
            ("[1, 2, 2, 0, 1, float('nan')]", "Have another look at c. A middle", "not yet"),
            ("[1, 2, -1, 0, 1, float('nan')]", "Does the condition hold at 0", "not yet"),
            ("[1, 2, 5, 0, 1, 0]", "Have another look at f. Which number", "not yet"),
            ("[1, 2, 5, 0, 1, float('inf')]", "The root has an infinite slope", "not yet"),
            ("[1, 2, 5, 0, 2, float('nan')]", "two ties, one after the other", "not yet"),
            ("[1, 2, 5, 0.5, 1, float('nan')]", "Have another look at d", "not yet"),
            ("[1, 3, 5, 0, 1, float('nan')]", "Have another look at b", "not yet"),
            ("[2, 2, 5, 0, 1, float('nan')]", "Have another look at a", "not yet"),
            ("[1, 2, 0, 0, 1, float('nan')]", "Which branch does the condition pick", "not yet"),
            ("[1, 2, 5, 0, 4, float('nan')]", "one tie at a time", "not yet"),
            ("[1, 2, 5, 0, 1]", "six numbers", "cannot run"),
            ("[1, 2, 5, 0, 1, 'nan']", "A single number", "cannot run"),
        )
    ],
    *[
        Wrong("slope_set", source, hears, state)
        for source, hears, state in (
            (measured("left, right"), "The smaller end comes first", "not yet"),
            (measured("sorted([-left, right])"), "a negative step", "not yet"),
            (measured("-left, right"), "a negative step", "not yet"),
            (measured("[(left + right) / 2] * 2"), "One number came back twice", "not yet"),
            (
                "def slope_set(f, x):\n    slope = ad.grad(f)(x)\n    return slope, slope",
                "One number came back twice",
                "not yet",
            ),
            (measured("sorted([left, right])", "1e-20"), "x + step is x", "not yet"),
            (measured("sorted([left, right])", "0.1"), "a kink that points down", "not yet"),
            (measured("left"), "Two numbers are needed", "cannot run"),
        )
    ],
    *[
        Wrong("sided_maximum", source, hears, state)
        for source, hears, state in (
            (maximum("a[0], (a[1] + b[1]) / 2"), "tinyad's convention", "not yet"),
            (maximum("a"), "the first argument always wins", "not yet"),
            (maximum("b"), "the second argument always wins", "not yet"),
            (maximum("a[0], min(a[1], b[1])"), "the one that falls behind", "not yet"),
            (maximum("a if abs(a[1]) > abs(b[1]) else b"), "its sign counts", "not yet"),
            (
                "def sided_maximum(a, b):\n    return max(a[0], b[0]), max(a[1], b[1])",
                "Only a tie asks the slopes",
                "not yet",
            ),
            (maximum("max(a[1], b[1])"), "Two numbers are needed", "cannot run"),
        )
    ],
    *[
        Wrong("unbroken_length", source, hears, state)
        for source, hears, state in (
            ("mended = length", "comes too late", "not yet"),
            (
                of_path("return np.sum(np.where(square > 0, np.sqrt(square), 0.0))"),
                "comes too late",
                "not yet",
            ),
            (
                of_path("return np.sum(np.sqrt(np.where(square > 0, square, 1.0)))"),
                "each rest counts as 1",
                "not yet",
            ),
            (of_path("return np.sum(np.sqrt(square + 1e-12))"), "Something small", "not yet"),
            (
                of_path(
                    "far = square > 1e-8\n"
                    "    return np.sum(np.where(far, np.sqrt(np.where(far, square, 1.0)), 0.0))"
                ),
                "A short step is not a rest",
                "not yet",
            ),
            (
                "def mended(x, y):\n"
                "    if np.any((np.diff(x) == 0) & (np.diff(y) == 0)):\n"
                "        x, y = ad.stop_gradient(x), ad.stop_gradient(y)\n"
                "    return np.sum(np.hypot(x[1:] - x[:-1], y[1:] - y[:-1]))",
                "All slopes are 0",
                "not yet",
            ),
            (of_path("return np.sqrt(square)"), "OutputError", "cannot run"),
        )
    ],
    *[
        Wrong("soft_relu", source, hears, state)
        for source, hears, state in (
            ("def soft_relu(x, error):\n    return np.maximum(x, 0)", "relu itself", "not yet"),
            (softened("np.log(1 + np.exp(k * x)) / k"), "The exponential of a large", "not yet"),
            (softened("np.logaddexp(0, k * x) / k", "error"), "The promise is broken", "not yet"),
            (softened("np.logaddexp(0, k * x)"), "The promise is broken", "not yet"),
            (
                softened("np.logaddexp(0, k * x) / k", "0.5 / error"),
                "The promise is broken",
                "not yet",
            ),
            (
                "def soft_relu(x, error):\n"
                "    return np.where(np.abs(x) < error, (x + error) / 2, np.maximum(x, 0))",
                "it has no kink",
                "not yet",
            ),
            ("def soft_relu(x, error):\n    return 1 / 0 + x", "ZeroDivisionError", "cannot run"),
        )
    ],
]
