/** Keep filter URLs short, and fields in step with the URL after a swap. */
export function filtering() {
  document.addEventListener("htmx:config:request", ({ detail }) => {
    const { request, sourceElement } = detail.ctx;
    if (!sourceElement.matches("[data-filters]")) return;
    for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
  });
  document.addEventListener("htmx:after:swap", ({ target, detail }) => {
    // What the page's stream or a poll brings is no answer to what somebody typed.
    if (target.id === "live" || detail.ctx.polled) return;
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
