"""Compressed bytes opened step by step, never further than a limit."""

import zlib
from typing import Final

MOST_BYTES: Final = 5_000_000
_GZIP_OR_ZLIB = 47
_STEP = 64 * 1024
_MOST_MEMBERS = 100
_MOST_DIGITS = 20
GZIP_MAGIC: Final = b"\x1f\x8b"


class TooLarge(ValueError):
    """It opens to more than the limit."""


class Unpacking:
    """Bytes that arrive in pieces, decompressed as they come and counted after that.

    `encoding` is a Content-Encoding: empty or identity, gzip, x-gzip or deflate; any other raises
    ValueError. `done` is whether a compressed stream has come to its end.
    """

    def __init__(self, encoding: str = "", *, most: int = MOST_BYTES) -> None:
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise ValueError(encoding)
        self._packed = encoding not in ("", "identity")
        self._most = most
        self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._members = 0
        self._taken = 0
        self.data = bytearray()

    @property
    def done(self) -> bool:
        """Whether nothing is missing at the end."""
        return not self._packed or self._stream.eof or not self._taken

    def expect(self, announced: bytes) -> None:
        """Take note of a Content-Length. Raises TooLarge where it is one, and over the limit."""
        digits = announced.lstrip(b"0")
        if announced.isdigit() and (len(digits) > _MOST_DIGITS or int(digits or b"0") > self._most):
            raise TooLarge

    def take(self, chunk: bytes) -> None:
        """Add what `chunk` opens to. Raises TooLarge, and ValueError where it is damaged."""
        self._taken += len(chunk)
        if self._taken > self._most:
            raise TooLarge
        if not self._packed:
            self.data += chunk
            return
        for start in range(0, len(chunk), _STEP):
            self._inflate(chunk[start : start + _STEP])

    def _inflate(self, chunk: bytes) -> None:
        while chunk:
            if self._stream.eof:
                self._members += 1
                if self._members > _MOST_MEMBERS or not chunk.startswith(GZIP_MAGIC):
                    return  # padding after the end, which is not ours to judge
                self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
            room = self._most - len(self.data)
            try:
                self.data += self._stream.decompress(chunk, room + 1)
            except zlib.error as error:
                raise ValueError(str(error)) from error
            if len(self.data) > self._most:
                raise TooLarge
            chunk = self._stream.unused_data or self._stream.unconsumed_tail


def unpack(data: bytes, *, most: int = MOST_BYTES) -> bytes:
    """Return `data`, opened where it is gzip. Raises TooLarge, and ValueError where damaged."""
    unpacking = Unpacking("gzip" if data.startswith(GZIP_MAGIC) else "", most=most)
    unpacking.take(data)
    if not unpacking.done:
        raise ValueError("it is cut off")
    return bytes(unpacking.data)
