// One protein's page, at #protein=ID.
const FACTS = [
  ["name", "Name"], ["organism", "Organism"], ["title", "Entry"], ["keywords", "Keywords"], ["method", "Method"], ["ec", "EC"],
  ["length", "Amino acids, each entity once"], ["total_length", "Amino acids over all chains"], ["n_residues", "Residues observed"],
  ["n_entities", "Entities"], ["n_chains", "Polypeptide chains"], ["category_count", "Training entries of the same name and organism"],
];
const ROLES = {
  tested: "Tested: no encoder or head that scored it was trained on it.",
  "encoder training": "Set aside to train encoders; never tested.",
  "not tested": "Not among the tested proteins.",
};

// The share of proteins that score lower, and the quartiles of a pair's scores.
function standing(scores, value) {
  const known = Array.from(scores).filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
  const at = (share) => known[Math.min(known.length - 1, Math.floor(share * known.length))];
  const below = known.filter((v) => v < value).length / Math.max(1, known.length - 1);
  return { low: known[0], high: known[known.length - 1], q1: at(0.25), q3: at(0.75), below };
}

function scoreRow(pair, scores, value) {
  const s = standing(scores, value);
  const x = (v) => `${(100 * (v - s.low)) / (s.high - s.low || 1)}%`;
  const svg = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, v] of Object.entries(attributes)) element.setAttribute(key, v);
    return element;
  };
  const picture = svg("svg", { width: "100%", height: 26, "aria-hidden": "true" });
  const box = svg("rect", { x: x(s.q1), width: `${(100 * (s.q3 - s.q1)) / (s.high - s.low || 1)}%`, y: 8, height: 10, fill: "var(--faint)" });
  const line = svg("line", { x1: "0%", x2: "100%", y1: 13, y2: 13, class: "grid" });
  const dot = svg("circle", { cx: x(value), cy: 13, r: 5.5, fill: data.colours[pair.gdm] || "var(--ink)" });
  picture.append(line, box, dot);
  const text = `${fixed(value)} · above ${Math.round(100 * Math.min(1, s.below))} %`;
  return make("div", { class: "row", role: "listitem" }, make("div", { class: "name" }, pair.label), make("div", { class: "track" }, picture), make("div", { class: "value" }, text));
}

function scoreList(all, i) {
  const rows = all.pairs.map((pair, k) => ({ pair, scores: all.scores[k], value: all.scores[k][i] })).filter((r) => !Number.isNaN(r.value));
  if (!rows.length) return make("p", { class: "method" }, "No pair scored this protein.");
  const list = make("div", { class: "tracks", role: "list" }, ...rows.map((r) => scoreRow(r.pair, r.scores, r.value)));
  const caption = "Each line runs from the lowest to the highest score of the pair, the bar holds the middle half of the proteins; “above” says how many score lower.";
  return make("figure", {}, make("h3", {}, "Its score by pair"), list, make("figcaption", {}, caption));
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

function proteinParts(all, id) {
  const back = make("p", { class: "back" }, make("a", { href: "#answer" }, "← back to the report"));
  const i = all.place.get(id) ?? all.place.get(id.toUpperCase());
  if (i === undefined) return [back, make("h1", {}, id), make("p", {}, "This study has no protein of that id.")];
  const { columns } = all;
  const lost = (columns.lost[i] || []).map((line) => make("li", {}, line));
  return [
    back,
    make("h1", {}, columns.id[i]),
    make("p", { class: "answer" }, ROLES[columns.role[i]]),
    lost.length ? make("div", {}, make("h3", {}, "In the ledger"), make("ul", {}, ...lost)) : null,
    columns.description[i] ? make("blockquote", {}, columns.description[i]) : null,
    factList(columns, i),
    scoreList(all, i),
  ].filter(Boolean);
}

const reportTitle = document.title;

async function showProtein(id) {
  const page = document.getElementById("protein-page");
  page.replaceChildren(...proteinParts(await proteins, id));
  page.hidden = false;
  document.title = `${page.querySelector("h1").textContent} · ${reportTitle}`;
  document.getElementById("report").hidden = true;
  scrollTo({ top: 0, behavior: "instant" });
}
