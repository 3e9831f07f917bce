// Draws the figures of a report from the JSON beside them, and saves them: no request leaves this page.
function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function word(label, act) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: label, title: `Save as ${label}`, onclick: act });
  return button;
}

const drawn = [];
for (const place of document.querySelectorAll("figure.plot")) {
  const target = place.querySelector(".drawn");
  const { data, layout } = JSON.parse(place.querySelector(".figure").textContent);
  const { csv, name } = JSON.parse(place.querySelector(".data").textContent);
  const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d"] };
  const whole = { ...layout, paper_bgcolor: "#fbfaf7" };
  drawn.push(Plotly.newPlot(target, data, whole, config));
  const nav = document.createElement("nav");
  for (const format of ["svg", "png"])
    nav.append(word(format.toUpperCase(), () => Plotly.downloadImage(target, { format, filename: name, scale: format === "png" ? 2 : 1 })));
  if (csv) nav.append(word("CSV", () => save(csv, `${name}.csv`)));
  nav.ariaLabel = "Save this figure";
  place.append(nav);
}
Promise.all(drawn).then(() => document.body.dataset.drawn = drawn.length);
addEventListener("beforeprint", () => document.querySelectorAll(".drawn").forEach((one) => Plotly.Plots.resize(one)));
