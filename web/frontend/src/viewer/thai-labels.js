// diagram-js breaks labels at blanks and hyphens only, so Thai words were cut in half. An invisible blank (U+FEFF counts
// as white space for its regular expression and has no width) is put between the words; the XML itself stays as it is.
import TextRenderer from "bpmn-js/lib/draw/TextRenderer";

const THAI = /[\u0E00-\u0E7F]/;
const words = new Intl.Segmenter("th", { granularity: "word" });

export function breakable(text) {
  if (!text || !THAI.test(text)) return text;
  return [...words.segment(text)].map(({ segment }) => segment).join("\uFEFF");
}

function ThaiTextRenderer(config) {
  TextRenderer.call(this, config);
  for (const method of ["createText", "getDimensions"]) {
    const original = this[method];
    this[method] = (text, options) => original(breakable(text), options);
  }
  for (const method of ["getExternalLabelBounds", "getTextAnnotationBounds"]) {
    const original = this[method];
    this[method] = (bounds, text) => original(bounds, breakable(text));
  }
}
ThaiTextRenderer.$inject = ["config.textRenderer"];

export const thaiLabels = { textRenderer: ["type", ThaiTextRenderer] };
