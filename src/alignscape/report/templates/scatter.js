// Each protein as a point on a canvas, as the figure's description says: `data.clouds`, by the canvas's name.
const MARGIN = { left: 44, right: 8, top: 8, bottom: 34 };

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const colourOf = (name) => (name.startsWith("#") ? name : ink(name));

class Scatter {
  constructor(canvas, cloud, all) {
    this.canvas = canvas;
    this.cloud = cloud;
    this.all = all;
    this.at = -1;
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerleave", hideTip);
    canvas.addEventListener("click", (event) => this.point(event) && this.visit());
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  // The proteins that have both values, from left to right.
  choose() {
    const x = this.all.shown[this.cloud.x.column], y = this.all.shown[this.cloud.y.column];
    this.shown = [];
    for (let i = 0; i < this.all.n; i++) {
      if (!Number.isNaN(x[i]) && !Number.isNaN(y[i])) this.shown.push({ i, x: x[i], y: y[i] });
    }
    this.shown.sort((a, b) => a.x - b.x || a.i - b.i);
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
    if (!width) return;
    if (!this.shown) this.choose();
    const context = this.fitTo(width, height);
    const { x: across, y: up } = this.cloud;
    const through = across.octaves ? Math.log : (v) => v;
    const [x0, x1] = [across.low, across.high].map(through), [y0, y1] = [up.low, up.high];
    const inner = { w: width - MARGIN.left - MARGIN.right, h: height - MARGIN.top - MARGIN.bottom };
    this.toX = (x) => MARGIN.left + (inner.w * (through(x) - x0)) / (x1 - x0);
    this.toY = (y) => MARGIN.top + inner.h * (1 - (y - y0) / (y1 - y0));
    this.drawAxes(context, width, height);
    this.drawPoints(context);
    this.cloud.curves.forEach((curve) => this.drawCurve(context, curve));
    this.canvas.dataset.drawn = "true";
  }

  drawAxes(context, width, height) {
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    context.fillStyle = ink("muted");
    context.lineWidth = 1;
    context.textAlign = "right";
    for (const [t, text] of this.cloud.y.ticks) {
      const y = Math.round(this.toY(t)) + 0.5;
      context.strokeStyle = ink("faint");
      context.beginPath();
      context.moveTo(MARGIN.left, y);
      context.lineTo(width - MARGIN.right, y);
      context.stroke();
      context.fillText(text, MARGIN.left - 6, y + 4);
    }
    context.textAlign = "center";
    for (const [t, text] of this.cloud.x.ticks) {
      context.fillText(text, this.toX(t), height - MARGIN.bottom + 15);
    }
    context.fillText(this.cloud.x.title, (MARGIN.left + width - MARGIN.right) / 2, height - 4);
  }

  drawPoints(context) {
    const many = this.shown.length > 2000;
    const size = many ? 2 : 4;
    context.fillStyle = colourOf(this.cloud.colour);
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

  drawCurve(context, curve) {
    context.strokeStyle = colourOf(curve.colour);
    context.lineWidth = 1.5;
    context.beginPath();
    curve.x.forEach((x, k) => context.lineTo(this.toX(x), this.toY(curve.y[k])));
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
    const text = [columns.id[p.i], columns.name[p.i], `${this.cloud.y.name} ${fixed(p.y)}`].filter(Boolean).join(" · ");
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

// A canvas draws itself when it is first shown, and again when its size or the colours change.
async function startScatter() {
  const canvases = [...document.querySelectorAll("canvas[data-cloud]")];
  if (!canvases.length) return;
  const all = await proteins;
  const drawn = new Map(canvases.map((canvas) => [canvas, new Scatter(canvas, data.clouds[canvas.dataset.cloud], all)]));
  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => drawn.get(entry.target).draw()));
  canvases.forEach((canvas) => sizes.observe(canvas));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach((scatter) => scatter.draw()));
}
startScatter();
