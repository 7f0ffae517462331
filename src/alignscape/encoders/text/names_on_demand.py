"""A package whose own file runs when one of its names is asked for, and not when one of its modules is imported."""

import sys
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any


class _OnDemand(ModuleType):
    """Stands where the package will: its modules are found through it, and a name of its own brings the package."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the interpreter asks of every module
            raise AttributeError(name)
        if find_spec(f"{self.__name__}.{name}") is not None:
            return import_module(f"{self.__name__}.{name}")
        if isinstance(sys.modules.get(self.__name__), _OnDemand):
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def names_on_demand(*packages: str) -> None:
    """Puts off what the packages' own files do; each one is a package that is installed, or one in the package before it."""
    for name in packages:
        spec = find_spec(name)
        if name in sys.modules or spec is None:
            continue
        package = module_from_spec(spec)
        package.__class__ = _OnDemand
        if "." not in name:
            package.__version__ = version(name)  # type: ignore[attr-defined]  # what a package's modules may ask of it
        sys.modules[name] = package
