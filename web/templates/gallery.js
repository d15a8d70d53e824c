const origin = document.documentElement.dataset.draw;
const { drawCard } = await import(`${origin}/page/card.js`);
const main = document.getElementById("cards");

for (const { name, messages } of await (await fetch("gallery.json")).json()) {
  const section = document.createElement("section");
  const title = document.createElement("h2");
  title.textContent = name;
  section.append(title);
  for (const message of messages) {
    const content = typeof message.content === "string" ? JSON.parse(message.content) : message.content;
    if (message.msg_type === "interactive") {
      section.append(drawCard(content, {}));
    } else {
      const words = document.createElement("p");
      words.className = "words";
      words.textContent = content.text;
      section.append(words);
    }
  }
  main.append(section);
}
document.body.dataset.ready = "yes";
