"""The nouns: frozen records that every room speaks of. Standard library only."""

from schemas.bookkeeping import PromptHash, Rejection, Run, TrainingRow
from schemas.evidence import (
    CheckKind,
    Extraction,
    Fact,
    Item,
    Observation,
    Outcome,
    Property,
    Span,
    State,
    Tier,
    Value,
)
from schemas.identity import identity
from schemas.perception import (
    GROUND_TRUTH_VERSION,
    Check,
    GroundCheck,
    GroundTruth,
    Need,
    Subquestion,
    Weights,
)
from schemas.reasoning import (
    Claim,
    Dependence,
    Judgement,
    Probe,
    Step,
    Sufficiency,
    Trajectory,
    Verdict,
)
from schemas.sources import Edit, Question, Recording, Truth
from schemas.vocabulary import VOCABULARY, property_named

__all__ = [
    "GROUND_TRUTH_VERSION",
    "VOCABULARY",
    "Check",
    "CheckKind",
    "Claim",
    "Dependence",
    "Edit",
    "Extraction",
    "Fact",
    "GroundCheck",
    "GroundTruth",
    "Item",
    "Judgement",
    "Need",
    "Observation",
    "Outcome",
    "Probe",
    "PromptHash",
    "Property",
    "Question",
    "Recording",
    "Rejection",
    "Run",
    "Span",
    "State",
    "Step",
    "Subquestion",
    "Sufficiency",
    "Tier",
    "TrainingRow",
    "Trajectory",
    "Truth",
    "Value",
    "Verdict",
    "Weights",
    "identity",
    "property_named",
]
