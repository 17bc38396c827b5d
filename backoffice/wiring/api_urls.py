"""The addresses of the REST doors; each floor lists its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("cases.api.urls")),
    path("", include("visits.api.urls")),
    path("", include("reports.api.urls")),
]
