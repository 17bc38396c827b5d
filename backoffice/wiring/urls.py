"""The addresses of the program."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import backoffice.wiring.thirdparty_admin  # noqa: F401 - registers the packages' admins on our base, before the site lists its pages
from backoffice.wiring import probes
from backoffice.wiring.tokens import ThrottledRevoke, ThrottledToken
from cases.admin.runs.daily_difference import daily_difference_page
from reports.admin.effectiveness import effectiveness_page
from reports.admin.policy_preview import policy_preview_page
from visits.admin import desk_answers
from visits.admin.desk import desk_page

tokens = (
    [
        path("token/", ThrottledToken.as_view(), name="token"),
        path("revoke_token/", ThrottledRevoke.as_view(), name="revoke-token"),
    ],
    "oauth2_provider",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/cases/daily-difference/", admin.site.admin_view(daily_difference_page), name="cases_daily_difference"),
    path("admin/reports/effectiveness/", admin.site.admin_view(effectiveness_page), name="reports_effectiveness"),
    path(
        "admin/reports/policy-preview/<int:trial_id>/",
        admin.site.admin_view(policy_preview_page),
        name="reports_policy_preview",
    ),
    path("admin/visits/day-desk/", admin.site.admin_view(desk_page), name="visits_day_desk"),
    *(
        path(f"admin/visits/day-desk/{name}/", admin.site.admin_view(view), name=f"visits_day_desk_{name}")
        for name, view in (
            ("state", desk_answers.desk_state_answer),
            ("ask", desk_answers.ask_answer),
            ("keep", desk_answers.keep_answer),
            ("address", desk_answers.address_answer),
            ("place", desk_answers.place_answer),
        )
    ),
    path("admin/", admin.site.urls),
    path("api/v1/", include("backoffice.wiring.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("o/", include(tokens)),
]
urlpatterns.append(path("", include("visits.field.urls")))
if find_spec("visits.public.urls"):
    urlpatterns.append(path("", include("visits.public.urls")))

handler400 = "backoffice.wiring.error_pages.bad_request"
handler403 = "backoffice.wiring.error_pages.refused"
handler404 = "backoffice.wiring.error_pages.not_found"
handler500 = "backoffice.wiring.error_pages.broken"
