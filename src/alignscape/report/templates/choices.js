// A select that shows one of several figures.
for (const select of document.querySelectorAll("select[data-chooses]")) {
  const panels = document.querySelectorAll(`[data-choices="${select.dataset.chooses}"] > [data-choice]`);
  select.addEventListener("change", () => {
    for (const panel of panels) panel.hidden = panel.dataset.choice !== select.value;
  });
}
