"""Anticipated errors: a stable code for programs, and words in the language of whoever reads them."""

import pytest
from django.utils.translation import gettext_lazy, override

from backoffice.core.errors import DoorstepError, InvalidInput, Missing, NotAllowed, SelfApproval, StateConflict


@pytest.mark.parametrize(
    ("error", "code", "english", "chinese"),
    [
        (DoorstepError(), "refused", "The request was refused.", "请求被拒绝。"),
        (NotAllowed(), "not_allowed", "Your role does not allow this.", "您的角色无此权限。"),
        (
            SelfApproval(),
            "self_approval",
            "You proposed this yourself; another person must approve it.",
            "此项由您本人提出，须由他人审批。",
        ),
        (
            Missing(gettext_lazy("There is no such scope.")),
            "missing",
            "There is no such scope.",
            "没有此授权范围。",
        ),
    ],
)
def test_an_error_is_worded_when_it_is_read(error, code, english, chinese):
    assert error.code == code
    with override("en"):
        assert str(error) == english
    with override("zh-hans"):
        assert str(error) == chinese


def test_words_of_ones_own_replace_the_usual_ones():
    assert str(StateConflict("The run is over.")) == "The run is over."
    assert str(StateConflict(message=None)) == str(StateConflict.message)
    # The class itself keeps its words.
    assert str(StateConflict()) != "The run is over."


def test_invalid_input_names_the_field_and_the_row():
    error, plain = InvalidInput("No such day.", field="opened_on", row=7), InvalidInput("No.")

    assert (str(error), error.code, error.field, error.row) == ("No such day.", "invalid_input", "opened_on", 7)
    assert (plain.field, plain.row) == ("", None)


def test_approving_ones_own_proposal_is_a_missing_right():
    # Doors answer 403 to both.
    assert isinstance(SelfApproval(), NotAllowed)
