"""BinaryCIF holds what the mmCIF text holds: both give one structure and the same facts."""

import gzip
from dataclasses import fields

import gemmi
import numpy as np
import pytest
from biotite.structure.io.pdbx import BinaryCIFFile, CIFFile, compress

from alignscape.errors import ProteinRejected
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import Structure


def both(demo, tmp_path, code: str):
    """An embedded entry as mmCIF text and as packed BinaryCIF."""
    structure = gemmi.read_structure(str(demo / "structures" / f"{code}.pdb.gz"))
    structure.setup_entities()
    structure.assign_label_seq_id()
    text = tmp_path / f"{code}.cif"
    structure.make_mmcif_document().write_file(str(text))
    binary = BinaryCIFFile()
    for name, block in CIFFile.read(text).items():
        binary[name] = type(binary).subcomponent_class()(
            {
                category: table_class({tag: column_class(tag, column) for tag, column in table.items()})
                for category, table in block.items()
                for table_class in (type(binary).subcomponent_class().subcomponent_class(),)
            }
        )
    packed = tmp_path / f"{code}.bcif.gz"
    with gzip.open(packed, "wb") as handle:
        compress(binary).write(handle)
    return text, packed


def column_class(tag, column):
    """A BinaryCIF column of the same values; whole numbers and fractions where mmCIF has such."""
    from biotite.structure.io.pdbx import BinaryCIFColumn, BinaryCIFData

    values = column.as_array(str)
    mask = None if column.mask is None else BinaryCIFData(column.mask.array)
    if tag.startswith("Cartn") or tag in ("occupancy", "B_iso_or_equiv"):
        return BinaryCIFColumn(BinaryCIFData(values.astype(np.float64)), mask)
    if tag == "auth_seq_id":
        return BinaryCIFColumn(BinaryCIFData(values.astype(np.int32)), mask)
    return BinaryCIFColumn(BinaryCIFData(values), mask)


@pytest.mark.parametrize("code", ["1ubq", "4hhb", "1d3z", "3sn6"])
def test_it_is_the_mmcif_in_fewer_bytes(demo, tmp_path, code):
    """Every array of the structure and every fact is the same, bit for bit."""
    text, packed = both(demo, tmp_path, code)
    (one, facts), (other, binary_facts) = (parse_structure(path, id="X") for path in (text, packed))
    assert one.n_residues > 50
    for field in fields(Structure):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), err_msg=field.name)
    assert binary_facts == facts


def test_one_that_cannot_be_decoded_is_one_line(demo, tmp_path):
    """A cut file, an unknown encoding: rejected, with the reason."""
    content = gzip.decompress(both(demo, tmp_path, "1crn")[1].read_bytes())
    path = tmp_path / "x.bcif"
    for broken in (content.replace(b"ByteArray", b"Unheard-of"[:9]), content[:-2000]):
        path.write_bytes(broken)
        with pytest.raises(ProteinRejected, match="not readable as BinaryCIF"):
            parse_structure(path, id="X")
