/* Comforts only: every page works without this file. */
(() => {
  "use strict";

  const search = () => document.querySelector("[data-search]");
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target) && search()) {
      event.preventDefault();
      search().focus();
      search().select();
    }
    const desk = event.target.closest("[data-case]");
    if (desk && !typing(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const button = desk.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
      if (button) button.click();
    }
    if (event.key === "Escape") {
      const open = document.querySelector(".menu[open]");
      if (open) {
        open.open = false;
        open.querySelector("summary").focus();
      }
    }
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!event.defaultPrevented && button && event.target.matches("[data-once]")) {
      setTimeout(() => { button.disabled = true; });
    }
  });

  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-theme-form]")) return;
    event.preventDefault();
    const theme = event.submitter.value;
    const body = new FormData(event.target, event.submitter);
    document.documentElement.dataset.theme = theme;
    await fetch(event.target.action, { method: "POST", body, redirect: "manual", keepalive: true });
  });
})();
