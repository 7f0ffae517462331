"""Proteins of some chains of an entry, made of the whole entry as it was parsed.

Chains go by the names that the structure's authors gave them (`auth_asym_id` of mmCIF), which papers use; chains of one such name
are taken together. What was lost in parsing is counted for the file, not for a chain.
"""

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Literal

import numpy as np

from ..errors import ProteinRejected
from ..storage.ledger import Omission
from .facts import Entity, ProteinFacts
from .ids import chains_of, entry_of, id_of_chains
from .structure import Structure

Parsed = tuple[Structure, ProteinFacts]
Unit = Literal["entry", "chain"]
_MOST_NAMED = 60  # chains in a message


def proteins_of(whole: Parsed, id_: str, *, unit: Unit) -> tuple[list[Parsed], list[Omission]]:
    """The proteins that an id means, and a line for each that it means and the entry lacks.

    whole: the entry as parsed. unit: `entry` makes one protein of the chains that the id names, or of all; `chain` makes one
    of each. Raises ProteinRejected where `entry` has none.
    """
    if unit == "entry":
        return [take_chains(whole, id_)], []
    taken, omissions = [], []
    for chain in chains_of(id_) or list(dict.fromkeys(_names(whole[1]))):
        own = id_of_chains(entry_of(id_), [chain])
        try:
            taken.append(take_chains(whole, own))
        except ProteinRejected as reason:
            omissions.append(Omission(own, "parse", "", str(reason)))
    return taken, omissions


def take_chains(whole: Parsed, id_: str) -> Parsed:
    """The protein of the chains that an id names, or of the whole entry. Raises ProteinRejected for a chain that is not there."""
    structure, facts = whole
    chains = chains_of(id_)
    if not chains:
        return replace(structure, id=id_), replace(facts, id=id_)
    _require(chains, structure, facts)
    entities = _only(facts.entities, chains)
    part = _select(structure, chains, {entity.number: n for n, entity in enumerate(entities, start=1)}, id_)
    return part, replace(
        facts,
        id=id_,
        entities=[replace(entity, number=n) for n, entity in enumerate(entities, start=1)],
        n_residues=part.n_residues,
        n_ca=int(part.has_ca.sum()),
        n_backbone=int(part.has_backbone.sum()),
        n_atoms=part.n_atoms,
    )


def _names(facts: ProteinFacts) -> list[str]:
    """The authors' names of the polypeptide chains."""
    return [name for entity in facts.polypeptides for name in entity.chains_author]


def _require(chains: Collection[str], structure: Structure, facts: ProteinFacts) -> None:
    known, read = _names(facts), set(structure.chain_author.tolist())
    for chain in chains:
        if chain not in known and chain not in read:
            raise ProteinRejected(f"no polypeptide chain is called {chain}; those there are: {_list_chains(facts)}")
        if chain not in read:
            raise ProteinRejected(f"no residue of chain {chain} was read: none has coordinates, or all are masked")


def _list_chains(facts: ProteinFacts) -> str:
    """The authors' names, with the label of mmCIF where that is another: A, B (label C)."""
    pairs = sorted(pair for e in facts.polypeptides for pair in zip(e.chains_author, e.chains_label, strict=True))
    said = [author if author == label else f"{author} (label {label})" for author, label in pairs]
    more = [f"and {len(said) - _MOST_NAMED} more"] if len(said) > _MOST_NAMED else []
    return ", ".join([*said[:_MOST_NAMED], *more])


def _only(entities: Collection[Entity], chains: Collection[str]) -> list[Entity]:
    """The entities with none but these chains; those without any are left out."""
    kept = []
    for entity in entities:
        pairs = zip(entity.chains_label, entity.chains_author, strict=True)
        own = [(label, author) for label, author in pairs if author in chains]
        if own:
            labels, authors = (list(names) for names in zip(*own, strict=True))
            kept.append(replace(entity, chains_label=labels, chains_author=authors))
    return kept


def _select(structure: Structure, chains: Collection[str], number: dict[int, int], id_: str) -> Structure:
    """The structure with none but these chains; number: the new number of each old entity."""
    kept = np.isin(structure.chain_author, list(chains))
    part = structure.select(kept[structure.residue_chain])
    values = {f.name: getattr(part, f.name)[kept] for f in fields(part) if f.name.startswith("chain_")}
    entities = [number.get(n, 0) for n in values["chain_entity"].tolist()]
    values["chain_entity"] = np.array(entities, dtype=np.int32)
    place = (np.cumsum(kept) - 1).astype(np.int32)
    return replace(part, id=id_, residue_chain=place[part.residue_chain], **values)
