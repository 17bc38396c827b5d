"""Taking a file in by the page: only tried unless asked otherwise, counted, and its rejects given back."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from cases.models import Account, IntakeFile, IntakeProfile
from tests.cases.services.intake.account_files import account_file, row, take
from tests.cases.services.intake.samples import CONTENT, PROFILE
from tests.factories.profiles import make_profile
from tests.factories.world import make_world


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
    from cases.selectors.intake.profiles import profile_names

    client.force_login(risk_manager)
    file = SimpleUploadedFile("accounts.csv", b"nothing,of,use\n1,2,3\n")

    response = client.post(
        reverse("admin:cases_intakefile_take_in"), {"profile": profile_names()[0], "file": file, "dry_run": "on"}
    )

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()


def test_file_above_the_limit_is_sent_to_the_command_line(client, risk_manager, monkeypatch):
    from cases.selectors.intake.profiles import profile_names
    from cases.services.intake import uploads

    monkeypatch.setattr(uploads, "MAX_UPLOAD_BYTES", 10)
    client.force_login(risk_manager)

    response = client.post(
        reverse("admin:cases_intakefile_take_in"),
        {"profile": profile_names()[0], "file": SimpleUploadedFile("big.csv", b"x" * 11)},
    )

    assert "manage.py intake" in str(response.context["form"].errors["file"])
    assert IntakeFile.objects.count() == 0


@pytest.fixture
def own_profile(db: Any) -> None:
    make_profile(name="own", kind="ACCOUNTS", body=PROFILE)


def test_large_file_waits_for_a_worker_and_its_page_follows_it(client, risk_manager, own_profile, monkeypatch):
    from cases.services.intake import uploads

    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    client.force_login(risk_manager)

    response = client.post(
        reverse("admin:cases_intakefile_take_in"), {"profile": "own", "file": SimpleUploadedFile("day.csv", CONTENT)}
    )

    file = IntakeFile.objects.get()
    where = reverse("admin:cases_intakefile_progress", args=[file.pk])
    assert response.url == reverse("admin:cases_intakefile_change", args=[file.pk])
    assert f'data-source="{where}"' in client.get(response.url).content.decode()
    told = client.get(where).json()
    assert (told["state"], told["live"], told["percent"]) == ("QUEUED", True, 0)
    uploads.work_upload(file_id=file.pk, at=timezone.now())
    told = client.get(where).json()
    assert (told["state"], told["live"], told["rows"], told["total"], told["percent"]) == ("FINISHED", False, 3, 3, 100)


def test_progress_of_a_file_is_for_those_who_see_files(client, officer, world):
    client.force_login(officer)

    assert (
        client.get(reverse("admin:cases_intakefile_progress", args=[world["cases.intakefile"].pk])).status_code == 404
    )


def test_dry_run_shows_what_would_change_and_hands_out_the_sample(client, risk_manager, auditor, own_profile):
    from cases.services.intake import uploads

    def take(content: bytes, **more: str) -> IntakeFile:
        file = SimpleUploadedFile("day.csv", content)
        client.post(reverse("admin:cases_intakefile_take_in"), {"profile": "own", "file": file} | more)
        return IntakeFile.objects.latest("pk")

    assert len(CONTENT) < uploads.AT_ONCE_BYTES
    client.force_login(risk_manager)
    take(CONTENT)
    tried = take(CONTENT.replace(b"K1,100", b"K1,250"), dry_run="on")
    address = reverse("admin:cases_intakefile_difference", args=[tried.pk])

    page = client.get(reverse("admin:cases_intakefile_change", args=[tried.pk])).content.decode()
    sample = b"".join(client.get(address).streaming_content).decode()

    assert address in page
    assert sample.splitlines()[1].endswith("K1,credit_limit,100.00,250.00")
    client.force_login(auditor)
    assert client.get(address).status_code == 200


def test_missing_accounts_are_decided_by_another_person_with_a_button(client, risk_manager, person, own_profile):
    client.force_login(risk_manager)
    for content in (CONTENT, CONTENT.splitlines(keepends=True)[0] + b"P1,310000,K1,100,2026-03-01,\n"):
        client.post(
            reverse("admin:cases_intakefile_take_in"),
            {"profile": "own", "mode": "SNAPSHOT", "file": SimpleUploadedFile("day.csv", content)},
        )
    file = IntakeFile.objects.latest("pk")
    confirm = reverse("admin:cases_intakefile_confirm_missing", args=[file.pk])
    page = reverse("admin:cases_intakefile_change", args=[file.pk])
    assert (file.missing_state, file.missing_count) == ("HELD", 2)
    assert confirm not in client.get(page).content.decode()
    client.force_login(person("ADMINISTRATOR"))
    assert confirm in client.get(page).content.decode()
    client.get(confirm)
    assert Account.objects.filter(status="CLOSED").count() == 0

    client.post(confirm, {"_form_submitted": "on"})

    assert Account.objects.filter(status="CLOSED").count() == 2


TOTAL = CONTENT + "合计,,,300,,\n".encode()


def _take_totals(client: Any, profile: str = "own") -> IntakeFile:
    client.post(
        reverse("admin:cases_intakefile_take_in"),
        {"profile": profile, "mode": "SNAPSHOT", "file": SimpleUploadedFile("day.csv", TOTAL)},
    )
    return IntakeFile.objects.latest("pk")


@pytest.mark.parametrize(
    ("language", "question", "remembers", "passed_over"),
    [
        ("en", "Row 5 looks like a row of totals (合计).", "The profile own remembers the answer", "rows of totals"),
        ("zh-hans", "第 5 行像是合计行（合计）。", "模板 own 会记住答复", "合计行"),
    ],
)
def test_page_asks_whether_a_row_is_one_of_totals_and_a_button_answers(
    client, risk_manager, own_profile, language, question, remembers, passed_over
):
    client.force_login(risk_manager)
    file = _take_totals(client)
    page = reverse("admin:cases_intakefile_change", args=[file.pk])
    confirm = reverse("admin:cases_intakefile_confirm_totals", args=[file.pk])

    asked = client.get(page, headers={"accept-language": language}).content.decode()

    assert question in asked
    assert remembers in asked
    assert confirm in asked
    client.get(confirm)
    file.refresh_from_db()
    assert file.totals_state == "ASKED"
    client.post(confirm, {"_form_submitted": "on"})
    file.refresh_from_db()
    told = client.get(page, headers={"accept-language": language}).content.decode()
    assert (file.totals_state, file.totals_answered_by, file.missing_state) == ("TOTALS", risk_manager, "NONE")
    assert confirm not in told
    assert f'<strong class="text-important">1</strong><span class="text-xs text-base-500">{passed_over}' in told
    assert IntakeProfile.objects.get(name="own").total_words == ["合计"]


def test_answer_that_the_rows_are_no_totals_is_a_button_too(client, risk_manager, own_profile):
    client.force_login(risk_manager)
    file = _take_totals(client)

    client.post(reverse("admin:cases_intakefile_deny_totals", args=[file.pk]), {"_form_submitted": "on"})

    file.refresh_from_db()
    assert (file.totals_state, file.rejected_count, file.missing_state) == ("ROWS", 1, "UNREAD")


def test_page_says_how_a_profile_that_is_not_kept_here_can_remember(client, risk_manager, own_profile):
    client.force_login(risk_manager)
    file = _take_totals(client)
    IntakeProfile.objects.update(name="other")

    page = client.get(
        reverse("admin:cases_intakefile_change", args=[file.pk]), headers={"accept-language": "en"}
    ).content.decode()

    assert "cannot remember the answer, which holds for this file only" in page
    assert "<code>total_rows = [&quot;合计&quot;]</code>" in page
    assert reverse("admin:cases_intakeprofile_add") in page


def test_who_may_not_change_profiles_sees_the_question_without_buttons(client, risk_manager, auditor, own_profile):
    client.force_login(risk_manager)
    file = _take_totals(client)
    client.force_login(auditor)

    page = client.get(
        reverse("admin:cases_intakefile_change", args=[file.pk]), headers={"accept-language": "en"}
    ).content.decode()

    assert "A risk manager or an administrator answers." in page
    for name in ("confirm_totals", "deny_totals"):
        address = reverse(f"admin:cases_intakefile_{name}", args=[file.pk])
        assert address not in page
        assert client.post(address, {"_form_submitted": "on"}).status_code == 403


TWICE = {"en": "The same file was taken in before", "zh-hans": "同一文件此前已导入过"}
BEHIND = {
    "en": "The newest figures read from this file are of 2026-02-26, but figures of 2026-03-01 were already known",
    "zh-hans": "从此文件读到的最新数据日期为 2026-02-26，而来源 test 此前已有 2026-03-01 的数据",
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_file_that_came_twice_or_is_behind_says_so(client, risk_manager, tmp_path, language):
    path = account_file(tmp_path, row(1, as_of="2026-03-01"))
    first, again = take(path), take(path)
    old = take(account_file(tmp_path, row(2, as_of="2026-02-26")))
    client.force_login(risk_manager)
    client.cookies["django_language"] = language

    pages = [
        client.get(reverse("admin:cases_intakefile_change", args=[each.file_id])).content.decode()
        for each in (first, again, old)
    ]

    assert [(TWICE[language] in page, BEHIND[language] in page) for page in pages] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert f'href="{reverse("admin:cases_intakefile_change", args=[first.file_id])}"' in pages[1]
