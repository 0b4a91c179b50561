// Shows that something is under way: a line on top while parts load, and the pressed button's own words while a form is sent.

export function startProgress() {
  let open = 0;
  const change = (by) => {
    open = Math.max(0, open + by);
    document.documentElement.classList.toggle("is-loading", open > 0);
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.closest("[data-quiet]")) change(1);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.target.closest("[data-quiet]")) change(-1);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.matches("[hx-post]:not([data-draft]), [hx-get]") || form.method === "dialog") return;
    if (form.dataset.sent) {
      event.preventDefault(); // the second press of an impatient finger
      return;
    }
    form.dataset.sent = "yes";
    document.documentElement.classList.add("is-loading");
    const { submitter } = event;
    if (submitter?.dataset.busy) {
      setTimeout(() => {
        submitter.textContent = submitter.dataset.busy;
        submitter.setAttribute("aria-busy", "true");
      }, 400);
    }
  });

  // Back in the browser's history shows the page as it was left: unlock it.
  window.addEventListener("pageshow", () => {
    document.documentElement.classList.remove("is-loading");
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}
