"""What every property of the vocabulary promises: asked, answered, mistaken, claimed, stored."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest

from schemas import (
    GROUND_TRUTH_VERSION,
    VOCABULARY,
    Claim,
    Fact,
    Item,
    Property,
    Question,
    Subquestion,
    Value,
)
from schemas.vocabulary import LISTENED
from synth.answers import YES_OR_NO, closed, closed_answer, spellings
from synth.assemble import ground_truth, single_ground_truth
from synth.bind import Asked, bind, check_for, written
from synth.checks import grade, judge, passes
from synth.ground_truth import from_json, to_json
from synth.hints import BROAD, HINTS
from synth.menu import menu
from synth.phrasing import (
    asks_another_thing,
    asks_of_a_part,
    names_stranger,
    not_a_question,
    plainly,
)
from synth.reward import score
from synth.truth import is_truth
from synth.verify import verify

ASKABLE = [row for row in VOCABULARY if row.name not in LISTENED]

SUBJECTS = {
    "before": "door / bell",
    "longer_than": "door / bell",
    "louder_than": "first half / second half",
    "same_speaker": "first voice / last voice",
    "ratio": "door / bell",
    "speaker_words": "A",
    "word_onset": "house",
}

NUMBERS = {
    "tempo": (117.0, 63.4, 201.0),
    "metre": (3.0, 4.0),
    "event_count": (1.0, 4.0),
    "onset": (0.04, 3.21, 61.7),
    "offset": (1.0, 12.34),
    "event_duration": (0.3, 2.4, 31.0),
    "repetitions": (2.0, 7.0),
    "word_onset": (0.4, 8.88),
    "word_count": (1.0, 44.0),
    "speech_rate": (151.6, 90.0),
    "pause_count": (0.0, 1.0, 5.0),
    "longest_pause": (0.7, 3.3),
    "speaker_count": (1.0, 3.0),
    "loudness": (-15.28, -33.0),
    "loudness_range": (0.4, 11.7),
    "duration": (3.0, 31.25),
    "pitch": (83.0, 440.4),
    "pitch_range": (1.0, 14.4),
    "bandwidth": (3400.0, 15800.0),
    "reverberation": (0.25, 1.9),
    "playback_speed": (0.8, 1.0, 1.25),
    "noise_level": (-61.3, -40.0),
    "ratio": (0.5, 2.03),
}
TEXTS = {
    "key": ("F# minor", "C major"),
    "language": ("english", "german"),
    "first_event": ("door", "Gunshot, gunfire"),
    "last_event": ("bell",),
    "foreground": ("rain",),
    "background": ("Traffic noise, roadway noise",),
    "first_word": ("no", "never", "Am", "house", "don't"),
    "last_word": ("yes", "word"),
    "stressed_word": ("three",),
}


def stretch(start: float, end: float, label: str = "") -> Item:
    return Item(label=label, start_s=start, end_s=end)


ITEMS = {
    "instrument": (("piano", "violin"),),
    "event": (("door", "bell"),),
    "event_order": (("door", "bell", "door"),),
    "turns": (("A", "B", "A"),),
    "words": (("Shall", "I", "compare", "thee"), ("no",)),
    "speaker_words": (("Good", "morning"),),
    "chords": (("C", "Am", "F", "G"), ("A:min", "A:min", "N", "E:maj"), ("Bb major", "G minor")),
    "beats": ((0.5, 1.0, 1.5, 2.0), (0.31,)),
    "downbeats": ((0.5, 2.5, 4.5),),
    "splices": ((2.0,), (1.5, 4.0)),
    "speech_segments": ((stretch(0.5, 2.31), stretch(4, 5.12)),),
    "silence": ((stretch(1, 2.5),),),
    "overlapped_speech": ((stretch(3, 4.25),),),
}


def values(row: Property) -> list[Value]:
    if row.form == "number":
        return [Value(number=number) for number in NUMBERS[row.name]]
    if row.form == "text":
        return [Value(text=text) for text in TEXTS.get(row.name, closed(row.name))]
    return [Value(items=tuple(map(item, made))) for made in ITEMS[row.name]]


def item(made: str | float | Item) -> Item:
    if isinstance(made, Item):
        return made
    if isinstance(made, str):
        return Item(label=made)
    return Item(label="", start_s=made)


def facts(row: Property) -> list[Fact]:
    subject = SUBJECTS.get(row.name, "door" if row.subjects else "")
    return [
        Fact(
            id=f"{row.name}-{place}",
            recording="one",
            property=row.name,
            subject=subject,
            span=None,
            state="absent" if value.text == "no" and row.name == "presence" else "known",
            value=None if value.text == "no" and row.name == "presence" else value,
            margin=None,
            tier="constructed",
            witnesses=("arrange",),
            observations=(),
            version=GROUND_TRUTH_VERSION,
        )
        for place, value in enumerate(values(row))
    ]


def question(text: str, *choices: str) -> Question:
    return Question(
        id="q",
        benchmark="sample",
        release="1",
        split="test",
        source_id="1",
        recordings=("one",),
        text=text,
        choices=choices,
        answer=choices[0] if choices else None,
        licence="CC0",
        eval_only=False,
    )


def hinted(fact: Fact) -> Question:
    """Ask what hints at the property and names what it is of."""
    named = {"A": "the first speaker", "house": '"house"'}.get(fact.subject, fact.subject)
    return question(f"{HINTS[fact.property]}: {named}?", "one way", "another way")


def bound(fact: Fact) -> Subquestion:
    (entry,) = [one for one in menu(_asking(fact), {"one": [fact]}) if one.fact is fact]
    text = plainly(fact.property, fact.subject)
    (made,) = bind(_asking(fact), [Asked(entry=entry, text=text)], "run")
    assert isinstance(made, Subquestion), made
    return made


def _asking(fact: Fact) -> Question:
    if fact.property == "presence":
        return question("Is the door heard?", "yes", "no")
    return hinted(fact)


def unasked(fact: Fact) -> bool:
    """A ratio does not say of what, so that no wording asks for it surely."""
    return fact.property == "ratio"


EVERY = [fact for row in ASKABLE for fact in facts(row)]
EACH = [facts(row)[0] for row in ASKABLE]
ASKED = [fact for fact in EVERY if not unasked(fact)]


def by_id(fact: Fact) -> str:
    return fact.id


def test_every_property_has_its_hints_and_a_fact_here() -> None:
    assert {fact.property for fact in EVERY} == {row.name for row in ASKABLE}
    assert {row.name for row in ASKABLE} - set(HINTS) <= {"ratio"}
    assert {row.name for row in VOCABULARY} >= BROAD


@pytest.mark.parametrize("fact", EVERY, ids=by_id)
def test_the_written_answer_passes_its_own_check(fact: Fact) -> None:
    check = check_for(fact)
    assert passes(written(fact), check)
    assert grade(written(fact), check) == 1.0
    assert all(passes(spelling, check) for spelling in check.accepted)
    assert passes(f"The answer is {written(fact)}.", check) or check.kind == "words"
    assert judge("I cannot tell", check) is not True


@pytest.mark.parametrize("fact", ASKED, ids=by_id)
def test_it_is_offered_where_a_question_is_about_it_and_not_where_none_is(fact: Fact) -> None:
    assert bound(fact).fact == fact.id
    unrelated = question("Zxcv qwer?", "asdf", "yuio")
    offered = menu(unrelated, {"one": [fact]})
    assert not offered or fact.property in BROAD


@pytest.mark.parametrize("fact", EACH, ids=by_id)
def test_the_plain_question_passes_all_rules_of_wording(fact: Fact) -> None:
    text = plainly(fact.property, fact.subject)
    assert not_a_question(text) is None
    assert asks_another_thing(text, fact.property, fact.subject) is None
    assert asks_of_a_part(text, fact.property, fact.subject) is None
    assert names_stranger(text, fact.property, fact.subject, "") is None


NARROWER = (
    "{} in the first half?", "{} after the door slams?", "{} for the woman?", "{} 5?",
    "{} of the loudest sound?", "{} at the end?", "{} of the second speaker?",
    "{} of the zither?",
)  # fmt: skip


@pytest.mark.parametrize("fact", EACH, ids=by_id)
@pytest.mark.parametrize("wording", NARROWER)
def test_a_narrower_question_is_refused(fact: Fact, wording: str) -> None:
    text = wording.format(plainly(fact.property, fact.subject).removesuffix("?"))
    name, subject = fact.property, fact.subject
    refused = (
        asks_another_thing(text, name, subject)
        or asks_of_a_part(text, name, subject)
        or names_stranger(text, name, subject, "")
    )
    free = name in {"tempo", "key"} and "zither" in wording  # these may say what music it is
    alike = (name == "louder_than" and "half" in wording) or (
        name == "voice_sex" and "woman" in wording
    )
    assert refused or free or alike


@pytest.mark.parametrize("fact", EACH, ids=by_id)
def test_no_other_property_s_plain_question_asks_for_it(fact: Fact) -> None:
    for row in ASKABLE:
        subject = SUBJECTS.get(row.name, "door" if row.subjects else "")
        text = plainly(row.name, subject)
        alike = {fact.property, row.name} == {"words", "speaker_words"}
        if row.name == fact.property or alike:
            continue
        assert (
            asks_another_thing(text, fact.property, fact.subject)
            or asks_of_a_part(text, fact.property, fact.subject)
            or names_stranger(text, fact.property, fact.subject, "")
        ), (text, fact.property)


@pytest.mark.parametrize("fact", ASKED, ids=by_id)
def test_wrong_answers_are_wrong_and_a_guess_has_its_chance(fact: Fact) -> None:
    made = bound(fact)
    assert grade(made.answer, made.check) == 1.0
    assert 1 <= len(made.distractors) <= 3
    for wrong in made.distractors:
        assert judge(wrong, made.check) is False
        assert grade(wrong, made.check) == 0.0
    assert 0.0 <= made.prior < 1.0


@pytest.mark.parametrize("fact", ASKED, ids=by_id)
def test_a_claim_of_it_is_supported_and_of_a_wrong_answer_is_not(fact: Fact) -> None:
    made = bound(fact)
    truth = single_ground_truth(made)
    exclusive = truth.checks[0].exclusive
    assert judged(fact, made.answer, truth) == "supported"
    for wrong in made.distractors:
        found = judged(fact, wrong, truth)
        part = truth.checks[0].check.kind == "order"  # an order may be true as far as it goes
        if exclusive:
            assert found == "refuted" or (part and found == "unverifiable")
        else:
            assert found in {"unverifiable", "supported"}
    assert judged(fact, "I cannot tell", truth) != "supported"


def judged(fact: Fact, said: str, truth: object) -> str:
    claim = Claim(
        id="c",
        trajectory="t",
        property=fact.property,
        subject=fact.subject,
        audio=1,
        span=None,
        said=said,
        start=0,
        end=1,
        tagged=True,
    )
    (verdict,) = verify([claim], truth)  # type: ignore[arg-type]
    return verdict.judgement


@pytest.mark.parametrize("fact", ASKED, ids=by_id)
def test_its_ground_truth_survives_json_and_rewards_the_truth_over_a_lie(fact: Fact) -> None:
    made = bound(fact)
    truth = single_ground_truth(made)
    assert from_json(to_json(truth)) == truth
    text = to_json(replace(truth, answer="yes", choices=("yes", "no")))

    def told(said: str) -> str:
        value = html.escape(said)
        seen = f'<observe id="o1" property="{fact.property}" of="{fact.subject}">{value}</observe>'
        return f"<perception>{seen}</perception><answer>yes</answer>"

    right = score(told(made.answer), text).perception
    assert right > 0
    for wrong in made.distractors:
        assert score(told(wrong), text).perception < right


@pytest.mark.parametrize("fact", EVERY, ids=by_id)
def test_as_context_it_judges_claims_too(fact: Fact) -> None:
    truth = ground_truth(question("What?"), (), ((1, fact, check_for(fact)),))
    assert judged(fact, written(fact), truth) == "supported"
    assert 0.0 <= truth.checks[0].prior <= 1.0
    assert from_json(to_json(truth)) == truth


@pytest.mark.parametrize("name", sorted(LISTENED))
def test_what_only_listeners_tell_is_never_truth_and_never_asked(name: str) -> None:
    fact = replace(EVERY[0], property=name, value=Value(text="yes"), subject="", tier="listener")
    assert not is_truth(fact)
    for told in (fact, replace(fact, tier="constructed")):
        assert menu(question(f"What is the {name}?", "yes", "no"), {"one": [told]}) == ()


CLOSED = [row.name for row in VOCABULARY if closed(row.name)]


@pytest.mark.parametrize("name", CLOSED)
def test_closed_answers_are_apart_in_every_spelling(name: str) -> None:
    read: dict[str, str] = {}
    for answer in closed(name):
        for spelling in spellings(name, answer):
            assert closed_answer(name, spelling) == answer
            assert read.setdefault(spelling.casefold(), answer) == answer
    assert closed_answer(name, "zither") is None


def test_yes_or_no_is_asked_of_presence_and_of_relations() -> None:
    assert {"presence", "before", "longer_than", "louder_than", "same_speaker"} <= YES_OR_NO


def test_an_instrument_may_say_a_closed_answer_in_any_of_its_ways() -> None:
    row = next(row for row in ASKABLE if row.name == "loudness_trend")
    fact = replace(facts(row)[0], value=Value(text="rising"))
    assert written(fact) == "louder"
    assert passes("it gets louder", check_for(fact))
    assert passes("crescendo", check_for(fact))
    assert judge("It fades out.", check_for(fact)) is False


@pytest.mark.parametrize(
    ("name", "value", "right", "wrong"),
    [
        ("metre", 4.0, ["4/4", "4", "4/4 time", "four beats per bar"], ["3/4", "3"]),
        ("noise_level", -60.0, ["-60 dBFS", "-60 dB"], ["-40 dBFS", "60 dBFS"]),
        ("playback_speed", 2.0, ["twice as fast", "2x", "double speed", "2 times as fast"],
         ["half as fast", "1.5 times as fast"]),
        ("pitch_range", 12.0, ["an octave", "12 semitones", "one octave"], ["two octaves"]),
        ("loudness_range", 8.0, ["8 LU", "8 dB"], ["15 LU"]),
        ("bandwidth", 8000.0, ["8 kHz", "8000 Hz"], ["16 kHz"]),
        ("reverberation", 0.5, ["0.5 s", "500 ms"], ["2 s"]),
        ("duration", 90.0, ["1:30", "1.5 minutes", "90 s"], ["60 s"]),
        ("tonic", "C#", ["C#", "Db", "C sharp", "the note C sharp", "The tonic is Db."],
         ["C", "D"]),
        ("odd_one_out", "3", ["third", "the third one", "3rd", "3"], ["second", "4"]),
        ("voice_sex", "male", ["a man", "man's", "male", "a man's voice"], ["a woman", "female"]),
        ("stereo_position", "center", ["centre", "the middle"], ["left", "on the right"]),
        ("mode", "minor", ["minor", "in a minor key", "a minor key"], ["major"]),
        ("first_word", "no", ["no", '"No."', 'The first word is "no".'], ["nope", "hello"]),
        ("chords", "C Am F G", ["C, Am, F, G", "C - A minor - F - G", "C major, then Am7, F, G7",
         "C Am F G"], ["C, A, F, G", "C, Am, G, F", "C, Am, F"]),
        ("beats", "0.5 1.0 1.5", ["0.5, 1.0, 1.5 s", "at 0.52 s, 1.03 s and 1.49 s"],
         ["0.75, 1.25, 1.75 s", "0.5, 1.5 s", "0.5 s"]),
    ],
)  # fmt: skip
def test_what_people_write_is_read(
    name: str, value: float | str, right: list[str], wrong: list[str]
) -> None:
    row = next(row for row in ASKABLE if row.name == name)
    made = Value(number=value) if isinstance(value, float) else Value(text=value)
    if row.form == "items":
        kind = float if name == "beats" else str
        made = Value(items=tuple(item(kind(one)) for one in str(value).split()))
    check = check_for(replace(facts(row)[0], value=made))
    for said in right:
        assert judge(said, check) is True, said
    for said in wrong:
        assert judge(said, check) is False, said


@pytest.mark.parametrize(
    ("name", "subject", "text"),
    [
        ("before", "door / bell", "Is the bell heard before the door?"),
        ("before", "door / bell", "Is the door heard after the bell?"),
        ("before", "door / bell", "Is the door heard right before the bell?"),
        ("before", "dog / dog bark", "Is the dog bark heard before the dog?"),
        ("longer_than", "door / bell", "Does the bell last longer than the door?"),
        ("longer_than", "door / bell", "Does the door last much longer than the bell?"),
        ("louder_than", "first half / second half",
         "Is the second half louder than the first half?"),
        ("louder_than", "first half / second half",
         "Is the recording louder than the second half?"),
        ("same_speaker", "first voice / last voice",
         "Does the same person speak in the first half?"),
        ("speaker_words", "A", "What words does the second speaker say?"),
        ("speaker_words", "A", "What words does the speaker say?"),
        ("speaker_words", "A", "What does the first speaker say about the door?"),
        ("word_onset", "house", 'When is the word "houseboat" spoken?'),
        ("word_onset", "house", 'When is the word "house" spoken again?'),
        ("tempo", "", "How does the tempo of the music change?"),
        ("tempo_change", "", "When does the tempo of the music change?"),
        ("tempo_change", "", "How many times does the tempo change?"),
        ("tempo_change", "", "How does the pace of the speech change?"),
        ("chords", "", "In which order are the first chords played?"),
        ("chords", "", "In which order are the guitar chords played?"),
        ("first_word", "", "Which word does the woman say first?"),
        ("first_word", "", "Which word is spoken first after the bell?"),
        ("first_word", "", "What does the first word mean?"),
        ("stressed_word", "", "Which word is spoken with the least emphasis?"),
        ("event_duration", "door", "How long does it take until the door is heard?"),
        ("event_duration", "door", "How long does each door last?"),
        ("duration", "", "How long is the music?"),
        ("duration", "", "How long is the longest sound?"),
        ("silence", "", "When is the first silence?"),
        ("duration", "", "What is the length of the music?"),
        ("loudness_trend", "", "How does the volume of the speech change?"),
        ("event_order", "", "In which order do the speakers talk?"),
        ("turns", "", "In which order are the sounds heard?"),
        ("voice_sex", "", "What is the sex of the second voice?"),
        ("background", "", "Which sound is not in the background?"),
        ("noise_level", "", "How loud is the traffic noise?"),
        ("pitch_contour", "", "How does the pitch of the bell change?"),
        ("loudness_trend", "", "How does the loudness of the engine change?"),
        ("bandwidth", "", "What is the highest frequency of the whistle?"),
        ("metre", "", "How many beats are there in the third bar?"),
        ("odd_one_out", "", "How many of the repeated sounds are different?"),
    ],
)  # fmt: skip
def test_a_wording_that_could_ask_for_less_or_another_thing_is_refused(
    name: str, subject: str, text: str
) -> None:
    assert (
        asks_another_thing(text, name, subject)
        or asks_of_a_part(text, name, subject)
        or names_stranger(text, name, subject, "")
    )


def test_of_spoken_words_the_wrong_answers_are_others_that_are_spoken() -> None:
    words = next(one for one in EVERY if one.property == "words")
    first = replace(next(one for one in EVERY if one.property == "first_word"),
                    value=Value(text="Shall"))  # fmt: skip
    (entry,) = [one for one in menu(hinted(first), {"one": [words, first]}) if one.fact is first]
    (made,) = bind(hinted(first), [Asked(entry=entry, text="Which word is spoken first?")], "run")
    assert isinstance(made, Subquestion)
    assert set(made.distractors) == {"I", "compare", "thee"}


def test_a_word_is_asked_of_where_it_is_quoted_or_where_every_choice_is_a_known_word() -> None:
    row = next(row for row in ASKABLE if row.name == "word_onset")
    (made, _) = facts(row)
    known = [made, replace(made, id="w2", subject="garden")]
    both = question("Which word is heard first?", "house", "garden")
    assert {one.fact.subject for one in menu(both, {"one": known})} == {"house", "garden"}
    third = question("Which word is heard first?", "house", "garden", "lake")
    assert menu(third, {"one": known}) == ()
    assert menu(question("When does the house burn?"), {"one": known}) == ()


def test_a_list_that_no_listener_can_tell_is_not_asked() -> None:
    row = next(row for row in ASKABLE if row.name == "beats")
    many = replace(facts(row)[0], value=Value(items=tuple(map(item, range(60)))))
    assert menu(hinted(many), {"one": [many]}) == ()


def test_long_hostile_answers_are_never_right() -> None:
    hostile = ("0.5, " * 4000, "C Am " * 4000, "gets " * 4000, "no " * 4000, "4/4 " * 4000)
    for fact in EVERY:
        check = check_for(fact)
        for said in hostile:
            assert judge(said, check) is not True


def test_a_spoken_word_is_that_word_and_a_letter_is_no_speaker() -> None:
    row = next(row for row in ASKABLE if row.name == "word_onset")
    one = replace(facts(row)[0], subject="I", value=Value(number=2.0))
    assert plainly("word_onset", "I") == 'When is the word "I" spoken?'
    known = [replace(one, subject="house"), replace(one, id="w", subject="houses",
                                                    value=Value(number=5.0))]  # fmt: skip
    truth = ground_truth(question("What?"), (), tuple((1, each, check_for(each)) for each in known))
    assert judged(known[0], "2.0 s", truth) == "supported"
    assert judged(known[1], "5.0 s", truth) == "supported"
    assert judged(known[1], "2.0 s", truth) == "refuted"
    assert menu(question("Which word comes later?", "house", "garden"), {"one": known}) == ()
    last = next(one for one in EVERY if one.property == "last_word")
    assert judge("words", check_for(replace(last, value=Value(text="word")))) is False


def test_words_are_claimed_of_a_speaker_by_letter_or_by_place() -> None:
    first = next(one for one in EVERY if one.property == "speaker_words")
    truth = ground_truth(question("What?"), (), ((1, first, check_for(first)),))
    for subject in ("A", "speaker A", "first speaker", "Speaker 1"):
        assert judged(replace(first, subject=subject), "good morning", truth) == "supported"
    for subject in ("speaker", "B", "second speaker", "a"):
        assert judged(replace(first, subject=subject), "good morning", truth) == "unverifiable"
