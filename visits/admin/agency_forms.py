"""What the buttons and rows of an agency's page ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.core.pages.buttons import ButtonForm
from visits.enums import FeeBasis
from visits.models import PriceCard
from visits.rules.scorecard import FeeConfig, fee_problems


class EvaluateForm(ButtonForm):
    """The score follows from the figures; the note is the evaluator's."""

    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


class PriceForm(forms.ModelForm[PriceCard]):
    """One price. A share of recovery is a percentage of the agency's pay, at most half (card measures, art. 66)."""

    class Meta:
        model = PriceCard
        fields = ("basis", "amount", "currency", "valid_from", "valid_to")
        help_texts = {"amount": _("For a share of recovery: percent of the agency's pay, at most 50.")}

    def clean(self) -> Any:
        """Refuse what `fee_problems` refuses, each problem at the amount."""
        values = super().clean() or {}
        amount = values.get("amount")
        if values.get("basis") == FeeBasis.RECOVERY_SHARE and amount is not None:
            weights = {FeeBasis.RECOVERY_SHARE.value: amount, FeeBasis.PER_VISIT.value: 100 - amount}
            for problem in fee_problems(fees=FeeConfig(weights=weights)):
                self.add_error("amount", str(problem.message))
        return values
