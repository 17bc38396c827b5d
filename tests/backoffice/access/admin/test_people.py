"""People in the admin: who may see and add them."""

from django.contrib.auth import get_user_model
from django.urls import reverse

from backoffice.audit.models import AuditEntry


def test_administrator_adds_a_person_with_an_entry_in_the_trail(client, administrator, shanghai):
    client.force_login(administrator)

    answer = client.post(
        reverse("admin:access_user_add"),
        {
            "username": "new.officer",
            "role": "CASE_OFFICER",
            "territories": [shanghai.pk],
            "password": "a long first password",
        },
    )

    person = get_user_model().objects.get(username="new.officer")
    assert answer.status_code == 302
    assert not person.has_usable_password()
    assert list(person.credential_requests.values_list("state", flat=True)) == ["PENDING"]
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True)) == [
        "user.added",
        "credentials.requested",
    ]


def test_people_are_a_closed_room_for_officers(client, officer):
    client.force_login(officer)

    assert client.get(reverse("admin:access_user_changelist")).status_code == 403
    assert client.get(reverse("admin:access_user_add")).status_code == 403
