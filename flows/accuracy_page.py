"""The accuracy table as a page: for a terminal, and for docs/accuracy.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synth.accuracy import TIERS, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from synth.accuracy import Rate, Reading, Row, Table

_MOST_ERRORS = 5  # a property
_MOST_UNJUDGED = 12  # claims
_HEAD = """# Accuracy

How often facts are true, on labelled recordings that nobody here made. Written by
`synth accuracy MANIFEST.jsonl --markdown docs/accuracy.md`.

A cell is the share of claims that are right, its 95 % interval (Wilson) and how many were judged.
Coverage is the share of labelled clips that have a corroborated fact. `overall` is of the
corroborated tier, over the properties that two independent witnesses tell of; each fact weighs
one, a list by the share of its items that are right, and coverage is the mean over these
properties.
"""
_RULES = """## How a claim is judged

- A number, name or key is right within the property's own tolerance. A tempo is judged by
  Accuracy1; where the fact or the label leaves the metrical level open, by Accuracy2 (times 2, 3,
  1/2, 1/3). A label that is sure of the tonic alone judges the tonic alone.
- A list is judged item by item: each word must occur in the transcript, in order; a stretch of
  speech must lie in labelled speech, but for 0.25 s at its ends; more than half of a turn must be
  its speaker's, speakers named as fits best.
- Labels of sounds are free text and say what is there, never what is not. A claimed class is right
  where a label is it or surely a kind of it, by AudioSet's ontology. It is wrong only where labels
  rule it out: another maker of the same sort of sound (a cat for a dog, a flute for a trumpet)
  while the one labelled maker is not claimed at all; a woman's speech where one man speaks; a
  conversation where one person speaks. All else is not judged, and listed below.
- That something is not there is judged where a label says that it is: "no speech" is wrong where
  there is a transcript, "no tempo" where a tempo is labelled.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a person must know besides the table."""

    unknown: Mapping[str, str] = field(default_factory=dict)
    """kind of label -> why nothing is judged by it, and in how many clips"""
    problems: tuple[str, ...] = ()
    """lines, files and labels that cannot be used"""
    instruments: tuple[str, ...] = ()
    """the extractors that looked, each with its version"""


def page(found: Table, told: Told) -> str:
    """Write the whole page."""
    return "\n".join([
        _HEAD,
        *_overall(found),
        *_rows(found),
        *_metrics(found),
        *_errors(found),
        *_unjudged(found, told),
        _RULES,
        *_instruments(told),
    ])  # fmt: skip


def _overall(found: Table) -> Iterator[str]:
    if found.coverage is None:
        yield "**Overall**: no label is of a property that two witnesses tell of.\n"
        return
    yield (
        f"**Overall**: precision {_cell(found.overall)} facts, coverage {found.coverage:.2f}, "
        f"{found.labelled} labelled clips.\n"
    )


def _rows(found: Table) -> Iterator[str]:
    tiers = [tier for tier in TIERS if any(tier in row.tiers for row in found.rows)]
    yield f"| property | labelled | coverage | {' | '.join(tiers)} |"
    yield f"| --- | --: | --: |{' --- |' * len(tiers)}"
    for row in found.rows:
        cells = [_cell(row.tiers[tier]) if tier in row.tiers else "" for tier in tiers]
        name = row.property if row.two_witnesses else f"{row.property} ¹"
        yield f"| {name} | {row.labelled} | {row.coverage:.2f} | {' | '.join(cells)} |"
    yield ""
    if not all(row.two_witnesses for row in found.rows):
        yield "¹ one witness, or derived by code from what counts already: not in `overall`.\n"


def _cell(rate: Rate) -> str:
    if rate.precision is None:
        return "none judged"
    return f"{rate.precision:.3f} [{rate.low:.2f}, {rate.high:.2f}] of {rate.n}"


def _metrics(found: Table) -> Iterator[str]:
    lines = [
        f"- {row.property}: {name.replace('_', ' ')} {_figure(figure)}"
        for row in found.rows
        for name, figure in row.metrics.items()
        if name != "unjudged"
    ]
    if lines:
        yield "## Metrics, of single extractors where not said otherwise\n"
        yield from (*lines, "")


def _figure(figure: object) -> str:
    if isinstance(figure, dict) and figure.keys() == {"clips", "value"}:
        return f"{_figure(figure['value'])} ({figure['clips']} clips)"
    if isinstance(figure, dict):
        return "; ".join(f"{name} {_figure(one)}" for name, one in figure.items())
    return f"{figure:.3f}" if isinstance(figure, float) else str(figure)


def _errors(found: Table) -> Iterator[str]:
    wrong = [row for row in found.rows if row.errors]
    if not wrong:
        return
    yield "## Worst errors by clip\n"
    for row in wrong:
        yield f"**{row.property}**\n"
        yield from (f"- {_error(one)}" for one in row.errors[:_MOST_ERRORS])
        if len(row.errors) > _MOST_ERRORS:
            yield f"- and {len(row.errors) - _MOST_ERRORS} more"
        yield ""


def _error(one: Reading) -> str:
    of = f" of {one.subject}" if one.subject else ""
    said = f"{one.tier} {_quoted(', '.join(one.faults) or one.said)}"
    many = f", {one.wrong} of {one.right + one.wrong} wrong" if one.right + one.wrong > 1 else ""
    witnesses = ", ".join(one.witnesses)
    return f"`{one.path}`{of}: labelled {_quoted(one.labelled)}, {said} ({witnesses}{many})"


def _quoted(text: str) -> str:
    seemly = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"“{shortened(seemly)}”"


def _unjudged(found: Table, told: Told) -> Iterator[str]:
    claims = [(row, claims) for row in found.rows if (claims := _claims(row))]
    if not (claims or told.unknown or told.problems):
        return
    yield "## Not judged\n"
    for row, listed in claims:
        yield f"- {row.property}: {listed}"
    for kind, why in told.unknown.items():
        yield f"- label `{kind}`: {why}"
    for problem in told.problems:
        yield f"- {problem}"
    yield ""


def _instruments(told: Told) -> Iterator[str]:
    if told.instruments:
        yield f"Instruments and their versions: {'; '.join(told.instruments)}.\n"


def _claims(row: Row) -> str:
    most = [f"{claim} ({clips})" for claim, clips in row.unjudged.items()]
    rest = f" and {len(most) - _MOST_UNJUDGED} more" if len(most) > _MOST_UNJUDGED else ""
    return "; ".join(most[:_MOST_UNJUDGED]) + rest if most else ""
