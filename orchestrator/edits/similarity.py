"""The run of lines most like a search text, found by votes of its lines, so that no file is scanned window by window."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache

# (fewest lines, least similarity): short texts must be nearly right, since anything resembles them.
_THRESHOLDS = ((6, 0.80), (3, 0.84), (2, 0.88), (1, 0.90))
_LEAST_MARGIN = 0.03
_LEAST_WITH_GAPS = 0.7
_SLACK = 3
_MOST_CHARS = 4_000
_COMMON = 40
Lines = Sequence[str]


@lru_cache(maxsize=65536)
def _plain(line: str) -> str:
    return " ".join(line.split())


def similarity(one: Lines, other: Lines) -> float:
    """Likeness in 0..1 of two runs of lines, indentation aside: of characters, or of whole lines where they are long."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Indel

    here, there = [_plain(line) for line in one], [_plain(line) for line in other]
    if sum(map(len, here)) > _MOST_CHARS or sum(map(len, there)) > _MOST_CHARS:
        return float(Indel.normalized_similarity(here, there))
    return fuzz.ratio("\n".join(here), "\n".join(there)) / 100


def _votes(file: Lines, search: Lines) -> list[int]:
    """Likely starts, best first: each search line votes for the places where it, or what is most like it, stands."""
    from rapidfuzz import fuzz, process

    plain, where = _lines_of(tuple(file))
    votes: Counter[int] = Counter()
    for offset, line in enumerate(search):
        places = where.get(_plain(line), ())
        if 0 < len(places) <= _COMMON and len(line.strip()) > 3:
            for place in places:
                votes[place - offset] += 4
    telling = sorted(range(len(search)), key=lambda i: -len(search[i].strip()))[:5]
    alike: dict[str, list[tuple[str, float, int]]] = {}
    for offset in telling:
        text = _plain(search[offset])[:400]
        if text not in alike:
            alike[text] = process.extract(text, plain, scorer=fuzz.ratio, limit=12, score_cutoff=60)
        for _, score, place in alike[text]:
            votes[place - offset] += 3 if score > 85 else 1
    near: Counter[int] = Counter()
    for start, count in votes.items():
        for step in range(-2, 3):
            near[start + step] += count * (4 if step == 0 else 1)
    return [start for start, _ in near.most_common(48)]


@lru_cache(maxsize=4)
def _lines_of(file: tuple[str, ...]) -> tuple[list[str], dict[str, list[int]]]:
    """The file's lines without indentation, and where each stands."""
    plain = [_plain(line) for line in file]
    where: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(plain):
        where[line].append(number)
    return plain, dict(where)


def _windows(file: Lines, search: Lines) -> tuple[tuple[float, int, int], ...]:
    return _scored_windows(tuple(file), tuple(search))


@lru_cache(maxsize=8)
def _scored_windows(file: tuple[str, ...], search: tuple[str, ...]) -> tuple[tuple[float, int, int], ...]:
    """(similarity, start, end) of candidate windows, best first: of the search text's length, and for the best two of others."""
    size, long = len(search), sum(map(len, search)) > _MOST_CHARS
    slack = 0 if size == 1 else 1 if long else _SLACK
    scored = [_scored(file, search, start, start + size) for start in _spread(_votes(file, search), size)]
    coarse = sorted((w for w in scored if w), key=lambda w: (-w[0], w[1], w[2]))
    found = set(coarse)
    for _, start, end in coarse[: 1 if long else 2]:
        for first in range(start - slack, start + slack + 1):
            for last in range(end - slack, end + slack + 1):
                window = _scored(file, search, first, last)
                if window and file[window[1]].strip() and file[window[2] - 1].strip():
                    found.add(window)
    return tuple(sorted(found, key=lambda w: (-w[0], w[1], w[2])))


def _scored(file: Lines, search: Lines, start: int, end: int) -> tuple[float, int, int] | None:
    low, high = max(start, 0), min(end, len(file))
    return (similarity(search, file[low:high]), low, high) if low < high else None


def _spread(starts: Sequence[int], size: int) -> list[int]:
    """The first few starts that are not within a few lines of a better one."""
    kept: list[int] = []
    for start in starts:
        if all(abs(start - other) > min(_SLACK, max(size - 1, 0)) for other in kept):
            kept.append(start)
        if len(kept) == 6:
            break
    return kept


def most_similar(file: Lines, search: Lines) -> tuple[int, int] | None:
    """Start and end of the one run of lines that is like enough, with a margin over the runner-up; else None."""
    windows = _windows(file, search)
    bounded = [w for w in windows if _bounded(file, search, w)]
    if not bounded:
        return None
    best, start, end = bounded[0]
    least = next(threshold for lines, threshold in _THRESHOLDS if len(search) >= lines)
    if best < (_LEAST_WITH_GAPS if _has_gaps_only(file[start:end], search) else least):
        return None
    # The runner-up is another place, not the same one with a line more or less.
    others = [score for score, low, high in windows if min(high, end) - max(low, start) <= (end - start) // 2]
    runner_up = max(others, default=0.0)
    # A margin that grows with the drift: the other place must be at least twice as far away.
    if 1 - runner_up < 2 * (1 - best) or best - runner_up < _LEAST_MARGIN:
        return None
    return start, end


def _bounded(file: Lines, search: Lines, window: tuple[float, int, int]) -> bool:
    """True where a window begins and ends with lines like those of the search text."""
    _, start, end = window
    return (
        similarity(search[:1], file[start : start + 1]) >= 0.5 and similarity(search[-1:], file[end - 1 : end]) >= 0.5
    )


def _has_gaps_only(window: Lines, search: Lines) -> bool:
    """True where every line of the search text is in the window, in order: the model left lines out and changed none."""
    rest = iter([_plain(line) for line in window])
    return len(search) >= 3 and all(_plain(line) in rest for line in search)


def nearest(file: Lines, search: Lines) -> tuple[int, int, float] | None:
    """The window most like the search text, however unlike, for a refusal to show; None below 0.4."""
    windows = _windows(file, search)
    if not windows or windows[0][0] < 0.4:
        return None
    score, start, end = windows[0]
    return start, end, score
