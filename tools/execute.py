"""Run a notebook from top to bottom in a fresh kernel, the same way every time."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from normalize import ANSI
from traitlets import default

SECONDS_PER_CELL = 120


class NotebookFailedError(Exception):
    """A cell raised where no `raises-exception` tag allows it, hung, or ended the kernel."""


class _ThisInterpreter(KernelSpecManager):
    """`python3` is the interpreter that runs this tool, whatever kernels the user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name=kernel_name, language="python")


class _Manager(AsyncKernelManager):
    @default("kernel_spec_manager")
    def _own_interpreter(self) -> KernelSpecManager:
        return _ThisInterpreter()


def executed(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """A copy of the notebook with the outputs of a run in `folder`.

    Raises NotebookFailedError with the cell's id and the last line of its traceback.
    """
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        copy,
        kernel_manager_class=_Manager,
        kernel_name="python3",
        timeout=SECONDS_PER_CELL,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],
        shutdown_kernel="immediate",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    )
    current: list[NotebookNode] = []
    client.on_cell_execute = lambda cell, cell_index: current.append(cell)
    with _environment() as environment:
        try:
            client.execute(env=environment)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise NotebookFailedError(_reason(current[-1], error)) from error
    return copy


@contextlib.contextmanager
def _environment() -> Iterator[dict[str, str]]:
    """Settings that keep a run from reading or writing anything of the user's own."""
    with tempfile.TemporaryDirectory() as folder:
        yield {
            **os.environ,
            "IPYTHONDIR": folder,
            "TINYAD_AS_COPY": "1",
            "TINYAD_PROGRESS": str(Path(folder) / "progress.json"),
        }


def _reason(cell: NotebookNode, error: Exception) -> str:
    """The cell and the last line of its traceback, or what stopped the kernel."""
    message = str(error)
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            message = f"{output.ename}: {ANSI.sub('', output.evalue)}"
    lines = message.strip().splitlines() or [type(error).__name__]
    return f'cell "{cell.get("id")}": {lines[0]}'
