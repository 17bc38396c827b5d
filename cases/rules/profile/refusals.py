"""Reasons why a value or a row is not taken. They are stored in English and translated when they are shown."""

from typing import Final

from django.utils.translation import gettext_noop as _

REQUIRED: Final = _("A value is required.")
NOT_A_NUMBER: Final = _("This is not a number.")
NOT_WHOLE: Final = _("This is not a whole number.")
TOO_SMALL: Final = _("The number must be at least {bound}.")
NOT_ABOVE: Final = _("The number must be above {bound}.")
TOO_LARGE: Final = _("The number must be below {bound}.")
NOT_A_DATE: Final = _("This is not a date as {formats}.")
NOT_A_MOMENT: Final = _("This is not a date with time as {formats}.")
DATE_OUT_OF_RANGE: Final = _("Dates lie between 1900 and 2100.")
IN_THE_FUTURE: Final = _("The day lies in the future.")
NOT_A_WORD: Final = _("The profile knows no such word. Add it under map.")
NOT_A_CHOICE: Final = _("The word must be one of: {choices}.")
NOT_A_FLAG: Final = _("This is neither yes nor no.")
NOT_A_PATTERN: Final = _("The text does not look as the profile's pattern says.")
NOT_A_PHONE: Final = _("This is not a telephone number.")
NOT_AN_ID_NUMBER: Final = _("The identity number is not sound: length, date or check digit.")
TOO_LONG: Final = _("The text is longer than {bound} characters.")
CONTROL_CHARACTER: Final = _("The text contains a control character.")
TOO_MANY_CELLS: Final = _("The row has {cells} cells, the header {columns}. Look for a separator or quote too many.")
TOO_FEW_CELLS: Final = _("The row has {cells} cells, the header {columns}. Look for a line broken in two.")
TWICE_IN_FILE: Final = _("The same reference stands in an earlier row of this file.")
PERIOD_TWICE: Final = _("Two statements of this row have the same period.")
OPENED_AFTER_AS_OF: Final = _("The account was opened after the day of the figures.")
DUE_BEFORE_PROMISED: Final = _("The promise is due before it was given.")
SETTLED_WITHOUT_DAY: Final = _("A promise kept or broken needs the day it was settled.")
OLDER_THAN_KNOWN: Final = _("Newer figures of this account are known already ({known}).")
NO_SUCH_ACCOUNT: Final = _("No such account. Take in the accounts first.")
NO_SUCH_BORROWER: Final = _("No such borrower. Take in the accounts first.")
NO_SUCH_REPAYMENT: Final = _("No such repayment. Take in the repayments first.")
REPAYMENT_OF_ANOTHER: Final = _("The repayment that is taken back belongs to another account.")
REVERSES_ANOTHER: Final = _("The reference is in use for the reversal of another repayment.")
REVERSED_BEFORE_PAID: Final = _("The day lies before the repayment, which was paid on {paid_on}.")
NOTHING_LEFT: Final = _("The repayment has been taken back already; nothing is left of it.")
MORE_THAN_IS_LEFT: Final = _("Only {rest} is left of the repayment.")
LESS_THAN_TAKEN_BACK: Final = _("{reversed} of this repayment has been taken back. Correct the reversals first.")
NEGATIVE_REPAYMENT: Final = _(
    "A negative amount takes a repayment back. Send it by a profile of kind REVERSALS, or map repayment.reverses to the "
    "column that names the repayment taken back."
)
REVERSES_NOTHING: Final = _("A negative amount needs the reference of the repayment that it takes back.")
POSITIVE_REVERSAL: Final = _("A row that names a repayment to take back needs a negative amount.")
ZERO_REPAYMENT: Final = _("The amount is 0: nothing was paid. Leave the row out.")
NO_SUCH_TERRITORY: Final = _("No such territory. Make it, or name it under [[territories]].")
OTHER_BORROWER: Final = _("The account belongs to another borrower.")
OTHER_OWNER: Final = _("The reference is in use for another account or borrower.")


class Refused(Exception):
    """A value that is not taken: the reason with its parameters, the field, and the refused text."""

    def __init__(self, reason: str, *, field: str = "", value: str = "", **params: str) -> None:
        self.reason = reason
        self.field = field
        self.value = value
        self.params = params
        super().__init__(reason)
