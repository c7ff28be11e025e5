"""`synth evaluate` on a small home whose facts we wrote, as a person meets it."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from flows.cli import app
from schemas import Check, Fact, Item, Question, Run, Settlement, Subquestion, Value, property_named
from schemas.errors import BadInput, BadOption
from synth import settle
from warehouse import shards
from warehouse.home import Home
from warehouse.shards import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NUMBERS = {"a": 90.0, "b": 120.0}
LOOKED = ("made 1",)


def check(name: str, value: Value) -> Check:
    row = property_named(name)
    return Check(
        kind=row.check, target=value, accepted=(), unit=row.unit, tolerance=row.tolerance,
        relative=row.relative, zero_at=None, source=row.source,
    )  # fmt: skip


def fact(recording: str, name: str, value: Value, subject: str = "") -> Fact:
    return Fact(
        id=f"{recording} {name}", recording=recording, property=name, subject=subject, span=None,
        state="known", value=value, margin=None, tier="constructed", witnesses=("made",),
        observations=(), version="1",
    )  # fmt: skip


def records() -> Iterator[Any]:
    yield Run(
        id="run", code_version="0", benchmark="made", release="1", config="{}", teacher="replay",
        model="", revision="", prompts=(), seed=0, started_at="2026-01-01T00:00:00+00:00",
        instruments=LOOKED,
    )  # fmt: skip
    for name, tempo in NUMBERS.items():
        facts = (
            fact(name, "tempo", Value(number=tempo)),
            fact(name, "event_order", Value(items=(Item(label="bell"), Item(label="door")))),
        )
        yield from facts
        yield Settlement(
            id=f"s{name}", recording=name, instruments=LOOKED, rules=settle.VERSION,
            facts=tuple(one.id for one in facts), settled_at="2026-01-01T00:00:00+00:00",
        )  # fmt: skip
        yield Question(
            id=f"q{name}", benchmark="made", release="1", split="all", source_id=f"made-{name}",
            recordings=(name,), text="How fast is it?", choices=("90 bpm", "120 bpm", "60 bpm"),
            answer=f"{tempo:g} bpm", licence="MIT", eval_only=False, task="music", skill="Tempo",
        )  # fmt: skip
        yield Subquestion(
            id=f"u{name}", question=f"q{name}", position=0, text="What is the tempo?",
            property="tempo", subject="", recording=name, span=None, fact=facts[0].id,
            check=check("tempo", Value(number=tempo)), answer=f"{tempo:g} bpm",
            distractors=("60 bpm",), choices=("60 bpm", f"{tempo:g} bpm"), prior=0.2,
            tier="constructed", need="required", run="run",
        )  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A home, and where responses and what is found of them lie."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def evaluate(self, rows: list[Any], *more: str) -> str:
        """Run the command on rows; returns all that it printed."""
        path = self.folder / "responses.jsonl"
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        path.write_text("\n".join(lines), encoding="utf-8")
        arguments = ["evaluate", str(path), "--home", str(self.home), "--out", str(self.out), *more]
        done = CliRunner().invoke(app, arguments)
        if done.exception is not None:
            raise done.exception
        return done.output

    def written(self, name: str) -> Any:
        text = (self.out / name).read_text(encoding="utf-8")
        if name.endswith(".json"):
            return json.loads(text)
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    every = list(records())
    run = [one for one in every if isinstance(one, Run | Question)]
    shards.write(Home(made.home), "read", [Finished("k0", tuple(run))])
    rest = [one for one in every if not isinstance(one, Run | Question)]
    shards.write(Home(made.home), "settle", [Finished("k1", tuple(rest))])
    return made


def completion(said: str, answer: str, step: str = "I listen.") -> str:
    observed = f'<observe id="o1" property="tempo">{said}</observe>'
    return (
        f"<perception>{observed}</perception><reasoning><step>{step}</step></reasoning>"
        f"<draft>{answer}</draft><review>It stands.</review><answer>{answer}</answer>"
    )


def ours(question: str, said: str, answer: str, step: str = "I listen.") -> dict[str, str]:
    return {"question": question, "completion": completion(said, answer, step)}


def test_claims_are_judged_by_the_home_s_facts_and_answers_by_both_rules(place: Place) -> None:
    printed = place.evaluate(
        [
            ours("qa", "90 bpm", "90 bpm"),
            ours("qa", "120 bpm", "120 bpm"),
            ours("qb", "120 bpm", "(B) 120 bpm", "Door then bell."),
            {"id": "made-b", "completion": "The tempo is 120 bpm. It never ends"},
        ]
    )
    report = place.written("report.json")
    everything = report["accuracy"][0]
    assert everything["ours"]["value"] == 0.5
    (perception, plain) = report["perception"]
    assert (perception["matched"], perception["hallucinated"]) == (3, 1)
    assert perception["misused_by"] == {"span": 0, "source": 0, "order": 1}
    assert (perception["required"], perception["missed"]) == (4, 1)
    assert perception["rates"]["precision"]["value"] == pytest.approx(3 / 5)
    assert perception["rates"]["recall"]["value"] == pytest.approx(3 / 4)
    assert plain["reading"] == "tags off"
    assert report["unanswered"] == 1
    assert "4 responses to 2 questions" in printed
    assert "1 completions without exactly one <answer>" in printed
    rows = place.written("rows.jsonl")
    assert [row["rollout"] for row in rows] == [0, 1, 0, 1]
    assert [row["ours"] for row in rows] == [True, False, True, False]
    assert rows[0]["score"]["total"] > rows[1]["score"]["total"]


def test_it_tells_how_much_the_rollouts_teach(place: Place) -> None:
    place.evaluate(
        [
            ours("qa", "90 bpm", "90 bpm"), ours("qa", "120 bpm", "120 bpm"),
            ours("qb", "120 bpm", "120 bpm"), ours("qb", "120 bpm", "120 bpm"),
        ]
    )  # fmt: skip
    found = place.written("report.json")["teaching"]
    assert (found["questions"], found["groups"]) == (2, 2)
    assert found["required"]["value"] == found["nontrivial_required"]["value"] == 1.0
    assert found["checks"]["value"] == 2.0
    assert found["variance"] > 0
    assert found["flat"]["value"] == 0.5


MMAU = {
    "id": "x1", "audio_id": "./x1.wav", "question": "Whence?", "answer": "From far to near",
    "choices": ["From far to near", "From near to far"], "task": "sound", "difficulty": "hard",
}  # fmt: skip


def test_the_benchmark_s_own_rows_need_no_home(place: Place, tmp_path: Path) -> None:
    rows = [
        MMAU | {"model_output": "From near to far"},
        MMAU | {"id": "x2", "model_prediction": "From far to near"},
        MMAU | {"id": "x3"},
    ]
    printed = place.evaluate(rows, "--home", str(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()
    everything = place.written("report.json")["accuracy"][0]
    assert (everything["official"]["value"], everything["official"]["of"]) == (1.0, 2)
    assert (everything["ours"]["value"], everything["ours"]["of"]) == (pytest.approx(1 / 3), 3)
    assert (everything["skipped"], everything["differ"]) == (1, 1)
    (difference,) = place.written("differences.jsonl")
    assert (difference["answer"], difference["official"]) == ("From near to far", True)
    assert "1 rows without a prediction: skipped officially, wrong by ours" in printed
    assert [one["by"] for one in place.written("report.json")["accuracy"]] == [
        "all", "benchmark", "task", "difficulty",
    ]  # fmt: skip


def test_mmar_s_thinking_is_what_is_read_for_claims(place: Place) -> None:
    row = {
        "id": "made-a", "question": "How fast is it?", "choices": ["90 bpm", "120 bpm", "60 bpm"],
        "answer": "90 bpm", "modality": "music", "answer_prediction": "90 bpm",
        "thinking_prediction": "I count. The tempo is 120 bpm.",
    }  # fmt: skip
    place.evaluate([row])
    (one,) = place.written("rows.jsonl")
    assert (one["official"], one["ours"], one["benchmark"]) == (True, True, "mmar")
    (claim,) = place.written("claims.jsonl")
    assert (claim["said"], claim["kind"], claim["source"]) == ("120 bpm", "hallucinated", "finder")


def test_a_bare_answer_claims_nothing_beside_its_answer(place: Place) -> None:
    place.evaluate([{"id": "made-a", "model_output": "120 bpm"}])
    assert place.written("claims.jsonl") == []
    assert place.written("report.json")["perception"][0]["missed"] == 1


def test_a_question_file_brings_questions_that_no_home_knows(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "mmau-test-mini.json"
    file.write_text(json.dumps([MMAU]), encoding="utf-8")
    place.evaluate([{"id": "x1", "completion": "<answer>From far to near</answer>"}],
                   "--root", str(tmp_path))  # fmt: skip
    (one,) = place.written("rows.jsonl")
    assert (one["ours"], one["difficulty"]) == (True, "hard")


def test_nothing_is_lost_what_cannot_be_used_is_told_with_its_line(place: Place) -> None:
    printed = place.evaluate(
        [ours("qa", "90 bpm", "90 bpm"), "{oops", {"id": "nobody", "completion": "x"}, {"x": 1}]
    )
    refused = place.written("refused.jsonl")
    assert [one["place"] for one in refused] == ["line 2", "line 3", "line 4"]
    assert "question 'nobody': expected one of the home's" in refused[1]["reason"]
    assert "3 rows refused" in printed
    assert "refused, line 2: not JSON" in printed


def test_a_file_of_which_nothing_can_be_used_ends_clearly(place: Place) -> None:
    with pytest.raises(BadInput, match=r"no response can be evaluated; line 1: not JSON"):
        place.evaluate(["{oops"])


def test_another_wording_than_the_home_s_is_noted(place: Place) -> None:
    row = {"id": "made-a", "question": "How fast?", "choices": ["90 bpm", "100 bpm"],
           "answer": "90 bpm", "model_output": "90 bpm"}  # fmt: skip
    place.evaluate([row])
    assert "another wording" in place.written("rows.jsonl")[0]["note"]


def test_the_same_responses_give_the_same_bytes(place: Place) -> None:
    rows = [ours("qa", "90 bpm", "90 bpm"), ours("qb", "60 bpm", "60 bpm"), "{oops"]
    place.evaluate(rows)
    first = {file.name: file.read_bytes() for file in place.out.iterdir()}
    place.evaluate(rows)
    assert {file.name: file.read_bytes() for file in place.out.iterdir()} == first
    assert {"report.json", "rows.jsonl", "claims.jsonl", "decay.svg"} <= first.keys()


def test_a_folder_of_somebody_else_s_is_left_alone(place: Place) -> None:
    place.out.mkdir()
    (place.out / "thesis.tex").write_text("dear", encoding="utf-8")
    with pytest.raises(BadOption, match=r"thesis\.tex"):
        place.evaluate([ours("qa", "90 bpm", "90 bpm")])


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--claim-extractor", "parrot"), "no 'parrot' in synth/teachers"),
        (("--claim-extractor", "replay"), "replay plays a file back"),
    ],
)
def test_a_wrong_teacher_is_refused_though_nobody_need_ask_it(
    place: Place, option: tuple[str, ...], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        place.evaluate([ours("qa", "90 bpm", "90 bpm")], *option)
    assert not place.out.exists()


# The claim extractor -----------------------------------------------------------------------------

PROSE = {"id": "made-a", "completion": "I reckon a brisk pulse. Ninety ticks a minute it is: 90."}
COPIES = {
    "claims": [
        {"property": "tempo", "of": "", "value": "90", "quote": "it is: 90"},
        {"property": "tempo", "of": "", "value": "120 bpm", "quote": "120 bpm"},
    ]
}


def test_an_extractor_adds_what_it_copied_and_the_text_bears_out(place: Place) -> None:
    replies = place.folder / "replies.jsonl"
    line = {"purpose": "extract", "reply": {"text": json.dumps(COPIES)}}
    replies.write_text(json.dumps(line) + "\n", encoding="utf-8")
    rows = [PROSE, ours("qa", "90 bpm", "90 bpm")]

    place.evaluate(rows)
    assert [
        one["source"] for one in place.written("claims.jsonl") if one["place"] == "line 1"
    ] == []

    printed = place.evaluate(rows, "--claim-extractor", f"replay:{replies}")
    (one,) = [one for one in place.written("claims.jsonl") if one["place"] == "line 1"]
    assert (one["source"], one["said"]) == ("extractor", "90")
    text = PROSE["completion"]
    assert text[one["start"] : one["end"]] == "90"
    assert "copy refused: tempo  '120 bpm': the quote is not in the text" in printed
    assert len(place.written("report.json")["extractor"]["refused"]) == 1


def test_a_served_extractor_is_asked_once_for_each_text_and_never_about_tags(place: Place) -> None:
    with serving(json.dumps({"claims": []})) as (url, asked):
        rows = [PROSE, PROSE, ours("qa", "90 bpm", "90 bpm")]
        place.evaluate(rows, "--claim-extractor", f"openai:{url}")
        place.evaluate(rows, "--claim-extractor", f"openai:{url}")
    assert len(asked) == 1
    assert "Ninety ticks a minute" in asked[0]["messages"][-1]["content"]
    assert "120 bpm" not in json.dumps(asked[0]["messages"][-1])  # neither gold nor choices


def test_an_extractor_that_says_nothing_usable_is_told(place: Place) -> None:
    replies = place.folder / "replies.jsonl"
    replies.write_text('{"purpose": "extract", "reply": {"text": "I would rather not"}}\n')
    printed = place.evaluate([PROSE], "--claim-extractor", f"replay:{replies}")
    assert "extractor, no usable reply: it is not JSON" in printed


class serving:  # noqa: N801 - a context, read as a verb
    """A real chat server on loopback that gives one reply to all, and keeps what it was asked."""

    def __init__(self, text: str) -> None:
        self.asked: list[dict[str, Any]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(text, self.asked.append))
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self) -> tuple[str, list[dict[str, Any]]]:
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}/v1", self.asked

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def _handler(text: str, keep: Callable[[dict[str, Any]], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            model = {"id": "tiny", "object": "model", "created": 1, "owned_by": "x"}
            self.send({"object": "list", "data": [model]})

        def do_POST(self) -> None:
            keep(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            self.send({"id": "1", "object": "chat.completion", "created": 1, "model": "tiny",
                       "choices": [choice]})  # fmt: skip

        def send(self, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
