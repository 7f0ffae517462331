"""Two heads for one (GDM, LLM) pair: trained, scored under every split, kept."""

from alignscape.compute.device import pick_device
from alignscape.plan.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from pathlib import Path

    from alignscape.alignment.heads import save_heads
    from alignscape.alignment.pair import PairName, align_pair, negative_groups
    from alignscape.alignment.shared_ids import pair_rows
    from alignscape.alignment.split import load_splits
    from alignscape.alignment.study_split import load_clusters
    from alignscape.config.load import parse
    from alignscape.config.study import Variant
    from alignscape.storage.files import read_jsonl

    study = parse(snakemake.config)
    variant = Variant(**snakemake.params.variant)
    splits = load_splits(snakemake.input.splits)
    rows = pair_rows(snakemake.input.structure, snakemake.input.text, splits)
    texts = {row["id"]: row["text"] for row in read_jsonl(snakemake.input.descriptions)}
    groups = negative_groups(variant, rows.ids, texts=texts, clusters=load_clusters(Path(snakemake.input.clusters)))
    result, heads, card = align_pair(
        rows.structure,
        rows.text,
        rows.ids,
        splits,
        config=study.alignment,
        variant=variant,
        seed=study.seed,
        name=PairName(snakemake.wildcards.structure, snakemake.wildcards.text, snakemake.wildcards.variant),
        groups=groups,
        device=pick_device(),
    )
    save_heads(snakemake.output.heads, heads, card)
    result.save(snakemake.output.scores)
