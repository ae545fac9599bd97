"""What a lesson is made of, and its bounds. Each rule takes a page and yields its complaints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from measure import (
    DETAILS,
    Page,
    assertions,
    code_lines,
    has_explorer,
    has_figure,
    headings,
    text_outputs,
    without_details,
    words,
)
from page_rules import Rule, links_of
from question_rules import EVERY_QUESTION, marked

SETUP = """\
import numpy as np
import tinyad as ad
from tinyad.explore import figure, show"""
START = "00_start_here.ipynb"
BOUNDS = {
    "words": (600, 1300),
    "code cells": (8, 16),
    "code lines": (3, 150),
    "longest cell": (1, 20),
    "assertions": (3, 150),
    "figures": (2, 5),
    "explorers": (0, 2),
}
LONGEST_IDEA = 200
LONGEST_NOTE = 80
LONGEST_SOURCE = 25
VAGUE_VERBS = {"understand", "know", "learn", "appreciate", "realize", "grasp", "see"}
BULLET = re.compile(r"^\s{0,1}(?:[-*]|\d+\.)\s+", re.MULTILINE)


def within_bounds(page: Page) -> Iterator[str]:
    """One sitting."""
    for name, (least, most) in BOUNDS.items():
        if not least <= page.counts[name] <= most:
            yield f"{name}: {page.counts[name]}, allowed are {least} to {most}"
    for cell in page.code:
        if code_lines(cell.source) > BOUNDS["longest cell"][1]:
            yield f'cell "{cell.id}" has {code_lines(cell.source)} lines'


def opens_with_purpose(page: Page) -> Iterator[str]:
    """Title, time, prerequisites, objectives, the question, what is new."""
    titles = [text for level, text in headings(page.text) if level == 1]
    if len(titles) != 1 or not page.cells[0].source.startswith("# "):
        yield f"one title, at the top, is wanted: {titles}"
    line = next((x for x in page.opening.splitlines() if "**Prerequisites:**" in x), "")
    minutes = re.search(r"\*\*Time:\*\* (\d+) minutes", line)
    if minutes is None or not 25 <= int(minutes.group(1)) <= 40:
        yield "no line with **Time:** 25 to 40 minutes and **Prerequisites:**"
    if "](" not in line:
        yield "the prerequisites link to nothing"
    question = re.search(r"^\*\*The question\.\*\*.+?(?:\n\n|\Z)", page.opening, re.M | re.S)
    if question is None or "?" not in question.group():
        yield "no paragraph **The question.** with a question"
    if not re.search(r"^\*\*New here\.\*\*", page.opening, re.M):
        yield "no paragraph **New here.**"


def objectives(page: Page) -> list[str]:
    """The objectives of the opening."""
    after = page.opening.partition("**You will be able to**")[2]
    lines = after.strip(" :\n").splitlines()
    found: list[str] = []
    for line in lines:
        if BULLET.match(line):
            found.append(BULLET.sub("", line, count=1))
        elif not line.strip() or not line.startswith(" "):
            break
    return found


def objectives_are_measurable(page: Page) -> Iterator[str]:
    """Two to four things that a learner can be seen to do."""
    found = objectives(page)
    if not 2 <= len(found) <= 4:
        yield f"{len(found)} objectives after **You will be able to**, allowed are 2 to 4"
    for objective in found:
        verb = re.sub(r"\W", "", (objective.split() or [""])[0]).lower()
        if verb in VAGUE_VERBS:
            yield f"nobody can see whether a learner can {verb!r}"


def key_points_answer_objectives(page: Page) -> Iterator[str]:
    """One key point for each objective."""
    text = _section_text(page, "Key points")
    points = len(BULLET.findall(text))
    if points != len(objectives(page)) or not points:
        yield f"{points} key points for {len(objectives(page))} objectives"


def set_up_is_the_same(page: Page) -> Iterator[str]:
    """The first code cell is the same in every lesson."""
    if not page.code or page.code[0].source != SETUP or page.code[0].id != "set-up":
        yield 'the first code cell is not the common "set-up" cell'


def ideas_are_short(page: Page) -> Iterator[str]:
    """Between two pieces of code or two headings a reader meets one idea."""
    first = next((i for i, cell in enumerate(page.cells) if cell.cell_type == "code"), 0)
    count = 0
    for cell in page.cells[first:]:
        if cell.cell_type == "code":
            count = 0
            continue
        parts = re.split(r"^#{2,6} ", without_details(cell.source), flags=re.M)
        for index, part in enumerate(parts):
            count = words(part) if index else count + words(part)
            if count > LONGEST_IDEA:
                yield f'{count} words without code up to cell "{cell.id}"'


def figures_are_asserted(page: Page) -> Iterator[str]:
    """No comparison looks into a picture, so a number beside it must be asserted."""
    for index, cell in enumerate(page.code):
        if has_figure(cell):
            near = page.code[max(index - 1, 0) : index + 2]
            if not any(assertions(other.source) for other in near):
                yield f'nothing is asserted beside the figure of cell "{cell.id}"'


def explorers_have_tasks(page: Page) -> Iterator[str]:
    """A slider stands under a static figure, has a written task, and is driven by a cell."""
    explorers = [cell for cell in page.code if has_explorer(cell)]
    if not explorers and not any(marked(cell, "Experiment") for cell in page.prose):
        yield "neither an explorer nor an **Experiment.**"
    for cell in explorers:
        section = page.section_of(cell)
        before = section[: next(i for i, other in enumerate(section) if other is cell)]
        if not any(has_figure(other) for other in before):
            yield f'no static figure stands above the explorer "{cell.id}" in its section'
        if not any(marked(other, "Task") for other in section):
            yield f'the explorer "{cell.id}" has no **Task.** in its section'
    if explorers and not any(".set(" in cell.source for cell in page.code):
        yield "no cell moves the explorer with .set(...)"


def looks_inside(page: Page) -> Iterator[str]:
    """The real source of what was rebuilt, short enough to be read."""
    cells = [c for c in page.sections.get("Look inside", []) if "inspect.getsource(" in c.source]
    if not cells:
        yield "no cell under ## Look inside shows a source with inspect.getsource"
    for cell in cells:
        lines = code_lines(text_outputs(cell))
        if not 1 <= lines <= LONGEST_SOURCE:
            yield f'cell "{cell.id}" shows {lines} lines of source, allowed are 1 to 25'


def shows_pitfalls(page: Page) -> Iterator[str]:
    """Wrong ways are run, not told."""
    runs = [cell for cell in page.sections.get("Pitfalls", []) if cell.cell_type == "code"]
    if len(runs) < 2:
        yield f"{len(runs)} code cells under ## Pitfalls, wanted are at least 2"


def says_where_to_go(page: Page) -> Iterator[str]:
    """The exercise, the next lesson, the glossary."""
    text = _section_text(page, "Where to go next")
    wanted = [f"../exercises/{page.path.name}", f"{START}#"]
    lessons = [path.name for path in sorted(page.path.parent.glob("[0-9][0-9]*.ipynb"))]
    later = [name for name in lessons if name > page.path.name]
    for target in wanted + later[:1]:
        if f"]({target}" not in text:
            yield f"## Where to go next has no link to {target}"


def note_on_the_source_is_short(page: Page) -> Iterator[str]:
    """What a source misprints is told once, at the end, folded."""
    marker = "If you read the source"
    if marker not in page.text:
        return
    last = page.cells[-1].source
    if marker not in last or not DETAILS.search(last):
        yield f"{marker!r} is not the last cell, folded"
    if words(last) > LONGEST_NOTE:
        yield f"{marker!r} has {words(last)} words, allowed are {LONGEST_NOTE}"


def links_the_glossary(page: Page) -> Iterator[str]:
    """A term is explained where it is first needed."""
    if not any(link.startswith(f"{START}#") for link in links_of(page)):
        yield "no term links to the glossary"


def _section_text(page: Page, title: str) -> str:
    """The Markdown from a `##` heading to the next."""
    after = f"\n{page.text}".partition(f"\n## {title}\n")[2]
    return re.split(r"^## ", after, maxsplit=1, flags=re.M)[0]


EVERY_LESSON: tuple[Rule, ...] = (
    within_bounds,
    opens_with_purpose,
    objectives_are_measurable,
    key_points_answer_objectives,
    set_up_is_the_same,
    ideas_are_short,
    figures_are_asserted,
    explorers_have_tasks,
    looks_inside,
    shows_pitfalls,
    says_where_to_go,
    note_on_the_source_is_short,
    links_the_glossary,
    *EVERY_QUESTION,
)
