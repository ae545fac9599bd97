"""How a lesson asks: recall, predict, run, compare. Each rule yields its complaints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from measure import DETAILS, Page, text_outputs
from nbformat import NotebookNode
from page_rules import Rule

NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")


def marked(cell: NotebookNode, word: str) -> bool:
    return cell.cell_type == "markdown" and f"\n**{word}.**" in "\n" + cell.source


def folded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden", False))


def number_of(path: Path) -> int:
    """The number in a lesson's file name; a split lesson keeps its number."""
    return int(path.name[:2])


def recalls_an_earlier_lesson(page: Page) -> Iterator[str]:
    """From the second lesson on, one question on an earlier one, its answer folded."""
    found = [cell for cell in page.prose if marked(cell, "Recall")]
    if number_of(page.path) < 2:
        return
    if len(found) != 1:
        yield f"{len(found)} cells with **Recall.**, wanted is 1"
    for cell in found:
        linked = re.findall(r"\]\((\d\d\w*\.ipynb)", cell.source)
        if not any("01" <= name < page.path.name for name in linked):
            yield "the recall question links no earlier lesson"
        if not DETAILS.search(cell.source):
            yield "the recall question has no folded answer"


def predictions(page: Page) -> list[int]:
    """Where the predictions stand among the cells."""
    return [i for i, cell in enumerate(page.cells) if marked(cell, "Predict")]


def predictions_are_folded(page: Page) -> Iterator[str]:
    """Question, folded run, folded answer, one after the other; nothing else is folded."""
    places = predictions(page)
    if len(places) < 2:
        yield f"{len(places)} predictions, wanted are at least 2"
    for place in places:
        question, run, answer = (*page.cells[place : place + 3], None, None)[:3]
        if run is None or run.cell_type != "code" or not run.outputs:
            yield f'after the prediction "{question.id}" comes no code cell with an output'
        elif not folded(run):
            yield f'the output of cell "{run.id}" is not folded (jupyter.outputs_hidden)'
        else:
            yield from _given_away(question, run)
        if answer is None or not DETAILS.search(answer.source) or "<summary>" not in answer.source:
            yield f'the prediction "{question.id}" has no folded answer after its run'
        elif run is not None:
            yield from _repeated_numbers(question, run, answer)
    runs = {place + 1 for place in places}
    for index, cell in enumerate(page.cells):
        if folded(cell) and index not in runs:
            yield f'cell "{cell.id}" is folded without a prediction'


def _given_away(question: NotebookNode, run: NotebookNode) -> Iterator[str]:
    """JupyterLab shows the first line of a folded output as a preview."""
    lines = [line for line in text_outputs(run).splitlines() if line.strip()]
    given = set(NUMBER.findall(question.source + "\n" + run.source))
    if lines and (set(NUMBER.findall(lines[0])) - given or lines[0].strip() in ("True", "False")):
        yield f'the first line of cell "{run.id}" gives the answer away: {lines[0]!r}'


def _repeated_numbers(
    question: NotebookNode, run: NotebookNode, answer: NotebookNode
) -> Iterator[str]:
    """The answer explains the number of the run; it does not repeat it."""
    given = set(NUMBER.findall(question.source + "\n" + run.source))
    results = set(NUMBER.findall(text_outputs(run))) - given
    for number in set(NUMBER.findall(" ".join(DETAILS.findall(answer.source)))) - given:
        if any(_same(number, result) for result in results):
            yield f'the answer "{answer.id}" repeats the number {number}'


def _same(number: str, result: str) -> bool:
    """Whether `number` is `result`, in full or rounded to three digits or more."""
    if number == result:
        return True
    mantissa, _, exponent = number.replace("−", "-").partition("e")
    decimals = len(mantissa.partition(".")[2])
    half_a_unit = 0.5 * 10.0 ** (int(exponent or 0) - decimals)
    long_enough = len(re.sub(r"\D", "", mantissa).lstrip("0")) >= 3
    a, b = float(number.replace("−", "-")), float(result.replace("−", "-"))
    return long_enough and abs(a - b) <= half_a_unit


EVERY_QUESTION: tuple[Rule, ...] = (recalls_an_earlier_lesson, predictions_are_folded)
