"""Every error that perceptsynth raises on purpose.

PerceptsynthError
├── BadInput                 what a person or a file gave us cannot be used
│   ├── BadOption            a command's argument or a flow's parameter
│   ├── BadQuestionFile      a benchmark's question file as a whole
│   ├── BadQuestion          one row of a question file
│   ├── BadManifest          one line of a manifest of recordings
│   ├── BadQuery             SQL that the warehouse cannot answer
│   ├── UnreadableAudio      bytes that do not decode to usable audio
│   ├── UnsafePath           a path that leaves the folder it belongs to
│   ├── UnknownPlugin        no benchmark, extractor, teacher or exporter of that name
│   └── UnknownProperty      a property outside the closed vocabulary
├── BadRecord                a stored record that does not fit its noun
├── MissingExtra             an optional dependency is not installed
├── MissingWeights           model weights that are not in the cache
├── RefusedWeights           model weights whose hash is not the manifest's
├── HubUnreachable           a data set that only a hub holds
├── Abstained                an extractor's honest "cannot tell"
├── ListenerDown             an audio language model's server is gone
├── TeacherDown              the teacher's server or process is gone
└── BadReply                 one reply of the teacher that cannot be used
"""

from __future__ import annotations


class PerceptsynthError(Exception):
    """Any error of ours; `record_id` names the record at fault, where there is one."""

    def __init__(self, message: str, *, record_id: str | None = None) -> None:
        """Keep the message for the person and the id for the record."""
        self.message = message
        self.record_id = record_id
        super().__init__(message if record_id is None else f"{record_id}: {message}")

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process, id included."""
        return (_rebuilt, (type(self), self.message, self.record_id))


def _rebuilt(
    kind: type[PerceptsynthError], message: str, record_id: str | None
) -> PerceptsynthError:
    return kind(message, record_id=record_id)


class BadInput(PerceptsynthError):
    """What a person or a file gave us cannot be used."""


class BadOption(BadInput):
    """A command's argument or a flow's parameter cannot be used."""


class BadQuestionFile(BadInput):
    """A benchmark's question file as a whole cannot be read."""


class BadQuestion(BadInput):
    """One row of a question file cannot become a Question."""


class BadManifest(BadInput):
    """One line of a manifest of recordings cannot be used."""


class BadQuery(BadInput):
    """SQL that the warehouse cannot answer."""


class UnreadableAudio(BadInput):
    """Bytes that do not decode to usable audio."""


class UnsafePath(BadInput):
    """A path that leaves the folder it belongs to."""


class UnknownPlugin(BadInput):
    """No benchmark, edit, extractor, teacher or exporter of that name."""


class UnknownProperty(BadInput):
    """A property outside the closed vocabulary."""


class BadRecord(PerceptsynthError):
    """A stored record does not fit its noun: unknown, missing or mistyped fields."""


class MissingExtra(PerceptsynthError):
    """An optional dependency is not installed; the message names the extra that brings it."""


class MissingWeights(PerceptsynthError):
    """Model weights are not in the cache; the message names the command that fetches them."""


class RefusedWeights(PerceptsynthError):
    """Model weights whose sha256 is not the one that the manifest names."""


class HubUnreachable(PerceptsynthError):
    """A data set that only a hub holds, and no hub answers."""


class Abstained(PerceptsynthError):
    """An extractor's honest "cannot tell", with its reason."""


class ListenerDown(PerceptsynthError):
    """An audio language model's server is gone or silent; a later run asks it again."""


class TeacherDown(PerceptsynthError):
    """The teacher's server or process is gone; the run stops and can be taken up again."""


class BadReply(PerceptsynthError):
    """One reply of the teacher that cannot be used, with what was wrong."""
