"""Whether the number of an identity document has the form of its document. A form proves nothing about the holder."""

import re
from datetime import date
from typing import Final

from django.utils.translation import gettext_noop as _

from backoffice.core.canonical.identity_numbers import read_identity_number
from cases.enums import IdDocument

OTHER_FORM: Final = _("The number does not have the form of its document.")
# Ordinary passports since 1997: E or G with eight digits, or E, a letter without I and O, and seven digits. Diplomatic,
# service and official ones: D, S and P. Foreign ones: six to nine letters and digits, among them a digit.
_FORMS: Final[dict[str, re.Pattern[str]]] = {
    IdDocument.PASSPORT: re.compile(r"(?=.*\d)[A-Z0-9]{6,9}", re.ASCII),
    IdDocument.HK_MACAO_PERMIT: re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII),
    IdDocument.TAIWAN_PERMIT: re.compile(r"\d{8}(\d{2}(\d?[A-Z]?)?)?", re.ASCII),
    # Cards before 2017 have three letters and twelve digits; later ones have the form of a resident's number.
    IdDocument.FOREIGN_PERMANENT: re.compile(r"[A-Z]{3}\d{12}", re.ASCII),
    IdDocument.MILITARY_ID: re.compile(r"\D{1,3}\d{6,10}"),
}
_CHINESE_PASSPORT: Final = re.compile(r"[EG]\d{8}|E[A-HJ-NP-Z]\d{7}|[DSP]E?\d{7,8}", re.ASCII)


def document_of(*, number: str) -> IdDocument:
    """
    Return the document that a canonical number belongs to where the row does not say.

    Only forms that one document has are recognised: Chinese passports and the permits of Hong Kong and Macao residents.
    Everything else is taken for the number of a resident.
    """
    if number[:1].isdigit():
        return IdDocument.RESIDENT_ID
    if _CHINESE_PASSPORT.fullmatch(number):
        return IdDocument.PASSPORT
    if _FORMS[IdDocument.HK_MACAO_PERMIT].fullmatch(number):
        return IdDocument.HK_MACAO_PERMIT
    return IdDocument.RESIDENT_ID


def identity_problem(*, number: str, document: str, on: date) -> str | None:
    """Return why a canonical number does not fit its document on a day, None if it does; words in English."""
    form = _FORMS.get(document)
    if document == IdDocument.OTHER or (form is not None and form.fullmatch(number)):
        return None
    if document in (IdDocument.RESIDENT_ID, IdDocument.FOREIGN_PERMANENT):
        return read_identity_number(number=number, on=on).problem
    return OTHER_FORM
