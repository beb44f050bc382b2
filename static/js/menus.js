/** Close menus on Escape and on a click elsewhere; open the narrow navigation without changing the URL. */
export function menus() {
  const open = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
    const button = event.target.closest("[data-nav]");
    const nav = document.getElementById("nav");
    if (button) {
      event.preventDefault();
      nav.toggleAttribute("data-open");
      (nav.hasAttribute("data-open") ? nav.querySelector(".nav-close") : document.querySelector(".nav-open")).focus();
    } else if (nav && !nav.contains(event.target)) {
      nav.removeAttribute("data-open");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    document.getElementById("nav")?.removeAttribute("data-open");
  });
}
