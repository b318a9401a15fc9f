"""Records to and from JSON, with bytes and long texts set aside by their hash.

Written form: `["Finding", {...}]`; a set-aside value is `{"$bytes": sha256}` or `{"$text": sha256}`. pydantic rebuilds the
records, so a ledger of another shape is refused instead of half read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from orchestrator.errors import LedgerError
from orchestrator.records import Record

if TYPE_CHECKING:
    from pydantic import TypeAdapter

LONG_TEXT = 400

PutBlob = Callable[[bytes], str]
GetBlob = Callable[[str], bytes]

_RECORD_TYPES: dict[str, type] = {kind.__name__: kind for kind in get_args(Record)}


def blob_id(data: bytes) -> str:
    """The content address of a blob: its sha256 in hex."""
    return hashlib.sha256(data).hexdigest()


def encode_records(records: tuple[Record, ...], put: PutBlob) -> str:
    """JSON of records; `put` stores what is set aside and returns its id."""
    return json.dumps([[type(r).__name__, _encode(r, put)] for r in records], ensure_ascii=False)


def decode_records(text: str, get: GetBlob) -> tuple[Record, ...]:
    """Records from JSON. Raises LedgerError where the text is not of this version's shape."""
    return tuple(decode_as(_RECORD_TYPES[name], data, get) for name, data in json.loads(text))


def encode_value(value: Any, put: PutBlob) -> str:
    """JSON of one dataclass (or plain value) that is no Record, such as a sandbox result."""
    return json.dumps(_encode(value, put), ensure_ascii=False)


def decode_as(kind: type, data: Any, get: GetBlob) -> Any:
    """Rebuild a `kind` from decoded JSON. Raises LedgerError where it does not fit."""
    from pydantic import ValidationError

    try:
        return _adapter(kind).validate_python(_restore(data, get))
    except ValidationError as error:
        raise LedgerError(f"the ledger holds a {kind.__name__} of another shape: {error.errors()[0]['msg']}") from error


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _encode(value: Any, put: PutBlob) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return {"$bytes": put(value)}
    if isinstance(value, str):
        return _encode_text(value, put)
    if is_dataclass(value):
        return {f.name: _encode(getattr(value, f.name), put) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _encode(item, put) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_encode(item, put) for item in value]
    return value


def _encode_text(value: str, put: PutBlob) -> Any:
    # A model's reply can hold lone surrogates, which no JSON file survives: they take the bytes' way.
    if len(value) <= LONG_TEXT and value.isascii():
        return value
    try:
        data = value.encode()
    except UnicodeEncodeError:
        return {"$odd": put(value.encode("utf-8", "surrogatepass"))}
    return {"$text": put(data)} if len(value) > LONG_TEXT else value


def _restore(data: Any, get: GetBlob) -> Any:
    if isinstance(data, list):
        return [_restore(item, get) for item in data]
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        ((key, value),) = data.items()
        if key == "$bytes":
            return get(value)
        if key == "$text":
            return get(value).decode()
        if key == "$odd":
            return get(value).decode("utf-8", "surrogatepass")
    return {key: _restore(value, get) for key, value in data.items()}
