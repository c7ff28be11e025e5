"""What a kept trajectory is better than: always by its reward, whatever the pair's source."""

from __future__ import annotations

import dataclasses

import pytest

from schemas import (
    GROUND_TRUTH_VERSION,
    Check,
    GroundCheck,
    GroundTruth,
    HardNegative,
    Question,
    Rejection,
    Trajectory,
    Value,
    Weights,
)
from synth.claims import claims
from synth.completion import parse
from synth.filters import TRAJECTORY_FILTERS, Judged, reasons
from synth.ground_truth import to_json
from synth.preferences import Reasoned, hard_negatives
from synth.reward import score
from synth.verify import verify

QUESTION = Question(
    id="q", benchmark="made", release="1", split="train", source_id="1", recordings=("r",),
    text="Which genre fits the tempo?", choices=("Ballad", "Rock"), answer="Rock", licence="CC0",
    eval_only=False,
)  # fmt: skip
TEMPO = Check(
    kind="within", target=Value(number=160.0), accepted=(), unit="bpm", tolerance=0.04,
    relative=True, zero_at=0.5, source="MIREX",
)  # fmt: skip
GROUND = GroundCheck(
    id="s", property="tempo", subject="", audio=1, recording="r", span=None, exclusive=True,
    prior=0.1, need="required", state="known", check=TEMPO,
)  # fmt: skip
TRUTH = GroundTruth(
    version=GROUND_TRUTH_VERSION,
    answer="Rock",
    choices=QUESTION.choices,
    weights=Weights(),
    checks=(GROUND,),
)


def rollout(number: int, observed: str = "160 bpm", answer: str = "Rock", draft: str = "Rock",
            step: str = "That is fast [o1].", truth: GroundTruth = TRUTH) -> Judged:  # fmt: skip
    text = (
        f'<perception><observe id="o1" property="tempo">{observed}</observe></perception>'
        f"<reasoning><step>{step}</step></reasoning>"
        f"<draft>{draft}</draft><review>It fits.</review><answer>{answer}</answer>"
    )
    made = Trajectory(
        id=f"t{number}", question="q", run="run", rollout=number, subquestions=("s",), steps=(),
        draft=draft, review="It fits.", answer=answer, completion=text, teacher="replay",
        sampling="{}", probes=(), sufficiency="undecided", audio_dependence="undecided",
        kept=False,
    )  # fmt: skip
    read = parse(text)
    found = claims(read, truth, made.id)
    judged = Judged(
        trajectory=made, question=QUESTION, completion=read, claims=found,
        verdicts=verify(found, truth),
    )  # fmt: skip
    kept = not reasons(judged, TRAJECTORY_FILTERS)
    return dataclasses.replace(judged, trajectory=dataclasses.replace(made, kept=kept))


def pairs(
    *rollouts: Judged, truth: GroundTruth = TRUTH
) -> tuple[list[HardNegative], list[Rejection]]:
    found = list(hard_negatives(Reasoned(truth=truth, wrong={"s": ("80 bpm",)}, rollouts=rollouts)))
    return (
        [one for one in found if isinstance(one, HardNegative)],
        [one for one in found if isinstance(one, Rejection)],
    )


def test_a_kept_rollout_is_better_than_its_counterfactuals() -> None:
    made, dropped = pairs(rollout(0))
    assert [(one.source, one.kind, one.property, one.said) for one in made] == [
        ("counterfactual", "omitted", "tempo", ""),
        ("counterfactual", "quantity", "tempo", "80 bpm"),
    ]
    assert {(one.trajectory, one.run, one.question, one.check) for one in made} == {
        ("t0", "run", "q", "s")
    }
    assert len({one.id for one in made}) == 2
    assert dropped == []


@pytest.mark.parametrize(
    ("sibling", "kind", "said", "reason"),
    [
        (rollout(1, answer="Ballad"), "wrong_answer", "Ballad", "it answers 'Ballad'"),
        (rollout(1, observed="80 bpm"), "refuted_claim", "80 bpm",
         "tempo '80 bpm': the tempo is another"),
        (rollout(1, observed="80 bpm", answer="Ballad"), "wrong_answer", "Ballad",
         "it answers 'Ballad'"),
    ],
)  # fmt: skip
def test_a_dropped_rollout_is_what_the_first_kept_one_is_better_than(
    sibling: Judged, kind: str, said: str, reason: str
) -> None:
    made, dropped = pairs(sibling, rollout(3), rollout(2))
    (one,) = [each for each in made if each.source == "sibling"]
    assert (one.trajectory, one.kind, one.said, one.reason) == ("t2", kind, said, reason)
    assert one.completion == sibling.trajectory.completion
    assert (one.claim, dropped) == ("", [])


@pytest.mark.parametrize(
    "sibling",
    [rollout(1, observed="quick"), rollout(1, step="<b>Fast</b> [o1]."), rollout(1, step="Fast.")],
)
def test_what_is_malformed_or_unverifiable_is_not_known_to_be_worse(sibling: Judged) -> None:
    assert not sibling.trajectory.kept
    made, _ = pairs(rollout(0), sibling)
    assert {one.source for one in made} == {"counterfactual"}


def test_without_a_kept_rollout_there_is_nothing_to_prefer() -> None:
    assert pairs(rollout(0, answer="Ballad"), rollout(1, observed="80 bpm")) == ([], [])


def test_every_pair_earns_what_it_says_and_the_chosen_one_earns_more() -> None:
    known = to_json(TRUTH)
    rollouts = [rollout(0), rollout(1, answer="Ballad"), rollout(2, observed="80 bpm")]
    made, _ = pairs(*rollouts)
    chosen = {one.trajectory.id: one.trajectory.completion for one in rollouts}
    assert len(made) == 4
    for one in made:
        assert one.chosen_reward == score(chosen[one.trajectory], known).total
        assert one.rejected_reward == score(one.completion, known).total
        assert one.chosen_reward > one.rejected_reward


def test_what_earns_no_less_is_no_pair_but_is_counted() -> None:
    unweighed = dataclasses.replace(
        TRUTH, weights=Weights(perception=0.0, perception_graded=0.0, omission=0.0)
    )
    made, dropped = pairs(rollout(0, truth=unweighed), truth=unweighed)
    assert made == []
    assert [(one.stage, one.kind, one.filter, one.reason) for one in dropped] == [
        ("contrast", "hard_negative", "earns_no_less",
         "omitted: it earns 1.000, the chosen one 1.000"),
        ("contrast", "hard_negative", "earns_no_less",
         "quantity: it earns 1.000, the chosen one 1.000"),
    ]  # fmt: skip


def test_a_variant_that_cannot_be_made_is_counted_with_its_reason() -> None:
    found = hard_negatives(Reasoned(truth=TRUTH, wrong={}, rollouts=[rollout(0)]))
    (dropped,) = [one for one in found if isinstance(one, Rejection)]
    assert (dropped.filter, dropped.reason, dropped.question) == (
        "not_refuted", "no wrong tempo is known to be refuted", "q",
    )  # fmt: skip
