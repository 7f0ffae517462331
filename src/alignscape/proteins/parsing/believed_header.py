"""What a PDB file's SEQRES says, as far as its atoms agree, and the names of chains that the file leaves nameless."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .amino_acids import letters
from .chains import free_names, with_chain_names
from .entities import Chain, observed_chains
from .pdb_header import PdbHeader
from .polymer_atoms import Polymers
from .positions import agrees, sequence_fits, sequence_positions


def with_names(polymers: Polymers, header: PdbHeader) -> tuple[Polymers, PdbHeader]:
    """The polymers with a name of its own for every chain, and the header with SEQRES by those names.

    A chain that the file leaves nameless, or calls as another is called, has the name of a SEQRES that is its and no
    other chain's, else the first free letter. A SEQRES without a name belongs to the chain that it fits.
    """
    chains = observed_chains(polymers, header.modified)
    own: dict[int, str] = {}
    nameless = []
    for part, chain in enumerate(chains):
        if not chain.author or chain.author in own.values():
            nameless.append(part)
        else:
            own[part] = chain.author
    loose = {name: letters(names, header.modified) for name, names in header.seqres.items() if name not in own.values()}
    seqres = {name: names for name, names in header.seqres.items() if name}
    given: dict[int, str] = {}
    free = free_names([*own.values(), *seqres, *(name for name in loose if name)])
    for part in nameless:
        fitting = (name for name, sequence in loose.items() if name and _belongs(chains[part], sequence))
        given[part] = next(fitting, None) or next(free)
        loose.pop(given[part], None)
    if "" in loose:
        names = {**own, **given}
        fits = next((p for p in sorted(names) if names[p] not in seqres and _belongs(chains[p], loose[""])), None)
        if fits is not None:
            seqres = {names[fits]: header.seqres[""], **seqres}
    return replace(polymers, atoms=with_chain_names(polymers.atoms, polymers.part, given)), replace(
        header, seqres=seqres
    )


def _belongs(chain: Chain, sequence: str) -> bool:
    return len(sequence) > 0 and sequence_fits(chain.sequence, sequence)


def with_positions(polymers: Polymers, header: PdbHeader) -> tuple[NDArray[np.int32], PdbHeader]:
    """(r,) places of the residues in SEQRES, 0 where there is none, and the header without SEQRES of another sequence."""
    atoms, seqres = polymers.atoms, dict(header.seqres)
    positions = np.zeros(atoms.n_residues, dtype=np.int32)
    names = atoms.residue_author.tolist()
    for part in range(int(polymers.part.max(initial=-1)) + 1):
        own = polymers.part == part
        name = names[int(np.argmax(own))]
        if name not in seqres or not polymers.amino[own].any():
            continue
        chain = atoms if own.all() else atoms.select(own)
        found = sequence_positions(chain, seqres[name])
        if agrees(chain.residue_name.tolist(), found, seqres[name], header.modified):
            positions[own] = found
        else:
            del seqres[name]
    return positions, replace(header, seqres=seqres)
