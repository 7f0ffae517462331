// Light, dark, or what the system says; kept where the browser lets a file keep something.
const THEMES = ["auto", "light", "dark"];
const themeButton = document.getElementById("theme");

function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  themeButton.textContent = { auto: "◐", light: "☀", dark: "☾" }[theme];
  themeButton.setAttribute("aria-label", `Colours: ${theme}. Change`);
  themeButton.dataset.theme = theme;
  document.dispatchEvent(new Event("themed"));
}

function keptTheme() {
  try {
    return THEMES.includes(localStorage.getItem("theme")) ? localStorage.getItem("theme") : "auto";
  } catch {
    return "auto";
  }
}

themeButton.addEventListener("click", () => {
  const next = THEMES[(THEMES.indexOf(themeButton.dataset.theme) + 1) % THEMES.length];
  try {
    localStorage.setItem("theme", next);
  } catch { /* the choice then holds until the page is closed */ }
  setTheme(next);
});
setTheme(keptTheme());
