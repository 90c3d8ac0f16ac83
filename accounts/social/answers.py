"""What a provider tells us of somebody: checked, and cut down to what is used.

That is the subject, the name, one address, and whether the provider vouches for it. Groups, roles, telephone numbers,
pictures and whatever else it tells are forgotten. ``Nonsense`` is raised for an answer that cannot be, or is another's.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import ProviderException
from django.utils.crypto import constant_time_compare, salted_hmac

LONGEST_SUBJECT = 150
"""Characters. allauth keeps 191."""
LONGEST_LABEL = 200


class Nonsense(ProviderException):
    """An answer that we do not take."""


def nonce_for(state_id: str) -> str:
    """The nonce of the sign-in that ``state_id`` stands for: it ties the identity token to this browser's session."""
    return salted_hmac("accounts.social.nonce", state_id, algorithm="sha256").hexdigest()


def google(login: SocialLogin, nonce: str) -> None:
    """Take what Google tells: an identity token's claims, or those of its address for them."""
    told = login.account.extra_data
    if "aud" in told:
        _same_nonce(told, nonce)
    _cut_down(login, is_proved=told.get("email_verified") is True or told.get("verified_email") is True)


def github(login: SocialLogin, _nonce: str) -> None:
    """Take what GitHub tells: the primary address, if it is in the list of those that GitHub has looked at."""
    # allauth puts the address of the public profile, of which GitHub says nothing, beside those.
    listed = [address for address in login.email_addresses if address.verified is True and address.primary]
    login.email_addresses = listed or login.email_addresses
    _cut_down(login, is_proved=bool(listed))


def microsoft(login: SocialLogin, _nonce: str) -> None:
    """Take what Microsoft tells. Whoever administers a tenant writes any address there: it is never proved."""
    _cut_down(login, is_proved=False)


def openid_connect(login: SocialLogin, nonce: str) -> None:
    """Take what an OpenID Connect server tells: the identity token says who it is, the user's page what he is called.

    A subject is its issuer's: after a change of the server, another's must not open the account.
    """
    told = login.account.extra_data
    token, person = told.get("id_token"), told.get("userinfo")
    if not isinstance(token, Mapping):
        raise Nonsense("no identity token")
    _same_nonce(token, nonce)
    # OpenID Connect Core 1.0, 5.3.2: or the page is somebody else's.
    if not token.get("sub") or (person and person.get("sub") != token["sub"]):
        raise Nonsense("two subjects")
    _cut_down(login, is_proved=(person or token).get("email_verified") is True)
    login.account.uid = _with_issuer(login.account.uid, str(token["iss"]))


def _same_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    if not constant_time_compare(str(claims.get("nonce", "")), nonce):
        raise Nonsense("another sign-in's nonce")


def _with_issuer(subject: str, issuer: str) -> str:
    whole = f"{subject} {issuer}"
    return whole if len(whole) <= LONGEST_SUBJECT else f"sha256 {sha256(whole.encode()).hexdigest()}"


def _cut_down(login: SocialLogin, *, is_proved: bool) -> None:
    if not login.account.uid.isprintable():
        raise Nonsense("no text for a subject")
    login.email_addresses = login.email_addresses[:1]
    for address in login.email_addresses:
        address.verified = is_proved
    label = login.email_addresses[0].email if login.email_addresses else login.account.extra_data.get("login")
    is_fit = isinstance(label, str) and label.isprintable() and len(label) <= LONGEST_LABEL
    login.account.extra_data = {"username": label if is_fit else ""}
    login.phone, login.token = None, None
