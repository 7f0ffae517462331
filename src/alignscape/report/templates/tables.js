// Tables to download as tab-separated files.
// A spreadsheet computes a cell that begins with = + - or @, unless it is a number; with ' before it, it is shown.
// One that begins with " it reads up to the next ", over tabs and line ends.
const FORMULA = /^'*[=+\-@＝＋－＠"]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function cell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value).replace(/[\s\p{Cc}]+/gu, " ").replace(/\p{Cf}/gu, "").trim();
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

function tsv(columns, rows) {
  return [columns, ...rows].map((row) => row.map(cell).join("\t")).join("\n") + "\n";
}

const save = (name, text) => saveBlob(name, new Blob([text], { type: "text/tab-separated-values" }));

function saveBlob(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

async function proteinTable() {
  const { columns, n, pairs, scores } = await proteins;
  const names = Object.keys(columns).filter((name) => name !== "lost");
  const head = [...names, ...pairs.map((pair) => pair.label)];
  const row = (i) => [
    ...names.map((name) => columns[name][i]),
    ...scores.map((s) => (Number.isNaN(s[i]) ? null : s[i].toFixed(4))),
  ];
  return tsv(head, Array.from({ length: n }, (_, i) => row(i)));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.download");
  if (!button || "copy" in button.dataset || "export" in button.dataset) return;
  event.preventDefault();
  if ("proteins" in button.dataset) return save(`${data.study}-proteins.tsv`, await proteinTable());
  const { columns, rows } = data.tables[button.dataset.table];
  save(`${data.study}-${button.dataset.table}.tsv`, tsv(columns, rows));
});
