"""Keys never reach a file, a log or a report: they live in a Secret, and text is redacted where it is written."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterable, Mapping
from typing import NoReturn

MASK = "[redacted]"

# Shapes of keys that providers issue: Anthropic and OpenAI, bearer headers, GitHub, Hugging Face, AWS.
SHAPES = re.compile(
    r"(?<![A-Za-z0-9])sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}"
    r"|(?i:(?<=bearer )[A-Za-z0-9._~+/-]{8,}=*)"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|hf_[A-Za-z0-9]{20,}"
    r"|AKIA[A-Z0-9]{16}"
)
SECRET_VARIABLE = re.compile(r"(^|_)(KEY|TOKEN|SECRET|PASSWORD)$")


class Secret:
    """A value that prints as nothing and cannot be pickled; only `reveal()` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, for the client object that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be stored")


def secrets_in(environment: Mapping[str, str]) -> tuple[Secret, ...]:
    """The values of variables named like keys; those under 8 characters are too common to look for."""
    return tuple(Secret(v) for k, v in environment.items() if SECRET_VARIABLE.search(k) and len(v) >= 8)


class Redactor:
    """Masks known values (plain, reversed, base64, JSON-escaped) and anything shaped like a key."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        spellings = {spelling for secret in secrets for spelling in _spellings(secret.reveal())}
        longest_first = sorted(spellings, key=len, reverse=True)
        # Only the bound method is kept: a pattern shows its text, and so the key, to whoever prints it.
        self._mask_known = re.compile("|".join(map(re.escape, longest_first))).sub if longest_first else None

    def redact(self, text: str, *, by_shape: bool = True) -> str:
        """`text` with every key masked; call it where text is written, after it has been serialised.

        Without `by_shape` only known values are masked: for what must come back as it was, such as replies and sources, in
        which a made-up key of some test must survive.
        """
        if self._mask_known is not None:
            text = self._mask_known(MASK, text)
        return SHAPES.sub(MASK, text) if by_shape else text


class RedactingFilter(logging.Filter):
    """A logging filter for handlers: the finished message is redacted, its arguments are dropped."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact in place; every record passes."""
        record.msg, record.args = self._redactor.redact(record.getMessage()), ()
        return True


def _spellings(value: str) -> Iterable[str]:
    """The ways in which a key may turn up in text. Base64 is that of the value alone, without its padding."""
    yield value
    yield value[::-1]
    yield base64.b64encode(value.encode()).decode().rstrip("=")
    yield json.dumps(value)[1:-1]
