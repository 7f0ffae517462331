"""Sentences of the analyses as a page prints them."""

import re

from markupsafe import Markup, escape


def prose(text: str) -> Markup:
    """Plain text, escaped; a true minus before numbers, and `names of settings` set as code."""
    minus = re.sub(r"(?<![\w.)\]-])-(?=\d|\.\d)", "−", text)
    minus = re.sub(r"−(?=0\.?0*(?![\d.]))", "", minus)  # no number is less than nothing by nothing
    minus = re.sub(r"(?<=\w) - (?=\w)", " − ", minus)
    minus = re.sub(r"(?<=\d)\s?%", "\u202f%", minus)  # a number and its sign stay on one line
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(minus))))
