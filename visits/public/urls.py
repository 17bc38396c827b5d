"""The public pages' addresses."""

from django.urls import path

from visits.public import views

urlpatterns = [
    path("v/<str:code>", views.check_letter, name="check-letter"),
    path("agencies/", views.list_agencies, name="published-agencies"),
]
