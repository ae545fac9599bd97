"""One spelling for a notebook: what two runs may differ in is removed, everything else is kept."""

from __future__ import annotations

import base64
import re
import struct
import uuid
from typing import Any

import nbformat
from nbformat import NotebookNode

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python"}
CELL_METADATA = {"tags", "jupyter", "nbgrader", "deletable", "editable"}
FOLDING = {"outputs_hidden", "source_hidden"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# The part before the name begins where a path can begin and is bounded: a picture's text has
# no blanks, and a search from each of its letters would take a minute.
KERNEL_FILE = re.compile(r"""(?<![^\s"'<>()])[^\s"'<>()]{0,300}ipykernel_\d+[\\/]\d+\.py""")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_TEXT = {b"tEXt", b"iTXt", b"zTXt", b"tIME"}


def normalized(notebook: NotebookNode) -> NotebookNode:
    """A copy of the notebook in the one spelling that is committed."""
    copy = nbformat.from_dict(notebook)
    copy.nbformat, copy.nbformat_minor = 4, 5
    copy.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": LANGUAGE})
    copy.cells = [_cell(cell) for cell in copy.cells]
    return copy


def text_of(notebook: NotebookNode) -> str:
    """The file's text: sorted keys, one space of indentation, a newline at the end."""
    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def _cell(cell: NotebookNode) -> NotebookNode:
    metadata = {key: value for key, value in cell.metadata.items() if key in CELL_METADATA}
    folding = {k: v for k, v in metadata.get("jupyter", {}).items() if k in FOLDING and v}
    metadata["jupyter"] = folding
    plain: dict[str, Any] = {
        "id": cell.get("id", ""),
        "cell_type": cell.cell_type,
        "metadata": {key: value for key, value in metadata.items() if value not in ({}, [])},
        "source": cell.source.rstrip("\n"),
    }
    if cell.get("attachments"):
        plain["attachments"] = cell.attachments
    if cell.cell_type == "code":
        plain["execution_count"] = cell.get("execution_count")
        plain["outputs"] = _outputs(cell)
    return nbformat.from_dict(plain)


def _outputs(cell: NotebookNode) -> list[dict[str, Any]]:
    """The outputs with text cleaned and neighbors of one stream joined."""
    outputs: list[dict[str, Any]] = []
    for index, output in enumerate(cell.get("outputs", [])):
        plain = _output(output, f"{cell.get('id', '')}/{index}")
        if "execution_count" in plain:
            plain["execution_count"] = cell.get("execution_count")
        last = outputs[-1] if outputs else {}
        if plain["output_type"] == "stream" and last.get("name") == plain["name"]:
            last["text"] += plain["text"]
        else:
            outputs.append(plain)
    return outputs


def _output(output: NotebookNode, key: str) -> dict[str, Any]:
    plain: dict[str, Any] = dict(output)
    plain.pop("transient", None)
    if output.output_type == "stream":
        plain["text"] = _clean(output.text)
    elif output.output_type == "error":
        plain["evalue"] = _clean(output.evalue)
        plain["traceback"] = short_traceback(output.traceback)
    else:
        plain["data"] = {mime: _data(mime, value, key) for mime, value in output.data.items()}
    return plain


def _data(mime: str, value: Any, key: str) -> Any:
    """One entry of a MIME bundle, free of what changes from run to run."""
    if mime == WIDGET_VIEW:  # the kernel draws a new identifier each time
        return {**value, "model_id": uuid.uuid5(uuid.NAMESPACE_URL, key).hex}
    if mime == "image/png":
        return base64.b64encode(without_text_chunks(base64.b64decode(value))).decode("ascii")
    return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    return KERNEL_FILE.sub("CELL.py", text)


def short_traceback(traceback: list[str]) -> list[str]:
    """The frames in the notebook's own cells and the message: no colors, no files of a machine."""
    plain = [_clean(ANSI.sub("", part)) for part in traceback]
    if len(plain) < 3:
        return plain
    head, frames, message = plain[:2], plain[2:-1], plain[-1]
    # A syntax error's only "frame" has no "Cell In" of its own kind of entry; it stays whole.
    cells = [frame for frame in frames if not re.match(r"\s*File (?!<ipython)", frame)]
    return [*head, *cells, message]


def without_text_chunks(png: bytes) -> bytes:
    """The same picture without its text chunks, which name the version of the program."""
    if not png.startswith(PNG_SIGNATURE):
        return png
    kept, at = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while at + 8 <= len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        end = at + 12 + length
        if png[at + 4 : at + 8] not in PNG_TEXT:
            kept.append(png[at:end])
        at = end
    return b"".join(kept)
