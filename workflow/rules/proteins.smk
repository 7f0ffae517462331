"""From protein ids to parsed structures and facts."""

import os

# Half of the machine, so that two such jobs run side by side; --cores caps it, a cluster's profile sets its own.
HEAVY_THREADS = max(1, (os.cpu_count() or 2) // 2)


wildcard_constraints:
    shard=r"[tsg][0-9]*-[0-9a-f]{8,12}",
    digest="[0-9a-f]{12}",
    encoder=r"[A-Za-z0-9][A-Za-z0-9.+_-]*",


rule fetch:
    output:
        located=PLAN.located(),
    log:
        PLAN.log("fetch-{shard}"),
    conda:
        "../../envs/alignscape.yaml"
    resources:
        network=1,
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=lambda w, attempt: 240 * attempt,
    params:
        ids=lambda w: PLAN.shards[w.shard],
    script:
        "../scripts/fetch.py"


rule parse:
    input:
        located=PLAN.located_inputs,
    output:
        structures=PLAN.structures(),
        facts=PLAN.facts(),
        losses=PLAN.parse_losses(),
    log:
        PLAN.log("parse-{shard}"),
    benchmark:
        PLAN.benchmark("parse-{shard}")
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: 30 * attempt,
    params:
        ids=lambda w: PLAN.shards[w.shard],
    script:
        "../scripts/parse.py"


rule collect_facts:
    input:
        facts=[PLAN.facts(shard) for shard in PLAN.shards],
    output:
        facts=PLAN.all_facts(),
    log:
        PLAN.log("collect_facts"),
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=10,
    script:
        "../scripts/collect.py"
