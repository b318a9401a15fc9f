"""Facts of a blob as compact bytes and back: JSON for names, little-endian arrays for counts, zlib around both."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from orchestrator.localize.facts import FileFacts, Import
from orchestrator.syntax import Definition

IntArray = npt.NDArray[np.int32]
_HEADER = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file as stored: units' definitions (None is the module), and counts[i] of vocabulary[token[i]] in unit[i]."""

    definitions: tuple[Definition | None, ...]
    imports: tuple[Import, ...]
    line_count: int
    read_by: str
    vocabulary: tuple[str, ...]
    unit: IntArray
    token: IntArray
    count: IntArray


def pack(facts: FileFacts) -> bytes:
    """Encode; `unpack(pack(f))` holds the same facts."""
    vocabulary: dict[str, int] = {}
    unit, token, count = [], [], []
    for number, each in enumerate(facts.units):
        for word, times in each.tokens.items():
            unit.append(number)
            token.append(vocabulary.setdefault(word, len(vocabulary)))
            count.append(min(times, 0xFFFF))
    names = [[d.qualified_name, d.kind, d.start_line, d.header_line, d.body_line, d.end_line] if d else None
             for d in (u.definition for u in facts.units)]  # fmt: skip
    head = [names, [[i.module, list(i.names), i.level] for i in facts.imports], facts.line_count, facts.read_by]
    meta = json.dumps([head, " ".join(vocabulary)], separators=(",", ":")).encode()
    arrays = np.array([unit, token], dtype="<u4").tobytes() + np.array(count, dtype="<u2").tobytes()
    return zlib.compress(_HEADER.pack(len(meta), len(unit)) + meta + arrays, 1)


def unpack(payload: bytes) -> PackedFile:
    """Decode. Raises ValueError on bytes that `pack` did not write."""
    try:
        raw = zlib.decompress(payload)
        meta_size, entries = _HEADER.unpack_from(raw)
        (names, imports, line_count, read_by), words = json.loads(raw[_HEADER.size : _HEADER.size + meta_size])
    except (zlib.error, struct.error, TypeError) as error:
        raise ValueError(f"a stored index entry is damaged: {error}") from error
    start = _HEADER.size + meta_size
    pair = np.frombuffer(raw, dtype="<u4", count=2 * entries, offset=start).astype(np.int32)
    count = np.frombuffer(raw, dtype="<u2", count=entries, offset=start + 8 * entries).astype(np.int32)
    return PackedFile(
        definitions=tuple(Definition(*cast("list[object]", n)) if n else None for n in names),  # type: ignore[arg-type]
        imports=tuple(Import(module, tuple(inner), level) for module, inner, level in imports),
        line_count=line_count,
        read_by=read_by,
        vocabulary=tuple(words.split(" ")) if words else (),
        unit=pair[:entries],
        token=pair[entries:],
        count=count,
    )
