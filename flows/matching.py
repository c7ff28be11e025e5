"""Which question a response answers: looked up in the row, in a question file, in the home."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.asked import asked
from flows.progress import say
from schemas.errors import BadOption
from synth.question_files import file_text
from synth.questions import plain_choice
from synth.responses import Posed, Refused, Response, read_posed
from warehouse.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from flows.asked import Asked

_QUESTION_FILES = ("mmau-test-mini.json", "mmau-test.json", "MMAR-meta.jsonl", "sample.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A response with the question that it answers."""

    response: Response
    rollout: int
    posed: Posed
    """as it is scored: by the row itself, by the file that was named, or by the home"""
    asked: Asked | None
    """what the home knows of it"""
    note: str

    @property
    def question(self) -> str:
        """What rollouts of one question share."""
        return self.asked.question.id if self.asked else self.posed.source_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where questions are looked up: by our id, and by the benchmark's own."""

    known: dict[str, list[Asked]]
    filed: dict[str, Posed]


def sources(home_path: Path, root: Path | None, benchmark: str | None) -> Sources:
    """Collect the questions that responses may name.

    Raises:
        BadInput: the question file cannot be read, or it is not clear which file is meant.
    """
    return Sources(known=_known(home_path, benchmark), filed=_filed(root))


def cases(read: Iterable[Response | Refused], sources: Sources) -> Iterator[Case | Refused]:
    """Match responses with their questions; what fits none, or two, is refused."""
    rollouts: defaultdict[str, int] = defaultdict(int)
    for one in read:
        case = _case(one, sources) if isinstance(one, Response) else one
        if isinstance(case, Case):
            case = replace(case, rollout=rollouts[case.question])
            rollouts[case.question] += 1
        yield case


def _case(response: Response, sources: Sources) -> Case | Refused:
    known = sources.known.get(response.name, [])
    filed = sources.filed.get(response.name)
    if len(known) > 1:
        judged = [one for one in known if any(c.need == "required" for c in one.truth.checks)]
        known = judged if len(judged) == 1 else known
    if len(known) > 1:
        which = ", ".join(f"{one.question.id} ({one.question.benchmark})" for one in known)
        reason = f"{response.name!r} is {len(known)} questions of the home: {which}"
        return Refused(place=response.place, reason=reason)
    mine = known[0] if known else None
    posed = response.posed or filed or (_of_home(mine) if mine else None)
    if posed is None:
        where = "the home's or of the file of --root" if sources.filed else "the home's"
        reason = (
            f"question {response.name!r}: expected one of {where},"
            " or `question`, `choices` and `answer` in the row itself"
        )
        return Refused(place=response.place, reason=reason)
    if filed is not None and not posed.difficulty:
        posed = replace(posed, difficulty=filed.difficulty)
    note = response.note
    if mine and not _same(posed, mine):
        note = "; ".join(filter(None, (note, "the home has another wording of this question")))
    return Case(response=response, rollout=0, posed=posed, asked=mine, note=note)


def _of_home(mine: Asked) -> Posed:
    one = mine.question
    return Posed(
        source_id=one.source_id, text=one.text, choices=one.choices, answer=one.answer,
        benchmark=one.benchmark, task=one.task, skill=one.skill,
    )  # fmt: skip


def _same(posed: Posed, mine: Asked) -> bool:
    choices = tuple(dict.fromkeys(c for c in map(plain_choice, posed.choices) if c))
    answer = None if posed.answer is None else plain_choice(posed.answer)
    return (choices, answer) == (mine.question.choices, mine.question.answer)


def _known(home_path: Path, benchmark: str | None) -> dict[str, list[Asked]]:
    if not (home_path.expanduser() / "shards").is_dir():
        return {}
    known: defaultdict[str, list[Asked]] = defaultdict(list)
    for one in asked(Home(home_path), benchmark):
        known[one.question.id].append(one)
        known[one.question.source_id].append(one)
    return dict(known)


def _filed(root: Path | None) -> dict[str, Posed]:
    if root is None:
        return {}
    path = root
    if root.is_dir():
        found = [root / name for name in _QUESTION_FILES if (root / name).is_file()]
        if len(found) != 1:
            message = f"{root}: expected one of {', '.join(_QUESTION_FILES)}: name the file itself"
            raise BadOption(message)
        path = found[0]
    filed: dict[str, Posed] = {}
    for one in read_posed(file_text(path)):
        if isinstance(one, Refused):
            say(f"not used: {path}, {one.place}: {one.reason}")
        else:
            filed.setdefault(one.source_id, one)
    return filed
