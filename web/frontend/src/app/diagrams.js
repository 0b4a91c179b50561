// Loads the diagram viewer only when a diagram comes into view; the list beside it says the same in words.

export function startDiagrams() {
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || target.dataset.state) continue;
      observer.unobserve(target);
      show(target);
    }
  });
  const find = (root) => {
    for (const element of root.querySelectorAll?.("[data-diagram]") ?? []) {
      if (!element.dataset.state) observer.observe(element);
    }
  };
  find(document);
  document.addEventListener("htmx:load", (event) => find(event.target.parentNode ?? document));
}

async function show(element) {
  element.dataset.state = "loading";
  const { viewerScript, viewerStyle } = document.documentElement.dataset;
  try {
    if (!document.querySelector(`link[href="${viewerStyle}"]`)) {
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: viewerStyle });
      document.head.append(link);
    }
    const { showDiagram } = await import(viewerScript);
    await showDiagram(element);
    element.dataset.state = "ready";
  } catch (error) {
    element.dataset.state = "failed";
    element.querySelector("[data-diagram-failed]")?.removeAttribute("hidden");
    console.error("diagram could not be shown", error);
  }
}
