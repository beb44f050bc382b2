/** Keep filter URLs short, and fields in step with the URL after a swap. */
export function filtering() {
  document.addEventListener("htmx:config:request", ({ detail }) => {
    const { request, sourceElement } = detail.ctx;
    if (!sourceElement.matches("[data-filters]")) return;
    for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
  });
  document.addEventListener("htmx:after:swap", () => {
    const asked = new URLSearchParams(location.search);
    for (const field of document.querySelectorAll("[data-filters] [name]")) {
      if (field.type === "checkbox") field.checked = asked.getAll(field.name).includes(field.value);
      else if (field !== document.activeElement) field.value = asked.get(field.name) ?? "";
    }
    for (const menu of document.querySelectorAll("[data-filters] .several")) {
      const shown = menu.querySelector("summary .number");
      shown.textContent = menu.querySelectorAll(":checked").length || "";
      shown.hidden = !shown.textContent;
    }
  });
}
