"""How tables are printed: on a terminal as wide as it is, elsewhere so that nothing is cut."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDE = 200  # columns where nobody says how wide: a log, a file


def console() -> Console:
    """Give the console that people read."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None
) -> None:
    """Print a table."""
    drawn = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        # Text, not markup: what stands in a cell may come from anybody.
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console().print(drawn)
