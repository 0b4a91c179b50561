// Asks once a minute, while the page is looked at, whether something new was told; says so politely.

const EVERY = 60_000;

export function startBell(htmx) {
  if (!document.querySelector("[data-bell]")) return;
  let asked = Date.now();
  const ask = () => {
    const bell = document.querySelector("[data-bell]");
    if (!bell || document.visibilityState !== "visible" || Date.now() - asked < EVERY - 1_000) return;
    asked = Date.now();
    htmx.trigger(bell, "bell-refresh");
  };
  window.setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);

  let count = Number(document.querySelector("[data-bell]").dataset.count);
  document.addEventListener("htmx:load", (event) => {
    const bell = event.target.closest?.("[data-bell]");
    if (!bell) return;
    const now = Number(bell.dataset.count);
    if (now > count) document.querySelector("[data-bell-said]").textContent = bell.querySelector("[data-bell-words]").textContent;
    count = now;
  });
}
