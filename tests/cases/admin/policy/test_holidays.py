"""Pages of holidays: how certain the years are, entering a notice, and confirming another person's."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from cases.models import HolidayNotice
from cases.rules.holiday_notice import breaks_as_json
from cases.selectors.policies.holidays import calendar_in_use, said
from tests.conftest import AT
from tests.factories.holidays import NOTICE_2027, SOURCE, notice_of, put_in_use

LIST = reverse("admin:cases_holidaynotice_changelist")
ENTER = reverse("admin:cases_holidaynotice_enter")


@pytest.fixture
def confirmer(person: Any) -> Any:
    return person("APPROVER", name="confirmer", all_territories=True)


@pytest.fixture
def draft(risk_manager: Any) -> HolidayNotice:
    return HolidayNotice.objects.create(
        year=2027,
        source=SOURCE,
        breaks=breaks_as_json(notice=NOTICE_2027),
        make_up_days=list(NOTICE_2027.make_up_days),
        made_by=risk_manager,
        created_at=AT,
        updated_at=AT,
    )


def page_of(record: HolidayNotice) -> str:
    return reverse("admin:cases_holidaynotice_change", args=[record.pk])


def press(client: Any, record: HolidayNotice, name: str) -> Any:
    address = reverse(f"admin:cases_holidaynotice_{name}", args=[record.pk])
    return client.post(address, {"_form_submitted": "on"})


def filled(client: Any, address: str, **changes: Any) -> dict[str, Any]:
    """Return what a browser sends of the form at an address, with changes."""
    form = client.get(address).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in (values | changes).items() if value not in ("", None)}


@pytest.mark.parametrize(
    ("language", "entered", "assumed", "link"),
    [
        ("en", "as the entered notice says (国办发明电〔2026〕9号).", "make-up days are unknown.", "Enter the notice"),
        ("zh-hans", "按已录入的通知（国办发明电〔2026〕9号）。", "调休上班日未知。", "录入通知"),
    ],
)
def test_the_list_says_where_the_coming_years_come_from(
    client, risk_manager, approver, language, entered, assumed, link
):
    year = timezone.localdate().year
    put_in_use(notice=notice_of(year), made_by=risk_manager, confirmed_by=approver)
    client.force_login(risk_manager)
    client.cookies["django_language"] = language

    page = client.get(LIST)

    words = [each["words"] for each in page.context["places_ahead"][0]["years"]]
    assert words[0].startswith(str(year))
    assert words[0].endswith(entered)
    assert words[2].startswith(str(year + 2))
    assert (assumed in page.text, link in page.text) == (True, True)


def test_people_who_may_not_enter_read_the_list_without_links(client, auditor):
    client.force_login(auditor)

    page = client.get(LIST)

    assert [each["enter"] for each in page.context["places_ahead"][0]["years"]] == ["", "", ""]
    assert client.get(ENTER).status_code == 403


def test_entering_asks_for_the_year_first(client, risk_manager):
    client.force_login(risk_manager)

    asked = client.get(ENTER)
    answer = client.post(ENTER, {"year": 2028})
    wrong = client.post(ENTER, {"year": 2101})

    assert asked.context["form"]["year"].value() == timezone.localdate().year + 1
    assert (answer.status_code, answer.url) == (302, f"{ENTER}?year=2028&jurisdiction=CN")
    assert list(wrong.context["form"].errors) == ["year"]


@pytest.mark.parametrize("given", ["2101", "x", "20270"])
def test_an_address_with_a_wrong_year_asks_for_it(client, risk_manager, given):
    client.force_login(risk_manager)

    assert list(client.get(f"{ENTER}?year={given}").context["form"].fields) == [
        "year",
        "jurisdiction",
        "territory",
        "file",
    ]


def test_the_form_begins_with_the_days_that_count_now_and_keeps_what_is_corrected(client, risk_manager):
    client.force_login(risk_manager)
    address = f"{ENTER}?year=2027"
    sent = filled(client, address, source=SOURCE, last_7="2027-10-08", make_up_1="2027-10-09")
    assert (sent["holiday_2"], sent["first_2"], sent["last_2"]) == ("SPRING_FESTIVAL", "2027-02-04", "2027-02-12")

    answer = client.post(address, sent)

    entered = HolidayNotice.objects.get()
    assert (answer.status_code, answer.url) == (302, page_of(entered))
    assert (said(entered=entered), entered.source, entered.made_by, entered.state) == (
        NOTICE_2027,
        SOURCE,
        risk_manager,
        "DRAFT",
    )


def test_the_form_begins_with_the_make_up_days_of_a_published_year(client, risk_manager):
    client.force_login(risk_manager)

    form = client.get(f"{ENTER}?year=2026").context["form"]

    days = [field.value() for field in form.make_up_fields() if field.value()]
    assert days == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]


@pytest.mark.parametrize(
    ("language", "changes", "errors"),
    [
        (
            "en",
            {"last_3": "2027-04-01", "make_up_4": "2027-10-11"},
            {
                "last_3": ["The last day lies before the first. Correct one of them."],
                "make_up_4": [
                    "Only a Saturday or a Sunday is worked to make up for a break. Correct the day or leave it out."
                ],
            },
        ),
        (
            "zh-hans",
            {"last_3": "2027-04-01"},
            {"last_3": ["末日早于首日。请更正其中之一。"]},
        ),
        ("en", {"last_4": ""}, {"last_4": ["Fill this in, or empty the whole row to leave the break out."]}),
        ("zh-hans", {"source": ""}, {"source": ["该字段是必填项。"]}),
        (
            "en",
            {"holiday_7": "", "first_7": "", "last_7": ""},
            {
                "__all__": [
                    "2027-10-01 is always a holiday, but no break has it. Add the break that is missing.",
                ]
            },
        ),
    ],
)
def test_each_fault_stands_at_its_field_in_the_readers_language(client, risk_manager, language, changes, errors):
    client.force_login(risk_manager)
    client.cookies["django_language"] = language
    address = f"{ENTER}?year=2027"
    sent = filled(client, address, **({"source": SOURCE} | changes))

    page = client.post(address, sent)

    assert page.context["form"].errors == errors
    assert all(str(message) in page.text for messages in errors.values() for message in messages)
    assert HolidayNotice.objects.count() == 0


def test_a_row_that_is_left_out_does_not_shift_the_faults_of_the_rows_after_it(client, risk_manager):
    client.force_login(risk_manager)
    address = f"{ENTER}?year=2027"
    # Qingming is moved to the tenth row; rows between stay empty.
    moved = {"holiday_3": "", "first_3": "", "last_3": "", "holiday_10": "QINGMING", "first_10": "2027-04-05"}

    page = client.post(address, filled(client, address, source=SOURCE, **moved, last_10="2027-04-04"))

    assert list(page.context["form"].errors) == ["last_10"]


@pytest.mark.parametrize(
    ("language", "before", "after", "working"),
    [
        ("en", "working day", "holiday: National Day", "make-up working day"),
        ("zh-hans", "工作日", "节假日：国庆节", "调休上班日"),
    ],
)
def test_the_page_of_a_draft_says_which_days_change(client, confirmer, draft, language, before, after, working):
    client.force_login(confirmer)
    client.cookies["django_language"] = language

    page = client.get(page_of(draft))

    changes = [(each["day"], each["before"], each["after"]) for each in page.context["page"]["changes"]]
    weekend = "weekend" if language == "en" else "周末"
    assert changes == [(date(2027, 10, 8), before, after), (date(2027, 10, 9), weekend, working)]
    assert after in page.text


def test_another_person_confirms_and_the_maker_cannot(client, risk_manager, confirmer, draft):
    client.force_login(risk_manager)
    assert press(client, draft, "confirm").status_code == 403
    assert calendar_in_use().notices == ()

    client.force_login(confirmer)
    press(client, draft, "confirm")

    assert calendar_in_use().notices == (NOTICE_2027,)
    page = client.get(page_of(draft))
    assert "changes" not in page.context["page"]


def test_an_approver_of_one_territory_reads_and_does_not_confirm(client, approver, draft):
    client.force_login(approver)

    page = client.get(page_of(draft))

    assert page.context["page"]["may_confirm"] is False
    assert press(client, draft, "confirm").status_code == 403


def test_a_draft_is_discarded_and_entered_again_with_corrections(client, risk_manager, draft):
    client.force_login(risk_manager)
    again = client.get(page_of(draft)).context["page"]["again"]
    press(client, draft, "discard")

    sent = filled(client, again)

    assert (sent["source"], sent["last_7"], sent["make_up_1"]) == (SOURCE, "2027-10-08", "2027-10-09")
    draft.refresh_from_db()
    assert draft.state == "RETIRED"


def test_the_notice_to_begin_with_is_of_the_same_year(client, risk_manager, draft):
    client.force_login(risk_manager)

    for given in (f"year=2028&notice={draft.pk}", "year=2028&notice=x", f"year=2028&notice={10**18}"):
        assert filled(client, f"{ENTER}?{given}").get("source") is None


def upload(content, **fields):
    return {"year": 2027, "file": SimpleUploadedFile("days.csv", content.encode())} | fields


def test_a_file_of_a_territory_becomes_a_draft_that_another_person_confirms(client, risk_manager, confirmer, shanghai):
    type(shanghai).objects.update(jurisdiction="AU")
    client.force_login(risk_manager)
    content = "date,name,kind\n2027-03-01,Labour Day,off\n2027-03-02,Labour Day,off\n2027-03-06,x,work\n"

    answer = client.post(ENTER, upload(content, jurisdiction="AU", territory=shanghai.pk))
    client.post(answer.url, filled(client, answer.url, source="WA Government"))
    record = HolidayNotice.objects.get()
    client.force_login(confirmer)
    press(client, record, "confirm")

    record.refresh_from_db()
    assert (record.state, record.jurisdiction, record.territory) == ("CONFIRMED", "AU", shanghai)
    here = calendar_in_use(jurisdiction="AU", territory=shanghai.pk)
    assert [here.is_national_holiday(day=date(2027, 3, day)) for day in (1, 2, 3)] == [True, True, False]
    assert calendar_in_use(jurisdiction="AU").regional == ()
    assert not calendar_in_use().is_national_holiday(day=date(2027, 3, 1))


def test_each_row_of_a_file_that_cannot_be_read_is_named(client, risk_manager):
    client.force_login(risk_manager)

    page = client.post(
        ENTER, upload("2027-05-01,x,off\nsoon,x,off\n2027-05-02,x,maybe\n"), headers={"accept-language": "en"}
    )

    assert [error.partition(":")[0] for error in page.context["form"].errors["file"]] == ["Row 2", "Row 3"]
    assert not HolidayNotice.objects.exists()


def test_a_territory_of_another_jurisdiction_is_refused(client, risk_manager, shanghai):
    client.force_login(risk_manager)

    page = client.post(ENTER, {"year": 2027, "jurisdiction": "UK", "territory": shanghai.pk})

    assert list(page.context["form"].errors) == ["territory"]
