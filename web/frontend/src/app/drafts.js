// Keeps what is typed: htmx saves while typing; here the fields that the server wants hidden, and the last save on leaving.

export function startDrafts() {
  const dirty = new WeakSet();

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form) dirty.add(form);
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (form) dirty.delete(form);
  });

  // Response header HX-Trigger: {"draft-saved": {"hidden": ["field-3", …], "version": 4}}
  document.addEventListener("draft-saved", (event) => {
    const { hidden = [], version, form: id } = event.detail;
    const form = document.getElementById(id);
    if (!form) return;
    if (version !== undefined) form.elements.namedItem("draft_version").value = version;
    for (const box of form.querySelectorAll("[data-conditional]")) {
      box.hidden = hidden.includes(box.id);
    }
  });

  const saveNow = () => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (!dirty.has(form) || form.dataset.sent) continue;
      dirty.delete(form);
      const values = new FormData(form);
      navigator.sendBeacon(form.dataset.draft, values);
    }
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") saveNow();
  });
  window.addEventListener("pagehide", saveNow);
}
