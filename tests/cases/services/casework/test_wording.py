"""What is done about words: despair protects at once and is due today, claims are not sent."""

from datetime import timedelta

import pytest

from backoffice.core.errors import InvalidInput
from cases.models import BorrowerFlag, Case
from cases.rules.wording.scan import counted, scan
from cases.services.casework.wording import heed_despair, kept_reason, must_be_sendable, words_in_use
from tests.factories.casework import AT, TODAY, make_case
from tests.factories.portfolio import make_overdue


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def heed(case, text):
    found = scan(text=text, words=words_in_use())
    return heed_despair(borrower=case.borrower, found=found, source="CALL", actor=None, at=AT, source_ref=str(case))


@pytest.mark.parametrize("planned", [None, TODAY + timedelta(days=1), TODAY, TODAY - timedelta(days=1)])
def test_despair_protects_the_borrower_and_is_due_today(case, planned):
    Case.objects.filter(pk=case.pk).update(next_action_on=planned)

    assert heed(case, "他说活不下去了")

    flag = BorrowerFlag.objects.get()
    assert (flag.kind, flag.source, flag.source_ref) == ("SELF_HARM", "CALL", str(case))
    assert flag.expires_on == TODAY + timedelta(days=180)
    assert Case.objects.get().next_action_on == min(planned or TODAY, TODAY)


def test_other_words_change_nothing(case):
    assert not heed(case, "要拉黑他")

    assert not BorrowerFlag.objects.exists()
    assert Case.objects.get().next_action_on is None


@pytest.mark.parametrize("text", ["再不还就起诉到法院", "请联系13800138000", "see you in court"])
def test_claims_and_numbers_are_sent_only_as_a_quotation(text):
    with pytest.raises(InvalidInput) as refused:
        must_be_sendable(text=text, quotes_only=False)

    assert refused.value.field == "answer"
    assert len(must_be_sendable(text=text, quotes_only=True)) == 1
    assert must_be_sendable(text="已核实，来电次数为三次", quotes_only=False) == ()


def test_the_operators_words_count(settings):
    settings.MORE_WORDS = {"claim": ["上新闻"]}

    assert counted(found=scan(text="让你上新闻", words=words_in_use())) == {"CLAIM": 1}


def test_a_reason_is_kept_without_words_that_may_not_stand_there():
    assert kept_reason(reason=" 本人已核对，电话 13812345678 ") == kept_reason(
        reason=kept_reason(reason="本人已核对，电话 13812345678")
    )
    assert "13812345678" not in kept_reason(reason="电话 13812345678 已核对")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_a_reason_is_needed_and_short(reason):
    with pytest.raises(InvalidInput) as refused:
        kept_reason(reason=reason)
    assert refused.value.field == "reason"
