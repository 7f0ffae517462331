"""What GVP and GAT gain from how they are computed: ratios measured in one run, beside the plain way.

python benchmarks/gvp_gat.py [--threads 1]
"""

import argparse
import warnings

import torch
from structure import best, build, demo_structures, nearest_in_length
from torch import Tensor
from torch_geometric.nn import GATConv

from alignscape.compute.allocator import keep_freed_memory
from alignscape.compute.sparse_attention import Edges, SparseAttention
from alignscape.encoders.structure.gvp.model import Layer

RESIDUES = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    keep_freed_memory()  # as every job does
    torch.set_num_threads(parser.parse_args().threads)
    structure = nearest_in_length(demo_structures(), RESIDUES)
    print(f"{structure.n_residues} residues, {structure.n_atoms} atoms, {torch.get_num_threads()} threads\n")
    print("| measure | value |\n|---|---|")
    gat = build("gat")
    batch = gat.collate([gat.featurise(structure)])
    edges = Edges(batch["start"], batch["sender"], batch["receiver"])
    print(
        f"| GAT: attention on {len(edges.sender):,} edges / all pairs of atoms | {against_dense(edges):.0f} x as fast |"
    )
    print(f"| GAT: the same / torch-geometric's GATConv, forward | {against_geometric(edges):.1f} x as fast |")
    backward = against_geometric(edges, backward=True)
    print(f"| GAT: the same / torch-geometric's GATConv, forward and backward | {backward:.1f} x as fast |")
    gvp = build("gvp")
    print(f"| GVP: a layer / with its first product on every edge | {gvp_layer(gvp, structure):.2f} x as fast |")


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
    """How many times as fast as torch-geometric's layer."""
    ours, theirs = SparseAttention(64), GATConv(64, 8, heads=8, add_self_loops=False)
    x, index = torch.randn(len(edges.start) - 1, 64), torch.stack([edges.sender, edges.receiver])

    def step(output: Tensor) -> None:
        if backward:
            output.sum().backward()

    with torch.set_grad_enabled(backward):
        return best(lambda: step(theirs(x, index))) / best(lambda: step(ours(x, edges)))


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
