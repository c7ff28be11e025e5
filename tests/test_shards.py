from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from schemas import Check, Extraction, Fact, Observation, Run, Span, Subquestion, Value, identity
from schemas.errors import BadOption, BadRecord
from warehouse import shards
from warehouse.home import Home
from warehouse.shards import Finished

REPOSITORY = Path(__file__).resolve().parents[1]

# A worker as a flow has one: subtract what is done, write the rest in batches of 5.
WORKER = """
import sys
from schemas import Extraction, identity
from warehouse import shards
from warehouse.home import Home
home, total, started = Home(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
done = shards.done_keys(home, "observe")
rest = [n for n in range(total) if f"key-{n}" not in done]
for at in range(0, len(rest), 5):
    shards.write(home, "observe", [
        shards.Finished(f"key-{n}", (Extraction(
            id=identity("extraction", n), recording=f"r{n}", extractor="signal", version="1",
            outcome="abstained", reason=f"seen by {started}"),))
        for n in rest[at:at + 5]])
    print(at, flush=True)
"""


def worker(home: Home, total: int, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(home.path), str(total), name],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


def extraction(number: int, reason: str = "") -> Extraction:
    return Extraction(
        id=identity("extraction", number),
        recording=f"r{number}",
        extractor="signal",
        version="1",
        outcome="measured",
        reason=reason,
    )


def subquestion() -> Subquestion:
    span = Span(start_s=0.5, end_s=2.25)
    return Subquestion(
        id="sub",
        question="q",
        position=0,
        text="How fast?",
        property="tempo",
        subject="",
        recording="r",
        span=span,
        fact="f",
        check=Check(
            kind="within",
            target=Value(number=120.0),
            accepted=(),
            unit="bpm",
            tolerance=0.04,
            relative=True,
            zero_at=None,
            source="MIREX",
        ),
        answer="120 bpm",
        distractors=("60 bpm", "240 bpm"),
        choices=("60 bpm", "120 bpm", "240 bpm"),
        prior=0.1,
        tier="corroborated",
        need="required",
        run="run",
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_home_is_a_folder_with_its_rooms(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "home")
    assert all(room.is_dir() for room in (home.shards, home.replies, home.audio, home.exports))
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(BadOption, match="file: expected a folder"):
        Home(tmp_path / "file")


def test_a_batch_comes_back_whole(home: Home) -> None:
    rest = (extraction(1), subquestion())
    path = shards.write(home, "observe", [Finished("b", rest), Finished("a"), Finished("c")])
    assert path is not None
    assert path.parent == home.shards / "observe"
    assert shards.done_keys(home, "observe") == {"a", "b", "c"}
    assert shards.done_keys(home, "settle") == set()
    assert shards.read(home, Extraction) == [extraction(1)]
    assert shards.read(home, Subquestion, ["b"], "observe") == [subquestion()]
    assert shards.read(home, Run) == []
    assert shards.read(home, Fact, ["a"]) == []


def test_an_empty_batch_leaves_no_file(home: Home) -> None:
    assert shards.write(home, "observe", []) is None
    assert shards.stages(home) == ()


def test_the_same_batch_is_the_same_file(home: Home, tmp_path: Path) -> None:
    batch = [Finished("k", (extraction(1), subquestion()))]
    first = shards.write(home, "observe", batch)
    again = shards.write(home, "observe", batch)
    elsewhere = shards.write(Home(tmp_path / "other"), "observe", batch)
    assert first == again
    assert first.name == elsewhere.name
    assert len(shards.shard_files(home, "observe")) == 1


def test_records_come_in_the_order_of_the_keys_asked_for(home: Home) -> None:
    for number in (3, 1, 2):
        pair = (extraction(number), extraction(number + 10))
        shards.write(home, "observe", [Finished(f"key-{number}", pair)])
    read = shards.read(home, Extraction, ["key-2", "key-unknown", "key-3", "key-2"], "observe")
    assert read == [extraction(n) for n in (2, 12, 3, 13)]
    everything = shards.read(home, Extraction)
    assert everything == sorted((extraction(n) for n in (1, 2, 3, 11, 12, 13)), key=lambda e: e.id)


def test_where_two_workers_finished_a_key_the_first_shard_speaks_for_it(home: Home) -> None:
    early = (extraction(1, "first"), extraction(2, "first"))
    first = shards.write(home, "reason", [Finished("k", early)])
    os.utime(first, (time.time() - 60,) * 2)  # a file's time of writing tells which came first
    late = (extraction(1, "second"), extraction(3, "second"))
    shards.write(home, "reason", [Finished("k", late), Finished("l", (extraction(4, "second"),))])
    read = shards.read(home, Extraction, ["k", "l"])
    assert read == [extraction(1, "first"), extraction(2, "first"), extraction(4, "second")]


def test_a_record_that_two_keys_made_is_read_once(home: Home) -> None:
    shards.write(home, "read", [Finished("q1", (extraction(1),)), Finished("q2", (extraction(1),))])
    assert shards.read(home, Extraction, ["q2", "q1"]) == [extraction(1)]


def test_a_broken_record_is_refused_and_leaves_nothing(home: Home) -> None:
    bad = Observation(
        id="o",
        recording="r",
        property="tempo",
        subject="",
        span=None,
        value=Value(number=1.0),
        confidence="high",
        extractor="x",
        version="1",
        witness="x",
    )
    with pytest.raises(BadRecord, match=r"^o: Observation\.confidence: .*valid number.*'high'"):
        shards.write(home, "observe", [Finished("k", (bad,))])
    assert list((home.shards / "observe").iterdir()) == []


@pytest.mark.parametrize("stage", ["../../etc", "", "a/b", "Observe", ".."])
def test_a_stage_is_a_plain_name(home: Home, stage: str) -> None:
    with pytest.raises(BadOption, match="plain name"):
        shards.write(home, stage, [Finished("k")])


@pytest.mark.parametrize("size", [0, 3, 2000, -1])
def test_a_shard_that_was_cut_short_is_named_with_what_to_do(home: Home, size: int) -> None:
    whole = shards.write(home, "observe", [Finished("whole", (extraction(1),))])
    torn = shards.write(home, "observe", [Finished("torn", (extraction(2),))])
    torn.write_bytes(torn.read_bytes()[:size])
    told = rf"{torn.name}: the shard is damaged.*delete it and run the same command again"
    with pytest.raises(BadRecord, match=told):
        shards.done_keys(home, "observe")
    with pytest.raises(BadRecord, match=told):
        shards.read(home, Extraction)
    torn.unlink()
    assert shards.done_keys(home, "observe") == {"whole"}
    assert whole.exists()


def test_a_shard_of_another_shape_is_named(home: Home) -> None:
    folder = home.shards / "observe"
    folder.mkdir()
    frame = pl.DataFrame({"done": [1, 2]})
    frame.write_parquet(folder / "x.parquet")
    named = (folder / "x.parquet").rename(
        folder / f"{shards._sha256(folder / 'x.parquet')}.parquet"
    )
    with pytest.raises(BadRecord, match=rf"{named.name}: the shard does not fit this version"):
        shards.done_keys(home, "observe")


def test_a_shard_older_than_a_table_and_a_field_is_still_read(home: Home) -> None:
    batch = shards._frame([Finished("k", (extraction(1),))])
    fields = [field.name for field in shards.SCHEMA["extractions"].fields if field.name != "reason"]
    shorter = pl.struct(pl.col("extractions").struct.field(*fields))
    frame = batch.drop("runs").with_columns(
        pl.when(pl.col("extractions").is_not_null()).then(shorter).alias("extractions")
    )
    folder = home.shards / "observe"
    folder.mkdir()
    frame.write_parquet(folder / "x.parquet")
    shards.write(home, "observe", [Finished("l", (extraction(2),))])
    assert shards.read(home, Extraction, ["k", "l"]) == [extraction(1), extraction(2)]
    assert shards.read(home, Run) == []


def test_orphans_are_ignored_and_go_after_an_hour(home: Home) -> None:
    shards.write(home, "observe", [Finished("k", (extraction(1),))])
    young, old = (home.shards / "observe" / f".{name}.tmp" for name in ("young", "old"))
    for orphan in (young, old):
        orphan.write_bytes(b"PAR1 half a shard")
    long_ago = time.time() - 2 * 3600
    os.utime(old, (long_ago, long_ago))
    assert shards.done_keys(home, "observe") == {"k"}
    assert shards.remove_orphans(home) == 1
    assert young.exists()
    assert not old.exists()


def test_three_racing_workers_lose_and_double_nothing(home: Home) -> None:
    total = 60
    racing = [worker(home, total, f"worker {n}") for n in range(3)]
    for process in racing:
        process.communicate()
        assert process.returncode == 0
    keys = [f"key-{n}" for n in range(total)]
    assert shards.done_keys(home, "observe") == set(keys)
    read = shards.read(home, Extraction, keys)
    assert [record.id for record in read] == [identity("extraction", n) for n in range(total)]
    assert list(home.shards.glob("*/.*.tmp")) == []


def test_killed_workers_leave_whole_shards_and_the_next_goes_on(home: Home) -> None:
    total = 200
    for round_, delay_s in enumerate((0.0, 0.013, 0.029, 0.047)):
        process = worker(home, total, f"round {round_}")
        process.stdout.readline()  # one batch is written; kill it in the middle of a later one
        time.sleep(delay_s)
        process.kill()
        process.communicate()
        before = shards.done_keys(home, "observe")
        assert len(shards.read(home, Extraction)) == len(before)
    process = worker(home, total, "last")
    process.communicate()
    assert process.returncode == 0
    assert len(shards.done_keys(home, "observe")) == total
    read = shards.read(home, Extraction, [f"key-{n}" for n in range(total)])
    assert [record.id for record in read] == [identity("extraction", n) for n in range(total)]
    assert "seen by round 0" in {record.reason for record in read}
