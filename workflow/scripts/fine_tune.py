"""A LoRA adapter of one language model, trained on texts of proteins set aside for that, or of other proteins."""

from alignscape.compute.device import pick_device
from alignscape.plan.job import job

GPUS = snakemake.resources.get("accelerators", 0)

with job(log=snakemake.log[0], threads=snakemake.threads, gpus=GPUS, rule=snakemake.rule):
    from pathlib import Path

    from alignscape.alignment.encoder_training import trains_encoders
    from alignscape.config.load import parse
    from alignscape.descriptions.reference_texts import texts_to_learn
    from alignscape.encoders.text.lora import fine_tune
    from alignscape.encoders.text.model_files import as_prepared

    study = parse(snakemake.config)
    tuning = next(f for f in study.fine_tuning if f.name == snakemake.wildcards.encoder)
    base = next(m for m in study.language_models if m.name == tuning.base)
    trains = trains_encoders(
        snakemake.input.clusters, fraction=study.proteins.encoder_training.fraction, seed=study.seed
    )
    foreign = study.text.reference_texts is not None
    learned = texts_to_learn(snakemake.input.descriptions, reference=foreign, chosen=trains)
    fine_tune(
        tuning,
        as_prepared(base, Path(snakemake.input.model)),
        [id_ for id_, _ in learned],
        [text for _, text in learned],
        cache_dir=study.cache_dir,
        out=Path(snakemake.output.card).parent,
        seed=study.seed,
        device=pick_device(),
    )
