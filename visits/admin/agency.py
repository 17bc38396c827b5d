"""Outside agencies: who they are, what they may take, what they cost, how they are evaluated, and their people."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.roles import AGENCY_SCOPE, Role
from backoffice.audit.recorded import RecordedAdmin
from backoffice.audit.services import record
from backoffice.core.pages.admin import Scoped, ScopedAdmin, ScopedInline
from backoffice.core.pages.buttons import SUCCESS, WARNING, Press, ReasonForm, button
from backoffice.core.pages.cells import chip, money, tones
from visits.admin.agency_forms import EvaluateForm, PriceForm
from visits.admin.agency_score import EvaluationInline, ScoreColumn
from visits.enums import AgencyState
from visits.models import Agency, AgencyTerritory, CrewCertificate, CrewMember, PriceCard
from visits.rules.lifecycle import AGENCY_LIFECYCLE
from visits.services.agencies import agencies, prices

STATE_TONES = tones(
    AgencyState,
    success=[AgencyState.ACTIVE],
    warning=[AgencyState.RESTRICTED],
    danger=[AgencyState.SUSPENDED],
    info=[AgencyState.APPLICANT],
)


class ConfigurationInline(Scoped, TabularInline):
    """Rows of configuration beside their agency, edited by those whose role holds the model's permissions."""

    extra = 0
    can_delete = False
    hide_title = True
    tab = True


class CapacityInline(ConfigurationInline):
    model = AgencyTerritory
    fields = ("territory", "capacity")


class PriceInline(ConfigurationInline):
    model = PriceCard
    form = PriceForm
    fields = ("basis", "amount", "currency", "valid_from", "valid_to")


class CrewInline(ScopedInline):
    model = CrewMember
    tab = True
    show_change_link = True
    fields = ("external_ref", "masked_name", "is_active", "trained_until")

    @admin.display(description=_("full name"))
    def masked_name(self, member: CrewMember) -> str:
        return str(member.masked_name)


@admin.register(Agency)
class AgencyAdmin(ScoreColumn, RecordedAdmin):
    """A firm on the published list. Its standing moves by buttons, never in the form."""

    lifecycle = AGENCY_LIFECYCLE
    list_display = ("code", "name", "state_chip", "scored", "admitted_on", "contract_ends_on", "complaints_phone")
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("=code", "=name")
    empty_hint = _("Add the agencies that the lender has a contract with.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("code", "name"),
                    ("registration", "complaints_phone"),
                    ("state_chip", "admitted_on"),
                    ("contract_ends_on", "no_subcontract_promise_on"),
                    "coordinators",
                )
            },
        ),
    )
    readonly_fields = ("state_chip", "admitted_on")
    inlines = (CapacityInline, PriceInline, EvaluationInline, CrewInline)
    actions_detail = ("admit", "suspend", "reinstate", "exit", "evaluate")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People of a territory change the agencies that take cases there."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or Agency.objects.managed_by(request.user).filter(pk=obj.pk).exists())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An agency exits; its history stays."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = [*super().get_readonly_fields(request, obj)]
        if request.user.role != Role.ADMINISTRATOR:  # type: ignore[union-attr]
            # Others do not see all users: saving the field would drop those that they do not see.
            fields.append("coordinators")
        return fields

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "coordinators" and field is not None:
            people = Q(role=Role.AGENCY_COORDINATOR)
            # An agency's program stands beside its people.
            programs = Q(role=Role.MACHINE, scopes__contains=[AGENCY_SCOPE])
            field.queryset = field.queryset.filter(people | programs).order_by("username", "pk")
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.updated_at = timezone.now()
        if not change:
            obj.created_at = obj.updated_at
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        changed = [str(row.pk) for row in formset.new_objects] + [
            str(row.pk) for row, _names in formset.changed_objects
        ]
        if changed:
            record(
                actor=request.user,
                action=f"{formset.model._meta.model_name}.changed",
                subject=form.instance,
                at=timezone.now(),
                body={"rows": changed},
            )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        now = timezone.now()
        prices.push_visit_prices(business_date=timezone.localdate(now), at=now, actor=request.user)

    @admin.display(description=_("state"))
    def state_chip(self, agency: Agency) -> Any:
        return chip(agency, "state", STATE_TONES)

    @button(
        label=_("Admit"),
        permission="visits.admit_agency",
        form=ReasonForm,
        icon="verified",
        variant=SUCCESS,
        done=_("The agency may take cases."),
    )
    def admit(self, press: Press) -> None:
        agencies.admit_agency(
            agency=press.record,
            reason=press.values["reason"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Suspend"),
        permission="visits.suspend_agency",
        form=ReasonForm,
        icon="block",
        variant=WARNING,
        text=_("Live placements are recalled; the agency's people lose sight of their visits at once."),
        done=_("The agency is suspended."),
    )
    def suspend(self, press: Press) -> None:
        agencies.suspend_agency(
            agency=press.record,
            reason=press.values["reason"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Reinstate"),
        permission="visits.admit_agency",
        form=ReasonForm,
        icon="restart_alt",
        variant=SUCCESS,
        done=_("The agency may take cases again."),
    )
    def reinstate(self, press: Press) -> None:
        agencies.reinstate_agency(
            agency=press.record,
            reason=press.values["reason"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("End cooperation"),
        permission="visits.suspend_agency",
        form=ReasonForm,
        icon="logout",
        variant=WARNING,
        done=_("The cooperation has ended."),
    )
    def exit(self, press: Press) -> None:
        agencies.exit_agency(
            agency=press.record,
            reason=press.values["reason"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Evaluate"),
        permission="visits.evaluate_agency",
        form=EvaluateForm,
        icon="grade",
        states=frozenset(AgencyState) - {AgencyState.APPLICANT, AgencyState.EXITED},
        text=_(
            "The score is computed from the last twelve months and from the cases of all agencies: conduct, complaints "
            "about its own visits, quality and punctuality."
        ),
        done=_("The evaluation is filed."),
    )
    def evaluate(self, press: Press) -> None:
        agencies.evaluate_agency(
            agency=press.record,
            note=press.values["note"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )


class CertificateInline(ScopedInline):
    model = CrewCertificate
    ordering = ("-valid_until", "-pk")
    fields = ("kind", "number", "valid_until")


@admin.register(CrewMember)
class CrewMemberAdmin(ScopedAdmin):
    """A person of an agency who goes to doors."""

    list_display = ("external_ref", "masked_name", "agency", "is_active", "trained_until", "screened_on")
    list_select_related = ("agency",)
    list_filter = ("is_active",)
    search_fields = ("=external_ref",)
    empty_hint = _("Agencies name their crews through the API.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("external_ref", "masked_name"),
                    ("agency", "is_active"),
                    ("trained_until", "screened_on"),
                    ("confidentiality_signed_on", "user"),
                )
            },
        ),
    )
    inlines = (CertificateInline,)

    @admin.display(description=_("full name"))
    def masked_name(self, member: CrewMember) -> str:
        return str(member.masked_name)


@admin.register(PriceCard)
class PriceCardAdmin(ScopedAdmin):
    """What agencies are paid, never for what a visit finds."""

    list_display = ("agency", "basis", "price", "valid_from", "valid_to")
    list_select_related = ("agency",)
    list_filter = (("basis", ChoicesDropdownFilter),)
    fieldsets = ((None, {"fields": (("agency", "basis"), "price", ("valid_from", "valid_to"))}),)
    empty_hint = _("Prices are kept on the page of each agency.")

    @admin.display(description=_("amount"))
    def price(self, card: PriceCard) -> str:
        return money(card.amount, card.currency)
