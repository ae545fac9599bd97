"""Plausible wrong answers to exercise 20, and what they must hear."""

from __future__ import annotations

from wrong import Wrong

KINDS = ["cut", "equality", "early stop", "branch not taken", "two places"]


def named(place: int, word: str) -> str:
    """The sound list with another word at one place."""
    words = [*KINDS[:place], word, *KINDS[place + 1 :]]
    return f"def pitfall_kinds():\n    return {words}"


def sums(first: str, second: str) -> str:
    """An answer to task 2: what it returns for A, and for B."""
    return (
        "def mended_sums(program, v):\n"
        '    if program == "A":\n'
        f"        return {first}\n"
        f"    return {second}"
    )


def attached(slope: str) -> str:
    """An answer to task 3 that solves well and attaches this slope."""
    return (
        "def mended_anomaly(e):\n"
        "    def solve(e):\n"
        "        x = 1.0\n"
        "        for _ in range(200):\n"
        "            x = 1 + e * np.sin(x)\n"
        "        return x\n"
        "    def slope(e):\n"
        "        x = solve(e)\n"
        f"        return {slope}\n"
        "    return ad.with_derivative(solve, slope)(e)"
    )


def loop(start: str, tolerance: str) -> str:
    """An answer to task 3 that only changes the loop."""
    return (
        "def mended_anomaly(e):\n"
        f"    x = {start}\n"
        f"    while abs(x - 1 - e * np.sin(x)) > {tolerance}:\n"
        "        x = 1 + e * np.sin(x)\n"
        "    return x"
    )


SHARE, ORDER = "v[0] / np.sum(v)", "np.sum(v * PRICES)"

WRONG = [
    *[
        Wrong("pitfall_kinds", named(place, word), hears)
        for place, word, hears in (
            (0, "rounding", "Follow every route"),
            (1, "branch not taken", "does not run that branch at all"),
            (1, "rounding", "knows a special input"),
            (2, "chaos", "How often does it run"),
            (3, "equality", "before it chooses"),
            (3, "overflow", "did the value need that"),
            (4, "cut", "How often does the number that moves"),
        )
    ],
    Wrong(
        "pitfall_kinds",
        "def pitfall_kinds():\n    return 'cut'",
        "list of five words",
        "cannot run",
    ),
    Wrong("pitfall_kinds", named(2, "loop"), "words that the task lists", "cannot run"),
    Wrong("mended_sums", sums("v[0] / ad.stop_gradient(np.sum(v))", ORDER), "still a constant"),
    Wrong("mended_sums", sums("ad.stop_gradient(v[0]) / np.sum(v)", ORDER), "the other route"),
    Wrong("mended_sums", sums("v[0]", ORDER), "The value has changed"),
    Wrong(
        "mended_sums",
        sums(SHARE, "np.sum(np.where(v == 0, 0.0, v * PRICES))"),
        "the first piece would cost",
    ),
    Wrong(
        "mended_sums",
        sums(SHARE, "np.sum((v + 1e-6) * PRICES)"),
        "The value has changed",
    ),
    Wrong("mended_sums", sums("v[0] / float(np.sum(v))", ORDER), "plain number", "cannot run"),
    Wrong("mended_anomaly", loop("1.4987011335178484", "1e-6"), "still 0 there"),
    Wrong("mended_anomaly", loop("1.0", "1e-6"), "it is behind"),
    Wrong("mended_anomaly", loop("1.0", "1e-9"), "it is behind"),
    Wrong("mended_anomaly", attached("np.sin(x)"), "held still"),
    Wrong("mended_anomaly", attached("np.sin(x) / (1 + e * np.cos(x))"), "A sign"),
    Wrong("mended_anomaly", attached("x * np.cos(x) / (1 - e * np.cos(x))"), "The sine multiplies"),
    *[
        Wrong("mended_premium", f"def mended_premium(x):\n    return {value}", hears)
        for value, hears in (
            ("np.where(x > 1, np.log(x), 0.0) ** 2", "was thrown away"),
            ("(x > 1) * np.log(x) ** 2", "multiplying by 0"),
            ("np.log(np.abs(x) + 1e-9) ** 2", "another function has come"),
            ("np.where(x > 1, np.log(ad.stop_gradient(x)) ** 2, 0.0)", "left the record"),
            ("np.where(x > 1, np.log(np.abs(x) + 0.1) ** 2, 0.0)", "values have changed"),
        )
    ],
    *[
        Wrong("pair_slope", f"def pair_slope(f, A, i, j):\n    return {value}", hears)
        for value, hears in (
            ("ad.grad(f)(A)[i, j]", "One of the two places"),
            ("2 * ad.grad(f)(A)[i, j]", "treats both places alike"),
            ("ad.grad(f)(A)[i, j] + ad.grad(f)(A)[j, i]", "in one place only"),
            ("(ad.grad(f)(A)[i, j] + ad.grad(f)(A)[j, i]) / 2", "the mean of two slopes"),
        )
    ],
]
