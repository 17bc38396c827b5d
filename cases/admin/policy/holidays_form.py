"""The form of one year's holidays: a row for each break, a field for each make-up working day."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from backoffice.access.models import Jurisdiction, Territory
from backoffice.core.errors import InvalidInput
from backoffice.core.pages.buttons import day_input
from cases.enums import NationalHoliday
from cases.rules.calendar import CHINA
from cases.rules.holiday_notice import YEARS, NoticeField, notice_faults
from cases.rules.holiday_rows import notice_of_rows
from cases.rules.holidays import Break, Notice
from cases.services.intake.holiday_files import MAX_BYTES, read_holiday_file
from cases.services.policies.holidays import MAX_SOURCE

# A notice gives seven holidays; breaks of the years beside it may reach into the year.
BREAK_ROWS: Final = 12
# So many faults of a file are named at once.
MOST_FAULTS: Final = 20
# 2013 had the most so far, twelve.
MAKE_UP_FIELDS: Final = 15


class YearForm(forms.Form):
    """Whose holidays of which year are entered; with a file, the days begin as it says. `rows` are those of the file."""

    year = forms.IntegerField(
        label=_("year"), min_value=YEARS[0], max_value=YEARS[-1], widget=UnfoldAdminIntegerFieldWidget
    )
    jurisdiction = forms.ChoiceField(
        label=_("Rules of contact"), choices=Jurisdiction.choices, required=False, widget=UnfoldAdminSelectWidget
    )
    territory = forms.ModelChoiceField(
        label=_("Territory"),
        queryset=Territory.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Only for regional holidays: they are added to those of the whole jurisdiction."),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_(
            "CSV or spreadsheet with a row for each day: day, name, off or work; or a calendar (ICS). The next page shows what it says."
        ),
    )

    def __init__(self, *args: Any, territories: QuerySet[Territory], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notice: Notice | None = None
        self.fields["territory"].queryset = territories  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the file, if there is one: each row that cannot be read is a fault of the field."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        territory = given.get("territory")
        given["jurisdiction"] = jurisdiction = given.get("jurisdiction") or str(Jurisdiction.CHINA)
        if territory is not None and territory.jurisdiction != jurisdiction:
            self.add_error("territory", _("This territory follows the rules of another jurisdiction."))
        if given.get("file") is not None and "year" in given:
            try:
                rows = read_holiday_file(content=given["file"].read(MAX_BYTES + 1))
            except InvalidInput as error:
                self.add_error("file", str(error))
                return given
            self.notice, faults = notice_of_rows(rows=rows, year=given["year"])
            for fault in faults[:MOST_FAULTS]:
                self.add_error("file", text("Row {row}: {fault}").format(row=fault.row, fault=fault.message))
        return given


class NoticeForm(forms.Form):
    """
    A notice, begun with the days of `start`. `notice` is what was entered, None unless the form is valid.

    Rows that are left empty are left out; every fault stands at its field.
    """

    source = forms.CharField(
        label=_("Source"),
        max_length=MAX_SOURCE,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The number of the State Council's notice, or the address of its page."),
    )

    def __init__(
        self, data: Any, *, year: int, start: Notice, source: str = "", is_whole: bool = True, jurisdiction: str = CHINA
    ) -> None:
        super().__init__(data, initial={"source": source} | _initial(start))
        self.year, self.is_whole, self.jurisdiction = year, is_whole, jurisdiction
        self.notice: Notice | None = None
        choices = [("", "—"), *NationalHoliday.choices]
        for row in range(1, BREAK_ROWS + 1):
            self._add(
                f"holiday_{row}",
                forms.ChoiceField(choices=choices, required=False, widget=UnfoldAdminSelectWidget),
                _("Holiday of row {row}").format(row=row),
            )
            self._add(f"first_{row}", _day_field(), _("First day of row {row}").format(row=row))
            self._add(f"last_{row}", _day_field(), _("Last day of row {row}").format(row=row))
        for row in range(1, MAKE_UP_FIELDS + 1):
            self._add(f"make_up_{row}", _day_field(), _("Make-up working day {row}").format(row=row))

    def _add(self, name: str, field: forms.Field, label: str) -> None:
        """Add a field of a table: the column's heading names it to the eye, its own label to screen readers."""
        field.label = label
        field.widget.attrs["aria-label"] = label
        self.fields[name] = field

    def break_rows(self) -> Iterator[tuple[Any, Any, Any]]:
        """Yield the three fields of each break."""
        for row in range(1, BREAK_ROWS + 1):
            yield self[f"holiday_{row}"], self[f"first_{row}"], self[f"last_{row}"]

    def make_up_fields(self) -> list[Any]:
        """Return the fields of the make-up working days."""
        return [self[f"make_up_{row}"] for row in range(1, MAKE_UP_FIELDS + 1)]

    def clean(self) -> dict[str, Any]:
        """Put the rows together and check them as a whole."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        breaks = dict(self._breaks(given))
        make_up = {row: day for row in range(1, MAKE_UP_FIELDS + 1) if (day := given.get(f"make_up_{row}"))}
        if self.errors.keys() - {"source"}:
            return given
        notice = Notice(year=self.year, breaks=tuple(breaks.values()), make_up_days=tuple(make_up.values()))
        faults = notice_faults(notice=notice, is_whole=self.is_whole, jurisdiction=self.jurisdiction)
        for fault in faults:
            rows = list(make_up if fault.field is NoticeField.MAKE_UP else breaks)
            self.add_error(f"{fault.field}_{rows[fault.row - 1]}" if fault.row else None, fault.message)
        self.notice = None if faults else notice
        return given

    def _breaks(self, given: Mapping[str, Any]) -> Iterator[tuple[int, Break]]:
        for row in range(1, BREAK_ROWS + 1):
            names = [f"{name}_{row}" for name in (NoticeField.HOLIDAY, NoticeField.FIRST, NoticeField.LAST)]
            holiday, first, last = (given.get(name) for name in names)
            if holiday and first and last:
                yield row, Break(holiday=NationalHoliday(holiday), first=first, last=last)
            elif holiday or first or last:
                for name in names:
                    if not given.get(name) and name not in self.errors:
                        self.add_error(name, _("Fill this in, or empty the whole row to leave the break out."))


def _day_field() -> forms.DateField:
    return forms.DateField(required=False, widget=day_input())


def _initial(start: Notice) -> dict[str, date | str]:
    initial: dict[str, date | str] = {}
    for row, each in enumerate(start.breaks, start=1):
        initial |= {f"holiday_{row}": str(each.holiday), f"first_{row}": each.first, f"last_{row}": each.last}
    return initial | {f"make_up_{row}": day for row, day in enumerate(start.make_up_days, start=1)}
