"""Each rule is shown to fail on a notebook that breaks it, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import page_rules
import pytest
from lesson_rules import EVERY_LESSON
from measure import Page
from nbformat import NotebookNode
from nbformat.v4 import new_output
from page_rules import EVERY_EXERCISE, EVERY_PAGE
from question_rules import EVERY_QUESTION
from specimen import ALT, CAPTION, RECALL, code, course, explorer, filler, printed, text
from start_rules import EVERY_START

Break = Callable[[NotebookNode], Any]
ALL_RULES = {rule.__name__: rule for rule in (*EVERY_PAGE, *EVERY_LESSON, *EVERY_START)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return course(tmp_path_factory.mktemp("course"))


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def replace(name: str, old: str, new: str) -> Break:
    """Break by another text in one cell."""

    def change(notebook: NotebookNode) -> None:
        assert old in cell(notebook, name).source
        cell(notebook, name).source = cell(notebook, name).source.replace(old, new)

    return change


def output(name: str, shown: str) -> Break:
    """Break by another printed output."""
    return lambda nb: cell(nb, name).update(outputs=[printed(shown)])


def metadata(name: str, **entries: Any) -> Break:
    return lambda nb: cell(nb, name).metadata.update(entries)


def without(name: str) -> Break:
    return lambda nb: nb.cells.remove(cell(nb, name))


def after(name: str, *cells: NotebookNode) -> Break:
    def change(notebook: NotebookNode) -> None:
        place = notebook.cells.index(cell(notebook, name)) + 1
        notebook.cells[place:place] = cells

    return change


def picture(name: str, **changes: Any) -> Break:
    """Break the data or the alternative text of a cell's picture; None removes an entry."""

    def change(notebook: NotebookNode) -> None:
        image = cell(notebook, name).outputs[0]
        image.metadata = {"image/png": {"alt": changes.pop("alt", ALT)}}
        image.data.update(changes)
        for mime in [mime for mime, value in image.data.items() if value is None]:
            del image.data[mime]

    return change


def counted(count: int | None) -> Break:
    return lambda nb: cell(nb, "first").update(execution_count=count)


GRADE = {"schema_version": 3, "grade_id": "same id", "grade": False}
LINES = "\n".join(["x = 1"] * 21)

# rule, what breaks it, words of the complaint
BROKEN: list[tuple[str, Break, str]] = [
    ("kernel_is_python3", lambda nb: nb.metadata.kernelspec.update(name="mine"), "'mine'"),
    ("executed_in_order", counted(None), "None"),
    ("executed_in_order", counted(9), "9"),
    ("errors_only_where_announced", metadata("pitfall-2", tags=[]), '"pitfall-2" shows an error'),
    ("errors_only_where_announced", metadata("first", tags=["raises-exception"]), "nothing"),
    ("errors_only_where_announced", metadata("pitfall-2", nbgrader={"grade": True}), "an error"),
    ("outputs_are_clean", lambda nb: cell(nb, "first").outputs[0].update(name="stderr"), "stderr"),
    ("outputs_are_clean", output("first", "<Line2D at 0x7f00aa>"), "bare object"),
    ("outputs_are_clean", output("first", "<function f at"), "bare object"),
    ("outputs_are_clean", replace("first", "== 16", "== 16;"), "semicolon"),
    ("no_machine_paths", output("first", "/home/ada/x.py"), "/home/a"),
    ("no_machine_paths", replace("first", "print", "# C:\\Users\\ada\nprint"), "names a folder"),
    (
        "no_machine_paths",
        lambda nb: cell(nb, "pitfall-2").outputs[0].traceback.append("/tmp/x"),
        "/tmp/",
    ),
    ("ids_are_chosen", lambda nb: cell(nb, "first").update(id="1b2c3d4e"), "1b2c3d4e"),
    ("ids_are_chosen", lambda nb: cell(nb, "first").update(id="e21f3d4a"), "e21f3d4a"),
    ("ids_are_chosen", lambda nb: cell(nb, "first").update(id="run-1"), "twice"),
    ("grade_ids_are_unique", metadata("first", nbgrader=GRADE), "same id"),
    (
        "grade_ids_are_unique",
        lambda nb: [c.metadata.update(nbgrader={"grade_id": "one"}) for c in nb.cells[:2]],
        "twice",
    ),
    ("stored_normalized", lambda nb: nb.metadata.update(widgets={}), "widget state"),
    ("stored_normalized", lambda nb: cell(nb, "flat").update(attachments={"a": {}}), "attachment"),
    ("small_enough", output("first", "x" * 300_000), "bytes"),
    ("images_are_described", replace("flat", "##", "![](x.png)\n\n##"), '"flat" has no'),
    ("images_are_described", replace("flat", "##", '<img src="x.png">\n\n##'), '"flat" has no'),
    ("images_are_described", picture("figure-1", alt="A plot"), "no alternative text"),
    ("images_are_described", picture("explorer", alt=""), "no alternative text"),
    ("images_are_described", picture("figure-1", **{"text/plain": "<Figure>"}), "no caption"),
    ("images_are_described", lambda nb: cell(nb, "figure-1").outputs.pop(), "not visible"),
    (
        "images_are_described",
        picture("explorer", **{"text/plain": "VBox(children=(…))"}),
        "plain text",
    ),
    (
        "images_are_described",
        picture("figure-1", **{"image/png": None, "image/svg+xml": "<svg/>"}),
        "without the PNG",
    ),
    ("links_resolve", replace("flat", "##", "[x](99_gone.ipynb)\n\n##"), "nowhere"),
    ("links_resolve", replace("flat", "##", "[x](#Nowhere)\n\n##"), "no heading"),
    ("links_resolve", replace("opening", "#slope", "#Slope"), "no heading"),
    (
        "links_resolve",
        replace("flat", "##", "[x](../solutions/02_second.ipynb)\n\n##"),
        "leads out",
    ),
    ("links_resolve", replace("flat", "##", '<a href="../README.md">x</a>\n\n##'), "nowhere"),
    ("within_bounds", replace("flat", "word.", filler(700)), "words"),
    ("within_bounds", replace("flat", filler(150), ""), "words"),
    ("within_bounds", replace("first", "print(4 * 4)", LINES), '"first" has 22 lines'),
    ("within_bounds", replace("figure-1", "assert 1 < 2\n", ""), "assertions: 2"),
    ("within_bounds", lambda nb: cell(nb, "figure-2").update(outputs=[]), "figures: 1"),
    ("within_bounds", after("drive", *[code("1", f"more-{n}") for n in range(9)]), "code cells"),
    (
        "within_bounds",
        after("drive", *[code(LINES[:-6], f"m-{n}") for n in range(8)]),
        "code lines",
    ),
    (
        "within_bounds",
        after("drive", *[code("line", f"e-{n}", explorer()) for n in (1, 2)]),
        "explorers: 3",
    ),
    ("opens_with_purpose", replace("opening", "30 minutes", "90 minutes"), "Time"),
    ("opens_with_purpose", replace("opening", "**Prerequisites:**", "Needs"), "Prerequisites"),
    ("opens_with_purpose", replace("opening", "[Lesson 1](01_first.ipynb)", "none"), "nothing"),
    ("opens_with_purpose", replace("opening", "one point?", "one point."), "question"),
    ("opens_with_purpose", replace("opening", "**New here.**", "New:"), "New here"),
    ("opens_with_purpose", replace("flat", "## ", "# "), "title"),
    ("objectives_are_measurable", replace("opening", "- compute", "- understand"), "understand"),
    ("objectives_are_measurable", replace("opening", "- compute", "compute"), "0 objectives"),
    (
        "objectives_are_measurable",
        replace("opening", "zero.", "zero.\n- a\n- b\n- c"),
        "5 objectives",
    ),
    ("key_points_answer_objectives", replace("points", "- Two.", ""), "1 key points for 2"),
    ("set_up_is_the_same", replace("set-up", "numpy as np", "numpy"), "set-up"),
    ("set_up_is_the_same", lambda nb: cell(nb, "set-up").update(id="imports"), "set-up"),
    ("recalls_an_earlier_lesson", without("recall"), "0 cells"),
    ("recalls_an_earlier_lesson", after("flat", text(RECALL, "again")), "2 cells"),
    ("recalls_an_earlier_lesson", replace("recall", "01_first", "02_second"), "earlier"),
    ("recalls_an_earlier_lesson", replace("recall", "details", "div"), "folded"),
    ("predictions_are_folded", replace("predict-2", "**Predict.**", "Guess:"), "1 predictions"),
    ("predictions_are_folded", lambda nb: cell(nb, "run-1").update(metadata={}), "not folded"),
    ("predictions_are_folded", lambda nb: cell(nb, "run-1").update(outputs=[]), "no code cell"),
    ("predictions_are_folded", without("answer-1"), "no folded answer"),
    ("predictions_are_folded", without("run-1"), "no code cell"),
    (
        "predictions_are_folded",
        metadata("first", jupyter={"outputs_hidden": True}),
        "without a pred",
    ),
    ("predictions_are_folded", replace("answer-1", "squares", "56"), "repeats the number 56"),
    ("predictions_are_folded", output("run-1", "56\n"), "gives the answer away"),
    ("predictions_are_folded", output("run-1", "True\n"), "gives the answer away"),
    ("ideas_are_short", replace("flat", "word.", filler(100)), "words without code"),
    ("figures_are_asserted", replace("explorer", "assert 2 < 3\n", ""), "figure-2"),
    ("explorers_have_tasks", replace("explore", "**Task.**", ""), "no **Task.**"),
    (
        "explorers_have_tasks",
        lambda nb: cell(nb, "figure-2").update(outputs=[]),
        "no static figure",
    ),
    ("explorers_have_tasks", without("drive"), ".set(...)"),
    ("explorers_have_tasks", without("explorer"), "neither"),
    ("looks_inside", replace("source", "inspect.getsource(f)", "'def f'"), "no cell"),
    ("looks_inside", output("source", "x\n" * 26), "26 lines"),
    ("shows_pitfalls", without("pitfall-1"), "1 code cells"),
    ("says_where_to_go", replace("next", "../exercises/", "../"), "exercises"),
    ("says_where_to_go", replace("next", "00_start_here.ipynb#Glossary", "x"), "00_start_here"),
    ("note_on_the_source_is_short", replace("note", "A sign", filler(80)), "allowed are 80"),
    ("note_on_the_source_is_short", after("note", text("More.", "more")), "last cell"),
    ("links_the_glossary", lambda nb: nb.update(cells=nb.cells[1:-2]), "glossary"),
]
BROKEN_START: list[tuple[str, Break, str]] = [
    ("lists_the_lessons", replace("contents", "02_second", "01_first"), "02_second"),
    (
        "lists_the_lessons",
        replace("contents", "(01_first.ipynb), 30", "(01_first.ipynb), 25"),
        "30",
    ),
    ("glossary_is_in_order", replace("glossary", "#### line", "#### Line"), "lower case"),
    ("glossary_is_in_order", replace("glossary", "([Lesson 2](02_second.ipynb))", ""), "'slope'"),
    (
        "glossary_is_in_order",
        replace("glossary", "What goes straight on, without an end", ""),
        "explained",
    ),
    ("glossary_is_in_order", without("glossary"), "no ####"),
    (
        "terms_are_linked_back",
        replace("glossary", "#### slope", "#### tangent line"),
        "tangent line",
    ),
]


def broken(path: Path, change: Break) -> Page:
    page = Page.read(path)
    change(page.notebook)
    return page


@pytest.mark.parametrize(("name", "change", "words"), BROKEN)
def test_rule_catches_a_broken_lesson(name: str, change: Break, words: str, folder: Path) -> None:
    complaints = list(ALL_RULES[name](broken(folder / "lessons" / "02_second.ipynb", change)))
    assert any(words in complaint for complaint in complaints), complaints


@pytest.mark.parametrize(("name", "change", "words"), BROKEN_START)
def test_rule_catches_a_broken_start(name: str, change: Break, words: str, folder: Path) -> None:
    complaints = list(ALL_RULES[name](broken(folder / "lessons" / "00_start_here.ipynb", change)))
    assert any(words in complaint for complaint in complaints), complaints


def test_a_good_course_keeps_every_rule(folder: Path) -> None:
    lessons = [folder / "lessons" / name for name in ("01_first.ipynb", "02_second.ipynb")]
    rules = dict.fromkeys(lessons, EVERY_PAGE + EVERY_LESSON)
    rules[folder / "lessons" / "00_start_here.ipynb"] = EVERY_PAGE + EVERY_START
    rules[folder / "solutions" / "01_first.ipynb"] = EVERY_PAGE
    rules[folder / "exercises" / "01_first.ipynb"] = EVERY_EXERCISE
    for path, all_of_them in rules.items():
        for rule in all_of_them:
            assert not list(rule(Page.read(path))), (path.name, rule.__name__)


def test_every_rule_was_broken() -> None:
    assert {name for name, _, _ in BROKEN + BROKEN_START} == set(ALL_RULES)
    assert set(EVERY_EXERCISE) <= set(EVERY_PAGE)
    assert set(EVERY_QUESTION) <= set(EVERY_LESSON)


def test_next_lesson_is_linked(folder: Path) -> None:
    page = broken(folder / "lessons" / "01_first.ipynb", replace("next", "02_second", "03_third"))
    assert list(ALL_RULES["says_where_to_go"](page))


@pytest.mark.parametrize(
    ("number", "result", "same"),
    [
        ("24.00004", "24.0000399999805264", True),
        ("24.0", "24.0000399999805264", True),
        ("24", "24.0000399999805264", False),
        ("10", "10", True),
        ("9.99", "10.0", False),
    ],
)
def test_a_rounded_number_is_recognized(number: str, result: str, same: bool) -> None:
    from question_rules import _same

    assert _same(number, result) is same


def test_caption_in_other_markup_is_visible() -> None:
    shown = code("show()", "x", printed(f"{CAPTION}\n"))
    assert page_rules._visible(shown, CAPTION)
    shown = code("show()", "x", new_output("display_data", data={"text/html": "<p>a &lt; b</p>"}))
    assert page_rules._visible(shown, "a < b")
    assert not page_rules._visible(shown, "a > b")


def test_a_file_as_an_editor_saves_it_is_not_normalized(folder: Path, tmp_path: Path) -> None:
    notebook = Page.read(folder / "lessons" / "01_first.ipynb").notebook
    notebook.metadata.language_info.version = "3.11.4"
    path = tmp_path / "saved.ipynb"
    nbformat.write(notebook, path)
    assert list(page_rules.stored_normalized(Page.read(path)))
