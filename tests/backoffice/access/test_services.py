"""Passwords: a person's own, and the check that every new one passes."""

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from backoffice.access.models import User
from backoffice.access.services import change_own_password, strong_hash
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput
from tests.factories.access import PASSWORD, sign_in

NEW = "another long password"


def password_is(user, password):
    return User.objects.get(pk=user.pk).check_password(password)


def test_a_persons_own_password_changes_with_an_entry_in_the_trail(officer, at):
    change_own_password(user=officer, password=NEW, at=at)

    entry = AuditEntry.objects.get()
    assert (password_is(officer, NEW), password_is(officer, PASSWORD)) == (True, False)
    assert (entry.actor_id, entry.action, entry.subject_id, entry.at, entry.body) == (
        officer.pk,
        "user.password_changed",
        str(officer.pk),
        at,
        {},
    )


@pytest.mark.parametrize("weak", ["", "elevensigns", "password1234", "case_officer1"])
def test_a_weak_password_is_refused_and_nothing_changes(officer, at, weak):
    with pytest.raises(InvalidInput) as refused:
        change_own_password(user=officer, password=weak, at=at)

    assert refused.value.field == "password"
    assert password_is(officer, PASSWORD)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", "密码太短，至少需要 12 个字符。"),
        ("en", "This password is too short. It must contain at least 12 characters."),
    ],
)
def test_the_refusal_says_what_is_wrong_in_the_readers_language(officer, language, words):
    with override(language), pytest.raises(InvalidInput) as refused:
        strong_hash(user=officer, password="jk3-Rw9-qpL")

    assert str(refused.value) == words


def test_strong_hash_takes_twelve_signs_and_keeps_no_text(officer):
    hashed = strong_hash(user=officer, password="jk3-Rw9-qpLx")

    assert check_password("jk3-Rw9-qpLx", hashed)
    assert "jk3-Rw9-qpLx" not in hashed


def test_changing_the_password_on_its_page_ends_the_other_sessions_only(client, officer):
    elsewhere = Client()
    sign_in(client, officer)
    sign_in(elsewhere, officer)

    answer = client.post(
        reverse("admin:password_change"), {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    )

    assert answer.status_code == 302
    assert password_is(officer, NEW)
    assert client.get(reverse("admin:index")).status_code == 200
    assert elsewhere.get(reverse("admin:index")).status_code == 302
