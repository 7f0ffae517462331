// Each protein as a point, as the figure's description says (`data.clouds`): as SVG up to 2,000 points, on a canvas above.
const MARGIN = { left: 44, right: 8, top: 8, bottom: 34 };
const MOST_SVG = 2000;
const HEIGHT = 250;

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const variable = (name) => (name.startsWith("#") ? `c-${name.slice(1)}` : name);

// The proteins that have both values, from left to right.
function pointsOf(cloud, all) {
  const x = all.shown[cloud.x.column], y = all.shown[cloud.y.column], found = [];
  for (let i = 0; i < all.n; i++) {
    if (!Number.isNaN(x[i]) && !Number.isNaN(y[i])) found.push({ i, x: x[i], y: y[i] });
  }
  return found.sort((a, b) => a.x - b.x || a.i - b.i);
}

// Draws as SVG elements, which print sharply and follow the theme by themselves.
class Picture {
  constructor(width) {
    this.root = drawn("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true" });
  }
  line(places, name, width) {
    const points = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    this.root.append(drawn("polyline", { points, style: `fill:none;stroke:var(--${name});stroke-width:${width}` }));
  }
  text(words, x, y, anchor) {
    const element = drawn("text", { x, y, "text-anchor": anchor, class: "tick" });
    element.textContent = words;
    this.root.append(element);
  }
  dots(places, name) {
    const group = drawn("g", { style: `fill:var(--${name});fill-opacity:.7` });
    group.append(...places.map(([x, y]) => drawn("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 2.8 })));
    this.root.append(group);
  }
}

// The same on a canvas.
class Canvas {
  constructor(width) {
    const scale = devicePixelRatio || 1;
    this.root = make("canvas", { width: Math.round(width * scale), height: Math.round(HEIGHT * scale), "aria-hidden": "true" });
    this.context = this.root.getContext("2d");
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    this.context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  }
  line(places, name, width) {
    Object.assign(this.context, { strokeStyle: ink(name), lineWidth: width });
    this.context.beginPath();
    places.forEach(([x, y]) => this.context.lineTo(x, y));
    this.context.stroke();
  }
  text(words, x, y, anchor) {
    Object.assign(this.context, { fillStyle: ink("muted"), textAlign: anchor === "middle" ? "center" : anchor });
    this.context.fillText(words, x, y);
  }
  dots(places, name) {
    Object.assign(this.context, { fillStyle: ink(name), globalAlpha: 0.3 });
    places.forEach(([x, y]) => this.context.fillRect(x - 1, y - 1, 2, 2));
    this.context.globalAlpha = 1;
  }
}

class Scatter {
  constructor(box, cloud, all) {
    Object.assign(this, { box, cloud, all, at: -1 });
    box.addEventListener("pointermove", (event) => this.point(event));
    box.addEventListener("pointerleave", hideTip);
    box.addEventListener("click", (event) => this.point(event) && this.visit());
    box.addEventListener("keydown", (event) => this.key(event));
  }

  draw() {
    const width = this.box.clientWidth;
    if (!width) return;
    this.shown ??= pointsOf(this.cloud, this.all);
    const { x: across, y: up } = this.cloud;
    const through = across.octaves ? Math.log : (v) => v;
    const [x0, x1] = [across.low, across.high].map(through), [y0, y1] = [up.low, up.high];
    const inner = { w: width - MARGIN.left - MARGIN.right, h: HEIGHT - MARGIN.top - MARGIN.bottom };
    this.toX = (x) => MARGIN.left + (inner.w * (through(x) - x0)) / (x1 - x0);
    this.toY = (y) => MARGIN.top + inner.h * (1 - (y - y0) / (y1 - y0));
    const picture = new (this.shown.length > MOST_SVG ? Canvas : Picture)(width);
    this.drawAxes(picture, width);
    picture.dots(this.shown.map((p) => [this.toX(p.x), this.toY(p.y)]), variable(this.cloud.colour));
    const { curves } = this.cloud;
    curves.forEach((c) => picture.line(c.x.map((x, k) => [this.toX(x), this.toY(c.y[k])]), variable(c.colour), 1.5));
    this.box.replaceChildren(picture.root);
    this.ring();
    this.box.dataset.drawn = "true";
  }

  // The point that is pointed at, in a drawing of its own, so that thousands of points are not drawn anew for it.
  ring() {
    const p = this.shown[this.at];
    this.box.querySelector(".ring")?.remove();
    if (!p) return;
    const over = drawn("svg", { width: "100%", height: HEIGHT, class: "ring", "aria-hidden": "true" });
    over.append(drawn("circle", { cx: this.toX(p.x), cy: this.toY(p.y), r: 6 }));
    this.box.append(over);
  }

  drawAxes(picture, width) {
    for (const [t, text] of this.cloud.y.ticks) {
      const y = Math.round(this.toY(t)) + 0.5;
      picture.line([[MARGIN.left, y], [width - MARGIN.right, y]], "faint", 1);
      picture.text(text, MARGIN.left - 6, y + 4, "end");
    }
    for (const [t, text] of this.cloud.x.ticks) picture.text(text, this.toX(t), HEIGHT - MARGIN.bottom + 15, "middle");
    picture.text(this.cloud.x.title, (MARGIN.left + width - MARGIN.right) / 2, HEIGHT - 4, "middle");
  }

  // The nearest point, if one is near.
  nearest(x, y) {
    let best = 15 ** 2, found = -1;
    this.shown.forEach((p, k) => {
      const d = (this.toX(p.x) - x) ** 2 + (this.toY(p.y) - y) ** 2;
      if (d < best) [best, found] = [d, k];
    });
    return found;
  }

  point(event) {
    const box = this.box.getBoundingClientRect();
    const found = this.nearest(event.clientX - box.left, event.clientY - box.top);
    if (found !== this.at) this.go(found);
    this.box.style.cursor = found < 0 ? "default" : "pointer";
    if (found < 0) hideTip();
    else showTip(this.words(), ...this.place());
    return found >= 0;
  }

  go(at) {
    this.at = at;
    this.ring();
  }

  place() {
    const p = this.shown[this.at], box = this.box.getBoundingClientRect();
    return [box.left + this.toX(p.x), box.top + this.toY(p.y)];
  }

  words() {
    const p = this.shown[this.at], { columns } = this.all;
    return [columns.id[p.i], columns.name[p.i], `${this.cloud.y.name} ${fixed(p.y)}`].filter(Boolean).join(" · ");
  }

  visit() {
    location.hash = `protein=${encodeURIComponent(this.all.columns.id[this.shown[this.at].i])}`;
  }

  key(event) {
    if (event.key === "Enter" && this.at >= 0) return this.visit();
    const n = this.shown.length, page = Math.max(1, Math.round(n / 10));
    const to = {
      ArrowRight: this.at + 1, ArrowLeft: this.at < 0 ? n - 1 : this.at - 1, Home: 0, End: n - 1,
      PageDown: Math.min(n - 1, this.at + page), PageUp: Math.max(0, this.at - page),
    }[event.key];
    if (to === undefined || !n) return;
    event.preventDefault();
    this.go((to + n) % n);
    showTip(this.words(), ...this.place());
    announce(`${this.words()}, ${this.at + 1} of ${n}`);
  }
}

// Points draw themselves when they are first shown, and again when their size, the colours or the medium change.
async function startScatter() {
  const boxes = [...document.querySelectorAll("[data-cloud]")];
  if (!boxes.length) return;
  const all = await proteins;
  const made = new Map(boxes.map((box) => [box, new Scatter(box, data.clouds[box.dataset.cloud], all)]));
  const again = () => made.forEach((scatter) => scatter.draw());
  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => made.get(entry.target).draw()));
  boxes.forEach((box) => sizes.observe(box));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  document.addEventListener("themed", again);
  addEventListener("beforeprint", again);
}
startScatter();
