"""Signing in through providers: allauth.socialaccount, held to what docs/security.md says."""
