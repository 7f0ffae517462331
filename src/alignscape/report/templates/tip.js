// The box that says what the mouse, the finger or the keyboard points at.
const tip = document.getElementById("tip");

function showTip(text, x, y) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, x - box.width / 2), innerWidth - box.width - 8);
  const above = y - box.height - 14;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 4 ? above : y + 18}px`;
}

function hideTip() {
  tip.hidden = true;
}

async function tipOf(target) {
  if (target.dataset.tip) return target.dataset.tip;
  const { columns, place } = await proteins;
  const name = columns.name[place.get(target.dataset.id)];
  return `${target.dataset.id}${name ? ` · ${name}` : ""} · ${target.dataset.v.replace("-", "−")}`;
}

const pointed = (event) => (event.target.closest ? event.target.closest("[data-tip], [data-id]") : null);

document.addEventListener("pointerover", async (event) => {
  const target = pointed(event);
  if (target) showTip(await tipOf(target), event.clientX, event.clientY);
  else if (!event.target.closest?.(".cloud")) hideTip();
});
document.addEventListener("focusin", async (event) => {
  const target = pointed(event);
  if (!target) return;
  const box = target.getBoundingClientRect();
  showTip(await tipOf(target), box.left + box.width / 2, box.top);
});
document.addEventListener("focusout", hideTip);
// A tip at what has the focus goes with it, as the page scrolls to bring it into sight.
document.addEventListener("scroll", () => {
  const target = document.activeElement?.closest("[data-tip]");
  if (!target || tip.hidden) return hideTip();
  const box = target.getBoundingClientRect();
  showTip(target.dataset.tip, box.left + box.width / 2, box.top);
}, { passive: true });
document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
document.addEventListener("click", (event) => {
  const target = pointed(event);
  if (target && target.dataset.id) location.hash = `protein=${encodeURIComponent(target.dataset.id)}`;
});
