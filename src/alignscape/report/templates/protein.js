// One protein's page, at #protein=ID.
const FACTS = [
  ["name", "Name"], ["organism", "Organism"], ["title", "Entry"], ["keywords", "Keywords"], ["method", "Method"], ["ec", "EC"],
  ["length", "Amino acids, copies of a chain once"], ["total_length", "Amino acids over all chains"], ["n_residues", "Residues observed"],
  ["n_entities", "Different chains"], ["n_chains", "Polypeptide chains, copies too"], ["category_count", "Training entries of the same name and organism"],
];
const ROLES = {
  tested: `Tested. ${data.seen}`,
  "encoder training": "Set aside to train encoders; never tested.",
  "not tested": "Not among the tested proteins.",
};
const PDB = /^([0-9][A-Za-z0-9]{3})(:|$)/;
const UNIPROT = /^([OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9]([A-Z][A-Z0-9]{2}[0-9]){1,2})(-|_|$)/;

// A pair's scores in order, sorted once.
const inOrder = new WeakMap();

function sorted(scores) {
  if (!inOrder.has(scores)) inOrder.set(scores, scores.filter((v) => !Number.isNaN(v)).sort());
  return inOrder.get(scores);
}

// The share of proteins that score lower, and the quartiles of a pair's scores.
function standing(scores, value) {
  const known = sorted(scores);
  const at = (share) => known[Math.min(known.length - 1, Math.floor(share * known.length))];
  const below = known.findIndex((v) => v >= value) / Math.max(1, known.length - 1);
  return { low: known[0], high: known[known.length - 1], q1: at(0.25), q3: at(0.75), below };
}

// All rows on one axis, from -1 to 1, so that pairs compare.
const across = (v) => `${50 * (v + 1)}%`;

function scoreRow(pair, scores, value) {
  const s = standing(scores, value);
  const picture = drawn("svg", { width: "100%", height: 26, "aria-hidden": "true" });
  const grid = [-1, -0.5, 0, 0.5, 1].map((v) => drawn("line", { x1: across(v), x2: across(v), y1: 0, y2: "100%", class: v ? "grid" : "zero" }));
  const line = drawn("line", { x1: across(s.low), x2: across(s.high), y1: 13, y2: 13, class: "whisker" });
  const box = drawn("rect", { x: across(s.q1), width: `${50 * (s.q3 - s.q1)}%`, y: 8, height: 10, class: "chance" });
  const dot = drawn("circle", { cx: across(value), cy: 13, r: 5.5, style: `fill:var(--${variable(data.colours[pair.gdm] || "ink")})` });
  picture.append(...grid, line, box, dot);
  const text = `${fixed(value)} · above ${Math.round(100 * Math.min(1, s.below))} %`;
  return make("div", { class: "row", role: "listitem" }, make("div", { class: "name" }, pair.label), make("div", { class: "track" }, picture), make("div", { class: "value" }, text));
}

function scoreAxis() {
  const picture = drawn("svg", { width: "100%", height: 18 });
  for (const v of [-1, -0.5, 0, 0.5, 1]) {
    const text = drawn("text", { x: across(v), y: 13, "text-anchor": v < 0 && v === -1 ? "start" : v === 1 ? "end" : "middle", class: "tick" });
    text.textContent = String(v).replace("-", "−");
    picture.append(text);
  }
  const track = make("div", { class: "track" }, picture, make("div", { class: "axis-title" }, "match (cosine with its own text)"));
  return make("div", { class: "row axis", "aria-hidden": "true" }, make("div", { class: "name" }), track, make("div", { class: "value" }));
}

function scoreList(all, i) {
  const rows = all.pairs.map((pair, k) => ({ pair, scores: all.scores[k], value: all.scores[k][i] })).filter((r) => !Number.isNaN(r.value));
  if (!rows.length) return make("p", { class: "method" }, "No pair was measured on this protein.");
  const list = make("div", { role: "list" }, ...rows.map((r) => scoreRow(r.pair, r.scores, r.value)));
  const caption = "Each line runs from the lowest to the highest match of the pair, the bar holds the middle half of the proteins; “above” says how many match less.";
  return make("figure", {}, make("h2", {}, "Its match by pair"), make("div", { class: "tracks" }, list, scoreAxis()), make("figcaption", {}, caption));
}

function factList(columns, i) {
  const items = FACTS.flatMap(([key, title]) => {
    const value = columns[key][i];
    return value === null || value === "" ? [] : [make("dt", {}, title), make("dd", {}, String(value))];
  });
  if (columns.nearest[i]) {
    const link = make("a", { href: `#protein=${encodeURIComponent(columns.nearest[i])}` }, columns.nearest[i]);
    items.push(make("dt", {}, "Nearest training protein"), make("dd", {}, link, ` (${Math.round(100 * columns.identity[i])} % identical)`));
  }
  return make("dl", { class: "facts" }, ...items);
}

// Words of a description without the protein's own id.
function wordsOfText(columns, i) {
  const id = columns.id[i].toLowerCase();
  return new Set((columns.description[i] || "").toLowerCase().match(/[\p{L}\p{N}]+/gu)?.filter((word) => !id.includes(word)) ?? []);
}

// The proteins whose texts share the rarest words with this one's: the likeliest to be mistaken for it.
function likeTexts({ columns, n }, i, most = 5) {
  const mine = wordsOfText(columns, i), seen = new Map(), others = [];
  if (!mine.size) return [];
  for (let k = 0; k < n; k++) {
    if (k === i || !columns.description[k]) continue;
    const words = wordsOfText(columns, k);
    words.forEach((word) => seen.set(word, (seen.get(word) ?? 0) + 1));
    others.push([k, words]);
  }
  const weight = (word) => Math.log((n + 1) / (1 + (seen.get(word) ?? 0))) ** 2;
  const length = (words) => Math.sqrt([...words].reduce((sum, word) => sum + weight(word), 0)) || 1;
  const scored = others.map(([k, words]) => {
    const shared = [...mine].reduce((sum, word) => sum + (words.has(word) ? weight(word) : 0), 0);
    return [shared / (length(mine) * length(words)), k];
  });
  return scored.sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, most).filter(([likeness]) => likeness > 0.05);
}

function likeList(all, i) {
  const found = likeTexts(all, i);
  if (!found.length) return null;
  const items = found.map(([likeness, k]) => make("li", {},
    make("a", { href: `#protein=${encodeURIComponent(all.columns.id[k])}` }, all.columns.id[k]), ` ${all.columns.name[k]} `, make("span", { class: "small" }, `likeness ${fixed(likeness, 2)}`)));
  return make("div", {}, make("h2", {}, "Texts it would be mistaken for"), make("ul", {}, ...items),
    make("p", { class: "small" }, "The descriptions most like its own by their words (TF-IDF), whatever the encoders make of them."));
}

// Where the entry is kept, for ids of archives only.
function elsewhere(id) {
  const away = (href, words) => make("a", { href, rel: "noreferrer" }, words);
  const pdb = data.archive === "rcsb" && PDB.exec(id), uniprot = data.archive === "alphafold_db" && UNIPROT.exec(id);
  if (pdb) return make("p", { class: "small" }, away(`https://www.rcsb.org/structure/${pdb[1]}`, `${pdb[1]} at RCSB PDB`));
  if (!uniprot) return null;
  return make("p", { class: "small" }, away(`https://www.uniprot.org/uniprotkb/${uniprot[1]}`, `${uniprot[1]} at UniProt`), " · ",
    away(`https://alphafold.ebi.ac.uk/entry/${uniprot[1]}`, "at AlphaFold DB"));
}

function backLink() {
  const link = make("a", { href: cameFrom.hash || "#answer" }, `← back to ${cameFrom.title}`);
  return make("p", { class: "back" }, link);
}

const placeOf = (all, id) => all.place.get(id) ?? all.place.get(id.toUpperCase());

function proteinParts(all, id, i) {
  const head = (words) => make("h1", { tabindex: "-1" }, words);
  const unknown = all.n < all.of ? `This page has ${all.n} of the study's ${all.of} proteins, and none of that id.` : "This study has no protein of that id.";
  if (i === undefined) return [backLink(), head(id), make("p", {}, unknown)];
  const { columns } = all;
  const lost = (columns.lost[i] || []).map((line) => make("li", {}, line));
  return [
    backLink(),
    head(columns.id[i]),
    elsewhere(columns.id[i]),
    make("p", { class: "answer" }, ROLES[columns.role[i]]),
    lost.length ? make("div", {}, make("h2", {}, "Left out"), make("ul", {}, ...lost)) : null,
    columns.description[i] ? make("blockquote", {}, columns.description[i]) : null,
    all.without.includes("description") ? make("p", { class: "small" }, "This page has no descriptions: with them it would be too large.") : null,
    factList(columns, i),
    scoreList(all, i),
  ].filter(Boolean);
}

const reportTitle = document.title;

async function showProtein(id) {
  const page = document.getElementById("protein-page"), all = await proteins, i = placeOf(all, id);
  page.replaceChildren(...proteinParts(all, id, i));
  page.hidden = false;
  document.title = `${page.querySelector("h1").textContent} · ${reportTitle}`;
  document.getElementById("report").hidden = true;
  scrollTo({ top: 0, behavior: "instant" });
  const head = page.querySelector("h1");
  head.focus({ preventScroll: true });
  // Comparing thousands of texts takes a while; what is known already is seen before.
  if (i !== undefined) setTimeout(() => head.isConnected && page.append(likeList(all, i) ?? ""), 20);
}
