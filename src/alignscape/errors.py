"""Exceptions that a user reads: one line that says what to do."""


class UserError(Exception):
    """Bad input. Its message is one line: which file or key, what was found, what was expected, what to do."""


class ProteinRejected(Exception):
    """A stage cannot process this protein. The message becomes its entry in the ledger; the run continues."""
