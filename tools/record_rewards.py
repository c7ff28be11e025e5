"""Record what the reward judges in a run of the sample, for the reward's benchmark and tests.

    python tools/record_rewards.py HOME benchmarks/recorded.jsonl

Runs the benchmark `sample` in HOME with the recorded teacher (minutes in an empty home: it listens
to each recording), exports it, and writes a line a question: its text, its ground truth, the kept
completions, and each required check's answer and distractors. Run it again when the completion
format, the ground truth or the settling changes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from flows.export import export
from flows.pipeline import pipeline
from flows.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

REPLIES = Path(__file__).resolve().parents[1] / "tests" / "replies" / "sample.jsonl"


def main(home: Path, out: Path) -> None:
    """Run, export and write the lines."""
    pipeline(Plan(benchmark="sample", home=str(home), teacher=f"replay:{REPLIES}"))
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder) / "exported"
        export("huggingface", exported, home, benchmark="sample")
        rows = lines(exported)
    out.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), "utf-8")
    print(f"{len(rows)} questions in {out}")


def lines(exported: Path) -> list[dict[str, object]]:
    """Gather an export's rows by question."""
    completions = defaultdict(list)
    for row in _read(exported / "sft", ("question_id", "completion")):
        completions[row["question_id"]].append(row["completion"])
    asked = defaultdict(list)
    for row in _read(exported / "subquestions", ("question_id", "id", "answer", "distractors")):
        asked[row["question_id"]].append(
            {name: row[name] for name in ("id", "answer", "distractors")}
        )
    return [
        {
            "question": row["question"],
            "ground_truth": row["ground_truth"],
            "completions": completions[row["question_id"]],
            "asked": asked[row["question_id"]],
        }
        for row in _read(exported / "rl", ("question_id", "question", "ground_truth"))
    ]


def _read(folder: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    files = sorted(folder.glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file, columns=[*columns]).to_pylist()]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
