import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visits.rules.report.lookalikes import BANDS, LOOKALIKE_BITS, band_keys, probe_keys

HASHES = st.binary(min_size=32, max_size=32)


def turned(pdq: bytes, bits: set[int]) -> bytes:
    """Return the hash with these bits turned, 0 the lowest."""
    return (int.from_bytes(pdq) ^ sum(1 << bit for bit in bits)).to_bytes(32)


@settings(deadline=None, max_examples=300)
@given(pdq=HASHES, bits=st.sets(st.integers(0, 255), max_size=LOOKALIKE_BITS))
def test_a_hash_within_the_distance_is_filed_under_a_key_that_is_asked_for(pdq: bytes, bits: set[int]) -> None:
    assert set(band_keys(pdq=turned(pdq, bits))) & set(probe_keys(pdq=pdq))


def test_one_bit_more_can_escape_and_no_key_finds_it() -> None:
    pdq = bytes(32)
    two_in_each_band = turned(pdq, {band * 16 + bit for band in range(BANDS) for bit in (0, 1)})

    assert (int.from_bytes(pdq) ^ int.from_bytes(two_in_each_band)).bit_count() == LOOKALIKE_BITS + 1
    assert not set(band_keys(pdq=two_in_each_band)) & set(probe_keys(pdq=pdq))


def test_keys_name_their_band_and_are_few() -> None:
    pdq = bytes(range(32))

    assert [key >> 16 for key in band_keys(pdq=pdq)] == list(range(16))
    assert band_keys(pdq=pdq)[1] == 0x1_0203
    assert len(set(probe_keys(pdq=pdq))) == 16 * 17
    assert probe_keys(pdq=pdq) == sorted(probe_keys(pdq=pdq))


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="256"):
        band_keys(pdq=bytes(31))
