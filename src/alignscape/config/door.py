"""Members: what lies in folders of this package, and what installed packages bring through their entry points.

A member is a module, or a folder of modules that are called alike in every member (`block`, `model`, `official`). Its word
in a config is the name of the module or folder; that of a plug-in is the name of its entry point, whose value is the
module's or folder's full name. What a config may say of a member is its block, a class that the member calls `BLOCK`.
Nothing is imported here but what is asked for.
"""

import ast
import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TypeVar, get_args

from pydantic import BaseModel

from ..errors import UserError

B = TypeVar("B", bound=BaseModel)
DOORS = {  # groups of entry points, and what comes through
    "alignscape.structure_encoders": "structure encoder",
    "alignscape.text_encoders": "text encoder",
    "alignscape.questions": "question",
    "alignscape.sources": "source",
}
_WAY_OUT = "mend or uninstall it, or say `plugins: false` in the config"


@dataclass(frozen=True)
class Member:
    """One member: its word in a config, the full name of its module or folder, and the package that brought it."""

    word: str
    home: str
    package: str = ""  # "" for alignscape's own
    version: str = ""

    def load(self, part: str = "") -> ModuleType:
        """The member's module, or the one of that name in its folder; see `import_part`."""
        return import_part(f"{self.home}.{part}" if part else self.home)

    def fault(self, problem: str) -> Exception:
        """What to raise for a member that is not what it should be: a plug-in's user can do something about it."""
        if not self.package:
            return TypeError(f"{self.home}: {problem}")
        return UserError(f"plug-in {self.word!r} of the package {self.package} {self.version}: {problem}; {_WAY_OUT}")


def import_part(name: str) -> ModuleType:
    """A module of a member. Raises UserError, one line that names the package, for one of a plug-in that does not import."""
    try:
        return import_module(name)
    except Exception as error:
        plugins = (member for group in DOORS for member in installed(group))
        owner = next((m for m in plugins if name == m.home or name.startswith(f"{m.home}.")), None)
        if owner is None:
            raise
        said = " ".join(str(error).split())
        raise owner.fault(f"{name} cannot be imported: {type(error).__name__}: {said}") from None


def own_members(package: str, *, mark: str) -> dict[str, Member]:
    """The members in a folder of this package, by word.

    A word that begins with a digit has an underscore before it in the name of its module or folder (`_3di`).
    mark: what makes one. A module is a member if it sets `MARK = ...`, a folder if it has a module `mark`, or if it sets it itself.
    """
    (folder,) = import_module(package).__path__
    found = pkgutil.iter_modules([folder])
    marked = [m.name for m in found if _is_marked(Path(folder) / m.name, mark)]
    return {name.removeprefix("_"): Member(name.removeprefix("_"), f"{package}.{name}") for name in marked}


def _is_marked(path: Path, mark: str) -> bool:
    if (path / f"{mark.lower()}.py").is_file():
        return True
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    body = ast.parse(source.read_text(encoding="utf-8")).body
    targets = [t for node in body if isinstance(node, ast.Assign) for t in node.targets]
    return any(isinstance(target, ast.Name) and target.id == mark for target in targets)


def with_plugins(own: dict[str, Member], group: str) -> dict[str, Member]:
    """The package's own members and those of installed packages. Raises UserError, one line, where two have one word."""
    found = dict(own)
    for member in installed(group):
        if (other := found.get(member.word)) is not None:
            whose = f"the package {other.package}" if other.package else "alignscape itself"
            raise member.fault(f"{whose} has a {DOORS[group]} of this name")
        found[member.word] = member
    return found


@cache
def installed(group: str) -> tuple[Member, ...]:
    """What came through one door, sorted by word; nothing of it is imported."""
    return tuple(sorted((_member(entry) for entry in entry_points(group=group)), key=lambda m: m.word))


def _member(entry: EntryPoint) -> Member:
    package, version = (entry.dist.name, entry.dist.version) if entry.dist else ("of unknown name", "")
    return Member(entry.name, entry.value, package, version)


# --- blocks -------------------------------------------------------------------------------------------------


def block_of(member: Member, base: type[B]) -> type[B]:
    """The config block of a member. Raises UserError, one line, for a plug-in without one of `base`."""
    module = member.load("block" if _has_part(member, "block") else "")
    kind = getattr(module, "BLOCK", None)
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise member.fault(f"{module.__name__} has no `BLOCK = ` that names a class of {base.__name__}")
    if kind.__module__ != module.__name__:
        raise member.fault(f"the block {kind.__name__} lies in {kind.__module__}; expected it in {module.__name__}")
    word = kind.model_fields.get("encoder")
    if word is not None and get_args(word.annotation) != (member.word,):
        raise member.fault(f'{kind.__name__} has another `encoder` than `Literal["{member.word}"]`, its entry point')
    return kind


def home_of(block: BaseModel) -> tuple[str, bool]:
    """The full name of the module or folder that a block is of, and whether it is a folder."""
    name = type(block).__module__
    return name.removesuffix(".block"), name.endswith(".block")


def _has_part(member: Member, part: str) -> bool:
    return hasattr(member.load(), "__path__") and find_spec(f"{member.home}.{part}") is not None
