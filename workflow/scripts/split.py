"""The shared ID list, its splits, sequence clusters and nearest relatives."""

from alignscape.plan.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from pathlib import Path

    from alignscape.alignment.study_split import split_study
    from alignscape.config.load import parse
    from alignscape.proteins.facts import ProteinFacts
    from alignscape.storage.files import read_jsonl

    study = parse(snakemake.config)
    split_study(
        [ProteinFacts.from_json(row) for row in read_jsonl(snakemake.input.facts)],
        requirements={block.name: block.requirement for block in study.all_structure_encoders},
        encoder_training=snakemake.params.encoder_training,
        config=study.alignment,
        seed=study.seed,
        threads=snakemake.threads,
        folder=Path(snakemake.output.splits).parent,
    )
