"""What each structure encoder's rows depend on, tried on small proteins. What was found of one before stays as it is."""

from alignscape.compute.device import pick_device
from alignscape.plan.job import job

GPUS = snakemake.resources.get("accelerators", 0)

with job(log=snakemake.log[0], threads=snakemake.threads, gpus=GPUS, rule=snakemake.rule):
    from pathlib import Path

    from alignscape.config.load import parse
    from alignscape.encoders.checking.structure_check import check_in_short
    from alignscape.encoders.structure.rows import make_ready
    from alignscape.encoders.structure.sequence_model import as_fetched
    from alignscape.storage.files import read_json, write_json

    study = parse(snakemake.config)
    blocks = {block.name: block for block in study.all_structure_encoders}
    for name, where in snakemake.params.encoders.items():
        if not Path(where["found"]).exists():
            trained = Path(where["trained"]) if where["trained"] else None
            block = as_fetched(blocks[name], Path(where["note"]) if where["note"] else None)
            ready = make_ready(block, seed=study.seed, cache_dir=study.cache_dir, trained=trained)
            device = pick_device() if blocks[name].wants_gpu else "cpu"
            write_json(where["found"], check_in_short(ready, device=device).to_json())
    found = [read_json(where["found"]) for where in snakemake.params.encoders.values()]
    write_json(snakemake.output.found, {"encoders": found})
