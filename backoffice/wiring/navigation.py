"""The admin's look and menu, as data. The menu follows the loop."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Title = str | Promise
LONGEST_OPEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One entry of the menu: a page of the admin, who may enter it, and the kind of waiting work that is counted beside it."""

    title: Title
    icon: str
    page: str
    permission: str = ""
    desk: str = ""


def _list(title: Title, icon: str, model: str, desk: str = "") -> Room:
    """Return the entry of a model's list, shown to those who may view the model."""
    app, _dot, name = model.partition(".")
    return Room(title=title, icon=icon, page=f"{app}_{name}_changelist", permission=f"{app}.view_{name}", desk=desk)


MENU: tuple[tuple[Title, tuple[Room, ...]], ...] = (
    (
        "",
        (Room(title=_("Home"), icon="home", page="index"),),
    ),
    (
        _("Portfolio in"),
        (
            _list(_("Intake files"), "upload_file", "cases.intakefile", "intake_in_trouble"),
            _list(_("Intake profiles"), "schema", "cases.intakeprofile"),
            _list(_("Versions of profiles"), "fact_check", "cases.intakeprofileversion"),
            _list(_("Borrowers"), "person", "cases.borrower"),
            _list(_("People"), "people", "cases.person"),
            _list(_("Suggested merges"), "merge", "cases.personmerge", "merges_to_decide"),
            _list(_("Numbers used by many"), "pin", "cases.sharednumber"),
            _list(_("Accounts"), "account_balance", "cases.account"),
            _list(_("Statements"), "receipt_long", "cases.statement"),
            _list(_("Repayments"), "payments", "cases.repayment"),
            _list(_("Contact attempts"), "call", "cases.contactattempt"),
            _list(_("Contact permits"), "phone_enabled", "cases.contactpermit"),
            _list(_("Contact breaches"), "phone_disabled", "cases.contactbreach"),
            _list(_("Sources of contacts"), "hub", "cases.contactsource"),
            _list(_("Promises to pay"), "handshake", "cases.promisetopay"),
            _list(_("Suspicion signals"), "flag", "cases.suspicionsignal"),
            _list(_("Doubtful values"), "rule", "cases.doubtfulcell", "doubts_open"),
        ),
    ),
    (
        _("Triggers"),
        (
            _list(_("Policies"), "menu_book", "cases.policy"),
            _list(_("Policy versions"), "policy", "cases.policyversion", "versions_to_approve"),
            _list(_("Policy trials"), "experiment", "cases.policytrial"),
            _list(_("Shadow runs"), "tonality", "cases.shadowrun"),
            _list(_("Strategy upgrades"), "campaign", "cases.strategyupgrade", "upgrades_to_approve"),
            _list(_("Evaluation runs"), "play_circle", "cases.evaluationrun", "runs_in_trouble"),
            _list(_("Accounts set aside"), "report", "cases.quarantine"),
            Room(
                title=_("Daily difference"),
                icon="difference",
                page="cases_daily_difference",
                permission="cases.view_triggerhit",
            ),
            _list(_("Circuit breakers"), "electrical_services", "cases.breakerlimit"),
            _list(_("Re-evaluations due"), "bolt", "cases.dueevaluation"),
            _list(_("Retention"), "auto_delete", "cases.retentionrule"),
            _list(_("Account facts"), "data_table", "cases.accountfacts"),
            _list(_("Trigger hits"), "bolt", "cases.triggerhit"),
            _list(_("Holidays"), "event_busy", "cases.holidaynotice"),
            _list(_("Visit prices"), "price_check", "cases.visitprice"),
            _list(_("Recovery shares"), "percent", "cases.recoveryshare"),
            _list(_("Muted reasons"), "notifications_off", "cases.rulemute"),
        ),
    ),
    (
        pgettext_lazy("menu", "Cases"),
        (_list(_("Cases"), "folder_open", "cases.case", "cases_due"),),
    ),
    (
        pgettext_lazy("menu", "Visits"),
        (
            Room(title=_("Day desk"), icon="map", page="visits_day_desk", permission="visits.dispatch_visitorder"),
            _list(_("Planning runs"), "route", "visits.planningrun"),
            _list(_("Placements"), "assignment_return", "visits.placement", "certificates_due"),
            _list(_("Visit orders"), "home_pin", "visits.visitorder", "visits_today"),
            _list(_("Cases passed over"), "next_plan", "visits.sweepline"),
            _list(_("Answers to letters"), "contact_mail", "visits.letteranswer", "letter_answers"),
            _list(_("Agreements about visits"), "handshake", "visits.visitagreement"),
            _list(_("Visit reports"), "fact_check", "visits.visitreport", "reports_to_review"),
            _list(_("Evidence"), "photo_library", "visits.evidence"),
            _list(_("Contradictions"), "difference", "visits.contradiction"),
            _list(_("Call-backs"), "phone_callback", "visits.callback", "call_backs_due"),
            _list(_("Agencies"), "apartment", "visits.agency"),
            _list(_("Agencies' papers"), "description", "visits.agencycredential", "papers_to_confirm"),
            _list(_("Price cards"), "price_change", "visits.pricecard", "prices_to_confirm"),
            _list(_("Agency statements"), "request_quote", "visits.agencystatement", "statements_to_approve"),
            _list(_("Lines of agency statements"), "receipt", "visits.statementline", "disputes_to_answer"),
            _list(_("Crew"), "badge", "visits.crewmember", "crew_to_confirm"),
        ),
    ),
    (
        pgettext_lazy("menu", "Decisions"),
        (
            _list(_("Verifications"), "verified", "cases.verification"),
            _list(_("Decisions"), "gavel", "cases.decision", "decisions_to_approve"),
            _list(_("Letters about decisions"), "mail", "cases.decisionletter", "letters_undelivered"),
            _list(_("Bundles for legal recovery"), "folder_zip", "reports.legalbundle", "bundles_to_approve"),
            _list(_("Repayment plans"), "calendar_month", "cases.repaymentplan"),
            _list(_("Waivers"), "money_off", "cases.waiver"),
            _list(_("Concession budgets"), "savings", "cases.concessionbudget"),
            _list(_("Terms changes"), "sync_alt", "cases.termschange"),
            _list(_("Terms of accounts"), "balance", "cases.accountterm", "terms_in_trouble"),
            _list(_("Complaints and appeals"), "feedback", "cases.complaint", "complaints_near"),
        ),
    ),
    (
        pgettext_lazy("menu", "Reports"),
        (
            Room(
                title=_("Effectiveness"),
                icon="monitoring",
                page="reports_effectiveness",
                permission="reports.view_effectiveness",
            ),
            _list(_("Daily positions"), "stacked_bar_chart", "reports.dailyposition"),
            _list(_("Cost rates"), "sell", "reports.costrate"),
            _list(_("Experiment arms"), "science", "reports.experimentarm"),
            _list(_("Exports"), "download", "reports.exportjob", "exports_to_approve"),
        ),
    ),
    (
        _("Administration"),
        (
            _list(_("Users"), "group", "access.user"),
            _list(_("Credential requests"), "lock_reset", "access.credentialrequest"),
            Room(title=_("Roles"), icon="shield_person", page="roles"),
            _list(_("Territories"), "map", "access.territory"),
            _list(_("Stand-ins"), "switch_account", "access.standin"),
            _list(_("Schedules"), "schedule", "django_celery_beat.periodictask"),
            _list(_("Machine clients"), "key", "oauth2_provider.application"),
            _list(_("Webhook endpoints"), "webhook", "outbox.webhookendpoint"),
            _list(_("Deliveries"), "local_shipping", "outbox.webhookdelivery", "deliveries_dead"),
            _list(_("Outgoing events"), "outbox", "outbox.outboxevent"),
        ),
    ),
    (
        _("Trail"),
        (
            _list(_("Audit entries"), "history", "audit.auditentry"),
            _list(_("Access log"), "visibility", "audit.accessentry"),
            _list(_("Refused sign-ins"), "lock", "axes.accessattempt"),
            _list(_("Sign-ins"), "login", "axes.accesslog"),
        ),
    ),
)


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu of the signed-in person: only pages that exist and that they may open."""
    from backoffice.wiring.home import badge  # noqa: PLC0415 - settings read this file before the models are loaded

    at = timezone.now()
    groups: list[dict[str, Any]] = []
    for title, rooms in MENU:
        entries = []
        for room in rooms:
            link = address(page=room.page)
            if link and (not room.permission or request.user.has_perm(room.permission)):
                count = badge(user=request.user, desk=room.desk, at=at) if room.desk else ""
                entries.append(
                    {"title": room.title, "icon": room.icon, "link": link, "badge": count, "badge_variant": "warning"}
                )
        if entries:
            groups.append({"title": title, "separator": False, "items": entries})
    # A short menu is open. A long one is closed except for the loop and the group of the current page.
    is_long = sum(len(group["items"]) for group in groups) > LONGEST_OPEN
    return [group | {"collapsible": is_long and bool(group["title"])} for group in groups]


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what a person may do with their own login."""
    return [
        {"title": _("Second factor"), "link": reverse("admin:second_factor")},
        {"title": _("Change password"), "link": reverse("admin:password_change")},
    ]


def address(*, page: str) -> str:
    """Return the address of a page of the admin by its name, or nothing where there is none."""
    for name in (f"admin:{page}", page):
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Doorstep"),
    "SITE_HEADER": _("Doorstep"),
    "SITE_SUBHEADER": _("Home verification"),
    "SITE_SYMBOL": "door_front",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("backoffice/door.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "STYLES": [lambda request: static("backoffice/doorstep.css")],
    "ACCOUNT": {"navigation": "backoffice.wiring.navigation.account_links"},
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "backoffice.wiring.navigation.menu"},
    # Teal: red is the colour of dunning letters, and violet is the default of this admin theme.
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% .014 180.72)",
            "100": "oklch(95.3% .051 180.801)",
            "200": "oklch(91% .096 180.426)",
            "300": "oklch(85.5% .138 181.071)",
            "400": "oklch(77.7% .152 181.912)",
            "500": "oklch(70.4% .14 182.503)",
            "600": "oklch(60% .118 184.704)",
            "700": "oklch(51.1% .096 186.391)",
            "800": "oklch(43.7% .078 188.216)",
            "900": "oklch(38.6% .063 188.416)",
            "950": "oklch(27.7% .046 192.524)",
        },
    },
}
