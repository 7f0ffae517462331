"""The doctor and the report say how many descriptions carry nothing but id, length and chains, and what to do."""

from dataclasses import replace
from pathlib import Path

from alignscape.commands.doctor import Check, examine
from alignscape.config.load import parse
from alignscape.config.study import Study
from alignscape.descriptions.template import describe
from alignscape.proteins.parse_shard import parse_located
from alignscape.proteins.sources.open import open_source
from alignscape.report.sections.dataset import dataset
from tests.helpers.made_study import made_study
from tests.helpers.written_files import atom_lines

NAME = "COMPND    MOL_ID: 1; MOLECULE: UBIQUITIN; CHAIN: A;"


def study_of(folder: Path) -> Study:
    """Three models without a header and one with a name."""
    files = folder / "structures"
    files.mkdir(exist_ok=True)
    for name, header in (("m1", []), ("m2", []), ("m3", []), ("named", [NAME])):
        (files / f"{name}.pdb").write_text("\n".join([*header, *atom_lines("1ubq", "A"), "END", ""]))
    return parse(
        {
            "results_dir": str(folder / "results"),
            "cache_dir": str(folder / "cache"),
            "proteins": {"source": "directory", "directory": str(files)},
            "structure_encoders": [{"name": "a", "encoder": "composition"}],
            "language_models": [{"name": "b", "encoder": "tfidf"}],
        }
    )


def descriptions_check(study: Study) -> Check:
    return next(check for check in examine(study) if check.what == "descriptions")


def test_the_doctor_counts_them_and_what_it_says_to_do_helps(tmp_path: Path) -> None:
    """With the FASTA file that the remedy shows, each model has its name and organism, and nothing is left to say."""
    study = study_of(tmp_path)
    check = descriptions_check(study)
    assert check.outcome == "warning"
    assert check.found.startswith("3 of 4 descriptions carry nothing but id, length and chains")
    header = check.remedy.split(" such as ")[1].split(",")[0]
    assert header == ">sp|ID|ID Name OS=Organism"
    source = open_source(study.proteins, cache_dir=study.cache_dir)
    parsed, _ = parse_located(source.fetch(["M1", "M2", "M3"]))
    headers = [header.replace("ID", s.id).replace("Name", f"Binder of {s.id}") for s, _ in parsed]
    records = [f"{line}\n{s.sequence}\n" for line, (s, _) in zip(headers, parsed, strict=True)]
    (tmp_path / "structures" / "all.fasta").write_text("".join(records))
    assert descriptions_check(study).outcome == "ok"
    source = open_source(study.proteins, cache_dir=study.cache_dir)
    parsed, _ = parse_located(source.fetch(["M2"]))
    assert "is named Binder of M2 and is derived from the organism Organism" in describe(parsed[0][1])


def test_the_report_counts_them_too() -> None:
    results = made_study(40)
    section = dataset(results)
    assert section is not None
    assert "carry nothing but" not in section.answer
    bare = [facts | {"entities": [{"kind": "polypeptide", "name": "", "organism": ""}]} for facts in results.facts[:7]]
    section = dataset(replace(results, facts=[*bare, *results.facts[7:]]))
    assert section is not None
    assert "7 of 40 descriptions carry nothing but id, length and chains" in section.answer
    assert "put a FASTA file beside the structures" in section.answer
