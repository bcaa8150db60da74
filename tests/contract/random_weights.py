"""A model with random weights: half a megabyte that talks nonsense as llama.cpp understands it."""

from pathlib import Path

import gguf
import numpy as np

_WIDTH, _HEADS, _INNER, _LAYERS, _CONTEXT = 64, 4, 128, 2, 8192
_TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "
_NORMAL, _CONTROL = 1, 3


def write_model(path: Path) -> None:
    """Write the model to `path`: an architecture of two layers over the 256 bytes."""
    chance = np.random.default_rng(7)
    model = gguf.GGUFWriter(path, "llama")
    model.add_context_length(_CONTEXT)
    model.add_embedding_length(_WIDTH)
    model.add_block_count(_LAYERS)
    model.add_feed_forward_length(_INNER)
    model.add_head_count(_HEADS)
    model.add_head_count_kv(_HEADS)
    model.add_layer_norm_rms_eps(1e-5)
    model.add_rope_dimension_count(_WIDTH // _HEADS)
    size = _add_vocabulary(model)

    def weights(name: str, *shape: int) -> None:
        values = chance.standard_normal(shape) * 0.05
        model.add_tensor(f"{name}.weight", values.astype(np.float32))

    def norm(name: str) -> None:
        model.add_tensor(f"{name}.weight", np.ones(_WIDTH, np.float32))

    weights("token_embd", size, _WIDTH)
    weights("output", size, _WIDTH)
    norm("output_norm")
    for layer in range(_LAYERS):
        norm(f"blk.{layer}.attn_norm")
        norm(f"blk.{layer}.ffn_norm")
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weights(f"blk.{layer}.{name}", _WIDTH, _WIDTH)
        weights(f"blk.{layer}.ffn_gate", _INNER, _WIDTH)
        weights(f"blk.{layer}.ffn_up", _INNER, _WIDTH)
        weights(f"blk.{layer}.ffn_down", _WIDTH, _INNER)
    model.write_header_to_file()
    model.write_kv_data_to_file()
    model.write_tensors_to_file()
    model.close()


def _add_vocabulary(model: gguf.GGUFWriter) -> int:
    tokens = [*_byte_symbols(), "<s>", "</s>", "ab", "cd"]
    kinds = [_NORMAL] * len(tokens)
    kinds[256] = kinds[257] = _CONTROL
    # llama.cpp writes a carriage return between JSON tokens, and then cannot read its own answer.
    kinds[ord("\r")] = _CONTROL
    model.add_vocab_size(len(tokens))
    model.add_tokenizer_model("gpt2")
    model.add_tokenizer_pre("gpt-2")
    model.add_token_list(tokens)
    model.add_token_types(kinds)
    model.add_token_merges(["a b", "c d"])
    model.add_bos_token_id(256)
    model.add_eos_token_id(257)
    model.add_chat_template(_TEMPLATE)
    return len(tokens)


def _byte_symbols() -> list[str]:
    """Return the character that stands for each byte in a GPT-2 vocabulary."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    stands = {byte: byte for byte in shown} | {byte: 256 + i for i, byte in enumerate(hidden)}
    return [chr(stands[byte]) for byte in range(256)]
