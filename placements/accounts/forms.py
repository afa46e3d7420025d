"""Signing in and choosing a password. Flask-Security's forms, with our words and GOV.UK's widgets."""

from typing import Any

from flask_security import LoginForm as SecurityLoginForm
from flask_security import TwoFactorSetupForm as SecurityTwoFactorSetupForm
from flask_security import TwoFactorVerifyCodeForm as SecurityTwoFactorVerifyCodeForm
from flask_security.forms import VerifyForm as SecurityVerifyForm
from flask_security.recovery_codes import MfRecoveryForm
from govuk_frontend_wtf.wtforms_widgets import GovSubmitInput
from wtforms import PasswordField, StringField, SubmitField, ValidationError

from placements.accounts.rules import PASSWORD_LENGTH
from placements.web import fields
from placements.web.forms import Form, HouseRules

SIX_DIGITS = "Enter the 6 digits that your authenticator app shows"


def _code(label: str) -> StringField:
    return fields.text(label, missing=SIX_DIGITS, most=40, autocomplete="one-time-code", inputmode="numeric")


class SignInForm(HouseRules, SecurityLoginForm):
    """By email address and password."""

    email = fields.email()
    password = fields.password("Password", missing="Enter your password", autocomplete="current-password")
    remember = None  # shared and borrowed phones are common among the people we build for
    submit = SubmitField("Sign in", widget=GovSubmitInput())


class AskForLinkForm(Form):
    """By a link in a mail, with nothing to remember."""

    email = fields.email()


class SignInByLinkForm(Form):
    """One button, so that a mail scanner that opens links signs nobody in."""


class SetPasswordForm(Form):
    """A new password, typed once where it can be shown, and once more."""

    password = fields.password(
        "New password",
        missing="Enter a new password",
        hint=f"At least {PASSWORD_LENGTH} characters. Three words that only you would put together work well.",
        autocomplete="new-password",
        least=PASSWORD_LENGTH,
    )
    again = fields.password(
        "The same password again", missing="Enter the new password a second time", autocomplete="new-password"
    )

    def validate_again(self, again: PasswordField) -> None:
        """The second must be the first."""
        if again.data != self.password.data:
            raise ValidationError("Enter the same password twice")


class ConfirmItIsYouForm(HouseRules, SecurityVerifyForm):
    """Asked again before a second factor is changed, when the sign-in is a day old."""

    password = fields.password("Password", missing="Enter your password", autocomplete="current-password")
    submit = SubmitField("Continue", widget=GovSubmitInput())


class SecondFactorForm(HouseRules, SecurityTwoFactorSetupForm):
    """Turn the second step on, or off again."""

    setup = fields.one(
        "Second step",
        {"authenticator": "Use an authenticator app", "disable": "Turn the second step off"},
        missing="Choose one",
    )
    phone = StringField("Phone")  # Flask-Security reads it; never shown
    submit = SubmitField("Continue", widget=GovSubmitInput())


class SecondFactorCodeForm(HouseRules, SecurityTwoFactorVerifyCodeForm):
    """The code that the authenticator app shows."""

    code = _code("6-digit code")
    submit = SubmitField("Continue", widget=GovSubmitInput(), id="submit-code")


class RecoveryCodeForm(HouseRules, MfRecoveryForm):
    """One of the codes written down when the second step was set up."""

    code = _code("Recovery code")
    submit = SubmitField("Continue", widget=GovSubmitInput())


FLASK_SECURITY_FORMS: dict[str, Any] = {
    "login_form": SignInForm,
    "verify_form": ConfirmItIsYouForm,
    "two_factor_setup_form": SecondFactorForm,
    "two_factor_verify_code_form": SecondFactorCodeForm,
    "mf_recovery_form": RecoveryCodeForm,
}
