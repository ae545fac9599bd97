"""What a diagnosis looks like, as text and as HTML."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import tinyad as ad


def h(x):
    f = x**2 - 4
    g = x - 2
    return f / g


def sound(x):
    return x * x + 1


def test_text():
    text = str(ad.diagnose(h, 2 + 1e-12))
    assert text.splitlines()[0] == "✗ h: of 16 digits the value has 13, the gradient 0"
    bars = [line for line in text.splitlines() if "█" in line or "░" in line]
    assert ["f = x**2" in bars[0], "g = x" in bars[1], "return f" in bars[2]] == [True] * 3
    assert [line.count("█") for line in bars] == [6, 14, 12]
    marked = [line for line in text.splitlines() if "◀" in line]
    assert marked == [bars[0]]
    assert bars[0].endswith("◀ subtract: cancellation")
    assert max(map(len, bars)) < 110


def test_a_line_that_runs_often_stands_there_once():
    def loop(x):
        for _ in range(30):
            x = x * 0.5 + 1
        return x

    text = str(ad.diagnose(loop, 0.3))
    assert text.count("x = x * 0.5 + 1") == 1


def test_signs():
    assert str(ad.diagnose(sound, 2.0)).startswith("✓")
    assert str(ad.diagnose(np.abs, 0.0)).startswith("≈")
    assert str(ad.diagnose(h, 2.0)).startswith("✗")


@pytest.mark.parametrize("x", [2 + 1e-12, 2.0, 3.0])
def test_html_is_well_formed_and_escapes(x):
    def less(x):
        y = x * 2 if x < 5 else x  # < & >
        return h(y / 2)

    page = ad.diagnose(less, x)._repr_html_()
    root = ElementTree.fromstring(page)
    assert root.get("role") == "status"
    words = "".join(root.itertext())
    assert "y = x * 2 if x < 5 else x  # < & >" in words
    assert ("◀" in words) == (x != 3.0)


def test_html_marks_the_worst_line_and_draws_a_bar_for_each():
    root = ElementTree.fromstring(ad.diagnose(h, 2 + 1e-12)._repr_html_())
    rows = root.findall(".//tr")[1:]
    assert len(rows) == 3
    assert ["outline" in (row.get("style") or "") for row in rows] == [True, False, False]
    widths = [
        re.search(r"width: (\d+)%", span.get("style"))[1]
        for span in root.findall(".//td/span/span")
    ]
    assert [int(w) for w in widths] == pytest.approx([79, 0, 100, 79, 79, 79], abs=1)


def test_rows_and_reports_of_long_programs_stay_short():
    def noisy(x):
        for k in range(40):
            x = (x + 10.0**k) - 10.0**k
        return x

    text = str(ad.diagnose(noisy, 0.3))
    assert "more" in text
    assert len(text) < 6000
    assert repr(ad.diagnose(h, 2.0).worst).startswith("divide: 0/0")
