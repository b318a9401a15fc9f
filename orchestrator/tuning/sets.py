"""Strict prompts: a missing or an unused variable is an error that names it; values are shown, never rendered again.

A prompt set is a folder `prompts/<set>/` with a `set.toml` and one Jinja2 template per message. A set may inherit: a
template that it does not have comes from its parent. What a set rendered is stamped on results by `PromptSet.sha256`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, meta
from jinja2.exceptions import TemplateRuntimeError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orchestrator.errors import PromptError
from orchestrator.records import Excerpt
from orchestrator.resources import installed_resource
from orchestrator.text import (
    fenced,
    first_sentence,
    visible,
)

EDITABLE_ROLES = frozenset({"target", "file"})
"""Roles of excerpts that a model may rewrite."""

TEMPLATES: Mapping[str, frozenset[str]] = {
    "edit-system.md": frozenset({"format_section"}),
    "edit-task.md": frozenset({"reference", "editable", "issue", "failure"}),
    "edit-now.md": frozenset({"older", "recent", "reminder"}),
    "edit-elsewhere.md": frozenset({"places", "reference", "editable", "format_section"}),
    "review-system.md": frozenset(),
    "review.md": frozenset({"nonce", "issue", "diff"}),
    **{
        f"{folder}/{name}.md": frozenset()
        for folder in ("formats", "reminders")
        for name in ("function", "search-replace", "whole-file", "unified-diff")
    },
}
"""Every template that the program renders, with the variables it gives to it."""

OPTIONAL = frozenset({"edit-elsewhere.md"})
"""Templates that a set may do without: then a new place or format is told at the prompt's beginning, and breaks its prefix."""


@dataclass(frozen=True)
class PromptSet:
    """The templates of one set by path within the set, its parents' included. Build from disk with `PromptSet.load`."""

    name: str
    files: Mapping[str, str]
    inherits: tuple[str, ...] = ()
    about: str = ""
    allow_overlap: tuple[str, ...] = ()
    folder: Path | None = field(default=None, compare=False)
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The set that each template comes from: this one, or one that it inherits from."""

    @classmethod
    def load(cls, root: Path, name: str) -> PromptSet:
        """Read the set `name` from `root`; parents may also be among the installed sets. Raises PromptError."""
        chain = _inheritance_chain(root, name)
        files: dict[str, str] = {}
        origins: dict[str, str] = {}
        for folder, _ in reversed(chain):
            own = _read_templates(folder)
            files |= own
            origins |= dict.fromkeys(own, folder.name)
        folder, manifest = chain[0]
        return cls(
            name,
            dict(sorted(files.items())),
            inherits=tuple(parent.name for parent, _ in chain[1:]),
            about=str(manifest.get("about", "")),
            allow_overlap=tuple(manifest.get("allow_overlap", ())),
            folder=folder,
            origins=origins,
        )

    @cached_property
    def sha256(self) -> str:
        """Hash of every template in effect, parents' included; neither set.toml nor the log changes it."""
        digest = hashlib.sha256()
        for path, text in sorted(self.files.items()):
            for part in (path.encode(), text.encode()):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()

    def variables(self, template: str) -> frozenset[str]:
        """The variables that a template reads, those of included templates too. Raises PromptError where it cannot be parsed."""
        found: set[str] = set()
        pending, seen = [template], set()
        while pending:
            path = pending.pop()
            seen.add(path)
            try:
                tree = self._environment.parse(self._source(path))
            except TemplateSyntaxError as error:
                raise PromptError(f"{self._where(path)}, line {error.lineno}: {error.message}") from error
            found |= meta.find_undeclared_variables(tree)
            pending += [name for name in meta.find_referenced_templates(tree) if name and name not in seen]
        return frozenset(found)

    def render(self, template: str, **values: object) -> str:
        """Render one template. Raises PromptError naming each variable that is missing or unused."""
        if template not in self._variables_of:
            self._variables_of[template] = self.variables(template)
        used = self._variables_of[template]
        problems = disagreement(used, frozenset(values))
        if problems:
            raise PromptError(f"{self._where(template)}: {problems}")
        try:
            return self._environment.get_template(template).render(**values).strip("\n") + "\n"
        except TemplateError as error:
            raise PromptError(f"{self._where(template)}: {error}") from error

    def _source(self, template: str) -> str:
        if template not in self.files:
            raise PromptError(f"prompt set {self.name!r} has no template {template}; it has {', '.join(self.files)}")
        return self.files[template]

    def _where(self, template: str) -> str:
        return f"prompt set {self.name!r}, {template}"

    @cached_property
    def _variables_of(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        environment = ImmutableSandboxedEnvironment(
            loader=DictLoader(self.files),
            undefined=StrictUndefined,
            autoescape=False,  # prompts are not HTML; `finalize` escapes what matters in a prompt
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=_finalize,
        )
        environment.filters |= {"fenced": fenced, "heading": heading, "first_sentence": first_sentence}
        return environment


def disagreement(used: frozenset[str], given: frozenset[str]) -> str:
    """What is wrong between the variables that a template uses and those it is given; empty where nothing is."""
    missing, unused = sorted(used - given), sorted(given - used)
    parts = []
    if missing:
        parts.append(f"uses {', '.join(missing)}, which it is not given")
    if unused:
        parts.append(f"does not use {', '.join(unused)}; to leave one out on purpose write {{% set _ = {unused[0]} %}}")
    return "; ".join(parts)


def available_sets(root: Path) -> tuple[str, ...]:
    """Names of the prompt sets in `root`, sorted."""
    return tuple(sorted(manifest.parent.name for manifest in root.glob("*/set.toml")))


def heading(excerpt: Excerpt) -> str:
    """How an excerpt is announced: exactly as a model must name it to rewrite it, with its role where it is not for that."""
    place = excerpt.location
    name = f"{place.path} :: {place.qualified_name}" if place.qualified_name else place.path
    notes = [] if excerpt.role in EDITABLE_ROLES else [excerpt.role.replace("_", " ")]
    if excerpt.why and excerpt.role not in EDITABLE_ROLES:
        notes.append(excerpt.why)
    return f"{name} ({', '.join(notes)})" if notes else name


def _finalize(value: object) -> str:
    # Turning an undefined value into text raises, and says which attribute of what is missing.
    if isinstance(value, str | int | float | Undefined):
        return visible(str(value))
    raise TemplateRuntimeError(f"a {type(value).__name__} cannot be shown; use one of its fields")


def _inheritance_chain(root: Path, name: str) -> list[tuple[Path, Mapping[str, Any]]]:
    """The set's folder and manifest, then its parent's, and so on."""
    chain: list[tuple[Path, Mapping[str, Any]]] = []
    wanted: str | None = name
    while wanted:
        if any(folder.name == wanted for folder, _ in chain):
            raise PromptError(
                f"prompt set {name!r} inherits from itself through {wanted!r}; change `inherits` in its set.toml"
            )
        folder = _set_folder(root, wanted, heir=chain[-1][0].name if chain else "")
        manifest = _read_manifest(folder / "set.toml")
        chain.append((folder, manifest))
        wanted = manifest.get("inherits")
    return chain


def _set_folder(root: Path, name: str, heir: str) -> Path:
    if name in available_sets(root):
        return root / name
    if heir:
        installed = installed_resource("prompts")
        if name in available_sets(installed):
            return installed / name
    told = f", which {heir!r} inherits," if heir else ""
    known = ", ".join(available_sets(root)) or "none"
    raise PromptError(
        f"there is no prompt set {name!r}{told} in {root} (there: {known}); make one with `ramp prompts new {name}`"
    )


def _read_manifest(path: Path) -> Mapping[str, Any]:
    try:
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PromptError(f"{path}: {error}") from error
    unknown = sorted(set(manifest) - {"name", "about", "inherits", "allow_overlap"})
    if unknown:
        raise PromptError(f"{path}: unknown key {', '.join(unknown)}; known are name, about, inherits, allow_overlap")
    if manifest.get("name") != path.parent.name:
        raise PromptError(
            f"{path}: name is {manifest.get('name')!r}, but its folder is {path.parent.name!r}; make them equal"
        )
    return manifest


def _read_templates(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*.md")):
        try:
            found[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise PromptError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from error
    return found
