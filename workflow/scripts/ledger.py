"""The ledger: every protein that was left out, at which stage, by which encoders, and why."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from alignscape.storage.embeddings import read_meta
    from alignscape.storage.files import read_jsonl
    from alignscape.storage.ledger import Loss, write_ledger

    files = [*snakemake.input.losses, snakemake.input.eligibility]
    losses = [Loss(**row) for path in files for row in read_jsonl(path)]
    losses += [loss for path in snakemake.input.rows for loss in read_meta(path).losses]
    losses += [Loss(**line) for line in snakemake.params.not_read]
    write_ledger(snakemake.output.ledger, losses)
