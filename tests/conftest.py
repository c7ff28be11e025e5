"""Fixtures that every room's tests share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import settings

# Nothing timed in tests: a busy machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real question files and labelled recordings that lie beside a checkout, never in it."""
    if not (SHARED / "benchmarks").is_dir():
        pytest.skip("needs the real question files and recordings in ../shared")
    return SHARED


CHOICES = ["yes", "no"]
ASKED = "Can a voice be heard at any moment?"


def _reply(purpose: str, content: object, **named: object) -> str:
    return json.dumps({"purpose": purpose, **named, "reply": {"text": json.dumps(content)}})


@dataclass(frozen=True)
class Made:
    """A benchmark folder in MMAU's format whose answers are known, and a teacher for it."""

    root: Path
    replies: Path

    def row(self, name: str, **changes: object) -> dict[str, object]:
        """One question in MMAU's eleven fields."""
        return {
            "id": name, "audio_id": f"./audio/{name}.wav", "choices": CHOICES, "answer": "no",
            "question": "Does somebody speak in this recording?", "dataset": "made",
            "task": "sound", "split": "test-mini", "category": "Reasoning",
            "sub-category": "Acoustic Source Inference", "difficulty": "easy", **changes,
        }  # fmt: skip

    def write(self, rows: list[dict[str, object]]) -> None:
        """Write the question file."""
        (self.root / "mmau-test-mini.json").write_text(json.dumps(rows), encoding="utf-8")

    def tone(self, name: str, hertz: float, seconds: float = 3.0, rate: int = 16_000) -> Path:
        """Write a tone at -20 dBFS: no speech, no music, and a loudness that meters agree on."""
        path = self.root / "audio" / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        times = np.arange(round(seconds * rate)) / rate
        soundfile.write(path, 0.14 * np.sin(2 * np.pi * hertz * times), rate)
        return path

    def tones(self, count: int) -> list[str]:
        """Write so many tones and a question about each; returns their ids."""
        names = [f"tone-{number}" for number in range(count)]
        for number, name in enumerate(names):
            self.tone(name, 300.0 + 50.0 * number)
        self.write([self.row(name) for name in names])
        return names


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An empty benchmark folder, and a recorded teacher that reasons well of missing voices."""
    root = tmp_path / "root"
    root.mkdir()
    step = {"text": "No voice is heard in the recording.", "uses": ["o1"]}
    review = "The observation says that nobody speaks, so the draft stands."
    asked = {"property": "presence of speech", "question": ASKED}
    replies = tmp_path / "replies.jsonl"
    lines = [
        _reply("decompose", {"subquestions": [asked]}),
        _reply("reason", {"steps": [step], "draft": "no", "review": review, "answer": "no"}),
        _reply("probe", {"answer": "no"}),
    ]
    replies.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Made(root, replies)
