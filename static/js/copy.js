/** Copy what a button carries and say so. */
export function copying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const use = button.querySelector("use");
    const [glyph, label] = [use.getAttribute("href"), button.getAttribute("aria-label")];
    if ("done" in button.dataset) return;
    button.dataset.done = "";
    button.setAttribute("aria-label", "Copied");
    use.setAttribute("href", glyph.replace("#copy", "#check"));
    setTimeout(() => {
      delete button.dataset.done;
      button.setAttribute("aria-label", label);
      use.setAttribute("href", glyph);
    }, 1500);
  });
}
