"""The shared ID list, its splits, and the nearest relatives of what they test."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from pathlib import Path

    from alignscape.alignment.study_split import split_study
    from alignscape.config.load import parse
    from alignscape.proteins.facts import ProteinFacts
    from alignscape.storage.files import each_jsonl

    study = parse(snakemake.config)
    split_study(
        (ProteinFacts.from_json(row) for row in each_jsonl(snakemake.input.facts)),
        clustered=Path(snakemake.input.clusters).parent,
        requirements={block.name: block.requirement for block in study.all_structure_encoders},
        named=snakemake.params.named,
        fraction=study.proteins.encoder_training.fraction,
        config=study.alignment,
        seed=study.seed,
        folder=Path(snakemake.output.splits).parent,
    )
