"""Gives every text file one newline at its end, and says which files had none or several.

python tools/end_of_file.py FILE ...

The exit status is 1 if a file was changed.
"""

import sys
from pathlib import Path


def main() -> int:
    """The exit status: 1, and a line each, where a file was changed."""
    changed = [path for path in map(Path, sys.argv[1:]) if mend(path)]
    for path in changed:
        print(f"{path}: the end of the file was changed to one newline")
    return bool(changed)


def mend(path: Path) -> bool:
    """Whether the file had to be changed. One that holds nothing but newlines becomes empty."""
    content = path.read_bytes()
    mended = content.rstrip(b"\r\n") + b"\n" if content.strip(b"\r\n") else b""
    if mended != content:
        path.write_bytes(mended)
    return mended != content


if __name__ == "__main__":
    sys.exit(main())
