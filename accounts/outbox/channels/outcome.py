"""How handing something over may fail."""


class TryLater(Exception):
    """It failed for now; the text says how, without a word of whom and what."""


class GivenUp(Exception):
    """It will never succeed; the text likewise."""
