"""transformers, imported without what reading from a model on one processor never uses: a third of such a command's time.

Before it has a model's class, transformers imports PyTorch's compiler and its tensors over several machines, SciPy's
optimisers (for losses of object detectors) and accelerate. It does without each where it is not installed, but for
the compiler, of which it only takes marks that it puts on functions. And it reads its 3,000 files, twice, for the names
that are in them; `names_on_demand` has that done when one of these names is asked for.
"""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import ModuleType
from typing import Any

from ...compute.own_process import is_own_process
from ...compute.uncollected import uncollected
from ...config.door import DOORS, installed
from .names_on_demand import names_on_demand

_NOT_NEEDED = ("accelerate", "scipy")
_lean = False  # whether it was imported so
_MARKS = ("allow_in_graph", "assume_constant_result", "disable")  # decorators that say something to the compiler only


def import_lean() -> None:
    """Imports transformers' models as they are on a machine with one process, no compiler, SciPy or accelerate.

    For a model without adapter or quantisation, on the processor, in a process of ours: elsewhere someone may train or
    compile a model later, so nothing happens there, nor where the models were imported before. No more does it where plug-ins
    are installed, whose code may come after ours in one process and ask for accelerate. A version of transformers that cannot
    do without is imported whole.
    """
    global _lean
    if not is_own_process() or any(map(installed, DOORS)) or "transformers.modeling_utils" in sys.modules:
        return
    try:
        names_on_demand("transformers", "transformers.models")
        with uncollected("transformers.modeling_utils"), _absent(), _one_process(), _no_compiler(), _not_again():
            import transformers.generation.utils
            import transformers.modeling_utils  # noqa: F401
        _lean = True
    except Exception:
        for name in [name for name in sys.modules if name.partition(".")[0] == "transformers"]:
            del sys.modules[name]


@contextmanager
def _absent() -> Iterator[None]:
    """Packages that are there, but not to be found inside."""
    hidden = [name for name in _NOT_NEEDED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: Python's own way to say that
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def _one_process() -> Iterator[None]:
    """PyTorch as it is built without `torch.distributed`."""
    import torch.distributed

    before = torch.distributed.is_available
    torch.distributed.is_available = lambda: False
    try:
        yield
    finally:
        torch.distributed.is_available = before


@contextmanager
def _not_again() -> Iterator[None]:
    """Modules of transformers that run the package's own file again, to look for names in it later, look in the one at hand."""
    import transformers.utils

    before = transformers.utils.direct_transformers_import
    transformers.utils.direct_transformers_import = lambda *_, **__: sys.modules["transformers"]
    try:
        import transformers.processing_utils

        yield
    finally:
        transformers.utils.direct_transformers_import = before


def lean_loading() -> AbstractContextManager[None]:
    """What a model is to be loaded in: while it has no memory for its weights, PyTorch asks for the compiler's marks too."""
    return _no_compiler() if _lean else nullcontext()


@contextmanager
def _no_compiler() -> Iterator[None]:
    """Marks for `torch.compile` mark nothing inside; afterwards whoever asks for the compiler gets it."""
    import torch

    if "torch._dynamo" in sys.modules:
        yield
        return
    compiler = ModuleType("torch._dynamo")
    compiler.__path__ = []
    for mark in _MARKS:
        setattr(compiler, mark, _unmarked)
    masks = ModuleType("torch._dynamo._trace_wrapped_higher_order_op")
    masks.TransformGetItemToIndex = _get_item_to_index  # type: ignore[attr-defined]
    sys.modules |= {module.__name__: module for module in (compiler, masks)}
    torch._dynamo = compiler
    try:
        yield
    finally:
        for module in (compiler, masks):
            sys.modules.pop(module.__name__, None)
        del torch._dynamo


def _unmarked(function: Any = None, *_: Any, **__: Any) -> Any:
    """A decorator, with or without arguments, that leaves a function as it is."""
    return function if function is not None else _unmarked


def _get_item_to_index() -> Any:
    """The true one, for a mask that is made by `vmap`."""
    from torch._dynamo._trace_wrapped_higher_order_op import TransformGetItemToIndex

    return TransformGetItemToIndex()
