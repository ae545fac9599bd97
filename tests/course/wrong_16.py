"""Plausible wrong answers to exercise 16: verdicts, killing lines, two guards, a NaN loss."""

from __future__ import annotations

from wrong import Wrong

RIGHT = ["cancellation", "overflow", "0/0", "ok", "underflow", "domain", "overflow"]


def verdicts(place: int, word: str) -> str:
    words = [word if k == place else right for k, right in enumerate(RIGHT)]
    return f"def named_verdicts():\n    return {words}"


def chance(line: str) -> str:
    return f"def repaired(x):\n    {line}"


def mean(near: str, fallback: str = "(a + b) / 2") -> str:
    return f"""\
def mended(a, b):
    near = {near}
    safe = np.where(near, 2 * a, b)
    return np.where(near, {fallback}, (safe - a) / (np.log(safe) - np.log(a)))
"""


def loss(lines: str, result: str) -> str:
    return f"def mended_loss(scores, target):\n{lines}    return {result}\n"


SHIFTED = "    odds = np.exp(scores - np.max(scores))\n    p = odds / np.sum(odds)\n"
LOGS = """\
    shifted = scores - np.max(scores)
    log_p = shifted - np.log(np.sum(np.exp(shifted)))
"""

WRONG = [
    *[
        Wrong("named_verdicts", verdicts(place, word), hears)
        for place, word, hears in (
            (3, "cancellation", "looks dangerous and is not"),
            (6, "0/0", "comes out of ∞/∞"),
            (0, "0/0", "What is the cosine"),
            (4, "ok", "although the product is not"),
            (1, "ok", "something on the way"),
            (5, "ok", "a number that it does not have"),
            (2, "domain", "both exactly 0"),
        )
    ],
    Wrong("named_verdicts", "def named_verdicts():\n    return ['ok']", "7 words", "cannot run"),
    Wrong(
        "named_verdicts",
        f"def named_verdicts():\n    return {[*RIGHT[:6], 'NaN']}",
        "is none",
        "cannot run",
    ),
    *[
        Wrong("killing_lines", f"def killing_lines():\n    return {names}", hears)
        for names, hears in (
            (["bend", "lost", "nobody", "grown"], "to which the error only travels"),
            (["gap", "share", "nobody", "grown"], "beside the killing one"),
            (["gap", "lost", "nobody", "size"], "the infinity is older"),
            (["gap", "lost", "lost", "grown"], "nothing is lost that counts"),
            (["nobody", "lost", "nobody", "grown"], "Look at the gradient, too"),
        )
    ],
    Wrong(
        "killing_lines",
        "def killing_lines():\n    return [5, 10, 'nobody', 13]",
        "words that the task lists",
        "cannot run",
    ),
    *[
        Wrong("repaired_chance", source, hears, state)
        for source, hears, state in (
            ("repaired = chance", "a logarithm of 0", "not yet"),
            (
                chance("return np.log(1 - np.exp(-x) + 1e-12)"),
                "another function has come",
                "not yet",
            ),
            (
                chance("return np.log(-np.expm1(-x) + 1e-30)"),
                "close to 0",
                "not yet",
            ),
            (
                chance("return np.log(-np.expm1(-np.maximum(x, 1e-15)))"),
                "another function has come",
                "not yet",
            ),
            (chance("return np.log(-np.expm1(-x))"), "it is right far out", "not yet"),
            (chance("return np.log1p(-np.exp(-x))"), "it is right close to 0", "not yet"),
            (
                chance("return np.where(x < 0.7, np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))"),
                "np.where has chosen",
                "not yet",
            ),
            (
                chance("return np.log(x) if x < 1e-9 else np.log1p(-np.exp(-x))"),
                "it is right close to 0",
                "not yet",
            ),
            (
                chance("return np.log(-np.expm1(-x)) if x < 0.7 else np.log1p(-np.exp(-x))"),
                "array",
                "cannot run",
            ),
        )
    ],
    *[
        Wrong("mended_mean", source, hears)
        for source, hears in (
            ("mended = log_mean", "what does that say about its two slopes"),
            (mean("a == b", "b"), "two slopes"),
            (mean("a == b", "40.0"), "the value is not right"),
            (mean("a == b"), "have lost their digits"),
            (mean("np.abs(b - a) < 0.02 * a"), "The guard is too wide"),
            (mean("np.abs(b - a) < 1e-4 * a", "a"), "two slopes"),
            (
                "def mended(a, b):\n    return (b - a + 1e-9) / (np.log(b) - np.log(a) + 1e-9)",
                "value is not right",
            ),
            (
                "def mended(a, b):\n"
                "    mean = (b - a) / (np.log(b) - np.log(a))\n"
                "    return np.where(np.abs(b - a) < 1e-5 * a, (a + b) / 2, mean)",
                "not chosen, and was computed",
            ),
            ("def mended(a, b):\n    return (a + b) / 2", "far apart"),
        )
    ],
    *[
        Wrong("nan_loss", source, hears)
        for source, hears in (
            ("mended_loss = loss", "stands large scores"),
            (
                loss(SHIFTED, "np.sum(target * np.log(target / (p + 1e-12)))"),
                "it stands a target of 0",
            ),
            (loss(SHIFTED, "np.sum(target * np.log(target / p))"), "it stands a target of 0"),
            (
                loss(SHIFTED, "np.sum(np.where(target > 0, target * np.log(target / p), 0.0))"),
                "it stands a target of 0",
            ),
            (
                loss(
                    f"{SHIFTED}    safe = np.where(target > 0, target, 1.0)\n",
                    "np.sum(target * (np.log(safe) - np.log(p)))",
                ),
                "far too small for a float",
            ),
            (loss(LOGS, "np.sum(target * (np.log(target) - log_p))"), "it stands a target of 0"),
            (loss(LOGS, "-np.sum(target * log_p)"), "the same loss where nothing is wrong"),
        )
    ],
]
