"""Write docs/schema.md from schemas/ and the macros of the migrations: what each means.

python tools/schema_docs.py          writes the file
python tools/schema_docs.py --check  fails where the file is not what the code says
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from schemas import VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "schema.md"

# In the order in which data flows, not the alphabet's.
MODULES = ("sources", "evidence", "perception", "reasoning", "bookkeeping")

_COMMENT = re.compile(r"COMMENT ON MACRO \w+ IS\s+((?:'(?:[^']|'')*'\s*)+);")
_PIECE = re.compile(r"'((?:[^']|'')*)'(?!')")

_HEAD = """# The schema

Every record of the warehouse, as `schemas/` declares it. All are frozen. This page is written by
`python tools/schema_docs.py`; a test fails where it is not up to date.
"""

_MACROS = """## Checks in SQL

Macros for queries over many answers, in every warehouse and its snapshot. SQL reads no prose: a
number comes already read, in the check's unit, and a text as it is written. `check` is a column
that holds one: `SELECT passes_number(150, "check") FROM subquestions`.
"""


def page() -> str:
    """Write the whole page."""
    parts = [_HEAD]
    for module in MODULES:
        tree = ast.parse((ROOT / "schemas" / f"{module}.py").read_text(encoding="utf-8"))
        parts.append(f"## {(ast.get_docstring(tree) or module).rstrip('.')}\n")
        parts.extend(_closed_sets(tree))
        parts.extend(_noun(node) for node in tree.body if isinstance(node, ast.ClassDef))
    return "\n".join([*parts, _vocabulary(), _macros()])


def _closed_sets(tree: ast.Module) -> Iterator[str]:
    """Tell of each closed set of words, as in `Tier = Literal[...]`."""
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Subscript(value=ast.Name(id="Literal"), slice=words),
            ):
                listed = ", ".join(f"`{word}`" for word in ast.literal_eval(words))
                yield f"**{name}**: one of {listed}.\n"


def _noun(node: ast.ClassDef) -> str:
    lines = [f"### {node.name}\n", f"{ast.get_docstring(node)}\n"]
    lines += ["| field | type | |", "| --- | --- | --- |"]
    for field, meaning in _fields(node):
        written = ast.unparse(field.annotation)
        if field.value is not None:
            written += f" = {ast.unparse(field.value)}"
        lines.append(f"| `{ast.unparse(field.target)}` | {_code(written)} | {_cell(meaning)} |")
    return "\n".join(lines) + "\n"


def _fields(node: ast.ClassDef) -> Iterator[tuple[ast.AnnAssign, str]]:
    """Walk a noun's fields, each with the docstring under it, "" where it has none."""
    for place, statement in enumerate(node.body):
        if isinstance(statement, ast.AnnAssign):
            below = node.body[place + 1] if place + 1 < len(node.body) else None
            yield statement, _text(below)


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""


def _vocabulary() -> str:
    lines = ["## The vocabulary\n", "Every property that can be asked, claimed and checked.\n"]
    lines += ["| property | unit | asks | kind of check | tolerance | exclusive | source |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
    for row in VOCABULARY:
        tolerance = f"{row.tolerance:g}" + (" of the value" if row.relative else "")
        name = f"`{row.name}`" + (" of something named" if row.subjects else "")
        shown = (
            name, row.unit, row.description, f"`{row.check}`",
            tolerance if row.tolerance else "exact", "yes" if row.exclusive else "no", row.source,
        )  # fmt: skip
        lines.append("| " + " | ".join(_cell(text) for text in shown) + " |")
    return "\n".join(lines) + "\n"


def _macros() -> str:
    """List the SQL macros that the migrations make, by what their comments say."""
    lines = [_MACROS, "| macro | |", "| --- | --- |"]
    for file in sorted((ROOT / "warehouse" / "migrations").glob("*.sql")):
        for comment in _COMMENT.findall(file.read_text(encoding="utf-8")):
            told = "".join(_PIECE.findall(comment)).replace("''", "'")
            call, _, meaning = told.partition(": ")
            lines.append(f"| {_code(call)} | {_cell(meaning)} |")
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _cell(text: str) -> str:
    """Put a docstring into a table cell: on one line, without a pipe or a tag of its own."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("**", "\\*\\*")


def main() -> int:
    """Write the page, or with --check tell whether it is up to date."""
    written = page()
    if "--check" in sys.argv[1:]:
        current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if current != written:
            print(f"{PAGE.name} is not what schemas/ says: run python tools/schema_docs.py")
            return 1
        return 0
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(written, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
