// What looks.py asks a page.

const cut = () => {
  const cut = [];
  for (const label of document.querySelectorAll("button p, label p, h1, h2, h3, [data-testid=stCaptionContainer] p")) {
    const box = label.getBoundingClientRect();
    if (label.closest("details:not([open])")) continue;  // nobody sees it; it is laid out when it unfolds
    if (box.width && label.scrollWidth > label.clientWidth + 1 && getComputedStyle(label).overflowX !== "visible")
      cut.push(label.textContent);
  }
  for (const words of document.querySelectorAll(".js-plotly-plot .main-svg text")) {
    const box = words.getBoundingClientRect(), plot = words.closest(".js-plotly-plot").getBoundingClientRect();
    const over = box.left < plot.left - 2 || box.right > plot.right + 2 || box.top < plot.top - 2 || box.bottom > plot.bottom + 2;
    if (box.width > 1 && over) cut.push(words.textContent);
  }
  return cut;
};

// Boxes of whole lines of words, as they are painted: what is scrolled out of sight or folded has none. KaTeX sets signs over
// signs, and the boxes of words that are turned lie over each other where the words do not.
const overlapping = () => {
  const lines = [];
  const bar = document.querySelector(".st-key-starting"), above = bar?.getBoundingClientRect(); // lies over what is scrolled below it
  const seen = (node, box) => {
    if (box.width < 2 || box.height < 2) return false;
    if (above && !bar.contains(node) && box.bottom > above.top && box.top < above.bottom && box.left < above.right && box.right > above.left)
      return false;
    for (let one = node; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.visibility === "hidden" || +style.opacity < 0.1 || !["none", ""].includes(style.clipPath)) return false;
      if (one !== node && style.overflowY !== "visible") {
        const frame = one.getBoundingClientRect();
        if (box.bottom > frame.bottom + 1 || box.top < frame.top - 1 || box.right > frame.right + 1) return false;
      }
    }
    return true;
  };
  const walk = document.createTreeWalker(document.querySelector(".stApp"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, owner = node.parentElement;
    if (!node.textContent.trim() || /rotate\((?!0[,)])/.test(owner.closest("text")?.getAttribute("transform"))) continue;
    if (owner.closest(".katex, details:not([open]) > :not(summary), script, style, option, noscript, canvas")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of owner.closest("svg") ? [owner.getBoundingClientRect()] : range.getClientRects())
      if (seen(owner, box)) lines.push({ box, node, words: node.textContent.trim() });
  }
  const over = [];
  lines.sort((one, other) => one.box.top - other.box.top);
  for (let first = 0; first < lines.length; first++)
    for (let second = first + 1; second < lines.length; second++) {
      const [one, other] = [lines[first], lines[second]];
      if (other.box.top >= one.box.bottom) break;
      if (one.node === other.node) continue;
      const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const high = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
      if (wide > 3 && high > 0.35 * Math.min(one.box.height, other.box.height)) over.push(`${one.words} / ${other.words}`);
    }
  return over;
};

// Legends that lie over the area in which their figure draws.
const covering = () => [...document.querySelectorAll(".js-plotly-plot .legend")].filter((legend) => {
  const one = legend.getBoundingClientRect();
  return [...legend.closest(".js-plotly-plot").querySelectorAll(".nsewdrag")].map((area) => area.getBoundingClientRect()).some(
    (area) => one.left < area.right - 1 && one.right > area.left + 1 && one.top < area.bottom - 1 && one.bottom > area.top + 1);
}).map((legend) => legend.textContent);

const REM = 16, MOST = 60; // pixels; rem that a line of words may have
const long = () => [...document.querySelectorAll("[data-testid=stMain] :is(p, li)")].filter((words) => {
  const range = document.createRange();
  range.selectNodeContents(words);
  return range.getBoundingClientRect().width > MOST * REM;
}).map((words) => words.textContent.slice(0, 60));

// Parts of equations that end beyond the window, or beyond what is shown of them.
const wide = () => [...document.querySelectorAll(".katex-html .base")].filter((part) => {
  const frame = part.closest(".katex-display")?.getBoundingClientRect().right ?? innerWidth;
  return part.getBoundingClientRect().right > Math.min(frame, innerWidth) + 1;
}).map((part) => part.textContent);

// Rules of WCAG 2.1 A and AA; not of the words that Streamlit itself shows in its bar while a screen is being drawn.
const barriers = async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
  const { violations } = await axe.run({ exclude: ["[data-testid=stStatusWidget]", "[data-testid=stBaseButton-header]"] }, { runOnly: tags, resultTypes: ["violations"] });
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary.replace(/\s+/g, " ").slice(0, 300)}`));
};
