"""Other organisations' programs that use the API: which there are, whom they act for, and what they may do.

A program is a *client* of our OAuth2 server (RFC 6749; allauth.idp.oidc keeps clients and tokens, the latter as hashes
only). It acts for a person who agreed, or, if it is a service, for a user appointed for it. It may do what that user
may at the moment of each request, and of that only what its scopes name.
"""

from accounts.integrations.clients import Kind, Registered, change, client, new_secret, register, remove
from accounts.integrations.grants import Granted, end, granted_by, revoke, revoke_all
from accounts.integrations.redirects import may_lead_to, origin
from accounts.integrations.scopes import Scope, Scopes
from accounts.integrations.service_users import may_serve, service_users
from accounts.integrations.tokens import Bearer, agree, bearer, came_back, claim, issued, keep, keep_service

__all__ = [
    "Bearer",
    "Granted",
    "Kind",
    "Registered",
    "Scope",
    "Scopes",
    "agree",
    "bearer",
    "came_back",
    "change",
    "claim",
    "client",
    "end",
    "granted_by",
    "issued",
    "keep",
    "keep_service",
    "may_lead_to",
    "may_serve",
    "new_secret",
    "origin",
    "register",
    "remove",
    "revoke",
    "revoke_all",
    "service_users",
]
