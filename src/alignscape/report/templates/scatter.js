// Each protein as a point on a canvas, one panel per GDM.
const MARGIN = { left: 44, right: 8, top: 8, bottom: 34 };
const AXES = {
  length: { title: "length, amino acids", octaves: true },
  category_count: { title: "1 + training entries of the same name and organism", octaves: true, plus: 1 },
  identity: { title: "identity to the nearest training protein", octaves: false },
};

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function ticksBetween(low, high, octaves) {
  if (octaves) {
    const powers = [1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000];
    return powers.filter((t) => t >= low && t <= high);
  }
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const ticks = [];
  for (let t = Math.ceil(low / step - 1e-9) * step; t <= high + 1e-9; t += step) ticks.push(Number(t.toFixed(10)));
  return ticks;
}

function range(values, octaves) {
  let low = Infinity, high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (octaves) return [low / 1.12, high * 1.12];
  const gap = (high - low || 1) * 0.04;
  return [low - gap, high + gap];
}

class Scatter {
  constructor(pair, fit, all) {
    this.pair = pair;
    this.fit = fit;
    this.all = all;
    this.at = -1;
    this.canvas = make("canvas", { tabindex: "0", role: "img" });
    this.element = make("div", { class: "scatter-panel" }, make("h4", {}, make("span", { class: "gdm", style: `--c:${this.colour}` }, pair.gdm)), this.canvas);
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", hideTip);
    this.canvas.addEventListener("click", (event) => this.point(event) && this.visit());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  get colour() {
    return data.colours[this.pair.gdm];
  }

  // The proteins that have both values, from left to right.
  choose(axisName, scores, yRange) {
    this.axis = AXES[axisName];
    this.axisName = axisName;
    this.scores = scores;
    this.yRange = yRange;
    const column = this.all.columns[axisName];
    const plus = this.axis.plus || 0;
    this.shown = [];
    for (let i = 0; i < this.all.n; i++) {
      if (column[i] !== null && !Number.isNaN(scores[i])) this.shown.push({ i, x: column[i] + plus, y: scores[i] });
    }
    this.shown.sort((a, b) => a.x - b.x || a.i - b.i);
    this.at = -1;
    this.canvas.setAttribute("aria-label", `${this.pair.label}: score against ${this.axis.title}, ${this.shown.length} proteins. Left and right move through them.`);
    this.draw();
  }

  fitTo(width, height) {
    const scale = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const context = this.canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    return context;
  }

  draw() {
    const width = this.canvas.clientWidth, height = this.canvas.clientHeight;
    if (!width || !this.shown) return;
    const context = this.fitTo(width, height);
    this.xRange = range(this.shown.map((p) => p.x), this.axis.octaves);
    const through = this.axis.octaves ? Math.log : (v) => v;
    const [x0, x1] = this.xRange.map(through), [y0, y1] = this.yRange;
    const inner = { w: width - MARGIN.left - MARGIN.right, h: height - MARGIN.top - MARGIN.bottom };
    this.toX = (x) => MARGIN.left + (inner.w * (through(x) - x0)) / (x1 - x0);
    this.toY = (y) => MARGIN.top + inner.h * (1 - (y - y0) / (y1 - y0));
    this.drawAxes(context, width, height);
    this.drawPoints(context);
    if (this.axisName === "length" && this.fit) this.drawFit(context);
  }

  drawAxes(context, width, height) {
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    context.fillStyle = ink("muted");
    context.lineWidth = 1;
    context.textAlign = "right";
    for (const t of ticksBetween(...this.yRange, false)) {
      const y = Math.round(this.toY(t)) + 0.5;
      context.strokeStyle = ink("faint");
      context.beginPath();
      context.moveTo(MARGIN.left, y);
      context.lineTo(width - MARGIN.right, y);
      context.stroke();
      context.fillText(String(t).replace("-", "−"), MARGIN.left - 6, y + 4);
    }
    context.textAlign = "center";
    for (const t of ticksBetween(...this.xRange, this.axis.octaves)) {
      context.fillText(String(t), this.toX(t), height - MARGIN.bottom + 15);
    }
    context.fillText(this.axis.title, (MARGIN.left + width - MARGIN.right) / 2, height - 4);
  }

  drawPoints(context) {
    const many = this.shown.length > 2000;
    const size = many ? 2 : 4;
    context.fillStyle = this.colour;
    context.globalAlpha = many ? 0.3 : 0.7;
    for (const p of this.shown) {
      const x = this.toX(p.x), y = this.toY(p.y);
      if (many) context.fillRect(x - 1, y - 1, size, size);
      else {
        context.beginPath();
        context.arc(x, y, 2.6, 0, 7);
        context.fill();
      }
    }
    context.globalAlpha = 1;
    const p = this.shown[this.at];
    if (!p) return;
    context.strokeStyle = ink("ink");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(this.toX(p.x), this.toY(p.y), 6, 0, 7);
    context.stroke();
  }

  drawFit(context) {
    const [slope, intercept] = this.fit, [low, high] = this.xRange;
    context.strokeStyle = ink("ink");
    context.lineWidth = 1.5;
    context.beginPath();
    for (let k = 0; k <= 60; k++) {
      const x = low * (high / low) ** (k / 60);
      context.lineTo(this.toX(x), this.toY(intercept + slope * x));
    }
    context.stroke();
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
    const box = this.canvas.getBoundingClientRect();
    const found = this.nearest(event.clientX - box.left, event.clientY - box.top);
    if (found !== this.at) {
      this.at = found;
      this.draw();
    }
    this.canvas.style.cursor = found < 0 ? "default" : "pointer";
    if (found < 0) hideTip();
    else this.say();
    return found >= 0;
  }

  say() {
    const p = this.shown[this.at], { columns } = this.all;
    const box = this.canvas.getBoundingClientRect();
    const text = [columns.id[p.i], columns.name[p.i], `score ${fixed(p.y)}`].filter(Boolean).join(" · ");
    showTip(text, box.left + this.toX(p.x), box.top + this.toY(p.y));
  }

  visit() {
    location.hash = `protein=${encodeURIComponent(this.all.columns.id[this.shown[this.at].i])}`;
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Enter" && this.at >= 0) this.visit();
    if (!step || !this.shown.length) return;
    event.preventDefault();
    this.at = (this.at + step + this.shown.length) % this.shown.length;
    this.draw();
    this.say();
  }
}

async function startScatter() {
  const frame = document.getElementById("scatter");
  if (!frame) return;
  const all = await proteins;
  const llm = document.getElementById("scatter-llm"), axis = document.getElementById("scatter-x");
  const fits = (data.sections.length || {}).fits || {};
  let panels = [];

  const update = () => {
    const chosen = all.pairs.map((pair, k) => ({ pair, scores: all.scores[k] })).filter((c) => c.pair.llm === llm.value);
    const yRange = range(chosen.flatMap((c) => [...c.scores].filter((v) => !Number.isNaN(v))), false);
    panels = chosen.map((c) => new Scatter(c.pair, fits[c.pair.label], all));
    frame.replaceChildren(...panels.map((p) => p.element));
    panels.forEach((p, k) => p.choose(axis.value, chosen[k].scores, yRange));
  };
  llm.addEventListener("change", update);
  axis.addEventListener("change", update);
  new ResizeObserver(() => panels.forEach((p) => p.draw())).observe(frame);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => panels.forEach((p) => p.draw()));
  update();
}
startScatter();
