"""Exceptions that a user reads: one line that says what to do."""

import errno
import os


class UserError(Exception):
    """Bad input. Its message is one line: which file or key, what was found, what was expected, what to do."""


class ProteinRejected(Exception):
    """A stage cannot process this protein. The message becomes its entry in the ledger; the run continues."""


_NOT_TO_BE_USED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR, errno.EISDIR}


def in_one_line(error: OSError) -> str | None:
    """What a user can do about a full disk or a file that may not be used; None for all other errors of the system."""
    where = error.filename2 or error.filename
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{where or 'disk'}: no space left on the device; free some and start again"
    if where and error.errno in _NOT_TO_BE_USED:
        mend = "correct its permissions, or point `results_dir` and `cache_dir` elsewhere"
        return f"{os.fsdecode(where)}: cannot be used: {error.strerror}; {mend}"
    return None
