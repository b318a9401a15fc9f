"""Checks of a prompt set before it costs a token, and its log: what changed, tried on what, with which result.

The log stands beside the templates in `log.jsonl` and is no part of the set's hash: writing down a result must not change
what the result is stamped with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestrator.errors import PromptError
from orchestrator.tuning.sets import OPTIONAL, TEMPLATES, PromptSet, disagreement

SHARED_RUN_WORDS = 8
"""So many words in a row that a prompt shares with a problem statement are no accident."""

_WORD = re.compile(r"\w+")
_LOG = "log.jsonl"


@dataclass(frozen=True, slots=True)
class TemplateCheck:
    """One template: the variables it reads, and what is wrong with it (empty: nothing)."""

    template: str
    variables: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A run of words that a template shares with an instance's problem statement."""

    template: str
    instance_id: str
    words: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of a set's log. `sha256` is the set's hash when it was tried; `instances` are the ids it was tuned on."""

    date: str
    changed: str
    sha256: str
    instances: tuple[str, ...] = ()
    result: str = ""


def check_set(prompt_set: PromptSet) -> tuple[TemplateCheck, ...]:
    """Every template that the program renders, and every other file of the set, with what is wrong with each."""
    wanted = [
        (name, given) for name, given in sorted(TEMPLATES.items()) if name in prompt_set.files or name not in OPTIONAL
    ]
    checks = [_check_template(prompt_set, template, given) for template, given in wanted]
    included = {name for name in prompt_set.files if any(_includes(text, name) for text in prompt_set.files.values())}
    idle = sorted(set(prompt_set.files) - set(TEMPLATES) - included)
    return (*checks, *(TemplateCheck(name, (), "no message is made from it; is its name misspelt?") for name in idle))


def require_sound(prompt_set: PromptSet) -> None:
    """Refuse a set that could not be rendered, before a token is spent. Raises PromptError naming template and variable."""
    if problems := [f"{made.template} {made.problem}" for made in check_set(prompt_set) if made.problem]:
        raise PromptError(
            f"prompt set {prompt_set.name!r}: {problems[0]}; `ramp prompts check {prompt_set.name}` shows all"
        )


def _check_template(prompt_set: PromptSet, template: str, given: frozenset[str]) -> TemplateCheck:
    if template not in prompt_set.files:
        return TemplateCheck(template, (), "is missing")
    try:
        used = prompt_set.variables(template)
    except PromptError as error:
        return TemplateCheck(template, (), str(error))
    return TemplateCheck(template, tuple(sorted(used)), disagreement(used, given))


def _includes(text: str, name: str) -> bool:
    return f'"{name}"' in text or f"'{name}'" in text


def shared_runs(
    prompt_set: PromptSet,
    statements: Mapping[str, str],
    *,
    words: int = SHARED_RUN_WORDS,
    allowed: Collection[str] = (),
) -> tuple[Overlap, ...]:
    """Runs of `words` words that a template shares with a problem statement (by instance id), one per template and instance.

    Instances in `allowed` or in the set's own `allow_overlap` are left out. Case and punctuation do not count.
    """
    runs = {template: set(_runs(text, words)) for template, text in prompt_set.files.items()}
    skipped = {*allowed, *prompt_set.allow_overlap}
    found = []
    for instance_id, statement in statements.items():
        if instance_id in skipped:
            continue
        told = list(_runs(statement, words))
        for template, known in runs.items():
            if shared := next((run for run in told if run in known), None):
                found.append(Overlap(template, instance_id, " ".join(shared)))
    return tuple(found)


def refuse_shared(prompt_set: PromptSet, statements: Mapping[str, str]) -> None:
    """Raise PromptError where a template shares a run of words with a problem statement (by instance id), naming both."""
    found = shared_runs(prompt_set, statements)
    if found:
        lines = "\n".join(f"  {o.template} and {o.instance_id}: {o.words!r}" for o in found[:10])
        raise PromptError(
            f"prompt set {prompt_set.name!r} shares words with {len(found)} problem statement(s):\n{lines}\n"
            "say it in other words, or allow the instance by name in set.toml: allow_overlap = [...]"
        )


def _runs(text: str, words: int) -> Iterator[tuple[str, ...]]:
    said = [word.lower() for word in _WORD.findall(text)]
    return (tuple(said[i : i + words]) for i in range(len(said) - words + 1))


def read_log(folder: Path) -> tuple[LogEntry, ...]:
    """A set's log, oldest first; empty where there is none. Raises PromptError naming the line that cannot be read."""
    path = folder / _LOG
    if not path.exists():
        return ()
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            entries.append(LogEntry(**{**values, "instances": tuple(values.get("instances", ()))}))
        except (ValueError, TypeError) as error:
            raise PromptError(f"{path}, line {number}: {error}; correct or delete the line") from error
    return tuple(entries)


def append_log(folder: Path, entry: LogEntry) -> None:
    """Add one entry to a set's log. Raises PromptError where the folder is no prompt set."""
    if not (folder / "set.toml").is_file():
        raise PromptError(
            f"{folder} is no prompt set: it has no set.toml; make one with `ramp prompts new {folder.name}`"
        )
    with (folder / _LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")


def tuned_on(entries: Sequence[LogEntry]) -> frozenset[str]:
    """Every instance that a set's log says it was tried on: a report flags them."""
    return frozenset(instance for entry in entries for instance in entry.instances)
