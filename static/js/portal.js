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
      const button = document.querySelector(`[data-key~="${CSS.escape(event.key.toLowerCase())}"]`);
      if (button) button.click();
      const field = document.querySelector(`[data-focus-key="${CSS.escape(event.key.toLowerCase())}"] select`);
      if (field) field.focus();
    }
    if (event.key === "Escape" && desk && typing(event.target)) desk.focus();
    if (event.key === "Escape") {
      const open = document.querySelector(".menu[open]");
      if (open) {
        open.open = false;
        open.querySelector("summary").focus();
      }
    }
  });

  /* The people below the search box: arrows walk along them, Escape and whatever else is used close them. */
  const suggestions = () => document.querySelector("[data-suggestions]");
  document.addEventListener("keydown", (event) => {
    const list = suggestions();
    if (!list || !event.target.closest("[role=search]")?.contains(list)) return;
    const stops = [search(), ...list.querySelectorAll("a, button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && stops.length > 1) {
      event.preventDefault();
      stops.at((stops.indexOf(event.target) + step) % stops.length).focus();
    } else if (event.key === "Escape" && list.hasChildNodes()) {
      event.preventDefault();
      list.replaceChildren();
      search().focus();
    }
  });
  for (const kind of ["click", "focusin"]) {
    document.addEventListener(kind, (event) => {
      if (!event.target.closest("[role=search]")) suggestions()?.replaceChildren();
    });
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 429) event.detail.shouldSwap = true;
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-tick-all]");
    if (!all) return;
    const boxes = all.form.querySelectorAll(`input[name="${CSS.escape(all.dataset.tickAll)}"]`);
    for (const box of boxes) box.checked = all.checked;
  });

  /* On a phone the rows of lists are cards (components.css). */
  const LISTS = "table.table:not(.comparison, .differences, .people, .table--sides, .table--wide)";
  const labelCells = (table) => {
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    if (!heads.length) return;
    table.setAttribute("role", "table");
    for (const group of table.querySelectorAll("thead, tbody")) group.setAttribute("role", "rowgroup");
    for (const row of table.rows) {
      row.setAttribute("role", "row");
      const isHead = row.parentElement.tagName === "THEAD";
      [...row.cells].forEach((cell, index) => {
        cell.setAttribute("role", isHead ? "columnheader" : cell.tagName === "TH" ? "rowheader" : "cell");
        if (!isHead && row.cells.length === heads.length) cell.dataset.label = heads[index];
      });
    }
  };
  document.querySelectorAll(LISTS).forEach(labelCells);
  document.addEventListener("htmx:load", (event) => event.target.querySelectorAll(LISTS).forEach(labelCells));

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!event.defaultPrevented && button && event.target.matches("[data-once]")) {
      event.target.dataset.sent = "";
      setTimeout(() => { button.disabled = true; });
    }
  });

  /* What a form is told while somebody types is not asked for any more once it was sent. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-sent]")) event.preventDefault();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-upload]")) return;
    event.preventDefault();
    const shown = form.querySelector("[data-upload-progress]");
    const bar = shown.querySelector("progress");
    const words = shown.querySelector("[data-upload-words]");
    const request = new XMLHttpRequest();
    shown.hidden = false;
    request.upload.addEventListener("progress", (sent) => {
      const percent = Math.floor((100 * sent.loaded) / (sent.total || 1));
      bar.value = percent;
      words.textContent = percent < 100 ? `${percent}%` : "Recebido; conferindo o conteúdo…";
    });
    request.addEventListener("load", () => {
      if (request.responseURL !== form.action && request.status < 400) {
        window.location.assign(request.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      document.querySelector("main").replaceWith(page.querySelector("main"));
    });
    request.addEventListener("error", () => {
      words.textContent = "O envio caiu no meio, e nada ficou pela metade. Envie de novo.";
      form.querySelector("button:not([type=button])").disabled = false;
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });

  /* Five seconds, longer while somebody is at it; the page of the decided case undoes it later. */
  for (const bar of document.querySelectorAll("[data-undo]")) {
    const leave = () => {
      if (bar.matches(":hover, :focus-within")) setTimeout(leave, 1000);
      else bar.hidden = true;
    };
    setTimeout(leave, 5000);
  }

  for (const button of document.querySelectorAll("[data-print], [data-copy]")) button.hidden = false;

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-print], [data-copy]");
    if (!button) return;
    if ("print" in button.dataset) {
      window.print();
      return;
    }
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.querySelector("span").textContent = "Copiado";
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
