"""Who may decide cases of the review desk."""

from django.db.models import QuerySet

from operators.models import Membership, Operator
from operators.permissions import PERMISSIONS, Permission

REVIEWING_ROLES = [role for role, granted in PERMISSIONS.items() if Permission.REVIEW_CNS in granted]


def reviewers_of(operator: Operator) -> QuerySet[Membership, int]:
    """The keys of the users, once each."""
    members = Membership.objects.filter(operator=operator, role__in=REVIEWING_ROLES, user__is_active=True)
    return members.order_by().values_list("user_id", flat=True).distinct()
