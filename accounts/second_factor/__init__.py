"""The second factor of a sign-in: an authenticator app or a passkey, with recovery codes for the day it is lost.

allauth.mfa keeps and checks them (its pages, under accounts/2fa/). Here is who must have one, what a code is worth, and
how one that was lost is taken away.
"""

from accounts.second_factor.changes import note_added, note_new_codes, note_removed, note_wrong_code, reset
from accounts.second_factor.codes import counter_of, mark_spent, reseal, spend
from accounts.second_factor.standing import answers_codes, is_last, is_missing, is_required, is_set, with_factor

__all__ = [
    "answers_codes",
    "counter_of",
    "is_last",
    "is_missing",
    "is_required",
    "is_set",
    "mark_spent",
    "note_added",
    "note_new_codes",
    "note_removed",
    "note_wrong_code",
    "reseal",
    "reset",
    "spend",
    "with_factor",
]
