"""Exceptions that a user reads: one line that says what to do."""


class UserError(Exception):
    """Bad input. Its message is one line: which file or key, what was found, what was expected, what to do."""


class ProteinRejected(Exception):
    """One protein cannot be taken by one stage; the message is the ledger's plain reason. The run goes on."""
