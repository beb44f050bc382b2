/** Mark all rows of a list at once, and say how many are marked; the bar shows by style alone. */
export function bulk() {
  const picks = (form) => [...form.elements].filter((each) => each.name && each.closest(".pick"));
  const tell = (form) => {
    const marked = picks(form).filter((pick) => pick.checked).length;
    form.querySelector("[data-bulk-count]").textContent = `${marked} marked`;
    const all = [...form.elements].find((each) => each.matches("[data-pick-all]"));
    all.checked = marked > 0 && marked === picks(form).length;
    all.indeterminate = marked > 0 && !all.checked;
  };
  document.addEventListener("change", ({ target }) => {
    const { form } = target;
    if (!form?.matches("[data-bulk]") || !target.closest(".pick")) return;
    if (target.matches("[data-pick-all]")) for (const pick of picks(form)) pick.checked = target.checked;
    tell(form);
  });
}
