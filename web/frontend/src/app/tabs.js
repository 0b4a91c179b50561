// On a narrow screen the tabs and the bar of places scroll: the present one is brought into view.

export function startTabs() {
  const reveal = (root) => {
    for (const link of root.querySelectorAll?.(".tabs a[aria-current], .rail a[aria-current]") ?? []) {
      const bar = link.closest(".tabs, .rail");
      bar.scrollLeft = link.offsetLeft - (bar.clientWidth - link.clientWidth) / 2;
    }
  };
  reveal(document);
  document.addEventListener("htmx:load", (event) => reveal(event.target.parentNode ?? document));
}
