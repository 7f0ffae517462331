"""The structure files of one shard, downloaded into the cache, and a note of where each lies."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from alignscape.config.load import parse
    from alignscape.proteins.sources.open import open_source
    from alignscape.proteins.sources.source import write_located

    study = parse(snakemake.config)
    source = open_source(study.proteins, cache_dir=study.cache_dir, seed=study.seed)
    write_located(snakemake.output.located, source.fetch(snakemake.params.ids))
