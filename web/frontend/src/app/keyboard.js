// Single-key shortcuts by the key's place (event.code), so that the Thai layout works; they can be switched off.

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

export function startKeyboard() {
  let waitsForPlace = 0;

  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.shortcuts !== "on") return;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest(TYPING) || document.querySelector("dialog[open]")) return;

    if (event.code === "KeyG" && !event.shiftKey) {
      waitsForPlace = event.timeStamp;
      return;
    }
    if (waitsForPlace && event.timeStamp - waitsForPlace < 1500) {
      waitsForPlace = 0;
      const place = document.querySelector(`[data-goto="${event.code}"]`);
      if (place) {
        event.preventDefault();
        place.click();
        return;
      }
    }
    waitsForPlace = 0;

    if (event.code === "Slash") {
      event.preventDefault();
      if (event.shiftKey) document.getElementById("shortcuts-help")?.showModal();
      else document.querySelector("[data-search]")?.focus();
      return;
    }
    if (event.shiftKey) return;
    if (event.code === "KeyJ" || event.code === "KeyK") {
      move(event.code === "KeyJ" ? 1 : -1);
      event.preventDefault();
      return;
    }
    const target = document.querySelector(`[data-shortcut="${event.code}"]:not([disabled])`);
    if (target && target.getClientRects().length > 0) {
      event.preventDefault();
      if (target.matches("input, textarea, select, [data-shortcut-focus]")) target.focus();
      else target.click();
    }
  });
}

// j and k walk over whatever the page calls its rows; Enter then opens the focused link as everywhere.
function move(step) {
  const links = [...document.querySelectorAll("[data-row-link]")].filter((link) => link.getClientRects().length > 0);
  if (links.length === 0) return;
  const now = links.indexOf(document.activeElement);
  const current = now >= 0 ? now : links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = links[Math.min(links.length - 1, Math.max(0, current + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
