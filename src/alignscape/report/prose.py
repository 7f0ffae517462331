"""Sentences of the analyses as a page prints them."""

import re

from markupsafe import Markup, escape


def prose(text: str) -> Markup:
    """Plain text, escaped; a true minus before numbers, and `names of settings` set as code."""
    minus = re.sub(r"(?<![\w.)\]-])-(?=\d|\.\d)", "−", text)
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(minus))))
