"""What GVP and GAT gain from how they are computed: ratios measured in one run, beside the plain way.

python benchmarks/gvp_gat.py [--threads 1]
"""

import argparse
import subprocess
import sys
import warnings

import torch
from structure import EVERY, LARGE, best, build, demo_structures, nearest_in_length, peak_memory, throughput
from torch import Tensor

from alignscape.compute.allocator import keep_freed_memory
from alignscape.compute.sparse_attention import Edges, SparseAttention
from alignscape.encoders.structure.gat.pyg import GeometricAttention
from alignscape.encoders.structure.gvp.model import Layer
from alignscape.proteins.structure import Structure

RESIDUES = 300
BACKENDS = ("native", "pyg")


def main() -> None:
    arguments = _arguments()
    keep_freed_memory()  # as every job does
    torch.set_num_threads(arguments.threads)
    if arguments.memory:
        print(peak_memory(build("gat", backend=arguments.memory)))
        return
    structures = demo_structures()
    structure = nearest_in_length(structures, RESIDUES)
    print(f"{structure.n_residues} residues, {structure.n_atoms} atoms, {torch.get_num_threads()} threads\n")
    print("| measure | value |\n|---|---|")
    gat = build("gat")
    batch = gat.collate([gat.featurise(structure)])
    edges = Edges(batch["start"], batch["sender"], batch["receiver"])
    print(
        f"| GAT: attention on {len(edges.sender):,} edges / all pairs of atoms | {against_dense(edges):.0f} x as fast |"
    )
    print(f"| GAT: the same / `backend: pyg`, forward | {against_geometric(edges):.1f} x as fast |")
    backward = against_geometric(edges, backward=True)
    print(f"| GAT: the same / `backend: pyg`, forward and backward | {backward:.1f} x as fast |")
    native, pyg = (embedding_seconds(backend, structures[::EVERY]) for backend in BACKENDS)
    print(f"| GAT: structures to embeddings / with `backend: pyg` | {pyg / native:.1f} x as fast |")
    for backend in BACKENDS:
        print(f"| GAT, {backend}: peak memory at {LARGE} residues, above the imports | {memory(backend):.2f} GiB |")
    gvp = build("gvp")
    print(f"| GVP: a layer / with its first product on every edge | {gvp_layer(gvp, structure):.2f} x as fast |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory", choices=BACKENDS, help=argparse.SUPPRESS)
    return parser.parse_args()


def embedding_seconds(backend: str, structures: list[Structure]) -> float:
    """Seconds of embedding the structures, features included."""
    return min(throughput(build("gat", backend=backend), structures, device="cpu")[0] for _ in range(3))


def memory(backend: str) -> float:
    """GiB at the peak, in a process of its own."""
    command = [sys.executable, __file__, "--threads", str(torch.get_num_threads()), "--memory", backend]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@torch.no_grad()
def against_dense(edges: Edges) -> float:
    """How many times as fast the sparse layer is as one on an (n, n) matrix, as in the original."""
    layer = SparseAttention(64)
    n = len(edges.start) - 1
    x, near = torch.randn(n, 64), torch.zeros(n, n, dtype=torch.bool)
    near[edges.receiver, edges.sender] = True
    assert torch.allclose(layer(x, edges), dense_attention(layer, x, near), atol=1e-5)
    return best(lambda: dense_attention(layer, x, near)) / best(lambda: layer(x, edges))


def dense_attention(layer: SparseAttention, x: Tensor, near: Tensor) -> Tensor:
    """The layer's output by a softmax over all atoms, those not near at minus infinity."""
    heads = []
    for head, value in enumerate((x @ layer.value).view(len(x), layer.heads, layer.width).unbind(1)):
        logits = (value @ layer.receiver[head])[:, None] + value @ layer.sender[head] + layer.constant[head]
        weights = torch.nn.functional.leaky_relu(logits, 0.2).masked_fill(~near, -torch.inf).softmax(1)
        heads.append(weights @ value)
    return torch.nn.functional.elu(torch.cat(heads, 1) + layer.bias)


def against_geometric(edges: Edges, *, backward: bool = False) -> float:
    """How many times as fast as torch-geometric's layer, with the same weights."""
    ours, theirs = SparseAttention(64), GeometricAttention(64)
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(len(edges.start) - 1, 64)
    assert torch.allclose(ours(x, edges), theirs(x, edges), atol=1e-5)

    def step(output: Tensor) -> None:
        if backward:
            output.sum().backward()

    with torch.set_grad_enabled(backward):
        return best(lambda: step(theirs(x, edges))) / best(lambda: step(ours(x, edges)))


@torch.no_grad()
def gvp_layer(encoder: torch.nn.Module, structure: object) -> float:
    """How many times as fast a layer is for its first product being made per residue."""
    batch = encoder.collate([encoder.featurise(structure)])
    nodes, edges = encoder.embed_features(batch)
    nodes, edges = encoder.node_in(*nodes), encoder.edge_in(*edges)
    share = batch["filled"] / batch["filled"].sum(1, keepdim=True)

    class Plain(Layer):
        def _node_terms(self, nodes):
            return nodes, nodes

        def _mean_message(self, received, sent, edges, neighbour, share):
            n, k = neighbour.shape
            v, s = (
                torch.cat([own.unsqueeze(1).expand(n, k, *own.shape[1:]), edge, other[neighbour]], -1)
                for own, edge, other in zip(received, edges, sent, strict=True)
            )
            for perceptron in self.message:
                v, s = perceptron(v, s)
            return torch.einsum("nkxc,nk->nxc", v, share), torch.einsum("nkc,nk->nc", s, share)

    layers = [Plain(), Layer()]
    plain, ours = (best(lambda layer=layer: layer(nodes, edges, batch["neighbour"], share)) for layer in layers)
    return plain / ours


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
