"""The export that `datasets.load_dataset` opens as it is."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import markdown_it
import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
import yaml
from hypothesis import given
from hypothesis import strategies as st

from schemas import (
    GROUND_TRUTH_VERSION,
    Check,
    HardNegative,
    PromptHash,
    Question,
    Run,
    Span,
    Subquestion,
    TrainingRow,
    Trajectory,
    Value,
    Weights,
)
from schemas.errors import BadInput, BadOption, BadRecord, UnreadableAudio
from schemas.perception import GroundTruth
from synth.dataset_card import markdown
from synth.exporters.huggingface import export
from synth.exporting import Provenance, Yield
from synth.ground_truth import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

RATE = 16_000
HOSTILE = (
    "a | b `c` <script>alert(1)</script>\n---\n# head\n[x](http://e.example) www.e.example\u202e"
)
NOTHING = Provenance()


def tone(hz: float, kind: str = "WAV", seconds: float = 0.1) -> bytes:
    heard = io.BytesIO()
    samples = 0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    soundfile.write(heard, samples.astype(np.float32), RATE, format=kind, subtype="PCM_16")
    return heard.getvalue()


def named(sounds: list[bytes]) -> dict[str, bytes]:
    return {hashlib.sha256(sound).hexdigest(): sound for sound in sounds}


def question(number: int, recordings: tuple[str, ...], **changes: object) -> Question:
    made = Question(
        id=f"q{number}",
        benchmark="clicks",
        release="2026-11",
        split="all",
        source_id=f"{number:05d}",
        recordings=recordings,
        text="How fast is it?",
        choices=("90 bpm", "120 bpm"),
        answer="120 bpm",
        licence="CC-BY-4.0",
        eval_only=False,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def subquestion(number: int, recording: str, position: int = 0) -> Subquestion:
    return Subquestion(
        id=f"s{number}-{position}",
        question=f"q{number}",
        position=position,
        text="What is the tempo?",
        property="tempo",
        subject="",
        recording=recording,
        span=Span(start_s=0.0, end_s=0.1) if position else None,
        fact=f"f{number}-{position}",
        check=Check(
            kind="within",
            target=Value(number=120.0),
            accepted=(),
            unit="bpm",
            tolerance=0.04,
            relative=True,
            zero_at=30.0,
            source="MIREX",
        ),
        answer="120 bpm",
        distractors=("60 bpm", "240 bpm"),
        choices=("60 bpm", "120 bpm", "240 bpm"),
        prior=0.2,
        tier="constructed",
        need="required",
        run="r1",
    )


def trajectory(number: int, rollout: int = 0) -> Trajectory:
    return Trajectory(
        id=f"t{number}-{rollout}",
        question=f"q{number}",
        run="r1",
        rollout=rollout,
        subquestions=(f"s{number}-0",),
        steps=(),
        draft="120 bpm",
        review="It holds.",
        answer="120 bpm",
        completion="<answer>120 bpm</answer>",
        teacher="replay",
        sampling="{}",
        probes=(),
        sufficiency="sufficient",
        audio_dependence="strong",
        kept=True,
    )


def worse(number: int, **changes: object) -> HardNegative:
    made = HardNegative(
        id=f"n{number}",
        run="r1",
        question=f"q{number}",
        trajectory=f"t{number}-0",
        source="counterfactual",
        kind="quantity",
        claim="c",
        property="tempo",
        said="60 bpm",
        completion="<answer>60 bpm</answer>",
        check=f"s{number}-0",
        reason="the tempo is another",
        chosen_reward=1.0,
        rejected_reward=0.25,
        version="1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def row(number: int, recordings: tuple[str, ...], **changes: object) -> TrainingRow:
    asked = question(number, recordings, **changes)
    truth = GroundTruth(
        version=GROUND_TRUTH_VERSION,
        answer=asked.answer,
        choices=asked.choices,
        weights=Weights(),
        checks=(),
    )
    return TrainingRow(
        question=asked,
        subquestions=tuple(
            subquestion(number, recording, place) for place, recording in enumerate(recordings)
        ),
        trajectories=(trajectory(number),),
        ground_truth=to_json(truth),
        attribution=("Clicks by A. Person",),
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture(scope="module")
def sounds() -> dict[str, bytes]:
    return named([tone(200), tone(300, "FLAC"), tone(400)])


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    datasets = pytest.importorskip("datasets", reason="needs the extra `hub`")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    return datasets  # type: ignore[no-any-return]


def test_load_dataset_opens_every_configuration_with_its_audio(
    tmp_path: Path, sounds: dict[str, bytes], hub: ModuleType
) -> None:
    first, second, third = sounds
    rows = [row(1, (first,)), row(2, (second, third))]

    done = export(rows, sounds.__getitem__, tmp_path / "out", NOTHING)

    assert [(one.name, one.rows) for one in done.counts] == [
        ("rl", 2),
        ("sft", 2),
        ("subquestions", 3),
    ]
    for name in ("rl", "sft", "subquestions"):
        loaded = hub.load_dataset(str(tmp_path / "out"), name, split="train")
        assert isinstance(loaded.features["audio"], hub.Audio)
        single = loaded.select_columns(["audio"])
        plain = single.cast_column("audio", hub.Audio(decode=False))
        heard, rate = soundfile.read(io.BytesIO(plain[1]["audio"]["bytes"]))
        expected, _ = soundfile.read(io.BytesIO(sounds[second]))
        assert rate == RATE
        assert np.array_equal(heard, expected)
        assert plain[1]["audio"]["path"] == f"{second}.flac"


def test_a_pair_has_prompt_chosen_rejected_and_audio(
    tmp_path: Path, sounds: dict[str, bytes], hub: ModuleType
) -> None:
    first = next(iter(sounds))
    given = replace(row(1, (first,)), negatives=(worse(1),))
    done = export([given, row(2, (first,))], sounds.__getitem__, tmp_path / "out", NOTHING)

    assert [(one.name, one.rows) for one in done.counts] == [
        ("rl", 2), ("sft", 2), ("preference", 1), ("subquestions", 2),
    ]  # fmt: skip
    loaded = hub.load_dataset(str(tmp_path / "out"), "preference", split="train")
    assert isinstance(loaded.features["audio"], hub.Audio)
    quiet = hub.Audio(decode=False)
    only = loaded.cast_column("audio", quiet).cast_column("more_audio", hub.List(quiet))[0]
    trained = hub.load_dataset(str(tmp_path / "out"), "sft", split="train").remove_columns(
        ["audio", "more_audio"]
    )[0]
    assert only["audio"]["bytes"] == sounds[first]
    assert (only["chosen"], only["prompt"]) == (trained["completion"], trained["prompt"])
    told = {
        name: only[name]
        for name in ("id", "rejected", "source", "kind", "property", "said", "reason", "trajectory")
    }
    assert told == {
        "id": "n1", "rejected": "<answer>60 bpm</answer>", "source": "counterfactual",
        "kind": "quantity", "property": "tempo", "said": "60 bpm",
        "reason": "the tempo is another", "trajectory": "t1-0",
    }  # fmt: skip
    assert (only["chosen_reward"], only["rejected_reward"]) == (1.0, 0.25)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"chosen_reward": 0.25}, "must earn more than its rejected one, but they earn 0.25"),
        ({"chosen_reward": float("nan")}, "must earn more"),
        ({"trajectory": "t9-0"}, "chooses trajectory t9-0, which its row does not have"),
    ],
)
def test_a_pair_that_would_teach_the_worse_is_refused(
    tmp_path: Path, sounds: dict[str, bytes], changes: dict[str, object], said: str
) -> None:
    given = replace(row(1, tuple(sounds)[:1]), negatives=(worse(1, **changes),))
    with pytest.raises(BadRecord, match=f"n1: .*{said}"):
        export([given], sounds.__getitem__, tmp_path / "out", NOTHING)
    assert list(tmp_path.iterdir()) == []


def test_a_question_over_two_recordings_carries_both(
    tmp_path: Path, sounds: dict[str, bytes], hub: ModuleType
) -> None:
    first, second, _ = sounds
    export([row(1, (first, second))], sounds.__getitem__, tmp_path / "out", NOTHING)

    loaded = hub.load_dataset(str(tmp_path / "out"), "rl", split="train")
    quiet = hub.Audio(decode=False)
    only = loaded.cast_column("audio", quiet).cast_column("more_audio", hub.List(quiet))[0]

    assert only["recordings"] == [first, second]
    assert only["audio"]["bytes"] == sounds[first]
    assert [one["bytes"] for one in only["more_audio"]] == [sounds[second]]


@pytest.mark.usefixtures("hub")
def test_the_example_in_the_card_runs(tmp_path: Path, sounds: dict[str, bytes]) -> None:
    first, second, _ = sounds
    export([row(1, (first, second))], sounds.__getitem__, tmp_path / "out", NOTHING)
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)

    ran: dict[str, Any] = {}
    exec(example.replace("path/to/this/folder", str(tmp_path / "out")), ran)  # noqa: S102 - our own card's example

    assert ran["rows"][0]["audio"]["bytes"] == sounds[first]
    assert ran["rows"][0]["more_audio"][0]["bytes"] == sounds[second]


def test_the_first_configuration_is_the_one_that_opens_unnamed(
    tmp_path: Path, sounds: dict[str, bytes], hub: ModuleType
) -> None:
    export([row(1, tuple(sounds)[:1])], sounds.__getitem__, tmp_path / "out", NOTHING)

    loaded = hub.load_dataset(str(tmp_path / "out"), split="train")

    assert loaded.cast_column("audio", hub.Audio(decode=False))[0]["n_subquestions"] == 1


def test_an_rl_row_asks_and_carries_its_checks(tmp_path: Path, sounds: dict[str, bytes]) -> None:
    given = row(1, tuple(sounds)[:1])
    export([given], sounds.__getitem__, tmp_path / "out", NOTHING)

    (written,) = pq.read_table(tmp_path / "out" / "rl").to_pylist()

    assert written["prompt"].startswith("How fast is it?\n\nChoices:\n- 90 bpm\n- 120 bpm\n")
    assert "<answer>" in written["prompt"]
    assert "speaker_count" in written["prompt"]
    assert written["ground_truth"] == given.ground_truth
    assert written["tiers"] == ["constructed"]
    assert written["audio_dependence"] == "strong"


def test_a_subquestion_row_carries_its_own_single_check(
    tmp_path: Path, sounds: dict[str, bytes]
) -> None:
    first, second, _ = sounds
    export([row(1, (first, second))], sounds.__getitem__, tmp_path / "out", NOTHING)

    _, written = pq.read_table(tmp_path / "out" / "subquestions").to_pylist()
    truth = from_json(written["ground_truth"])

    assert written["recordings"] == [second]
    assert (written["start_s"], written["end_s"]) == (0.0, 0.1)
    assert truth.answer == "120 bpm"
    assert [(check.audio, check.recording) for check in truth.checks] == [(1, second)]


def test_rows_without_trajectories_make_no_sft_configuration(
    tmp_path: Path, sounds: dict[str, bytes], hub: ModuleType
) -> None:
    only = replace(row(1, tuple(sounds)[:1]), trajectories=())
    done = export([only], sounds.__getitem__, tmp_path / "out", NOTHING)

    assert [one.name for one in done.counts] == ["rl", "subquestions"]
    assert hub.get_dataset_config_names(str(tmp_path / "out")) == ["rl", "subquestions"]
    (written,) = pq.read_table(tmp_path / "out" / "rl").to_pylist()
    assert written["audio_dependence"] == "undecided"


def test_hostile_text_is_data_in_the_rows_and_harmless_in_the_card(
    tmp_path: Path, sounds: dict[str, bytes], hub: ModuleType
) -> None:
    given = row(
        1, tuple(sounds)[:1], benchmark=HOSTILE, licence=HOSTILE, release=HOSTILE, text=HOSTILE
    )
    given = replace(
        given,
        attribution=(HOSTILE,),
        trajectories=(replace(given.trajectories[0], teacher=HOSTILE),),
    )
    run = Run(
        id="r1",
        code_version=HOSTILE,
        benchmark=HOSTILE,
        release=HOSTILE,
        config="{}",
        teacher=HOSTILE,
        model=HOSTILE,
        revision=HOSTILE,
        prompts=(PromptHash(name=HOSTILE, sha256="0" * 64),),
        seed=0,
        started_at="2026-11-23T00:00:00Z",
    )
    provenance = Provenance(
        runs=(run,),
        models=(HOSTILE,),
        attribution=(HOSTILE,),
        yields=(Yield(stage=HOSTILE, kept=1, dropped=2),),
    )
    export([given], sounds.__getitem__, tmp_path / "out", provenance)

    loaded = hub.load_dataset(str(tmp_path / "out"), "rl", split="train")
    assert loaded.remove_columns(["audio", "more_audio"])[0]["question"] == HOSTILE
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    head, body = front_matter(card)
    assert set(head) == {"pretty_name", "license", "tags", "size_categories", "configs"}
    shown = markdown_it.MarkdownIt("commonmark").enable("table").render(body)
    assert "<script" not in shown
    assert "<a " not in shown
    assert "\u202e" not in shown
    assert shown.count("<h1>") == 1
    for table in re.findall(r"(?:^\|.*\n)+", body, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    assert "alert(1)" in shown


@given(st.text(alphabet=st.characters() | st.sampled_from("|`*_<>[]()#&\\\n-~!:@"), max_size=60))
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    one_line = " ".join(markdown(text).split())
    shown = markdown_it.MarkdownIt("commonmark").enable("table").render(f"- model: {one_line}")

    assert shown.startswith("<ul>\n<li>model:")
    plain = html.unescape(shown.removeprefix("<ul>\n<li>").removesuffix("</li>\n</ul>\n"))
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    kept = "".join(" " if unicodedata.category(char) in hidden else char for char in text)
    assert plain.split() == ["model:", *kept.split()]


def front_matter(card: str) -> tuple[dict[str, object], str]:
    _, head, body = card.split("---\n", 2)
    return yaml.safe_load(head), body


def test_the_card_says_sources_counts_tiers_models_and_limits(
    tmp_path: Path, sounds: dict[str, bytes]
) -> None:
    provenance = Provenance(
        models=("whisper-base, MIT",), yields=(Yield(stage="decompose", kept=7, dropped=3),)
    )
    export([row(1, tuple(sounds)[:1])], sounds.__getitem__, tmp_path / "out", provenance)

    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")

    assert "| clicks | 2026-11 | CC-BY-4.0 | 1 | 1 |  |" in card
    assert "| constructed | 1 | true because the recording was made so |" in card
    assert "| decompose | 7 | 3 |" in card
    assert "- model: whisper-base, MIT" in card
    assert "## Limits" in card
    assert "## Citation" in card
    lines = (tmp_path / "out" / "ATTRIBUTION.txt").read_text(encoding="utf-8")
    assert lines == "Clicks by A. Person\n"


def test_writing_needs_neither_datasets_nor_torch() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('datasets', 'torch', 'soundfile')))\n"
        "from synth.exporters import huggingface"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_evaluation_data_is_refused(tmp_path: Path, sounds: dict[str, bytes]) -> None:
    rows = [row(1, tuple(sounds)[:1]), row(2, tuple(sounds)[:1], eval_only=True)]

    with pytest.raises(BadInput, match="q2: this question is evaluation data of 'clicks'"):
        export(rows, sounds.__getitem__, tmp_path / "out", NOTHING)

    assert list(tmp_path.iterdir()) == []


def test_evaluation_data_that_was_named_is_told_of_first(
    tmp_path: Path, sounds: dict[str, bytes]
) -> None:
    rows = [row(1, tuple(sounds)[:1], eval_only=True)]

    export(rows, sounds.__getitem__, tmp_path / "out", Provenance(allow_eval=("clicks",)))

    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert front_matter(card)[1].lstrip().startswith("**This export holds evaluation data: clicks")
    assert pq.read_table(tmp_path / "out" / "rl")["eval_only"].to_pylist() == [True]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path, sounds: dict[str, bytes]) -> None:
    rows = [row(number, (recording,)) for number, recording in enumerate(sounds)]

    export(rows, sounds.__getitem__, tmp_path / "one", NOTHING)
    export(rows, sounds.__getitem__, tmp_path / "two", NOTHING)

    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_an_export_replaces_an_earlier_one_and_nothing_else(
    tmp_path: Path, sounds: dict[str, bytes]
) -> None:
    rows = [row(number, (recording,)) for number, recording in enumerate(sounds)]
    out = tmp_path / "out"
    export(rows, sounds.__getitem__, out, NOTHING)

    export(rows[:1], sounds.__getitem__, out, NOTHING)
    assert pq.read_table(out / "rl").num_rows == 1

    (out / "notes.txt").write_text("mine")
    with pytest.raises(BadOption, match=r"holds 'notes\.txt', which no export wrote"):
        export(rows, sounds.__getitem__, out, NOTHING)
    assert (out / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("manifest", ["{", "[]", '{"made_by": "somebody"}', '{"files": 1}'])
def test_a_folder_with_a_strange_manifest_is_left_alone(
    tmp_path: Path, sounds: dict[str, bytes], manifest: str
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text(manifest)

    with pytest.raises(BadOption, match=r"manifest\.json"):
        export([row(1, tuple(sounds)[:1])], sounds.__getitem__, tmp_path / "out", NOTHING)


def test_a_file_or_a_link_is_no_place_for_an_export(
    tmp_path: Path, sounds: dict[str, bytes]
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")

    for name in ("file", "link"):
        with pytest.raises(BadOption, match=f"{name} is not a folder"):
            export([row(1, tuple(sounds)[:1])], sounds.__getitem__, tmp_path / name, NOTHING)


def test_what_a_killed_export_left_is_swept(tmp_path: Path, sounds: dict[str, bytes]) -> None:
    (tmp_path / ".out.part" / "rl").mkdir(parents=True)
    (tmp_path / ".out.part" / "rl" / "00000.part").write_bytes(b"half")

    export([row(1, tuple(sounds)[:1])], sounds.__getitem__, tmp_path / "out", NOTHING)

    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_an_export_killed_between_its_renames_is_found_again(
    tmp_path: Path, sounds: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    export([row(1, tuple(sounds)[:1])], sounds.__getitem__, out, NOTHING)
    before = contents(out)
    out.rename(tmp_path / ".out.old")

    with pytest.raises(BadInput, match="nothing to export"):
        export([], sounds.__getitem__, out, NOTHING)

    assert contents(out) == before
    assert list(tmp_path.iterdir()) == [out]


def test_a_failing_export_leaves_the_earlier_one(tmp_path: Path, sounds: dict[str, bytes]) -> None:
    out = tmp_path / "out"
    export([row(1, tuple(sounds)[:1])], sounds.__getitem__, out, NOTHING)
    before = contents(out)

    with pytest.raises(BadInput, match="nothing to export"):
        export([], sounds.__getitem__, out, NOTHING)

    assert contents(out) == before
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(("content", "said"), [(b"", "are none"), (b"RIFFother", "have sha256")])
def test_audio_that_is_not_the_recording_is_refused(
    tmp_path: Path, sounds: dict[str, bytes], content: bytes, said: str
) -> None:
    first = next(iter(sounds))

    with pytest.raises(UnreadableAudio, match=f"{first}: the recording's bytes {said}"):
        export([row(1, (first,))], lambda _: content, tmp_path / "out", NOTHING)


def test_half_a_surrogate_pair_names_its_record(tmp_path: Path, sounds: dict[str, bytes]) -> None:
    rows = [row(1, tuple(sounds)[:1]), row(2, tuple(sounds)[:1], choices=("\ud800", "b"))]

    with pytest.raises(BadRecord, match="q2: text that UTF-8 cannot write"):
        export(rows, sounds.__getitem__, tmp_path / "out", NOTHING)


def test_a_question_without_its_recording_is_refused(
    tmp_path: Path, sounds: dict[str, bytes]
) -> None:
    first, second, _ = sounds
    stranger = replace(row(1, (first,)), subquestions=(subquestion(1, second),))

    with pytest.raises(BadRecord, match=r"q1: .* sub-question s1-0 is of another recording"):
        export([stranger], sounds.__getitem__, tmp_path / "out", NOTHING)
    with pytest.raises(BadRecord, match=r"q1: .* it has no recording"):
        export([row(1, ())], sounds.__getitem__, tmp_path / "out", NOTHING)


def test_the_manifest_lists_every_file_with_its_hash(
    tmp_path: Path, sounds: dict[str, bytes]
) -> None:
    done = export([row(1, tuple(sounds)[:1])], sounds.__getitem__, tmp_path / "out", NOTHING)

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    listed = {file["name"]: file["sha256"] for file in manifest["files"]}
    found = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in contents(tmp_path / "out").items()
    }

    assert listed == {name: found[name] for name in found if name != "manifest.json"}
    assert {file.name: file.sha256 for file in done.files} == found
    assert manifest["ground_truth"] == GROUND_TRUTH_VERSION
    assert manifest["rows"] == {"rl": 1, "sft": 1, "subquestions": 1}


def test_two_thousand_rows_stream_through(tmp_path: Path) -> None:
    sound = tone(200, seconds=0.02)
    recording = hashlib.sha256(sound).hexdigest()
    out = tmp_path / "out"
    on_disk = []

    def rows() -> Iterator[TrainingRow]:
        for number in range(2_000):
            written = sum(
                file.stat().st_size for file in tmp_path.rglob("*.part") if file.is_file()
            )
            on_disk.append(written)
            yield row(number, (recording,))

    done = export(rows(), lambda _: sound, out, NOTHING)

    assert {one.name: one.rows for one in done.counts} == dict.fromkeys(
        ("rl", "sft", "subquestions"), 2_000
    )
    assert on_disk[500] < on_disk[1_500], "the first thousand rows were kept in memory"
    groups = pq.ParquetFile(next((out / "rl").iterdir())).num_row_groups
    assert groups == 2


def test_big_recordings_make_small_row_groups_and_several_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synth.parquet._GROUP_BYTES", 20_000)
    monkeypatch.setattr("synth.parquet._SHARD_BYTES", 60_000)
    noise = np.random.default_rng(1).integers(0, 256, (24, 9_000), dtype=np.uint8)
    clips = named([b"RIFF" + one.tobytes() for one in noise])

    export(
        (row(number, (recording,)) for number, recording in enumerate(clips)),
        clips.__getitem__,
        tmp_path / "out",
        NOTHING,
    )

    shards = sorted((tmp_path / "out" / "rl").iterdir())
    assert len(shards) > 2
    assert shards[0].name == f"train-00000-of-{len(shards):05d}.parquet"
    assert all(shard.stat().st_size < 80_000 for shard in shards)
    written = [one for shard in shards for one in pq.read_table(shard)["source_id"].to_pylist()]
    assert written == [f"{number:05d}" for number in range(24)]


def test_repeated_audio_is_stored_about_once(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).integers(-9_000, 9_000, RATE, dtype=np.int16)
    heard = io.BytesIO()
    soundfile.write(heard, noise, RATE, format="WAV")
    sound = heard.getvalue()
    recording = hashlib.sha256(sound).hexdigest()
    many = replace(
        row(1, (recording,)),
        subquestions=tuple(subquestion(1, recording, place) for place in range(8)),
    )

    export([many], lambda _: sound, tmp_path / "out", NOTHING)

    (shard,) = (tmp_path / "out" / "subquestions").iterdir()
    assert shard.stat().st_size < 2 * len(sound)


def test_an_export_carries_its_reward_as_one_file(sounds: dict[str, bytes], tmp_path: Path) -> None:
    given = row(1, tuple(sounds)[:1])
    export([given], sounds.__getitem__, tmp_path / "out", NOTHING)
    script = (
        "import importlib.util, sys\n"
        "spec = importlib.util.spec_from_file_location('theirs', sys.argv[1])\n"
        "theirs = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(theirs)\n"
        "print(theirs.score(*sys.argv[2:]).answer)\n"
    )
    answered = f"<answer>{given.question.answer}</answer>"
    written = str(tmp_path / "out" / "perceptsynth_reward.py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, written, answered, given.ground_truth],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("1.0", "")
