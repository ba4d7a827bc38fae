"""URLs of onboarding."""

from django.urls import path

from sib.views.onboarding import (
    ConfirmOnboarding,
    DownloadHeldReceipt,
    OnboardingDetail,
    OnboardingProgress,
    StartOnboarding,
)

urlpatterns = [
    path("conferencias/<int:pk>/trazer/", StartOnboarding.as_view(), name="onboarding_start"),
    path("cargas/<int:pk>/", OnboardingDetail.as_view(), name="onboarding"),
    path("cargas/<int:pk>/andamento/", OnboardingProgress.as_view(), name="onboarding_progress"),
    path("cargas/<int:pk>/trazer/", ConfirmOnboarding.as_view(), name="onboarding_confirm"),
    path("cargas/<int:pk>/retidos/", DownloadHeldReceipt.as_view(), name="onboarding_held_receipt"),
]
