"""Facts of a blob as compact bytes and back: JSON for names, little-endian arrays for counts, zlib around both."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from itertools import chain
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


def arrange(facts: FileFacts) -> PackedFile:
    """Number the tokens of a file and lay out its counts as arrays."""
    vocabulary = {word: n for n, word in enumerate(dict.fromkeys(chain.from_iterable(u.tokens for u in facts.units)))}
    sizes = [len(each.tokens) for each in facts.units]
    token = [vocabulary[word] for each in facts.units for word in each.tokens]
    count = [times for each in facts.units for times in each.tokens.values()]
    return PackedFile(
        definitions=tuple(each.definition for each in facts.units),
        imports=facts.imports,
        line_count=facts.line_count,
        read_by=facts.read_by,
        vocabulary=tuple(vocabulary),
        unit=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        token=np.array(token, np.int32),
        count=np.minimum(np.array(count, np.int32), 0xFFFF),
    )


def pack(packed: PackedFile) -> bytes:
    """Encode; `unpack(pack(p))` holds the same."""
    names = [[d.qualified_name, d.kind, d.start_line, d.header_line, d.body_line, d.end_line] if d else None
             for d in packed.definitions]  # fmt: skip
    head = [names, [[i.module, i.names, i.level] for i in packed.imports], packed.line_count, packed.read_by]
    meta = json.dumps([head, " ".join(packed.vocabulary)], separators=(",", ":")).encode()
    pair = np.concatenate([packed.unit, packed.token]).astype("<u4").tobytes()
    return zlib.compress(
        _HEADER.pack(len(meta), len(packed.unit)) + meta + pair + packed.count.astype("<u2").tobytes(), 1
    )


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
