"""Published weights of a structure encoder in their place, fetched before a job holds a GPU; and a note of where."""

from alignscape.plan.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from alignscape.config.encoders import ProteinModelBlock
    from alignscape.config.load import parse
    from alignscape.encoders.structure.official import fetch_official
    from alignscape.encoders.structure.registry import official_of
    from alignscape.storage.files import write_json

    study = parse(snakemake.config)
    block = next(b for b in study.all_structure_encoders if b.name == snakemake.params.encoder)
    if isinstance(block, ProteinModelBlock):
        from alignscape.encoders.structure.sequence_model import model_folder

        path = model_folder(block)
    else:
        path = fetch_official(block, official_of(block), study.cache_dir)
    write_json(snakemake.output.note, {"encoder": block.encoder, "file": str(path)})
