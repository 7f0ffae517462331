"""A language model's files in their place: converted, found, or fetched from the hub; and a note of where."""

from alignscape.plan.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from alignscape.config.load import parse
    from alignscape.encoders.text.backbone import model_folder
    from alignscape.encoders.text.model_files import weights_sha256
    from alignscape.storage.files import write_json

    study = parse(snakemake.config)
    block = next(b for b in study.all_language_models if b.name == snakemake.params.model)
    folder = model_folder(block, cache_dir=study.cache_dir)
    sha256 = weights_sha256(folder, cache_dir=study.cache_dir)
    write_json(snakemake.output.note, {"model": block.model, "folder": str(folder), "sha256": sha256})
