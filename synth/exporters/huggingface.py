"""A folder of Parquet shards with embedded audio that `datasets.load_dataset` opens as it is.

Four configurations: `rl` (a question), `sft` (a trajectory), `preference` (a trajectory and one
that earns less), `subquestions` (a sub-question).
Only pyarrow is needed to write: the schema's metadata tells `datasets` which column is audio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from schemas.errors import BadInput, BadRecord
from synth.assemble import single_ground_truth
from synth.dataset_card import ATTRIBUTION, REWARD, Tally, attribution_lines, card
from synth.exporting import (
    Count,
    Exported,
    Provenance,
    audio_of,
    file_name,
    fresh_folder,
    policy_prompt,
    refuse_evaluation,
    write_manifest,
)
from synth.ground_truth import to_json
from synth.one_file import reward_source
from synth.parquet import AUDIO, Shards, read_back, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from schemas import HardNegative, TrainingRow, Trajectory

VERSION = "2"

_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())

_ORIGIN = [
    ("id", _TEXT), ("question_id", _TEXT), ("benchmark", _TEXT), ("release", _TEXT),
    ("source_split", _TEXT), ("source_id", _TEXT), ("task", _TEXT), ("skill", _TEXT),
    ("licence", _TEXT), ("attribution", _TEXTS), ("eval_only", pa.bool_()),
]  # fmt: skip

_SOUND = [("recordings", _TEXTS), ("audio", AUDIO), ("more_audio", pa.list_(AUDIO))]

_COLUMNS = {
    "rl": [
        *_ORIGIN, *_SOUND, ("prompt", _TEXT), ("question", _TEXT), ("choices", _TEXTS),
        ("answer", _TEXT), ("ground_truth", _TEXT), ("n_subquestions", pa.int32()),
        ("tiers", _TEXTS), ("audio_dependence", _TEXT),
    ],
    "sft": [
        *_ORIGIN, *_SOUND, ("prompt", _TEXT), ("completion", _TEXT), ("answer", _TEXT),
        ("teacher", _TEXT), ("sampling", _TEXT), ("rollout", pa.int32()),
        ("sufficiency", _TEXT), ("audio_dependence", _TEXT),
    ],
    "preference": [
        *_ORIGIN, *_SOUND, ("prompt", _TEXT), ("chosen", _TEXT), ("rejected", _TEXT),
        ("source", _TEXT), ("kind", _TEXT), ("property", _TEXT), ("said", _TEXT),
        ("reason", _TEXT), ("trajectory", _TEXT), ("chosen_reward", pa.float64()),
        ("rejected_reward", pa.float64()), ("audio_dependence", _TEXT),
    ],
    "subquestions": [
        *_ORIGIN, ("position", pa.int32()), *_SOUND[:2], ("prompt", _TEXT), ("question", _TEXT),
        ("property", _TEXT), ("subject", _TEXT), ("start_s", pa.float64()),
        ("end_s", pa.float64()), ("answer", _TEXT), ("choices", _TEXTS),
        ("distractors", _TEXTS), ("prior", pa.float64()), ("tier", _TEXT), ("need", _TEXT),
        ("ground_truth", _TEXT),
    ],
}  # fmt: skip


def export(
    rows: Iterable[TrainingRow],
    audio: Callable[[str], bytes],
    path: Path,
    provenance: Provenance,
) -> Exported:
    """Write rows to the folder `path`, which appears whole or not at all.

    Rows stream through: at most a row group of each configuration is in memory. The same rows
    give the same bytes. An earlier export of ours at `path` is replaced.

    Raises:
        BadInput: there are no rows, or evaluation data that `provenance` does not allow.
        BadOption: `path` holds something that is not an export of ours.
        BadRecord: text that is not Unicode; a pair whose chosen completion earns no more than its
            rejected one; or a file that does not read back as written.
        UnreadableAudio: the bytes of a recording are not those that it was read from.
    """
    tally = Tally()
    with fresh_folder(path) as folder:
        writers = {
            name: Shards(folder=folder / name, schema=schema(columns))
            for name, columns in _COLUMNS.items()
        }
        for row in rows:
            _write(row, audio, provenance, writers)
            tally.add(row, _dependence(row))
        counts = tuple(
            Count(name=name, rows=writer.finish())
            for name, writer in writers.items()
            if writer.rows
        )
        if not counts:
            message = "nothing to export: no question with a verified sub-question was given"
            raise BadInput(message)
        for count in counts:
            read_back(folder / count.name, count.rows)
        _put(folder / "README.md", card(tally, counts, provenance))
        _put(folder / REWARD, reward_source())
        lines = attribution_lines(tally, provenance)
        if lines:
            _put(folder / ATTRIBUTION, "".join(f"{line}\n" for line in lines))
        files = write_manifest(folder, f"huggingface {VERSION}", counts, provenance)
    return Exported(path=path, counts=counts, files=files)


def _write(
    row: TrainingRow,
    audio: Callable[[str], bytes],
    provenance: Provenance,
    writers: dict[str, Shards],
) -> None:
    refuse_evaluation(row.question, provenance)
    _hold_together(row)
    sound = audio_of(row.question.recordings, audio)
    weight = sum(map(len, sound.values()))
    origin = _origin(row) | _sound(row.question.recordings, sound)
    writers["rl"].add(origin | _rl(row), weight)
    for trained in _sft(row):
        writers["sft"].add(origin | trained, weight)
    for pair in _preference(row):
        writers["preference"].add(origin | pair, weight)
    for asked, recording in zip(_subquestions(row), row.subquestions, strict=True):
        heard = _sound((recording.recording,), sound)
        writers["subquestions"].add(origin | heard | asked, len(sound[recording.recording]))


def _hold_together(row: TrainingRow) -> None:
    strangers = [one.id for one in row.subquestions if one.recording not in row.question.recordings]
    if not row.question.recordings or strangers:
        whose = f"sub-question {strangers[0]} is of another" if strangers else "it has no"
        message = f"a question is exported with its recordings, but {whose} recording"
        raise BadRecord(message, record_id=row.question.id)


def _chosen(row: TrainingRow, negative: HardNegative) -> Trajectory:
    """Find what a pair chooses; a pair that would teach the worse of two is never written."""
    chosen = next((one for one in row.trajectories if one.id == negative.trajectory), None)
    if chosen is None:
        message = f"a pair chooses trajectory {negative.trajectory}, which its row does not have"
        raise BadRecord(message, record_id=negative.id)
    if not negative.chosen_reward > negative.rejected_reward:
        message = (
            f"a pair's chosen completion must earn more than its rejected one, but they earn"
            f" {negative.chosen_reward} and {negative.rejected_reward}"
        )
        raise BadRecord(message, record_id=negative.id)
    return chosen


def _origin(row: TrainingRow) -> dict[str, object]:
    question = row.question
    return {
        "question_id": question.id,
        "benchmark": question.benchmark,
        "release": question.release,
        "source_split": question.split,
        "source_id": question.source_id,
        "task": question.task,
        "skill": question.skill,
        "licence": question.licence,
        "attribution": row.attribution,
        "eval_only": question.eval_only,
    }


def _sound(recordings: Sequence[str], sound: dict[str, bytes]) -> dict[str, object]:
    embedded = [
        {"bytes": sound[recording], "path": file_name(recording, sound[recording])}
        for recording in recordings
    ]
    return {"recordings": recordings, "audio": embedded[0], "more_audio": embedded[1:]}


def _rl(row: TrainingRow) -> dict[str, object]:
    question = row.question
    return {
        "id": question.id,
        "prompt": policy_prompt(question.text, question.choices),
        "question": question.text,
        "choices": question.choices,
        "answer": question.answer,
        "ground_truth": row.ground_truth,
        "n_subquestions": len(row.subquestions),
        "tiers": [one.tier for one in row.subquestions],
        "audio_dependence": _dependence(row),
    }


def _sft(row: TrainingRow) -> Iterator[dict[str, object]]:
    for one in row.trajectories:
        yield {
            "id": one.id,
            "prompt": policy_prompt(row.question.text, row.question.choices),
            "completion": one.completion,
            "answer": one.answer,
            "teacher": one.teacher,
            "sampling": one.sampling,
            "rollout": one.rollout,
            "sufficiency": one.sufficiency,
            "audio_dependence": one.audio_dependence,
        }


def _preference(row: TrainingRow) -> Iterator[dict[str, object]]:
    for one in row.negatives:
        chosen = _chosen(row, one)
        yield {
            "id": one.id,
            "prompt": policy_prompt(row.question.text, row.question.choices),
            "chosen": chosen.completion,
            "rejected": one.completion,
            "source": one.source,
            "kind": one.kind,
            "property": one.property,
            "said": one.said,
            "reason": one.reason,
            "trajectory": chosen.id,
            "chosen_reward": one.chosen_reward,
            "rejected_reward": one.rejected_reward,
            "audio_dependence": chosen.audio_dependence,
        }


def _subquestions(row: TrainingRow) -> Iterator[dict[str, object]]:
    for one in row.subquestions:
        yield {
            "id": one.id,
            "position": one.position,
            "prompt": policy_prompt(one.text, one.choices),
            "question": one.text,
            "property": one.property,
            "subject": one.subject,
            "start_s": one.span.start_s if one.span else None,
            "end_s": one.span.end_s if one.span else None,
            "answer": one.answer,
            "choices": one.choices,
            "distractors": one.distractors,
            "prior": one.prior,
            "tier": one.tier,
            "need": one.need,
            "ground_truth": to_json(single_ground_truth(one)),
        }


def _dependence(row: TrainingRow) -> str:
    """Tell what all kept trajectories say of the question, else undecided."""
    said = {one.audio_dependence for one in row.trajectories}
    return said.pop() if len(said) == 1 else "undecided"


def _put(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")
