"""Errors that a person can act on."""


class PlainError(Exception):
    """An error whose text says in a sentence what is wrong and what to do.

    The command line prints the sentence and nothing else. Bugs are not PlainErrors.
    """
