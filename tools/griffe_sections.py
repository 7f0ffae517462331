"""An extension of griffe, which reads docstrings for `make docs`: it gives ours the sections that the site shows."""

from typing import Any

from griffe import Class, Docstring, Extension, Function

from tools.docstring_sections import with_sections


class DocstringSections(Extension):
    """Turns the lines about parameters and the sentences about exceptions of each docstring into sections."""

    def on_function_instance(self, *, func: Function, **_: Any) -> None:
        """A function's own parameters."""
        if func.docstring:
            func.docstring.value = with_sections(func.docstring.value, [each.name for each in func.parameters])

    def on_class_members(self, *, cls: Class, **_: Any) -> None:
        """A class is described with the parameters that make it."""
        init = cls.members.get("__init__")
        names = [each.name for each in init.parameters] if isinstance(init, Function) else []
        if isinstance(cls.docstring, Docstring) and names:
            cls.docstring.value = with_sections(cls.docstring.value, names)
