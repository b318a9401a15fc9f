"""Past commits as evidence: messages that resemble the issue point at the files that those commits changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from orchestrator.localize.bm25 import FloatArray, Postings, bm25, build_postings, expand_ranges
from orchestrator.localize.packing import IntArray
from orchestrator.localize.terms import terms
from orchestrator.protocols import CommitInfo

_WIDE_COMMIT_FILES = 20
_MESSAGE_CHARACTERS = 1_500
_REFERENCE = re.compile(r"(?:#|issues?/|pull/|ticket[ /]|gh-)(\d{2,6})\b", re.IGNORECASE)
_COMMIT_ID = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")
_TRAILER = re.compile(
    r"^(?:Signed-off-by|Co-authored-by|Thanks|Reviewed-by|git-svn-id).*$", re.MULTILINE | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class HistoryIndex:
    """Messages by commit and by file. Commit c (0 is the newest) changed the files `file[starts[c]:starts[c + 1]]`."""

    by_commit: Postings
    by_file: Postings
    starts: IntArray
    file: IntArray
    references: Mapping[str, tuple[int, ...]]
    commit_ids: tuple[str, ...]

    def changes(self) -> FloatArray:
        """How often each file was changed, recent commits counting more (halved every 1,000 commits)."""
        ages = np.repeat(np.arange(len(self.starts) - 1), self.starts[1:] - self.starts[:-1])
        return np.bincount(self.file, 0.5 ** (ages / 1000.0), len(self.by_file.lengths)).astype(np.float64)

    def resembling(self, query: Mapping[str, float], *, most: int = 60) -> FloatArray:
        """Scores of the `most` most similar commits, shared over the files each changed."""
        scores = bm25(self.by_commit, query)
        best = np.argsort(-scores, kind="stable")[:most]
        return self._shared({int(c): float(scores[c]) for c in best if scores[c] > 0})

    def mentioned(self, text: str) -> FloatArray:
        """Files of commits that the text names by id, or whose message names a ticket that the text names."""
        named: dict[int, float] = {}
        for number in set(_REFERENCE.findall(text)):
            for commit in self.references.get(number, ())[:4]:
                named[commit] = 1.0
        for prefix in set(_COMMIT_ID.findall(text)):
            named.update((n, 1.0) for n, commit_id in enumerate(self.commit_ids) if commit_id.startswith(prefix))
        return self._shared(named)

    def _shared(self, weights: Mapping[int, float]) -> FloatArray:
        scores = np.zeros(len(self.by_file.lengths))
        for commit, weight in weights.items():
            files = self.file[self.starts[commit] : self.starts[commit + 1]]
            if len(files):
                scores[files] += weight / len(files) ** 0.5
        return scores


def build_history(commits: Sequence[CommitInfo], file_numbers: Mapping[str, int]) -> HistoryIndex:
    """Index messages. Commits that changed more than 20 source files say nothing of any one of them and are left out."""
    ids: dict[str, int] = {}
    term: list[int] = []
    document: list[int] = []
    starts: list[int] = [0]
    files: list[int] = []
    kept: list[str] = []
    references: dict[str, list[int]] = {}
    for commit in commits:
        changed = [file_numbers[p] for p in commit.paths if p in file_numbers]
        if not 0 < len(changed) <= _WIDE_COMMIT_FILES:
            continue
        message = _TRAILER.sub("", commit.message[:_MESSAGE_CHARACTERS])
        found = [ids.setdefault(t, len(ids)) for t in terms(message)]
        term.extend(found)
        document.extend([len(kept)] * len(found))
        for number in _REFERENCE.findall(message):
            references.setdefault(number, []).append(len(kept))
        kept.append(commit.commit_id)
        files.extend(changed)
        starts.append(len(files))
    starts_array, file_array = np.array(starts, np.int32), np.array(files, np.int32)
    term_array, commit_array = np.array(term, np.int32), np.array(document, np.int32)
    ones = np.ones(len(term), np.int32)
    changed_files = starts_array[1:] - starts_array[:-1]
    spread, place = expand_ranges(starts_array[:-1][commit_array], changed_files[commit_array])
    return HistoryIndex(
        by_commit=build_postings(ids, term_array, commit_array, ones, len(kept)),
        by_file=build_postings(ids, term_array[spread], file_array[place], ones[spread], len(file_numbers)),
        starts=starts_array,
        file=file_array,
        references={k: tuple(v) for k, v in references.items()},
        commit_ids=tuple(kept),
    )
