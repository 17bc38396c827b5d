"""Which side the deciding document finds wrong."""

from decimal import Decimal

import pytest

from visits.contradiction_enums import Origin, Side, Subject
from visits.enums import DocumentKind
from visits.rules.contradictions.claims import Claim
from visits.rules.contradictions.conflicts import find_conflicts
from visits.rules.contradictions.lifecycle import CONTRADICTION, wrong_side

HERE, THERE = "杭州市西湖区文三路100号3幢501", "杭州市滨江区江南大道5号"


def home(source, value, ref=None):
    return Claim(subject=Subject.HOME, source=source, ref=ref or str(source), value=value)


@pytest.mark.parametrize(
    ("kind", "line", "side"),
    [
        (DocumentKind.RESIDENCE_PERMIT, "西湖区文三路100号3栋501室", Side.RIGHT),
        (DocumentKind.RESIDENCE_PERMIT, THERE, Side.LEFT),
        # It agrees with neither, or says too little, or is not the one that decides.
        (DocumentKind.RESIDENCE_PERMIT, "上海市徐汇区漕溪路1号", None),
        (DocumentKind.RESIDENCE_PERMIT, "浙江省杭州市", None),
        (DocumentKind.LEASE, HERE, None),
    ],
)
def test_the_document_that_decides_agrees_with_one_side_and_not_with_the_other(kind, line, side):
    (conflict,) = find_conflicts(claims=[home(Origin.APPLICATION, HERE), home(DocumentKind.UTILITY_BILL, THERE)])
    assert conflict.decider == DocumentKind.RESIDENCE_PERMIT
    found = wrong_side(conflict=conflict, deciding=[home(kind, line, "paper:9")])
    assert (found and found[0]) == side


def test_a_source_does_not_decide_its_own_contradiction():
    rows = [home(DocumentKind.RESIDENCE_PERMIT, HERE, "paper:1"), home(DocumentKind.RESIDENCE_PERMIT, THERE, "paper:2")]
    (conflict,) = find_conflicts(claims=rows)
    assert wrong_side(conflict=conflict, deciding=rows) is None
    assert conflict.weight == Decimal("0.70")
    # Nothing but another registration decides between two of one plate.
    plates = [
        Claim(subject=Subject.VEHICLE, source=DocumentKind.VEHICLE_REGISTRATION, ref=ref, value=vin, key="浙A12345")
        for ref, vin in (("paper:1", "LSVAA49J132047371"), ("paper:2", "LSVAA49J132047372"))
    ]
    (conflict,) = find_conflicts(claims=plates)
    assert conflict.decider == DocumentKind.VEHICLE_REGISTRATION
    assert wrong_side(conflict=conflict, deciding=plates) is None


def test_what_is_settled_is_left_by_no_step():
    assert not {"CONFIRMED", "CLEARED"} & {source for step in CONTRADICTION.transitions for source in step.sources}
