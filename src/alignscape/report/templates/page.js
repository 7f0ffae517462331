// Which page is shown, and which section the menu marks.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function follow() {
  hideTip();
  const protein = /^#protein=(.+)$/.exec(location.hash);
  if (protein) return showProtein(decoded(protein[1]));
  document.title = reportTitle;
  const wasHidden = document.getElementById("report").hidden;
  document.getElementById("report").hidden = false;
  document.getElementById("protein-page").hidden = true;
  const section = wasHidden && document.getElementById(location.hash.slice(1));
  if (section) section.scrollIntoView({ behavior: "instant" });
}
addEventListener("hashchange", follow);
follow();

const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries.filter((e) => e.isIntersecting)) {
      links.forEach((link) => link.removeAttribute("aria-current"));
      const link = links.get(entry.target.id);
      if (!link) continue;
      link.setAttribute("aria-current", "true");
      const nav = link.closest("nav");
      nav.scrollLeft = link.offsetLeft - nav.offsetLeft - nav.clientWidth / 2 + link.offsetWidth / 2;
    }
  },
  { rootMargin: "-20% 0px -70% 0px" },
);
document.querySelectorAll("main > section").forEach((section) => seen.observe(section));
