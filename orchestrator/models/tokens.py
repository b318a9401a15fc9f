"""Estimating tokens without the model's tokenizer, calibrated by what the server counts as the run goes."""

from __future__ import annotations

import functools
import re
import threading
from collections import deque
from dataclasses import dataclass

from orchestrator.records import Message

# Shaped like the splitting rule of byte-pair tokenizers, each match about one token: up to 6 letters with the blank before
# them, 3 digits, 2 marks, a run of blanks, and each letter beyond ASCII by itself.
PIECE = re.compile(r" ?[A-Za-z]{1,6}|[0-9]{1,3}|\s{1,16}|_+|[!-/:-@\[-^`{-~]{1,2}|.", re.DOTALL)
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
TEMPLATE_TOKENS = 8  # what a chat template adds to each message
UNCALIBRATED = 1.3
MARGIN = 1.05
REMEMBERED = 32
SMALLEST_SAMPLE = 50
CUT_SHARE = 0.6
CUT_SHARE_UNCALIBRATED = 0.3


@dataclass(frozen=True, slots=True)
class CutCheck:
    """What the server evaluated beside what it should have: `cut` where too much is missing to be an estimate's error."""

    evaluated_tokens: int
    expected_tokens: int
    cut: bool


@functools.lru_cache(maxsize=512)
def raw_tokens(text: str) -> float:
    """Tokens by shape alone, a letter beyond ASCII counting one and a half. Remembered: a prompt is counted several times."""
    extra = 0.0 if text.isascii() else 0.5 * len(BEYOND_ASCII.findall(text))
    return len(PIECE.findall(text)) + extra


class TokenEstimator:
    """Counts by shape times a factor learned from `prompt_eval_count`; high by intent. Safe for several threads."""

    def __init__(self) -> None:
        self._factors: deque[float] = deque(maxlen=REMEMBERED)
        self._lock = threading.Lock()

    @property
    def calibrated(self) -> bool:
        """Whether a server has counted at least one prompt."""
        return bool(self._factors)

    def estimate(self, text: str) -> int:
        """Tokens of a text, erring on the high side: the largest factor of late and 5% more."""
        return int(raw_tokens(text) * self._high() * MARGIN) + 1

    def estimate_prompt(self, messages: tuple[Message, ...]) -> int:
        """Tokens of a whole prompt, with what the chat template adds."""
        return sum(self.estimate(message.content) + TEMPLATE_TOKENS for message in messages) + TEMPLATE_TOKENS

    def observe(self, messages: tuple[Message, ...], counted: int) -> CutCheck:
        """Compare with the server's count of a whole prompt, and learn from it unless the prompt was cut."""
        raw = sum(raw_tokens(message.content) for message in messages)
        expected = raw * self._low() + TEMPLATE_TOKENS * (len(messages) + 1)
        share = CUT_SHARE if self.calibrated else CUT_SHARE_UNCALIBRATED
        cut = raw >= SMALLEST_SAMPLE and counted < share * expected
        if not cut and raw >= SMALLEST_SAMPLE:
            factor = max(0.1, (counted - TEMPLATE_TOKENS * (len(messages) + 1)) / raw)
            with self._lock:
                self._factors.append(factor)
        return CutCheck(counted, int(expected), cut)

    def _high(self) -> float:
        with self._lock:
            return max(self._factors, default=UNCALIBRATED)

    def _low(self) -> float:
        with self._lock:
            return min(self._factors, default=1.0)
