// Choosing the units of a cycle: a tick at a cluster, region or the country is that of everything in it, and shows when it is some.

export function startUnits() {
  const form = document.querySelector("form[data-units]");
  if (!form) return;
  const units = (root) => [...root.querySelectorAll('input[name="unit"]')];
  const scope = (area) => area.parentElement.closest("[data-area-scope]") ?? form;

  const show = () => {
    for (const area of form.querySelectorAll("[data-area]")) {
      const inside = units(scope(area));
      const ticked = inside.filter((unit) => unit.checked).length;
      area.checked = ticked === inside.length;
      area.indeterminate = ticked > 0 && ticked < inside.length;
    }
    for (const count of form.querySelectorAll("[data-units-count]")) {
      const inside = units(count.closest("[data-area-scope]") ?? form);
      const ticked = inside.filter((unit) => unit.checked).length;
      count.textContent = count.dataset.unitsCount.replace("{n}", ticked).replace("{all}", inside.length);
    }
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-area]")) {
      for (const unit of units(scope(event.target))) unit.checked = event.target.checked;
    }
    show();
  });
  window.addEventListener("pageshow", show); // back in the history the browser restores ticks, not their sums
  show();
}
