"""Pieces that serializers of every floor share."""

import pytest
from django.utils.translation import override
from rest_framework import serializers

from backoffice.core.rest.filtering import MAX_ID
from backoffice.core.rest.shapes import IdField, LabelField, NumberedField, PersonField, ReasonInput, VisibleField
from cases.models import Borrower, Case
from tests.factories.casework import make_case
from tests.factories.portfolio import make_account, make_borrower


class CaseShape(serializers.ModelSerializer):
    number = NumberedField()
    stage_label = LabelField("stage")
    owner = PersonField()

    class Meta:
        model = Case
        fields = ("number", "stage_label", "owner")


class BorrowerInput(serializers.Serializer):
    borrower = VisibleField(Borrower)


@pytest.mark.parametrize(("language", "label"), [("en", "On hold"), ("zh-hans", "暂缓")])
def test_a_record_is_shown_by_number_words_and_person(officer, shanghai, language, label):
    case = make_case(account=make_account(borrower=make_borrower(territory=shanghai)), stage="ON_HOLD", owner=officer)

    with override(language):
        assert CaseShape(case).data == {"number": str(case), "stage_label": label, "owner": "case_officer"}


def test_the_system_is_nobody_by_name(shanghai):
    case = make_case(account=make_account(borrower=make_borrower(territory=shanghai)))

    assert CaseShape(case).data["owner"] is None


@pytest.mark.parametrize("number", [1, "1", MAX_ID])
def test_a_number_that_the_database_can_hold_is_taken(number):
    assert IdField().run_validation(number) == int(number)


@pytest.mark.parametrize("number", [0, -1, MAX_ID + 1, "9" * 400, "x", "1.5", "", None, True, [1], "²"])
def test_a_number_that_names_no_record_is_refused(number):
    with pytest.raises(serializers.ValidationError):
        IdField().run_validation(number)


def test_a_record_out_of_sight_does_not_exist(rf, officer, shanghai, chengdu):
    own, foreign = make_borrower(territory=shanghai), make_borrower(territory=chengdu)
    request = rf.post("/")
    request.user = officer

    def taken(number, **context):
        form = BorrowerInput(data={"borrower": number}, context=context)
        return (
            form.is_valid(),
            form.validated_data.get("borrower"),
            [str(e.code) for e in form.errors.get("borrower", ())],
        )

    assert taken(own.pk, request=request) == (True, own, [])
    assert taken(foreign.pk, request=request) == (False, None, ["does_not_exist"])
    assert taken(987_654_321, request=request) == (False, None, ["does_not_exist"])
    assert taken(MAX_ID + 1, request=request) == (False, None, ["does_not_exist"])
    # Without a caller nobody knows what may be seen.
    assert taken(own.pk) == (False, None, ["does_not_exist"])


@pytest.mark.parametrize(
    ("reason", "fits"), [("x", True), ("x" * 300, True), ("x" * 301, False), ("", False), ("  ", False), (None, False)]
)
def test_a_reason_is_given_and_short(reason, fits):
    assert ReasonInput(data={"reason": reason}).is_valid() is fits
