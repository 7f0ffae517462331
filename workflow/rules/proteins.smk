"""From protein ids to parsed structures and facts."""


rule fetch:
    output:
        located=RESULTS / "proteins" / PLAN.fetch_digest / "{shard}.located.json",
    log:
        STUDY / "logs" / "fetch-{shard}.log",
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
        located=[rules.fetch.output.located] if PLAN.downloads else [],
    output:
        structures=RESULTS / "proteins" / PLAN.parser_digest / "{shard}.npz",
        facts=RESULTS / "proteins" / PLAN.parser_digest / "{shard}.facts.jsonl",
        omissions=RESULTS / "proteins" / PLAN.parser_digest / "{shard}.omissions.jsonl",
    log:
        STUDY / "logs" / "parse-{shard}.log",
    benchmark:
        STUDY / "benchmarks" / "parse-{shard}.tsv"
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
        facts=expand(rules.parse.output.facts, shard=PLAN.shards),
    output:
        facts=RESULTS / "proteins" / PLAN.parser_digest / f"all-{PLAN.collection_digest}.facts.jsonl",
    log:
        STUDY / "logs" / "collect_facts.log",
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=10,
    script:
        "../scripts/collect.py"
