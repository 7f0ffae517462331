"""A loopback HTTP server with the paths and answers of AlphaFold DB's API, and models made of an embedded entry's atoms.

The files lie where only the API's answer says, under versions of their own, so that a client that guesses gets nothing.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.helpers.archive_server import HTML, Failing, serve
from tests.helpers.written_files import as_mmcif, atom_lines

TAGS = (
    "group_PDB", "id", "type_symbol", "label_atom_id", "label_alt_id", "label_comp_id", "label_asym_id",
    "label_entity_id", "label_seq_id", "pdbx_PDB_ins_code", "Cartn_x", "Cartn_y", "Cartn_z", "occupancy",
    "B_iso_or_equiv", "auth_seq_id", "auth_asym_id", "pdbx_PDB_model_num",
)  # fmt: skip
HEAD = """data_AF-{id}-F{fragment}
_entry.id AF-{id}-F{fragment}
_struct.title 'Alphafold monomer prediction for {name}'
loop_
_entity.id
_entity.type
_entity.pdbx_description
1 polymer '{name}'
loop_
_entity_poly.entity_id
_entity_poly.type
1 polypeptide(L)
loop_
_struct_asym.id
_struct_asym.entity_id
A 1
loop_
_ma_qa_metric.id
_ma_qa_metric.mode
_ma_qa_metric.name
_ma_qa_metric.type
1 global pLDDT pLDDT
2 local pLDDT pLDDT
_ma_target_ref_db_details.target_entity_id 1
_ma_target_ref_db_details.db_name UNP
_ma_target_ref_db_details.db_accession {id}
_ma_target_ref_db_details.ncbi_taxonomy_id 9606
_ma_target_ref_db_details.organism_scientific 'Homo sapiens'
"""


def model_cif(id_: str, *, fragment: int = 1, plddt: Callable[[int], float] = lambda number: 90.0) -> bytes:
    """ModelCIF of a predicted model with ubiquitin's atoms; plddt: of each residue, by its number."""
    head = HEAD.format(id=id_, fragment=fragment, name=f"Protein of {id_}")
    lines = [line for line in atom_lines("1ubq", "A") if int(line[22:26]) <= 30]
    values = {"B_iso_or_equiv": lambda line: f"{plddt(int(line[22:26])):.2f}"}
    return (as_mmcif(lines, TAGS, head=head, **values) + "#\n").encode()


class AlphaFoldDb(Failing):
    """Which accessions there are, with their fragments' numbers; those in `broken` fail for good."""

    def __init__(self, fragments: dict[str, list[int]], *, share: float = 0.0, silence: float = 0.0) -> None:
        super().__init__(share=share, silence=silence)
        self.fragments, self.broken, self.url, self.version = fragments, set[str](), "", 6
        self.no_file: set[str] = set()  # accessions whose file is not where the answer says
        self.without: set[str] = set()  # keys of an entry that the answer lacks

    def entry(self, accession: str, fragment: int) -> dict[str, object]:
        """One entry of an answer."""
        name, odd = f"AF-{accession}-F{fragment}", f"{self.url}/somewhere/{accession}.{fragment}"
        entry = {
            "entryId": name,
            "uniprotAccession": accession,
            "uniprotDescription": f"Protein of {accession}",
            "taxId": 9606,
            "organismScientificName": "Homo sapiens",
            "latestVersion": self.version,
            "cifUrl": f"{odd}.v{self.version}.cif",
            "pdbUrl": f"{odd}.v{self.version}.pdb",
        }
        return {key: value for key, value in entry.items() if key not in self.without}

    def answer(self, path: str) -> tuple[int, bytes]:
        name = path.rpartition("/")[2]
        accession = name.partition(".")[0]
        if accession in self.broken:
            return 500, HTML
        if accession not in self.fragments:
            return 404, json.dumps({"error": "not found"}).encode()
        if path.startswith("/api/prediction/"):
            entries = [self.entry(accession, number) for number in self.fragments[accession]]
            return 200, json.dumps([*entries, self.entry(f"{accession}-2", 1)]).encode()
        number, version, kind = name.split(".")[1:]
        if version != f"v{self.version}" or accession in self.no_file:
            return 404, HTML
        if kind == "cif":
            return 200, model_cif(accession, fragment=int(number))
        return 200, "\n".join([*atom_lines("1ubq", "A"), "END", ""]).encode()


@contextmanager
def serve_models(archive: AlphaFoldDb) -> Iterator[str]:
    """The API's address while it is served."""
    with serve(archive) as url:
        archive.url = url
        yield f"{url}/api"
