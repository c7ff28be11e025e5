"""What every exporter promises, whichever file of synth/exporters it is."""

from __future__ import annotations

import hashlib
import inspect
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from schemas import (
    Check,
    HardNegative,
    Question,
    Subquestion,
    TrainingRow,
    Trajectory,
    Value,
    Weights,
)
from schemas.errors import BadInput, BadOption
from schemas.perception import GroundCheck, GroundTruth
from synth import plugins
from synth.exporting import Exported, Provenance
from synth.ground_truth import to_json

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parametrize("name", plugins.names("exporters"))


def _sound() -> bytes:
    heard = io.BytesIO()
    soundfile.write(heard, np.zeros(800, dtype=np.float32), 16_000, format="WAV")
    return heard.getvalue()


SOUND = _sound()
RECORDING = hashlib.sha256(SOUND).hexdigest()
QUESTION = Question(
    id="q",
    benchmark="silence",
    release="1",
    split="all",
    source_id="1",
    recordings=(RECORDING,),
    text="Does anybody speak?",
    choices=("yes", "no"),
    answer="no",
    licence="CC0-1.0",
    eval_only=False,
)
CHECK = Check(
    kind="equals",
    target=Value(text="no"),
    accepted=("no",),
    unit="",
    tolerance=0.0,
    relative=False,
    zero_at=None,
    source="exact",
)
ASKED = Subquestion(
    id="s",
    question="q",
    position=0,
    text="Is speech heard?",
    property="presence",
    subject="speech",
    recording=RECORDING,
    span=None,
    fact="f",
    check=CHECK,
    answer="no",
    distractors=("yes",),
    choices=("yes", "no"),
    prior=0.5,
    tier="constructed",
    need="required",
    run="r",
)
TRUTH = GroundTruth(
    version="1",
    answer="no",
    choices=("yes", "no"),
    weights=Weights(),
    checks=(
        GroundCheck(
            id="s",
            property="presence",
            subject="speech",
            audio=1,
            recording=RECORDING,
            span=None,
            exclusive=True,
            prior=0.5,
            need="required",
            state="known",
            check=CHECK,
        ),
    ),
)
KEPT = Trajectory(
    id="t",
    question="q",
    run="r",
    rollout=0,
    subquestions=("s",),
    steps=(),
    draft="no",
    review="So it is.",
    answer="no",
    completion="<answer>no</answer>",
    teacher="replay",
    sampling="{}",
    probes=(),
    sufficiency="undecided",
    audio_dependence="strong",
    kept=True,
)
WORSE = HardNegative(
    id="n",
    run="r",
    question="q",
    trajectory="t",
    source="sibling",
    kind="wrong_answer",
    claim="",
    property="",
    said="yes",
    completion="<answer>yes</answer>",
    check="",
    reason="it answers 'yes'",
    chosen_reward=1.0,
    rejected_reward=0.2,
    version="1",
)
ROW = TrainingRow(
    question=QUESTION,
    subquestions=(ASKED,),
    trajectories=(KEPT,),
    ground_truth=to_json(TRUTH),
    negatives=(WORSE,),
)


def export(name: str, path: Path, *rows: TrainingRow, allow: tuple[str, ...] = ()) -> Exported:
    exporter = plugins.load("exporters", name)
    done = exporter.export(iter(rows), lambda _: SOUND, path, Provenance(allow_eval=allow))
    assert isinstance(done, Exported)
    return done


def files(folder: Path) -> dict[str, bytes]:
    found = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}


def test_it_is_a_module_with_a_version_and_an_export(name: str) -> None:
    exporter = plugins.load("exporters", name)

    assert exporter.__doc__
    assert isinstance(exporter.VERSION, str)
    assert list(inspect.signature(exporter.export).parameters) == [
        "rows",
        "audio",
        "path",
        "provenance",
    ]
    assert inspect.getdoc(exporter.export)


def test_it_tells_what_it_wrote(name: str, tmp_path: Path) -> None:
    done = export(name, tmp_path / "out", ROW)

    assert done.path == tmp_path / "out"
    assert sum(count.rows for count in done.counts) > 0
    assert {file.name: file.sha256 for file in done.files} == {
        file: hashlib.sha256(content).hexdigest()
        for file, content in files(tmp_path / "out").items()
    }


def test_the_same_rows_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    export(name, tmp_path / "one", ROW)
    export(name, tmp_path / "two", ROW)
    before = files(tmp_path / "one")
    export(name, tmp_path / "one", ROW)

    assert before == files(tmp_path / "two") == files(tmp_path / "one")


def test_evaluation_data_stays_out_unless_named(name: str, tmp_path: Path) -> None:
    evaluation = replace(ROW, question=replace(QUESTION, eval_only=True))

    with pytest.raises(BadInput, match="evaluation data of 'silence'"):
        export(name, tmp_path / "out", evaluation)
    assert list(tmp_path.iterdir()) == []

    with pytest.raises(BadInput, match="evaluation data of 'silence'"):
        export(name, tmp_path / "out", evaluation, allow=("noise",))
    export(name, tmp_path / "out", evaluation, allow=("silence",))


def test_nothing_to_export_is_an_error_not_an_empty_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing to export"):
        export(name, tmp_path / "out")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_ours_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(BadOption, match=r"thesis\.txt"):
        export(name, tmp_path, ROW)

    assert files(tmp_path) == {"thesis.txt": b"mine"}
