"""Looking for look-alikes in the index: across visits, within the distance, the same report's first, with one query."""

from itertools import count

import pytest

from tests.factories.evidence import attach, make_reported
from tests.factories.visits import make_case, make_placement, photo
from tests.visits.rules.report.test_lookalikes import turned
from visits.models import PhotoBand
from visits.selectors.lookalikes import Lookalike, lookalikes
from visits.services.files.filing import file_prints
from visits.services.files.prints import PhotoPrints

PDQ = bytes(range(100, 132))


@pytest.fixture
def filed(shanghai, agency, approver, pair):
    """Return a function that files a photograph of a new visit under a hash."""

    numbers = count(1)

    def make(pdq):
        content = photo(seed=next(numbers))
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        report = make_reported(case=case, placement=placement, approver=approver, pair=pair, contents=[content])
        evidence = attach(report, content)
        file_prints(evidence=evidence, prints=PhotoPrints(filed={PhotoBand.Part.WHOLE: pdq}))
        return evidence

    return make


def found(evidence, bits):
    return Lookalike(
        evidence_id=evidence.pk, report_id=evidence.report_id, order_id=evidence.report.order_id, bits=bits
    )


def test_what_is_within_31_bits_is_found_and_nothing_beyond(filed):
    same, near, _far = filed(PDQ), filed(turned(PDQ, set(range(0, 248, 8)))), filed(turned(PDQ, set(range(0, 256, 8))))
    asking = filed(PDQ)

    assert lookalikes(asked=(PDQ,), itself=asking.pk, report=asking.report_id) == [found(same, 0), found(near, 31)]


def test_the_nearest_form_counts_and_the_same_report_comes_first(filed):
    one, two = filed(PDQ), filed(turned(PDQ, {1, 2, 3}))

    asked = (turned(PDQ, {9}), PDQ)
    assert lookalikes(asked=asked, itself=0, report=two.report_id) == [found(two, 3), found(one, 0)]


def test_no_hashes_find_nothing_without_a_query(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert lookalikes(asked=(), itself=0, report=0) == []


@pytest.mark.parametrize("number", [1, 3])
def test_one_query_however_many_forms_and_photographs(number, filed, django_assert_num_queries):
    for _each in range(number):
        filed(PDQ)

    with django_assert_num_queries(1):
        assert len(lookalikes(asked=(PDQ,) * number, itself=0, report=0)) == number


def test_a_turned_form_is_found_within_15_bits(filed):
    within, beyond = filed(turned(PDQ, set(range(0, 240, 16)))), filed(turned(PDQ, set(range(0, 256, 16))))

    assert lookalikes(asked=(), turned=(PDQ,), itself=0, report=0) == [found(within, 15)]
    assert len(lookalikes(asked=(PDQ,), itself=0, report=0)) == 2
    assert beyond.pk
