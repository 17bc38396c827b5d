"""Papers of an agency: each group needs one that is valid, and they cover days without a gap."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.enums import CredentialKind
from visits.rules.agencies.papers import REQUIRED, Paper, missing_groups, papers_until

DAY = date(2026, 3, 2)
LICENCE, INSURANCE, ISO, MLPS = (
    CredentialKind.BUSINESS_LICENCE,
    CredentialKind.LIABILITY_INSURANCE,
    CredentialKind.ISO_27001,
    CredentialKind.MLPS_3,
)


def paper(kind, start, end):
    return Paper(kind=kind, valid_from=DAY + timedelta(days=start), valid_until=DAY + timedelta(days=end))


SOUND = [paper(LICENCE, -100, 900), paper(INSURANCE, -100, 30), paper(ISO, -100, 60)]


def test_the_shortest_paper_decides():
    assert papers_until(papers=SOUND, day=DAY) == DAY + timedelta(days=30)
    assert missing_groups(papers=SOUND, day=DAY) == ()


@pytest.mark.parametrize(("days", "missing"), [(30, ()), (31, (frozenset({INSURANCE}),))])
def test_a_paper_is_valid_to_its_last_day(days, missing):
    assert missing_groups(papers=SOUND, day=DAY + timedelta(days=days)) == missing


@pytest.mark.parametrize(("start", "until"), [(31, 60), (30, 60), (32, 30), (-50, 60)])
def test_a_paper_that_follows_without_a_gap_continues_another(start, until):
    papers = [*SOUND, paper(INSURANCE, start, 400)]

    assert papers_until(papers=papers, day=DAY) == DAY + timedelta(days=until)


def test_either_proof_of_information_security_will_do():
    papers = [*SOUND[:2], paper(MLPS, -1, 20)]

    assert papers_until(papers=papers, day=DAY) == DAY + timedelta(days=20)
    assert papers_until(papers=[*papers, paper(ISO, 21, 90)], day=DAY) == DAY + timedelta(days=30)


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_without_one_of_them_there_is_no_day(left_out):
    papers = [each for number, each in enumerate(SOUND) if number != left_out]

    assert papers_until(papers=papers, day=DAY) is None
    assert missing_groups(papers=papers, day=DAY) == (REQUIRED[left_out],)


def test_a_paper_without_end_does_not_run_over_the_calendar():
    papers = [Paper(kind=kind, valid_from=DAY, valid_until=date.max) for kind in (LICENCE, INSURANCE, ISO)]

    assert papers_until(papers=papers, day=DAY) == date.max


papers_ = st.builds(
    lambda kind, start, length: paper(kind, start, start + length),
    st.sampled_from([LICENCE, INSURANCE, ISO, MLPS]),
    st.integers(-8, 12),
    st.integers(0, 12),
)


@given(st.lists(papers_, max_size=9))
def test_until_is_the_day_before_the_first_on_which_a_group_is_missing(papers):
    until = papers_until(papers=papers, day=DAY)
    first = next(n for n in range(40) if missing_groups(papers=papers, day=DAY + timedelta(days=n)))

    assert until == (DAY + timedelta(days=first - 1) if first else None)
