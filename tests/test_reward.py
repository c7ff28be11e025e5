from __future__ import annotations

import dataclasses
import html
import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import (
    GROUND_TRUTH_VERSION,
    Check,
    GroundCheck,
    GroundTruth,
    Item,
    Span,
    Value,
    Weights,
    property_named,
)
from schemas.errors import BadRecord
from synth import rollouts
from synth.ground_truth import from_json, to_json
from synth.reward import NOTHING, Score, claim_spans, score

if TYPE_CHECKING:
    from schemas import Need


def known(
    name: str, value: Value | None, subject: str = "", prior: float = 0.1, need: Need = "required"
) -> GroundCheck:
    row = property_named(name)
    check = value and Check(
        kind=row.check, target=value, accepted=(), unit=row.unit, tolerance=row.tolerance,
        relative=row.relative, zero_at=None, source=row.source,
    )  # fmt: skip
    return GroundCheck(
        id=f"{name} {subject}", property=name, subject=subject, audio=1, recording="r", span=None,
        exclusive=row.exclusive, prior=prior, need=need, check=check,
        state="known" if check else "not_applicable",
    )  # fmt: skip


TRUTH = GroundTruth(
    version=GROUND_TRUTH_VERSION,
    answer="Rock & roll",
    choices=("Ballad", "Rock & roll", "Waltz"),
    weights=Weights(),
    checks=(
        known("tempo", Value(number=160.0)),
        known("event_count", Value(number=3.0), "clap"),
        known("presence", Value(text="yes"), "music", prior=0.9, need="context"),
        known("event", Value(items=(Item(label="clap", start_s=1, end_s=2), Item(label="drum"))),
              need="context"),
        known("speaker_count", None, need="context"),
    ),
)  # fmt: skip
GROUND = to_json(TRUTH)

TEMPO = ("tempo", "", "160 bpm")
CLAPS = ("event_count", "clap", "3")
MUSIC = ("presence", "music", "yes")


def write(
    *observed: tuple[str, str, str],
    step: str = "So it is lively [o1].",
    draft: str = "Rock & roll",
    review: str = "It still is.",
    answer: str = "Rock & roll",
) -> str:
    tags = "".join(
        f'<observe id="o{n}" property="{name}" of="{of}">{html.escape(said)}</observe>'
        for n, (name, of, said) in enumerate(observed, start=1)
    )
    sections = {"draft": draft, "review": review, "answer": answer}
    ending = "".join(f"<{tag}>{html.escape(text)}</{tag}>" for tag, text in sections.items())
    reasoning = f"<reasoning><step>{html.escape(step)}</step></reasoning>"
    return f"<perception>{tags}</perception>{reasoning}{ending}"


GOOD = write(TEMPO, CLAPS)


def test_a_completion_that_is_right_in_all_earns_one() -> None:
    assert score(GOOD, GROUND) == Score(*[1.0] * 9)


@pytest.mark.parametrize(
    "ending",
    ["", "<answer></answer>", "<answer> </answer>", "<answer>Rock &amp; roll",
     "<answer>Rock &amp; roll</answer><answer>Waltz</answer>",
     "<answer>Rock &amp; roll</answer><answer>Rock &amp; roll</answer>"],
)  # fmt: skip
def test_without_exactly_one_answer_nothing_is_earned(ending: str) -> None:
    assert score(GOOD.replace("<answer>Rock &amp; roll</answer>", ending), GROUND) == NOTHING


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("Rock & roll", 1.0), ("rock & roll.", 1.0), ("B", 1.0), ("(B) Rock & roll", 1.0),
        ("Waltz", 0.0), ("not Rock & roll", 0.0), ("Rock & roll or Waltz", 0.0),
        ("Ballad, Rock & roll, Waltz", 0.0), ("It is no Waltz but Rock & roll", 0.0),
    ],
)  # fmt: skip
def test_the_answer_is_the_gold_choice_or_nothing(answer: str, right: float) -> None:
    assert score(write(TEMPO, CLAPS, answer=answer), GROUND).answer == right


def test_breaking_the_format_costs_the_format_part_alone() -> None:
    got = score("Well. " + GOOD, GROUND)
    assert (got.format, got.perception, got.answer) == (0.0, 1.0, 1.0)
    assert got.total == pytest.approx(0.9)


def test_what_is_left_out_is_missed() -> None:
    assert score(write(TEMPO), GROUND).omission == pytest.approx(0.5)
    assert score(write(TEMPO), GROUND).total < score(GOOD, GROUND).total


def test_a_lie_costs_whether_tagged_or_not() -> None:
    honest = score(GOOD, GROUND)
    tagged = score(write(TEMPO, CLAPS, ("speaker_count", "", "2")), GROUND)
    hidden = score(write(TEMPO, CLAPS, step="There are two speakers [o1]."), GROUND)
    assert tagged.perception == hidden.perception < honest.perception
    assert max(tagged.total, hidden.total) < honest.total


def test_two_values_earn_less_than_one() -> None:
    hedged = score(write(TEMPO, ("tempo", "", "80 bpm"), CLAPS), GROUND)
    assert hedged.perception < 0.5
    assert hedged.omission == pytest.approx(0.5)


# No reward for talk -------------------------------------------------------------------------------


def test_padding_earns_nothing() -> None:
    padded = write(
        TEMPO, CLAPS, step="So it is lively [o1]. " + "Listening closely matters. " * 200
    )
    assert score(padded, GROUND).total == score(GOOD, GROUND).total


def test_repeating_a_true_claim_earns_nothing() -> None:
    once = write(TEMPO, ("speaker_count", "", "2"))
    often = write(*[TEMPO] * 20, ("speaker_count", "", "2"), step="It is 160 bpm [o1]. " * 20)
    assert score(often, GROUND).perception == score(once, GROUND).perception


def test_tagging_only_trivia_earns_little() -> None:
    assert score(write(MUSIC), GROUND).perception < 0.2
    assert score(write(MUSIC), GROUND).omission == 0.0


def test_one_word_of_a_list_is_not_the_list() -> None:
    transcript = "there is no place like home when the night is cold"
    ground = to_json(dataclasses.replace(TRUTH, checks=(known("words", Value(text=transcript)),)))
    little, much = (score(write(("words", "", said)), ground) for said in ("the", transcript))
    assert (much.perception, much.omission) == (1.0, 1.0)
    assert little.perception < 0.2
    assert little.omission < 0.2


def test_fleeing_into_properties_without_facts_earns_nothing() -> None:
    vague = [("language", "", f"language {n}") for n in range(1)]
    vague += [("loudness", "", "loud"), ("mood", "", "tense"), ("timbre", "", "warm"),
              ("texture", "", "rough")]  # fmt: skip
    fled = score(write(*vague), GROUND)
    assert (fled.perception, fled.omission) == (0.0, 0.0)
    assert score(write(TEMPO, CLAPS, *vague), GROUND).perception < 1.0
    assert score(write(TEMPO, CLAPS, *vague[:2]), GROUND).perception == 1.0


def test_listing_all_properties_raises_nothing() -> None:
    everything = [(row, "clap", "3") for row in ("pitch", "key", "onset", "language", "word_count")]
    assert score(write(TEMPO, CLAPS, *everything), GROUND).total < score(GOOD, GROUND).total


def test_copying_the_question_earns_nothing() -> None:
    copied = write(("tempo", "", "What is the tempo?"), step="Which genre is it? Ballad, Rock?")
    assert score(copied, GROUND).perception == 0.0


def test_mending_a_draft_earns_no_more_than_being_right_and_spoiling_costs() -> None:
    outcomes = [
        score(write(TEMPO, CLAPS, draft=draft, answer=answer), GROUND)
        for draft, answer in (
            ("Rock & roll", "Rock & roll"), ("Waltz", "Rock & roll"), ("Waltz", "Waltz"),
            ("Rock & roll", "Waltz"),
        )
    ]  # fmt: skip
    reviews = [one.review for one in outcomes]
    totals = [one.total for one in outcomes]
    assert reviews == sorted(reviews, reverse=True)
    assert totals == sorted(totals, reverse=True)
    assert totals[2] > totals[3]


# The parts ---------------------------------------------------------------------------------------


def test_a_near_miss_earns_more_than_a_far_one_and_less_than_the_truth() -> None:
    check = TRUTH.checks[0].check
    assert check is not None
    graded = dataclasses.replace(TRUTH.checks[0], check=dataclasses.replace(check, zero_at=0.25))
    ground = to_json(dataclasses.replace(TRUTH, checks=(graded, *TRUTH.checks[1:])))
    near, far, true = (
        score(write(("tempo", "", said), CLAPS), ground)
        for said in ("170 bpm", "80 bpm", "160 bpm")
    )
    assert near.perception == far.perception < true.perception
    assert far.perception_graded < near.perception_graded < true.perception_graded


def test_what_the_prose_gets_wrong_is_told_apart() -> None:
    silent, true, false = (
        score(write(TEMPO, CLAPS, step=step), GROUND).untagged
        for step in (
            "It swings [o1].",
            "It is 160 bpm [o1].",
            "It is 160 bpm. It has 3 speakers [o1].",
        )
    )
    assert (silent, true, false) == (1.0, 1.0, 0.5)


def test_a_completion_may_be_long_but_not_endless() -> None:
    lengths = [
        score(write(TEMPO, step="Well [o1]. " * n), GROUND).length for n in (1, 500, 800, 2000)
    ]
    assert lengths == sorted(lengths, reverse=True)
    assert (lengths[0], lengths[-1]) == (1.0, 0.0)
    assert 0.0 < lengths[2] < 1.0


def test_the_caller_s_weights_go_before_the_ground_truth_s() -> None:
    only_review = Weights(**(dict.fromkeys(Weights.__slots__, 0.0) | {"review": 2.0}))
    mended = write(TEMPO, draft="Waltz")
    assert score(mended, GROUND, only_review).total == score(mended, GROUND).review == 0.5
    nothing = dataclasses.replace(only_review, review=0.0)
    assert score(GOOD, GROUND, nothing).total == 0.0


@pytest.mark.parametrize("weight", [-0.1, float("nan"), float("inf")])
def test_a_weight_that_weighs_nothing_real_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="a weight is a finite number"):
        Weights(answer=weight)
    raw = json.loads(GROUND)
    raw["weights"]["answer"] = weight
    with pytest.raises(BadRecord, match=r"weights: a weight is|not JSON"):
        score(GOOD, json.dumps(raw))


def test_claims_are_found_where_they_stand_with_their_verdicts() -> None:
    text = write(TEMPO, ("speaker_count", "", "2"), step="It swings at 80 bpm [o1]. A dog barks.")
    spans = claim_spans(text, GROUND)

    assert [(text[one.start : one.end], one.judgement, one.tagged) for one in spans] == [
        ("160 bpm", "refuted", True), ("2", "refuted", True), ("80 bpm", "refuted", False),
    ]  # fmt: skip
    assert [one.property for one in spans] == ["tempo", "speaker_count", "tempo"]
    assert claim_spans("", GROUND) == []


# Ground truth ------------------------------------------------------------------------------------


def test_a_withheld_answer_weighs_nothing() -> None:
    withheld = score(GOOD, to_json(dataclasses.replace(TRUTH, answer=None)))
    assert (withheld.answer, withheld.review, withheld.total) == (0.0, 0.0, 1.0)
    blank = dataclasses.replace(TRUTH, checks=())
    assert score(write(step="It swings."), to_json(blank)).total == pytest.approx(1.0)


def test_the_users_weights_are_normalised() -> None:
    heavy = Weights(
        format=0.0, perception=0.0, perception_graded=0.0, omission=0.0, answer=5.0, review=0.0
    )
    ground = to_json(dataclasses.replace(TRUTH, weights=heavy))
    assert score(write(answer="B"), ground).total == 1.0
    assert score(write(TEMPO, CLAPS, answer="A"), ground).total == 0.0


def test_a_ground_truth_survives_its_json() -> None:
    assert from_json(GROUND) == TRUTH
    assert to_json(from_json(GROUND)) == GROUND
    spanned = dataclasses.replace(TRUTH.checks[0], span=Span(start_s=1, end_s=2))
    assert from_json(to_json(dataclasses.replace(TRUTH, checks=(spanned,)))).checks == (spanned,)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["version"], "0", "version '0'"),
        (["extra"], 1, "unknown fields"),
        (["checks", 0, "prior"], "0.1", "prior: expected float"),
        (["checks", 0, "audio"], True, "audio: expected int"),
        (["checks", 0, "need"], "wished", "need: expected"),
        (["checks", 0, "check", "target", "text"], "also", "exactly one of number, text"),
        (["checks", 0, "check", "note"], "", r"unknown fields \['note'\]"),
        (["choices"], "abc", "choices: expected"),
    ],
)
def test_a_ground_truth_refuses_what_it_does_not_know(
    path: list[str | int], value: object, message: str
) -> None:
    raw = json.loads(GROUND)
    inner = raw
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(BadRecord, match=message):
        from_json(json.dumps(raw))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "NaN", '{"version": "1"}', "[" * 100_000])
def test_what_is_no_ground_truth_is_refused(text: str) -> None:
    with pytest.raises(BadRecord, match="ground truth"):
        score(GOOD, text)


# Any text ----------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.integers(0, 10_000))
def test_no_completion_breaks_the_reward(noise: str, seed: int) -> None:
    rng = random.Random(seed)
    at, to = sorted(rng.choices(range(len(GOOD)), k=2))
    for text in (noise, GOOD[:at] + noise + GOOD[at:], GOOD[:at] + GOOD[to:]):
        got = score(text, GROUND)
        assert all(0.0 <= part <= 1.0 for part in got)
        assert got.total <= score(GOOD, GROUND).total


@settings(max_examples=200, deadline=None)
@given(
    st.floats(-1, 2), st.floats(0, 1e300), st.floats(0, 1e300),
    st.one_of(st.none(), st.floats(0, 9)), st.lists(st.floats(0, 1e300), min_size=8, max_size=8),
)  # fmt: skip
def test_whatever_the_ground_truth_s_numbers_the_parts_are_shares(
    prior: float, target: float, tolerance: float, zero_at: float | None, weights: list[float]
) -> None:
    tempo = known("tempo", Value(number=target), prior=prior)
    assert tempo.check is not None
    tempo = dataclasses.replace(
        tempo, check=dataclasses.replace(tempo.check, tolerance=tolerance, zero_at=zero_at)
    )
    weighed = Weights(**dict(zip(Weights.__slots__, weights, strict=True)))
    truth = dataclasses.replace(TRUTH, checks=(tempo, *TRUTH.checks[1:]), weights=weighed)
    for text in (GOOD, write(CLAPS), write(("tempo", "", "1 bpm"), answer="Waltz")):
        got = score(text, to_json(truth))
        assert got._fields == ("total", *Weights.__slots__)
        assert all(0.0 <= part <= 1.0 for part in got)


def test_a_flood_of_claims_is_judged() -> None:
    flood = "".join(f"The tempo is {n} bpm. " for n in range(2_000))
    got = score(write(TEMPO, CLAPS, step=flood), GROUND)
    assert got.perception < 0.01


def test_the_reward_needs_the_standard_library_alone() -> None:
    root = Path(__file__).resolve().parents[1]
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from synth.reward import score\n"
        "print(score(sys.argv[2], sys.argv[3]).total)\n"
        "ours = {'schemas', 'synth'}\n"
        "strange = {name.partition('.')[0] for name in sys.modules} - ours\n"
        "assert strange <= sys.stdlib_module_names | {'__main__'}, strange\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(root), GOOD, GROUND],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("1.0", "")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_at_a_glance_and_closely_a_completion_earns_the_same(seed: int) -> None:
    rng = random.Random(seed)
    observed = rng.choices(
        [TEMPO, CLAPS, MUSIC, ("tempo", "", "80 bpm"), ("speaker_count", "", "2"),
         ("mood", "", "?"), ("event", "", "clap"), ("event_count of clap", "", "3"),
         ("tempo", "", "")],
        k=rng.randint(0, 4),
    )  # fmt: skip
    step = rng.choice(
        ["It is 160 bpm [o1].", "It is 90 bpm.", "[o9] There are two speakers.", "Well."]
    )
    text = write(*observed, step=step, draft=rng.choice(["Waltz", "A", "&"]))
    case = rollouts.case_of(GROUND)
    glance = rollouts.at_a_glance(text, case)
    assert glance is None or glance == rollouts.closely(text, case)


def test_most_rollouts_need_no_closer_look() -> None:
    assert rollouts.at_a_glance(GOOD, rollouts.case_of(GROUND)) is not None


def test_threads_that_judge_at_the_same_time_agree() -> None:
    rng = random.Random(7)
    said = [("tempo", "", f"{rng.randint(40, 240)} bpm") for _ in range(200)]
    texts = [write(*rng.choices([*said, TEMPO, CLAPS], k=6)) for _ in range(600)]
    alone = [score(text, GROUND) for text in texts]
    rollouts.case_of.cache_clear()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda text: score(text, GROUND), texts)) == alone


def test_a_question_that_many_things_are_said_of_forgets_and_judges_on() -> None:
    first = score(write(TEMPO, CLAPS, MUSIC), GROUND)
    for number in range(6_000):
        score(write(("tempo", "", f"{number}.5 bpm"), CLAPS), GROUND)
    assert len(rollouts.case_of(GROUND).world.same) < 6_000
    assert score(write(TEMPO, CLAPS, MUSIC), GROUND) == first
