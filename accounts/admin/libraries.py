"""The libraries' own pages, taken out of the admin: what they would let staff edit, people and verbs see to."""

# ruff: noqa: F401  each of these imports registers what is unregistered below
import allauth.account.admin
import allauth.idp.oidc.admin
import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin
import django.contrib.auth.admin
from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client, Token
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

admin.site.unregister(
    (Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession, Client, Token)
)
