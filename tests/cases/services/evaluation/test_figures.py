"""Nights whose figures are too old: held by source, released by a person, and counted for the pages."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from cases.models import Account, BreakerLimit, Case, EvaluationRun, SourceFreshness
from cases.services.evaluation import run_control
from cases.services.evaluation.figures import count_ages, sum_ages
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue
from tests.factories.runs import start, work

pytestmark = pytest.mark.django_db
PREFERENCES: dict[str, Any] = {"outstanding_principal": 60000}


def feeds(shanghai: Any, *, old: int = 2, fresh: int = 10, age: int = 10) -> None:
    """Make overdue accounts of a source whose figures are old, and of another whose figures are of today."""
    for _ in range(old):
        make_overdue(territory=shanghai, source="branch", as_of=TODAY - timedelta(days=age), **PREFERENCES)
    for _ in range(fresh):
        make_overdue(territory=shanghai, source="core", **PREFERENCES)


def limit(**fields: Any) -> BreakerLimit:
    values = {"measure": "FIGURES", "max_share": "0.01", "at_least": 1, "updated_at": AT} | fields
    return BreakerLimit.objects.create(**values)


def test_a_run_that_would_judge_by_old_figures_is_held_and_names_the_source(shanghai: Any) -> None:
    make_version(parameters={})
    feeds(shanghai)

    run = work(start())

    assert (run.state, Case.objects.count()) == ("HELD", 0)
    assert run.held_because == [
        {
            "measure": "FIGURES",
            "source": "branch",
            "count": 2,
            "of": 12,
            "max_share": "0.01",
            "max_multiple": None,
            "median": None,
            "is_share": True,
            "is_multiple": False,
            "max_age_days": 3,
            "newest_age_days": 10,
            "newest_as_of": (TODAY - timedelta(days=10)).isoformat(),
        }
    ]
    assert AuditEntry.objects.order_by("-sequence")[0].action == "evaluation.held"


def test_an_approver_releases_it_and_the_policy_of_the_lender_decides(shanghai: Any, general_approver: Any) -> None:
    make_version(parameters={})
    feeds(shanghai)
    run = work(start())

    run_control.release_run(run=run, note="the core was closed", actor=general_approver, at=AT)

    assert (work(run).state, Case.objects.count()) == ("FINISHED", 12)


def test_the_shipped_policy_opens_nothing_by_old_figures_even_if_released(shanghai: Any, general_approver: Any) -> None:
    make_version()
    feeds(shanghai)
    run = work(start())

    run_control.release_run(run=run, note="the core was closed", actor=general_approver, at=AT)

    assert (work(run).state, Case.objects.count()) == ("FINISHED", 10)


def test_the_missing_file_comes_and_the_same_day_is_started_again(shanghai: Any, general_approver: Any) -> None:
    make_version()
    feeds(shanghai)
    run_control.refuse_held(run=work(start()), actor=general_approver, at=AT)
    Account.objects.filter(source="branch").update(as_of=TODAY)

    run = work(start())

    assert (run.state, Case.objects.count()) == ("FINISHED", 12)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"source": "branch", "max_age_days": 10}, "FINISHED"),
        ({"source": "branch", "max_age_days": 9}, "HELD"),
        ({"max_age_days": 10}, "FINISHED"),
        ({"source": "core", "max_age_days": 10}, "HELD"),
        ({"max_share": "0.2"}, "FINISHED"),
        ({"at_least": 3}, "FINISHED"),
        ({"at_least": 2}, "HELD"),
    ],
)
def test_a_limit_is_set_for_one_source_or_for_all_others(fields: Any, state: str, shanghai: Any) -> None:
    make_version()
    feeds(shanghai)
    limit(**fields)

    assert work(start()).state == state


def test_accounts_of_which_no_feed_speaks_again_hold_no_run(shanghai: Any) -> None:
    make_version()
    feeds(shanghai, old=3)
    one, two, three = Account.objects.filter(source="branch").order_by("pk")
    Account.objects.filter(pk=one.pk).update(status="CLOSED")
    Account.objects.filter(pk=two.pk).update(status="WRITTEN_OFF")
    Account.objects.filter(pk=three.pk).update(missing_since=TODAY)

    assert work(start()).state == "FINISHED"


def test_the_standing_job_is_held_too(shanghai: Any) -> None:
    make_version()
    make_account(borrower=make_borrower(territory=shanghai), source="core", as_of=TODAY - timedelta(days=4))

    run = work(start(job="STANDING"))

    assert (run.state, [each["count"] for each in run.held_because]) == ("HELD", 1 * [1])


def test_the_preview_counts_each_source_for_the_pages(shanghai: Any) -> None:
    make_version()
    feeds(shanghai)
    make_account(borrower=make_borrower(territory=shanghai), source="core")
    SourceFreshness.objects.create(source="gone", newest_as_of=TODAY, open_count=5, overdue_count=5, updated_at=AT)
    work(start())
    EvaluationRun.objects.update(state="CANCELLED")
    work(start(job="STANDING"))

    rows = SourceFreshness.objects.order_by("source").values_list(
        "source", "newest_as_of", "overdue_count", "older_count", "open_count"
    )

    assert list(rows) == [
        ("branch", TODAY - timedelta(days=10), 2, 2, 2),
        ("core", TODAY, 10, 0, 11),
        ("gone", TODAY, 0, 0, 0),
    ]


def test_ages_are_counted_by_source_and_summed_over_chunks(shanghai: Any) -> None:
    feeds(shanghai, old=1, fresh=2, age=7)

    ages = count_ages(job="TRIGGERS", business_date=TODAY, lower=0, upper=2**60)

    assert ages == {"branch": {7: 1}, "core": {0: 2}}
    assert sum_ages([{"core": {"0": 2}}, {"core": {"0": 1, "4": 1}}]) == {"core": {0: 3, 4: 1}}
