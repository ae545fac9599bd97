"""The tables of lesson 4 in real JupyterLab: untrusted, after a run, in both themes."""

import pytest
from lab import THEMES, change_theme, run_all

LESSON = "lessons/04_evolution_traces.ipynb"


@pytest.fixture(scope="module")
def opened(lab, browser):
    """The lesson as somebody sees it who has not run anything, and does not trust it."""
    page = lab.open(browser, LESSON)
    yield page
    page.close()


def tables(page):
    """The two tables in the outputs, without the one of the player."""
    return page.locator(".jp-RenderedHTML table").all()


def styles(table, name):
    """The values of a property that the cells of a table have."""
    return table.locator("td, th").evaluate_all(
        "(cells, name) => [...new Set(cells.map(cell => getComputedStyle(cell)[name]))]", name
    )


def check_layout(page):
    found = tables(page)
    assert len(found) == 2
    for table in found:
        assert styles(table, "textAlign") == ["left"]
        assert styles(table, "verticalAlign") == ["top"]
        assert styles(table, "whiteSpace") == ["pre"]
        assert "1px" in styles(table, "borderLeftWidth")  # a rule between the columns


def test_untrusted_a_table_keeps_its_columns(opened):
    assert opened.locator(".jp-RenderedHTML style").count() == 0
    check_layout(opened)


def test_the_later_of_two_statements_stands_above_the_earlier(opened):
    _, reverse = tables(opened)
    row = reverse.locator("tr").nth(4)
    tops = [
        row.locator("div", has_text=text).first.bounding_box()["y"]
        for text in ("v₂ = v₋₁ × v₀", "v̄₀ += v̄₂ × v₋₁", "v̄₋₁ = v̄₂ × v₀")
    ]
    assert tops[0] == pytest.approx(tops[1], abs=1)
    assert tops[2] > tops[1] + 10


def test_after_a_run_a_table_is_readable_in_both_themes(opened):
    run_all(opened)
    check_layout(opened)
    for theme in THEMES:
        change_theme(opened, theme)
        table = tables(opened)[1]
        ink = table.evaluate("table => getComputedStyle(table).color")
        paper = table.evaluate(
            "table => getComputedStyle(table.closest('.jp-Notebook')).backgroundColor"
        )
        assert contrast(ink, paper) > 7


def contrast(one, other):
    """The contrast of two colors as WCAG 2 defines it."""
    light, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color):
    """The relative luminance of a color such as rgb(31, 35, 40)."""
    parts = color[color.index("(") + 1 : color.index(")")].split(",")[:3]
    shares = [float(part) / 255 for part in parts]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
