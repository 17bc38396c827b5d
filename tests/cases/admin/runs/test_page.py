"""The page of a run: what it shows in each state, its renewal, its buttons, limits and retries."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from backoffice.audit.models import AuditEntry
from cases.models import Account, BreakerLimit, EvaluationChunk, EvaluationRun, Quarantine
from cases.services.evaluation import borrower_ranges, chunks, runs
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue

SUBMIT = {"_form_submitted": "on"}
BUTTONS = ("pause", "resume", "cancel", "release", "refuse", "reopen")


@pytest.fixture
def run(shanghai: Any, monkeypatch: pytest.MonkeyPatch) -> EvaluationRun:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 2)
    make_version()
    for _one in range(6):
        make_overdue(territory=shanghai, outstanding_principal=60000)
    return runs.start_run(job="TRIGGERS", business_date=TODAY, at=timezone.now())


def page_of(run: EvaluationRun) -> str:
    return reverse("admin:cases_evaluationrun_change", args=[run.pk])


def part_of(run: EvaluationRun) -> str:
    return reverse("admin:cases_evaluationrun_progress", args=[run.pk])


def button(run: EvaluationRun, name: str) -> str:
    return reverse(f"admin:cases_evaluationrun_{name}", args=[run.pk])


def offered(client: Any, run: EvaluationRun) -> set[str]:
    page = client.get(page_of(run)).content.decode()
    return {name for name in BUTTONS if button(run, name) in page}


def hold(run: EvaluationRun, **fields: Any) -> None:
    EvaluationRun.objects.filter(pk=run.pk).update(
        state="HELD",
        phase="APPLYING",
        preview={"effects": {"OPENED": 450}, "of": {"OPENED": 600}},
        held_because=[
            {
                "measure": "OPENED",
                "count": 450,
                "of": 600,
                "max_share": "0.5000",
                "max_multiple": "5.00",
                "median": "40",
                "is_share": True,
                "is_multiple": True,
            }
        ],
        **fields,
    )


@pytest.mark.parametrize(
    ("state", "role", "expected"),
    [
        ("RUNNING", "RISK_MANAGER", {"pause", "cancel"}),
        ("PAUSED", "RISK_MANAGER", {"resume", "cancel"}),
        ("HELD", "RISK_MANAGER", {"cancel"}),
        ("HELD", "APPROVER", {"release", "refuse"}),
        ("RUNNING", "APPROVER", set()),
        ("FINISHED", "RISK_MANAGER", set()),
        ("CANCELLED", "RISK_MANAGER", set()),
        ("RUNNING", "AUDITOR", set()),
        ("HELD", "ADMINISTRATOR", set()),
    ],
)
def test_page_offers_what_the_state_and_the_role_allow(
    client: Any, person: Any, run: EvaluationRun, state: str, role: str, expected: set[str]
) -> None:
    EvaluationRun.objects.update(state=state)
    client.force_login(person(role, all_territories=True))

    assert offered(client, run) == expected


def test_retry_is_offered_only_while_somebody_is_set_aside(client: Any, risk_manager: Any, run: EvaluationRun) -> None:
    EvaluationRun.objects.update(state="FINISHED")
    client.force_login(risk_manager)
    before = offered(client, run)

    Quarantine.objects.create(run=run, borrower_id=1, error="DataError 22003", created_at=AT)

    assert (before, offered(client, run)) == (set(), {"reopen"})


def test_buttons_do_their_work(client: Any, risk_manager: Any, run: EvaluationRun) -> None:
    client.force_login(risk_manager)

    states = []
    for name in ("pause", "resume", "cancel"):
        assert client.post(button(run, name), SUBMIT).status_code == 302
        states.append(EvaluationRun.objects.get().state)

    assert states == ["PAUSED", "RUNNING", "CANCELLED"]


def test_release_asks_why_and_names_who(client: Any, general_approver: Any, run: EvaluationRun) -> None:
    hold(run)
    client.force_login(general_approver)

    empty = client.post(button(run, "release"), SUBMIT)
    assert (empty.status_code, EvaluationRun.objects.get().state) == (200, "HELD")
    assert client.post(button(run, "release"), SUBMIT | {"note": "feed came twice"}).status_code == 302

    page = client.get(page_of(run)).content.decode()
    assert EvaluationRun.objects.get().state == "RUNNING"
    assert ("feed came twice" in page, str(general_approver) in page) == (True, True)


def test_own_run_is_released_by_another_person(client: Any, general_approver: Any, run: EvaluationRun) -> None:
    hold(run, started_by=general_approver)
    client.force_login(general_approver)

    assert offered(client, run) == {"refuse"}
    refused = client.post(button(run, "release"), SUBMIT | {"note": "fits"})
    assert (refused.status_code, EvaluationRun.objects.get().state) == (200, "HELD")


def test_held_run_shows_its_limits_as_bars(client: Any, general_approver: Any, run: EvaluationRun) -> None:
    hold(run)
    client.force_login(general_approver)

    limits = client.get(page_of(run)).context["page"]["limits"]

    assert [(bar["value"], bar["width"]) for bar in limits[0]["bars"]] == [
        ("450", "100.0"),
        ("300", "66.7"),
        ("200", "44.4"),
        ("40", "8.9"),
    ]
    assert (limits[0]["share"], limits[0]["is_share"], limits[0]["is_multiple"]) == ("75%", True, True)


def test_live_part_tells_state_phase_and_whether_it_goes_on(client: Any, auditor: Any, run: EvaluationRun) -> None:
    client.force_login(auditor)
    for _step in range(2):
        chunks.work_chunk(run_id=run.pk, at=timezone.now())

    running = client.get(part_of(run))
    while chunks.work_chunk(run_id=run.pk, at=timezone.now()):
        pass
    runs.settle_run(run_id=run.pk, at=timezone.now())
    finished = client.get(part_of(run))

    told = [(each.json()["state"], each.json()["phase"], each.json()["live"]) for each in (running, finished)]
    assert told == [("RUNNING", "PREVIEWING", True), ("FINISHED", "APPLYING", False)]
    assert "2 / 3" in running.json()["html"]
    assert "no-store" in running["Cache-Control"]


def test_live_part_is_for_those_who_may_see_runs(client: Any, officer: Any, run: EvaluationRun) -> None:
    client.force_login(officer)

    assert client.get(part_of(run)).status_code == 404
    assert client.get(reverse("admin:cases_evaluationrun_progress", args=[10**15])).status_code == 404


def test_standing_still_is_told(client: Any, auditor: Any, run: EvaluationRun) -> None:
    long_ago = timezone.now() - timedelta(minutes=30)
    EvaluationRun.objects.update(started_at=long_ago)
    EvaluationChunk.objects.update(updated_at=long_ago)
    client.force_login(auditor)

    assert 'role="alert"' in client.get(part_of(run)).json()["html"]


@pytest.mark.parametrize("rows", [1, 3])
def test_page_costs_the_same_for_one_row_and_three(
    client: Any, auditor: Any, run: EvaluationRun, settings: Any, rows: int
) -> None:
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}
    EvaluationChunk.objects.exclude(pk__in=list(run.chunks.order_by("pk").values_list("pk", flat=True)[:rows])).delete()
    EvaluationChunk.objects.update(worked_ms=5, last_error="DataError 22003")
    for number in range(rows):
        Quarantine.objects.create(run=run, borrower_id=number, error="x", created_at=AT)
    client.force_login(auditor)

    with CaptureQueriesContext(connection) as spent:
        answer = client.get(part_of(run))

    assert answer.status_code == 200
    # Session, person, run; chunks by state, the last that ended, set aside, slowest, failing, policies.
    assert len(spent) == 9, "\n".join(query["sql"][:160] for query in spent)


def test_set_aside_borrower_is_tried_again_from_their_row(client: Any, risk_manager: Any, run: EvaluationRun) -> None:
    borrower_id = run.chunks.order_by("pk").first().lower  # type: ignore[union-attr]
    aside = Quarantine.objects.create(run=run, borrower_id=borrower_id, error="x", created_at=AT)
    run.chunks.update(state="DONE")
    run.chunks.filter(lower=borrower_id).update(state="DEAD")
    EvaluationRun.objects.update(state="FINISHED", phase="APPLYING")
    client.force_login(risk_manager)

    answer = client.post(reverse("admin:cases_quarantine_retry", args=[aside.pk]), SUBMIT)

    assert answer.status_code == 302
    assert EvaluationRun.objects.get().state == "RUNNING"
    assert run.chunks.filter(lower=borrower_id, upper=borrower_id + 1, state="READY").count() == 1


def test_catch_up_begins_the_first_missed_day(client: Any, risk_manager: Any, officer: Any, run: EvaluationRun) -> None:
    EvaluationRun.objects.update(state="FINISHED", finished_at=AT)
    where = reverse("admin:cases_evaluationrun_catch_up")
    values = {"job": "TRIGGERS", "until": (TODAY + timedelta(days=2)).isoformat()}
    client.force_login(officer)
    assert client.post(where, values).status_code == 403
    client.force_login(risk_manager)

    assert client.get(where).status_code == 200
    assert EvaluationRun.objects.count() == 1
    assert client.post(where, values).status_code == 302
    assert EvaluationRun.objects.get(business_date=TODAY + timedelta(days=1)).catch_up_until == TODAY + timedelta(
        days=2
    )


def test_catch_up_with_nothing_missed_says_so(client: Any, risk_manager: Any, run: EvaluationRun) -> None:
    EvaluationRun.objects.update(state="FINISHED", finished_at=AT)
    client.force_login(risk_manager)

    answer = client.post(
        reverse("admin:cases_evaluationrun_catch_up"),
        {"job": "TRIGGERS", "until": TODAY.isoformat()},
        headers={"accept-language": "en"},
    )

    with override("en"):
        assert list(answer.context["form"].non_field_errors()) == ["No day is missed."]
    assert EvaluationRun.objects.count() == 1


def test_limits_are_set_by_approvers_and_what_they_were_stands_in_the_trail(
    client: Any, general_approver: Any, risk_manager: Any
) -> None:
    limit = BreakerLimit.objects.create(measure="OPENED", updated_at=AT)
    where = reverse("admin:cases_breakerlimit_change", args=[limit.pk])
    values = {"max_share": "0.2", "max_multiple": "3", "at_least": "50"}
    client.force_login(risk_manager)
    assert client.post(where, values).status_code == 403
    client.force_login(general_approver)

    assert client.post(where, values).status_code == 302

    entry = AuditEntry.objects.get(action="breakerlimit.changed")
    assert (entry.body["before"]["max_share"], entry.body["after"]["max_share"]) == ("0.5000", "0.2")
    assert BreakerLimit.objects.get().at_least == 50


@pytest.mark.parametrize(("field", "value"), [("max_share", "0"), ("max_share", "1.5"), ("max_multiple", "0.5")])
def test_limits_that_are_none_are_refused(client: Any, general_approver: Any, field: str, value: str) -> None:
    values = {"measure": "OPENED", "max_share": "0.2", "max_multiple": "3", "at_least": "50"}
    client.force_login(general_approver)

    answer = client.post(reverse("admin:cases_breakerlimit_add"), values | {field: value})

    assert answer.status_code == 200
    assert BreakerLimit.objects.count() == 0


HELD_BY_OLD_FIGURES = {
    "en": (
        "this run would judge by old figures",
        "Source core: 6 of 6 accounts judged have figures older than 3 days.",
        "Its newest figures are of 2026-02-20, 10 days old.",
        "Figures of source core are 10 days old (as of 2026-02-20).",
    ),
    "zh-hans": (
        "本批次将依据陈旧数据判断",
        "来源 core：所判 6 个账户中有 6 个数据超过 3 天。",
        "其最新数据日期为 2026-02-20，距今 10 天。",
        "来源 core 的数据已有 10 天未更新（数据日期 2026-02-20）。",
    ),
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_run_held_by_old_figures_names_source_days_and_accounts(
    run: EvaluationRun, client: Any, general_approver: Any, language: str
) -> None:
    Account.objects.update(source="core", as_of=TODAY - timedelta(days=10))
    while chunks.work_chunk(run_id=run.pk, at=timezone.now()):
        pass
    client.force_login(general_approver)
    client.cookies["django_language"] = language

    page = client.get(page_of(run)).content.decode()

    assert [text for text in HELD_BY_OLD_FIGURES[language] if text not in page] == []
    assert "would do too much at once" not in page
    assert {"release", "refuse"} <= offered(client, run)


def test_a_limit_for_one_source_gets_the_house_values_where_nothing_is_given(
    client: Any, general_approver: Any
) -> None:
    client.force_login(general_approver)
    add = reverse("admin:cases_breakerlimit_add")

    answers = [
        client.post(add, {"measure": "FIGURES", "source": "weekly", "max_age_days": "9"}).status_code,
        client.post(add, {"measure": "OPENED"}).status_code,
        client.post(add, {"measure": "FIGURES", "source": "weekly"}).status_code,
        client.post(add, {"measure": "REWARDED", "source": "weekly"}).status_code,
        client.post(add, {"measure": "FIGURES", "max_age_days": "0"}).status_code,
    ]

    assert answers == [302, 302, 200, 200, 200]
    rows = BreakerLimit.objects.order_by("measure").values_list(
        "measure", "source", "max_share", "at_least", "max_age_days"
    )
    assert list(rows) == [("FIGURES", "weekly", Decimal("0.01"), 1, 9), ("OPENED", "", Decimal("0.5"), 100, 3)]
