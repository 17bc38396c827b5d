"""What a borrower stated when applying, masked, on the borrower's page."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.cells import EMPTY
from cases.models import Application


class ApplicationInline(ScopedInline):
    """The borrower's application; amounts show only that they are known."""

    model = Application
    tab = True
    fields = ("masked_employer", "masked_monthly_income", "masked_monthly_expenses", "stated_on", "updated_at")

    @admin.display(description=_("employer"))
    def masked_employer(self, application: Application) -> str:
        return str(application.masked_employer) or EMPTY

    @admin.display(description=_("income a month"))
    def masked_monthly_income(self, application: Application) -> str:
        return str(application.masked_monthly_income) or EMPTY

    @admin.display(description=_("expenses a month"))
    def masked_monthly_expenses(self, application: Application) -> str:
        return str(application.masked_monthly_expenses) or EMPTY
