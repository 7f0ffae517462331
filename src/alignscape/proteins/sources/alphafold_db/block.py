"""What a config may say of AlphaFold DB as a source."""

from pydantic import Field

from ....config.block import Url
from ....config.proteins import ArchiveBlock, Proteins


class AlphaFoldDb(ArchiveBlock):
    """How to talk to AlphaFold DB: address, rate limit, retries. Which files there are, and their versions, is what its API answers."""

    title = "AlphaFold DB"
    api_url: Url = Field("https://alphafold.ebi.ac.uk/api", description="The API, which knows where the files are.")

    @classmethod
    def incomplete(cls, proteins: Proteins) -> str | None:
        """Without ids nothing says which entries."""
        needed = "`source: alphafold_db` needs `ids`, UniProt accessions such as P69905"
        return needed if proteins.ids is None else None


BLOCK = AlphaFoldDb
