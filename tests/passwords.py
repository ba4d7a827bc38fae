"""Passwords of the tests: hashed as the portal's are, without the quarter of a second that each is meant to take."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    iterations = 1
