"""
Sealing of personal data: AES-256-GCM with key ids, bound to the row and field, and keyed blind indexes.

A sealed value is `key id (1 byte) | nonce (12) | ciphertext and tag`. Its associated data names table, field
and the row's binding value, so a ciphertext copied to another row or column does not open.
"""

import base64
import hashlib
import os
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from backoffice.core.canonical.addresses import canonical_door
from backoffice.core.canonical.identity_numbers import canonical_identity_number
from backoffice.core.canonical.telephones import DEFAULT_REGION, canonical_telephone

NONCE_BYTES = 12
INDEX_BYTES = 16


class SealBroken(Exception):
    """A sealed value does not open here: altered, moved to another row or field, or of an unknown key."""


@lru_cache(maxsize=8)
def _keyring(configured: str) -> tuple[int, dict[int, AESGCM]]:
    keys = {}
    for part in configured.split(","):
        number, _, encoded = part.strip().partition(":")
        keys[int(number)] = AESGCM(base64.urlsafe_b64decode(encoded))
    return max(keys), keys


@lru_cache(maxsize=8)
def _index_key(configured: str) -> bytes:
    return base64.urlsafe_b64decode(configured)


@lru_cache(maxsize=8)
def _index_mac(configured: str) -> HMAC:
    """The keyed state that every index begins with: copying it is three times as fast as keying anew."""
    return HMAC(_index_key(configured), SHA256())


def seal(*, text: str, place: str, bound_to: str) -> bytes:
    """
    Return `text` sealed for one place.

    `place` is "table.field", `bound_to` the row's immutable reference. An empty text seals to b"".

    :raises ValueError: if `bound_to` is empty, since the value could then be moved between rows.
    """
    if text == "":
        return b""
    if not bound_to:
        raise ValueError(f"{place} cannot be sealed before its row has a reference.")
    return seal_all(texts=(text,), place=place, bound_to=(bound_to,))[0]


def seal_all(*, texts: Sequence[str], place: str, bound_to: Sequence[str]) -> list[bytes]:
    """
    Return `texts` sealed for one place, each bound to the reference of its own row; see `seal`.

    :raises ValueError: if a text that is not empty has no reference.
    """
    current, keys = _keyring(settings.FIELD_KEYS)
    encrypt, number = keys[current].encrypt, bytes([current])
    # Random for each value: two texts sealed with the same key and nonce could be recovered from their ciphertexts.
    nonces = os.urandom(NONCE_BYTES * len(texts))
    sealed = []
    for position, (text, reference) in enumerate(zip(texts, bound_to, strict=True)):
        if text == "":
            sealed.append(b"")
            continue
        if not reference:
            raise ValueError(f"{place} cannot be sealed before its row has a reference.")
        nonce = nonces[position * NONCE_BYTES : (position + 1) * NONCE_BYTES]
        sealed.append(number + nonce + encrypt(nonce, text.encode(), f"{place}:{reference}".encode()))
    return sealed


def unseal(*, sealed: bytes, place: str, bound_to: str) -> str:
    """Return the text of a sealed value. :raises SealBroken: if it does not open at this place."""
    return opener(place=place)(sealed, bound_to)


def opener(*, place: str) -> Callable[[bytes, str], str]:
    """
    Return the function that opens a sealed value of one place, given the reference that it is bound to, for many of them.

    It raises SealBroken if a value does not open at this place.
    """
    _, keys = _keyring(settings.FIELD_KEYS)

    def opened(sealed: bytes, bound_to: str) -> str:
        if not sealed:
            return ""
        key = keys.get(sealed[0])
        if key is None:
            raise SealBroken(f"{place}: key {sealed[0]} is not in the key ring")
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return key.decrypt(nonce, body, f"{place}:{bound_to}".encode()).decode()
        except InvalidTag:
            raise SealBroken(f"{place}: the value was altered or belongs to another row") from None

    return opened


def current_key_number() -> int:
    """Return the number of the key that seals now."""
    return _keyring(settings.FIELD_KEYS)[0]


@lru_cache(maxsize=32)
def _derived_key(configured: str, purpose: str, number: int) -> bytes:
    for part in configured.split(","):
        found, _, encoded = part.strip().partition(":")
        if int(found) == number:
            secret = base64.urlsafe_b64decode(encoded)
            return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"doorstep {purpose}".encode()).derive(secret)
    raise ValueError(f"key {number} is not in the key ring")


def derived_key(*, purpose: str, number: int) -> bytes:
    """
    Return 32 bytes derived from the field key of that number for another purpose than sealing.

    :raises ValueError: if the key ring has no such key.
    """
    return _derived_key(settings.FIELD_KEYS, purpose, number)


def normalised(text: str) -> str:
    """Return `text` as blind indexes of names see it: NFKC, upper case, no spaces, hyphens or middle dots."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        for dot in "·•‧":
            text = text.replace(dot, "")
    return "".join(text.split()).replace("-", "").upper()


def _telephone(text: str) -> str:
    return canonical_telephone(text=text, region=DEFAULT_REGION)


def _identity_number(text: str) -> str:
    return canonical_identity_number(number=text)


def _door(text: str) -> str:
    return canonical_door(line=text)


_FORMS: dict[str, Callable[[str], str]] = {"phone": _telephone, "id_number": _identity_number, "door": _door}


def blind_index(*, text: str, kind: str) -> bytes:
    """
    Return the keyed index (16 bytes of HMAC-SHA256) that finds `text` exactly without opening it.

    `kind` ("name", "id_number", "phone", "door") keeps equal texts of different kinds apart, and decides in which one form a
    text is indexed: all spellings of a telephone, identity number or door have one index. Empty gives b"", and so does an
    address without a number, which names no door.
    """
    return blind_indexes(texts=(text,), kind=kind)[0]


def blind_indexes(*, texts: Sequence[str], kind: str) -> list[bytes]:
    """Return the blind index of each of `texts`."""
    found, keyed, form = [], _keyed(f"{kind}:"), _FORMS.get(kind, normalised)
    for text in texts:
        plain = form(text)
        found.append(keyed(plain) if plain else b"")
    return found


def keyed_digest(*, text: str, kind: str) -> bytes:
    """
    Return a keyed digest (16 bytes of HMAC-SHA256) of `text` as it stands, character for character.

    It tells whether sealed content has changed without opening it; `blind_index` finds what reads the same.
    """
    return keyed_digests(texts=(text,), kind=kind)[0]


def keyed_digests(*, texts: Sequence[str], kind: str) -> list[bytes]:
    """Return the keyed digest of each of `texts`."""
    return list(map(_keyed(f"digest:{kind}:"), texts))


def row_digester(*, kind: str, salt: bytes) -> Callable[[str], bytes]:
    """
    Return the function that digests whole rows of a feed: 16 bytes of keyed BLAKE2b, in half the time of `keyed_digest`.

    `salt` stands for the profile that read the rows: the same text with another salt has another digest.
    """
    begun = hashlib.blake2b(
        kind.encode() + b":" + salt + b":", key=_index_key(settings.INDEX_KEY), digest_size=INDEX_BYTES
    )

    def digest(text: str) -> bytes:
        state = begun.copy()
        # Halves of surrogate pairs are refused later; here they only have to give different digests.
        state.update(text.encode("utf-8", "surrogatepass"))
        return state.digest()

    return digest


def _keyed(prefix: str) -> Callable[[str], bytes]:
    begun = _index_mac(settings.INDEX_KEY).copy()
    begun.update(prefix.encode())

    def digest(text: str) -> bytes:
        mac = begun.copy()
        mac.update(text.encode())
        return mac.finalize()[:INDEX_BYTES]

    return digest


def masked_name(text: str) -> str:
    """Return a name with its middle hidden: 张*三, 张*, J*****n."""
    if len(text) <= 1:
        return "*" if text else ""
    if len(text) == 2:
        return text[0] + "*"
    return text[0] + "*" * (len(text) - 2) + text[-1]


def masked_tail(text: str, *, shown: int = 4) -> str:
    """Return only the last `shown` characters, the rest as asterisks; short texts are hidden whole."""
    if len(text) <= shown:
        return "*" * len(text)
    return "*" * (len(text) - shown) + text[-shown:]


def masked_address(text: str) -> str:
    """Return the first six characters (province and city) of an address and hide the rest."""
    return text[:6] + "***" if text else ""


def hidden(text: str) -> str:
    """Return three asterisks for any text: of an amount not even its length shows. Empty stays empty."""
    return "***" if text else ""
