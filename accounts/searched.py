"""The words of a search, whatever is searched."""

MOST_WORDS = 6
"""More make no search any better; each asks every table once more, and a thousand would take long."""


def words_of(text: str) -> list[str]:
    """The first MOST_WORDS; a NUL, which no database takes, parts words like a blank."""
    return text.replace("\x00", " ").split()[:MOST_WORDS]
