"""What the sign-in and registration pages ask."""

from django import forms
from django.utils.translation import gettext_lazy as _

AUTOCOMPLETE = "autocomplete"


class SignInForm(forms.Form):
    """A user name, or the phone number or e-mail address of a citizen, and the password."""

    username = forms.CharField(
        label=_("User name, phone number or e-mail address"),
        max_length=150,
        widget=forms.TextInput(attrs={AUTOCOMPLETE: "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={AUTOCOMPLETE: "current-password"}),
    )


class RegistrationForm(forms.Form):
    """A name, a phone number or e-mail address, and a new password."""

    name = forms.CharField(
        label=_("Name"), max_length=100, widget=forms.TextInput(attrs={AUTOCOMPLETE: "name"})
    )
    contact = forms.CharField(
        label=_("Phone number or e-mail address"),
        help_text=_("You sign in with it. It is kept encrypted."),
        max_length=254,
        widget=forms.TextInput(attrs={AUTOCOMPLETE: "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 8 characters, not only digits, and not one that many people use."),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={AUTOCOMPLETE: "new-password"}),
    )
