"""Results dated in the future, as a clock that was set back leaves them: Snakemake builds nothing on them."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path


def date_no_file_in_the_future(folder: Path) -> int:
    """How many files of the folder, at any depth, were dated later than now; they are dated now, and a line says so.

    Snakemake ends a job whose output is older than its input, at every further try until the clock has caught up. Digests in
    the paths tell what is stale, so the dates may change. A file that cannot be changed is left as it is.
    """
    now, found = time.time(), 0
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            with suppress(OSError):
                if os.lstat(path).st_mtime > now:
                    os.utime(path, (now, now), follow_symlinks=False)
                    found += 1
    if found:
        said = f"{found} files were" if found > 1 else "1 file was"
        print(
            f"alignscape: {folder}: {said} dated in the future (was the clock set back?), and dated now",
            file=sys.stderr,
        )
    return found
