"""The parsed structures and facts of one shard."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from alignscape.config.load import parse
    from alignscape.proteins.parse_shard import parse_shard
    from alignscape.proteins.parsing.plddt import PlddtMask
    from alignscape.proteins.sources.open import open_source
    from alignscape.proteins.sources.source import read_located

    study = parse(snakemake.config)
    if snakemake.input.located:
        located = read_located(snakemake.input.located[0])
    else:  # local files: where they lie now, not where they lay when a note was made
        source = open_source(study.proteins, cache_dir=study.cache_dir, seed=study.seed)
        located = source.fetch(snakemake.params.ids)
    parse_shard(
        located,
        structures=snakemake.output.structures,
        facts=snakemake.output.facts,
        omissions=snakemake.output.omissions,
        mask=PlddtMask.of(study.proteins),
        unit=study.proteins.unit,
        most_atoms=study.proteins.atoms_at_most,
    )
