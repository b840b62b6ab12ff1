for (const figure of document.querySelectorAll("figure.moving")) {
  const curves = JSON.parse(figure.querySelector("script").textContent);
  const slider = figure.querySelector("input"), shown = figure.querySelector("output");
  const lines = figure.querySelectorAll("path"), unit = shown.textContent.trim().split(" ").slice(1).join(" ");
  slider.addEventListener("input", () => {
    lines.forEach((line, k) => line.setAttribute("d", curves.lines[k][slider.value]));
    shown.textContent = curves.values[slider.value] + " " + unit;
    slider.setAttribute("aria-valuetext", shown.textContent);
  });
}
