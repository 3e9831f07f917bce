// The divider stays where it was moved to when the pictures change.

function place(figure, value) {
  const input = figure.querySelector("input");
  input.value = value;
  input.ariaValueText = `${input.value} % before, ${100 - input.value} % after`;
  figure.style.setProperty("--at", `${input.value}%`);
}

export default function ({ parentElement, data }) {
  const figure = parentElement.querySelector("figure");
  const input = figure.querySelector("input");
  input.oninput = () => place(figure, input.value);
  for (const [number, name] of ["before", "after"].entries()) {
    const picture = figure.querySelector(`.${name}`);
    if (picture.src !== data[name]) picture.src = data[name];
    picture.alt = data.alts[number];
  }
  const both = figure.querySelector(".both");
  both.style.aspectRatio = data.aspect;
  both.style.maxWidth = `calc(70vh * ${data.aspect})`;
  figure.querySelector("figcaption").textContent = data.caption;
  place(figure, input.value);
}
