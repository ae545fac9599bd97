"""How names and numbers are written: in Unicode for text and HTML, or in LaTeX."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

import numpy as np

from tinyad.interpretation import Box
from tinyad.rules.primitives import shape_of

SUBSCRIPTS = str.maketrans("0123456789-", "₀₁₂₃₄₅₆₇₈₉₋")
DOT, BAR = "\u0307", "\u0304"  # to be put on top of the letter before them
COMMANDS = {DOT: r"\dot", BAR: r"\bar"}
SUMMARY_DIGITS, CONSTANT_DIGITS = 5, 6
SMALL_ARRAY = 4  # entries that are shown one by one


class Notation:
    """A way of writing: Unicode, or LaTeX with `tex`. `digits` rounds values; None leaves all."""

    def __init__(self, tex: bool = False, digits: int | None = None) -> None:
        self.tex, self.digits = tex, digits

    def words(self, text: str) -> str:
        """Text that is no formula."""
        return rf"\text{{{escaped(text)}}}" if self.tex else text

    def name(self, name: str, mark: str = "") -> str:
        """A name such as v-1 or x1, with its index lowered and a dot or a bar on top.

        >>> Notation().name("v-1"), Notation(tex=True).name("x1", BAR)
        ('v₋₁', '\\\\bar{x}_{1}')
        """
        match = re.fullmatch(r"([^\W\d_]+)_?(-?\d+)", name)
        base, index = match.groups() if match else (name, "")
        if not self.tex:
            marked = unicodedata.normalize("NFC", base[0] + mark) + base[1:]
            return marked + index.translate(SUBSCRIPTS)
        if len(base) > 1:
            base = rf"\mathtt{{{escaped(base)}}}"
        base = f"{COMMANDS[mark]}{{{base}}}" if mark else base
        return f"{base}_{{{index}}}" if index else base

    def value(self, value: Any) -> str:
        """A value in full; of an array the shape and a summary."""
        value = opened(value)
        if isinstance(value, tuple):
            return self.words(f"{len(value)} arrays")
        shape = shape_of(value)
        if shape == ():
            return self.number(value, self.digits)
        return self.words(f"{shape}: {self._summary(np.asarray(value))}")

    def constant(self, value: Any) -> str:
        """A constant inside a formula: short, with three dots for the digits left out."""
        value = opened(value)
        shape = shape_of(value)
        if shape:
            small = len(shape) == 1 and shape[0] < SMALL_ARRAY
            return self.words(self._summary(np.asarray(value)) if small else f"array{shape}")
        text = self.number(value)
        if len(text) > CONSTANT_DIGITS + 3:
            text = self.number(value, CONSTANT_DIGITS) + (r"\ldots" if self.tex else "…")
        return text if self.tex else text.replace("-", "−")

    def number(self, value: Any, digits: int | None = None) -> str:
        """A number, with all its digits or so many significant ones."""
        if isinstance(value, np.ndarray):
            value = value[()]
        if isinstance(value, bool | np.bool_):
            return self.words(str(bool(value)))
        text = re.sub(r"\.0$", "", str(value) if digits is None else f"{value:.{digits}g}")
        if not self.tex:
            return text
        if not math.isfinite(value):
            return {"nan": r"\mathrm{NaN}", "inf": r"\infty", "-inf": r"-\infty"}[text]
        return re.sub(r"e\+?(-?)0*(\d+)", r"\\cdot 10^{\1\2}", text)

    def _summary(self, array: np.ndarray[Any, Any]) -> str:
        digits = min(self.digits or SUMMARY_DIGITS, SUMMARY_DIGITS)

        def short(number: Any) -> str:
            return Notation().number(number, digits)

        if array.size <= SMALL_ARRAY:
            return " ".join(
                np.array2string(array, separator=", ", formatter={"all": short}).split()
            )
        if array.dtype == bool:
            return f"{np.count_nonzero(array)} of {array.size} true"
        finite = array[np.isfinite(array)]
        if not finite.size:
            return "none finite"
        least, greatest = short(np.min(finite)), short(np.max(finite))
        if finite.size < array.size:
            return f"from {least} to {greatest}, {array.size - finite.size} not finite"
        return f"all {least}" if least == greatest else f"from {least} to {greatest}"


def opened(value: Any) -> Any:
    """The number or array inside a box, however deep."""
    while isinstance(value, Box):
        value = value.value
    return value


def escaped(text: str) -> str:
    """Text for LaTeX."""
    return re.sub(r"([_%&#${}])", r"\\\1", text)
