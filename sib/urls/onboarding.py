"""Addresses of what is taken from a conference into the registry."""

from django.urls import path

from sib.views.onboarding import Found, FoundingPage, FoundingProgress, HeldReceipt, StartFounding

urlpatterns = [
    path("conferencias/<int:pk>/trazer/", StartFounding.as_view(), name="onboarding_start"),
    path("cargas/<int:pk>/", FoundingPage.as_view(), name="onboarding"),
    path("cargas/<int:pk>/andamento/", FoundingProgress.as_view(), name="onboarding_progress"),
    path("cargas/<int:pk>/trazer/", Found.as_view(), name="onboarding_confirm"),
    path("cargas/<int:pk>/retidos/", HeldReceipt.as_view(), name="onboarding_held_receipt"),
]
