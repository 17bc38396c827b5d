"""Keys of telephones: the same for the same person and telephone, another one for anybody else."""

import base64

import pytest

from backoffice.core.errors import InvalidInput
from backoffice.core.sealed.phone_keys import KEY_BYTES, phone_key

SALT = bytes(range(16))


def ring(*numbers):
    return ",".join(f"{n}:{base64.urlsafe_b64encode(bytes([n] * 32)).decode()}" for n in numbers)


def test_a_key_is_the_same_again_and_of_one_person_and_telephone(settings):
    settings.FIELD_KEYS = ring(1)

    first = phone_key(user_id=7, salt=SALT)

    assert first == phone_key(user_id=7, salt=SALT)
    assert len(first[1]) == KEY_BYTES
    assert len({first[1], phone_key(user_id=8, salt=SALT)[1], phone_key(user_id=7, salt=SALT[::-1])[1]}) == 3


def test_a_new_key_of_the_ring_leaves_the_old_ones_usable(settings):
    settings.FIELD_KEYS = ring(1)
    old = phone_key(user_id=7, salt=SALT)
    settings.FIELD_KEYS = ring(1, 2)

    assert phone_key(user_id=7, salt=SALT)[0] == 2
    assert phone_key(user_id=7, salt=SALT, number=1) == old


@pytest.mark.parametrize(("salt", "number"), [(b"short", None), (SALT, 9)])
def test_a_short_salt_and_an_unknown_number_are_refused(settings, salt, number):
    settings.FIELD_KEYS = ring(1)

    with pytest.raises(InvalidInput):
        phone_key(user_id=7, salt=salt, number=number)
