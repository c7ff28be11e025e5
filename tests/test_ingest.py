from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import polars as pl
import pytest

from schemas import Extraction, Item, Observation, Question, Span, Value, identity
from schemas.errors import BadRecord
from warehouse import shards
from warehouse.codec import from_row, polars_schema
from warehouse.home import Home
from warehouse.ingest import IngestCounts, ingest
from warehouse.query import query
from warehouse.shards import Finished
from warehouse.tables import TABLES

REPOSITORY = Path(__file__).resolve().parents[1]

INGESTER = """
import sys
from warehouse.home import Home
from warehouse.ingest import ingest
home = Home(sys.argv[1])
print("ready", flush=True)
print(ingest(home, wait_s=60), flush=True)
"""

HOLDER = """
import sys
from pathlib import Path
from warehouse.durable import only_one
with only_one(Path(sys.argv[1]), 0):
    print("held", flush=True)
    input()
"""


def ingester(home: Home) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", INGESTER, str(home.path)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


def observation(number: int) -> Observation:
    return Observation(
        id=identity("observation", number),
        recording=f"r{number}",
        property="words",
        subject="",
        span=Span(start_s=0.0, end_s=number + 0.5) if number % 2 else None,
        value=Value(items=tuple(Item(label=f"word {n}", start_s=float(n)) for n in range(3))),
        confidence=None,
        extractor="words_faster_whisper",
        version="1",
        witness="whisper-base",
    )


def extraction(number: int, reason: str = "") -> Extraction:
    return Extraction(
        id=identity("extraction", number),
        recording=f"r{number}",
        extractor="words_faster_whisper",
        version="1",
        outcome="measured",
        reason=reason,
    )


def write(home: Home, numbers: range, stage: str = "observe") -> list[Path]:
    """One shard a number: an extraction and an observation."""
    return [
        shards.write(home, stage, [Finished(f"k{n}", (extraction(n), observation(n)))])
        for n in numbers
    ]


def ids(home: Home, table: str = "observations") -> list[str]:
    return [str(row[0]) for row in query(home, f"SELECT id FROM {table} ORDER BY id").rows]


def expected(numbers: range) -> list[str]:
    return sorted(observation(n).id for n in numbers)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_records_reach_the_snapshot_as_they_were(home: Home) -> None:
    write(home, range(4))
    assert ingest(home) == IngestCounts(shards=4, records=8, published=True)
    with duckdb.connect(str(home.snapshot), read_only=True) as connection:
        rows = connection.sql("SELECT * FROM observations ORDER BY recording").pl()
    assert [from_row(Observation, row) for row in rows.iter_rows(named=True)] == [
        observation(n) for n in range(4)
    ]


def test_a_second_ingestion_has_nothing_to_do_and_leaves_the_snapshot_alone(home: Home) -> None:
    write(home, range(2))
    ingest(home)
    before = home.snapshot.stat().st_ino
    assert ingest(home) == IngestCounts()
    assert home.snapshot.stat().st_ino == before
    write(home, range(2, 3))
    assert ingest(home) == IngestCounts(shards=1, records=2, published=True)
    assert home.snapshot.stat().st_ino != before


def test_an_empty_home_publishes_empty_tables(home: Home) -> None:
    assert ingest(home) == IngestCounts(published=True)
    assert ids(home) == []


def test_a_record_that_lies_in_many_shards_is_there_once(home: Home) -> None:
    same = (extraction(1),)
    shards.write(home, "read", [Finished("q1", same), Finished("q2", same)])
    shards.write(home, "read", [Finished("q3", same)])
    ingest(home)
    shards.write(home, "read", [Finished("q4", same)])
    assert ingest(home).records == 0
    assert ids(home, "extractions") == [extraction(1).id]


def test_where_two_workers_finished_a_key_warehouse_and_shards_agree(home: Home) -> None:
    early = (extraction(1, "first"), extraction(2, "first"))
    first = shards.write(home, "reason", [Finished("k", early)])
    os.utime(first, (time.time() - 60,) * 2)
    ingest(home)
    late = (extraction(1, "second"), extraction(3, "second"))
    shards.write(home, "reason", [Finished("k", late), Finished("l", (extraction(4, "second"),))])
    ingest(home)
    rows = query(home, "SELECT id, reason FROM extractions ORDER BY id").rows
    assert rows == tuple((it.id, it.reason) for it in shards.read(home, Extraction))
    assert {reason for _, reason in rows} == {"first", "second"}
    assert len(rows) == 3


def test_the_warehouse_is_rebuilt_from_the_shards(home: Home) -> None:
    write(home, range(5))
    ingest(home)
    before = query(home, "SELECT * FROM observations ORDER BY id")
    home.warehouse.unlink()
    assert ingest(home) == IngestCounts(shards=5, records=10, published=False)
    home.snapshot.unlink()
    assert ingest(home) == IngestCounts(published=True)
    assert query(home, "SELECT * FROM observations ORDER BY id") == before


def test_a_log_left_without_its_file_does_no_harm(home: Home) -> None:
    write(home, range(1))
    home.warehouse.with_name("warehouse.duckdb.wal").write_bytes(b"left over")
    assert ingest(home).records == 2


def test_a_damaged_warehouse_says_that_the_shards_rebuild_it(home: Home) -> None:
    write(home, range(1))
    home.warehouse.write_bytes(b"not a database" * 1000)
    with pytest.raises(BadRecord, match=r"warehouse\.duckdb: cannot be opened.*delete it"):
        ingest(home)
    home.warehouse.unlink()
    assert ingest(home).records == 2


def test_a_damaged_snapshot_is_replaced(home: Home) -> None:
    write(home, range(1))
    ingest(home)
    home.snapshot.write_bytes(b"not a database" * 1000)
    assert ingest(home).published
    assert ids(home) == expected(range(1))


def test_a_damaged_shard_is_named_and_nothing_of_it_is_taken_in(home: Home) -> None:
    ingest(home)
    (shard,) = write(home, range(1))
    changed = bytearray(shard.read_bytes())
    changed[100] ^= 1  # one flipped bit
    shard.write_bytes(changed)
    with pytest.raises(BadRecord, match=rf"{shard.name}: the shard is damaged.*delete it"):
        ingest(home)
    assert ids(home) == []
    shard.unlink()
    write(home, range(1))
    assert ingest(home).records == 2


def test_a_warehouse_from_a_newer_version_is_left_alone(home: Home) -> None:
    ingest(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("INSERT INTO migrations VALUES ('999_future.sql')")
    with pytest.raises(BadRecord, match=r"newer perceptsynth \(it has 999_future\.sql\)"):
        ingest(home)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_its_nouns_fields(home: Home, table: str) -> None:
    ingest(home)
    with duckdb.connect(str(home.snapshot), read_only=True) as connection:
        columns = connection.execute(f"DESCRIBE {table}").fetchall()
        connection.register("noun", pl.DataFrame(schema=polars_schema(TABLES[table])).to_arrow())
        fields = connection.execute("DESCRIBE noun").fetchall()
    assert [column[:2] for column in columns] == [field[:2] for field in fields]


def test_tables_and_views_say_what_they_are(home: Home) -> None:
    ingest(home)
    sql = (
        "SELECT table_name, comment FROM duckdb_tables()"
        " UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
    )
    comments = dict(query(home, sql).rows)
    assert {*TABLES, "sft_rows", "rl_rows", "kept_trajectories", "current_runs"} <= comments.keys()
    assert [name for name, comment in comments.items() if not comment] == ["migrations"]


def test_another_ingester_at_work_is_left_alone(home: Home) -> None:
    write(home, range(1))
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            HOLDER,
            str(home.ingester_lock),
        ],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    assert ingest(home, wait_s=0.1) == IngestCounts(busy=True)
    holder.kill()
    holder.communicate()
    assert ingest(home).records == 2


def test_three_racing_ingesters_double_nothing(home: Home) -> None:
    write(home, range(30))
    racing = [ingester(home) for _ in range(3)]
    told = [process.communicate()[0] for process in racing]
    assert [process.returncode for process in racing] == [0, 0, 0]
    assert sum("records=60," in text for text in told) == 1
    assert ids(home) == expected(range(30))


def test_an_ingester_killed_anywhere_loses_and_doubles_nothing(home: Home) -> None:
    written = 0
    for delay_s in (0.0, 0.02, 0.05, 0.09, 0.14, 0.2):
        for stage in ("observe", "words"):  # two transactions
            write(home, range(written, written + 10), stage)
            written += 10
        process = ingester(home)
        process.stdout.readline()
        time.sleep(delay_s)
        process.kill()
        process.communicate()
        if home.snapshot.exists():  # whatever was published is whole
            assert set(ids(home)) <= set(expected(range(written)))
    ingest(home)
    assert ids(home) == expected(range(written))
    assert ids(home, "extractions") == sorted(extraction(n).id for n in range(written))
    assert query(home, "SELECT count(*), count(DISTINCT name) FROM shards").rows == ((120, 120),)


def test_readers_go_on_while_shards_come_in(home: Home) -> None:
    write(home, range(5))
    ingest(home)
    with duckdb.connect(str(home.snapshot), read_only=True) as reader:
        process = None
        for round_ in range(1, 4):
            write(home, range(round_ * 5, round_ * 5 + 5))
            process = ingester(home)
            while process.poll() is None:
                count = "SELECT count(*), count(DISTINCT id) FROM observations"
                assert reader.execute(count).fetchall() == [(5, 5)]
                time.sleep(0.05)
            assert process.communicate()[0].endswith("published=True)\n")
    assert ids(home) == expected(range(20))


def test_a_question_keeps_what_benchmarks_leave_out(home: Home) -> None:
    question = Question(
        id="q",
        benchmark="mmau",
        release="1",
        split="test",
        source_id="s",
        recordings=("r",),
        text='What\'s "heard"; DROP TABLE questions; -- \x00 \U0001f40d',
        choices=(),
        answer=None,
        licence="",
        eval_only=True,
    )
    shards.write(home, "read", [Finished("k", (question,))])
    ingest(home)
    assert query(home, "SELECT text, choices, answer, eval_only FROM questions").rows == (
        (question.text, [], None, True),
    )
