"""The form that takes a file in: a small file at once, a large one by a worker."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from backoffice.core.errors import InvalidInput
from cases.enums import IntakeMode
from cases.rules.profile.file_sets import FileSet
from cases.selectors.intake.profiles import profile_choices, usable_file_set
from cases.services.intake import take_in, uploads
from cases.services.intake.file_record import IntakeResult
from cases.services.intake.take_in_set import take_in_set


class TakeInForm(forms.Form):
    """Which file, how it is read, and whether it counts."""

    profile = forms.ChoiceField(label=_("Profile"), widget=UnfoldAdminSelectWidget)
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("CSV, NDJSON (both also .gz) or .xlsx; for a profile of several files a .zip of them."),
    )
    mode = forms.ChoiceField(
        label=_("The file is"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        choices=[("", _("what the profile says")), *IntakeMode.choices],
        help_text=_("Accounts that a full snapshot does not name are closed or flagged, as the profile says."),
    )
    dry_run = forms.BooleanField(
        label=_("Only try it"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
        help_text=_("Everything is read, checked and taken back; counts, rejected rows and what would change stay."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profile"].choices = profile_choices(user=user)  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > uploads.MAX_UPLOAD_BYTES:
            raise forms.ValidationError(
                _(
                    "The file is larger than {size}. Take it in on the server: manage.py intake FILE --profile NAME"
                ).format(size=filesizeformat(uploads.MAX_UPLOAD_BYTES))
            )
        return file


def take_uploaded_file(request: HttpRequest, *, profile: str, file: Any, mode: str, dry_run: bool) -> int:
    """Take the file in, or queue it if it is large; say so on the next page and return the id of its record."""
    given: dict[str, Any] = {
        "profile": profile,
        "actor": request.user,
        "at": timezone.now(),
        "mode": mode,
        "dry_run": dry_run,
    }
    file_set = usable_file_set(name=profile, actor=request.user, dry_run=dry_run)
    if file_set is not None:
        return _take_set(request, file_set=file_set, file=file, dry_run=dry_run)
    if file.size > uploads.AT_ONCE_BYTES:
        queued = uploads.queue_upload(content=file.chunks(), file_name=file.name, size=file.size, **given)
        messages.success(request, _("The file waits for a worker. This page shows its progress."))
        return queued.pk
    # The file holds a portfolio: only this process can read the copy, and it is deleted afterwards.
    with tempfile.NamedTemporaryFile(suffix=".upload") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        result = take_in.take_in(path=Path(copy.name), file_name=Path(file.name).name, **given)
    messages.success(request, _told(result))
    return result.file_id


def _take_set(request: HttpRequest, *, file_set: FileSet, file: Any, dry_run: bool) -> int:
    """Take in the files of an uploaded archive, say what became of each, and return the id of the last one's record."""
    if file.size > uploads.AT_ONCE_BYTES:
        raise InvalidInput(
            _(
                "The archive is larger than {size}. Take it in on the server: manage.py intake FILE --profile NAME"
            ).format(size=filesizeformat(uploads.AT_ONCE_BYTES))
        )
    with tempfile.NamedTemporaryFile(suffix=".zip") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        taken = take_in_set(
            path=Path(copy.name), file_set=file_set, actor=request.user, at=timezone.now(), dry_run=dry_run
        )
    for each in taken:
        messages.success(request, f"{each.name}: {_told(each.result)}")
    if dry_run:
        messages.info(
            request,
            _(
                "Each file was tried alone and taken back: rows that name a new borrower or account of an earlier file count as rejected here, and not when the set is taken in."
            ),
        )
    return taken[-1].result.file_id


def _told(result: IntakeResult) -> str:
    text = _("{rows} rows: {created} new, {updated} changed, {unchanged} as before, {rejected} rejected.")
    return text.format(
        rows=result.rows,
        created=result.created,
        updated=result.updated,
        unchanged=result.unchanged,
        rejected=result.rejected,
    )
