"""A tokenizer's file, and the process that `tokens_beside` starts to read it. Imports little, as it is there to be quick.

The process takes lines `[texts, special]` and answers each with a line of token ids, in JSON.
"""

import json
import sys
from collections.abc import Callable, Sequence

Tokens = Callable[[Sequence[str], bool], list[list[int]]]
READY = "ready"


def read_tokenizer(path: str) -> Tokens:
    """A function to the tokens of texts, with the special ones or without, of a `tokenizer.json`."""
    # transformers parses a large file four times over, for what only training and chats need
    from tokenizers import Tokenizer

    fast = Tokenizer.from_file(path)
    return lambda texts, special: [found.ids for found in fast.encode_batch(list(texts), add_special_tokens=special)]


def serve(path: str) -> None:
    """Answers until nothing comes any more."""
    tokens = read_tokenizer(path)
    print(READY, flush=True)
    for line in sys.stdin:
        print(json.dumps(tokens(*json.loads(line))), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
