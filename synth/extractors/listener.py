"""Audio language models, asked closed questions about what no signal tool hears.

Each listener is an OpenAI-compatible endpoint that takes `input_audio`, named "URL#MODEL"; `at`
gives it the names of an extractor. It is asked in two orders of the options, about the recording,
about silence and about two other recordings: whoever answers alike has not listened, and abstains.
One listener alone settles nothing; two different models must agree, at a tier of their own. What a
model writes is data: whatever is none of the options is no answer. A recording longer than models
take is not asked about.
"""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from schemas import Value
from schemas.errors import Abstained, BadOption, ListenerDown
from synth.audio import Measurement
from synth.choices import choice_of
from synth.listening import ASKED, NONE, OTHERS, SILENCE, made, orders, wav, wording
from synth.thresholds import threshold

if TYPE_CHECKING:
    from collections.abc import Sequence

    import openai

    from schemas import Observation
    from synth.audio import Audio
    from synth.chat import Endpoint

VERSION = "1"
WITNESS = "listener"
LICENCE = "the model's own"
NEEDS: tuple[str, ...] = ()
PACKAGES = ("openai",)
PROPERTIES = tuple(ASKED)

_LONGEST_S = threshold("listener", "longest")
_REPLY_S = threshold("listener", "reply")
_PATIENCE_S = threshold("listener", "patience")
_RETRIES = int(threshold("listener", "retries"))
_RATE_HZ = 16_000
_MOST_TOKENS = 32  # the longest option has under ten
_OPENAI = "api.openai.com"
_PACKED = re.compile(r"[-_.:](?:i?q\d\w*|bf16|fp?16|fp8|f32|int[48]|awq|gptq|gguf|latest)$")
"""the ways in which one model's weights are packed"""


def at(address: str) -> Listener:
    """Give the listener of a model behind an endpoint, "http://127.0.0.1:8000/v1#MODEL".

    Raises:
        BadOption: no such address, no model, or an address that carries a secret.
    """
    return _listener(address)


def measure(audio: Audio, given: Sequence[Observation]) -> tuple[Measurement, ...]:  # noqa: ARG001
    """Abstain: no model is named.

    Raises:
        Abstained: always.
    """
    message = "no audio language model is named: --listener URL#MODEL"
    raise Abstained(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One model as an extractor; of the same model behind two addresses the witness is one."""

    url: str
    model: str
    VERSION: str
    WITNESS: str
    LICENCE: str = LICENCE
    NEEDS: tuple[str, ...] = NEEDS
    PACKAGES: tuple[str, ...] = PACKAGES
    PROPERTIES: tuple[str, ...] = PROPERTIES
    reply_s: float = _REPLY_S
    patience_s: float = _PATIENCE_S
    _told: dict[tuple[str, str], str | None] = field(default_factory=dict, compare=False)
    """what it says of silence and of the other recordings, by sound and property"""

    def measure(
        self, audio: Audio, given: Sequence[Observation]  # noqa: ARG002 - an extractor's signature
    ) -> tuple[Measurement, ...]:  # fmt: skip
        """Ask for each property, and keep what stands all tests.

        Raises:
            Abstained: nothing does, with the reasons; or the recording is silent or too long.
            ListenerDown: the endpoint cannot be reached, or has not answered in time.
        """
        if audio.duration_s > _LONGEST_S:
            message = f"{audio.duration_s:.0f} s: listeners are asked of {_LONGEST_S:.0f} s at most"
            raise Abstained(message)
        sound = audio.mono(_RATE_HZ)
        if not sound.any():
            message = "the recording is silent"
            raise Abstained(message)
        return asyncio.run(self._measure(wav(sound)))

    async def _measure(self, sound: str) -> tuple[Measurement, ...]:
        from synth.chat import open_client

        heard: list[Measurement] = []
        reasons: list[str] = []
        try:
            async with asyncio.timeout(self.patience_s), open_client(self._endpoint()) as client:
                for name in PROPERTIES:
                    try:
                        answer = await self._answer(client, sound, name)
                    except Abstained as error:
                        reasons.append(f"{name}: {error.message}")
                    else:
                        heard.append(Measurement(property=name, value=Value(text=answer)))
        except TimeoutError as error:
            why = f"was not done within {self.patience_s:g} s"
            raise self._down(why) from error
        if not heard:
            raise Abstained("; ".join(reasons))
        return tuple(heard)

    async def _answer(self, client: openai.AsyncOpenAI, sound: str, name: str) -> str:
        """Ask one question in both orders, then of what is not the recording."""
        said: list[str] = []
        for options in orders(name):
            choice = await self._choose(client, sound, name, options)
            if choice is None:
                message = "what it answers is none of the options"
                raise Abstained(message)
            if choice == NONE:
                message = "it names none of the answers"
                raise Abstained(message)
            said.append(choice)
        if len(set(said)) > 1:
            message = "it answers otherwise where the options stand in another order"
            raise Abstained(message)
        if await self._of_made(client, SILENCE, name) == said[0]:
            message = "it answers the same for silence"
            raise Abstained(message)
        if [await self._of_made(client, other, name) for other in OTHERS] == said[:1] * len(OTHERS):
            message = "it answers the same for every other recording"
            raise Abstained(message)
        return said[0]

    async def _of_made(self, client: openai.AsyncOpenAI, sound: str, name: str) -> str | None:
        """Say what it answers for one of the made sounds; asked once, since they do not change."""
        if (sound, name) not in self._told:
            options = orders(name)[0]
            self._told[sound, name] = await self._choose(client, made(sound), name, options)
        return self._told[sound, name]

    async def _choose(
        self, client: openai.AsyncOpenAI, sound: str, name: str, options: Sequence[str]
    ) -> str | None:
        """Ask once; None where the reply is none of the options."""
        place = choice_of(await self._reply(client, sound, wording(name, options)), options)
        return None if place is None else options[place]

    async def _reply(self, client: openai.AsyncOpenAI, sound: str, text: str) -> str:
        import openai

        from synth.chat import down_because

        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": _content(sound, text)}],
            "temperature": 0.0,
            self._endpoint().limit_field: _MOST_TOKENS,
        }
        tries = _RETRIES + 1
        try:
            async with asyncio.timeout(tries * self.reply_s):
                reply = await client.post("/chat/completions", cast_to=object, body=body)
        except (openai.OpenAIError, ValueError, TimeoutError) as error:
            slow = isinstance(error, TimeoutError | openai.APITimeoutError)
            late = f"gave no whole reply within {self.reply_s:g} s, {tries} times" if slow else ""
            why = late or down_because(error, self._endpoint())
            status = getattr(error, "status_code", 0)
            if why or status >= 500:
                raise self._down(why or f"fails with {status}") from error
            message = f"its server refuses the question ({status or type(error).__name__})"
            raise Abstained(message) from error
        return _text(reply)

    def _endpoint(self) -> Endpoint:
        from synth.chat import Endpoint

        official = urlsplit(self.url).hostname == _OPENAI
        return Endpoint(
            base_url=self.url,
            api_key=os.environ.get("OPENAI_API_KEY") or "none",
            served_model=self.model,
            concurrency=1,
            timeout_s=self.reply_s,
            max_retries=_RETRIES,
            limit_field="max_completion_tokens" if official else "max_tokens",
        )

    def _down(self, why: str) -> ListenerDown:
        key = os.environ.get("OPENAI_API_KEY")
        told = why.replace(key, "***") if key else why
        return ListenerDown(f"the listener {self.model} at {self.url} {told[:300]}")


def _content(sound: str, text: str) -> list[dict[str, Any]]:
    return [
        {"type": "input_audio", "input_audio": {"data": sound, "format": "wav"}},
        {"type": "text", "text": text},
    ]


def _text(reply: Any) -> str:
    """Take the text out of a reply; "" where it is none: not a choice is no answer."""
    try:
        said = reply["choices"][0]["message"]["content"]
    except (LookupError, TypeError):
        return ""
    return said if isinstance(said, str) else ""


@cache
def _listener(address: str) -> Listener:
    url, _, model = address.partition("#")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = "a listener is named URL#MODEL, its URL beginning with http:// or https://"
        raise BadOption(message)
    if parts.username or parts.password or parts.query:
        message = (
            f"the address of {parts.hostname} carries a name, a password or a query, and stands in"
            " every record; give a key in OPENAI_API_KEY"
        )
        raise BadOption(message)
    if not model or not model.isprintable() or len(model) > 200:
        message = f"which model of {url}? A listener is named URL#MODEL"
        raise BadOption(message)
    return Listener(
        url=url, model=model, VERSION=f"{VERSION} {model}", WITNESS=f"listener {_family(model)}"
    )


def _family(model: str) -> str:
    """Name a model without its folder and packing: "org/Model-7B-Q4_K_M.gguf" is model-7b."""
    name = model.rsplit("/", maxsplit=1)[-1].casefold()
    while (plain := _PACKED.sub("", name)) != name and plain:
        name = plain
    return name
