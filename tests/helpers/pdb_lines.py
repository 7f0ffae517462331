"""PDB records made by code."""


def atom(
    serial: int,
    name: str,
    residue: str,
    chain: str,
    number: int,
    xyz: tuple[float, float, float],
    *,
    altloc: str = " ",
    insertion: str = " ",
    occupancy: float = 1.0,
    element: str = "C",
    record: str = "ATOM",
) -> str:
    """One PDB atom record."""
    padded = name if len(name) == 4 or len(element) == 2 else f" {name}"
    x, y, z = xyz
    return (
        f"{record:<6}{serial:>5} {padded:<4}{altloc}{residue:>3}{chain:>2}{number:>4}{insertion}   "
        f"{x:8.3f}{y:8.3f}{z:8.3f}{occupancy:6.2f}{0.0:6.2f}          {element:>2}"
    )


def residue(residue: str, chain: str, number: int, **options) -> list[str]:
    """N, CA, C, O and CB of one residue, somewhere of its own; options as for `atom`."""
    names = (("N", "N"), ("CA", "C"), ("C", "C"), ("O", "O"), ("CB", "C"))
    return [
        atom(number * 10 + i, name, residue, chain, number, (3.8 * number, float(i), 0.0), element=element, **options)
        for i, (name, element) in enumerate(names)
    ]
