from django.urls import path

from beneficiaries.api import CnsOfBeneficiary
from beneficiaries.views.people import People, Search
from beneficiaries.views.person import PersonPage, Unmask
from beneficiaries.views.reviews import Case, Desk

app_name = "beneficiaries"
urlpatterns = [
    path("pessoas/", People.as_view(), name="people"),
    path("pessoas/busca/", Search.as_view(), name="search"),
    path("pessoas/<int:pk>/", PersonPage.as_view(), name="person"),
    path("pessoas/<int:pk>/completo/", Unmask.as_view(), name="unmask"),
    path("revisoes/", Desk.as_view(), name="reviews"),
    path("revisoes/<int:pk>/", Case.as_view(), name="review"),
    path("api/v1/beneficiarios/<str:code>/cns/", CnsOfBeneficiary.as_view(), name="api_cns"),
]
