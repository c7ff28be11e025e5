"""The field's metrics over what single extractors measured, before anything is settled.

They say how good an instrument is, not how true a fact: word error rate, diarization error rate,
MIREX scores, speaker counts. An extractor's own figure is over the labelled clips of which it
said anything; where it gave several values for a clip, the one it was surest of. The headline
figure of a property is the best extractor's, of those that told of at least half as many clips as
the one that told of most.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import property_named
from synth.grading import spoken_language
from synth.scores import (
    METRICAL_LEVELS,
    diarization_error,
    has_normalizer,
    key_weight,
    segment_f1,
    tempo_error,
    word_errors,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from schemas import Item, Observation, Value
    from synth.labels import Labels

Seen = tuple["Labels", "Value"]


@dataclass(frozen=True, slots=True)
class Score:
    """A figure, and over how many clips it is."""

    value: float
    clips: int


def observed_scores(
    name: str, clips: Sequence[tuple[Labels, Sequence[Observation]]]
) -> dict[str, object]:
    """Give a property's metrics over its labelled clips; empty where the field has none."""
    by_extractor: dict[str, list[Seen]] = defaultdict(list)
    for labels, observations in clips:
        for seen in _surest(name, observations):
            by_extractor[seen.extractor].append((labels, seen.value))
    scores: dict[str, object] = {}
    for metric, (measure, best) in _METRICS.get(name, {}).items():
        measured = {
            extractor: score
            for extractor, seen in sorted(by_extractor.items())
            if (score := measure(seen)) is not None
        }
        most = max((score.clips for score in measured.values()), default=0)
        often = [score.value for score in measured.values() if score.clips >= most / 2]
        if often:
            scores[metric] = best(often)
            scores[f"{metric}_by_extractor"] = {
                one: {"value": score.value, "clips": score.clips} for one, score in measured.items()
            }
    if name == "words" and by_extractor:
        scores |= _by_language(by_extractor)
    return scores


def _surest(name: str, observations: Iterable[Observation]) -> Iterable[Observation]:
    found: dict[str, Observation] = {}
    for seen in observations:
        if seen.property != name or seen.subject or seen.span is not None:
            continue
        before = found.get(seen.extractor)
        if before is None or (seen.confidence or 0.0) > (before.confidence or 0.0):
            found[seen.extractor] = seen
    return found.values()


def _mean(figures: Sequence[float]) -> Score | None:
    return Score(math.fsum(figures) / len(figures), len(figures)) if figures else None


# One metric: from what one extractor said, with the labels, to a figure ---------------------------


def _accuracy(levels: Sequence[float]) -> Callable[[Sequence[Seen]], Score | None]:
    """MIREX Accuracy1 or 2; labels that leave the metrical level open have no Accuracy1."""

    def measure(seen: Sequence[Seen]) -> Score | None:
        within = []
        for labels, value in seen:
            label = labels.one("tempo")
            true = label.value.number if label and label.value else None
            if label is None or true is None or value.number is None:
                continue
            if label.octave_open and len(levels) == 1:
                continue
            tolerance = property_named("tempo").tolerance
            within.append(float(tempo_error(value.number, true, levels) <= tolerance))
        return _mean(within)

    return measure


def _weighted_key(seen: Sequence[Seen]) -> Score | None:
    """MIREX weighted key score over labels that tell the mode."""
    return _mean([
        key_weight(value.text, true)
        for labels, value in seen
        if value.text and " " in (true := _told(labels, "key"))
    ])  # fmt: skip


def _told(labels: Labels, name: str) -> str:
    label = labels.one(name)
    return (label.value.text if label and label.value else None) or ""


def _counts(seen: Sequence[Seen]) -> list[tuple[float, float]]:
    return [
        (value.number, label.value.number)
        for labels, value in seen
        if (label := labels.one("speaker_count")) and label.value
        and value.number is not None and label.value.number is not None
    ]  # fmt: skip


def _exact(seen: Sequence[Seen]) -> Score | None:
    return _mean([float(said == true) for said, true in _counts(seen)])


def _absolute(seen: Sequence[Seen]) -> Score | None:
    return _mean([abs(said - true) for said, true in _counts(seen)])


def _timed(seen: Sequence[Seen], name: str) -> list[tuple[Sequence[Item], Sequence[Item]]]:
    return [
        (value.items or (), label.value.items)
        for labels, value in seen
        if (label := labels.one(name)) and label.value and label.value.items
        and label.value.items[0].start_s is not None
    ]  # fmt: skip


def _time_error(name: str) -> Callable[[Sequence[Seen]], Score | None]:
    """Error rate over the time of all clips together, collar 0.25 s: of turns, diarization's."""

    def measure(seen: Sequence[Seen]) -> Score | None:
        scored = [diarization_error(said, true) for said, true in _timed(seen, name)]
        total = math.fsum(one.total_s for one in scored)
        error = math.fsum(one.error_s for one in scored)
        return Score(error / total, len(scored)) if total else None

    return measure


def _segment_f1(seen: Sequence[Seen]) -> Score | None:
    """F1 over one-second segments of all clips together, as sed_eval."""
    counts = [segment_f1(said, true) for said, true in _timed(seen, "speech_segments")]
    both, said, true = (sum(column) for column in zip(*counts, strict=True)) if counts else (0,) * 3
    total = 2 * both + said + true
    return Score(2 * both / total, len(counts)) if total else None


def _error_rate(seen: Sequence[Seen]) -> Score | None:
    """Word error rate over all clips together, after Whisper's normalizer."""
    errors = total = clips = 0
    for labels, value in seen:
        label = labels.one("words")
        if label is None or label.value is None or not has_normalizer():
            continue
        language = spoken_language(labels)
        true = words_of(label.value.text or "", language)
        said = words_of(" ".join(item.label for item in value.items or ()), language)
        errors += word_errors(said, true)
        total += len(true)
        clips += 1
    return Score(errors / total, clips) if total else None


def _by_language(by_extractor: Mapping[str, Sequence[Seen]]) -> dict[str, object]:
    """Part the word error rate by language, and tell that of one speaker's English.

    Labels do not say what is read; a single speaker at full bandwidth comes nearest to it.
    """
    parted: dict[str, object] = {}
    alone: dict[str, object] = {}
    for extractor, seen in sorted(by_extractor.items()):
        by_language: dict[str, list[Seen]] = defaultdict(list)
        for labels, value in seen:
            by_language[spoken_language(labels) or "not labelled"].append((labels, value))
        parted[extractor] = {
            language: {"value": score.value, "clips": score.clips}
            for language, some in sorted(by_language.items())
            if (score := _error_rate(some))
        }
        if score := _error_rate([one for one in seen if _is_alone(one[0])]):
            alone[extractor] = {"value": score.value, "clips": score.clips}
    return {"wer_by_language": parted, "wer_one_english_speaker": alone}


def _is_alone(labels: Labels) -> bool:
    count = labels.one("speaker_count")
    alone = count is not None and count.value is not None and count.value.number == 1
    return alone and spoken_language(labels) == "english" and "bandwidth" not in labels.unknown


_METRICS: Mapping[
    str,
    Mapping[
        str,
        tuple[Callable[[Sequence[Seen]], Score | None], Callable[[Iterable[float]], float]],
    ],
] = {
    "tempo": {
        "accuracy1": (_accuracy((1.0,)), max),
        "accuracy2": (_accuracy(METRICAL_LEVELS), max),
    },
    "key": {"mirex_weighted": (_weighted_key, max)},
    "speaker_count": {"exact": (_exact, max), "mean_absolute_error": (_absolute, min)},
    "turns": {"der": (_time_error("turns"), min)},
    "speech_segments": {
        "detection_error_rate": (_time_error("speech_segments"), min),
        "segment_f1": (_segment_f1, max),
    },
    "words": {"wer": (_error_rate, min)},
}
