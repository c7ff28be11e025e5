"""Worker processes see what one process would; a crash, a hang or a glutton costs its own word."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

np = pytest.importorskip("numpy")
soundfile = pytest.importorskip("soundfile")
pytest.importorskip("av")

import synth.extractors  # noqa: E402 - after the skips
from flows import crew  # noqa: E402
from flows.watched import Limits  # noqa: E402
from schemas.errors import UnknownPlugin  # noqa: E402
from synth.decode import WINDOW_S, describe, windows  # noqa: E402
from synth.observe import extractor_version, missing_package, observe  # noqa: E402
from synth.questions import Source  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flows.crew import Seen

ROOT = Path(__file__).resolve().parents[1]
HEAD = """
import os, re, signal, time
from schemas import Item, Value
from schemas.errors import Abstained
from synth.audio import Measurement

VERSION, WITNESS, LICENCE, NEEDS, PACKAGES = "3", "told", "MIT", {needs}, ()
PROPERTIES = ("pitch", "words")

def measure(audio, given):
    {body}
"""
CRASH = "os.kill(os.getpid(), signal.SIGSEGV)"
PITCH = 'return (Measurement(property="pitch", value=Value(number=440)),)'
# A regular expression that backtracks for years never lets go of the interpreter's lock.
STUCK = 're.match("(a+)+$", "a" * 60 + "b")'
GREEDY = "held = [bytearray(os.urandom(1 << 20) * 50) for _ in range(2000)]"
HASTY = Limits(looking_s=6.0, looking_per_s=0.0)


@pytest.fixture
def extractors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A second folder of real extractors beside our own: `add(name, body)` writes one more."""
    folder = tmp_path / "room"
    folder.mkdir()

    def add(name: str, body: str, needs: tuple[str, ...] = ()) -> None:
        (folder / f"{name}.py").write_text(HEAD.format(body=body, needs=needs), encoding="utf-8")

    path = [*synth.extractors.__path__, str(folder)]
    monkeypatch.setattr(synth.extractors, "__path__", path)
    yield add
    for module in [name for name in sys.modules if name.startswith("synth.extractors.fake_")]:
        del sys.modules[module]
    extractor_version.cache_clear()
    missing_package.cache_clear()


def sound(folder: Path, name: str, samples: Any, rate_hz: int = 16_000) -> Source:
    path = folder / f"{name}.wav"
    soundfile.write(path, samples, rate_hz, subtype="PCM_U8")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Source(path=path, sha256=sha256, locator=path.name)


def tone(folder: Path, name: str, hertz: float = 440.0, level: float = 0.2) -> Source:
    return sound(folder, name, level * np.sin(2 * np.pi * hertz * np.arange(32_000) / 16_000))


def told(seen: Seen) -> list[tuple[str, str]]:
    return [(one.extractor, one.outcome) for one in seen.extractions]


def is_running(process: int) -> bool:
    """Whether a process lives; one that is dead and not yet buried does not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "waited two minutes in vain"
        time.sleep(0.05)


def test_workers_see_what_one_process_sees(tmp_path: Path) -> None:
    names = ("signal", "loudness_pyloudnorm", "pitch_librosa")
    sources = {f"key {hertz}": tone(tmp_path, f"{hertz}", hertz) for hertz in (220, 330, 440)}

    seen = dict(crew.observe(sources, names, size=2))

    assert set(seen) == set(sources)
    for key, source in sources.items():
        [window] = windows(source.path, source.sha256)
        alone = observe(window.audio, names)
        assert seen[key].recording == describe(window, source.locator, None)
        assert seen[key].extractions == alone.extractions
        assert seen[key].observations == alone.observations


def test_each_worker_keeps_what_numba_compiles_to_itself(
    extractors: Callable[..., None], tmp_path: Path
) -> None:
    extractors("fake_compiler", "time.sleep(1)\n    raise Abstained(os.environ['NUMBA_CACHE_DIR'])")
    sources = {name: tone(tmp_path, name, hertz) for name, hertz in (("a", 220), ("b", 330))}

    seen = dict(crew.observe(sources, ("fake_compiler",), size=2))

    folders = [one.extractions[0].reason for one in seen.values()]
    assert len(set(folders)) == 2, folders


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (CRASH, "died: signal SIGSEGV"),
        ("os._exit(3)", "died: exit 3"),
        ("time.sleep(3600)", r"killed after \d+ s: limit 6 s for 2 s of audio"),
        (STUCK, r"killed after \d+ s: limit 6 s for 2 s of audio"),
    ],
)
def test_an_extractor_that_is_lost_costs_nobody_else_a_word(
    extractors: Callable[..., None], tmp_path: Path, body: str, reason: str
) -> None:
    extractors("fake_a_number", PITCH)
    extractors("fake_lost", f"if audio.samples.max() > 0.5: {body}\n    raise Abstained('quiet')")
    extractors("fake_z_reader", "raise Abstained(given[0].extractor)", needs=("fake_a_number",))
    sources = {"loud": tone(tmp_path, "loud", level=0.9), "quiet": tone(tmp_path, "quiet")}
    names = ("fake_a_number", "fake_lost", "fake_z_reader", "signal")

    seen = dict(crew.observe(sources, names, size=1, limits=HASTY))

    outcomes = {one.extractor: one for one in seen["loud"].extractions}
    assert outcomes["fake_lost"].outcome == "failed"
    assert re.fullmatch(reason, outcomes["fake_lost"].reason)
    assert outcomes["fake_lost"].version == "3"
    assert outcomes["fake_a_number"].outcome == outcomes["signal"].outcome == "measured"
    assert outcomes["fake_z_reader"].reason == "fake_a_number"
    assert {one.extractor for one in seen["loud"].observations} == {"fake_a_number", "signal"}
    assert sorted(told(seen["quiet"])) == [
        ("fake_a_number", "measured"),
        ("fake_lost", "abstained"),
        ("fake_z_reader", "abstained"),
        ("signal", "measured"),
    ]


def test_an_extractor_that_eats_memory_without_end_is_stopped(
    extractors: Callable[..., None], tmp_path: Path
) -> None:
    extractors("fake_greedy", GREEDY)
    limits = Limits(memory_mb=1500.0)

    [(_, seen)] = crew.observe(
        {"": tone(tmp_path, "tone")}, ("fake_greedy", "signal"), limits=limits
    )

    outcomes = {one.extractor: one for one in seen.extractions}
    assert outcomes["fake_greedy"].outcome == "failed"
    assert outcomes["fake_greedy"].reason.startswith("memory: ")
    assert outcomes["fake_greedy"].reason.endswith(" GB, limit 1.5 GB")
    assert outcomes["signal"].outcome == "measured"


def test_a_worker_that_has_grown_is_replaced_before_it_costs_anything(
    extractors: Callable[..., None], tmp_path: Path
) -> None:
    leak = "os.leak = [*getattr(os, 'leak', ()), bytearray(os.urandom(1 << 20) * 250)]"
    extractors("fake_leak", f"{leak}\n    raise Abstained(str(os.getpid()))")
    sources = {str(hertz): tone(tmp_path, str(hertz), hertz) for hertz in range(100, 700, 100)}

    seen = dict(crew.observe(sources, ("fake_leak",), size=1, limits=Limits(fit_mb=600.0)))

    assert {outcome for one in seen.values() for _, outcome in told(one)} == {"abstained"}
    assert 1 < len({one.extractions[0].reason for one in seen.values()}) < len(sources)


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "died: signal SIGSEGV"),
        ("time.sleep(3600)", r"killed after \d+ s: limit 8 s to decode a window"),
    ],
)
def test_a_recording_that_loses_the_decoder_cannot_be_used_and_the_next_one_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fate: str, reason: str
) -> None:
    fake = tmp_path / "path" / "av.py"  # workers import what their parent would
    fake.parent.mkdir()
    fake.write_text(
        "import os, signal, time\nclass FFmpegError(Exception): pass\n"
        f"def open(file, options):\n    if 'bad' in file.name: {fate}\n    raise ValueError('told')"
    )
    monkeypatch.syspath_prepend(str(fake.parent))
    sources = {name: tone(tmp_path, name) for name in ("bad", "good")}

    seen = dict(crew.observe(sources, ("signal",), size=1, limits=Limits(decoding_s=8.0)))

    assert seen["bad"].recording is None
    assert seen["bad"].extractions == seen["bad"].observations == ()
    assert re.fullmatch(f"decoding it was given up: {reason}", seen["bad"].refusal)
    assert seen["good"].refusal.endswith("told")


def test_a_file_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.wav"
    path.write_text("no sound" * 100)
    source = Source(path=path, sha256="0", locator="text.wav")

    [(key, seen)] = crew.observe({"key": source}, ("signal",))

    assert key == "key"
    assert seen.recording is None
    assert seen.refusal.startswith("not a whole sound file")


def test_a_long_recording_is_told_window_by_window_in_its_own_time(
    extractors: Callable[..., None], tmp_path: Path
) -> None:
    where = "[float(audio.samples[0].argmax()) / audio.sample_rate_hz]"
    extractors(
        "fake_peak",
        f"""return tuple(
        Measurement(property="words", value=Value(items=(Item(label="peak", start_s=s, end_s=s),)))
        for s in {where})""",
    )
    extractors("fake_crash", f"if audio.samples.max() > 0.8: {CRASH}\n    {PITCH}")
    samples = np.zeros(int(3 * WINDOW_S) * 4000)
    peaks = [10.0, 1.4 * WINDOW_S, 3 * WINDOW_S - 1]
    for second, level in zip(peaks, (0.5, 0.9, 0.7), strict=True):
        samples[int(second * 4000)] = level
    source = sound(tmp_path, "long", samples, rate_hz=4000)

    [(_, seen)] = crew.observe({"": source}, ("fake_crash", "fake_peak", "signal"))

    assert seen.recording is not None
    assert seen.recording.duration_s == 3 * WINDOW_S
    words = [one for one in seen.observations if one.property == "words"]
    edges = [WINDOW_S * number for number in range(4)]
    assert [(one.span.start_s, one.span.end_s) for one in words if one.span] == list(
        pairwise(edges)
    )
    assert [one.value.items[0].start_s for one in words if one.value.items] == peaks
    crashes = [one for one in seen.extractions if one.extractor == "fake_crash"]
    spans = [f"{start:.3f}-{end:.3f} s" for start, end in pairwise(edges)]
    assert [(one.outcome, one.reason) for one in crashes] == [
        ("measured", spans[0]),
        ("failed", f"{spans[1]}: died: signal SIGSEGV"),
        ("measured", spans[2]),
    ]
    ids = [one.id for one in (*seen.extractions, *seen.observations)]
    assert len(set(ids)) == len(ids)


def test_a_worker_that_grows_over_a_long_recording_is_replaced_between_two_looks(
    extractors: Callable[..., None], tmp_path: Path
) -> None:
    leak = "os.leak = [*getattr(os, 'leak', ()), bytearray(os.urandom(1 << 20) * 250)]"
    extractors("fake_leak", f"{leak}\n    raise Abstained(str(os.getpid()))")
    extractors("fake_other", f"{leak}\n    raise Abstained(str(os.getpid()))")
    source = sound(tmp_path, "long", np.zeros(int(3 * WINDOW_S) * 4000), rate_hz=4000)

    coming = crew.observe({"": source}, ("fake_leak", "fake_other"), limits=Limits(fit_long_mb=450))

    [(_, seen)] = coming
    assert told(seen) == 3 * [("fake_leak", "abstained"), ("fake_other", "abstained")]
    assert 3 <= len({one.reason.rpartition(" ")[2] for one in seen.extractions}) < 6


def test_a_long_recording_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    source = sound(tmp_path, "long", np.zeros(int(3 * WINDOW_S) * 4000), rate_hz=4000)
    whole = source.path.read_bytes()
    source.path.write_bytes(whole[: len(whole) * 2 // 3])

    [(_, seen)] = crew.observe({"": source}, ("signal",))

    assert seen.recording is None
    assert seen.extractions == seen.observations == ()
    assert seen.refusal == (
        f"truncated: the header promises {3 * WINDOW_S:.2f} s, "
        f"{2 * WINDOW_S:.2f} s could be decoded"
    )


def test_it_works_in_a_thread_and_one_who_looks_away_leaves_nobody_behind(
    extractors: Callable[..., None], tmp_path: Path
) -> None:
    note = tmp_path / "pids"
    leave = f"open({str(note)!r}, 'a').write(str(os.getpid()) + ' ')"
    extractors(
        "fake_slow", f"{leave}\n    if audio.samples.max() > 0.5: time.sleep(3600)\n    {PITCH}"
    )
    sources = {"loud": tone(tmp_path, "loud", level=0.9), "quiet": tone(tmp_path, "quiet")}
    first: list[str] = []

    def look_at_one() -> None:
        coming = crew.observe(sources, ("fake_slow",), size=2)
        first.append(next(coming)[0])
        coming.close()

    thread = threading.Thread(target=look_at_one)
    thread.start()
    thread.join()

    assert first == ["quiet"]
    assert not any(is_running(int(pid)) for pid in note.read_text().split())


SCRIPT = """
import sys
from pathlib import Path
import synth.extractors
from flows import crew
from synth.questions import Source
synth.extractors.__path__.append(sys.argv[2])
source = Source(path=Path(sys.argv[1]), sha256="0", locator="")
list(crew.observe({"": source}, ("fake_stuck",)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_go_with_their_parent(
    extractors: Callable[..., None], tmp_path: Path, kind: signal.Signals
) -> None:
    note = tmp_path / "pid"
    extractors("fake_stuck", f"open({str(note)!r}, 'w').write(str(os.getpid()))\n    {STUCK}")
    source = tone(tmp_path, "tone")
    command = [sys.executable, "-c", SCRIPT, str(source.path), str(tmp_path / "room")]
    parent = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(lambda: note.exists() and note.read_text())
    worker = int(note.read_text())

    os.killpg(parent.pid, kind)
    _, said = parent.communicate()

    wait_for(lambda: not is_running(worker))
    assert parent.returncode in {-kind, 1}
    assert said.count("Traceback") <= 1


def test_an_unknown_extractor_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UnknownPlugin, match="no 'tea_leaves' in synth/extractors"):
        list(crew.observe({"": tone(tmp_path, "tone")}, ("tea_leaves",)))


def test_nothing_to_do_is_done_at_once() -> None:
    assert list(crew.observe({}, ("signal",))) == []
