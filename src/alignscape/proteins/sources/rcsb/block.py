"""What a config may say of RCSB as a source."""

from pydantic import Field

from ....config.block import Url
from ....config.proteins import ArchiveBlock, Proteins


class RcsbSource(ArchiveBlock):
    """How to talk to RCSB: addresses, rate limit, retries."""

    title = "the RCSB Protein Data Bank"
    files_url: Url = Field("https://files.rcsb.org", description="Server of PDB and mmCIF files.")
    fasta_url: Url = Field("https://www.rcsb.org", description="Server of FASTA files.")
    search_url: Url = Field("https://search.rcsb.org", description="Server of the search API.")
    data_url: Url = Field("https://data.rcsb.org", description="Server of the data API, which knows obsolete ids.")

    @classmethod
    def incomplete(cls, proteins: Proteins) -> str | None:
        """Without ids, if there is no sample either, nothing says which entries."""
        named = proteins.ids is not None or proteins.sample is not None
        return None if named else "`source: rcsb` needs `ids` or `sample`"


BLOCK = RcsbSource
