"""Plausible wrong answers to exercise 19, and what they must hear."""

from __future__ import annotations

from wrong import Wrong

# A sound instrument for task 2; each wrong answer spoils one line of it.
INSTRUMENT = """\
def right_digits(f, truth, x):
    def count(result, true):
        result = float(result)
        if result == true:
            return 7
        if not np.isfinite(result) or true == 0:
            return 0
        error = abs(result - true) / abs(true)
        return int(min(7, max(0, np.floor(-np.log10(error)))))

    seen = np.float32(x)
    value, slope = ad.value_and_grad(f)(seen)
    true_value, true_slope = truth(float(seen))
    return count(value, true_value), count(slope, true_slope)
"""

# Sound verdicts for task 3, and sound programs for task 4.
SHEET = {
    "A1": '"right"',
    "A2": '"wrong"',
    "A3": '("another function", 0.0)',
    "B1": '"right"',
    "B2": '"wrong"',
    "B3": '"not shown"',
    "C1": '"right"',
    "C2": '("another function", 0.001)',
}
REPAIRED = {
    "A": "np.log1p(np.exp(-x))",
    "B": "1 / (np.sqrt(1 + x) + 1)",
    "C": "np.abs(x)",
}


def spoiled(line: str, wrong: str) -> str:
    """Replace one line of the sound instrument."""
    assert INSTRUMENT.count(line) == 1, line
    return INSTRUMENT.replace(line, wrong)


def sheet(**changed: str) -> str:
    """Return the verdicts with some entries changed."""
    entries = ", ".join(f'"{claim}": {word}' for claim, word in {**SHEET, **changed}.items())
    return f"def verdicts():\n    return {{{entries}}}"


def programs(**changed: str) -> str:
    """Return the three programs with one of them changed."""
    lines = [
        f'    if story == "{letter}":\n        return {program}'
        for letter, program in {**REPAIRED, **changed}.items()
    ]
    return "def repaired(story, x):\n" + "\n".join(lines)


WRONG = [
    *[
        Wrong("silent_loss", f"def silent_loss():\n    return {pair}", hears, state)
        for pair, hears, state in (
            ("0.0, 0.0", "does the slope of the logarithm", "not yet"),
            ("2.06e-9, -2.06e-9", "That is the exact value", "not yet"),
            ("2.06e-9, 0.0", "That is the exact value", "not yet"),
            ("0.0, 2.06e-9", "Which way does the loss go", "not yet"),
            ("0.0, -1.0", "One factor is missing", "not yet"),
            ("0.0, float('nan')", "No 0/0 and no infinity", "not yet"),
            ("0.0", "Two numbers are needed", "cannot run"),
        )
    ],
    *[
        Wrong("right_digits", spoiled(line, wrong), hears, state)
        for line, wrong, hears, state in (
            (
                "    seen = np.float32(x)\n",
                "    seen = x\n",
                "a run in float64",
                "not yet",
            ),
            ("truth(float(seen))", "truth(x)", "The program has never seen x", "not yet"),
            (
                "abs(result - true) / abs(true)",
                "abs(result - true)",
                "decimals after the point",
                "not yet",
            ),
            ("np.floor(-np.log10(error))", "round(-np.log10(error))", "round down", "not yet"),
            (
                "max(0, np.floor(-np.log10(error)))",
                "np.floor(-np.log10(error))",
                "is no count",
                "not yet",
            ),
            (
                "        if result == true:\n            return 7\n",
                "        if result == true:\n            return 16\n",
                "count no more",
                "not yet",
            ),
            (
                "        result = float(result)\n",
                "        true = np.float32(true)\n",
                "The difference was rounded",
                "not yet",
            ),
            (
                "count(value, true_value), count(slope, true_slope)",
                "count(slope, true_slope), count(value, true_value)",
                "in the wrong order",
                "not yet",
            ),
            (
                "int(min(7, max(0, np.floor(-np.log10(error)))))",
                "-np.log10(error)",
                "Two whole numbers",
                "cannot run",
            ),
        )
    ],
    Wrong(
        "right_digits",
        spoiled("not np.isfinite(result) or true == 0", "true == 0").replace(
            "min(7, max(0, np.floor(-np.log10(error))))",
            "np.clip(np.floor(-np.log10(error)), 0, 7)",
        ),
        "ask `np.isfinite` first",
        "cannot run",
    ),
    *[
        Wrong("verdicts", sheet(**changed), hears, state)
        for changed, hears, state in (
            ({"A1": '"wrong"'}, "beside the exact one", "not yet"),
            ({"A2": '"right"'}, "Read the second one", "not yet"),
            ({"A3": '"right"'}, "is it this loss?", "not yet"),
            ({"A3": '"wrong"'}, "is it this loss?", "not yet"),
            ({"B1": '"wrong"'}, "the first count", "not yet"),
            ({"B2": '"right"'}, "can fail there", "not yet"),
            ({"B3": '"wrong"'}, "What else could have", "not yet"),
            ({"B3": '"right"'}, "What else could have", "not yet"),
            ({"C1": '"wrong"'}, "the two local slopes", "not yet"),
            ({"C2": '"right"'}, "Look at the values", "not yet"),
            ({"C2": '("another function", 1.0)'}, "at the point for C2", "not yet"),
            ({"A3": '("another function", -20.0)'}, "at the point for A3", "not yet"),
            ({"A3": '"another function"'}, "a counterexample goes with", "cannot run"),
            ({"A1": '"true"'}, "For A1, one of", "cannot run"),
        )
    ],
    *[
        Wrong("repaired", programs(**changed), hears, state)
        for changed, hears, state in (
            ({"A": "np.log(1 + np.exp(-x))"}, "the program of the story", "not yet"),
            ({"A": "np.maximum(-x, 0)"}, "the fix of claim A3", "not yet"),
            ({"A": "np.log1p(np.exp(x))"}, "the loss of -x", "not yet"),
            ({"A": "np.exp(-x)"}, "but only there", "not yet"),
            ({"B": "(np.sqrt(1 + x) - 1) / x"}, "the program of the story", "not yet"),
            ({"B": "0.5 - x / 8"}, "Farther out it is another", "not yet"),
            ({"B": "(np.sqrt(1 + x) - 1) / (x + 1e-6)"}, "above the line", "not yet"),
            ({"B": "np.expm1(0.5 * np.log1p(x)) / x"}, "The slope still loses", "not yet"),
            ({"C": "np.sqrt(x * x)"}, "a root of 0 is still on the way", "not yet"),
            ({"C": "np.sqrt(x * x + 1e-6)"}, "the fix of claim C2", "not yet"),
            (
                {"C": "np.where(x == 0, 0.0, np.sqrt(x * x))"},
                "a branch that is not taken",
                "not yet",
            ),
            ({"C": "x * 1"}, "on the left of 0?", "not yet"),
        )
    ],
]
