export default function ({ parentElement, data }) {
  const link = parentElement.querySelector("a");
  link.textContent = data.label;
  link.title = data.title;
  link.href = data.address;
}
