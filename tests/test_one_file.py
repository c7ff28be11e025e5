from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from synth import reward as library
from synth.one_file import reward_source
from synth.source_blocks import read, tokens, within
from synth.source_scopes import renamed

RECORDED = Path(__file__).resolve().parents[1] / "benchmarks" / "recorded.jsonl"
NOISE = [
    "<observe>", "</observe>", "<answer>", "</answer>", "<step>", "</step>", "<draft>", "&lt;",
    "&#x41;", '<observe id="o9" property="tempo">120 bpm</observe>', "120 bpm", "in A minor",
    'Somebody says "hello there".', "There is no dog bark.", "not ", " or ", "\u200b", "♭", "½",
    "<b>", "<!-- -->", "twice", "B", "(C)", "two speakers", "0:05", "0", "\x00", "é" * 40,
]  # fmt: skip
SCRIPT = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location(sys.argv[2], sys.argv[1])
module = importlib.util.module_from_spec(spec)
if sys.argv[3] == "registered":
    sys.modules[sys.argv[2]] = module
spec.loader.exec_module(module)
for line in sys.stdin:
    case = json.loads(line)
    print(ascii(module.score(*case)), ascii(module.claim_spans(*case)))
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("trainer") / "reward.py"
    path.write_text(reward_source(), encoding="utf-8")
    return path


def judged(file: Path, cases: list[tuple[str, str]], name: str, how: str) -> list[str]:
    """Judge cases by the file alone, where nothing of ours and no installed package is in reach."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", SCRIPT, str(file), name, how],
        input="".join(f"{json.dumps(case)}\n" for case in cases),
        capture_output=True, text=True, check=False, cwd=file.parent,
    )  # fmt: skip
    assert not done.stderr
    return done.stdout.splitlines()


def by_the_library(cases: list[tuple[str, str]]) -> list[str]:
    return [f"{library.score(*case)!a} {library.claim_spans(*case)!a}" for case in cases]


def cases(count: int, seed: int) -> list[tuple[str, str]]:
    """Real completions of real questions, and what is left of them when they are cut and mixed."""
    rows = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    whole = [text for row in rows for text in row["completions"]]
    draw = random.Random(seed)
    made = [(text, row["ground_truth"]) for row in rows for text in row["completions"]]
    while len(made) < count:
        text = draw.choice(whole)
        for _ in range(draw.randrange(4)):
            start, end = sorted(draw.choices(range(len(text) + 1), k=2))
            piece = draw.choice([*NOISE, text[start:end], draw.choice(whole)[start:end]])
            text = text[:start] + piece + text[draw.choice((start, start, end)) :]
        made.append((text, draw.choice(rows)["ground_truth"]))
    return made[:count]


def test_the_file_and_the_library_agree_on_ten_thousand_cases(file: Path) -> None:
    given = cases(10_000, seed=6)
    assert judged(file, given, "reward", "unregistered") == by_the_library(given)


@pytest.mark.parametrize("name", ["custom_module", "schemas", "synth.reward", "json5", "reward"])
@pytest.mark.parametrize("how", ["registered", "unregistered"])
def test_the_file_goes_by_any_name(file: Path, name: str, how: str) -> None:
    given = cases(30, seed=1)
    assert judged(file, given, name, how) == by_the_library(given)


def test_a_trainers_own_packages_of_our_names_are_left_alone(file: Path) -> None:
    for name in ("schemas", "synth"):
        (file.parent / f"{name}.py").write_text("raise SystemExit('imported')")
    given = cases(3, seed=2)
    done = subprocess.run(
        [sys.executable, "-c", f"import reward; print(reward.score(*{given[0]!r}))"],
        cwd=file.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stderr, done.stdout) == ("", f"{library.score(*given[0])}\n")


def test_the_file_imports_the_standard_library_alone_and_nothing_that_it_does_not_use() -> None:
    source = reward_source()
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    used = [one for token in tokens(source) for one in (token, *within(token))]
    for line in imports:
        assert line.split()[1].partition(".")[0] in sys.stdlib_module_names
        for name in line.split("import ")[1].split(", "):
            bound = name.split(" as ")[-1].partition(".")[0]
            assert line.startswith("from __future__") or sum(
                one.text == bound for one in used
            ) >= 2 + sum(f" {bound}" in other for other in imports if other != line)  # fmt: skip
    assert "TYPE_CHECKING" not in source


def test_the_same_sources_are_the_same_file_and_its_head_tells_its_hash() -> None:
    source = reward_source()
    assert reward_source() == source
    head, body = source.split('"""\n', maxsplit=2)[0:1], source.split('"""\n', maxsplit=1)[1]
    assert head
    assert hashlib.sha256(body.encode()).hexdigest() in source.partition(body)[0]


# Reading sources ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = key(text)\n", "x = NEW(text)\n"),
        ("x = self.key + key\n", "x = self.key + NEW\n"),
        ("x = sorted(y, key=key)\n", "x = sorted(y, key=NEW)\n"),
        ("x = f'{key} {{key}} {key:key} {one.key!r:>{key}}'\n",
         "x = f'{NEW} {{key}} {NEW:key} {one.key!r:>{NEW}}'\n"),
        ("x = 'key'  # key\n", "x = 'key'  # key\n"),
        ("def key(a):\n    return key(a)\n", "def NEW(a):\n    return NEW(a)\n"),
        ("def f(key):\n    return key\n", "def f(key):\n    return key\n"),
        ("def f(*, key=1):\n    return key\n", "def f(*, key=1):\n    return key\n"),
        ("def f(a):\n    key = a\n    return key\n", "def f(a):\n    key = a\n    return key\n"),
        ("def f(a):\n    a[key] = 1\n", "def f(a):\n    a[NEW] = 1\n"),
        ("def f(a):\n    for b, key in a:\n        g(key)\n",
         "def f(a):\n    for b, key in a:\n        g(key)\n"),
        ("def f(a):\n    if b := key:\n        g(b)\n",
         "def f(a):\n    if b := NEW:\n        g(b)\n"),
        ("def f(a):\n    if key := a:\n        g(key)\n",
         "def f(a):\n    if key := a:\n        g(key)\n"),
        ("def f(a):\n    g([key for key in a])\n    key(a)\n",
         "def f(a):\n    g([key for key in a])\n    NEW(a)\n"),
        ("x = [key(one) for one in a]\n", "x = [NEW(one) for one in a]\n"),
        ("x = h(lambda key: key, key)\n", "x = h(lambda key: key, NEW)\n"),
        ("class A:\n    key: int\n    def f(self):\n        return key\n",
         "class A:\n    key: int\n    def f(self):\n        return NEW\n"),
        ("def f(a: key) -> key:\n    return a\n", "def f(a: NEW) -> NEW:\n    return a\n"),
    ],
)  # fmt: skip
def test_a_modules_name_is_changed_where_it_is_meant_and_nowhere_else(
    text: str, expected: str
) -> None:
    assert renamed(text, {"key": "NEW"}) == expected


def test_what_is_taken_from_a_module_as_a_whole_goes_without_its_name() -> None:
    names = {"tags.read": "tags_read"}
    assert renamed("x = tags.read(text.read, tags.other)\n", names) == (
        "x = tags_read(text.read, tags.other)\n"
    )
    assert renamed("def f(tags):\n    return tags.read\n", names) == (
        "def f(tags):\n    return tags.read\n"
    )


@pytest.mark.parametrize(
    "text", ["for x in y:\n    pass\n", "try:\n    x = 1\nfinally:\n    y = 2\n", "register(x)\n",
             "x[1] = 2\n", "while y:\n    x = 3\n"]
)  # fmt: skip
def test_what_cannot_be_followed_into_one_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?s)made\.up: `.* at its top binds no name"):
        read("made.up", text)


def test_a_module_is_read_as_what_it_binds_uses_and_imports() -> None:
    module = read("made.up", (
        '"""Doc."""\nfrom typing import TYPE_CHECKING, NamedTuple as Named\nimport html, re as r\n'
        "if TYPE_CHECKING:\n    from a.b import (\n        C,\n        D as E,\n    )\n"
        "# About x.\nx, y = 1, r.z\n'''Both.'''\n@deco\ndef f(q=x) -> C:\n    return f'{html}'\n"
    ))  # fmt: skip
    assert [one.binds for one in module.blocks] == [(), ("x", "y"), ("f",)]
    assert module.text[module.blocks[1].start : module.blocks[1].end].endswith("'''Both.'''\n")
    assert module.text[module.blocks[1].start : module.blocks[1].end].startswith("# About x.")
    assert {"deco", "x", "C", "html"} <= module.blocks[2].uses
    assert {name: one[:2] for name, one in module.imports.items()} == {
        "TYPE_CHECKING": ("typing", "TYPE_CHECKING"), "Named": ("typing", "NamedTuple"),
        "html": ("html", ""), "r": ("re", ""), "C": ("a.b", "C"), "E": ("a.b", "D"),
    }  # fmt: skip
    assert module.imports["E"].typing_only
