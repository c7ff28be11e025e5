"""The main job on recordings whose answers are known, with a teacher that is played back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from flows.pipeline import pipeline
from flows.plan import Plan
from schemas import (
    Claim,
    Fact,
    Question,
    Rejection,
    Run,
    Selection,
    Subquestion,
    Trajectory,
    Verdict,
)
from schemas.errors import BadInput, BadOption, BadQuestionFile, UnknownPlugin
from synth.reward import score
from warehouse import shards
from warehouse.home import Home
from warehouse.query import named, query

if TYPE_CHECKING:
    from conftest import Made

pytestmark = pytest.mark.weights


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def plan(made: Made, home: Path, **changes: object) -> Plan:
    options: dict[str, object] = {
        "benchmark": "mmau",
        "root": str(made.root),
        "teacher": f"replay:{made.replies}",
        "home": str(home),
    }
    return Plan(**{**options, **changes})  # type: ignore[arg-type]


def shard_names(home: Path) -> set[str]:
    return {str(file.relative_to(home)) for file in home.glob("shards/*/*.parquet")}


def rejections(home: Path) -> dict[str, str]:
    """What was dropped, by the source id of its question, or its own where it never got one."""
    names = {one.id: one.source_id for one in shards.read(Home(home), Question)}
    found = shards.read(Home(home), Rejection)
    return {
        names.get(one.question, one.record): one.filter for one in found if one.kind == "question"
    }


def test_every_question_comes_out_as_a_kept_trajectory_on_a_fact(made: Made, home: Path) -> None:
    made.tones(3)
    outcome = pipeline(plan(made, home))
    assert (outcome.questions, outcome.subquestions, outcome.trajectories) == (3, 3, 3)
    facts = {fact.id: fact for fact in shards.read(Home(home), Fact)}
    for one in shards.read(Home(home), Subquestion):
        fact = facts[one.fact]
        assert (fact.property, fact.subject, fact.state) == ("presence", "speech", "absent")
        assert fact.tier == "corroborated"
        assert len(fact.witnesses) >= 2
        assert one.answer == "no"
    assert {one.judgement for one in shards.read(Home(home), Verdict)} == {"supported"}


def test_what_comes_out_is_in_sql_and_earns_its_own_reward(made: Made, home: Path) -> None:
    from flows.export import export

    made.tones(2)
    pipeline(plan(made, home))
    table = query(Home(home), "SELECT count(*), count(*) FILTER (kept) FROM trajectories")
    assert table.rows == ((2, 2),)
    out = home.parent / "out"
    with pytest.raises(BadInput, match="evaluation data of 'mmau'"):
        export("huggingface", out, home)
    export("huggingface", out, home, allow_eval=("mmau",))
    truths = {row["question_id"]: row["ground_truth"] for row in rows_of(out, "rl")}
    better = rows_of(out, "preference")
    assert [row["kind"] for row in better].count("omitted") == 2
    for row in better:
        truth = truths[row["question_id"]]
        assert score(row["chosen"], truth).total > score(row["rejected"], truth).total
    written = rows_of(out, "sft")
    assert len(written) == 2
    for row in written:
        truth = truths[row["question_id"]]
        assert score(row["completion"], truth).total == pytest.approx(1.0)
        assert score(row["completion"].replace(">no<", ">yes<"), truth).total < 0.5


def rows_of(out: Path, config: str) -> list[dict[str, str]]:
    import pyarrow.parquet as pq

    (file,) = out.glob(f"**/{config}/*.parquet")
    rows: list[dict[str, str]] = pq.ParquetFile(file).read().to_pylist()
    return rows


def test_a_second_run_does_nothing_and_one_row_more_costs_one_row(made: Made, home: Path) -> None:
    names = made.tones(2)
    first = pipeline(plan(made, home))
    before = shard_names(home)
    second = pipeline(plan(made, home))
    assert second == first
    assert shard_names(home) == before
    made.tone("one-more", 777.0)
    made.write([made.row(name) for name in [*names, "one-more"]])
    third = pipeline(plan(made, home))
    assert third.trajectories == 3
    new = [Path(name) for name in shard_names(home) - before]
    assert {file.parent.name for file in new} >= {"observe", "settle", "decompose", "reason"}
    done = {
        file.parent.name: len(
            shards.collect(shards.scan([home / file]), [home / file])["done"].drop_nulls()
        )
        for file in new
    }
    assert done["observe"] == done["settle"] == done["decompose"] == done["reason"] == 1


def test_the_same_configuration_is_the_same_run_and_another_is_another(
    made: Made, home: Path
) -> None:
    made.tones(1)
    one = pipeline(plan(made, home)).run
    assert pipeline(plan(made, home)).run == one
    assert pipeline(plan(made, home, seed=1)).run != one
    assert len(shards.read(Home(home), Run)) == 2


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("I would ask how loud it is.", "not JSON"),
        ('{"subquestions": [{"property": "presence of', "not JSON"),
        ("", "empty"),
        ('{"subquestions": []}', "expected 1 to 4"),
        ('{"subquestions": [{"property": "tempo", "question": "How fast is it?"}]}', "menu"),
    ],
)
def test_a_teacher_that_talks_nonsense_costs_its_question_with_the_reason(
    made: Made, home: Path, said: str, reason: str
) -> None:
    made.tones(1)
    made.replies.write_text(json.dumps({"purpose": "decompose", "reply": {"text": said}}) + "\n")
    outcome = pipeline(plan(made, home))
    assert outcome.subquestions == 0
    (dropped,) = shards.read(Home(home), Rejection)
    assert (dropped.filter, dropped.stage) == ("unusable_reply", "decompose")
    assert reason in dropped.reason


def test_an_endless_reply_is_a_failure_with_its_own_reason(made: Made, home: Path) -> None:
    made.tones(1)
    cut = {"text": '{"subquestions": [', "finish_reason": "length"}
    made.replies.write_text(json.dumps({"purpose": "decompose", "reply": cut}) + "\n")
    pipeline(plan(made, home))
    (dropped,) = shards.read(Home(home), Rejection)
    assert "cut at" in dropped.reason


def test_a_silent_teacher_delays_questions_and_drops_none(made: Made, home: Path) -> None:
    made.tones(2)
    recorded = made.replies.read_text()
    made.replies.write_text("")
    assert pipeline(plan(made, home)).subquestions == 0
    assert shards.read(Home(home), Rejection) == []
    made.replies.write_text(recorded)
    assert pipeline(plan(made, home)).trajectories == 2


def test_a_trajectory_that_contradicts_its_facts_is_dropped(made: Made, home: Path) -> None:
    made.tones(1)
    lines = made.replies.read_text().splitlines()
    reasoned = json.loads(lines[1])
    content = json.loads(reasoned["reply"]["text"])
    content["review"] = "Speech is heard in the recording, and yet the draft stands."
    reasoned["reply"]["text"] = json.dumps(content)
    made.replies.write_text("\n".join([lines[0], json.dumps(reasoned), lines[2]]) + "\n")
    pipeline(plan(made, home))
    (one,) = shards.read(Home(home), Trajectory)
    assert not one.kept
    (dropped,) = shards.read(Home(home), Rejection)
    assert (dropped.filter, dropped.record) == ("nothing_refuted", one.id)
    (untagged,) = [claim for claim in shards.read(Home(home), Claim) if not claim.tagged]
    judged = {verdict.claim: verdict.judgement for verdict in shards.read(Home(home), Verdict)}
    assert (untagged.subject, judged[untagged.id]) == ("speech", "refuted")


def broken_recordings(made: Made) -> dict[str, str]:
    """One recording of every broken kind, and the filter that must drop its question."""
    audio = made.root / "audio"
    good = made.tone("good", 440.0)
    made.tone("whole", 450.0)
    (audio / "empty.wav").write_bytes(b"")
    (audio / "corrupt.wav").write_bytes(good.read_bytes()[:12] + b"\xff" * 4000)
    (audio / "truncated.wav").write_bytes(good.read_bytes()[: good.stat().st_size // 3])
    (audio / "text.wav").write_text("this is not sound\n" * 50)
    soundfile.write(audio / "zero.wav", np.zeros(0, dtype=np.float32), 16_000)
    nan = np.full(16_000, np.nan, dtype=np.float32)
    soundfile.write(audio / "nan.wav", nan, 16_000, subtype="FLOAT")
    names = ("empty", "corrupt", "truncated", "text", "zero", "nan")
    return dict.fromkeys(names, "unreadable_audio") | {"missing": "recording_missing"}


def odd_recordings(made: Made) -> tuple[str, ...]:
    """Recordings that are unusual but sound: they must come through."""
    audio = made.root / "audio"
    rng = np.random.default_rng(0)
    tone = 0.1 * np.sin(2 * np.pi * 500 * np.arange(48_000) / 16_000)
    soundfile.write(audio / "eight.wav", np.stack([tone] * 8, axis=1), 16_000)
    soundfile.write(audio / "low.wav", tone[: 3 * 8_000], 8_000)
    soundfile.write(audio / "high.wav", 0.1 * rng.standard_normal(2 * 96_000), 96_000)
    soundfile.write(audio / "mp3.wav", tone, 16_000, format="MP3")
    return ("eight", "low", "high", "mp3")


def test_bad_recordings_and_rows_become_rejections_and_the_rest_goes_on(
    made: Made, home: Path
) -> None:
    expected = broken_recordings(made)
    odd = odd_recordings(made)
    soundfile.write(made.root / "audio" / "silent.wav", np.zeros(48_000), 16_000)
    rows = [made.row(name) for name in ("whole", *expected, *odd, "silent")]
    rows += [
        made.row("escape", audio_id="../replies.jsonl"),
        made.row("absolute", audio_id="/etc/hostname"),
        made.row("twice", audio_id="./audio/whole.wav"),
        made.row("twice", audio_id="./audio/whole.wav"),
        made.row("stranger", audio_id="./audio/whole.wav", answer="perhaps"),
    ]
    made.write(rows)
    outcome = pipeline(plan(made, home))
    found = rejections(home)
    assert expected.items() <= found.items()
    assert found["escape"] == found["absolute"] == "unsafe_path"
    assert found["stranger"] == "answer_not_a_choice"
    assert any(key.startswith("twice") and why == "duplicate_id" for key, why in found.items())
    kept = {one.question for one in shards.read(Home(home), Trajectory) if one.kept}
    names = {one.id: one.source_id for one in shards.read(Home(home), Question)}
    assert {"whole", "twice", *odd} <= {names[one] for one in kept}
    assert outcome.trajectories == len(kept) - 1
    (twin,) = [one for one in shards.read(Home(home), Rejection) if one.stage == "filter"]
    assert twin.filter == "duplicate_question"
    assert names[twin.record] in {"whole", "twice"}


def kept_and_dropped(home: Path, stage: str) -> dict[object, tuple[object, ...]]:
    """What the yield says of a stage: by filter, how many came in, were dropped, were kept."""
    table = named(Home(home), "yield")
    at = {name: place for place, name in enumerate(table.columns)}
    return {
        row[at["filter"]]: tuple(row[at[name]] for name in ("came_in", "dropped", "kept"))
        for row in table.rows
        if row[at["stage"]] == stage and row[at["kind"]] in {"question", "trajectory"}
    }


def pairs(home: Path) -> dict[tuple[object, ...], object]:
    sql = "SELECT source, kind, count(*) FROM preference_pairs GROUP BY ALL"
    return {row[:2]: row[2] for row in query(Home(home), sql).rows}


def test_filters_are_chosen_anew_without_asking_a_teacher(made: Made, home: Path) -> None:
    from flows.export import export

    made.tones(2)
    lines = made.replies.read_text().splitlines()
    wrong = json.loads(lines[1]) | {"rollout": 1}
    content = json.loads(wrong["reply"]["text"]) | {"answer": "yes"}
    wrong["reply"] = {"text": json.dumps(content)}
    made.replies.write_text("\n".join([*lines, json.dumps(wrong)]) + "\n")
    options = {"rollouts": 2, "orders": 3}
    first = pipeline(plan(made, home, **options))
    assert first.trajectories == 2
    assert kept_and_dropped(home, "verify")["reaches_gold"] == (4, 2, 2)
    assert kept_and_dropped(home, "verify")["nothing_contested"] == (4, 0, 4)
    assert "text_only_solvable" not in kept_and_dropped(home, "filter")
    every_pair = {
        ("counterfactual", "false_identity"): 2, ("counterfactual", "omitted"): 2,
        ("sibling", "wrong_answer"): 2,
    }  # fmt: skip
    assert pairs(home) == every_pair

    made.replies.write_text("")
    weak = ("text_only_solvable",)
    stricter = pipeline(plan(made, home, **options, drop=weak))
    assert (stricter.run, stricter.trajectories) == (first.run, 0)
    assert kept_and_dropped(home, "filter")["text_only_solvable"] == (2, 2, 0)
    assert kept_and_dropped(home, "filter")["duplicate_question"] == (2, 0, 2)
    assert query(Home(home), "SELECT count(*) FROM rl_rows").rows == ((0,),)
    assert pairs(home) == {}
    with pytest.raises(BadOption, match="every question is dropped by a filter: see `synth status"):
        export("huggingface", home.parent / "out", home, allow_eval=("mmau",))

    again = pipeline(plan(made, home, **options))
    assert (again, pairs(home)) == (first, every_pair)
    export("huggingface", home.parent / "out", home, allow_eval=("mmau",))
    assert len(rows_of(home.parent / "out", "preference")) == 6
    assert pipeline(plan(made, home, **options)) == first
    assert len(shards.read(Home(home), Selection)) == 3


def test_an_unknown_filter_is_refused_with_those_there_are(made: Made, home: Path) -> None:
    made.tones(1)
    with pytest.raises(BadOption, match="no optional filter 'nope'; there are difficulty_band"):
        pipeline(plan(made, home, drop=("nope",)))


def test_a_question_file_that_is_none_is_refused_clearly(made: Made, home: Path) -> None:
    (made.root / "mmau-test-mini.json").write_text('[{"id": "a", ]')
    with pytest.raises(BadQuestionFile, match="line 1"):
        pipeline(plan(made, home))


def test_unknown_names_are_refused_with_what_there_is(made: Made, home: Path) -> None:
    made.tones(1)
    with pytest.raises(UnknownPlugin, match="mmar, mmau, sample"):
        pipeline(plan(made, home, benchmark="nope"))
    with pytest.raises(UnknownPlugin, match="embedded, openai, replay"):
        pipeline(plan(made, home, teacher="nope"))
    with pytest.raises(BadOption, match="replay:FILE"):
        pipeline(plan(made, home, teacher="replay"))


def test_the_limit_takes_the_first_questions_and_raising_it_adds_to_them(
    made: Made, home: Path
) -> None:
    made.tones(3)
    first = pipeline(plan(made, home, limit=1))
    assert first.questions == 1
    rest = pipeline(plan(made, home, limit=3))
    assert (rest.run, rest.trajectories) == (first.run, 3)
