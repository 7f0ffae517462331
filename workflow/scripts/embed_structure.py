"""Embeddings of one group of shards by one structure encoder."""

from alignscape.compute.device import pick_device
from alignscape.plan.job import job

GPUS = snakemake.resources.get("accelerators", 0)

with job(log=snakemake.log[0], threads=snakemake.threads, gpus=GPUS, rule=snakemake.rule):
    from pathlib import Path

    from alignscape.config.load import parse
    from alignscape.encoders.structure.rows import structure_rows
    from alignscape.encoders.structure.sequence_model import as_fetched
    from alignscape.proteins.structure_store import load_structures
    from alignscape.storage.embeddings import write_shard

    study = parse(snakemake.config)
    block = next(b for b in study.all_structure_encoders if b.name == snakemake.wildcards.encoder)
    rows, meta = structure_rows(
        as_fetched(block, Path(snakemake.input.official[0]) if snakemake.input.official else None),
        [structure for path in snakemake.input.structures for structure in load_structures(path)],
        seed=study.seed,
        cache_dir=study.cache_dir,
        trained=Path(snakemake.input.weights[0]) if snakemake.input.weights else None,
        device=pick_device() if block.wants_gpu else "cpu",
    )
    write_shard(snakemake.output.rows, rows, meta)
