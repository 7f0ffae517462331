// Selects of a figure: a panel is shown if it belongs to all that is chosen.
for (const figure of document.querySelectorAll("figure:has(select[data-choice])")) {
  const selects = [...figure.querySelectorAll("select[data-choice]")];
  const panels = figure.querySelectorAll(".panel");
  const isChosen = (panel) => selects.every((s) => [undefined, s.value].includes(panel.dataset[`option-${s.dataset.choice}`]));
  const update = () => panels.forEach((panel) => { panel.hidden = !isChosen(panel); });
  selects.forEach((select) => select.addEventListener("change", update));
  update(); // a browser that comes back to a page keeps what was chosen
}
