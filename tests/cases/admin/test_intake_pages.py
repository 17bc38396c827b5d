"""Taking a file in by the page: only tried unless asked otherwise, counted, and its rejects given back."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backoffice.audit.models import AccessEntry
from cases.models import IntakeFile
from tests.factories.world import CANARY_NAME, make_world


@pytest.fixture
def world(shanghai: Any, person: Any) -> Any:
    return make_world(
        territory=shanghai, author=person("CASE_OFFICER", name="author"), approver=person("APPROVER", name="second")
    )


@pytest.mark.parametrize(
    ("role", "status"), [("RISK_MANAGER", 200), ("ADMINISTRATOR", 200), ("AUDITOR", 403), ("CASE_OFFICER", 403)]
)
def test_take_in_page_is_for_those_who_run_intakes(role, status, client, person):
    client.force_login(person(role, name="visitor"))

    assert client.get(reverse("admin:cases_intakefile_take_in")).status_code == status


def test_file_that_does_not_fit_is_refused_with_a_reason(client, risk_manager):
    from cases.selectors.profiles import profile_names

    client.force_login(risk_manager)
    file = SimpleUploadedFile("accounts.csv", b"nothing,of,use\n1,2,3\n")

    response = client.post(
        reverse("admin:cases_intakefile_take_in"), {"profile": profile_names()[0], "file": file, "dry_run": "on"}
    )

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()


def test_large_file_is_sent_to_the_command_line(client, risk_manager, monkeypatch):
    from cases.admin import intake
    from cases.selectors.profiles import profile_names

    monkeypatch.setattr(intake, "MAX_UPLOAD_BYTES", 10)
    client.force_login(risk_manager)

    response = client.post(
        reverse("admin:cases_intakefile_take_in"),
        {"profile": profile_names()[0], "file": SimpleUploadedFile("big.csv", b"x" * 11)},
    )

    assert "manage.py intake" in str(response.context["form"].errors["file"])
    assert IntakeFile.objects.count() == 0


def test_rejected_rows_are_handed_out_logged_and_only_to_who_runs_intakes(client, risk_manager, auditor, world):
    where = reverse("admin:cases_intakefile_rejects", args=[world["cases.intakefile"].pk])
    client.force_login(auditor)
    assert client.get(where).status_code == 403
    client.force_login(risk_manager)

    response = client.get(where)

    assert CANARY_NAME in b"".join(response.streaming_content).decode()
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in response.headers["Cache-Control"]
    assert AccessEntry.objects.get().actor_id == risk_manager.pk
