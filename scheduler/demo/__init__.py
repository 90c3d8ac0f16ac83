"""A made-up clinic for trying the product: nobody in it exists, and its telephone numbers are kept for fiction.

``load`` makes it through the same verbs that pages and the API call, in one transaction: all of it or nothing.
``enlarge`` adds doctors, patients and past appointments in bulk, to see how the product bears many.
"""

from scheduler.demo.large import enlarge
from scheduler.demo.load import load
from scheduler.demo.logins import addresses, change_password, password_is

__all__ = ["addresses", "change_password", "enlarge", "load", "password_is"]
