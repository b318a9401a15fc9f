"""From a reply to a candidate: edits, refusals, landings, changed files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReplaceDefinition:
    """Replace the function, method or class `qualified_name` (dots for nesting) of `path` by `source`."""

    path: str
    qualified_name: str
    source: str


@dataclass(frozen=True, slots=True)
class SearchReplace:
    """Replace the one place in `path` that matches `search` by `replace`; `within` may name the definition that it is in."""

    path: str
    search: str
    replace: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Write `content` as the whole of `path` (new or existing), with the line ends and encoding of what it replaces.

    `raw` content has one character per byte (latin-1) and is written as it is: it says what text cannot.
    """

    path: str
    content: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Delete `path`."""

    path: str


@dataclass(frozen=True, slots=True)
class DiffHunks:
    """A unified diff for `path`, as the model wrote it."""

    path: str
    diff: str


Edit = ReplaceDefinition | SearchReplace | WriteFile | DeleteFile | DiffHunks


@dataclass(frozen=True, slots=True)
class Edits:
    """What a reply asks for. `salvage` names each repair the parser made to read it (missing_fence, path_prefix, ...)."""

    format: str
    edits: tuple[Edit, ...]
    salvage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditRefusal:
    """Why a reply or an edit could not be used: a stable `code`, and a sentence the model can act on.

    `nearest` shows the closest place with its line numbers, where there is one. `same_as` is the candidate that `sample` of
    the batch said again in other words: no new candidate, but a vote for that one.
    """

    code: str
    message: str
    path: str = ""
    nearest: str = ""
    sample: int = 0
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Landing:
    """How one edit found its place: the rung of the matching ladder it needed, and the line where it landed."""

    path: str
    rung: str
    line: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file before and after: None is absent. `mode` is the git mode of the result (or of what was deleted)."""

    path: str
    before: bytes | None
    after: bytes | None
    mode: str = "100644"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposed repair. `changes` and `diff` are empty where `refusal` says that the edits did not apply.

    `fingerprint` is that of the normalised result: equal fingerprints are the same repair in other words.
    """

    candidate_id: str
    attempt: int
    sample: int
    rung: int
    model: str
    edits: Edits
    changes: tuple[FileChange, ...] = ()
    diff: bytes = b""
    fingerprint: str = ""
    landings: tuple[Landing, ...] = ()
    refusal: EditRefusal | None = None
    strategy: str = ""
