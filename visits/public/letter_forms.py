"""The forms of a letter's page: one for each answer, in words that tell a third person nothing."""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from django import forms
from django.core.signing import BadSignature, TimestampSigner
from django.utils.translation import gettext_lazy as _

from visits.enums import LetterAnswerKind, PaperKind
from visits.selectors.conduct import OFFICIAL_ZONE
from visits.selectors.policy import conduct_policy
from visits.services.answers.papers import MOST_BYTES
from visits.services.answers.receiving import LONGEST_TEXT, GivenAnswer

# A form is sent within this time after its page was opened; later ones are shown once more, as they were filled in.
FORM_SECONDS: Final = 12 * 3600


class LetterForm(forms.Form):
    """What every answer asks for: four characters as proof, and words if somebody wants to say more. Both may stay empty."""

    kind: ClassVar[LetterAnswerKind]
    title: ClassVar[Any]
    explained: ClassVar[Any] = ""
    send: ClassVar[Any] = _("Send")

    text = forms.CharField(
        label=_("What else we should know (may stay empty)"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    digits = forms.CharField(
        label=_("Last four characters of your identity number, or of a telephone number that we know"),
        help_text=_("They show us that it is you. Without them your answer is taken too, and we call you."),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "text", "autocapitalize": "characters"}),
    )

    def given(self, *, form_ref: UUID) -> GivenAnswer:
        """Return the answer as the service takes it."""
        values = self.cleaned_data
        return GivenAnswer(kind=self.kind, form_ref=form_ref, digits=values["digits"], text=values["text"])


class DeclineForm(LetterForm):
    """No visit at all."""

    kind = LetterAnswerKind.DECLINE
    title = _("I do not want a visit")
    explained = _("You need no reason, and nothing is held against you for it.")


class OtherTimeForm(LetterForm):
    """Another day and hours, or video instead."""

    kind = LetterAnswerKind.OTHER_TIME
    title = _("Another time, or video")
    explained = _("Choose a day and hours that suit you, or a video call instead. A new letter follows.")

    by_video = forms.BooleanField(label=_("A video call instead of a visit"), required=False)
    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    opens = forms.TypedChoiceField(label=_("Not before"), required=False, coerce=int, empty_value=None)
    closes = forms.TypedChoiceField(label=_("Not after"), required=False, coerce=int, empty_value=None)
    field_order = ("by_video", "day", "opens", "closes", "text", "digits")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = conduct_policy()
        hours = [
            ("", "–"),
            *((hour, f"{hour}:00") for hour in range(policy.visit_from.hour, policy.visit_until.hour + 1)),
        ]
        for name in ("opens", "closes"):
            self.fields[name].choices = hours  # type: ignore[attr-defined]

    def given(self, *, form_ref: UUID) -> GivenAnswer:
        """Return the answer with its wish as instants; a wish without day or hours has none."""
        values, base = self.cleaned_data, super().given(form_ref=form_ref)
        wish: list[datetime | None] = [None, None]
        if values["day"] is not None and values["opens"] is not None and values["closes"] is not None:
            midnight = datetime.combine(values["day"], time(0), tzinfo=OFFICIAL_ZONE)
            wish = [midnight + timedelta(hours=values[name]) for name in ("opens", "closes")]
        return GivenAnswer(
            kind=base.kind,
            form_ref=form_ref,
            digits=base.digits,
            text=base.text,
            wished_from=wish[0],
            wished_until=wish[1],
            by_video=values["by_video"],
        )


class PaperForm(LetterForm):
    """A photograph of a paper that makes the visit needless."""

    kind = LetterAnswerKind.PAPER
    title = _("Send a paper")
    explained = _(
        "If a paper makes the visit needless, send a photograph of it. Nobody comes until we have looked at it."
    )

    paper_kind = forms.ChoiceField(label=_("What it is"), choices=PaperKind.choices)
    paper = forms.FileField(
        label=_("Photograph (JPEG or PNG, at most 15 MB)"),
        widget=forms.FileInput({"accept": "image/jpeg,image/png"}),
    )
    field_order = ("paper_kind", "paper", "text", "digits")

    def clean_paper(self) -> Any:
        """Refuse a file that is too large before it is read."""
        paper = self.cleaned_data["paper"]
        if paper.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large for its kind."))
        return paper

    def given(self, *, form_ref: UUID) -> GivenAnswer:
        """Return the answer with the bytes of the photograph."""
        values, base = self.cleaned_data, super().given(form_ref=form_ref)
        return GivenAnswer(
            kind=base.kind,
            form_ref=form_ref,
            digits=base.digits,
            text=base.text,
            paper=values["paper"].read(),
            paper_kind=values["paper_kind"],
        )


class ComplaintForm(LetterForm):
    """A complaint: the one answer that needs words."""

    kind = LetterAnswerKind.COMPLAINT
    title = _("Complain")
    explained = _("It is answered within 15 days by somebody who took no part in what it is about.")

    text = forms.CharField(
        label=_("What happened"), max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 6}), strip=True
    )


class RepresentedForm(LetterForm):
    """Somebody else speaks for the person addressed."""

    kind = LetterAnswerKind.REPRESENTED
    title = _("Somebody represents me")
    explained = _("Write who, and how we reach them, if you want to.")


class HospitalForm(LetterForm):
    """The person addressed is in hospital."""

    kind = LetterAnswerKind.HOSPITAL
    title = _("I am in hospital")


class BereavedForm(LetterForm):
    """A death in the family."""

    kind = LetterAnswerKind.BEREAVED
    title = _("A relative has died")


class NotHereForm(LetterForm):
    """The letter reached somebody else, or the person addressed has moved away."""

    kind = LetterAnswerKind.NOT_HERE
    title = _("The person addressed is not here")
    explained = _("Also if you are somebody else, or have moved away. You need not say where to.")


FORMS: Final[dict[str, type[LetterForm]]] = {
    form.kind.lower().replace("_", "-"): form
    for form in (
        DeclineForm,
        OtherTimeForm,
        PaperForm,
        ComplaintForm,
        RepresentedForm,
        HospitalForm,
        BereavedForm,
        NotHereForm,
    )
}


def new_form_ref(*, code: str) -> str:
    """Return the signed reference of a form that is shown now: of this letter only, and sent with the form."""
    return _signer(code).sign(str(uuid4()))


def form_ref_of(*, code: str, signed: str, within: int | None = None) -> UUID | None:
    """Return the reference of a form that this page showed for this letter, `within` seconds; None for anything else."""
    try:
        return UUID(_signer(code).unsign(signed, max_age=within))
    except (BadSignature, ValueError):
        return None


def _signer(code: str) -> TimestampSigner:
    return TimestampSigner(salt=f"visits.letter.{code}")
