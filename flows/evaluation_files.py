"""What an evaluation writes: the same responses give the same bytes."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from synth.decay_picture import decay_picture
from synth.evaluated import RATES
from synth.evaluation_report import differs
from synth.exporting import Count, Provenance, fresh_folder, write_manifest
from synth.official import KEYS, SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from flows.evaluate import Evaluated
    from synth.evaluated import Row
    from synth.evaluation import Heard

_PLACES = 6  # decimals of a figure: more is noise
_HEARD = ("written", "plain")


def write(found: Evaluated, out: Path) -> tuple[str, ...]:
    """Write report, rows, differences, claims and the picture into a folder of their own.

    Gives the names of the files.

    Raises:
        BadOption: the folder holds something that no evaluation wrote.
    """
    lines = {
        "rows": [_as_row(one) for one in found.rows],
        "differences": [_as_difference(one) for one in found.rows if differs(one)],
        "claims": [claim for one in found.rows for claim in _claims(one)],
        "refused": [asdict(one) for one in found.refused],
    }
    with fresh_folder(out) as folder:
        for name, rows in lines.items():
            _write(folder / f"{name}.jsonl", map(_json, rows))
        _write(folder / "report.json", [json.dumps(_report(found), indent=2, ensure_ascii=False)])
        picture = decay_picture(found.report.decay)
        if picture:
            (folder / "decay.svg").write_text(picture, encoding="utf-8", newline="\n")
        counts = [Count(name=name, rows=len(rows)) for name, rows in lines.items()]
        files = write_manifest(folder, "evaluate 1", counts, Provenance())
    return tuple(one.name for one in files)


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def _json(row: dict[str, Any]) -> str:
    return json.dumps(_rounded(row), ensure_ascii=False, allow_nan=False)


def _report(found: Evaluated) -> dict[str, Any]:
    told: dict[str, Any] = _rounded(asdict(found.report))
    return {
        "official_rules": SOURCES,
        "official_keys": KEYS,
        "rates": RATES,
        **told,
        "refused": [asdict(one) for one in found.refused],
        "extractor": {
            "refused": list(found.copies_refused),
            "failed": list(found.copies_failed),
        },
    }


def _as_row(row: Row) -> dict[str, Any]:
    told = {one.name: getattr(row, one.name) for one in fields(row) if one.name not in _HEARD}
    told["score"] = None if row.score is None else row.score._asdict()
    return told | {name: _summed(getattr(row, name)) for name in _HEARD}


def _summed(heard: Heard | None) -> dict[str, int] | None:
    if heard is None:
        return None
    kinds = [one.kind for one in heard.told if one.first]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))} | {
        "required": heard.required,
        "missed": heard.missed,
        "words": heard.words,
    }


def _as_difference(row: Row) -> dict[str, Any]:
    names = ("place", "question", "source_id", "task", "skill", "official", "ours", "answer",
             "gold", "chosen")  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _claims(row: Row) -> Iterator[dict[str, Any]]:
    for reading, heard in (("as written", row.written), ("tags off", row.plain)):
        for one in heard.told if heard else ():
            claim, verdict = one.claim, one.verdict
            yield (
                {
                    "place": row.place,
                    "question": row.question,
                    "rollout": row.rollout,
                    "reading": reading,
                    "property": claim.property,
                    "subject": claim.subject,
                    "audio": claim.audio,
                    "span": asdict(claim.span) if claim.span else None,
                    "said": claim.said,
                    "start": claim.start,
                    "end": claim.end,
                    "source": one.source,
                    "kind": one.kind,
                    "alone": one.alone,
                    "first": one.first,
                    "misused": one.misused,
                    "judgement": verdict.judgement,
                    "check": verdict.check,
                    "reason": verdict.reason,
                    "position": one.position,
                    "step": one.step,
                }
            )


def _rounded(found: Any) -> Any:
    if isinstance(found, float):
        return round(found, _PLACES)
    if isinstance(found, dict):
        return {name: _rounded(one) for name, one in found.items()}
    if isinstance(found, list | tuple):
        return [_rounded(one) for one in found]
    return found
