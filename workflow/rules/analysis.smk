"""One rule a research question; each reads the pairs it is about and leaves one JSON and its table."""


rule pairs:
    input:
        **PLAN.question_inputs("pairs"),
    output:
        json=PLAN.analysis("pairs"),
        table=PLAN.analysis("pairs", ".tsv"),
    log:
        PLAN.log("pairs"),
    benchmark:
        PLAN.benchmark("pairs")
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        **PLAN.question_params("pairs"),
    script:
        "../scripts/analyse.py"


use rule pairs as correlation with:
    input:
        **PLAN.question_inputs("correlation"),
    output:
        json=PLAN.analysis("correlation"),
        table=PLAN.analysis("correlation", ".tsv"),
    log:
        PLAN.log("correlation"),
    benchmark:
        PLAN.benchmark("correlation")
    params:
        **PLAN.question_params("correlation"),


use rule pairs as length with:
    input:
        **PLAN.question_inputs("length"),
    output:
        json=PLAN.analysis("length"),
        table=PLAN.analysis("length", ".tsv"),
    log:
        PLAN.log("length"),
    benchmark:
        PLAN.benchmark("length")
    params:
        **PLAN.question_params("length"),


use rule pairs as rarity with:
    input:
        **PLAN.question_inputs("rarity"),
    output:
        json=PLAN.analysis("rarity"),
        table=PLAN.analysis("rarity", ".tsv"),
    log:
        PLAN.log("rarity"),
    benchmark:
        PLAN.benchmark("rarity")
    params:
        **PLAN.question_params("rarity"),


use rule pairs as chains with:
    input:
        **PLAN.question_inputs("chains"),
    output:
        json=PLAN.analysis("chains"),
        table=PLAN.analysis("chains", ".tsv"),
    log:
        PLAN.log("chains"),
    benchmark:
        PLAN.benchmark("chains")
    params:
        **PLAN.question_params("chains"),


use rule pairs as proteins with:
    input:
        **PLAN.question_inputs("proteins"),
    output:
        json=PLAN.analysis("proteins"),
        table=PLAN.analysis("proteins", ".tsv"),
    log:
        PLAN.log("proteins"),
    benchmark:
        PLAN.benchmark("proteins")
    params:
        **PLAN.question_params("proteins"),


use rule pairs as leakage with:
    input:
        **PLAN.question_inputs("leakage"),
    output:
        json=PLAN.analysis("leakage"),
        table=PLAN.analysis("leakage", ".tsv"),
    log:
        PLAN.log("leakage"),
    benchmark:
        PLAN.benchmark("leakage")
    params:
        **PLAN.question_params("leakage"),


use rule pairs as screening with:
    input:
        **PLAN.question_inputs("screening"),
    output:
        json=PLAN.analysis("screening"),
        table=PLAN.analysis("screening", ".tsv"),
    log:
        PLAN.log("screening"),
    benchmark:
        PLAN.benchmark("screening")
    params:
        **PLAN.question_params("screening"),


use rule pairs as separability with:
    input:
        **PLAN.question_inputs("separability"),
    output:
        json=PLAN.analysis("separability"),
        table=PLAN.analysis("separability", ".tsv"),
    log:
        PLAN.log("separability"),
    benchmark:
        PLAN.benchmark("separability")
    params:
        **PLAN.question_params("separability"),


use rule pairs as findings with:
    input:
        **PLAN.question_inputs("findings"),
    output:
        json=PLAN.analysis("findings"),
        table=PLAN.analysis("findings", ".tsv"),
    log:
        PLAN.log("findings"),
    benchmark:
        PLAN.benchmark("findings")
    params:
        **PLAN.question_params("findings"),
