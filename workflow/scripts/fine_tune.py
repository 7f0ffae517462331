"""A LoRA adapter of one language model, trained on the proteins set aside for training encoders."""

from alignscape.compute.device import pick_device
from alignscape.plan.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from pathlib import Path

    from alignscape.alignment.encoder_training import trains_encoders
    from alignscape.config.load import parse
    from alignscape.encoders.text.lora import fine_tune
    from alignscape.encoders.text.model_files import as_prepared
    from alignscape.storage.files import read_jsonl

    study = parse(snakemake.config)
    tuning = next(f for f in study.fine_tuning if f.name == snakemake.wildcards.encoder)
    base = next(m for m in study.language_models if m.name == tuning.base)
    trains = trains_encoders(
        snakemake.input.clusters, fraction=study.proteins.encoder_training.fraction, seed=study.seed
    )
    rows = [row for path in snakemake.input.descriptions for row in read_jsonl(path) if trains(row["id"])]
    fine_tune(
        tuning,
        as_prepared(base, Path(snakemake.input.model)),
        [row["id"] for row in rows],
        [row["text"] for row in rows],
        cache_dir=study.cache_dir,
        out=Path(snakemake.output.card).parent,
        seed=study.seed,
        device=pick_device(),
    )
