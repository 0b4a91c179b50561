// On a narrow screen the tabs scroll: the present one is brought into view.

export function startTabs() {
  const reveal = (root) => {
    for (const link of root.querySelectorAll?.(".tabs a[aria-current]") ?? []) {
      const tabs = link.closest(".tabs");
      tabs.scrollLeft = link.offsetLeft - (tabs.clientWidth - link.clientWidth) / 2;
    }
  };
  reveal(document);
  document.addEventListener("htmx:load", (event) => reveal(event.target.parentNode ?? document));
}
