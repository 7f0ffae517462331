"""TorchDrug's GearNet as a process of its own: reads proteins, writes residue features, until its input ends.

Run by the Python of the environment in envs/torchdrug.yaml (3.10), which has TorchDrug but not this package, so it
imports nothing of it. One request a line, as JSON: {"weights": npz, "proteins": npz, "output": npz, "hidden": [...]}.
One answer a line: {"seconds": of the graph and the forward pass} or {"error": text}.
"""

import json
import sys
import time
from typing import Any

CARBON = 6
ALPHA_CARBON = "CA"


def main() -> None:
    """Answers requests until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # TorchDrug prints; answers stay alone on their pipe
    for line in sys.stdin:
        try:
            answer: dict[str, Any] = {"seconds": answer_request(json.loads(line))}
        except Exception as error:  # whatever it is, the other side has to hear of it
            answer = {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"}
        print(json.dumps(answer), file=answers, flush=True)


def answer_request(request: dict[str, Any]) -> float:
    """Seconds taken; writes residue features (n, sum of hidden), proteins one after the other."""
    import numpy as np
    import torch

    model = load_model(tuple(request["hidden"]), request["weights"])
    arrays = dict(np.load(request["proteins"]))
    start = time.perf_counter()
    with torch.inference_mode():
        graph = build_graph(arrays)
        features = model(graph, graph.node_feature.float())["node_feature"]
    seconds = time.perf_counter() - start
    np.savez(request["output"], features=features.numpy())
    return seconds


def load_model(hidden: tuple[int, ...], weights: str) -> Any:
    """TorchDrug's GearNet as published, with the given weights (npz by state_dict name), in evaluation mode."""
    import numpy as np
    import torch
    from torchdrug import models

    model = models.GearNet(
        input_dim=21, hidden_dims=list(hidden), num_relation=7, edge_input_dim=59, num_angle_bin=8,
        batch_norm=True, concat_hidden=True, short_cut=True, readout="sum",
    )  # fmt: skip
    state = {name: torch.from_numpy(value) for name, value in np.load(weights).items()}
    model.load_state_dict(state)
    return model.eval()


def build_graph(arrays: dict[str, Any]) -> Any:
    """The packed graphs of proteins whose residues `xyz`, `types` (TorchDrug's order), `chain` `sizes` cuts apart."""
    import numpy as np
    from torchdrug import data, layers
    from torchdrug.layers import geometry

    ends = np.cumsum(arrays["sizes"])
    parts = [slice(end - size, end) for end, size in zip(ends, arrays["sizes"], strict=True)]
    proteins = [protein(arrays["xyz"][p], arrays["types"][p], arrays["chain"][p]) for p in parts]
    construction = layers.GraphConstruction(
        edge_layers=[
            geometry.SequentialEdge(max_distance=2),
            geometry.SpatialEdge(radius=10.0, min_distance=5),
            geometry.KNNEdge(k=10, min_distance=5),
        ],
        edge_feature="gearnet",
    )
    return construction(data.Protein.pack(proteins))


def protein(xyz: Any, types: Any, chain: Any) -> Any:
    """A protein of alpha carbons only; an unknown type keeps its own feature and counts as glycine elsewhere."""
    import numpy as np
    import torch
    from torchdrug import data

    n = len(types)
    return data.Protein(
        edge_list=torch.zeros(0, 3, dtype=torch.long), atom_type=[CARBON] * n, bond_type=[], num_node=n,
        node_position=xyz, atom_name=[data.Protein.atom_name2id[ALPHA_CARBON]] * n,
        residue_type=np.where(types < 20, types, 0), atom2residue=np.arange(n), chain_id=chain,
        residue_feature=torch.eye(21)[torch.from_numpy(types)], view="residue",
    )  # fmt: skip


if __name__ == "__main__":
    main()
