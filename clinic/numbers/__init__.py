"""How much is booked and how much is offered: numbers for administrators, about nobody in particular.

A visit counts where and in the week in which it begins, on its site's clock. All sums are the database's; what is
offered is worked out from the hours as they stand today, since nobody writes down what they were.
"""

from clinic.numbers.counting import count, usual
from clinic.numbers.rows import Grouping, Numbers, Row

__all__ = ["Grouping", "Numbers", "Row", "count", "usual"]
