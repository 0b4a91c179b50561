// The diagram with its tokens: bpmn-js for looking only, Thai labels broken at words, the bpmn.io mark left as it is.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { breakable, thaiLabels } from "./thai-labels.js";

export { breakable };

/**
 * Fill an element `data-diagram="<url of the XML>"`, `data-tokens='[{"element": "id", "count": 1, "late": false, "title": "…"}]'`.
 * `data-done='["id", …]'` marks what has been passed.
 */
export async function showDiagram(element) {
  const canvas = element.querySelector("[data-diagram-canvas]");
  await Promise.all([document.fonts.load("13px Sarabun", "ก"), document.fonts.load("13px Sarabun", "A")]);
  const answer = await fetch(element.dataset.diagram, { headers: { Accept: "application/xml" } });
  if (!answer.ok) throw new Error(`Expected the diagram, but the server answered ${answer.status}.`);

  const viewer = new NavigatedViewer({
    container: canvas,
    additionalModules: [thaiLabels],
    textRenderer: { defaultStyle: { fontFamily: "Sarabun, sans-serif", fontSize: 14 }, externalStyle: { fontSize: 13 } },
    canvas: { deferUpdate: false },
    zoomScroll: { enabled: element.hasAttribute("data-diagram-zoom") },
  });
  await viewer.importXML(await answer.text());

  const board = viewer.get("canvas");
  const shapes = viewer.get("elementRegistry");
  const overlays = viewer.get("overlays");
  const tokens = JSON.parse(element.dataset.tokens ?? "[]").filter((token) => shapes.get(token.element));
  for (const id of JSON.parse(element.dataset.done ?? "[]")) {
    if (shapes.get(id)) board.addMarker(id, "is-done");
  }
  for (const token of tokens) {
    board.addMarker(token.element, token.late ? "is-late" : "is-here");
    overlays.add(token.element, "token", { position: { top: -12, left: -12 }, html: badge(token) });
  }

  fit(board, shapes, tokens);
  for (const button of element.querySelectorAll("[data-diagram-act]")) {
    button.addEventListener("click", () => {
      if (button.dataset.diagramAct === "fit") fit(board, shapes, []);
      else if (button.dataset.diagramAct === "here") fit(board, shapes, tokens);
      else viewer.get("zoomScroll").stepZoom(button.dataset.diagramAct === "in" ? 1 : -1);
    });
  }
}

function badge(token) {
  const mark = document.createElement("span");
  mark.className = token.late ? "token-badge is-late" : "token-badge";
  mark.textContent = String(token.count ?? 1);
  if (token.title) mark.title = token.title;
  return mark;
}

// A large diagram shown whole is a grey stripe: show where the tokens are at a readable size, else all of it.
function fit(board, shapes, tokens) {
  board.zoom("fit-viewport", "auto");
  if (tokens.length === 0 || board.zoom() >= 0.55) return;
  board.zoom(0.9);
  board.scrollToElement(shapes.get(tokens[0].element), 60);
}
