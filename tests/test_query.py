from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from schemas import (
    Check,
    Claim,
    Extraction,
    Fact,
    Filter,
    HardNegative,
    Item,
    Observation,
    Question,
    Recording,
    Rejection,
    Run,
    Selection,
    Settlement,
    Span,
    Step,
    Subquestion,
    Trajectory,
    Value,
    Verdict,
)
from schemas.errors import BadQuery
from warehouse import shards
from warehouse.home import Home
from warehouse.ingest import ingest
from warehouse.query import Table, named, query
from warehouse.shards import Finished
from warehouse.trace import trace

if TYPE_CHECKING:
    from pathlib import Path

RECORDING = Recording(
    id="r" * 64,
    locator="audio/clip.ogg",
    sample_rate_hz=44100,
    channels=2,
    duration_s=12.5,
    decoder="pyav 18",
)
QUESTION = Question(
    id="abcd1234" * 4,
    benchmark="sample",
    release="2026-11",
    split="train",
    source_id="sample_001",
    recordings=(RECORDING.id,),
    text="How fast is it?",
    choices=("slow", "fast"),
    answer="fast",
    licence="CC0-1.0",
    eval_only=False,
)
BROKEN = "b" * 64
TWIN = dataclasses.replace(QUESTION, id="abcd9999" * 4, source_id="sample_002")
DROPPED = dataclasses.replace(
    QUESTION, id="ffff0000" * 4, source_id="sample_003", recordings=(RECORDING.id, BROKEN)
)
OLD = Run(
    id="run-old",
    code_version="0.1.0",
    benchmark="sample",
    release="2026-11",
    config="{}",
    teacher="replay",
    model="",
    revision="",
    prompts=(),
    seed=1,
    started_at="2026-11-01T00:00:00Z",
)
NEW = dataclasses.replace(OLD, id="run-new", seed=2, started_at="2026-11-23T00:00:00Z")
EXTRACTION = Extraction(
    id="e", recording=RECORDING.id, extractor="tempo_librosa", version="1", outcome="measured"
)
OBSERVATION = Observation(
    id="o",
    recording=RECORDING.id,
    property="tempo",
    subject="",
    span=None,
    value=Value(number=140.0),
    confidence=None,
    extractor="tempo_librosa",
    version="1",
    witness="librosa",
)
TEMPO = Fact(
    id="f1",
    recording=RECORDING.id,
    property="tempo",
    subject="",
    span=None,
    state="known",
    value=Value(number=140.0),
    margin=2.0,
    tier="corroborated",
    witnesses=("essentia", "librosa"),
    observations=("o",),
    version="1",
)
EVENTS = dataclasses.replace(
    TEMPO,
    id="f2",
    property="event",
    span=Span(start_s=1.0, end_s=2.0),
    value=Value(items=(Item(label="door"), Item(label="dog"))),
    tier="single",
    witnesses=("yamnet",),
)
SUPERSEDED = dataclasses.replace(TEMPO, id="f0", value=Value(number=70.0))
SETTLEMENTS = tuple(
    Settlement(
        id=f"settled-{year}", recording=RECORDING.id, instruments=(), rules="1", facts=facts,
        settled_at=f"{year}-01-01T00:00:00+00:00",
    )
    for year, facts in ((2025, (SUPERSEDED.id,)), (2026, (TEMPO.id, EVENTS.id)))
)  # fmt: skip
CHECK = Check(
    kind="within",
    target=Value(number=140.0),
    accepted=(),
    unit="bpm",
    tolerance=0.04,
    relative=True,
    zero_at=0.5,
    source="MIREX",
)


def subquestion(run: Run, position: int) -> Subquestion:
    return Subquestion(
        id=f"s-{run.id}-{position}",
        question=QUESTION.id,
        position=position,
        text="What is the tempo?",
        property="tempo",
        subject="",
        recording=RECORDING.id,
        span=None,
        fact=TEMPO.id,
        check=CHECK,
        answer="140 bpm",
        distractors=("70 bpm",),
        choices=("70 bpm", "140 bpm"),
        prior=0.1,
        tier="corroborated",
        need="required",
        run=run.id,
    )


def trajectory(run: Run, *, kept: bool) -> Trajectory:
    return Trajectory(
        id=f"t-{run.id}",
        question=QUESTION.id,
        run=run.id,
        rollout=0,
        subquestions=(f"s-{run.id}-0",),
        steps=(Step(text="140 bpm is fast", uses=("o1",)),),
        draft="fast",
        review="holds",
        answer="fast",
        completion="<answer>fast</answer>",
        teacher="replay",
        sampling="{}",
        probes=(),
        sufficiency="sufficient",
        audio_dependence="strong",
        kept=kept,
    )


CLAIM = Claim(
    id="c",
    trajectory="t-run-new",
    property="tempo",
    subject="",
    audio=1,
    span=None,
    said="140 bpm",
    start=4,
    end=11,
    tagged=True,
)
VERDICT = Verdict(id="v", claim="c", judgement="supported", check="k", reason="", version="1")


def rejection(number: int, **changes: str) -> Rejection:
    return Rejection(
        **{
            "id": f"rejection-{number}",
            "run": NEW.id,
            "stage": "decompose",
            "kind": "subquestion",
            "record": f"dropped-{number}",
            "question": QUESTION.id,
            "filter": "not_a_copy",
            "reason": "copies the question",
            **changes,
        }
    )


REJECTIONS = (
    rejection(1),
    rejection(2),
    rejection(3, filter="too_long", reason="212 words"),
    rejection(4, record="dropped-1", filter="too_long", reason="198 words"),
    rejection(
        5, stage="read", kind="question", record="sample_009", question="", filter="has_recording",
        reason="clip.wav is missing",
    ),
    rejection(
        6, stage="decompose", kind="question", record=DROPPED.id, question=DROPPED.id,
        filter="has_facts", reason="no fact of use",
    ),
    rejection(7, stage="reason", kind="trajectory", record="t-run-old", run=OLD.id,
              filter="reaches_gold", reason="says slow"),
    rejection(9, stage="observe", kind="recording", record=BROKEN, run="", question="",
              filter="unreadable_audio", reason="no sound in it"),
    rejection(10, stage="observe", kind="recording", record=BROKEN, question="",
              filter="unreadable_audio", reason="no sound in it"),
    rejection(8, kind="reply", record="request-1", filter="json", reason="prose"),
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("home"))
    read = (QUESTION, TWIN, DROPPED, RECORDING, OLD, NEW)
    shards.write(home, "read", [Finished("read", read)])
    shards.write(home, "observe", [Finished("observe", (EXTRACTION, OBSERVATION, TEMPO, EVENTS))])
    shards.write(home, "settle", [Finished("settle", (SUPERSEDED, *SETTLEMENTS))])
    asked = tuple(subquestion(run, place) for run in (OLD, NEW) for place in (1, 0))
    shards.write(home, "decompose", [Finished("decompose", (*asked, *REJECTIONS)), Finished("d2")])
    told = (trajectory(OLD, kept=False), trajectory(NEW, kept=True), CLAIM, VERDICT)
    shards.write(home, "reason", [Finished("reason", told)])
    ingest(home)
    return home


def test_a_home_without_a_snapshot_says_what_to_run(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for ask in (lambda: query(home, "SELECT 1"), lambda: trace(home, "x")):
        with pytest.raises(BadQuery, match="nothing here yet: run `synth run sample` first"):
            ask()


def test_an_answer_has_columns_and_rows(home: Home) -> None:
    sql = "SELECT source_id, choices FROM questions WHERE id = $id"
    assert query(home, sql, {"id": QUESTION.id}) == Table(
        ("source_id", "choices"), (("sample_001", ["slow", "fast"]),)
    )


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT * FROM nothing", "^Catalog Error: Table with name nothing does not exist"),
        ("SELEC 1", "^Parser Error"),
        ("", "expected one SQL statement, got 0"),
        ("SELECT 1; SELECT 2", "expected one SQL statement, got 2"),
        ("SELECT $missing", "parameters: missing"),
        ("SELECT error('a\nb')", "a b"),
        ("SELECT '\ud800'", "expected SQL in UTF-8"),
        ("SELECT INTERVAL '100000000 years'", "too large to show .*cast it to VARCHAR"),
    ],
)
def test_a_query_that_cannot_be_answered_gets_one_clear_line(
    home: Home, sql: str, told: str
) -> None:
    with pytest.raises(BadQuery, match=told) as refused:
        query(home, sql)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM read_blob('https://127.0.0.1:1/x')",
        "COPY questions TO '{folder}/out.csv'",
        "COPY questions FROM '{file}'",
        "EXPORT DATABASE '{folder}/out'",
        "IMPORT DATABASE '{folder}'",
        "ATTACH '{folder}/other.duckdb'",
        "ATTACH '{warehouse}' AS w",
        "INSTALL httpfs",
        "LOAD '{file}'",
        "SET enable_external_access = true",
        "SET GLOBAL lock_configuration = false",
        "RESET enable_external_access",
        "PRAGMA enable_external_access = true",
        "INSERT INTO runs (id) VALUES ('x')",
        "UPDATE runs SET id = 'x'",
        "DELETE FROM runs",
        "DROP TABLE runs",
        "CREATE TABLE mine (x INTEGER)",
        "CREATE PERSISTENT SECRET s (TYPE http)",
        "SELECT getenv('HOME')",
        "SELECT * FROM home",
    ],
)
def test_sql_can_only_read_the_snapshot(home: Home, tmp_path: Path, sql: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n")
    before = home.snapshot.read_bytes()
    with pytest.raises(BadQuery):
        query(home, sql.format(file=file, folder=tmp_path, warehouse=home.warehouse))
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert home.snapshot.read_bytes() == before


def test_an_unknown_named_query_lists_those_there_are(home: Home) -> None:
    with pytest.raises(BadQuery, match=r"no query '\.\./x'; there are status, trace, yield"):
        named(home, "../x")


def test_yield_counts_what_came_in_what_was_dropped_and_why(home: Home) -> None:
    table = named(home, "yield")
    assert table.columns == (
        "benchmark", "run", "stage", "kind", "filter",
        "came_in", "dropped", "kept", "share_kept", "reasons",
    )  # fmt: skip
    rows = {row[1:5]: row[5:] for row in table.rows}
    new = NEW.id
    assert rows[new, "read", "question", None] == (4, 1, 3, 0.75, None)
    assert rows[new, "read", "question", "has_recording"] == (
        4, 1, 3, 0.75, "clip.wav is missing (1)",
    )  # fmt: skip
    for run in (NEW.id, OLD.id):  # both met the recording that could not be read
        assert rows[run, "observe", "recording", None] == (2, 1, 1, 0.5, None)
    assert rows[new, "decompose", "question", None] == (3, 1, 2, 0.667, None)
    # Two kept; three dropped, one of them by two filters.
    assert rows[new, "decompose", "subquestion", None] == (5, 3, 2, 0.4, None)
    assert rows[new, "decompose", "subquestion", "not_a_copy"] == (
        5, 2, 3, 0.6, "copies the question (2)",
    )  # fmt: skip
    assert rows[new, "decompose", "subquestion", "too_long"] == (
        5, 2, 3, 0.6, "198 words (1); 212 words (1)",
    )  # fmt: skip
    assert rows[new, "decompose", "reply", "json"] == (None, 1, None, None, "prose (1)")
    assert rows[new, "reason", "trajectory", None] == (1, 0, 1, 1.0, None)
    assert rows[OLD.id, "reason", "trajectory", None] == (1, 1, 0, 0.0, None)
    assert table.rows[0][1] == new  # the latest run first


def test_status_counts_tables_stages_and_runs(home: Home) -> None:
    rows = {row[:2]: row[2:] for row in named(home, "status").rows}
    assert rows["table", "questions"] == (3, "")
    assert rows["table", "trajectories"] == (2, "1 kept")
    assert rows["stage", "decompose"] == (2, "input rows finished")
    assert rows["run", NEW.id][1].startswith("sample 2026-11, 2026-11-23T00:00:00Z, replay")
    runs = [row[1] for row in named(home, "status").rows if row[0] == "run"]
    assert runs == [NEW.id, OLD.id]


def test_the_trace_query_tells_a_questions_story_in_order(home: Home) -> None:
    table = named(home, "trace", {"question": "sample_001"})
    assert table == named(home, "trace", {"question": QUESTION.id})
    what = list(dict.fromkeys(row[0] for row in table.rows))
    assert what == [
        "question", "recording", "extraction", "fact", "subquestion", "trajectory", "claim",
        "rejection",
    ]  # fmt: skip
    says = {str(row[3]): str(row[2]) for row in table.rows}
    assert says[QUESTION.id] == "How fast is it? | slow / fast | answer: fast"
    assert says["f2"] == "door, dog | 1.0-2.0 s | single by yamnet"
    assert says["c"] == "tempo | 140 bpm | supported"
    assert named(home, "trace", {"question": "' OR 1=1 --"}).rows == ()


def test_a_trace_brings_the_records_of_the_latest_run(home: Home) -> None:
    found = trace(home, "sample_001")
    assert found.question == QUESTION
    assert found.run == NEW
    assert found.recordings == (RECORDING,)
    assert found.extractions == (EXTRACTION,)
    assert found.observations == (OBSERVATION,)
    assert found.facts == (EVENTS, TEMPO)
    assert found.subquestions == (subquestion(NEW, 0), subquestion(NEW, 1))
    assert found.trajectories == (trajectory(NEW, kept=True),)
    assert found.claims == (CLAIM,)
    assert found.verdicts == (VERDICT,)
    dropped = [record.id for record in found.rejections]
    assert dropped == [f"rejection-{n}" for n in (8, 1, 2, 3, 4)]


def test_the_facts_that_stand_are_those_of_the_latest_settlement(home: Home) -> None:
    stand = query(home, "SELECT id FROM current_facts ORDER BY id").rows
    kept = query(home, "SELECT id FROM facts ORDER BY id").rows
    assert (stand, kept) == ((("f1",), ("f2",)), (("f0",), ("f1",), ("f2",)))


def test_a_rejection_that_a_run_repeats_is_traced_once(home: Home) -> None:
    dropped = [record.id for record in trace(home, "sample_003").rejections]
    assert dropped == ["rejection-6", "rejection-10"]


def test_a_trace_of_a_chosen_run(home: Home) -> None:
    found = trace(home, QUESTION.id, "run-o")
    assert found.run == OLD
    assert found.trajectories == (trajectory(OLD, kept=False),)
    assert found.claims == ()
    with pytest.raises(BadQuery, match="no runs go by 'run-x'"):
        trace(home, QUESTION.id, "run-x")
    with pytest.raises(BadQuery, match="2 runs go by 'run-'"):
        trace(home, QUESTION.id, "run-")


def test_a_question_goes_by_its_id_the_start_of_it_or_its_source_id(home: Home) -> None:
    for name in (QUESTION.id, "abcd1", "sample_001"):
        assert trace(home, name).question == QUESTION
    with pytest.raises(BadQuery, match=r"2 questions go by 'abcd', .*\(sample 2026-11\)"):
        trace(home, "abcd")
    for name in ("abc", "", "zzzz", "%", "' OR 1=1 --"):
        with pytest.raises(BadQuery, match="no question"):
            trace(home, name)


def test_a_question_that_no_run_touched_is_traced_in_the_latest_of_its_benchmark(
    home: Home,
) -> None:
    found = trace(home, TWIN.id)
    assert found.run == NEW
    assert found.subquestions == ()


def test_views_join_questions_to_what_trainers_read(home: Home) -> None:
    assert query(home, "SELECT question, trajectory, run FROM sft_rows").rows == (
        (QUESTION.id, "t-run-new", NEW.id),
    )
    sql = "SELECT question, run, [s.id for s in subquestions] FROM rl_rows JOIN current_runs"
    sql += " ON current_runs.id = rl_rows.run"
    assert query(home, sql).rows == ((QUESTION.id, NEW.id, ["s-run-new-0", "s-run-new-1"]),)
    (check,) = query(home, 'SELECT subquestions[1]."check" FROM rl_rows LIMIT 1').rows[0]
    assert check["tolerance"] == 0.04


SELECTED = Selection(
    id="selected-1", run=NEW.id,
    filters=(Filter(stage="filter", kind="question", name="insufficient"),
             Filter(stage="verify", kind="trajectory", name="nothing_refuted")),
    dropped=("left-out",), version="1", selected_at="2026-11-23T00:00:00+00:00",
)  # fmt: skip
LEFT_OUT = rejection(
    0, id="left-out", stage="filter", kind="question", record=QUESTION.id, filter="insufficient",
    reason="no better",
)  # fmt: skip
WORSE = HardNegative(
    id="n", run=NEW.id, question=QUESTION.id, trajectory="t-run-new", source="sibling",
    kind="wrong_answer", claim="", property="", said="slow", completion="<answer>slow</answer>",
    check="", reason="it answers 'slow'", chosen_reward=1.0, rejected_reward=0.5, version="1",
)  # fmt: skip


def filtered(tmp_path: Path, *selections: Selection) -> Home:
    home = Home(tmp_path)
    told = (QUESTION, NEW, OLD, subquestion(NEW, 0), subquestion(OLD, 0))
    rest = (trajectory(NEW, kept=True), trajectory(OLD, kept=True), WORSE, LEFT_OUT)
    shards.write(home, "read", [Finished("all", (*told, *rest, *selections))])
    ingest(home)
    return home


def counts(home: Home) -> dict[str, list[tuple[object, ...]]]:
    return {
        view: sorted(query(home, f"SELECT run FROM {view}").rows)
        for view in ("sft_rows", "rl_rows", "preference_pairs")
    }


def test_views_leave_out_what_the_latest_selection_of_a_run_drops(tmp_path: Path) -> None:
    before = counts(filtered(tmp_path / "before"))
    assert before == {
        "sft_rows": [("run-new",), ("run-old",)], "rl_rows": [("run-new",), ("run-old",)],
        "preference_pairs": [("run-new",)],
    }  # fmt: skip
    assert counts(filtered(tmp_path / "after", SELECTED)) == {
        "sft_rows": [("run-old",)], "rl_rows": [("run-old",)], "preference_pairs": [],
    }  # fmt: skip
    later = dataclasses.replace(SELECTED, id="selected-2", dropped=(), selected_at="2026-12-01")
    assert counts(filtered(tmp_path / "again", later, SELECTED)) == before


def test_a_pair_has_what_is_asked_what_is_better_and_what_is_worse(tmp_path: Path) -> None:
    columns = "text, choices, chosen, rejected, kind, source, run, eval_only, licence"
    table = query(filtered(tmp_path), f"SELECT {columns} FROM preference_pairs")
    assert table.rows == (
        (
            QUESTION.text, ["slow", "fast"], "<answer>fast</answer>", "<answer>slow</answer>",
            "wrong_answer", "sibling", "run-new", False, "CC0-1.0",
        ),
    )  # fmt: skip


def test_yield_tells_of_every_filter_that_ran_and_of_the_latest_selection(tmp_path: Path) -> None:
    def rows(home: Home) -> list[tuple[object, ...]]:
        found = named(home, "yield").rows
        return [row[2:8] for row in found if row[1] == NEW.id and row[2] in {"verify", "filter"}]

    assert rows(filtered(tmp_path / "one", SELECTED)) == [
        ("verify", "trajectory", None, 1, 0, 1),
        ("verify", "trajectory", "nothing_refuted", 1, 0, 1),
        ("filter", "question", None, 1, 1, 0),
        ("filter", "question", "insufficient", 1, 1, 0),
    ]
    later = dataclasses.replace(SELECTED, id="selected-2", dropped=(), selected_at="2026-12-01")
    assert rows(filtered(tmp_path / "two", SELECTED, later))[2:] == [
        ("filter", "question", None, 1, 0, 1),
        ("filter", "question", "insufficient", 1, 0, 1),
        ("filter", "trajectory", None, 1, 0, 1),
    ]
