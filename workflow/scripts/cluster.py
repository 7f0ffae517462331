"""Similar sequences among all proteins that could be read, and their clusters."""

from alignscape.plan.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from pathlib import Path

    from alignscape.alignment.study_clusters import cluster_study
    from alignscape.config.load import parse
    from alignscape.proteins.facts import ProteinFacts
    from alignscape.storage.files import read_jsonl

    cluster_study(
        [ProteinFacts.from_json(row) for row in read_jsonl(snakemake.input.facts)],
        config=parse(snakemake.config).alignment,
        threads=snakemake.threads,
        folder=Path(snakemake.output.clusters).parent,
    )
