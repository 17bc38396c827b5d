"""Addresses of the reports floor, under /api/v1/."""

from django.urls import path

from reports.api.doors import EffectivenessView, FunnelView

urlpatterns = [
    path("reports/effectiveness/", EffectivenessView.as_view(), name="reports-effectiveness"),
    path("reports/funnel/", FunnelView.as_view(), name="reports-funnel"),
]
