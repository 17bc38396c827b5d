"""The addresses of the crew's page."""

from django.urls import path

from visits.field import shell, views

urlpatterns = [
    path("field/", views.crew_page, name="field"),
    path("field/key/", views.give_key, name="field-key"),
    path("field/visits/<int:order_id>/address/", views.reveal_address, name="field-address"),
    path("field/sw.js", shell.service_worker, name="field-worker"),
    path("field/manifest.webmanifest", shell.manifest, name="field-manifest"),
]
