"""evaluate: a file of responses → accuracy twice, CAFE's rates, decay and what it can teach."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows import evaluation_files, evaluation_page, matching
from flows.extracting import Extracted, extract
from flows.matching import Case
from flows.progress import say
from flows.teacher import open_teacher
from schemas.errors import BadQuestionFile
from synth.choices import choice_of
from synth.completion import parse
from synth.evaluated import TRIVIAL_PRIOR, Row
from synth.evaluation import hear, hear_plain
from synth.evaluation_report import report
from synth.exporting import refuse_foreign
from synth.official import string_match
from synth.question_files import file_text
from synth.responses import Posed, Refused, read_responses
from synth.reward import score
from warehouse.home import Home

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flows.asked import Asked
    from flows.plan import Plan
    from schemas import GroundCheck
    from synth.evaluated import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """Everything that came of a file of responses."""

    report: Report
    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]
    copies_refused: tuple[str, ...] = ()
    copies_failed: tuple[str, ...] = ()


def evaluate(
    responses: Path,
    home_path: Path,
    *,
    root: Path | None = None,
    benchmark: str | None = None,
    extractor: Plan | None = None,
    out: Path | None = None,
) -> Evaluated:
    """Judge a file of responses, print what it comes to, and write it to a folder.

    Args:
        responses: JSON lines or a JSON list, in MMAU's, MMAR's or our form.
        home_path: whose questions and facts judge the claims; not created where it is missing.
        root: a benchmark's question file, or the folder that holds it.
        benchmark: only the home's questions of this benchmark.
        extractor: names the teacher that copies claims out of prose.
        out: folder for all that was found.

    Raises:
        BadInput: the file cannot be read, nothing in it can be evaluated, or an option is wrong;
            told before anything is judged.
        TeacherDown: the extractor is gone; the same command goes on where it stopped.
    """
    if out is not None:
        refuse_foreign(out)
    if extractor is not None:
        open_teacher(extractor)  # refuses what is no teacher, and starts none
    read = list(read_responses(file_text(responses)))
    placed = list(matching.cases(read, matching.sources(home_path, root, benchmark)))
    cases = [one for one in placed if isinstance(one, Case)]
    refused = [one for one in placed if isinstance(one, Refused)]
    if not cases:
        why = f"{refused[0].place}: {refused[0].reason}" if refused else "it is empty"
        message = f"{responses}: no response can be evaluated; {why}"
        raise BadQuestionFile(message)
    extracted = _extracted(cases, extractor, home_path)
    rows = tuple(_row(one, extracted.get(_prose(one), Extracted())) for one in cases)
    found = Evaluated(
        report=report(rows),
        rows=rows,
        refused=tuple(refused),
        copies_refused=tuple(why for one in extracted.values() for why in one.refused),
        copies_failed=tuple(why for one in extracted.values() for why in one.failed),
    )
    evaluation_page.show(found)
    if out is not None:
        names = evaluation_files.write(found, out)
        say(f"{out}: {', '.join(names)}")
    return found


def _answer(case: Case) -> str | None:
    """Give the text that is held against the choices: an <answer>, or all that was predicted."""
    said = case.response.said
    if said is None:
        return None
    read = parse(said)
    if case.response.form == "ours" or read.answer is not None:
        return read.answer
    return said


def _text(case: Case) -> str:
    """Give the text that is read for claims; "" where there is only an answer."""
    said = case.response.said or ""
    if case.response.thinking:
        return case.response.thinking
    if case.response.form != "ours" and choice_of(said, case.posed.choices) is not None:
        return ""
    return said


def _prose(case: Case) -> str:
    """Give the text that an extractor is asked about: judged, and without our tags."""
    text = _text(case)
    return text if case.asked and case.asked.truth.checks and not parse(text).observes else ""


def _extracted(
    cases: Sequence[Case], extractor: Plan | None, home_path: Path
) -> dict[str, Extracted]:
    if extractor is None:
        return {}
    texts = {
        text: one.question
        for one in cases
        if (text := _prose(one)).strip() and one.asked and _recordings(one.asked) == 1
    }
    return extract(texts, extractor, Home(home_path)) if texts else {}


def _recordings(mine: Asked) -> int:
    """Count a question's recordings; prose does not say which of several it means."""
    return len(mine.question.recordings)


def _row(case: Case, extracted: Extracted) -> Row:
    answer, posed, response = _answer(case), case.posed, case.response
    chosen = None if answer is None else choice_of(answer, posed.choices)
    row = Row(
        place=response.place,
        question=case.question,
        source_id=posed.source_id,
        benchmark=posed.benchmark or (case.asked.question.benchmark if case.asked else ""),
        rollout=case.rollout,
        task=posed.task,
        skill=posed.skill,
        difficulty=posed.difficulty,
        form=response.form,
        key=response.key,
        predicted=response.said is not None,
        answer=answer,
        gold=posed.answer,
        official=_official(case, answer),
        ours=_ours(chosen, posed),
        chosen=None if chosen is None else posed.choices[chosen],
        note=case.note,
    )
    return _judged(row, case, extracted)


def _official(case: Case, answer: str | None) -> bool | None:
    """Apply the official rule to what its script reads: of our form, to the answer."""
    said, posed = case.response.said, case.posed
    if said is None or posed.answer is None:
        return None
    read = (answer or "") if case.response.form == "ours" else said
    return string_match(posed.answer, read, posed.choices)


def _ours(chosen: int | None, posed: Posed) -> bool | None:
    if posed.answer is None:
        return None
    gold = choice_of(posed.answer, posed.choices)
    return gold is not None and chosen == gold


def _judged(row: Row, case: Case, extracted: Extracted) -> Row:
    """Add what the home's facts say of a response's claims."""
    if case.asked is None or not case.asked.truth.checks:
        return row
    truth, text = case.asked.truth, _text(case)
    required = [one for one in truth.checks if one.need == "required"]
    row = replace(
        row,
        checks=len(truth.checks),
        nontrivial=_nontrivial(truth.checks),
        required=len(required),
        nontrivial_required=_nontrivial(required),
    )
    if case.response.said is None:
        return row
    plain = hear_plain(text, truth)
    return replace(
        row,
        written=hear(text, truth, extracted.claims),
        plain=plain,
        tagged=plain is not None,
        score=score(text, case.asked.ground_truth) if case.response.form == "ours" else None,
    )


def _nontrivial(checks: Sequence[GroundCheck]) -> int:
    return sum(one.prior < TRIVIAL_PRIOR for one in checks)
