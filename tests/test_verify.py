from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import (
    GROUND_TRUTH_VERSION,
    Check,
    Claim,
    GroundCheck,
    GroundTruth,
    Item,
    Span,
    Value,
    Weights,
    property_named,
)
from synth.verify import verify

if TYPE_CHECKING:
    from schemas import Judgement


def known(
    name: str,
    value: Value | None,
    subject: str = "",
    span: Span | None = None,
    state: Literal["known", "absent", "not_applicable"] = "known",
) -> GroundCheck:
    row = property_named(name)
    check = None
    if value is not None:
        check = Check(
            kind=row.check, target=value, accepted=(), unit=row.unit, tolerance=row.tolerance,
            relative=row.relative, zero_at=None, source=row.source,
        )  # fmt: skip
    return GroundCheck(
        id=f"{name} {subject} {span}", property=name, subject=subject, audio=1, recording="r",
        span=span, exclusive=row.exclusive, prior=0.1, need="required", state=state, check=check,
    )  # fmt: skip


def items(*labels: str) -> Value:
    times = ((float(2 * at), float(2 * at + 1)) for at in range(len(labels)))
    return Value(
        items=tuple(
            Item(label=label, start_s=start, end_s=end)
            for label, (start, end) in zip(labels, times, strict=True)
        )
    )


def truth(*checks: GroundCheck) -> GroundTruth:
    return GroundTruth(
        version=GROUND_TRUTH_VERSION,
        answer="x",
        choices=("x", "y"),
        weights=Weights(),
        checks=checks,
    )


def claim(
    name: str, said: str, of: str = "", span: Span | None = None, *, tagged: bool = True
) -> Claim:
    return Claim(
        id=f"{name} {said}", trajectory="", property=name, subject=of, audio=1, span=span,
        said=said, start=0, end=1, tagged=tagged,
    )  # fmt: skip


def ruled(world: GroundTruth, *claims: Claim) -> list[Judgement]:
    return [verdict.judgement for verdict in verify(claims, world)]


TEMPO = known("tempo", Value(number=120.0))
NO_MUSIC = known("tempo", None, state="not_applicable")


@pytest.mark.parametrize(
    ("said", "judgement"),
    [
        ("120 bpm", "supported"),
        ("120", "supported"),
        ("124 beats per minute", "supported"),
        ("60 bpm", "refuted"),
        ("120 Hz", "refuted"),
        ("not 120 bpm", "unverifiable"),
        ("120 or 90 bpm", "unverifiable"),
        ("fast", "unverifiable"),
    ],
)
def test_an_exclusive_property_refutes_other_values(said: str, judgement: Judgement) -> None:
    assert ruled(truth(TEMPO), claim("tempo", said)) == [judgement]


def test_a_tag_names_the_unit_but_a_time_must_say_its_own() -> None:
    world = truth(TEMPO, known("onset", Value(number=3.2), "door slam"))
    assert ruled(world, claim("tempo", "120", tagged=False)) == ["unverifiable"]
    assert ruled(world, claim("onset", "3.2", "door slams")) == ["unverifiable"]
    assert ruled(world, claim("onset", "3.2 s", "door slams")) == ["supported"]


def test_a_count_may_name_what_it_counts_but_nothing_else() -> None:
    world = truth(known("event_count", Value(number=3.0), "door slam"))
    assert ruled(world, claim("event_count", "3 door slams", "door slam")) == ["supported"]
    assert ruled(world, claim("event_count", "3 dogs", "door slam")) == ["unverifiable"]
    assert ruled(world, claim("event_count", "3", "dog")) == ["unverifiable"]
    assert ruled(world, claim("event_count", "3")) == ["unverifiable"]


def test_a_sound_goes_by_any_of_its_names() -> None:
    world = truth(known("event_count", Value(number=3.0), "Vehicle horn, car horn, honking"))
    for name in ("car horns", "vehicle horn", "Vehicle horn, car horn, honking"):
        assert ruled(world, claim("event_count", "3 times", name)) == ["supported"]
    assert ruled(world, claim("presence", "no", "honking")) == ["refuted"]
    assert ruled(world, claim("event_count", "3 times", "horn")) == ["unverifiable"]


def test_what_cannot_apply_is_refuted_whatever_is_claimed() -> None:
    for said, judgement in (
        ("120 bpm", "refuted"), ("fast", "refuted"), ("none", "supported"),
        ("not applicable", "supported"),
    ):  # fmt: skip
        assert ruled(truth(NO_MUSIC), claim("tempo", said)) == [judgement]
    assert ruled(truth(NO_MUSIC), claim("tempo", "120 bpm", span=Span(start_s=1, end_s=2))) == [
        "refuted"
    ]


def test_without_a_fact_nothing_is_known() -> None:
    assert ruled(truth(TEMPO), claim("key", "E minor")) == ["unverifiable"]
    assert ruled(truth(TEMPO), claim("mood", "sad"), claim("", "120 bpm")) == ["unverifiable"] * 2
    other = Claim(
        id="c", trajectory="", property="tempo", subject="", audio=2, span=None, said="60 bpm",
        start=0, end=1, tagged=True,
    )  # fmt: skip
    assert ruled(truth(TEMPO), other) == ["unverifiable"]


def test_sets_refute_only_what_is_known_to_be_absent() -> None:
    world = truth(
        known("event", items("Dog", "Siren")),
        known("event", None, "Cat", state="absent"),
        known("presence", Value(text="no"), "Piano"),
    )
    for said, judgement in (
        ("dogs", "supported"), ("a dog and a siren", "supported"), ("owl", "unverifiable"),
        ("dog, owl", "unverifiable"), ("cat", "refuted"), ("a cat and a dog", "refuted"),
        ("piano", "refuted"), ("dog or siren", "unverifiable"),
    ):  # fmt: skip
        assert ruled(world, claim("event", said)) == [judgement], said
    assert ruled(world, claim("presence", "yes", "Dog")) == ["supported"]
    assert ruled(world, claim("presence", "no", "Siren")) == ["refuted"]
    assert ruled(world, claim("presence", "yes", "cat")) == ["refuted"]
    assert ruled(world, claim("presence", "no", "cat")) == ["supported"]
    assert ruled(world, claim("presence", "yes", "owl")) == ["unverifiable"]


def test_an_event_must_be_heard_when_it_is_said_to_be() -> None:
    world = truth(known("event", items("Dog", "Siren")))  # dog 0-1 s, siren 2-3 s
    assert ruled(world, claim("event", "siren", span=Span(start_s=2.5, end_s=4))) == ["supported"]
    assert ruled(world, claim("event", "siren", span=Span(start_s=0, end_s=1))) == ["unverifiable"]
    both = claim("event", "dog, siren", span=Span(start_s=0, end_s=1))
    assert ruled(world, both) == ["unverifiable"]


def test_a_fact_of_one_stretch_says_nothing_of_another() -> None:
    world = truth(known("speaker_count", Value(number=2.0), span=Span(start_s=0, end_s=10)))
    for span, judgement in (
        (Span(start_s=0, end_s=10), "refuted"), (Span(start_s=1, end_s=10), "refuted"),
        (Span(start_s=0, end_s=2), "unverifiable"), (Span(start_s=20, end_s=30), "unverifiable"),
        (None, "unverifiable"),
    ):  # fmt: skip
        assert ruled(world, claim("speaker_count", "3", span=span)) == [judgement]


def test_what_is_absent_from_the_whole_is_absent_from_its_parts() -> None:
    world = truth(known("presence", Value(text="no"), "Speech"))
    part = Span(start_s=1, end_s=2)
    assert ruled(world, claim("presence", "yes", "speech", part)) == ["refuted"]
    assert ruled(world, claim("presence", "no", "speech", part)) == ["supported"]
    there = truth(known("presence", Value(text="yes"), "Speech"))
    assert ruled(there, claim("presence", "no", "speech", part)) == ["unverifiable"]


def test_prose_may_tell_an_order_in_part_but_a_tag_tells_the_whole() -> None:
    world = truth(known("event_order", items("Dog", "Siren", "Door")))
    parts = [claim("event_order", said, tagged=False) for said in ("dog then door", "dog, siren")]
    assert ruled(world, *parts) == ["supported"] * 2
    assert ruled(world, claim("event_order", "door then dog", tagged=False)) == ["refuted"]
    assert ruled(world, claim("event_order", "dog, then siren, then door")) == ["supported"]
    assert ruled(world, claim("event_order", "dog then door")) == ["unverifiable"]
    assert ruled(world, claim("event_order", "dog, siren, dog")) == ["refuted"]
    assert ruled(world, claim("event_order", "dog")) == ["refuted"]


def test_words_may_be_quoted_in_part() -> None:
    world = truth(known("words", Value(text="You don't have two dogs")))
    assert ruled(world, claim("words", "don't have 2 dogs")) == ["supported"]
    assert ruled(world, claim("words", "have dogs")) == ["unverifiable"]
    silent = truth(known("words", None, state="absent"))
    assert ruled(silent, claim("words", "have dogs")) == ["refuted"]


def test_saying_that_the_absent_is_absent_is_true_however_it_is_said() -> None:
    world = truth(known("presence", None, "music", state="absent"))
    for said in ("no", "no music", "No music is heard.", "there is no music", "none"):
        assert ruled(world, claim("presence", said, "music")) == ["supported"], said
    assert ruled(world, claim("presence", "unclear", "music")) == ["unverifiable"]
    assert ruled(world, claim("presence", "yes", "music")) == ["refuted"]
    assert ruled(world, claim("presence", "no doubt, yes", "music")) != ["supported"]
    silent = truth(known("words", None, state="absent"))
    assert ruled(silent, claim("words", "no, thank you")) == ["refuted"]


def test_a_fuller_name_of_the_right_sound_is_not_refuted() -> None:
    world = truth(known("first_event", Value(text="door")))
    assert ruled(world, claim("first_event", "a door slam")) == ["unverifiable"]
    assert ruled(world, claim("first_event", "door")) == ["supported"]
    assert ruled(world, claim("first_event", "bell")) == ["refuted"]


def test_two_values_of_one_property_refute_each_other() -> None:
    right, wrong = claim("tempo", "120 bpm"), claim("tempo", "90 bpm", tagged=False)
    assert ruled(truth(TEMPO), right, wrong) == ["refuted", "refuted"]
    assert ruled(truth(TEMPO), right, claim("tempo", "121 bpm")) == ["supported", "supported"]
    assert ruled(truth(), right, wrong) == ["refuted", "refuted"]
    assert ruled(truth(), right, claim("tempo", "121 bpm")) == ["unverifiable"] * 2
    assert ruled(truth(), claim("key", "Am"), claim("key", "A minor")) == ["unverifiable"] * 2
    assert ruled(truth(), claim("key", "Am"), claim("key", "C major")) == ["refuted"] * 2
    parts = (Span(start_s=0, end_s=5), Span(start_s=5, end_s=9))
    apart = [
        claim("tempo", said, span=span) for said, span in zip(("90", "120"), parts, strict=True)
    ]
    assert ruled(truth(), *apart) == ["unverifiable"] * 2
    events = (claim("event", "dog"), claim("event", "siren"))
    assert ruled(truth(), *events) == ["unverifiable"] * 2


@given(st.text(max_size=60), st.sampled_from(["tempo", "key", "event", "words", "presence", "x"]))
def test_every_claim_gets_one_verdict_that_names_a_check_where_one_decided(
    said: str, name: str
) -> None:
    world = truth(TEMPO, known("event", items("Dog")), known("words", Value(text="a b")))
    (verdict,) = verify([claim(name, said, "Dog")], world)
    assert verdict.reason
    if verdict.judgement == "supported":
        assert verdict.check in {check.id for check in world.checks}
