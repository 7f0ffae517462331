"""Numbers that arXiv:2411.05316v1 states, prints in figures, or that were read off its figures."""

from collections.abc import Mapping

GDMS = ("gearnet", "gvp", "scannet", "gat")
LLMS = ("Gemma2-2B", "Llama-3.1-8B", "Llama-3.1-70B")

# Table 1: score by GDM, one column per language model of LLMS.
TRAINED = {
    "gearnet": (0.2958, 0.3211, 0.3515),
    "gat": (-0.0533, -0.0700, -0.0610),
    "gvp": (0.0774, 0.0965, 0.1408),
    "scannet": (0.3223, 0.3375, 0.3856),
}
UNTRAINED = {
    "gearnet": (-0.0301, -0.0345, -0.0241),
    "gat": (-0.0001, -0.0003, -0.0014),
    "gvp": (-0.0001, -0.0094, -0.0252),
    "scannet": (-0.0004, -0.0210, -0.0094),
}
# Fig. 2, read off (+-0.01).
POS = {
    "gearnet": (0.56, 0.59, 0.61),
    "gvp": (0.37, 0.39, 0.45),
    "scannet": (0.58, 0.60, 0.65),
    "gat": (0.23, 0.215, 0.22),
}
NEG = {
    "gearnet": (0.27, 0.27, 0.26),
    "gvp": (0.29, 0.29, 0.31),
    "scannet": (0.26, 0.27, 0.26),
    "gat": (0.283, 0.285, 0.28),
}
# Fig. 3a, printed: Pearson's r, upper triangle in this order of GDMs ("u" = GearNet with untrained heads).
PEARSON_ORDER = (*["scannet"] * 3, *["gearnet"] * 3, *["gvp"] * 3, *["gat"] * 3, *["u"] * 3)
PEARSON = (
    (0.77, 0.75, 0.65, 0.55, 0.58, 0.53, 0.48, 0.43, 0.16, 0.20, 0.15, -0.11, 0.03, -0.06),
    (0.77, 0.53, 0.61, 0.56, 0.48, 0.54, 0.36, 0.22, 0.29, 0.18, -0.10, -0.09, -0.23),
    (0.58, 0.59, 0.66, 0.42, 0.42, 0.44, 0.15, 0.24, 0.18, -0.11, 0.00, -0.19),
    (0.79, 0.74, 0.48, 0.37, 0.37, 0.07, 0.14, 0.06, -0.05, 0.13, -0.01),
    (0.80, 0.42, 0.41, 0.36, 0.10, 0.09, 0.03, -0.14, 0.20, -0.10),
    (0.36, 0.40, 0.41, 0.01, 0.09, -0.01, -0.15, 0.18, -0.08),
    (0.66, 0.67, 0.23, 0.20, 0.21, -0.03, -0.05, -0.08),
    (0.63, 0.21, 0.18, 0.10, -0.07, 0.00, -0.17),
    (0.16, 0.15, 0.21, -0.05, -0.00, -0.11),
    (0.64, 0.76, 0.14, -0.10, 0.04),
    (0.61, 0.13, -0.22, -0.09),
    (0.18, -0.13, 0.02),
    (-0.55, 0.39),
    (-0.02,),
)
# Fig. 3b, read off (+-0.002).
DIMENSIONS = (64, 128, 256, 512, 1024, 3072)
BY_DIMENSION = (
    (0.327, 0.342, 0.356, 0.372, 0.389, 0.427),
    (0.342, 0.334, 0.347, 0.379, 0.393, 0.435),
    (0.385, 0.402, 0.416, 0.436, 0.458, 0.481),
)
# Fig. 4a, printed: score per residue, Gemma2 pairs.
SLOPE = {"gearnet": 0.00004, "gvp": -0.00006, "scannet": 0.00004, "gat": 0.00014}
# Fig. 4b, read off: scores of ten popular and ten rare proteins, GearNet and Gemma2.
POPULAR, RARE = (0.88, 0.96), (-0.36, 0.38)
# Fig. 4c, read off: medians of single- and multi-chain proteins, Gemma2 pairs.
CHAINS = {"gearnet": (0.61, 0.48), "gvp": (0.42, 0.36), "scannet": (0.63, 0.59), "gat": (0.24, 0.22)}
# Fig. 5, printed: rows are 1, 2, 3 layers.
LAYERS = {
    "gearnet": ((0.2958, 0.3211, 0.3515), (0.3002, 0.3242, 0.3584), (0.3073, 0.3200, 0.3482)),
    "gvp": ((0.0774, 0.0965, 0.1408), (0.1810, 0.1827, 0.2329), (0.1857, 0.1814, 0.2393)),
    "scannet": ((0.3223, 0.3375, 0.3856), (0.3643, 0.3806, 0.4076), (0.3553, 0.3587, 0.3800)),
}
# Fig. 6, read off (+-0.005): after LoRA, one-layer heads.
FINE_TUNED = {
    "gearnet": (0.319, 0.344, 0.375),
    "gat": (0.041, 0.027, 0.037),
    "gvp": (0.117, 0.131, 0.182),
    "scannet": (0.339, 0.349, 0.402),
}


def _range(values: list[float], digits: int = 2) -> str:
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def _minus(a: Mapping[str, tuple[float, ...]], b: Mapping[str, tuple[float, ...]]) -> list[float]:
    return [x - y for gdm in a for x, y in zip(a[gdm], b[gdm], strict=True)]


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def _pearson(a: str, b: str) -> list[float]:
    """Printed r between different pairs of GDM kinds a and b."""
    order = PEARSON_ORDER
    cells = [(order[i], order[i + 1 + j], r) for i, row in enumerate(PEARSON) for j, r in enumerate(row)]
    return [r for x, y, r in cells if (x, y) in {(a, b), (b, a)}]


def _layer_steps(to: int) -> list[float]:
    return [y - x for rows in LAYERS.values() for x, y in zip(rows[to - 2], rows[to - 1], strict=True)]


def paper_texts() -> dict[int, str]:
    """The paper's numbers behind each finding, in words."""
    trained = _minus(TRAINED, UNTRAINED)
    means = ", ".join(f"{name} {_mean(TRAINED[name]):.3f}" for name in ("scannet", "gearnet", "gvp", "gat"))
    larger = {gdm: TRAINED[gdm][2] - TRAINED[gdm][1] for gdm in GDMS}
    pos, neg = ([rows[gdm][2] - rows[gdm][1] for gdm in GDMS] for rows in (POS, NEG))
    same = [r for gdm in GDMS for r in _pearson(gdm, gdm)]
    gat = [r for gdm in ("gearnet", "gvp", "scannet") for r in _pearson("gat", gdm)]
    untrained = [r**2 for gdm in GDMS for r in _pearson("u", gdm)]
    ladder = "; ".join(f"{llm} {row[0]:.3f} to {row[-1]:.3f}" for llm, row in zip(LLMS, BY_DIMENSION, strict=True))
    slopes = ", ".join(f"{gdm} {SLOPE[gdm]:.5f}" for gdm in GDMS)
    chains = ", ".join(f"{gdm} {one:.2f} and {several:.2f}" for gdm, (one, several) in CHAINS.items())
    tuned = _minus(FINE_TUNED, TRAINED)
    second, third = _layer_steps(2), _layer_steps(3)
    return {
        1: f"after minus before training {_range(trained)}: above 0 in {sum(d > 0 for d in trained)} of {len(trained)} "
        "pairs (not for GAT)",
        2: f"{_range([s for row in UNTRAINED.values() for s in row], 3)}",
        3: f"means over the language models: {means}",
        4: f"GAT {_range(list(TRAINED['gat']), 3)}",
        5: f"Llama 70B minus 8B: {', '.join(f'{gdm} {d:.3f}' for gdm, d in larger.items())}",
        6: f"Llama 70B minus 8B: pos {_range(pos)}, neg {_range(neg)}",
        7: f"r {_range(same)}",
        8: f"r {_range(_pearson('scannet', 'gearnet'))}",
        9: f"r {_range(gat)}",
        10: f"r {_range([r for gdm in GDMS for r in _pearson('u', gdm)])}, root mean square "
        f"{(sum(untrained) / len(untrained)) ** 0.5:.2f}",
        11: f"score per residue: {slopes}",
        12: f"ten popular {POPULAR[0]} to {POPULAR[1]}, ten rare {RARE[0]} to {RARE[1]} (GearNet, Gemma2)",
        13: f"medians of single and multiple: {chains}",
        14: f"from 64 to 3072 dimensions: {ladder}",
        15: f"second layer {_range(second, 3)}, mean {sum(second) / len(second):.3f}",
        16: f"third layer {_range(third, 3)}, mean {sum(third) / len(third):.3f}",
        17: f"tuned minus base {_range(tuned, 3)}, mean {sum(tuned) / len(tuned):.3f}",
    }
