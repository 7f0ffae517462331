"""Two heads for each (GDM, LLM) pair of a job: trained, scored under every split, kept. Pairs that are there stay as they are."""

from alignscape.compute.device import pick_device
from alignscape.plan.job import job

GPUS = snakemake.resources.get("accelerators", 0)

with job(log=snakemake.log[0], threads=snakemake.threads, gpus=GPUS, rule=snakemake.rule):
    from pathlib import Path

    from alignscape.alignment.clusters import load_clusters
    from alignscape.alignment.heads import save_heads
    from alignscape.alignment.pair import PairName, align_pair, negative_groups
    from alignscape.alignment.sampling import sampling_families
    from alignscape.alignment.shared_ids import pair_rows
    from alignscape.alignment.split import load_splits
    from alignscape.alignment.training_state import TrainingStates
    from alignscape.config.load import parse
    from alignscape.config.study import Variant
    from alignscape.plan.alignment_jobs import pair_files
    from alignscape.storage.files import each_jsonl, write_json

    study = parse(snakemake.config)
    splits = load_splits(snakemake.input.splits)
    compared = any(pair["heads"]["negatives"] == "skip_same_text" for pair in snakemake.params.pairs)
    texts = {row["id"]: row["text"] for row in each_jsonl(snakemake.input.descriptions)} if compared else {}
    clusters = load_clusters(Path(snakemake.input.clusters))
    for pair in snakemake.params.pairs:
        files, states = pair_files(Path(pair["scores"])), TrainingStates(Path(pair["scores"]))
        if all(path.exists() for path in files):
            states.remove()  # a kill may have come before
            continue
        variant = Variant(**pair["heads"])
        rows = pair_rows(*pair["rows"], splits)
        groups = negative_groups(variant, rows.ids, texts=texts, clusters=clusters)
        groupings = {"groups": groups, "families": sampling_families(variant, rows.ids, clusters=clusters)}
        name = PairName(pair["structure"], pair["text"], pair["label"])
        how = {"config": study.alignment, "variant": variant, "seed": study.seed, "name": name, "device": pick_device()}
        result, heads, card = align_pair(rows.structure, rows.text, rows.ids, splits, **groupings, **how, states=states)
        save_heads(files[0], heads, card)
        result.save(pair["scores"])
        states.remove()
    write_json(snakemake.output.done, {"trained": [pair["scores"] for pair in snakemake.params.pairs]})
