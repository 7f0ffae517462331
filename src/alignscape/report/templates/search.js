// The search box: every word must be in the id, name, organism, entry, keywords or EC numbers; ids first.
const MOST_HITS = 8;
const searchBox = document.getElementById("search");
const hits = document.getElementById("hits");
let searchable = null;

async function findProteins(text) {
  const { columns, n } = await proteins;
  const kept = ["id", "name", "organism", "title", "keywords", "ec"];
  searchable ??= columns.id.map((id, i) => kept.map((key) => columns[key][i] ?? "").join(" ").toLowerCase());
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const byId = [], byWords = [];
  for (let i = 0; i < n; i++) {
    if (columns.id[i].toLowerCase().startsWith(text.toLowerCase())) byId.push(i);
    else if (words.every((word) => searchable[i].includes(word))) byWords.push(i);
  }
  const all = [...byId, ...byWords];
  const found = all.slice(0, MOST_HITS).map((i) => ({ id: columns.id[i], name: columns.name[i], organism: columns.organism[i] }));
  return { found, count: all.length };
}

function closeHits() {
  hits.hidden = true;
  searchBox.setAttribute("aria-expanded", "false");
  searchBox.removeAttribute("aria-activedescendant");
}

function visitHit(id) {
  closeHits();
  searchBox.value = "";
  location.hash = `protein=${encodeURIComponent(id)}`;
}

function mark(step) {
  const items = [...hits.children].filter((item) => item.id);
  const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = items[(now + step + items.length) % items.length];
  items.forEach((item) => item.setAttribute("aria-selected", String(item === next)));
  if (next) searchBox.setAttribute("aria-activedescendant", next.id);
}

searchBox.addEventListener("input", async () => {
  const words = searchBox.value.trim();
  if (!words) return closeHits();
  const { found, count } = await findProteins(words);
  const items = found.map((hit, k) => {
    const item = make("li", { role: "option", id: `hit-${k}`, "aria-selected": String(k === 0) }, make("strong", {}, hit.id), hit.name, hit.organism ? make("small", {}, ` ${hit.organism}`) : null);
    item.addEventListener("mousedown", () => visitHit(hit.id));
    item.dataset.visit = hit.id;
    return item;
  });
  const rest = items.length < count ? [make("li", { role: "option", "aria-disabled": "true", class: "small" }, `${items.length} of ${count}`)] : [];
  hits.replaceChildren(...(items.length ? items : [make("li", { role: "option", "aria-disabled": "true" }, "Nothing found")]), ...rest);
  announce(`${count} found`);
  hits.hidden = false;
  searchBox.setAttribute("aria-expanded", "true");
  mark(0);
});
searchBox.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") mark(1);
  else if (event.key === "ArrowUp") mark(-1);
  else if (event.key === "Escape") closeHits();
  else if (event.key === "Enter") {
    const chosen = hits.querySelector("[aria-selected=true]");
    if (chosen) visitHit(chosen.dataset.visit);
  } else return;
  event.preventDefault();
});
searchBox.addEventListener("blur", closeHits);
