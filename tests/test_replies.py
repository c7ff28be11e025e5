from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import BadOption, BadRecord
from warehouse.replies import ReplyLog

REPOSITORY = Path(__file__).resolve().parents[1]

WRITER = """
import sys
from pathlib import Path
from warehouse.replies import ReplyLog
with ReplyLog(Path(sys.argv[1])) as log:
    for n in range(len(log), 100_000):
        log.append(f"key-{n}", {"text": "x" * 700, "number": n})
        print(n, flush=True)
"""

SCALARS = (
    st.text()
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "replies" / "log.jsonl"


def test_a_reply_is_there_after_the_log_is_opened_again(path: Path) -> None:
    reply = {
        "text": 'He said "no".\n\u2028 </answer> \x00',
        "tokens": 12,
        "seconds": 0.5,
        "e": None,
    }
    with ReplyLog(path) as log:
        assert log.get("k") is None
        log.append("k", reply)
        assert log.get("k") == reply
    with ReplyLog(path) as log:
        assert log.get("k") == reply
        assert "k" in log
        assert len(log) == 1
    (line,) = path.read_text().splitlines()
    assert json.loads(line) == {"key": "k", "reply": reply}


@settings(deadline=None, max_examples=50)
@given(replies=st.dictionaries(st.text(), st.dictionaries(st.text(), SCALARS, max_size=3)))
def test_any_text_that_a_model_emits_comes_back(
    replies: dict[str, dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    with ReplyLog(path) as log:
        for key, reply in replies.items():
            log.append(key, reply)
    with ReplyLog(path) as log:
        assert {key: log.get(key) for key in replies} == replies


def test_lone_surrogates_come_back(path: Path) -> None:
    with ReplyLog(path) as log:
        log.append("k\udc80", {"text": "\ud800"})
    with ReplyLog(path) as log:
        assert log.get("k\udc80") == {"text": "\ud800"}


def test_a_later_reply_replaces_an_earlier_one(path: Path) -> None:
    with ReplyLog(path) as log:
        log.append("k", {"error": "timed out"})
        log.append("k", {"error": "", "text": "yes"})
        assert log.get("k") == {"error": "", "text": "yes"}
    with ReplyLog(path) as log:
        assert log.get("k") == {"error": "", "text": "yes"}


@pytest.mark.parametrize(
    "value", [["a list"], {"a": "mapping"}, b"bytes", float("nan"), float("inf")]
)
def test_a_reply_that_is_no_json_scalar_is_refused(path: Path, value: object) -> None:
    with ReplyLog(path) as log:
        with pytest.raises(BadRecord, match=r"^k: reply.*expected .*JSON scalar"):
            log.append("k", {"text": value})
        log.append("l", {"text": "fine"})
    with ReplyLog(path) as log:
        assert log.get("k") is None
        assert log.get("l") == {"text": "fine"}


def test_a_line_torn_at_any_byte_is_cut_off_and_the_rest_kept(path: Path) -> None:
    with ReplyLog(path) as log:
        log.append("whole", {"text": "1"})
        log.append("torn", {"text": "2"})
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    for end in range(first, len(content)):
        path.write_bytes(content[:end])
        with ReplyLog(path) as log:
            assert log.get("whole") == {"text": "1"}
            assert log.get("torn") is None
            log.append("torn", {"text": "again"})
        with ReplyLog(path) as log:
            assert log.get("torn") == {"text": "again"}


def test_a_damaged_line_in_the_middle_is_named(path: Path) -> None:
    path.parent.mkdir()
    good = b'{"key":"a","reply":{}}\n'
    path.write_bytes(good + b"nonsense\n" + good)
    with pytest.raises(BadRecord, match=r"log\.jsonl, byte 23: damaged line"):
        ReplyLog(path)
    path.write_bytes(good + b'{"key":"b","reply":{"text":oops}}\n' + good)
    with ReplyLog(path) as log, pytest.raises(BadRecord, match=r"byte 23: damaged line"):
        log.get("b")


def test_lines_that_another_tool_wrote_are_read(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{ "reply": {"text": "spaced"}, "key": "a" }\n')
    with ReplyLog(path) as log:
        assert log.get("a") == {"text": "spaced"}


def test_one_process_at_a_time_writes(path: Path) -> None:
    with ReplyLog(path) as log:
        with pytest.raises(BadOption, match="another run is writing here"):
            ReplyLog(path)
        log.append("k", {"text": "still writing"})
    with ReplyLog(path) as log:
        assert log.get("k") == {"text": "still writing"}


def test_what_was_appended_is_there_after_kill_9_at_once(path: Path) -> None:
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        process.stdout.readline()
        time.sleep(0.03)
        process.kill()
        told, _ = process.communicate()
        acknowledged = [int(line) for line in told.splitlines(keepends=True) if line.endswith("\n")]
        with ReplyLog(path) as log:
            assert acknowledged
            for number in acknowledged:
                assert log.get(f"key-{number}") == {"text": "x" * 700, "number": number}


def test_a_hundred_thousand_replies_load(path: Path) -> None:
    path.parent.mkdir()
    lines = (f'{{"key":"key-{n}","reply":{{"text":"{n}"}}}}\n' for n in range(100_000))
    path.write_text("".join(lines))
    with ReplyLog(path) as log:
        assert len(log) == 100_000
        assert log.get("key-99999") == {"text": "99999"}
