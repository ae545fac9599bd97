"""What holds for every notebook. Each rule takes a page and yields its complaints."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

from measure import FENCE, Page, headings, text_outputs
from nbformat import NotebookNode
from normalize import WIDGET_VIEW, normalized, text_of

Rule = Callable[[Page], Iterator[str]]

MACHINE_PATH = re.compile(
    r"(?:/home/|/Users/|/root/|/tmp/|/var/folders/|[A-Za-z]:\\Users\\)\w|site-packages|ipykernel_\d"
)
CHOSEN_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")
GRADE_ID = re.compile(r"[A-Za-z0-9_-]+")
MARKDOWN_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)")
HTML_IMAGE = re.compile(r"<img\b[^>]*>")
HTML_LINK = re.compile(r"<a\b[^>]*\bhref=[\"']([^\"']+)[\"']")
OBJECT_REPR = re.compile(r"<[^<>\n]+ at 0x[0-9a-fA-F]+>|<(function|class|module|bound method) ")
LONGEST_FILE = 300_000
SHORTEST_ALT = 30
COPIED = ("lessons", "exercises")  # what `tinyad start` copies: links may not lead elsewhere


def kernel_is_python3(page: Page) -> Iterator[str]:
    """An author's own kernel name would not be found on another machine."""
    name = page.notebook.metadata.get("kernelspec", {}).get("name")
    if name != "python3":
        yield f"the kernel is {name!r}, not 'python3'"


def executed_in_order(page: Page) -> Iterator[str]:
    """A cell that was never executed would pass a comparison of outputs unseen."""
    counts = [cell.execution_count for cell in page.code]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the cells were executed as {counts}, not 1, 2, 3 …"


def errors_only_where_announced(page: Page) -> Iterator[str]:
    """An error is shown only on purpose, and a cell that promises one raises it."""
    for cell in page.code:
        tagged = "raises-exception" in cell.metadata.get("tags", [])
        raised = any(output.output_type == "error" for output in cell.outputs)
        graded = cell.metadata.get("nbgrader", {}).get("grade", False)
        if raised and (graded or not tagged):
            yield f'cell "{cell.id}" shows an error'
        if tagged and not raised and not graded:
            yield f'cell "{cell.id}" is tagged raises-exception and raises nothing'


def outputs_are_clean(page: Page) -> Iterator[str]:
    """No warnings, no object's address, no hidden value behind a semicolon."""
    for cell in page.code:
        if any(output.get("name") == "stderr" for output in cell.outputs):
            yield f'cell "{cell.id}" writes to stderr'
        if found := OBJECT_REPR.search(text_outputs(cell)):
            yield f'cell "{cell.id}" shows the bare object {found.group()}'
        if cell.source.rstrip().endswith(";"):
            yield f'cell "{cell.id}" ends with a semicolon'


def no_machine_paths(page: Page) -> Iterator[str]:
    """Nobody else has the folders of the machine that ran the notebook."""
    for cell in page.cells:
        texts = [cell.source, text_outputs(cell)]
        texts += [line for out in cell.get("outputs", []) for line in out.get("traceback", [])]
        for text in texts:
            if found := MACHINE_PATH.search(text):
                yield f'cell "{cell.id}" names a folder of a machine: {found.group()!r}'


def ids_are_chosen(page: Page) -> Iterator[str]:
    """Ids that a person chose stay the same, so that changes can be read."""
    seen: set[str] = set()
    for cell in page.cells:
        if not CHOSEN_ID.fullmatch(cell.id) or RANDOM_ID.fullmatch(cell.id):
            yield f'the id "{cell.id}" was not chosen by a person (a-z, 0-9, hyphens)'
        if cell.id in seen:
            yield f'the id "{cell.id}" occurs twice'
        seen.add(cell.id)


def grade_ids_are_unique(page: Page) -> Iterator[str]:
    """The gradebook knows a cell by its grade id alone."""
    seen: set[str] = set()
    for cell in page.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id is None:
            continue
        if not GRADE_ID.fullmatch(grade_id):
            yield f'the grade id "{grade_id}" is not made of letters, digits, - and _'
        if grade_id in seen:
            yield f'the grade id "{grade_id}" occurs twice'
        seen.add(grade_id)


def stored_normalized(page: Page) -> Iterator[str]:
    """One spelling, without widget state or what an editor left behind."""
    if "widgets" in page.notebook.metadata:
        yield "widget state is stored"
    if any(cell.get("attachments") for cell in page.cells):
        yield "an attachment is stored"
    if page.path.exists() and page.path.read_text("utf-8") != text_of(normalized(page.notebook)):
        yield "not normalized: run tools/notebooks.py"


def small_enough(page: Page) -> Iterator[str]:
    """A notebook that opens at once."""
    size = len(text_of(page.notebook).encode())
    if size > LONGEST_FILE:
        yield f"{size} bytes, more than {LONGEST_FILE}"


def images_are_described(page: Page) -> Iterator[str]:
    """A picture can be heard: alternative text, and a caption that everybody can read."""
    for cell in page.prose:
        for alt, _ in MARKDOWN_IMAGE.findall(FENCE.sub("", cell.source)):
            if not alt.strip():
                yield f'an image in cell "{cell.id}" has no alternative text'
        for tag in HTML_IMAGE.findall(FENCE.sub("", cell.source)):
            if not re.search(r"\balt=[\"'][^\"']+", tag):
                yield f'an image in cell "{cell.id}" has no alternative text'
    for cell in page.code:
        for output in cell.outputs:
            yield from _described(cell, output)


def _described(cell: NotebookNode, output: NotebookNode) -> Iterator[str]:
    data = output.get("data", {})
    if "image/svg+xml" in data and "image/png" not in data:
        yield f'cell "{cell.id}" shows an SVG without the PNG that untrusted notebooks need'
    if "image/png" not in data:
        return
    alt = output.metadata.get("image/png", {}).get("alt", "")
    if len(alt.strip()) < SHORTEST_ALT:
        yield f'the picture of cell "{cell.id}" has no alternative text that describes it'
    plain = data.get("text/plain", "")
    if WIDGET_VIEW in data:
        if plain.startswith("<") or "(" in plain[:40] or len(plain.split()) < 4:
            yield f'the widget of cell "{cell.id}" does not say in plain text what it shows'
    elif not plain.startswith("Figure: "):
        yield f'the picture of cell "{cell.id}" has no caption ("Figure: …" as plain text)'
    elif not _visible(cell, plain.removeprefix("Figure: ")):
        yield f'the caption of cell "{cell.id}" is not visible beside its picture'


def _visible(cell: NotebookNode, caption: str) -> bool:
    """Whether the caption's words also stand in an output that shows text."""
    shown = []
    for output in cell.outputs:
        data = output.get("data", {})
        shown.append(output.get("text", ""))
        shown += [data[mime] for mime in ("text/html", "text/markdown") if mime in data]
        shown += [data["text/plain"]] if set(data) == {"text/plain"} else []
    text = html.unescape(" ".join(re.sub(r"<[^>]+>|[*_]", " ", part) for part in shown))
    return " ".join(re.sub(r"[*_]", " ", caption).split()) in " ".join(text.split())


def links_of(page: Page) -> list[str]:
    """The targets of all links and images in the Markdown."""
    text = FENCE.sub("", page.text)
    targets = [target for _, target in MARKDOWN_IMAGE.findall(text)]
    return MARKDOWN_LINK.findall(text) + HTML_LINK.findall(text) + targets


def links_resolve(page: Page) -> Iterator[str]:
    """A link leads somewhere, here and in the learner's copy."""
    home = page.path.resolve().parent
    roots = [home.parent / name for name in COPIED]
    for link in links_of(page):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (home / name).resolve() if name else page.path.resolve()
        if not target.exists():
            yield f"the link {link} leads nowhere"
        elif name and not any(target.is_relative_to(root) for root in roots):
            yield f"the link {link} leads out of the learner's copy (lessons/ and exercises/)"
        elif anchor and target.suffix == ".ipynb" and anchor not in anchors(target):
            yield f"the link {link}: {target.name} has no heading {anchor!r}"


def anchors(path: Path) -> set[str]:
    """The names by which JupyterLab knows a notebook's headings."""
    return {text.replace(" ", "-") for _, text in headings(Page.read(path).text)}


EVERY_PAGE: tuple[Rule, ...] = (
    kernel_is_python3,
    executed_in_order,
    errors_only_where_announced,
    outputs_are_clean,
    no_machine_paths,
    ids_are_chosen,
    grade_ids_are_unique,
    stored_normalized,
    small_enough,
    images_are_described,
    links_resolve,
)
EVERY_EXERCISE: tuple[Rule, ...] = (
    kernel_is_python3,
    no_machine_paths,
    ids_are_chosen,
    grade_ids_are_unique,
    images_are_described,
    links_resolve,
)
