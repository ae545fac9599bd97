"""A small course that keeps every rule, for tests that break one rule at a time."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

from lesson_rules import SETUP
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from normalize import WIDGET_VIEW, normalized, text_of

ALT = "A rising straight line through the origin"
CAPTION = "The line rises."

OPENING = """\
# Measure a slope

**Time:** 30 minutes · **Prerequisites:** [Lesson 1](01_first.ipynb)

**You will be able to**

- compute a slope from two points of a curve,
- predict where the slope of a parabola is zero.

**The question.** How steep is a curve at one point?

**New here.** The word [slope](00_start_here.ipynb#slope)."""
RECALL = """\
**Recall.** What was the question of [Lesson 1](01_first.ipynb)?

<details><summary>Answer</summary>

How a line rises.

</details>"""
ANSWER = "<details><summary>Why</summary>\n\nThe rule of squares says so.\n\n</details>"
NOTE = "<details><summary>If you read the source</summary>\n\nA sign is wrong there.\n\n</details>"
GLOSSARY = """\
## Glossary

#### line

What goes straight on, without an end ([Lesson 1](01_first.ipynb)).

#### slope

How much a curve rises for one step ([Lesson 2](02_second.ipynb))."""


def png() -> str:
    """A white picture of 64 x 48 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    rows = (b"\x00" + b"\xff" * 64) * 48
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(data).decode()


def text(source: str, name: str) -> NotebookNode:
    return new_markdown_cell(source, id=name)


def filler(count: int) -> str:
    return " ".join(["word"] * count) + "."


def code(source: str, name: str, *outputs: NotebookNode, **metadata: Any) -> NotebookNode:
    return new_code_cell(source, id=name, outputs=list(outputs), metadata=metadata)


def printed(shown: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=shown)


def picture(**more: Any) -> list[NotebookNode]:
    data = {"image/png": png(), "text/plain": f"Figure: {CAPTION}", **more}
    image = new_output("display_data", data=data, metadata={"image/png": {"alt": ALT}})
    caption = new_output("display_data", data={"text/html": f"<p><em>{CAPTION}</em></p>"})
    return [image, caption]


def explorer() -> NotebookNode:
    view = {"model_id": "0", "version_major": 2, "version_minor": 0}
    return picture(**{WIDGET_VIEW: view, "text/plain": "A slider that moves the line."})[0]


def lesson(name: str = "02_second.ipynb") -> NotebookNode:
    """A lesson that keeps every rule."""
    folded = {"jupyter": {"outputs_hidden": True}}
    cells = [
        text(OPENING, "opening"),
        code(SETUP, "set-up"),
        text(RECALL, "recall"),
        text(f"## What is steep?\n\n{filler(150)}", "steep"),
        code("print(4 * 4)\nassert 4 * 4 == 16", "first", printed("16\n")),
        text("**Predict.** What is seven times eight?", "predict-1"),
        code("print(7 * 8)", "run-1", printed("Product:\n56\n"), **folded),
        text(ANSWER, "answer-1"),
        text(f"## Where is it flat?\n\n{filler(150)}", "flat"),
        code("assert 1 < 2\nshow()", "figure-1", *picture()),
        text("**Predict.** And three times nine?", "predict-2"),
        code("print(3 * 9)", "run-2", printed("Product:\n27\n"), **folded),
        text(ANSWER, "answer-2"),
        text(f"## Explore\n\n**Task.** Find the place.\n\n{filler(150)}", "explore"),
        code("show()", "figure-2", *picture()),
        code("assert 2 < 3\nline = explore()\nline", "explorer", explorer()),
        code("line.set(eps=1)", "drive"),
        text("## Look inside", "inside"),
        code("print(inspect.getsource(f))", "source", printed("def f(x):\n    return x\n")),
        text(f"## Pitfalls\n\n{filler(60)}", "pitfalls"),
        code("print(1)", "pitfall-1", printed("1\n")),
        code("1 / 0", "pitfall-2", _error(), tags=["raises-exception"]),
        text("## Key points\n\n- One.\n- Two.", "points"),
        text(_where_next(name), "next"),
        text(NOTE, "note"),
    ]
    return _numbered(cells)


def _where_next(name: str) -> str:
    after = "[Lesson 2](02_second.ipynb), " if name.startswith("01") else ""
    links = (
        f"[the exercise](../exercises/{name}), {after}[the glossary](00_start_here.ipynb#Glossary)"
    )
    return f"## Where to go next\n\n{links}"


def _error() -> NotebookNode:
    lines = ["---", "ZeroDivisionError", "ZeroDivisionError: division by zero"]
    return new_output(
        "error", ename="ZeroDivisionError", evalue="division by zero", traceback=lines
    )


def first_lesson() -> NotebookNode:
    """The lesson before it, which recalls nothing."""
    notebook = lesson("01_first.ipynb")
    notebook.cells = [cell for cell in notebook.cells if cell.id != "recall"]
    opening = OPENING.replace("[Lesson 1](01_first.ipynb)", "[Start here](00_start_here.ipynb)")
    notebook.cells[0].source = opening.replace(
        "[slope](00_start_here.ipynb#slope)", "[line](00_start_here.ipynb#line)"
    )
    return notebook


def start_page() -> NotebookNode:
    """Contents and glossary of the two lessons."""
    lines = ["# Start here", "", "1. [One](01_first.ipynb), 30 minutes"]
    contents = "\n".join([*lines, "2. [Two](02_second.ipynb), 30 minutes"])
    return _numbered([text(contents, "contents"), text(GLOSSARY, "glossary")])


def solution() -> NotebookNode:
    """One task: the learner's function, and the graded cell."""
    flags = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    body = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"
    answer = code(body, "f", nbgrader={**flags, "solution": True, "grade_id": "f"})
    graded = {**flags, "grade": True, "locked": True, "grade_id": "f-graded", "points": 1}
    check = code("assert f(1) == 1", "f-graded", nbgrader=graded, tags=["raises-exception"])
    return _numbered([text("# Exercise", "title"), answer, check])


def _numbered(cells: list[NotebookNode]) -> NotebookNode:
    count = 0
    for cell in cells:
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
    return new_notebook(cells=cells)


def course(folder: Path) -> Path:
    """The whole small course, written into `folder`."""
    files = {
        "lessons/00_start_here.ipynb": start_page(),
        "lessons/01_first.ipynb": first_lesson(),
        "lessons/02_second.ipynb": lesson(),
        "solutions/01_first.ipynb": solution(),
        "solutions/02_second.ipynb": solution(),
        "exercises/01_first.ipynb": solution(),
        "exercises/02_second.ipynb": solution(),
    }
    for name, notebook in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(normalized(notebook)), "utf-8")
    return folder
