"""What a sound file's own header promises, so that a file cut short is told from a whole one.

FFmpeg believes what is on disk: of a WAV that lost its second half it reports half the duration,
and of an Ogg stream without its last page nothing at all. So these three containers are read here.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

WAV_UNKNOWN_SIZE = 0x7FFF0000
"""Data sizes from here on mean "written to a pipe": ffmpeg leaves 0xFFFFFFFF, SoX 0x7FFFF000."""

OGG_PAGE_BYTES = 65307
"""RFC 3533, section 6: 27 + 255 + 255 * 255 bytes is the longest page."""


def wav_duration_s(file: BinaryIO) -> float | None:
    """Seconds of PCM that a RIFF WAVE header promises; None where it promises nothing."""
    file.seek(0)
    if file.read(12)[:4] != b"RIFF":
        return None
    byte_rate = 0
    while len(head := file.read(8)) == 8:
        name, size = head[:4], struct.unpack("<I", head[4:])[0]
        if name == b"data":
            known = byte_rate > 0 and 0 < size < WAV_UNKNOWN_SIZE
            return size / byte_rate if known else None
        body = file.read(min(size, 16)) if name == b"fmt " else b""
        if len(body) == 16:
            byte_rate = struct.unpack("<I", body[8:12])[0]
        file.seek(size - len(body) + size % 2, 1)
    return None


def mp3_counts_frames(file: BinaryIO) -> bool:
    """Tell whether an MP3's first frame counts all others (Xing, Info or VBRI).

    Without that count FFmpeg's duration is a guess from the bit rate of the first frames.
    """
    file.seek(0)
    head = file.read(10)
    start = 0
    if head[:3] == b"ID3" and len(head) == 10:
        # ID3v2.4, section 3.1: the size is four times seven bits, header not counted.
        start = 10 + sum(
            (byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
        )
    file.seek(start)
    frame = file.read(4096)
    return any(tag in frame for tag in (b"Xing", b"Info", b"VBRI"))


def ogg_is_whole(file: BinaryIO) -> bool:
    """Tell whether an Ogg file ends with a complete page that is marked "end of stream".

    RFC 3533, section 6: each logical stream's last page carries the flag 0x04.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - 2 * OGG_PAGE_BYTES))
    tail = file.read()
    at = tail.rfind(b"OggS")
    page = tail[at:] if at >= 0 else b""
    if len(page) < 27 or len(page) < 27 + page[26]:
        return False
    complete = len(page) >= 27 + page[26] + sum(page[27 : 27 + page[26]])
    return complete and bool(page[5] & 0x04)
