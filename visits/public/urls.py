"""The public pages' addresses."""

from django.urls import path

from visits.public import agency_list, views

urlpatterns = [
    path("v/<str:code>", views.check_letter, name="check-letter"),
    path("agencies/", agency_list.list_agencies, name="published-agencies"),
]
