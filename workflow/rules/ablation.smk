"""The questions that train more: dimension (RQ4), depth (RQ5), fine-tuning (RQ6), options of method."""


use rule pairs as dimension with:
    input:
        **PLAN.question_inputs("dimension"),
    output:
        json=PLAN.analysis("dimension"),
        table=PLAN.analysis("dimension", ".tsv"),
    log:
        PLAN.log("dimension"),
    benchmark:
        PLAN.benchmark("dimension")
    params:
        **PLAN.question_params("dimension"),


use rule pairs as depth with:
    input:
        **PLAN.question_inputs("depth"),
    output:
        json=PLAN.analysis("depth"),
        table=PLAN.analysis("depth", ".tsv"),
    log:
        PLAN.log("depth"),
    benchmark:
        PLAN.benchmark("depth")
    params:
        **PLAN.question_params("depth"),


use rule pairs as fine_tuning with:
    input:
        **PLAN.question_inputs("fine_tuning"),
    output:
        json=PLAN.analysis("fine_tuning"),
        table=PLAN.analysis("fine_tuning", ".tsv"),
    log:
        PLAN.log("fine_tuning"),
    benchmark:
        PLAN.benchmark("fine_tuning")
    params:
        **PLAN.question_params("fine_tuning"),


use rule pairs as methods with:
    input:
        **PLAN.question_inputs("methods"),
    output:
        json=PLAN.analysis("methods"),
        table=PLAN.analysis("methods", ".tsv"),
    log:
        PLAN.log("methods"),
    benchmark:
        PLAN.benchmark("methods")
    params:
        **PLAN.question_params("methods"),
