"""The public page's address; wiring puts it under /v/."""

from django.urls import path

from visits.public import views

urlpatterns = [path("<str:code>", views.check_letter, name="check-letter")]
