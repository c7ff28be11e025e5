"""Readers of questions: one contract for all, and the quirks of each source's files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from schemas import Rejection
from schemas.errors import BadQuestionFile
from synth import plugins
from synth.benchmarks import mmar, mmau
from synth.questions import Row

BENCHMARKS = plugins.names("benchmarks")

MMAU_ROW = {
    "id": "a1",
    "audio_id": "./test-mini-audios/a1.wav",
    "question": "How many dogs bark?",
    "choices": ["one", "two", "three", "four"],
    "answer": "two",
    "dataset": "AudioSet",
    "task": "sound",
    "split": "test-mini",
    "category": "Reasoning",
    "sub-category": "Event-Based Sound Reasoning",
    "difficulty": "easy",
}
MMAR_ROW = {
    "id": "yt_00-00-01_00-00-09",
    "audio_path": "./audio/yt_00-00-01_00-00-09.wav",
    "question": "Who laughs first?",
    "choices": ["the man", "the woman"],
    "answer": "the woman",
    "modality": "mix-sound-speech",
    "category": "Perception Layer",
    "sub-category": "Counting and Statistics",
    "language": None,
    "thinking": "SECRET chain of thought",
    "cue": ["SECRET cue"],
    "rubric": [{"name": "SECRET", "scoring_point": "SECRET"}],
}


class Kept:
    """A home that keeps audio without a file of its own, as the warehouse does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, content: bytes, suffix: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / (hashlib.sha256(content).hexdigest() + suffix)
        path.write_bytes(content)
        return path


@pytest.fixture
def keep(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "home" / "audio")


def sound(root: Path, relative: str, content: bytes = b"sound") -> None:
    path = root / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def mmau_root(root: Path, *rows: object, name: str = "mmau-test-mini.json") -> Path:
    root.mkdir(exist_ok=True)
    (root / name).write_text(json.dumps(rows), encoding="utf-8")
    for row in rows:
        if isinstance(row, dict) and str(row.get("audio_id", "")).startswith("./"):
            sound(root, row["audio_id"])
    return root


def mmar_root(root: Path, *lines: str) -> Path:
    root.mkdir(exist_ok=True)
    (root / "MMAR-meta.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sound(root, MMAR_ROW["audio_path"])
    return root


def example_root(name: str, folder: Path) -> Path | None:
    if name == "sample":
        return None
    if name == "mmau":
        return mmau_root(folder, MMAU_ROW)
    if name == "mmar":
        return mmar_root(folder, json.dumps(MMAR_ROW))
    pytest.fail(f"write a smallest possible root for the benchmark {name} here")


def only(results: list[Row | Rejection]) -> Row | Rejection:
    assert len(results) == 1
    return results[0]


def question_in(result: Row | Rejection) -> Row:
    assert isinstance(result, Row), result
    return result


def refused(result: Row | Rejection) -> Rejection:
    assert isinstance(result, Rejection), result
    assert (result.stage, result.kind) == ("read", "question")
    assert result.reason
    return result


@pytest.mark.parametrize("name", BENCHMARKS)
def test_reads_questions_with_their_recordings(name: str, tmp_path: Path, keep: Kept) -> None:
    reader = plugins.load("benchmarks", name)
    root = example_root(name, tmp_path / "root")
    results = list(reader.read(root, keep))
    assert results
    for row in map(question_in, results):
        question = row.question
        assert question.benchmark == name
        assert question.eval_only is reader.EVAL_ONLY
        assert question.release
        assert question.licence
        assert question.text == question.text.strip() != ""
        assert len(set(question.choices)) == len(question.choices) >= 2
        assert question.answer is None or question.answer in question.choices
        assert question.recordings == tuple(source.sha256 for source in row.sources)
        for source in row.sources:
            assert hashlib.sha256(source.path.read_bytes()).hexdigest() == source.sha256
            assert not Path(source.locator).is_absolute()
    ids = [question_in(result).question.id for result in results]
    assert len(set(ids)) == len(ids)
    assert results == list(reader.read(root, keep))


@pytest.mark.parametrize("name", BENCHMARKS)
@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_says_what_it_looked_for_where_there_is_no_question_file(
    name: str, folder: str, tmp_path: Path, keep: Kept
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadQuestionFile, match=folder):
        list(plugins.load("benchmarks", name).read(tmp_path / folder, keep))


@pytest.mark.parametrize(
    ("file", "release"),
    [
        ("mmau-test-mini.json", "v05.15.25"),
        ("history/mmau-test-mini.ORIGINAL_2025-03-25_1f675a9.json", "2025-03-25"),
        ("history/mmau-test-mini.FIRST_2024-10-23_1c6af99.json", "2024-10-23"),
    ],
)
def test_reads_every_release_of_mmau(
    file: str, release: str, shared: Path, tmp_path: Path, keep: Kept
) -> None:
    content = (shared / "benchmarks" / "mmau" / file).read_bytes()
    (tmp_path / "questions.json").write_bytes(content)
    upstream = json.loads(content)
    for row in upstream:
        sound(tmp_path, row["audio_id"], row["audio_id"].encode())
    rows = [question_in(result) for result in mmau.read(tmp_path, keep)]
    assert len(rows) == 1000
    assert {row.question.release for row in rows} == {release}
    assert {row.question.task for row in rows} == {"sound", "music", "speech"}
    for row, stated in zip(rows, upstream, strict=True):
        assert row.question.source_id == Path(stated["audio_id"]).stem
        assert "modified question" not in row.question.text.lower()
        assert set(stated["answer"].strip()) >= set(row.question.answer or "")
    assert not any(choice.startswith("[") for row in rows for choice in row.question.choices)


def test_a_question_of_the_first_release_loses_what_its_rewriting_left_behind(
    tmp_path: Path, keep: Kept
) -> None:
    left = {
        'Modified question: "Which sound is it?"': "Which sound is it?",
        'The modified question would be: "Where is it?"': "Where is it?",
        'Looking at the answer, the modified question could be: "What is it?"': "What is it?",
        "Was the question modified?": "Was the question modified?",
    }
    rows = [{**MMAU_ROW, "id": f"a{n}", "question": question} for n, question in enumerate(left)]
    results = mmau.read(mmau_root(tmp_path / "root", *rows), keep)
    assert [question_in(result).question.text for result in results] == list(left.values())


def test_mmau_quirks_are_put_in_order_without_touching_the_answer(
    tmp_path: Path, keep: Kept
) -> None:
    row = {
        **MMAU_ROW,
        "question": "  In which order?\n",
        "category": ["Reasoning"],
        "choices": ["['a_bell', 'a_dog']", " ['a_dog', 'a_bell']", "['a_bell', 'a_dog']", ""],
        "answer": "['a_dog', 'a_bell'] ",
    }
    question = question_in(only(list(mmau.read(mmau_root(tmp_path / "root", row), keep)))).question
    assert question.text == "In which order?"
    assert question.choices == ("a_bell, a_dog", "a_dog, a_bell")
    assert question.answer == "a_dog, a_bell"
    assert question.release == "unknown"


def test_a_withheld_answer_is_none_and_the_question_stays(tmp_path: Path, keep: Kept) -> None:
    row = {**MMAU_ROW, "answer": "", "split": "test"}
    root = mmau_root(tmp_path / "root", row, name="mmau-test.json")
    question = question_in(only(list(mmau.read(root, keep)))).question
    assert question.answer is None
    assert question.split == "test"


@pytest.mark.parametrize(
    ("changed", "name", "reason"),
    [
        ({"answer": "five"}, "answer_not_a_choice", "five"),
        ({"question": " "}, "no_text", "no text"),
        ({"choices": ["two"]}, "too_few_choices", "at least 2"),
        ({"choices": ["two", "two ", " "]}, "too_few_choices", "at least 2"),
        ({"choices": "two"}, "malformed_row", "choices"),
        ({"choices": ["two", 3]}, "malformed_row", "choices"),
        ({"choices": None}, "malformed_row", "choices"),
        ({"question": 7}, "malformed_row", "question"),
        ({"question": "half a \ud800 character"}, "unreadable_text", "UTF-8"),
        ({"question": "a \0 in it"}, "unreadable_text", "UTF-8"),
        ({"audio_id": "gone.wav"}, "recording_missing", "gone.wav"),
        ({"audio_id": "test-mini-audios"}, "recording_missing", "test-mini-audios"),
        ({"audio_id": "x" * 5000}, "recording_missing", "too long"),
        ({"audio_id": ""}, "unsafe_path", "relative"),
        ({"audio_id": "../outside.wav"}, "unsafe_path", "out of the root"),
        ({"audio_id": "a/../../outside.wav"}, "unsafe_path", "out of the root"),
        ({"audio_id": "/etc/hostname"}, "unsafe_path", "relative"),
        ({"audio_id": "link.wav"}, "unsafe_path", "out of the root"),
        ({"audio_id": "nul\0.wav"}, "unsafe_path", "no path"),
        ({"id": "\ud800"}, "unreadable_text", "UTF-8"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_the_next_one_read(
    changed: dict[str, object], name: str, reason: str, tmp_path: Path, keep: Kept
) -> None:
    root = mmau_root(tmp_path / "root", {**MMAU_ROW, **changed}, {**MMAU_ROW, "id": "next"})
    sound(tmp_path, "outside.wav")
    (root / "link.wav").symlink_to(tmp_path / "outside.wav")
    bad, good = mmau.read(root, keep)
    assert refused(bad).filter == name
    assert reason in refused(bad).reason
    refused(bad).reason.encode()
    refused(bad).record.encode()
    assert question_in(good).question.source_id == "next"


@pytest.mark.parametrize("row", [None, 3, "text", ["list"], {}])
def test_what_is_no_row_at_all_is_rejected_by_its_place(
    row: object, tmp_path: Path, keep: Kept
) -> None:
    root = mmau_root(tmp_path / "root", row)
    assert refused(only(list(mmau.read(root, keep)))).record == "row 1"


def test_of_two_rows_with_one_id_the_later_is_rejected(tmp_path: Path, keep: Kept) -> None:
    other = {**MMAU_ROW, "question": "Another question?"}
    first, *later = mmau.read(mmau_root(tmp_path / "root", MMAU_ROW, other, other), keep)
    assert question_in(first).question.text == MMAU_ROW["question"]
    assert [refused(one).filter for one in later] == ["duplicate_id", "duplicate_id"]
    assert len({refused(one).id for one in later}) == 2
    assert "a1" in refused(later[0]).record


def test_broken_json_is_told_with_line_and_column(tmp_path: Path, keep: Kept) -> None:
    (tmp_path / "mmau-test-mini.json").write_text('[{"id": "a",\n  oops}]', encoding="utf-8")
    with pytest.raises(BadQuestionFile, match="line 2, column 3"):
        list(mmau.read(tmp_path, keep))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'{"id": 1}', "expected a JSON list"),
        (b"[" * 100_000, "cannot be read|broken JSON"),
        (b"\xff\xfe[]", "not UTF-8"),
        (b"", "broken JSON at line 1"),
    ],
)
def test_a_file_that_is_no_question_file_is_told(
    content: bytes, what: str, tmp_path: Path, keep: Kept
) -> None:
    (tmp_path / "mmau-test-mini.json").write_bytes(content)
    with pytest.raises(BadQuestionFile, match=what):
        list(mmau.read(tmp_path, keep))


def test_several_question_files_are_asked_to_be_named(tmp_path: Path, keep: Kept) -> None:
    root = mmau_root(tmp_path / "root", MMAU_ROW, name="old.json")
    mmau_root(root, {**MMAU_ROW, "id": "new"}, name="new.json")
    with pytest.raises(BadQuestionFile, match=r"several question files \(new.json, old.json\)"):
        list(mmau.read(root, keep))
    assert question_in(only(list(mmau.read(root / "old.json", keep)))).question.source_id == "a1"


def test_reads_mmar_and_leaves_its_human_notes_behind(
    shared: Path, tmp_path: Path, keep: Kept
) -> None:
    shutil.copyfile(shared / "benchmarks" / "mmar" / mmar._FILE, tmp_path / mmar._FILE)
    lines = (tmp_path / mmar._FILE).read_text(encoding="utf-8").splitlines()
    for line in lines:
        sound(tmp_path, json.loads(line)["audio_path"])
    rows = [question_in(result) for result in mmar.read(tmp_path, keep)]
    assert len(rows) == 1000
    assert {row.question.release for row in rows} == {"3bce090"}
    assert all("" not in row.question.choices for row in rows)


def test_nothing_of_mmar_s_notes_reaches_a_question(tmp_path: Path, keep: Kept) -> None:
    row = only(list(mmar.read(mmar_root(tmp_path / "root", json.dumps(MMAR_ROW)), keep)))
    assert "SECRET" not in repr(row)
    assert question_in(row).question.task == "mix-sound-speech"


def test_a_broken_line_of_mmar_is_rejected_by_its_number(tmp_path: Path, keep: Kept) -> None:
    root = mmar_root(tmp_path / "root", '{"id": "torn', "", "[]", json.dumps(MMAR_ROW))
    torn, no_object, good = mmar.read(root, keep)
    assert (refused(torn).record, refused(torn).filter) == ("line 1", "broken_json")
    assert (refused(no_object).record, refused(no_object).filter) == ("line 3", "malformed_row")
    question_in(good)


def parquet(path: Path, rows: list[dict[str, object]], audio: str) -> None:
    """Write rows as the hub's own Parquet files are: Audio columns as struct<bytes, path>."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    cell = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    columns = {
        name: pa.array([row[name] for row in rows], cell if name == audio else None)
        for name in rows[0]
    }
    features: dict[str, object] = {
        name: {"dtype": "string", "_type": "Value"} for name in columns if name != audio
    }
    if isinstance(rows[0].get("choices"), list):
        features["choices"] = {"feature": {"dtype": "string", "_type": "Value"}, "_type": "List"}
    features[audio] = {"_type": "Audio"}
    described = json.dumps({"info": {"features": features}})
    table = pa.table(columns).replace_schema_metadata({"huggingface": described})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def test_mmau_reads_a_folder_with_the_hub_s_columns(tmp_path: Path, keep: Kept) -> None:
    fields = {name: cell for name, cell in MMAU_ROW.items() if name != "audio_id"}
    # lmms-lab's mirror: choices are a list as JSON in a string
    fields["choices"] = json.dumps(MMAU_ROW["choices"])

    def cell(content: bytes | None, path: str | None) -> dict[str, object]:
        return {"audio": {"bytes": content, "path": path}}

    rows = [
        {**fields, **cell(b"one", "a1.wav")},
        {**fields, "id": "a2", "answer": "", **cell(b"two", None)},
        {**fields, "id": "a3", "choices": "no list", **cell(b"3", "a3.wav")},
        {**fields, "id": "a4", **cell(None, "../../x.wav")},
        {**fields, "id": "a5", **cell(None, "a5.wav")},
        {**fields, "id": "a6", **cell(None, "a6.wav")},
        {**fields, "id": "a7", **cell(b"7", "x.wav/../../sh")},
    ]
    parquet(tmp_path / "set" / "data" / "test_mini-00000-of-00001.parquet", rows, "audio")
    sound(tmp_path, "set/a5.wav", b"five")
    one, two, three, four, five, six, seven = mmau.read(tmp_path / "set", keep)
    source = question_in(one).sources[0]
    assert source.path.read_bytes() == b"one"
    assert source.path.parent == keep.folder
    assert source.locator == f"audio/{source.sha256}.wav"
    assert question_in(one).question.choices == ("one", "two", "three", "four")
    assert question_in(one).question.split == "test-mini"
    assert question_in(one).question.release == "unknown"
    assert question_in(two).question.answer is None
    assert question_in(two).sources[0].path.suffix == ".audio"
    assert refused(three).filter == "malformed_row"
    assert refused(four).filter == "unsafe_path"
    assert question_in(five).sources[0].path.read_bytes() == b"five"
    assert refused(six).filter == "recording_missing"
    assert question_in(seven).sources[0].path.parent == keep.folder


def test_mmar_reads_a_folder_with_the_hub_s_columns(tmp_path: Path, keep: Kept) -> None:
    fields = {name: MMAR_ROW[name] for name in ("id", "question", "choices", "answer", "modality")}
    row = {**fields, "audio": {"bytes": b"RIFF", "path": "clip.WAV"}}
    parquet(tmp_path / "test.parquet", [row], "audio")
    read = question_in(only(list(mmar.read(tmp_path, keep))))
    assert (read.question.split, read.question.answer) == ("test", "the woman")
    assert read.sources[0].path.suffix == ".wav"


def test_parquet_that_is_none_is_told(tmp_path: Path, keep: Kept) -> None:
    (tmp_path / "test.parquet").write_bytes(b"no parquet")
    with pytest.raises(BadQuestionFile, match="cannot be read"):
        list(mmau.read(tmp_path, keep))


def test_parquet_that_is_damaged_further_in_is_told(tmp_path: Path, keep: Kept) -> None:
    fields = {name: MMAR_ROW[name] for name in ("id", "question", "choices", "answer")}
    row = {**fields, "audio": {"bytes": b"R" * 999, "path": None}}
    parquet(tmp_path / "test.parquet", [row], "audio")
    content = bytearray((tmp_path / "test.parquet").read_bytes())
    content[4:200] = b"\xff" * 196
    (tmp_path / "test.parquet").write_bytes(content)
    with pytest.raises(BadQuestionFile, match="cannot be read on"):
        list(mmar.read(tmp_path, keep))


@pytest.mark.parametrize("name", ["mmau", "mmar"])
@pytest.mark.parametrize(
    "environment", [{"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}]
)
def test_without_root_and_hub_it_says_what_to_download_and_where_to_put_it(
    name: str, environment: dict[str, str], tmp_path: Path
) -> None:
    ask = (
        "import sys\n"
        "from synth import plugins\n"
        "from schemas.errors import HubUnreachable\n"
        f"reader = plugins.load('benchmarks', '{name}')\n"
        "try:\n    next(iter(reader.read(None, lambda content, suffix: None)))\n"
        "except HubUnreachable as error:\n    sys.exit(str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask],
        env={**os.environ, "HF_HOME": str(tmp_path), **environment},
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.strip().splitlines()
    assert done.returncode == 1
    assert len(said) == 1, said
    assert "Download" in said[0]
    assert "--root FOLDER" in said[0]
