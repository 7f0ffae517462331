// Tables that can be sorted by any column, and filtered where they are long. Rows stay in their group (tbody).
const LONG = 12;
const NUMERAL = /^[<≥≈]?\s*([−+-]?\d[\d\u202f]*(?:\.\d+)?)/;

function sortKey(cell) {
  const text = cell.dataset.sort ?? cell.textContent.trim();
  const found = NUMERAL.exec(text);
  return found ? Number(found[1].replace(/\u202f/g, "").replace("−", "-")) : text.toLowerCase();
}

function compare(a, b) {
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === "number" ? -1 : 1;
}

function sortBy(table, column, down) {
  for (const body of table.tBodies) {
    const rows = [...body.rows].filter((row) => !row.classList.contains("group-head"));
    const keyed = rows.map((row) => [sortKey(row.cells[column]), row]);
    keyed.sort(([a], [b]) => (down ? compare(b, a) : compare(a, b)));
    body.append(...keyed.map(([, row]) => row));
  }
}

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const words = head.textContent.trim();
    if (!words || head.querySelector(".unseen")) return;
    const button = make("button", { type: "button", class: "sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sortBy(table, column, down);
      announce(`Sorted by ${words}, ${down ? "descending" : "ascending"}`);
    });
  });
}

function filterable(table, place) {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  if (rows.length < LONG) return;
  const box = make("input", { type: "search", placeholder: "Filter rows…", autocomplete: "off", "aria-label": `Filter: ${table.caption.textContent}` });
  const count = make("span", { class: "small" });
  const texts = rows.map((row) => row.textContent.toLowerCase());
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = texts.map((text) => words.every((word) => text.includes(word)));
    rows.forEach((row, k) => { row.hidden = !kept[k]; });
    count.textContent = words.length ? ` ${kept.filter(Boolean).length} of ${rows.length}` : "";
    announce(count.textContent);
  });
  place.before(make("div", { class: "filter" }, box, count));
}

for (const table of document.querySelectorAll(".table table:not(.table-one, .matrix), table.ranking")) {
  sortable(table);
  if (!table.classList.contains("ranking")) filterable(table, table.parentElement);
}
