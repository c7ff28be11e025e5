"""Write synth/audioset_ontology.csv from AudioSet's ontology.json: each class and its parents.

python tools/ontology_table.py ontology.json          writes the table
python tools/ontology_table.py ontology.json --check  fails where the table is not what it says

ontology.json is Google's, from https://github.com/audioset/ontology, under CC BY-SA 4.0; the table
keeps its display names and its tree, in its order, and leaves out ids, descriptions and examples.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parents[1] / "synth" / "audioset_ontology.csv"


def table(ontology: str) -> str:
    """Write the table: one row a class, its parents parted by "|"."""
    classes = json.loads(ontology)
    names = {one["id"]: one["name"] for one in classes}
    parents: dict[str, list[str]] = {name: [] for name in names.values()}
    for one in classes:
        for child in one["child_ids"]:
            parents[names[child]].append(one["name"])
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(("name", "parents"))
    rows.writerows((name, "|".join(above)) for name, above in parents.items())
    return written.getvalue()


def main() -> int:
    """Write the table, or check it."""
    made = table(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if "--check" in sys.argv:
        same = TABLE.read_text(encoding="utf-8") == made
        print(f"{TABLE.name}: {'as the ontology says' if same else 'not what the ontology says'}")
        return not same
    TABLE.write_text(made, encoding="utf-8")
    print(f"{TABLE}: {made.count(chr(10)) - 1} classes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
