"""The key under which a telephone seals what it keeps while it has no connection."""

import base64

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from backoffice.core.errors import InvalidInput

SALT_BYTES = 16
KEY_BYTES = 32


def phone_key(*, user_id: int, salt: bytes, number: int | None = None) -> tuple[int, bytes]:
    """
    Return the key of one person on one telephone and the number of the ring's key it comes from; the newest if none is given.

    The same arguments give the same key, so that what a telephone sealed opens again after the person signs in anew,
    and for nobody else. `salt` is of the telephone: a key that leaked from one opens nothing on another.

    :raises InvalidInput: if the salt is too short, or the ring has no such key any more.
    """
    keys = dict(part.strip().split(":", 1) for part in settings.FIELD_KEYS.split(","))
    chosen = max(map(int, keys)) if number is None else number
    if len(salt) != SALT_BYTES:
        raise InvalidInput("The salt has 16 bytes.", field="salt")
    if str(chosen) not in keys:
        raise InvalidInput("The key ring has no such key.", field="number")
    master = base64.urlsafe_b64decode(keys[str(chosen)])
    info = b"doorstep telephone " + str(user_id).encode()
    return chosen, HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(master)
