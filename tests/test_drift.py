"""drift: today's instruments say otherwise; what would flip is told, and nothing is edited."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

np = pytest.importorskip("numpy")
import soundfile  # noqa: E402 - after the skip

from flows.drift import drift  # noqa: E402
from flows.reading import linked  # noqa: E402
from schemas import Fact, Item, Recording, Settlement, Subquestion, Value  # noqa: E402
from schemas.errors import BadOption  # noqa: E402
from synth.bind import check_for, written  # noqa: E402
from synth.drift import answers_drifted, facts_drifted  # noqa: E402
from synth.questions import Source  # noqa: E402
from warehouse import shards  # noqa: E402
from warehouse.home import Home  # noqa: E402
from warehouse.query import query  # noqa: E402
from warehouse.shards import Finished  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path


def fact(name: str, content: float | str | tuple[str, ...], **changes: Any) -> Fact:
    if isinstance(content, tuple):
        value = Value(items=tuple(Item(label=label) for label in content))
    else:
        value = Value(text=content) if isinstance(content, str) else Value(number=content)
    made = Fact(
        id=f"{name} {content}", recording="rec", property=name, subject="", span=None,
        state="known", value=value, margin=None, tier="corroborated", witnesses=("a", "b"),
        observations=(), version="1",
    )  # fmt: skip
    return replace(made, **changes)


def asked_of(one: Fact) -> Subquestion:
    return Subquestion(
        id=f"about {one.id}", question="q", position=0, text="?", property=one.property,
        subject=one.subject, recording=one.recording, span=one.span, fact=one.id,
        check=check_for(one), answer=written(one), distractors=("x",), choices=("x",), prior=0.1,
        tier=one.tier, need="required", run="r",
    )  # fmt: skip


def changes(old: list[Fact], new: list[Fact]) -> list[tuple[str, str, str, str]]:
    found = facts_drifted(old, new)
    return [(one.property, one.change, one.before, one.after) for one in found]


def test_what_witnesses_cannot_tell_apart_has_not_drifted() -> None:
    assert changes([fact("tempo", 120.0)], [fact("tempo", 121.0)]) == []


def test_a_truth_flips_is_lost_or_gained() -> None:
    old = [fact("tempo", 120.0), fact("key", "E minor")]
    new = [fact("tempo", 150.0), fact("key", "E minor", tier="contested"), fact("loudness", -20.0)]
    assert sorted(changes(old, new)) == [
        ("key", "lost", "E minor", ""),
        ("loudness", "gained", "", "-20.0 LUFS"),
        ("tempo", "flipped", "120 bpm", "150 bpm"),
    ]


def test_presence_flips_to_absence_and_sets_told_in_parts_are_compared_part_by_part() -> None:
    heard = fact("presence", "yes", subject="speech")
    silent = replace(heard, id="no", state="absent", value=None)
    assert changes([heard], [silent]) == [("presence", "flipped", "yes", "no")]
    parts = [fact("event", ("dog",)), fact("event", ("bell",))]
    assert changes(parts, parts[::-1]) == []
    assert changes(parts, parts[:1]) == [("event", "lost", "bell", "")]


def test_answers_flip_where_the_new_truth_fails_their_check() -> None:
    old = [fact("tempo", 120.0, tier="constructed"), fact("key", "E minor"), fact("pitch", 200.0)]
    new = [fact("tempo", 150.0), fact("key", "E minor")]
    told = {one.property: one for one in answers_drifted([asked_of(one) for one in old], old, new)}
    assert {name: one.change for name, one in told.items()} == {"tempo": "flipped", "pitch": "lost"}
    assert (told["tempo"].before, told["tempo"].after) == ("120 bpm", "150 bpm")
    assert told["tempo"].subquestion == "about tempo 120.0"


def old_home(tmp_path: Path) -> tuple[Home, str]:
    """A home whose only recording, a tone at -20 dBFS, was once settled as far too loud."""
    home = Home(tmp_path / "home")
    file = tmp_path / "tone.wav"
    times = np.arange(3 * 16_000) / 16_000
    soundfile.write(file, 0.14 * np.sin(2 * np.pi * 1000 * times), 16_000)
    name = hashlib.sha256(file.read_bytes()).hexdigest()
    source = linked(home.audio, Source(path=file, sha256=name, locator="tone.wav"))
    recording = Recording(
        id=name, locator=source.locator, sample_rate_hz=16_000, channels=1, duration_s=3.0,
        decoder="old", edit=None,
    )  # fmt: skip
    loud = fact("loudness", -10.0, recording=name)
    settlement = Settlement(
        id="old", recording=name, instruments=("loudness_old 1",), rules="0", facts=(loud.id,),
        settled_at="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    shards.write(home, "observe", [Finished("old", (recording,))])
    shards.write(home, "settle", [Finished("old", (loud, settlement))])
    shards.write(home, "decompose", [Finished("old", (asked_of(loud),))])
    return home, loud.id


def test_a_home_is_measured_again_and_its_old_facts_are_superseded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, old = old_home(tmp_path)
    drift(home.path, as_json=True)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    flipped = [one for one in json.loads(out) if one["property"] == "loudness" and not one["span"]]
    assert [(one["change"], one["before"]) for one in flipped] == [("flipped", "-10.0 LUFS")] * 2
    assert {bool(one["subquestion"]) for one in flipped} == {True, False}
    kept = query(home, f"SELECT count(*) FROM facts WHERE id = '{old}'")
    stands = query(home, f"SELECT count(*) FROM current_facts WHERE id = '{old}'")
    assert (kept.rows[0][0], stands.rows[0][0]) == (1, 0)
    assert query(home, "SELECT count(*) > 0 FROM current_facts").rows[0][0]

    again = drift(home.path)

    assert again == ()
    assert "0 facts would change" in capsys.readouterr().err


def test_a_home_without_recordings_is_a_clear_refusal(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="no recordings to measure again"):
        drift(tmp_path / "home")
