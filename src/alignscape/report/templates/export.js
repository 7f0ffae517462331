// A figure as SVG or PNG, as it is seen now, and its numbers as TSV.
const COPIED = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family", "font-weight", "text-anchor"];

// Every drawing inside, with the styles of the page written into it, at its place.
function drawingsOf(figure, origin) {
  return [...figure.querySelectorAll("svg")].filter((svg) => svg.getClientRects().length && !svg.parentElement.closest("svg")).map((svg) => {
    const copy = svg.cloneNode(true), box = svg.getBoundingClientRect();
    const theirs = [svg, ...svg.querySelectorAll("*")], ours = [copy, ...copy.querySelectorAll("*")];
    theirs.forEach((element, k) => {
      const style = getComputedStyle(element);
      ours[k].setAttribute("style", COPIED.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
      ["class", "data-tip", "data-id", "data-v"].forEach((name) => ours[k].removeAttribute(name));
    });
    const place = { x: box.left - origin.left, y: box.top - origin.top, width: box.width, height: box.height, overflow: "visible" };
    for (const [key, value] of Object.entries(place)) copy.setAttribute(key, value);
    return copy;
  });
}

// Points of thousands of proteins, as the picture that they are.
function picturesOf(figure, origin) {
  return [...figure.querySelectorAll("canvas")].filter((canvas) => canvas.getClientRects().length).map((canvas) => {
    const box = canvas.getBoundingClientRect();
    return drawn("image", { x: box.left - origin.left, y: box.top - origin.top, width: box.width, height: box.height, href: canvas.toDataURL() });
  });
}

// Every line of words outside drawings, where it is seen.
function wordsOf(figure, origin) {
  const found = [], walker = document.createTreeWalker(figure, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement, range = document.createRange();
    if (!node.textContent.trim() || parent.closest("svg, button, select, .tools, .unseen, .no-script")) continue;
    range.selectNodeContents(node);
    const box = range.getClientRects()[0];
    if (!box) continue;
    const style = getComputedStyle(parent);
    const look = `fill:${style.color};font:${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const text = drawn("text", { x: box.left - origin.left, y: box.bottom - origin.top - box.height * 0.25, style: look });
    text.textContent = node.textContent.trim();
    found.push(text);
  }
  return found;
}

function svgOf(figure) {
  const body = figure.querySelector("figcaption") ?? figure, origin = figure.getBoundingClientRect();
  const height = body === figure ? origin.height : body.getBoundingClientRect().top - origin.top;
  const root = drawn("svg", { xmlns: "http://www.w3.org/2000/svg", width: origin.width, height, viewBox: `0 0 ${origin.width} ${height}` });
  const title = drawn("title");
  title.textContent = figure.querySelector("h3").textContent;
  root.append(title, drawn("rect", { width: "100%", height: "100%", style: `fill:${ink("paper")}` }));
  root.append(...picturesOf(figure, origin), ...drawingsOf(figure, origin), ...wordsOf(figure, origin));
  return { text: new XMLSerializer().serializeToString(root), width: origin.width, height };
}

async function pngOf(figure) {
  const { text, width, height } = svgOf(figure), image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = make("canvas", { width: Math.round(3 * width), height: Math.round(3 * height) });
  const context = canvas.getContext("2d");
  context.scale(3, 3);
  context.drawImage(image, 0, 0, width, height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-export]");
  if (!button) return;
  const figure = button.closest("figure"), name = `${data.study}-${figure.id.replace("figure-", "")}`;
  const numbers = data.figures[figure.id.replace("figure-", "")];
  if (button.dataset.export === "tsv") save(`${name}.tsv`, numbers ? tsv(numbers.columns, numbers.rows) : await proteinTable());
  else if (button.dataset.export === "svg") saveBlob(`${name}.svg`, new Blob([svgOf(figure).text], { type: "image/svg+xml" }));
  else saveBlob(`${name}.png`, await pngOf(figure));
});

// Text to paste elsewhere.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(text.textContent);
    announce("Copied");
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(text); // a browser that does not let a page copy: it is marked, for the keyboard
  }
});
