"""Rebuild the benchmark `sample` from its sources: mixes, recordings.jsonl, ATTRIBUTION.md.

    python tools/make_sample.py

`sources.jsonl` (written by hand) says what each upstream clip is and who made it; PLAN says how
clips are joined. A mix whose sound has not changed keeps its file, so its sha256 stays the same
whichever libFLAC wrote it. Questions refer to mixes by name and are written by hand.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from synth.audio import Audio
from synth.edits.arrange import (
    FULL_SCALE,
    Arrangement,
    Bed,
    Edited,
    Placement,
    apply,
    repeated,
)

FILES = Path(__file__).resolve().parents[1] / "synth" / "benchmarks" / "sample_files"
SEED = 20261123

Plan = tuple[tuple[str, ...], Arrangement]
"""The sources' paths below FILES, and how they are arranged; placements name them by index."""

DOOR = "sources/perc_door.flac"
CROW = "sources/misc_crow.flac"
TILL = "sources/perc_till.flac"
BELL = "sources/perc_bell.flac"
BURP = "sources/misc_burp.flac"
COWBELL = "sources/drum_cowbell.flac"
CYMBAL = "sources/drum_cymbal_hard.flac"
SNARE = "sources/drum_snare_hard.flac"
HISS = "sources/vinyl_hiss.flac"
AUSTEN_0880 = "sources/austen_0880.flac"
AUSTEN_0890 = "sources/austen_0890.flac"
AUSTEN_0930 = "sources/austen_0930.flac"
SONNET_1 = "sources/sonnet_1.flac"
SONNET_3 = "sources/sonnet_3.flac"
SONNET_13 = "sources/sonnet_13.flac"


def sound(source: int, start_s: float, label: str, gain_db: float = 0.0) -> Placement:
    """Place a clip in which nobody speaks."""
    return Placement(source=source, start_s=start_s, label=label, gain_db=gain_db)


def speech(source: int, start_s: float, clip: str, gain_db: float = 0.0) -> Placement:
    """Place an utterance; who speaks and what is said stands in sources.jsonl."""
    labels = sources()[clip]["labels"]
    return Placement(
        source=source,
        start_s=start_s,
        label="speech",
        gain_db=gain_db,
        speaker=labels["speaker"],
        words=labels["transcript"],
    )


def plans() -> dict[str, Plan]:
    """How each made recording of the benchmark is arranged, by its path below FILES."""
    return {
        "audio/door_crow_till.flac": (
            (DOOR, CROW, TILL),
            Arrangement(
                placements=(
                    sound(0, 0.5, "door"),
                    *repeated(sound(1, 3.0, "crow", -4), 3, 0.9),
                    sound(2, 6.5, "cash register", 6),
                ),
                duration_s=9.0,
                sample_rate_hz=44100,
            ),
        ),
        "audio/bell_burp_door_crow.flac": (
            (BELL, BURP, DOOR, CROW),
            Arrangement(
                placements=(
                    sound(0, 0.5, "bell"),
                    sound(1, 4.5, "burp"),
                    sound(2, 6.0, "door"),
                    sound(3, 9.0, "crow", -4),
                ),
                duration_s=10.0,
                sample_rate_hz=44100,
            ),
        ),
        "audio/doors_and_crows.flac": (
            (CROW, DOOR),
            Arrangement(
                placements=(
                    sound(0, 0.4, "crow", -4),
                    *repeated(sound(1, 1.5, "door"), 2, 2.5),
                    sound(0, 6.5, "crow", -4),
                    *repeated(sound(1, 7.5, "door"), 2, 2.5),
                ),
                duration_s=12.5,
                sample_rate_hz=44100,
            ),
        ),
        "audio/cowbell_cymbal_snare.flac": (
            (COWBELL, CYMBAL, SNARE),
            Arrangement(
                placements=(
                    *repeated(sound(0, 0.5, "cowbell"), 3, 0.8),
                    sound(1, 3.2, "cymbal"),
                    *repeated(sound(2, 5.2, "snare drum"), 2, 0.7),
                ),
                duration_s=7.0,
                sample_rate_hz=44100,
            ),
        ),
        "audio/crows_in_hiss.flac": (
            (CROW, HISS),
            Arrangement(
                placements=repeated(sound(0, 1.5, "crow", -4), 2, 3.5),
                duration_s=8.0,
                sample_rate_hz=22050,
                bed=Bed(source=1, label="hiss"),
            ),
        ),
        "audio/two_readers.flac": (
            (AUSTEN_0890, SONNET_1, AUSTEN_0930),
            Arrangement(
                placements=(
                    speech(0, 0.3, AUSTEN_0890),
                    speech(1, 5.8, SONNET_1, -4),
                    speech(2, 12.6, AUSTEN_0930),
                ),
                duration_s=16.4,
                sample_rate_hz=16000,
            ),
        ),
        "audio/readers_in_turn.flac": (
            (SONNET_3, AUSTEN_0880, SONNET_13, AUSTEN_0930),
            Arrangement(
                placements=(
                    speech(0, 0.3, SONNET_3, -4),
                    speech(1, 6.2, AUSTEN_0880),
                    speech(2, 9.8, SONNET_13, -4),
                    speech(3, 14.0, AUSTEN_0930),
                ),
                duration_s=17.7,
                sample_rate_hz=16000,
            ),
        ),
        "audio/speech_then_doors.flac": (
            (AUSTEN_0880, DOOR),
            Arrangement(
                placements=(speech(0, 0.4, AUSTEN_0880), *repeated(sound(1, 4.2, "door"), 2, 2.4)),
                duration_s=9.2,
                sample_rate_hz=16000,
            ),
        ),
        "audio/bell_speech_till.flac": (
            (BELL, SONNET_13, TILL),
            Arrangement(
                placements=(
                    sound(0, 0.5, "bell"),
                    speech(1, 4.5, SONNET_13, -4),
                    sound(2, 9.0, "cash register", 6),
                ),
                duration_s=11.8,
                sample_rate_hz=16000,
            ),
        ),
    }


def sources() -> dict[str, dict[str, Any]]:
    """Read what each upstream clip is, by its path below FILES."""
    lines = (FILES / "sources.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["path"]: row for row in map(json.loads, lines)}


def sha256(path: Path) -> str:
    """Hash a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def decoded(path: Path) -> Audio:
    """Decode one of our own FLAC files."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Audio(sha256(path), np.ascontiguousarray(samples.T), rate)


def built(plan: Plan) -> Edited:
    """Arrange one mix."""
    clips, arrangement = plan
    return apply([decoded(FILES / clip) for clip in clips], arrangement, SEED)


def store(edited: Edited, path: Path) -> None:
    """Write a mix as 16-bit FLAC, unless the file already sounds like it."""
    if path.exists() and np.array_equal(decoded(path).samples, edited.samples):
        return
    exact = (edited.samples.T * FULL_SCALE).astype(np.int16)
    soundfile.write(path, exact, edited.sample_rate_hz, format="FLAC", subtype="PCM_16")
    print(f"wrote {path.name}")


def recording(path: str, clips: tuple[str, ...], edited: Edited | None) -> dict[str, Any]:
    """Describe one recording of the benchmark: what it is, how it was made, from whom."""
    known = sources()
    made_of = [known[clip] for clip in clips]
    return {
        "path": path,
        "sha256": sha256(FILES / path),
        "sources": list(clips),
        "edit": None if edited is None else asdict(edited.edit),
        "labels": made_of[0]["labels"] if edited is None else {},
        "label_source": made_of[0]["label_source"] if edited is None else "by construction",
        "licence": " and ".join(sorted({row["licence"] for row in made_of})),
        "attribution": "; ".join(dict.fromkeys(row["attribution"] for row in made_of)),
    }


def attribution(known: dict[str, dict[str, Any]]) -> str:
    """Write who made each clip, where it came from and why it may be shipped."""
    lines = [
        "# Who made these sounds",
        "",
        "Written by `tools/make_sample.py` from `sources.jsonl`. Every clip is under CC0 1.0 or in",
        "the public domain, so nothing here demands attribution; its makers get it all the same.",
        "Clips in `audio/` stand in the benchmark as they are; those in `sources/` are what the",
        "made recordings are joined from (`recordings.jsonl` names which).",
        "",
        "| clip | made by | licence | taken from | changed | evidence of the licence |",
        "|---|---|---|---|---|---|",
    ]
    for row in known.values():
        origin = f"{row['origin']}, `{row['origin_path']}`"
        cells = [f"`{row['path']}`", row["attribution"], row["licence"], origin]
        lines.append("| " + " | ".join([*cells, row["derived"], row["evidence"]]) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Rebuild everything that is made."""
    known = sources()
    rows = [recording(path, (path,), None) for path in known if path.startswith("audio/")]
    for path, plan in plans().items():
        edited = built(plan)
        store(edited, FILES / path)
        rows.append(recording(path, plan[0], edited))
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (FILES / "recordings.jsonl").write_text("".join(lines), encoding="utf-8")
    (FILES / "ATTRIBUTION.md").write_text(attribution(known), encoding="utf-8")


if __name__ == "__main__":
    main()
