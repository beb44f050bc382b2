/** Keep filter URLs short, and choices in step with the URL after a swap. */
export function filtering() {
  document.addEventListener("htmx:config:request", ({ detail }) => {
    const { request, sourceElement } = detail.ctx;
    if (!sourceElement.matches("[data-filters]")) return;
    for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const select of document.querySelectorAll("[data-filters] select")) {
      if (select === document.activeElement) continue;
      const chosen = [...select.options].findIndex((option) => option.defaultSelected);
      select.selectedIndex = Math.max(chosen, 0);
    }
  });
}
