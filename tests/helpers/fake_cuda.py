"""Runs code on tensors that say they are on a GPU and hold no numbers, and counts what a GPU would be asked.

torch's fake tensors know shape, type and device, and refuse to mix devices, as real ones do. What they cannot show: results,
and gradients, for which this build of torch has no code. Where torch asks for a CUDA build before it computes a shape
(indexing, `contiguous`, `one_hot`, `bincount`, `nonzero`, sparse products), the shape is computed here.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

# Calls that launch nothing: they make another view of the same numbers, or room for them.
_NO_KERNEL = {
    "_reshape_alias", "_unsafe_view", "alias", "as_strided", "detach", "device", "diagonal", "empty", "empty_like", "empty_strided",
    "expand", "lift_fresh", "new_empty", "new_empty_strided", "permute", "reshape", "select", "slice", "split",
    "split_with_sizes", "squeeze", "t", "transpose", "unbind", "unfold", "unsqueeze", "view",
}  # fmt: skip
_WAITS = {"_unique2", "masked_select", "nonzero", "repeat_interleave"}  # whose size is known only when they are done
_READERS = ("item", "tolist", "__bool__", "__float__", "__int__", "__index__")


class Calls(TorchDispatchMode):
    """Kernels by name, waits of the processor for the GPU by cause, and copies to the GPU."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels: Counter[str] = Counter()
        self.waits: Counter[str] = Counter()
        self.copies = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """The call's result, counted if a GPU is part of it."""
        for tensor in tree_leaves((args, kwargs)):
            if isinstance(tensor, FakeTensor):
                tensor.constant = None  # the number of a small tensor, which torch would copy to a real GPU
        result = func(*args, **(kwargs or {}))
        name = func._schema.name.partition("::")[2]
        places = [{t.device.type for t in tree_leaves(x) if isinstance(t, Tensor)} for x in ((args, kwargs), result)]
        if "cuda" not in places[0] | places[1]:
            return result
        if "cuda" in places[0] and "cpu" in places[1]:
            self.waits["copy to the processor"] += 1
        elif places[0] == {"cpu"} or (name == "copy_" and "cpu" in places[0]):
            self.copies += 1
        elif name not in _NO_KERNEL:
            self.kernels[name] += 1
            if name in _WAITS and (kwargs or {}).get("output_size") is None:
                self.waits[name] += 1
        return result

    @property
    def n_waits(self) -> int:
        """Of the processor for the GPU."""
        return self.waits.total()


@contextmanager
def fake_cuda(*, truth: bool = False) -> Iterator[Calls]:
    """Tensors made here are fake, and may be on "cuda". Reading a number of one there is a wait, and gives 0 or `truth`."""
    calls = Calls()
    patches = {name: _reader(calls, name, truth) for name in _READERS}
    patches |= {"numpy": _numpy, "contiguous": _contiguous, "__getitem__": _getitem(calls), "__invert__": _invert}
    with ExitStack() as stack:
        for name, method in patches.items():
            for kind in (Tensor, FakeTensor) if name in vars(FakeTensor) else (Tensor,):
                stack.enter_context(mock.patch.object(kind, name, method))
        stack.enter_context(mock.patch.object(torch, "bincount", _bincount(calls)))
        stack.enter_context(mock.patch.object(torch, "nonzero", _nonzero(calls)))
        stack.enter_context(mock.patch.object(nn.functional, "one_hot", _one_hot(calls)))
        stack.enter_context(mock.patch.object(torch, "sparse_csr_tensor", _sparse(calls)))
        stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        stack.enter_context(calls)
        yield calls


def on_fake_cuda(value: Any) -> Any:
    """A module (in place), or tensors in whatever they lie in, as fake ones on "cuda"; within `fake_cuda`."""
    if not isinstance(value, nn.Module):
        return tree_map(lambda t: _like(t) if isinstance(t, Tensor) else t, value)
    for part in value.modules():
        for name, weight in part._parameters.items():
            if weight is not None:
                part._parameters[name] = nn.Parameter(_like(weight), requires_grad=weight.requires_grad)
        part._buffers |= {name: _like(buffer) for name, buffer in part._buffers.items() if buffer is not None}
    return value


def _like(tensor: Tensor) -> Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="cuda")


# --- what torch would do itself on a build for GPUs ---------------------------------------------------------


def _on_gpu(tensor: Any) -> bool:
    return isinstance(tensor, FakeTensor) and tensor.device.type == "cuda"


def _reader(calls: Calls, name: str, truth: bool) -> Callable[..., Any]:
    plain = getattr(Tensor, name)

    def read(tensor: Tensor, *arguments: Any) -> Any:
        if not isinstance(tensor, FakeTensor):
            return plain(tensor, *arguments)
        if _on_gpu(tensor):
            calls.waits[name] += 1
        if name == "tolist":  # of where runs begin: the last ends far away
            return [0] * (len(tensor) - 1) + [1 << 40]
        return {"__bool__": truth, "__float__": 0.0}.get(name, 0)

    return read


def _numpy(tensor: Tensor, *, force: bool = False, plain: Any = Tensor.numpy) -> Any:
    if not isinstance(tensor, FakeTensor):
        return plain(tensor, force=force)
    if _on_gpu(tensor):
        raise TypeError("can't convert cuda device type tensor to numpy. Use Tensor.cpu() first.")
    return np.zeros(tuple(tensor.shape), dtype=str(tensor.dtype).removeprefix("torch."))


def _contiguous(tensor: Tensor, *arguments: Any, plain: Any = Tensor.contiguous, **options: Any) -> Tensor:
    if not _on_gpu(tensor):
        return plain(tensor, *arguments, **options)
    return tensor if tensor.is_contiguous() else tensor.clone(memory_format=torch.contiguous_format)


def _invert(tensor: Tensor, *, plain: Any = Tensor.__invert__) -> Tensor:
    return tensor == 0 if _on_gpu(tensor) and tensor.dtype == torch.bool else plain(tensor)


def _bincount(calls: Calls, plain: Any = torch.bincount) -> Callable[..., Tensor]:
    def bincount(values: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
        if not _on_gpu(values):
            return plain(values, weights, minlength)
        calls.kernels["bincount"] += 1
        calls.waits["bincount"] += 1
        return torch.empty(minlength, dtype=torch.int64, device="cuda")

    return bincount


def _nonzero(calls: Calls, plain: Any = torch.nonzero) -> Callable[..., Tensor]:
    def nonzero(values: Tensor) -> Tensor:
        if not _on_gpu(values):
            return plain(values)
        calls.kernels["nonzero"] += 1
        calls.waits["nonzero"] += 1
        return torch.empty(3, values.dim(), dtype=torch.int64, device="cuda")  # as if three places were found

    return nonzero


def _one_hot(calls: Calls, plain: Any = nn.functional.one_hot) -> Callable[..., Tensor]:
    def one_hot(values: Tensor, num_classes: int = -1) -> Tensor:
        if not _on_gpu(values):
            return plain(values, num_classes)
        calls.kernels["one_hot"] += 1
        return torch.empty(*values.shape, num_classes, dtype=torch.int64, device="cuda")

    return one_hot


class _Csr(NamedTuple):
    """A sparse matrix on the GPU, of which only a product with a dense one is asked."""

    values: Tensor
    n: int
    calls: Calls

    def __matmul__(self, dense: Tensor) -> Tensor:
        assert dense.device == self.values.device
        self.calls.kernels["sparse product"] += 1
        return torch.empty(self.n, dense.shape[1], dtype=dense.dtype, device="cuda")


def _sparse(calls: Calls, plain: Any = torch.sparse_csr_tensor) -> Callable[..., Any]:
    def sparse_csr_tensor(start: Tensor, column: Tensor, values: Tensor, size: tuple[int, int], **options: Any) -> Any:
        if not _on_gpu(values):
            return plain(start, column, values, size, **options)
        assert start.device == column.device == values.device
        return _Csr(values, size[0], calls)

    return sparse_csr_tensor


def _getitem(calls: Calls, plain: Any = Tensor.__getitem__) -> Callable[..., Tensor]:
    def getitem(tensor: Tensor, index: Any) -> Tensor:
        if not _on_gpu(tensor):
            return plain(tensor, index)
        parts = list(index) if isinstance(index, tuple) else [index]
        if any(part is Ellipsis for part in parts):
            place = next(i for i, part in enumerate(parts) if part is Ellipsis)
            parts[place : place + 1] = [slice(None)] * (
                tensor.dim() - sum(p is not None and p is not Ellipsis for p in parts)
            )
        return _indexed(tensor, parts, calls)

    return getitem


def _indexed(tensor: Tensor, parts: list[Any], calls: Calls) -> Tensor:
    result, dim, gathered = tensor, 0, {}
    for part in parts:
        if part is None:
            result = result.unsqueeze(dim)
        elif isinstance(part, int):
            result = result.select(dim, part)
            continue
        elif isinstance(part, slice):
            if part != slice(None):
                result = torch.ops.aten.slice.Tensor(result, dim, part.start, part.stop, part.step or 1)
        else:
            gathered[dim] = _places(part, calls)
        dim += 1
    if not gathered:
        return result
    return torch.ops.aten.index.Tensor(result, [gathered.get(i) for i in range(max(gathered) + 1)])


def _places(index: Any, calls: Calls) -> Tensor:
    """An index as the GPU takes it: one from the processor is copied, a mask is waited for."""
    if isinstance(index, Tensor) and _on_gpu(index) and index.dtype != torch.bool:
        return index
    is_mask = isinstance(index, Tensor) and index.dtype == torch.bool
    calls.waits["a mask as index" if is_mask else "an index from the processor"] += 1
    shape = index.shape if isinstance(index, Tensor) else (len(index),)
    return torch.empty(shape, dtype=torch.int64, device="cuda")
