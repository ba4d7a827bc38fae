"""The password reset of django-allauth, limited to the accounts that exist here."""

from allauth.account.forms import ResetPasswordForm

from operators.models import User


class ResetForm(ResetPasswordForm):
    """Asks by the address that an account signs in with; what it claimed besides counts for nothing."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = list(User.objects.filter(email=email.lower(), is_active=True))
        return email
