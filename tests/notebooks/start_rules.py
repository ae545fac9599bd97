"""What holds for the start page, which is contents and glossary of the lessons that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

from measure import Page
from page_rules import Rule, links_of

LESSON_LINK = re.compile(r"\]\((\d\d\w*\.ipynb)[^)]*\)")
TERM = re.compile(r"^#### (.+?)\s*$\n(.*?)(?=^#{1,4} |\Z)", re.M | re.S)


def lessons_beside(page: Page) -> list[str]:
    """The names of the lessons that exist."""
    names = sorted(path.name for path in page.path.parent.glob("[0-9][0-9]*.ipynb"))
    return [name for name in names if name != page.path.name]


def glossary_of(page: Page) -> dict[str, str]:
    """Each term of the glossary and its text."""
    after = page.text.partition("## Glossary")[2]
    return dict(TERM.findall(re.split(r"^## ", after, maxsplit=1, flags=re.M)[0]))


def lists_the_lessons(page: Page) -> Iterator[str]:
    """Every lesson that exists, with its time, and no other."""
    contents = page.text.partition("## Glossary")[0]
    for name in lessons_beside(page):
        lines = [line for line in contents.splitlines() if f"]({name}" in line]
        lesson = Page.read(page.path.parent / name)
        minutes = re.search(r"\*\*Time:\*\* (\d+) minutes", lesson.opening)
        if not lines:
            yield f"the contents do not list {name}"
        elif minutes and not any(re.search(rf"\b{minutes[1]} min", line) for line in lines):
            yield f"the contents give another time than {name}: {minutes[1]} minutes"


def glossary_is_in_order(page: Page) -> Iterator[str]:
    """Terms can be linked everywhere, and say in which lesson they begin."""
    terms = glossary_of(page)
    if not terms:
        yield "no #### terms under ## Glossary"
    for term, text in terms.items():
        if term != term.lower():
            yield f"the term {term!r} is not in lower case, so its anchor differs by place"
        if not LESSON_LINK.search(text):
            yield f"the term {term!r} does not link the lesson where it begins"
        if len(text.split()) < 5:
            yield f"the term {term!r} is not explained"


def terms_are_linked_back(page: Page) -> Iterator[str]:
    """The lesson where a term begins links to its explanation."""
    for term, text in glossary_of(page).items():
        anchor = f"{page.path.name}#{term.replace(' ', '-')}"
        for name in LESSON_LINK.findall(text)[-1:]:
            path = page.path.parent / name
            if path.exists() and anchor not in links_of(Page.read(path)):
                yield f"{name}, where the term {term!r} begins, does not link to it"


EVERY_START: tuple[Rule, ...] = (lists_the_lessons, glossary_is_in_order, terms_are_linked_back)
