"""Similar sequences among all proteins that could be read, and their clusters."""

from alignscape.plan.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from pathlib import Path

    from alignscape.alignment.study_clusters import cluster_study
    from alignscape.config.load import parse
    from alignscape.descriptions.reference_texts import read_reference_texts
    from alignscape.encoders.structure.shipped import seen_sequences
    from alignscape.proteins.facts import ProteinFacts
    from alignscape.storage.files import each_jsonl

    study = parse(snakemake.config)
    seen = seen_sequences(study.all_structure_encoders)
    if study.text.reference_texts is not None:
        texts = read_reference_texts(study.text.reference_texts)
        seen = {one.id: list(one.sequences) for one in texts} | seen
    cluster_study(
        (ProteinFacts.from_json(row) for row in each_jsonl(snakemake.input.facts)),
        config=study.alignment,
        threads=snakemake.threads,
        folder=Path(snakemake.output.clusters).parent,
        seen=seen,
    )
