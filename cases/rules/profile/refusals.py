"""Reasons why a value or a row is not taken. They are stored in English and translated when they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop as _

REQUIRED: Final = _("A value is required.")
NOT_A_NUMBER: Final = _("This is not a number. Marks such as a currency are taken off by strip.")
OTHER_MARKS: Final = _(
    "This is not a number with {decimal} before the decimals and {thousands} between groups of three digits. "
    "Name the marks of the file: file.decimal_mark, file.thousands_mark."
)
EXPONENT: Final = _(
    "A spreadsheet or program has shortened this number. Save it as text, or allow file.exponents if nothing was lost."
)
ROUNDED: Final = _(
    "A spreadsheet has shortened this reference, so its last digits are lost. Export the column as text."
)
TOO_MANY_DECIMALS: Final = _(
    "The amount has more decimals than its currency ({decimals}). Name the marks of the file, or write round = true."
)
SAYS_NOTHING: Final = _(
    "This text seems to stand for no value. If it does, write it under [file] in the profile: empty = [{text}]."
)
FAILED_FORMULA: Final = _(
    "The spreadsheet shows this where a formula failed or a column is too narrow. Correct it there, and export it again."
)
NOT_WHOLE: Final = _("This is not a whole number.")
TOO_SMALL: Final = _("The number must be at least {bound}.")
NOT_ABOVE: Final = _("The number must be above {bound}.")
NEGATIVE: Final = _("The number is negative; it must be above {bound}.")
TOO_LARGE: Final = _("The number must be below {bound}.")
NOT_A_DATE: Final = _("This is not a date as {formats}.")
NOT_A_MOMENT: Final = _("This is not a date with time as {formats}.")
A_DAY_NUMBER: Final = _(
    'This looks like a day number of a spreadsheet. Write formats = ["excel"] for this field in the profile.'
)
DATE_OF_OTHER_FORMAT: Final = _(
    'This is not a date as {formats}. Write formats = ["{likely}"] for this field in the profile.'
)
DAY_OR_MONTH_FIRST: Final = _(
    'Day and month cannot be told apart. Write formats = ["{first}"] or ["{other}"] for this field in the profile.'
)
DATE_OUT_OF_RANGE: Final = _(
    "Dates lie between 1900 and 2100. If this text stands for no day, write it under [file] in the profile: empty."
)
IN_THE_FUTURE: Final = _("The day lies in the future.")
NOT_A_WORD: Final = _("The profile knows no such word. Add it under map.")
NOT_A_CHOICE: Final = _("The word must be one of: {choices}.")
NOT_A_FLAG: Final = _("This is neither yes nor no.")
NOT_A_PATTERN: Final = _("The text does not look as the profile's pattern says.")
NOT_A_NAME: Final = _("This is not a name: it has no letter, or characters that an export could not write.")
NOT_A_CURRENCY: Final = _(
    "A currency is a code of three capital letters, such as CNY. Write in the profile, for the words of the file: "
    'map = {{ "RMB" = "CNY" }}.'
)
NOT_A_PHONE: Final = _("This is not a telephone number.")
TOO_LONG: Final = _("The text is longer than {bound} characters.")
CONTROL_CHARACTER: Final = _("The text contains a control character.")
TOO_MANY_CELLS: Final = _("The row has {cells} cells, the header {columns}. Look for a separator or quote too many.")
TOO_FEW_CELLS: Final = _("The row has {cells} cells, the header {columns}. Look for a line broken in two.")
LOOKS_LIKE_TOTAL: Final = _("This looks like a row of totals ({word}). Say on the page of the file whether it is one.")
TWICE_IN_FILE: Final = _("The same reference stands in an earlier row of this file.")
PERIOD_TWICE: Final = _("Two statements of this row have the same period.")
OPENED_AFTER_AS_OF: Final = _("The account was opened after the day of the figures.")
DUE_BEFORE_PROMISED: Final = _("The promise is due before it was given.")
SETTLED_WITHOUT_DAY: Final = _("A promise kept or broken needs the day it was settled.")
OLDER_THAN_KNOWN: Final = _("Newer figures of this account are known already ({known}).")
NO_SUCH_ACCOUNT: Final = _("No such account. Take in the accounts first.")
NO_SUCH_BORROWER: Final = _("No such borrower. Take in the accounts first.")
NO_TERRITORY: Final = _("The borrower is new and the row names no territory. Take in the borrowers first, or map it.")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A value of a doubtful field: the row is taken without it. The field's key, the value as written, the reason."""

    field: str
    value: str
    reason: str
    params: Mapping[str, str]


class Refused(Exception):
    """A value that is not taken: the reason with its parameters, the field, and the refused text."""

    def __init__(self, reason: str, *, field: str = "", value: str = "", **params: str) -> None:
        self.reason = reason
        self.field = field
        self.value = value
        self.params = params
        super().__init__(reason)
