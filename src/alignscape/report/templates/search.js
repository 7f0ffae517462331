// The search box: ids first, then names and organisms.
const MOST_HITS = 8;
const searchBox = document.getElementById("search");
const hits = document.getElementById("hits");
let searchable = null;

async function findProteins(words) {
  const { columns, n } = await proteins;
  searchable ??= columns.id.map((id, i) => `${columns.name[i]} ${columns.organism[i]}`.toLowerCase());
  const wanted = words.toLowerCase();
  const byId = [], byName = [];
  for (let i = 0; i < n && byId.length < MOST_HITS; i++) {
    if (columns.id[i].toLowerCase().startsWith(wanted)) byId.push(i);
    else if (byName.length < MOST_HITS && searchable[i].includes(wanted)) byName.push(i);
  }
  return [...byId, ...byName].slice(0, MOST_HITS).map((i) => ({ id: columns.id[i], name: columns.name[i] }));
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
  const found = await findProteins(words);
  const items = found.map((hit, k) => {
    const item = make("li", { role: "option", id: `hit-${k}`, "aria-selected": String(k === 0) }, make("strong", {}, hit.id), hit.name);
    item.addEventListener("mousedown", () => visitHit(hit.id));
    item.dataset.visit = hit.id;
    return item;
  });
  hits.replaceChildren(...(items.length ? items : [make("li", {}, "Nothing found")]));
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
