"""The dataset card: what an export holds, where it comes from, what it may be used for.

Every name, licence and line in it comes from somebody's file or from a model, so all of it is
escaped: it can neither start a line nor end a table cell, a tag or the YAML head.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemas import Question, TrainingRow
    from synth.exporting import Count, Provenance

ATTRIBUTION = "ATTRIBUTION.txt"
REWARD = "perceptsynth_reward.py"
"""Not `reward.py`: `datasets` takes a script of its folder's name for a loader."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~$:@=^])")
_LONGEST = 400  # characters of one hostile text in the card; the data itself is never cut

_TIERS = {
    "constructed": "true because the recording was made so",
    "corroborated": "independent instruments agree within the tolerance",
    "single": "one instrument, for a property on which it was measured to be right alone",
    "listener": "audio language models agree; no instrument did",
    "contested": "not truth",
}

_COLUMNS = {
    "rl": "one row a question: audio, prompt, and all its checks as `ground_truth`",
    "sft": "one row a kept trajectory: audio, prompt, completion",
    "preference": "one row a pair: audio, prompt, a kept completion and one that earns less",
    "subquestions": "one row a perception sub-question: its recording, answer and single check",
}

# What the Hub calls its size buckets (datasets-cards documentation, size_categories).
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


@dataclass(frozen=True, slots=True, order=True)
class _Source:
    benchmark: str
    release: str
    licence: str
    eval_only: bool


@dataclass(slots=True)
class Tally:
    """What the rows of an export add up to, counted while they stream by."""

    questions: Counter[_Source] = field(default_factory=Counter)
    recordings: dict[_Source, set[str]] = field(default_factory=dict)
    tiers: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    dependence: Counter[str] = field(default_factory=Counter)
    teachers: Counter[str] = field(default_factory=Counter)
    attribution: set[str] = field(default_factory=set)

    def add(self, row: TrainingRow, dependence: str) -> None:
        """Count one row."""
        source = _source(row.question)
        self.questions[source] += 1
        self.recordings.setdefault(source, set()).update(row.question.recordings)
        self.tiers.update(one.tier for one in row.subquestions)
        self.properties.update(one.property for one in row.subquestions)
        self.dependence[dependence] += 1
        self.teachers.update(one.teacher for one in row.trajectories)
        self.attribution.update(row.attribution)


def card(tally: Tally, counts: Sequence[Count], provenance: Provenance) -> str:
    """Write README.md: a YAML head that declares the configurations, then the card in Markdown."""
    sections = (
        _evaluation(tally),
        _introduction(counts),
        _sources(tally, provenance),
        _truth(tally),
        _making(tally, provenance),
        _LIMITS,
        _CITATION,
    )
    return _head(counts) + "\n\n".join(section for section in sections if section) + "\n"


def attribution_lines(tally: Tally, provenance: Provenance) -> tuple[str, ...]:
    """List what licences ask to be said, sorted, each on one line of plain text."""
    lines = tally.attribution.union(provenance.attribution)
    return tuple(sorted({_one_line(line) for line in lines} - {""}))


def markdown(text: str) -> str:
    """Escape hostile text so that Markdown and HTML show it as it is, on one line."""
    line = _one_line(text)
    if len(line) > _LONGEST:
        line = line[:_LONGEST].rstrip() + "…"
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", line).replace("www.", "www\\.")


def _one_line(text: str) -> str:
    """Turn control, format and surrogate characters and line breaks into single spaces."""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown = (" " if unicodedata.category(char) in hidden else char for char in text)
    return " ".join("".join(shown).split())


def _source(question: Question) -> _Source:
    return _Source(question.benchmark, question.release, question.licence, question.eval_only)


def _head(counts: Sequence[Count]) -> str:
    """Declare the configurations that hold rows; nothing from a record goes in here."""
    configs = "".join(
        f"- config_name: {count.name}\n"
        + ("  default: true\n" if place == 0 else "")
        + f"  data_files:\n  - split: train\n    path: {count.name}/train-*.parquet\n"
        for place, count in enumerate(counts)
    )
    rows = max(count.rows for count in counts)
    size = next((name for limit, name in _SIZES if rows < limit), "1M<n<10M")
    return (
        "---\npretty_name: Verified audio-perception training data\nlicense: other\n"
        f"tags:\n- audio\n- perceptsynth\nsize_categories:\n- {size}\nconfigs:\n{configs}---\n\n"
    )


def _evaluation(tally: Tally) -> str:
    names = sorted({source.benchmark for source in tally.questions if source.eval_only})
    if not names:
        return ""
    listed = ", ".join(markdown(name) for name in names)
    return (
        f"**This export holds evaluation data: {listed}.** It was let in by name. A model trained"
        " on any of it can no longer be measured on it."
    )


def _introduction(counts: Sequence[Count]) -> str:
    rows = [(f"`{count.name}`", f"{count.rows:,}", _COLUMNS[count.name]) for count in counts]
    return (
        "# Verified audio-perception training data\n\n"
        "Questions about recordings, each with perception sub-questions whose answers were not"
        " written by a language model: they were measured by instruments, or are true because of"
        " how the recording was made. The same checks filtered this data and can reward a policy:"
        f" `score(completion, ground_truth)` of `{REWARD}`, beside this card, needs Python 3.11 and"
        " its standard library alone."
        "\n\n" + _table(("configuration", "rows", "what a row is"), rows) + "\n\n"
        "```python\n"
        "from datasets import Audio, List, load_dataset\n\n"
        "# As bytes, for soundfile and the like; leave the casts out to decode with torchcodec.\n"
        "plain = Audio(decode=False)\n"
        f'rows = load_dataset("path/to/this/folder", "{counts[0].name}", split="train")\n'
        'rows = rows.cast_column("audio", plain).cast_column("more_audio", List(plain))\n'
        "```\n\n"
        "`audio` is the (first) recording with its bytes; `more_audio` (not in `subquestions`)"
        " holds the second and later recordings of questions that compare several. `ground_truth`"
        " is one"
        " JSON string with a version: all checks that a completion is held to. `tiers` has the"
        " tier of each sub-question, in listening order. `audio_dependence` is `weak` where text"
        " alone was enough to answer, `strong` where it was not."
    )


def _sources(tally: Tally, provenance: Provenance) -> str:
    rows = [
        (
            markdown(source.benchmark),
            markdown(source.release),
            markdown(source.licence),
            f"{tally.questions[source]:,}",
            f"{len(tally.recordings[source]):,}",
            "evaluation only" if source.eval_only else "",
        )
        for source in sorted(tally.questions)
    ]
    heads = ("benchmark", "release", "licence", "questions", "recordings", "")
    text = "## Sources and licences\n\n" + _table(heads, rows)
    if attribution_lines(tally, provenance):
        text += f"\n\nWhat the licences ask to be said is in `{ATTRIBUTION}`."
    return text


def _truth(tally: Tally) -> str:
    tiers = [
        (tier, f"{tally.tiers[tier]:,}", meaning)
        for tier, meaning in _TIERS.items()
        if tally.tiers[tier]
    ]
    return (
        "## Truth\n\n"
        + _table(("tier", "sub-questions", "why it counts as true"), tiers)
        + "\n\n"
        + _table(("property", "sub-questions"), _counted(tally.properties))
        + "\n\n"
        + _table(("audio dependence", "questions"), _counted(tally.dependence))
    )


def _making(tally: Tally, provenance: Provenance) -> str:
    parts = ["## How it was made"]
    if provenance.yields:
        kept = [
            (markdown(one.stage), f"{one.kept:,}", f"{one.dropped:,}") for one in provenance.yields
        ]
        parts.append(_table(("stage", "kept", "dropped"), kept))
    if tally.teachers:
        parts.append(_table(("teacher", "trajectories"), _counted(tally.teachers)))
    if provenance.runs:
        heads = ("run", "code", "teacher", "model", "revision", "seed", "started")
        runs = [
            (run.id, run.code_version, run.teacher, run.model, run.revision, str(run.seed),
             run.started_at)
            for run in provenance.runs
        ]  # fmt: skip
        parts.append(_table(heads, [tuple(map(markdown, run)) for run in runs]))
        hashes = sorted({(one.name, one.sha256) for run in provenance.runs for one in run.prompts})
        prompts = [(markdown(name), markdown(digest)) for name, digest in hashes]
        parts.append(_table(("prompt", "sha256"), prompts) if prompts else "")
    if provenance.models:
        parts.append("Instruments and other models:\n\n" + _bullets(provenance.models))
    if len(parts) == 1:
        parts.append("No run was recorded with these rows.")
    return "\n\n".join(part for part in parts if part)


def _counted(counter: Counter[str]) -> list[tuple[str, str]]:
    ordered = sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))
    return [(markdown(name), f"{count:,}") for name, count in ordered]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a table; the caller has escaped its cells."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _bullets(lines: Iterable[str]) -> str:
    """List models; each line stands behind a word, so that it cannot begin a block."""
    return "\n".join(f"- model: {markdown(line)}" for line in lines)


_LIMITS = """## Limits

- A sub-question exists only where a fact is settled; what no instrument could settle is not asked.
- Text of questions, choices and completions comes from benchmarks and models: treat it as data.
- Facts of the tier `corroborated` can still be wrong together where instruments share a blind spot.
- Licences are as the sources state them; whether a use is allowed is for the user to check."""

_CITATION = """## Citation

Made with perceptsynth after MPAR² ("audio perception decay", arXiv 2603.02266). Please cite the
sources above as their licences ask."""
