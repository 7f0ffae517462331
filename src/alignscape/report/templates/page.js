// Which page is shown, and which section the menu marks.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Where the reader was before a protein's page.
const cameFrom = { hash: "", title: "the report", y: 0, focus: null };

function remember(before) {
  const marked = document.querySelector("nav a[aria-current]");
  Object.assign(cameFrom, { hash: before, title: marked ? marked.textContent : "the report", y: scrollY, focus: document.activeElement });
}

// The browser restores a place of its own in the frames that follow, which can be some pixels off: ours again after it.
function comeBack() {
  const there = () => scrollTo({ top: cameFrom.y, behavior: "instant" });
  there();
  requestAnimationFrame(() => requestAnimationFrame(there));
  if (cameFrom.focus?.isConnected) cameFrom.focus.focus({ preventScroll: true });
}

let lastHash = "";

function follow() {
  hideTip();
  const report = document.getElementById("report"), wasHidden = report.hidden;
  const protein = /^#protein=(.+)$/.exec(location.hash);
  if (protein) {
    if (!wasHidden) remember(lastHash);
    return showProtein(decoded(protein[1]));
  }
  lastHash = location.hash;
  document.title = reportTitle;
  report.hidden = false;
  document.getElementById("protein-page").hidden = true;
  if (!wasHidden) return;
  if (location.hash === cameFrom.hash) return comeBack();
  document.getElementById(location.hash.slice(1))?.scrollIntoView({ behavior: "instant" });
}
addEventListener("hashchange", follow);
follow();

const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.dataset.part, link]));
const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries.filter((e) => e.isIntersecting)) {
      links.forEach((link) => link.removeAttribute("aria-current"));
      const link = links.get(entry.target.dataset.part);
      if (!link) continue;
      link.setAttribute("aria-current", "true");
      const nav = link.closest("nav");
      nav.scrollLeft = link.offsetLeft - nav.offsetLeft - nav.clientWidth / 2 + link.offsetWidth / 2;
    }
  },
  { rootMargin: "-20% 0px -70% 0px" },
);
document.querySelectorAll("main > section").forEach((section) => seen.observe(section));

// On paper every section stands open; of the long tables those that the reader has opened.
addEventListener("beforeprint", () => document.querySelectorAll("details.more:not([open])").forEach((box) => { box.open = true; box.dataset.closed = ""; }));
addEventListener("afterprint", () => document.querySelectorAll("details[data-closed]").forEach((box) => { box.open = false; delete box.dataset.closed; }));
