// Data: small tables as JSON, proteins as gzipped columns that are opened once, when first needed.
document.documentElement.classList.add("js");
const data = JSON.parse(document.getElementById("data").textContent);

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function unpackScores(base64, steps, missing) {
  const numbers = new Int16Array(bytesOf(base64).buffer);
  return Float32Array.from(numbers, (v) => (v === missing ? NaN : v / steps));
}

async function openProteins() {
  const bytes = bytesOf(document.getElementById("proteins").textContent);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const packed = JSON.parse(await new Response(stream).text());
  const scores = packed.scores.map((s) => unpackScores(s, packed.steps, packed.missing));
  const measures = packed.measures.map((m) => new Float32Array(bytesOf(m).buffer));
  const place = new Map(packed.columns.id.map((id, i) => [id, i]));
  return { n: packed.columns.id.length, of: packed.of, without: packed.without, columns: packed.columns, pairs: packed.pairs, scores, shown: [...scores, ...measures], place };
}

const proteins = openProteins();

// An element with text or elements inside; text is never read as HTML.
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const fixed = (value, digits = 3) => (Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : "–");

function drawn(name, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// What a screen reader says of a change that is only seen.
function announce(text) {
  document.getElementById("said").textContent = text;
}
