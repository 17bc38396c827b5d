"""The form of a set of files: which file is read by which profile, in which order."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from cases.models import IntakeProfileVersion
from cases.rules.profile.file_sets import FileSet, named_parts, toml_of_set
from cases.rules.profile.parse import KIND_OF_SETS
from cases.selectors.intake.profiles import single_profile_names, stored_file_set

# Rows of the form; a longer set is written as text.
ROWS: Final = 10


class FileSetForm(forms.Form):
    """A name, the source, and up to ten parts: pattern of the file names, profile, optional or not."""

    columns = 3

    name = forms.SlugField(
        label=_("Name of the set"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Letters, digits, hyphens and underscores. A .zip of the files is taken in by this name."),
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=120, widget=UnfoldAdminTextInputWidget)
    source = forms.CharField(
        label=_("Source"),
        required=False,
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The core that all files come from. Left empty, each profile keeps its own."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [("", "-"), *((name, name) for name in single_profile_names())]
        for number in range(1, ROWS + 1):
            self.fields[f"pattern_{number}"] = forms.CharField(
                label=_("{number}. Files named").format(number=number),
                required=False,
                max_length=120,
                widget=UnfoldAdminTextInputWidget({"placeholder": "customers*.csv"} if number == 1 else {}),
            )
            self.fields[f"profile_{number}"] = forms.ChoiceField(
                label=_("are read by"), required=False, choices=names, widget=UnfoldAdminSelectWidget
            )
            self.fields[f"optional_{number}"] = forms.BooleanField(
                label=_("may be absent"), required=False, widget=UnfoldBooleanWidget
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a row that has a pattern or a profile but not both, and a set without rows."""
        given = super().clean() or self.cleaned_data
        for number in range(1, ROWS + 1):
            pattern, profile = given.get(f"pattern_{number}", "").strip(), given.get(f"profile_{number}", "")
            if pattern and not profile:
                self.add_error(f"profile_{number}", _("Choose the profile that reads these files."))
            elif profile and not pattern:
                self.add_error(f"pattern_{number}", _("Say what these files are called, such as customers*.csv."))
        if not self.errors and not self._parts():
            self.add_error("pattern_1", _("Name the files of at least one part."))
        return given

    def body(self) -> str:
        """Return the text of the set that was filled in."""
        given = self.cleaned_data
        return toml_of_set(title=given["title"].strip(), source=given["source"].strip(), parts=self._parts())

    def _parts(self) -> list[tuple[str, str, bool]]:
        given = self.cleaned_data
        return [
            (given[f"pattern_{number}"].strip(), given[f"profile_{number}"], given[f"optional_{number}"])
            for number in range(1, ROWS + 1)
            if given.get(f"profile_{number}")
        ]


def initial_of(version: IntakeProfileVersion) -> dict[str, Any] | None:
    """Return what the form shows of a version; None if it cannot say it: with a part written in the set, or too many."""
    name = version.profile.name
    found = named_parts(text=version.body, name=name) if version.profile.kind == KIND_OF_SETS else None
    if found is None or len(found[2]) > ROWS:
        return None
    title, source, parts = found
    return {"name": name, "title": title, "source": source} | {
        f"{key}_{number}": value
        for number, part in enumerate(parts, start=1)
        for key, value in zip(("pattern", "profile", "optional"), part, strict=True)
    }


def set_page(*, version: IntakeProfileVersion, current: IntakeProfileVersion | None) -> dict[str, Any]:
    """
    Return what the page of a version shows of a set: its parts in order, and those of the version in use if it is another.

    :raises InvalidInput: if a profile that it names is no longer in use.
    """
    page: dict[str, Any] = {"parts": _parts_of(stored_file_set(version=version))}
    if current is not None and current.pk != version.pk:
        page["in_use"] = current.number
        page["parts_before"] = _parts_of(stored_file_set(version=current))
    return page


def _parts_of(file_set: FileSet | None) -> list[dict[str, Any]]:
    return [
        {
            "pattern": part.pattern,
            "kind": part.profile.kind.label,
            "profile": part.profile.name if part.is_named else "",
            "source": part.profile.source,
            "optional": part.optional,
        }
        for part in (file_set.parts if file_set else ())
    ]
