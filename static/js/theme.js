/** Change the theme at once and remember it; the form still tells the server when there is no script. */
export function theming() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".theme") || !event.submitter) return;
    event.preventDefault();
    const word = event.submitter.value;
    document.documentElement.dataset.theme = word;
    document.cookie = `theme=${word}; path=/; max-age=31536000; samesite=lax`;
    for (const button of event.target.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === event.submitter));
    }
  });
}
