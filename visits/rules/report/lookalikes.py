"""
When two photographs look alike, and under which keys a hash is filed so that an index finds its look-alikes.

A hash is PDQ: 256 bits, of which two independent pictures differ in about 128, and a re-encoded copy in a few. Comparing
with every hash ever kept would read them all. Multi-index hashing (M. Norouzi, A. Punjani, D. J. Fleet, "Fast Search in
Hamming Space with Multi-Index Hashing", CVPR 2012) cuts the hash into `BANDS` bands and files it under each of them.
By the pigeonhole principle, if two hashes differ in at most 31 bits, at least one of 16 bands differs in at most one bit:
two or more in every band would be 32. So the look-up asks for each band as it is and with each of its 16 bits turned,
17 keys a band and 272 in all, and compares in full only what it finds there. It misses nothing within `LOOKALIKE_BITS`.

Turned and mirrored forms and parts of a picture are asked for by their 16 bands as they are, which takes a seventeenth of the work: with
at most 15 differing bits one band of 16 is untouched, so nothing within 15 is missed, and of what lies between 16 and 31
nine in ten or more are found (bits that differ at random leave a band of 16 untouched so often).
"""

from typing import Final

HASH_BITS: Final = 256
BANDS: Final = 16
BAND_BITS: Final = HASH_BITS // BANDS
# The distance that the authors of PDQ use for a match. The keys below find no more: 2 * BANDS - 1.
LOOKALIKE_BITS: Final = 31


def band_keys(*, pdq: bytes) -> tuple[int, ...]:
    """
    Return the keys under which a hash of 32 bytes is filed, one a band: the band's number above its 16 bits.

    :raises ValueError: if the hash has another length.
    """
    if len(pdq) * 8 != HASH_BITS:
        raise ValueError("A PDQ hash has 256 bits.")
    width = BAND_BITS // 8
    return tuple(band << BAND_BITS | int.from_bytes(pdq[band * width : (band + 1) * width]) for band in range(BANDS))


def probe_keys(*, pdq: bytes) -> list[int]:
    """Return every key under which a hash within `LOOKALIKE_BITS` of this one may be filed, ascending."""
    turned = [0, *(1 << bit for bit in range(BAND_BITS))]
    return sorted(key ^ turn for key in band_keys(pdq=pdq) for turn in turned)
