"""How much `synth observe` costs over the bare library calls: `python -m benchmarks.extract`.

The floor is the time of the raw library calls that the extractors must make, on the same decoded
arrays, in one process that holds each library to one thread, over the cores. Neither decoding nor
resampling nor loading models counts in it, and no call that a gate spared us. An extractor without
a row in benchmarks/raw_calls.py counts as nothing, so the floor is rather too low. Ours is the
whole command on those cores, from its start to its file. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from flows.watched import ONE_THREAD
from schemas import Extraction
from synth.decode import decode
from warehouse import shards
from warehouse.home import Home

CORES = 2
ALLOWED = 1.15
GATES = ("silence", "no music", "no speech", "too short", "music is heard", "the channels cancel")
"""How the reason of an extractor begins that abstained before it called its library."""

_SAMPLES = Path(__file__).resolve().parents[1] / "synth" / "benchmarks" / "sample_files" / "audio"


def made(folder: Path, seconds: float, count: int, samples: int | None = None) -> Path:
    """Repeat or cut the bundled recordings to a length, `count` times each; returns a manifest."""
    lines = []
    for path in sorted(_SAMPLES.iterdir())[:samples]:
        sound, rate_hz = soundfile.read(path, always_2d=True)
        length = round(seconds * rate_hz)
        for number in range(count):
            # Begun elsewhere each time: other bytes, the same kind of sound.
            turned = np.roll(sound, -number * len(sound) // count, axis=0)
            whole = np.tile(turned, (-(-length // len(turned)), 1))[:length]
            file = folder / f"{path.stem}_{number}.wav"
            soundfile.write(file, whole, rate_hz)
            lines.append(json.dumps({"path": file.name}))
    manifest = folder / "manifest.jsonl"
    manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return manifest


def ours(manifest: Path, home: Path) -> float:
    """Seconds that the command takes, on the cores that this process may use."""
    out = home / "observed.parquet"
    command = [sys.executable, "-m", "flows.cli", "observe", str(manifest), "--out", str(out)]
    started = time.perf_counter()
    subprocess.run([*command, "--home", str(home)], check=True)  # noqa: S603 - our own command
    return time.perf_counter() - started


def called(home: Path) -> dict[str, list[str]]:
    """By extractor: the recordings for which it called its library."""
    calls: dict[str, list[str]] = {}
    for one in shards.read(Home(home), Extraction):
        gated = one.outcome == "abstained" and one.reason.startswith(GATES)
        if one.version != "absent" and not gated:
            calls.setdefault(one.extractor, []).append(one.recording)
    return calls


def floor(manifest: Path, calls: dict[str, list[str]]) -> dict[str, float]:
    """Seconds of raw library calls by extractor, in a process of its own with one thread."""
    command = [sys.executable, "-m", "benchmarks.raw_calls", str(manifest)]
    done = subprocess.run(  # noqa: S603 - our own module
        command, input=json.dumps(calls), env=os.environ | ONE_THREAD,
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    spent: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return spent


def main() -> None:
    """Measure, print a table and one line of JSON; exit code 1 where the ratio is too high."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=25.0, help="length of each recording")
    parser.add_argument("--count", type=int, default=2, help="recordings made of each sample")
    parser.add_argument("--samples", type=int, help="only so many samples: to try it out")
    chosen = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory() as scratch:
        folder, home = Path(scratch) / "audio", Path(scratch) / "home"
        folder.mkdir()
        manifest = made(folder, chosen.seconds, chosen.count, chosen.samples)
        files = [folder / json.loads(line)["path"] for line in manifest.read_text().splitlines()]
        audio_s = sum(decode(file, file.name).duration_s for file in files)
        ours_s = ours(manifest, home)
        calls = called(home)
        spent = floor(manifest, calls)
    floor_s = sum(spent.values()) / CORES
    for name in sorted(calls, key=lambda name: -spent.get(name, 0.0)):
        told = f"{spent[name]:8.2f} s" if name in spent else "  no row"
        print(f"{name:28} {len(calls[name]):4} calls {told}")
    ratio = ours_s / floor_s
    print(f"{audio_s:.0f} s of audio: floor {floor_s:.1f} s, ours {ours_s:.1f} s, {ratio:.3f}")
    figures = {"ratio": ratio, "ours_s": ours_s, "floor_s": floor_s, "audio_s": audio_s}
    print(json.dumps(figures | {"recordings": len(files), "cores": CORES, "allowed": ALLOWED}))
    sys.exit(ratio > ALLOWED)


if __name__ == "__main__":
    main()
