"""One claim of a right completion left out or made false, and proof that it is so."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
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
)
from synth.checks import judge
from synth.claims import claims
from synth.completion import parse
from synth.counterfactuals import Unmade, Variant, counterfactuals
from synth.ground_truth import to_json
from synth.reward import score
from synth.verify import verify

TEMPO = Check(
    kind="within", target=Value(number=120.0), accepted=(), unit="bpm", tolerance=0.04,
    relative=True, zero_at=0.5, source="MIREX",
)  # fmt: skip
KEY = dataclasses.replace(
    TEMPO, kind="equals", target=Value(text="E minor"), accepted=("E minor",), unit="",
    tolerance=0.0, relative=False,
)  # fmt: skip
ORDER = dataclasses.replace(
    KEY, kind="order", accepted=(),
    target=Value(items=(Item(label="bell"), Item(label="door"), Item(label="crow"))),
)  # fmt: skip
EVENTS = dataclasses.replace(
    KEY, kind="set_match", accepted=(), target=Value(items=(Item(label="bell"), Item(label="door")))
)
COUNT = dataclasses.replace(
    TEMPO, target=Value(number=3.0), unit="times", tolerance=0.0, relative=False
)
ONSET = dataclasses.replace(COUNT, target=Value(number=3.2), unit="s", tolerance=0.2)
YES = dataclasses.replace(KEY, target=Value(text="yes"), accepted=("yes", "present", "heard"))


def ground(name: str, check: Check | None, subject: str = "", **changes: object) -> GroundCheck:
    made = GroundCheck(
        id=f"{name} {subject}".strip(), property=name, subject=subject, audio=1, recording="r",
        span=None, exclusive=name not in ("event", "instrument"), prior=0.1, need="required",
        state="known" if check else "absent", check=check,
    )  # fmt: skip
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] - each test names real fields


def truth(*checks: GroundCheck) -> GroundTruth:
    return GroundTruth(
        version=GROUND_TRUTH_VERSION,
        answer="Rock",
        choices=("Ballad", "Rock"),
        weights=Weights(),
        checks=checks,
    )


def completion(*observes: str, step: str = "So it is [o1].", review: str = "It fits.") -> str:
    tags = "\n".join(
        f'<observe id="o{number}" property={one}</observe>'
        for number, one in enumerate(observes, 1)
    )
    return (
        f"<perception>\n{tags}\n</perception>\n<reasoning><step>{step}</step></reasoning>\n"
        f"<draft>Rock</draft>\n<review>{review}</review>\n<answer>Rock</answer>"
    )


def made(text: str, known: GroundTruth, **wrong: tuple[str, ...]) -> dict[str, Variant]:
    by_check = {name.replace("_of_", " "): values for name, values in wrong.items()}
    found = list(counterfactuals(text, known, by_check))
    return {one.kind: one for one in found if isinstance(one, Variant)}


def unmade(text: str, known: GroundTruth, **wrong: tuple[str, ...]) -> list[tuple[str, str]]:
    found = counterfactuals(text, known, wrong)
    return [(one.filter, one.reason) for one in found if isinstance(one, Unmade)]


def test_a_wrong_number_stands_wherever_the_text_repeats_the_right_one() -> None:
    text = completion('"tempo">120 bpm', step="At 120 bpm [o1] it is fast.", review="120 BPM fits.")
    one = made(text, truth(ground("tempo", TEMPO)), tempo=("60 bpm",))["quantity"]
    assert one.completion == text.replace("120 bpm", "60 bpm").replace("120 BPM", "60 bpm")
    assert (one.said, one.check, one.reason) == ("60 bpm", "tempo", "the tempo is another")


def test_what_is_longer_than_the_value_is_not_touched() -> None:
    text = completion('"tempo">120 bpm', step="Neither 1120 bpm nor 120 bpms is 120 bpm [o1].")
    changed = made(text, truth(ground("tempo", TEMPO)), tempo=("60 bpm",))["quantity"].completion
    assert "<step>Neither 1120 bpm nor 120 bpms is 60 bpm [o1].</step>" in changed


def test_a_label_that_another_observation_names_too_is_changed_in_its_own_tag_alone() -> None:
    known = truth(
        ground("first_event", dataclasses.replace(KEY, target=Value(text="bell"), accepted=())),
        ground("event_order", ORDER),
    )
    text = completion('"first_event">bell', '"event_order">bell, then door, then crow',
                      step="The bell comes first [o1].")  # fmt: skip
    one = made(text, known, first_event=("crow",))["temporal_relation"]
    assert one.completion == text.replace('"first_event">bell', '"first_event">crow')


def test_a_sentence_begins_with_a_capital_as_it_did() -> None:
    known = truth(
        ground("last_event", dataclasses.replace(KEY, target=Value(text="bell"), accepted=()))
    )
    text = completion('"last_event">bell', step="Bell is what ends it [o1].")
    changed = made(text, known, last_event=("crow",))["temporal_relation"].completion
    assert "<step>Crow is what ends it [o1].</step>" in changed


@pytest.mark.parametrize(
    ("check", "tag", "wrong", "kind"),
    [
        (ground("tempo", TEMPO), '"tempo">120 bpm', "60 bpm", "quantity"),
        (ground("event_count", COUNT, "bell"), '"event_count" of="bell">3 times', "2 times",
         "quantity"),
        (ground("key", KEY), '"key">E minor', "G major", "false_identity"),
        (ground("language", dataclasses.replace(KEY, target=Value(text="english"), accepted=())),
         '"language">english', "german", "false_identity"),
        (ground("presence", YES, "bell"), '"presence" of="bell">yes', "no", "false_identity"),
        (ground("event_order", ORDER), '"event_order">bell, then door, then crow',
         "door, then bell, then crow", "temporal_relation"),
        (ground("event_order", ORDER), '"event_order">bell, then door, then crow',
         "bell, then siren, then crow", "false_identity"),
        (ground("onset", ONSET, "bell"), '"onset" of="bell">3.2 s', "5.2 s", "temporal_relation"),
        (ground("before", YES, "bell / door"), '"before" of="bell / door">yes', "no",
         "temporal_relation"),
        (ground("last_event", dataclasses.replace(KEY, target=Value(text="crow"), accepted=())),
         '"last_event">crow', "bell", "temporal_relation"),
    ],
)  # fmt: skip
def test_each_kind_of_wrong_value_is_refuted_by_the_check_that_supports_the_right_one(
    check: GroundCheck, tag: str, wrong: str, kind: str
) -> None:
    known, text = truth(check), completion(tag)
    variants = [
        one for one in counterfactuals(text, known, {check.id: (wrong,)})
        if isinstance(one, Variant)
    ]  # fmt: skip
    assert {one.kind for one in variants} == {"omitted", kind}
    (false,) = [one for one in variants if one.kind == kind]
    assert check.check is not None
    assert judge(false.said, check.check) is False
    assert judgements(false.completion, known) == [("refuted", check.id)]
    assert parse(false.completion).problems == ()
    for one in variants:
        earned = score(one.completion, to_json(known)).total
        assert earned < score(text, to_json(known)).total


def judgements(text: str, known: GroundTruth) -> list[tuple[str, str]]:
    return [(one.judgement, one.check) for one in verify(claims(parse(text), known), known)]


def test_a_set_is_refuted_by_what_is_known_to_be_absent_and_by_nothing_else() -> None:
    text = completion('"event">bell, door')
    unknown, absent = ground("event", EVENTS), ground("presence", None, "siren")
    assert unmade(text, truth(unknown), event=("bell, thunder",)) == [
        ("not_refuted", "no wrong event is known to be refuted")
    ]
    one = made(text, truth(unknown, absent), event=("bell, thunder",))["false_identity"]
    assert (one.said, one.check, one.reason) == (
        "bell, siren", "presence siren", "known to be absent",
    )  # fmt: skip


def test_what_the_witnesses_cannot_tell_apart_is_no_wrong_value() -> None:
    unsure = dataclasses.replace(TEMPO, undecided=(60.0,))
    text = completion('"tempo">120 bpm')
    known = truth(ground("tempo", unsure))
    assert set(made(text, known, tempo=("60 bpm",))) == {"omitted"}
    assert made(text, known, tempo=("60 bpm", "90 bpm"))["quantity"].said == "90 bpm"


def test_an_omitted_observation_takes_its_citations_and_its_sentences_along() -> None:
    known = truth(ground("tempo", TEMPO), ground("key", KEY))
    text = completion('"tempo">120 bpm', '"key">E minor',
                      step="It is in E minor. At 120 bpm it is fast. Both fit rock [o1][o2].",
                      review="It is fast, 120 bpm. So it stands.")  # fmt: skip
    (tempo, key) = [one for one in counterfactuals(text, known, {}) if isinstance(one, Variant)]
    assert tempo.completion == completion(
        step="It is in E minor. Both fit rock [o2].", review="So it stands."
    ).replace("\n\n", '\n<observe id="o2" property="key">E minor</observe>\n')
    assert "<step>At 120 bpm it is fast. Both fit rock [o1].</step>" in key.completion
    assert (tempo.kind, tempo.check, tempo.reason) == (
        "omitted", "tempo", "tempo is required and not told",
    )  # fmt: skip


def test_reasoning_of_which_nothing_is_left_says_nothing_of_what_is_heard() -> None:
    known = truth(ground("tempo", TEMPO))
    text = completion('"tempo">120 bpm', step="That is fast [o1].", review="120 bpm it is.")
    after = parse(made(text, known)["omitted"].completion)
    assert after.problems == ()
    assert [step.text for step in after.steps] == ["This points to one of the choices."]
    assert after.review == "Nothing speaks against the draft."
    assert claims(after, known) == ()


def test_what_cannot_be_left_out_is_told_with_its_reason() -> None:
    known = truth(ground("presence", YES, "bell"))
    again = '"presence" of="bell">yes'
    assert unmade(completion(again, again), known) == [
        ("still_told", "it is told all the same: 'yes'"),
        ("not_refuted", "no wrong presence is known to be refuted"),
    ]


def test_leaving_out_what_is_not_required_is_no_fault() -> None:
    known = truth(ground("tempo", TEMPO, need="context"))
    assert set(made(completion('"tempo">120 bpm'), known, tempo=("60 bpm",))) == {"quantity"}


def test_only_what_is_supported_has_variants() -> None:
    text = completion('"tempo">60 bpm', '"key">perhaps', '"loudness">-9 LUFS')
    known = truth(ground("tempo", TEMPO), ground("key", KEY))
    assert list(counterfactuals(text, known, {"tempo": ("90 bpm",), "key": ("G major",)})) == []


def test_a_claim_of_the_prose_alone_is_made_false_where_it_stands() -> None:
    known = truth(ground("tempo", TEMPO))
    text = completion(step="It runs at 120 bpm, which is fast.")
    found = made(text, known, tempo=("60 bpm",))
    assert set(found) == {"quantity"}
    assert "<step>It runs at 60 bpm, which is fast.</step>" in found["quantity"].completion


def test_of_two_recordings_the_one_that_is_meant_is_changed() -> None:
    known = truth(
        ground("tempo", TEMPO),
        ground(
            "tempo", dataclasses.replace(TEMPO, target=Value(number=90.0)), id="second", audio=2
        ),
    )
    text = completion('"tempo" audio="1">120 bpm', '"tempo" audio="2">90 bpm')
    found = [
        one for one in counterfactuals(text, known, {"tempo": ("90 bpm",), "second": ("60 bpm",)})
        if isinstance(one, Variant) and one.kind == "quantity"
    ]  # fmt: skip
    assert [one.completion for one in found] == [
        text.replace(">120 bpm", ">90 bpm"), text.replace(">90 bpm", ">60 bpm"),
    ]  # fmt: skip


def test_a_value_with_markup_in_it_stays_text() -> None:
    words = dataclasses.replace(KEY, kind="words", target=Value(text="a&b"), accepted=())
    known = truth(ground("first_word", words))
    text = completion('"first_word">a&amp;b', step="It says a&amp;b [o1].")
    one = made(text, known, first_word=("<b>",))["temporal_relation"]
    assert one.completion == text.replace("a&amp;b", "&lt;b&gt;")


OBSERVED = (
    '"tempo">120 bpm', '"key">E minor', '"event_order">bell, then door, then crow',
    '"event_count" of="bell">3 times', '"presence" of="door">yes',
)  # fmt: skip
WRONG = {
    "tempo": ("60 bpm", "240 bpm"), "key": ("G major", "A minor"),
    "event_order": ("door, then bell, then crow", "bell, then siren, then crow"),
    "event_count bell": ("2 times",), "presence door": ("no",),
}  # fmt: skip
KNOWN = truth(
    ground("tempo", TEMPO), ground("key", KEY), ground("event_order", ORDER),
    ground("event_count", COUNT, "bell"), ground("presence", YES, "door"),
)  # fmt: skip
SENTENCES = (
    "The tempo is 120 bpm.", "It is in E minor [o1].", "The bell is heard before the door.",
    "The bell is heard 3 times [o1][o2].", "A door is heard.", "So it is fast [o2].", "Fine.",
)  # fmt: skip


@given(
    st.lists(st.sampled_from(OBSERVED), unique=True, min_size=2, max_size=5),
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6),
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3),
)
def test_every_variant_keeps_the_format_and_its_claim_is_no_longer_supported(
    observes: list[str], steps: list[str], review: list[str]
) -> None:
    text = completion(*observes, step=" ".join(steps), review=" ".join(review))
    assert parse(text).problems == ()
    before = judgements(text, KNOWN)
    for one in counterfactuals(text, KNOWN, WRONG):
        if isinstance(one, Unmade):
            assert one.reason
            continue
        after = judgements(one.completion, KNOWN)
        assert parse(one.completion).problems == ()
        refuted = {check for judgement, check in after if judgement == "refuted"}
        if one.kind == "omitted":
            assert not refuted
            assert ("supported", one.check) in before
            assert ("supported", one.check) not in after
        else:
            assert one.check in refuted
        assert re.findall("<(?:draft|answer)>.*", one.completion) == re.findall(
            "<(?:draft|answer)>.*", text
        )


def test_a_claim_of_a_stretch_keeps_its_stretch() -> None:
    known = truth(ground("key", KEY, span=Span(start_s=0.0, end_s=4.0)))
    text = completion('"key" span="0.0-4.0">E minor')
    changed = made(text, known, key=("G major",))["false_identity"].completion
    assert changed == text.replace(">E minor", ">G major")
