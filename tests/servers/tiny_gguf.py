"""Writes a tiny language model with random weights: `python tiny_gguf.py FILE`. Needs gguf and numpy, nothing else.

One layer of a llama whose tokens are the 256 bytes: it reads any text and at once writes printable nonsense without an end.
"""

from __future__ import annotations

import sys

WIDTH, FEED, HEADS, CONTEXT = 64, 128, 2, 2048


def write(path: str) -> None:
    """Write the model."""
    import gguf
    import numpy as np

    tokens = [b"<unk>", b"<s>", b"</s>", *(f"<0x{byte:02X}>".encode() for byte in range(256))]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL, *[gguf.TokenType.BYTE] * 256]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    random = np.random.default_rng(7)
    shapes = {f"blk.0.attn_{part}.weight": (WIDTH, WIDTH) for part in ("q", "k", "v", "output")}
    shapes |= {"blk.0.ffn_gate.weight": (FEED, WIDTH), "blk.0.ffn_up.weight": (FEED, WIDTH)}
    shapes |= {"blk.0.ffn_down.weight": (WIDTH, FEED)}
    shapes |= {"token_embd.weight": (len(tokens), WIDTH), "output.weight": (len(tokens), WIDTH)}
    weights = {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    # Channel 0 is the same for every token and passes through: it holds down whatever is not a printable character.
    weights["token_embd.weight"][:, 0], weights["output.weight"][:, 0] = 3.0, 0.0
    weights["blk.0.attn_output.weight"][0], weights["blk.0.ffn_down.weight"][0] = 0.0, 0.0
    unwanted = [number for number in range(len(tokens)) if not 0x20 <= number - 3 < 0x7F]
    weights["output.weight"][unwanted, 0] = -20.0
    for name, values in weights.items():
        writer.add_tensor(name, values)
    for name in ("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "output_norm.weight"):
        writer.add_tensor(name, np.ones(WIDTH, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1])
