import os
from pathlib import Path

from snakemake.utils import min_version

min_version("9.0")

from alignscape.compute.gpus import share_allocation
from alignscape.plan.launch import (
    keep_code_digests,
    one_line_errors,
    open_plan,
    quote_interpreter,
    say_when_interrupted,
    shown_path,
)
from alignscape.plan.run_lock import enter
from alignscape.questions.registry import caption, figures

if "structure_encoders" not in config:

    configfile: "config/config.yaml"


quote_interpreter()
HERE = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))

if workflow.is_main_process:
    enter(Path())
    share_allocation()
    say_when_interrupted()

CONFIG_FILES = [str(path) for path in workflow.overwrite_configfiles or workflow.configfiles]

with one_line_errors():
    PLAN = open_plan(
        config,
        path=" + ".join(CONFIG_FILES) or "config",
        scripts=HERE / "workflow/scripts",
        main=workflow.is_main_process,
        dry_run=workflow.output_settings.dryrun,
    )


RESULTS = PLAN.results  # digests name what is in it
STUDY = PLAN.folder  # what a person opens
# Half of the machine, so that two such jobs run side by side; --cores caps it, a cluster's profile sets its own.
HEAVY_THREADS = max(1, (os.cpu_count() or 2) // 2)


wildcard_constraints:
    shard=r"[tsg][0-9]*-[0-9a-f]{8,12}",
    digest="[0-9a-f]{12}",
    encoder=r"[A-Za-z0-9][A-Za-z0-9.+_-]*",


report: "workflow/report/workflow.rst"


# These wait for the network or copy files: no job of their own on a cluster.
localrules:
    all,
    ablation,
    fetch,
    prepare_model,
    prepare_weights,
    collect_facts,
    collect_descriptions,
    ledger,


include: "workflow/rules/proteins.smk"
include: "workflow/rules/text.smk"
include: "workflow/rules/structure.smk"
include: "workflow/rules/alignment.smk"
include: "workflow/rules/questions.smk"
include: "workflow/rules/report.smk"


onstart:
    with one_line_errors():
        keep_code_digests(PLAN.study)


onsuccess:
    from alignscape.commands.finish import end_of_run

    with one_line_errors():
        end_of_run(PLAN, on_this_machine=workflow.local_exec)


onerror:
    from alignscape.commands.finish import note_rates

    with one_line_errors():
        note_rates(PLAN, on_this_machine=workflow.local_exec)


rule all:
    default_target: True
    input:
        rules.report.output,
        rules.figures.output,
