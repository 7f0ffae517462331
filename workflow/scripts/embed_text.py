"""Embeddings of one group of description shards by one language model or text baseline."""

from alignscape.compute.device import pick_device
from alignscape.plan.job import job

GPUS = snakemake.resources.get("accelerators", 0)

with job(log=snakemake.log[0], threads=snakemake.threads, gpus=GPUS, rule=snakemake.rule):
    from pathlib import Path

    from alignscape.alignment.encoder_training import trains_encoders
    from alignscape.config.load import parse
    from alignscape.descriptions.reference_texts import texts_to_learn
    from alignscape.encoders.text.model_files import as_prepared
    from alignscape.encoders.text.rows import text_rows, texts_of
    from alignscape.storage.embeddings import write_shard
    from alignscape.storage.files import read_jsonl

    study = parse(snakemake.config)
    trains = trains_encoders(
        snakemake.input.clusters, fraction=study.proteins.encoder_training.fraction, seed=study.seed
    )
    foreign = study.text.reference_texts is not None
    reference = texts_to_learn(snakemake.input.reference, reference=foreign, chosen=trains)
    described = [row for path in snakemake.input.descriptions for row in read_jsonl(path)]
    block = next(b for b in study.all_language_models if b.name == snakemake.wildcards.encoder)
    rows, meta = text_rows(
        as_prepared(block, Path(snakemake.input.model[0])) if snakemake.input.model else block,
        *texts_of(described),
        seed=study.seed,
        cache_dir=study.cache_dir,
        adapter=Path(snakemake.input.model[1]).parent if len(snakemake.input.model) > 1 else None,
        reference=[text for _, text in reference],
        device=pick_device() if block.wants_gpu else "cpu",
    )
    write_shard(snakemake.output.rows, rows, meta)
