"""All rows of one encoder in one file."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from alignscape.storage.embeddings import gather, read_meta, write_shard

    ids = sorted(id_ for path in snakemake.input.shards for id_ in read_meta(path).ids)
    rows, _, meta = gather(snakemake.input.shards, ids)
    write_shard(snakemake.output.rows, rows, meta)
