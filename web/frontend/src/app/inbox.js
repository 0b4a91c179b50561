// The two panes of the inbox on a wide screen: a row opens beside the list, the address keeps what is open.

const WIDE = "(min-width: 62rem)";

export function startInbox(htmx) {
  const pane = document.querySelector("[data-inbox-pane]");
  if (!pane) return;
  const rows = () => [...document.querySelectorAll("[data-task-row]")];

  const mark = (current) => {
    for (const row of rows()) {
      row.classList.toggle("is-open", row === current);
      const link = row.querySelector("a[data-task-link]");
      if (row === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  const open = async (row, { focus = true, keep = true } = {}) => {
    const link = row.querySelector("a[data-task-link]");
    mark(row);
    await htmx.ajax("GET", link.dataset.paneUrl, { target: pane, swap: "innerHTML" });
    if (keep) {
      const url = new URL(window.location.href);
      url.searchParams.set("task", row.dataset.taskRow);
      window.history.replaceState(null, "", url);
    }
    if (focus) pane.querySelector("h2")?.focus();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-task-link]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !window.matchMedia(WIDE).matches) return;
    event.preventDefault();
    open(link.closest("[data-task-row]"));
  });

  const opened = rows().find((row) => row.classList.contains("is-open"));
  if (!opened && rows().length > 0 && window.matchMedia(WIDE).matches) open(rows()[0], { focus: false, keep: false });
}
