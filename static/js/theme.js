/** Change the theme at once and let the form's answer come later; only the server may write the cookie. */
export function theming() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches(".theme") || !event.submitter) return;
    event.preventDefault();
    document.documentElement.dataset.theme = event.submitter.value;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === event.submitter));
    }
    const body = new URLSearchParams(new FormData(form, event.submitter));
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
}
