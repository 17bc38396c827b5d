"""The public pages' addresses."""

from django.urls import path

from visits.public import agency_list, views, visitor_photos

urlpatterns = [
    path("v/<str:code>", views.check_letter, name="check-letter"),
    path("v/<str:code>/<int:number>.jpg", visitor_photos.show_visitor, name="letter-visitor"),
    path("agencies/", agency_list.list_agencies, name="published-agencies"),
]
