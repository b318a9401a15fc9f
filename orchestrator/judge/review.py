"""The reviewer's request and the reading of its verdict; the stage around them ranks with it (`judge/`).

Issue and change are data from strangers: they stand between lines that carry a nonce, and only a verdict that carries
the same nonce counts. What cannot be read without doubt is no verdict, so that a reply can lower a candidate, but noise
or forgery can never raise one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.prompts import PromptSet
from orchestrator.records import Message
from orchestrator.text import CountTokens, clip_tokens, estimate_tokens

RUBRIC = ("cause", "minimal", "honest", "safe")
"""Points of the rubric, each rated 0 to 4: the change treats the cause, is minimal, masks nothing, breaks no contract."""

# The cause counts as much as the other three together: a minimal and harmless change that repairs nothing is no repair.
_WEIGHTS: Mapping[str, int] = {"cause": 3, "minimal": 1, "honest": 1, "safe": 1}
_MOST = 4
_REVIEW_ISSUE_TOKENS = 1500
_REVIEW_DIFF_TOKENS = 3000
_KEYS = frozenset({"mark", *RUBRIC, "verdict"})


@dataclass(frozen=True, slots=True)
class ReviewVerdict:
    """A readable verdict. `score` (0..1) weighs the rubric and ranks; `approve` vetoes only where a phase says so."""

    approve: bool
    score: float
    ratings: Mapping[str, int]
    reasons: str


def review_messages(
    prompt_set: PromptSet,
    *,
    problem_statement: str,
    diff: bytes,
    nonce: str,
    count_tokens: CountTokens = estimate_tokens,
) -> tuple[Message, ...]:
    """Ask for a review of one change. `nonce` must be unpredictable and new for each request.

    Both texts are cut, on whole lines, to a fixed share of tokens; a nonce inside them is struck out.
    """
    change = diff.decode("utf-8", "backslashreplace")
    body = prompt_set.render(
        "review.md",
        nonce=nonce,
        issue=clip_tokens(_without(nonce, problem_statement.strip()), _REVIEW_ISSUE_TOKENS, count_tokens),
        diff=clip_tokens(_without(nonce, change.strip("\n")), _REVIEW_DIFF_TOKENS, count_tokens),
    )
    return (Message("system", prompt_set.render("review-system.md")), Message("user", body))


def read_review(reply_text: str, nonce: str) -> ReviewVerdict | None:
    """The last verdict that carries `nonce`; None where there is none, or where two disagree, or one is malformed.

    Never raises on any text. JSON without the nonce is prose: a quotation from the issue, or a forgery.
    """
    mentions = list(_marks(nonce).finditer(reply_text))
    found: list[tuple[int, Mapping[str, Any]]] = []
    for mention in mentions:
        start = reply_text.rfind("{", 0, mention.start())
        value = _object_at(reply_text, start)
        if value is None:
            return None
        found.append((start, value))
    if not found or len({value["verdict"] for _, value in found}) > 1:
        return None
    start, last = found[-1]
    ratings = {point: last[point] for point in RUBRIC}
    score = sum(_WEIGHTS[point] * rating for point, rating in ratings.items()) / (_MOST * sum(_WEIGHTS.values()))
    return ReviewVerdict(last["verdict"] == "approve", score, ratings, _reasons(reply_text, found[0][0]))


def _marks(nonce: str) -> re.Pattern[str]:
    return re.compile(r'"mark"\s*:\s*"' + re.escape(nonce) + '"')


def _object_at(text: str, start: int) -> Mapping[str, Any] | None:
    """The well-formed verdict that starts at `start`; a repeated key, an extra key or a rating out of range is none."""
    if start < 0:
        return None
    try:
        value, _ = json.JSONDecoder(object_pairs_hook=_unique).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or set(value) != _KEYS or value["verdict"] not in ("approve", "reject"):
        return None
    rated = all(type(value[point]) is int and 0 <= value[point] <= _MOST for point in RUBRIC)
    return value if rated else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is repeated")
    return value


def _reasons(text: str, end: int) -> str:
    return text[:end].rstrip().removesuffix("```json").removesuffix("```").strip()


def _without(nonce: str, text: str) -> str:
    return text.replace(nonce, "[mark]")
