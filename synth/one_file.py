"""The reward as one plain Python file, for a trainer that has nothing of ours installed.

`reward_source()` takes `synth.reward`, and of what it imports from us what it needs, into one
namespace: read from the import lines, modules in the order in which they need each other,
comments and docstrings kept. A name that two modules give to two things carries its module's name
as well. Standard library only.
"""

from __future__ import annotations

import builtins
import sys
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from textwrap import fill
from token import NAME
from typing import TYPE_CHECKING, NamedTuple

from synth.source_blocks import Block, Import, Module, read, tokens
from synth.source_scopes import renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

_ENTRY = "synth.reward"
_OURS = ("schemas", "synth")

_HEAD = '''\
"""The reward of perceptsynth {version}, in one file: rules and measurements, no judge model.

    from perceptsynth_reward import score

    score(completion, ground_truth).total    # 0..1; ground_truth: that column of an exported row

Python 3.11 or later and its standard library are all that it needs. Copyright 2026 the perceptsynth
authors; licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0

Written by `synth.one_file`; what is to be changed is changed in the modules that it is made of:
{modules}.
What follows this docstring has the sha256
{digest}
"""
'''
_ALONE = """

_UNREGISTERED = __name__ not in sys.modules
if _UNREGISTERED:
    # Loaded from its path: while a dataclass is made, it looks its module up by name.
    sys.modules[__name__] = types.ModuleType(__name__)
"""
_ALONE_NO_MORE = """

if _UNREGISTERED:
    del sys.modules[__name__]
"""
_STAND_INS = {
    Import("typing", "get_type_hints", typing_only=False): '''

def get_type_hints(kind: type) -> dict[str, object]:
    """Give a record's types, whatever name this file goes by, or none."""
    return typing.get_type_hints(kind, globals())
'''
}
"""What is written instead of an import, which would look the file up by a name"""


class _Name(NamedTuple):
    """A name of one of our modules."""

    module: str
    name: str


class _Whole(NamedTuple):
    """One of our modules, imported as a whole: what is meant is what stands after its dot."""

    module: str


class _Library(NamedTuple):
    """A name of the standard library, as it is imported."""

    origin: Import
    known_as: str


def reward_source() -> str:
    """Write the file: the same text from the same sources, on every version of Python.

    Raises:
        ValueError: the reward needs what one file of the standard library cannot hold.
    """
    modules, kept, libraries = _needed()
    flat = _flat(kept, {one.known_as for one in libraries})
    order = _order(modules, kept)
    written = [_imports(libraries), *(_STAND_INS.get(one.origin, "") for one in libraries), _ALONE]
    written += [_section(modules[name], kept, flat, modules) for name in order]
    public = ", ".join(f'"{one.name}"' for one in sorted(kept) if _is_offered(one))
    body = "".join([*written, _ALONE_NO_MORE, f"\n__all__ = [{public}]\n"])
    head = _HEAD.format(
        version=version("perceptsynth"),
        modules=fill(", ".join(sorted(order)), 99),
        digest=sha256(body.encode()).hexdigest(),
    )
    return f"{head}{body}"


def _is_offered(one: _Name) -> bool:
    return one.module == _ENTRY and not one.name.startswith("_")


def _file(name: str) -> Traversable:
    package, _, rest = name.partition(".")
    return files(package).joinpath(f"{rest.replace('.', '/') or '__init__'}.py")


# What is needed ----------------------------------------------------------------------------------


def _needed() -> tuple[dict[str, Module], set[_Name], list[_Library]]:
    """Follow names from what the reward offers to all that they use, in whichever module."""
    modules: dict[str, Module] = {}
    entry = _module(_ENTRY, modules)
    waiting = [
        _Name(_ENTRY, name)
        for block in entry.blocks
        for name in block.binds
        if not name.startswith("_")
    ]
    kept: set[_Name] = set()
    libraries = {_Library(Import(name, "", typing_only=False), name) for name in ("sys", "types")}
    while waiting:
        one = waiting.pop()
        if one in kept:
            continue
        kept.add(one)
        module = modules[one.module]
        for block in _binding(module, one.name):
            waiting += (_Name(one.module, name) for name in block.binds)
            for found in (_resolved(module, name, modules) for name in sorted(block.uses)):
                if isinstance(found, _Name):
                    waiting.append(found)
                elif isinstance(found, _Library):
                    libraries.add(found)
    if any(one.origin in _STAND_INS for one in libraries):
        libraries.add(_Library(Import("typing", "", typing_only=False), "typing"))
    names = [one.known_as for one in libraries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"imported under one name from two places: {', '.join(twice)}"
        raise ValueError(message)
    return modules, kept, sorted(libraries)


def _module(name: str, modules: dict[str, Module]) -> Module:
    if name not in modules:
        modules[name] = read(name, _file(name).read_text(encoding="utf-8"))
    return modules[name]


def _binding(module: Module, name: str) -> list[Block]:
    return [block for block in module.blocks if name in block.binds]


def _resolved(
    module: Module, name: str, modules: dict[str, Module]
) -> _Name | _Library | _Whole | None:
    """Say where a name that a module uses is defined; None: in the builtins, or in a function.

    Raises:
        ValueError: it is of a library that is not Python's own, or defined nowhere.
    """
    owner, _, attribute = name.partition(".")
    if attribute:
        whole = _resolved(module, owner, modules) if owner in module.imports else None
        return _defined(whole.module, attribute, modules) if isinstance(whole, _Whole) else None
    if _binding(module, name):
        return _Name(module.name, name)
    origin = module.imports.get(name)
    if origin is None:
        return None
    root = origin.module.partition(".")[0]
    if root in _OURS:
        if _file(f"{origin.module}.{origin.name}").is_file():
            return _Whole(f"{origin.module}.{origin.name}")
        return _defined(origin.module, origin.name, modules)
    if root not in sys.stdlib_module_names:
        message = f"{module.name} imports {origin.module}: the reward is standard library only"
        raise ValueError(message)
    return _Library(origin._replace(typing_only=False), name)


def _defined(module: str, name: str, modules: dict[str, Module]) -> _Name | _Library | _Whole:
    found = _resolved(_module(module, modules), name, modules)
    if found is None:
        message = f"{name} is imported from {module}, which does not define it"
        raise ValueError(message)
    return found


def _order(modules: Mapping[str, Module], kept: set[_Name]) -> list[str]:
    """Put each module after those that it imports from when it is loaded."""
    needs: dict[str, list[str]] = {}
    for name in sorted({one.module for one in kept}):
        module, known = modules[name], dict(modules)
        used = [
            use for block in _kept_blocks(module, kept) for use in sorted(block.uses)
            if (origin := module.imports.get(use.partition(".")[0])) and not origin.typing_only
        ]  # fmt: skip
        found = [_resolved(module, use, known) for use in used]
        needs[name] = [one.module for one in found if isinstance(one, _Name)]
    order: dict[str, None] = {}

    def place(name: str) -> None:
        for other in needs[name]:
            if other not in order:
                place(other)
        order[name] = None

    for name in (_ENTRY, *needs):  # what only type checkers import comes last: nothing waits for it
        if name not in order:
            place(name)
    return list(order)


def _kept_blocks(module: Module, kept: set[_Name]) -> Iterator[Block]:
    for number, block in enumerate(module.blocks):
        docstring = not block.binds and number == 0
        if docstring or any(_Name(module.name, name) in kept for name in block.binds):
            yield block


# What is written ---------------------------------------------------------------------------------


def _flat(kept: set[_Name], imported: set[str]) -> dict[_Name, str]:
    """Give the names that change: two modules' own, a builtin's, an import's."""
    holders: dict[str, list[_Name]] = {}
    for one in sorted(kept):
        holders.setdefault(one.name, []).append(one)
    taken = {*holders, *imported, *dir(builtins)}
    flat: dict[_Name, str] = {}
    for name, mine in holders.items():
        if len(mine) == 1 and name not in imported and not hasattr(builtins, name):
            continue
        for one in mine:
            if _is_offered(one):
                continue
            private = "_" * (len(name) - len(name.lstrip("_")))
            new = f"{private}{one.module.rpartition('.')[2]}_{name.lstrip('_')}"
            while new in taken:
                new += "_"
            taken.add(new)
            flat[one] = new
    return flat


def _imports(libraries: Iterable[_Library]) -> str:
    whole, parts = [], dict[str, list[str]]()
    for origin, known_as in libraries:
        if origin in _STAND_INS:
            continue
        if not origin.name:
            plain = known_as == origin.module.partition(".")[0]
            whole.append(f"import {origin.module}" + ("" if plain else f" as {known_as}"))
        else:
            renaming = "" if known_as == origin.name else f" as {known_as}"
            parts.setdefault(origin.module, []).append(f"{origin.name}{renaming}")
    lines = sorted(whole) + [f"from {name} import {', '.join(parts[name])}" for name in parts]
    return "\nfrom __future__ import annotations\n\n" + "".join(f"{line}\n" for line in lines)


def _section(
    module: Module, kept: set[_Name], flat: Mapping[_Name, str], modules: dict[str, Module]
) -> str:
    """Write what is kept of a module, under its names in the one file."""
    blocks = list(_kept_blocks(module, kept))
    changed: dict[str, str] = {}
    whole: set[str] = set()
    for name in sorted(frozenset[str]().union(*(block.uses | {*block.binds} for block in blocks))):
        found = _resolved(module, name, modules)
        if isinstance(found, _Name) and flat.get(found, found.name) != name:
            changed[name] = flat.get(found, found.name)
        elif isinstance(found, _Whole):
            whole.add(name)
    ruler = f"# {module.name.replace('.', '/')}.py "
    try:
        text = "".join(renamed(module.text[one.start : one.end], changed) for one in blocks)
    except ValueError as error:
        message = f"{module.name}: {error}"
        raise ValueError(message) from error
    if bare := sorted(whole & {one.text for one in tokens(text) if one.kind == NAME}):
        message = f"{module.name} uses {', '.join(bare)} as a whole: import what it needs of it"
        raise ValueError(message)
    return f"\n\n{ruler:=<100}\n\n{text.strip()}\n"
