"""Which pairs a study trains."""

from types import SimpleNamespace

import pytest

from alignscape.config.load import parse
from alignscape.config.study import SHARED_FOLDERS, Study, Variant
from alignscape.errors import UserError
from alignscape.plan.pairs import Pair, study_pairs
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs
from alignscape.questions.registry import questions

GDMS = [{"name": name, "encoder": "gat"} for name in ("a", "b")]
LLMS = [{"name": name, "model": "owner/name"} for name in ("x", "y")]
LADDER = {"base": {"name": "w", "encoder": "gearnet"}, "hidden": [[16], [64]], "pca": [16], "fixed_dimension": 8}


def study_of(**alignment: object) -> Study:
    """A small study with these settings of its alignment."""
    return parse({"structure_encoders": GDMS, "language_models": LLMS, "alignment": alignment})


def plan_of(study: Study) -> Plan:
    """Its plan on two proteins."""
    return Plan(study, Inputs({"P1": "", "P2": ""}, []))


def settings_by_scores(plan: Plan) -> dict[str, Variant]:
    """What the jobs train into each file of scores."""
    jobs = (plan.settings_of_job(SimpleNamespace(job=job)) for job in plan.alignment_jobs)
    return {pair["scores"]: Variant(**pair["heads"]) for job in jobs for pair in job}


def methods(**chosen: list[str]) -> set[tuple[str, str]]:
    """The pairs that the one method is tried on."""
    study = study_of(methods={"other": {"loss": "symmetric"}}, **chosen)
    return {(pair.structure, pair.text) for pair in study_pairs(study) if pair.label == "other"}


def test_methods_are_tried_on_every_pair_or_on_the_named_ones():
    assert methods() == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}
    assert methods(method_models=["x"]) == {("a", "x"), ("b", "x")}
    assert methods(method_encoders=["b"]) == {("b", "x"), ("b", "y")}
    assert methods(method_models=["x"], method_encoders=["b"]) == {("b", "x")}


def test_deeper_heads_are_tried_on_every_model_or_on_the_named_ones():
    """And no pair that was trained before gets another name for it."""
    every, some = study_of(layers=[1, 2]), study_of(layers=[1, 2], depth_models=["y"])
    all_pairs, fewer = ({(p.structure, p.text, p.label) for p in study_pairs(study)} for study in (every, some))
    assert all_pairs - fewer == {("a", "x", "layers2"), ("b", "x", "layers2")}
    assert fewer < all_pairs
    pair = next(p for p in study_pairs(some) if p.label == "layers2")
    assert plan_of(some).pair(pair) == plan_of(every).pair(pair)


@pytest.mark.parametrize("name", ["pca32", "layers2", "layers-deep", "dimension64", "dimension", "pca32-0123456789ab"])
def test_a_method_trains_its_settings_whatever_its_name(name):
    """Also when the name is that of other heads, which this study does not train, or is like a digest."""
    settings = {"structure_pca": 32, "layers": 2, "loss": "symmetric"}
    plan = plan_of(study_of(methods={name: settings}, layers=[1]))
    pair = plan.find_pair("a", "y", name)
    assert (pair.variant, pair.label) == (Variant(**settings), name)
    assert settings_by_scores(plan)[str(plan.pair(pair))] == Variant(**settings)
    assert pair in plan.question_pairs("methods")
    assert pair not in plan.question_pairs("depth")
    assert {p.label for p in plan.question_pairs("pairs")} == {"layers1"}


def test_every_path_of_a_pair_leads_to_its_settings():
    """Depths, controls of the ladder and methods; no two pairs share a path."""
    study = parse(
        {
            "structure_encoders": GDMS,
            "language_models": LLMS,
            "dimension_ladder": LADDER,
            "alignment": {"methods": {"sym": {"loss": "symmetric"}, "pca8": {"structure_pca": 16}}},
        }
    )
    plan = plan_of(study)
    labels = {"layers1", "layers2", "layers3", "pca16", "dimension8", "sym", "pca8"}
    assert {pair.label for pair in plan.pairs} == labels
    assert len({plan.pair(pair) for pair in plan.pairs}) == len(plan.pairs)
    settings = settings_by_scores(plan)
    assert len(settings) == len(plan.pairs)
    for pair in plan.pairs:
        assert settings[str(plan.pair(pair))] == pair.variant == study.variants[pair.label]
    assert plan.find_pair("w-64", "x", "pca16").variant == Variant(structure_pca=16)
    assert plan.find_pair("w-16", "x", "dimension8").variant == Variant(dimension=8)


def test_heads_that_are_asked_for_twice_are_trained_once():
    """A method with the settings of a depth has the depth's files, and is found by either name."""
    plan = plan_of(study_of(methods={"deep": {"layers": 2}, "layers3": {"layers": 3}}))
    assert {pair.label for pair in plan.pairs} == {"layers1", "layers2", "layers3"}
    assert len(plan.pairs) == 4 * 3
    deep = plan.find_pair("a", "x", "deep")
    assert deep is plan.find_pair("a", "x", "layers2")
    assert deep == Pair("a", "x", Variant(layers=2), "layers2")
    assert deep in plan.question_pairs("methods")
    assert deep in plan.question_pairs("depth")


def test_a_renamed_method_is_analysed_anew_and_nothing_else_is():
    """The answer shows the name, the heads of a depth do not have it."""
    before, after = (plan_of(study_of(methods={name: {"layers": 2}})) for name in ("deep", "deeper"))
    assert before.analysis("methods") != after.analysis("methods")
    assert before.analysis("depth") == after.analysis("depth")
    assert [before.pair(p) for p in before.pairs] == [after.pair(p) for p in after.pairs]


def test_machines_share_the_adapter_of_a_number_type_left_to_them(monkeypatch):
    """`auto` stays `auto` in the path, whatever this processor is fast in; a type that is named has a path of its own."""

    def adapter(**settings: str) -> str:
        tuned = [{"name": "t", "base": "x", **settings}]
        study = parse({"structure_encoders": GDMS, "language_models": LLMS, "fine_tuning": tuned})
        return plan_of(study).adapter("t").as_posix()

    paths = []
    for kernels in ("AVX512", "AVX2"):
        monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda kernels=kernels: kernels)
        monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: True)
        paths.append((adapter(), adapter(compute_dtype="auto")))
    assert len({path for pair in paths for path in pair}) == 1
    assert adapter(compute_dtype="float32") != adapter(compute_dtype="bfloat16") != paths[0][0]


def test_the_draws_of_an_interval_train_nothing_anew():
    """Intervals are drawn in the analyses."""
    before, after = (plan_of(study_of(bootstrap=draws)) for draws in (200, 300))
    assert [before.pair(p) for p in before.pairs] == [after.pair(p) for p in after.pairs]
    assert before.analysis("pairs") != after.analysis("pairs")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a", "x", "layrs2"), "heads: 'layrs2' is not one of layers1, layers2, layers3, sym; did you mean 'layers2'"),
        (("b", "x", "sym"), "the study has no pair b x with heads sym; did you mean a x. it has: a x, a y"),
        (("c", "x", "layers1"), "no pair c x with heads layers1; did you mean [ab] x. it has: a x, a y, b x, b y"),
    ],
)
def test_a_pair_that_is_not_there_is_one_line(names, message):
    plan = plan_of(study_of(methods={"sym": {"loss": "symmetric"}}, method_encoders=["a"]))
    with pytest.raises(UserError, match=message):
        plan.find_pair(*names)


def test_every_question_knows_the_families():
    """The clusters of the split step are an input of every question, as all inference draws clusters."""
    study = parse({"structure_encoders": GDMS, "language_models": LLMS, "results_dir": ""})
    plan = Plan(study, Inputs(file_digests={"P1": "x"}, encoder_training=[]))
    for question in questions():
        assert plan.question_inputs(question)["clusters"] == plan.split("clusters.tsv")


def test_encoders_are_tried_once_each_and_leaving_that_out_changes_the_page_alone():
    given = {"name": "g", "encoder": "precomputed", "rows": "rows.npz"}
    settings = {"structure_encoders": [*GDMS, given], "language_models": LLMS}
    on, off = (plan_of(parse(settings | {"analysis": {"check_encoders": asked}})) for asked in (True, False))
    assert (
        on.checked_encoders == list(on.checked) == list(on.check_settings()) == ["a", "b"]
    )  # given rows are not made here
    assert set(on.check_inputs()) == {on.weights("a"), on.weights("b")}
    assert {*on.checks(), *on.checked.values()} <= on.current_files()
    assert (off.checks(), off.checked, off.check_inputs()) == ([], {}, [])
    assert off.current_files() == on.current_files() - {*on.checks(), *on.checked.values()}
    assert off.report_digest != on.report_digest
    other = plan_of(parse(settings | {"structure_encoders": [GDMS[0] | {"weights": "random"}, GDMS[1], given]}))
    assert other.checked["a"] != on.checked["a"]
    assert other.checked["b"] == on.checked["b"]
    assert other.checks() != on.checks()


def test_what_is_not_the_studys_own_lies_in_the_shared_folders():
    """No plan makes a file under results/ but in its study's folder and in those that no study may be called like."""
    study = parse(
        {"study": "mine", "structure_encoders": GDMS, "language_models": LLMS, "dimension_ladder": LADDER}
        | {"fine_tuning": [{"name": "tuned", "base": "x"}]}
    )
    plan = plan_of(study)
    tops = {path.relative_to(plan.results).parts[0] for path in plan.current_files()}
    assert tops <= {"mine", *SHARED_FOLDERS}
    assert {"mine", "proteins", "embeddings", "adapters"} <= tops


def test_another_unit_parses_anew_and_downloads_nothing_anew():
    """The files are the same, what is made of them is not."""
    rcsb = {"source": "rcsb", "ids": ["4HHB"]}
    entry, chain, default = (
        Plan(
            parse({"structure_encoders": GDMS, "language_models": LLMS, "proteins": rcsb | more}),
            Inputs({"4HHB": ""}, []),
        )
        for more in ({"unit": "entry"}, {"unit": "chain"}, {})
    )
    assert entry.current_files() == default.current_files()
    files = {path.name for path in entry.current_files() & chain.current_files() if path.parts[1] == "proteins"}
    assert files == {f"{shard}.located.json" for shard in entry.shards}


def test_another_limit_of_atoms_parses_anew():
    """A file that was too large may not be so now; the limit's default, said or not, is the same."""
    made = [
        Plan(parse({"structure_encoders": GDMS, "language_models": LLMS, "proteins": more}), Inputs({"A": "x"}, []))
        for more in ({}, {"atoms_at_most": 3_000_000}, {"atoms_at_most": 4_000_000})
    ]
    default, said, raised = (plan.parser_digest for plan in made)
    assert default == said != raised


def test_published_weights_have_a_note_of_their_own_that_only_their_encoders_wait_for():
    """Fetched by a job without a GPU, once for all that read the same files; a copy named in the config is not fetched."""
    official = {"encoder": "gearnet", "weights": "official"}
    gdms = [
        {"name": "a", **official},
        {"name": "mean", **official, "readout": "mean"},
        {"name": "own", **official, "weights_file": "own.pth"},
        {"name": "other", "encoder": "scannet", "weights": "official"},
        {"name": "drawn", "encoder": "gvp", "weights": "random"},
    ]
    plan = plan_of(parse({"structure_encoders": gdms, "language_models": LLMS}))
    waits = {block["name"]: plan.official_inputs(SimpleNamespace(encoder=block["name"])) for block in gdms}
    assert waits["a"] == waits["mean"] != waits["other"]
    assert [len(waits[name]) for name in ("a", "other", "own", "drawn")] == [1, 1, 0, 0]
    assert {plan.encoder_of_digest(str(plan.official_digest(name))) for name in ("a", "mean")} == {"a"}
    assert set(waits["a"] + waits["other"]) <= plan.current_files()


def test_the_page_of_a_study_is_known_by_its_content_wherever_its_results_lie():
    blocks = {"structure_encoders": GDMS, "language_models": LLMS}
    plans = [plan_of(parse(blocks | {"results_dir": folder})) for folder in ("results", "elsewhere/results")]
    assert plans[0].checks() != plans[1].checks()
    assert plans[0].report_digest == plans[1].report_digest


def test_an_optional_package_makes_anew_the_analyses_that_use_it_and_no_others(monkeypatch):
    """Installing pot gives screening a measure more, which is a result of its own."""
    found = {}
    for installed in (False, True):
        monkeypatch.setattr("alignscape.plan.plan.find_spec", lambda name, there=installed: name if there else None)
        plan = plan_of(study_of())
        found[installed] = {name: plan.analysis_digest(name) for name in questions()}
    assert {name for name in questions() if found[False][name] != found[True][name]} == {"screening"}
