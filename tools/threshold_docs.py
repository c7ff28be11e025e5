"""Write docs/thresholds.md from synth/thresholds.toml: each number that decides, and its source.

python tools/threshold_docs.py          writes the file
python tools/threshold_docs.py --check  fails where the file is not what the table says
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from synth.thresholds import thresholds

PAGE = Path(__file__).resolve().parents[1] / "docs" / "thresholds.md"

_HEAD = """# Thresholds, gates and windows

Every number that decides what an instrument may say, how what instruments say is settled, or what a
filter drops, from `synth/thresholds.toml`. An extractor's version covers its rows: change one, and
recordings are measured anew (`synth drift` lists what would flip). This page is written by
`python tools/threshold_docs.py`; a test fails where it is not up to date.
"""


def page() -> str:
    """Write the whole page."""
    parts = [_HEAD]
    for owner, rows in groupby(thresholds(), key=lambda row: row.owner):
        lines = [f"## {owner}\n", "| name | value | source |", "| --- | --- | --- |"]
        lines += [
            f"| {row.name} | {f'{row.value:g} {row.unit}'.strip()} | {row.source} |" for row in rows
        ]
        parts.append("\n".join([*lines, ""]))
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is what the table says."""
    written = page()
    if "--check" not in arguments:
        PAGE.write_text(written, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == written:
        return 0
    print(f"{PAGE}: not up to date: python tools/threshold_docs.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
