"""The model as onnxruntime reads it: a graph of its operators, written in the few messages of ONNX that it needs.

Weights stay in 4 bits, activations are rounded to 8 bits by blocks, as the package's own engine does; the operators of
onnxruntime are three times as fast.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bot.knowledge.meaning.e5_file import BLOCK, Bytes, Floats, ModelFile

INPUT, OUTPUT = "embedded", "read"
_MICROSOFT = "com.microsoft"
_FLOAT, _BYTE = 1, 2  # kinds of tensors
_REAL, _WHOLE = 1, 2  # kinds of attributes


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode("ascii") if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _attribute(name: str, value: float) -> bytes:
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, _WHOLE)
    return _field(1, name) + _varint(2 << 3 | 5) + np.float32(value).tobytes() + _field(20, _REAL)


def _shape(name: str, width: int) -> bytes:
    sizes = b"".join(_field(1, each) for each in (_field(1, 1), _field(2, "tokens"), _field(1, width)))
    return _field(1, name) + _field(2, _field(1, _field(1, _FLOAT) + _field(2, sizes)))


class _Graph:
    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def tensor(self, name: str, values: Floats | Bytes) -> str:
        kind = _BYTE if values.dtype == np.uint8 else _FLOAT
        sizes = b"".join(_field(1, size) for size in values.shape)
        self._parts.append(_field(5, sizes + _field(2, kind) + _field(8, name) + _field(9, values.tobytes())))
        return name

    def node(self, kind: str, inputs: Iterable[str], output: str, domain: str = "", **attributes: float) -> str:
        given = b"".join(_field(1, each) for each in inputs)
        said = b"".join(_field(5, _attribute(name, value)) for name, value in attributes.items())
        self._parts.append(_field(1, given + _field(2, output) + _field(4, kind) + said + _field(7, domain)))
        return output

    def model(self, width: int) -> bytes:
        ends = _field(11, _shape(INPUT, width)) + _field(12, _shape(OUTPUT, width))
        graph = b"".join(self._parts) + _field(2, "e5") + ends
        versions = _field(8, _field(1, "") + _field(2, 17)) + _field(8, _field(1, _MICROSOFT) + _field(2, 1))
        return _field(1, 9) + _field(7, graph) + versions


def graph_of(file: ModelFile) -> bytes:
    """Return the model from the sum of its embeddings to what it makes of each token."""
    graph, width = _Graph(), file.width

    def multiplied(source: str, name: str, inputs: int, output: str) -> str:
        weights = file.weights(f"{name}.w", inputs)
        given = (
            source,
            graph.tensor(f"{name}.halves", weights.halves),
            graph.tensor(f"{name}.scales", weights.scales),
            "",
            "",
            graph.tensor(f"{name}.b", file.floats(f"{name}.b")),
        )
        sizes = {"K": inputs, "N": len(weights.halves), "bits": 4, "block_size": BLOCK, "accuracy_level": 4}
        return graph.node("MatMulNBits", given, output, _MICROSOFT, **sizes)

    def levelled(source: str, more: str, name: str, output: str) -> str:
        given = (source, more, *(graph.tensor(each, file.floats(each)) for each in (f"{name}.w", f"{name}.b")))
        return graph.node("SkipLayerNormalization", given, output, _MICROSOFT, epsilon=file.epsilon)

    level = [graph.tensor(each, file.floats(each)) for each in ("emb.ln.w", "emb.ln.b")]
    state = graph.node("LayerNormalization", (INPUT, *level), "state", axis=2, epsilon=file.epsilon)
    for number in range(file.layers):
        layer = f"l{number}"
        asked = [multiplied(state, f"{layer}.{each}", width, f"{layer}.{each}.out") for each in "qkv"]
        looked = graph.node("MultiHeadAttention", asked, f"{layer}.looked", _MICROSOFT, num_heads=file.heads)
        state = levelled(state, multiplied(looked, f"{layer}.ao", width, f"{layer}.ao.out"), f"{layer}.aln", f"{layer}.seen")
        wide = graph.node("Gelu", (multiplied(state, f"{layer}.fi", width, f"{layer}.fi.out"),), f"{layer}.wide", _MICROSOFT)
        last = OUTPUT if number + 1 == file.layers else f"{layer}.state"
        state = levelled(state, multiplied(wide, f"{layer}.fo", file.middle, f"{layer}.fo.out"), f"{layer}.oln", last)
    return graph.model(width)
